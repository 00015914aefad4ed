"""The command check: what a source would give."""

import click
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from federation.cli import profiles, show
from federation.cli.app import Workspace, command, json_option
from federation.cli.members import given_options
from federation.cli.texts import language, text
from federation.config import FederationConfig, Source
from federation.discovery import Preview, address, detect, preview
from federation.harvest.http import Http
from federation.report.quality import Refusal
from federation.report.rules import explained

_SAMPLE = 5
_RULES = 15


@command("check")
@click.argument("target", metavar=text("arg.target"))
@click.option("--connector", "connector_id", default="", metavar=text("arg.connector"), help=text("opt.connector"))
@click.option("--option", "options", multiple=True, metavar=text("arg.option"), help=text("opt.option"))
@click.option("--limit", type=click.IntRange(1), metavar=text("arg.number"), help=text("opt.limit"))
@click.option("--profile", metavar=text("arg.profile"), help=text("opt.profile"))
@click.option("--shapes", multiple=True, metavar=text("arg.shapes"), help=text("opt.shapes"))
@json_option
def check(
    workspace: Workspace, target: str, connector_id: str, options: tuple[str, ...], limit: int | None, profile: str | None,
    shapes: tuple[str, ...], as_json: bool,
) -> int:  # fmt: skip
    """Reads down the whole line and stores nothing."""
    settings = _settings(workspace)
    with Http(settings.network) as http, _bar(workspace) as bar:
        task = bar.add_task(target, total=None)
        refusal = profiles.chosen(workspace, profile, shapes)
        source = _source(settings, target, connector_id, options, http)
        result = preview(
            settings, source, http, limit=limit, keep=refusal is not None,
            progress=lambda done, total: bar.update(task, description=f"{target}  {done}" + (f" / {total}" if total else "")),
        )  # fmt: skip
    if refusal is not None:
        refusal.ask(result.descriptions.values(), source.connector)
    if as_json:
        _print_json(result, refusal)
    elif refusal is not None:
        profiles.told(workspace, refusal)
    else:
        _print_tables(workspace, result, limit)
    return 0


def _bar(workspace: Workspace) -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    return Progress(*columns, console=workspace.err, disable=not workspace.err.is_terminal, transient=True)


def _settings(workspace: Workspace) -> FederationConfig:
    """The workspace's configuration; an address may also be checked where there is no workspace (of private networks only this machine)."""
    if (workspace.folder / "federation.toml").exists():
        return workspace.config
    return FederationConfig.model_validate(
        {"catalog": {"title": "check", "base_url": "https://check.example"}, "network": {"allow": ["127.0.0.0/8", "::1/128"]}}
    )


def _source(settings: FederationConfig, target: str, kind: str, options: tuple[str, ...], http: Http) -> Source:
    """The source that is set up under this name, else one made from an address. What looks like a name has to be one."""
    looks_like_address = any(sign in target for sign in "/:\\") or address(target) == target
    if target in {source.id for source in settings.sources()} or (settings.sources() and not looks_like_address and "." not in target):
        return settings.source(target)
    found = detect(address(target), http, only=kind)[0]
    given = given_options(found.connector, found.options, options)
    return Source(id="check", member="check", connector=found.connector, url=found.url, options=given)


def _print_json(result: Preview, refusal: Refusal | None) -> None:
    show.print_json(
        {
            "source": result.source.id, "connector": result.source.connector, "url": result.source.url, "complete": result.complete,
            "limited": result.limited, "total": result.total, "rejected": result.rejected,
            "datasets": [{"iri": item.iri, "title": item.title, "changes": item.changes, "findings": len(item.findings)}
                         for item in result.datasets],
            "rules": dict(result.rules.most_common()),
            "findings": [{"dataset": one.dataset, "code": one.code, "severity": str(one.severity), "field": one.field,
                          "value": one.value, "cause": one.cause(language()), "remedy": one.remedy(language())}
                         for one in result.all_findings()],
            **({"profile": refusal.as_dict(language())} if refusal is not None else {}),
        }
    )  # fmt: skip


def _print_tables(workspace: Workspace, result: Preview, limit: int | None) -> None:
    out = workspace.out
    workspace.say("check.found", connector=result.source.connector, url=result.source.url)
    changes = sum(item.changes for item in result.entries.values())
    out.print(text("check.head", datasets=len(result.datasets), rejected=result.rejected, changes=changes))
    if result.limited:
        out.print(text("check.limited", limit=limit))
    elif not result.complete:
        out.print(text("check.partial"))
    titles = [item.title for item in result.datasets if item.title][:_SAMPLE]
    if titles:
        out.print()
        out.print(show.heading(text("check.sample")))
        for title in titles:
            out.print(show.indented(title))
    if result.rules:
        out.print()
        out.print(show.heading(text("check.rules")))
        rows = [[explained(rule, language()), count, rule] for rule, count in result.rules.most_common(_RULES)]
        out.print(show.table("", [("col.rule", False), ("col.count", True), ("col.code", False)], rows, optional=["col.code"]))
    out.print()
    out.print(show.heading(text("check.findings")))
    show.findings(out, (("", finding) for finding in result.all_findings()))
