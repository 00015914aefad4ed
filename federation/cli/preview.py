"""The command check: what a source would give."""

from collections.abc import Mapping

import click
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from federation.cli import mqa, profiles, show
from federation.cli.app import Workspace, command, json_option
from federation.cli.members import given_options
from federation.cli.quality import finding_json
from federation.cli.texts import language, text
from federation.config import FederationConfig, Source
from federation.dcat.description import Description
from federation.discovery import Preview, address, detect, preview
from federation.finding import Finding
from federation.harvest.credentials import Access
from federation.harvest.http import Http
from federation.quality.places import placed
from federation.report.quality import Measured, Points, Refusal, measure, reachable
from federation.report.rules import explained

_SAMPLE = 10
_COSTS = 5
_NOBODY = "check"  # id and member of a source that is in no workspace
_RULES = 15


@command("check")
@click.argument("target", metavar=text("arg.target"))
@click.option("--connector", "connector_id", default="", metavar=text("arg.connector"), help=text("opt.connector"))
@click.option("--option", "options", multiple=True, metavar=text("arg.option"), help=text("opt.option"))
@click.option("--limit", type=click.IntRange(1), metavar=text("arg.number"), help=text("opt.limit"))
@click.option("--datasets", "every", is_flag=True, help=text("opt.datasets"))
@click.option("--profile", metavar=text("arg.profile"), help=text("opt.profile"))
@click.option("--shapes", multiple=True, metavar=text("arg.shapes"), help=text("opt.shapes"))
@json_option
def check(
    workspace: Workspace, target: str, connector_id: str, options: tuple[str, ...], limit: int | None, every: bool,
    profile: str | None, shapes: tuple[str, ...], as_json: bool,
) -> int:  # fmt: skip
    """Reads down the whole line and stores nothing."""
    settings = _settings(workspace)
    with Http(settings.network, access=Access.of(settings)) as http, _bar(workspace) as bar:
        task = bar.add_task(target, total=None)
        refusal = profiles.chosen(workspace, profile, shapes)
        source = _source(settings, target, connector_id, options, http)
        measured: dict[str, Measured] = {}
        answers = reachable(workspace.reading) if source.member != _NOBODY else None

        def met(identifier: str, description: Description) -> None:
            if description.kind == "dataset":
                measured[identifier] = measure(description, answers)

        result = preview(
            settings, source, http, limit=limit, keep=refusal is not None, met=met,
            progress=lambda done, total: bar.update(task, description=f"{target}  {done}" + (f" / {total}" if total else "")),
        )  # fmt: skip
    points = _points(source, measured)
    if refusal is not None:
        refusal.ask(result.descriptions.values(), source.connector, language())
    if as_json:
        _print_json(result, points, refusal)
    elif refusal is not None:
        profiles.told(workspace, refusal)
    else:
        _print_tables(workspace, result, points, limit, every)
    return 0


def _points(source: Source, measured: Mapping[str, Measured]) -> Points:
    """The points of the datasets, one by one and together."""
    made = Points(source.id, source.url, source.connector)
    for each in measured.values():
        made.take(each)
    made.scored = sorted((each.scored for each in measured.values()), key=lambda one: (one.after.total, one.iri))
    return made


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
    return Source(id=_NOBODY, member=_NOBODY, connector=found.connector, url=found.url, options=given)


def _placed(result: Preview) -> list[Finding]:
    return [placed(one, result.source.connector, language()) for one in result.all_findings()]


def _print_json(result: Preview, points: Points, refusal: Refusal | None) -> None:
    show.print_json(
        {
            "source": result.source.id, "connector": result.source.connector, "url": result.source.url, "complete": result.complete,
            "limited": result.limited, "total": result.total, "rejected": result.rejected,
            "datasets": [{"iri": item.iri, "title": item.title, "changes": item.changes, "findings": len(item.findings)}
                         for item in result.datasets],
            "rules": dict(result.rules.most_common()),
            "findings": [finding_json(one) for one in _placed(result)],
            "points": points.as_dict(language()),
            **({"profile": refusal.as_dict(language())} if refusal is not None else {}),
        }
    )  # fmt: skip


def _print_tables(workspace: Workspace, result: Preview, points: Points, limit: int | None, every: bool) -> None:
    out = workspace.out
    workspace.say("check.found", connector=result.source.connector, url=result.source.url)
    changes = sum(item.changes for item in result.entries.values())
    out.print(text("check.head", datasets=len(result.datasets), rejected=result.rejected, changes=changes))
    if result.limited:
        out.print(text("check.limited", limit=limit))
    elif not result.complete:
        out.print(text("check.partial"))
    if points.scored:
        _datasets(workspace, result, points, None if every else _SAMPLE)
    if result.rules:
        out.print()
        out.print(show.heading(text("check.rules")))
        rows = [[explained(rule, language()), count, rule] for rule, count in result.rules.most_common(_RULES)]
        out.print(show.table("", [("col.rule", False), ("col.count", True), ("col.code", False)], rows, optional=["col.code"]))
    if points.scored:
        out.print()
        points.title = text("check.points")
        mqa.detail(workspace, points, _COSTS)
    else:
        out.print()
    out.print(show.heading(text("check.findings")))
    show.findings(out, (("", finding) for finding in _placed(result)))


def _datasets(workspace: Workspace, result: Preview, points: Points, most: int | None) -> None:
    """Datasets by their titles: points before and after our repairs, and how much there is to mend."""
    out = workspace.out
    entries = {item.iri: item for item in result.datasets}
    rows = [
        [entries[one.iri].title or one.iri, one.before.total, one.after.total, one.after.possible, len(entries[one.iri].findings)]
        for one in points.scored if one.iri in entries
    ]  # fmt: skip
    out.print()
    out.print(show.heading(text("check.datasets")))
    columns = [("col.title", False), ("col.before", True), ("col.after", True), ("col.of", True), ("col.faults", True)]
    out.print(show.table("", columns, rows[:most], optional=["col.of", "col.before"]))
    if most is not None and len(rows) > most:
        out.print(show.indented(text("check.more", count=len(rows) - most)))
