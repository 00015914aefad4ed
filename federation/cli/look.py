"""Commands that show: status, findings, why, held, lookups, connectors, vocabularies, schema."""

import click
from rich.text import Text

from federation import vocabulary
from federation.cli import show
from federation.cli.app import Workspace, command, json_option
from federation.cli.rounds import chosen
from federation.cli.texts import language, text
from federation.config import FederationConfig, Member
from federation.finding import Finding, texts
from federation.harvest.connector import registry
from federation.report.status import status as report_status
from federation.report.why import Story, told
from federation.report.why import why as report_why
from federation.sync import decisions

HELD = 4


@command("status")
@json_option
def status(workspace: Workspace, as_json: bool) -> int:
    """Every source on a line."""
    report = report_status(workspace.config, workspace.store)
    if as_json:
        show.print_json(report)
        return 0
    rows = []
    for source in report["sources"]:
        last = source["last_run"]
        counts = source["findings"]
        rows.append(
            [source["id"], source["title"], show.state(source["state"]), source["stage"], source["datasets"],
             last["started"].replace("T", " ").removesuffix("Z") if last else "-",
             f"{counts['violation']} / {counts['warning']} / {counts['info']}"]
        )  # fmt: skip
    columns = [("col.source", False), ("col.title", False), ("col.state", False), ("col.stage", False), ("col.datasets", True),
               ("col.last", False), ("col.findings", True)]  # fmt: skip
    workspace.out.print(show.table("", columns, rows))
    for source in report["sources"]:
        if source["state"] in ("held", "failed") and source["last_run"] and source["last_run"]["error"]:
            error = source["last_run"]["error"]
            finding = Finding(error["code"], params={"source": source["id"], **error["params"]})
            workspace.out.print(Text(f"{source['id']}: {finding.cause(language())} {finding.remedy(language())}"))
    return 0


@command("findings")
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--severity", type=click.Choice(["violation", "warning", "info"]), help=text("opt.severity"))
@click.option("--code", help=text("opt.code"))
@click.option("--all", "every", is_flag=True, help=text("opt.all"))
@click.option("--codes", is_flag=True, help=text("opt.codes"))
@json_option
def findings(
    workspace: Workspace, sources: tuple[str, ...], severity: str | None, code: str | None, every: bool, codes: bool, as_json: bool,
) -> int:  # fmt: skip
    """What is wrong with the data, grouped by cause."""
    if codes:
        return _codes(workspace, as_json)
    wanted = [source.id for source in chosen(workspace, sources)] if sources else [None]
    rows = [row for name in wanted for row in workspace.store.findings(source=name, severity=severity, code=code)]
    if as_json:
        show.print_json([_finding_json(row.source, row.finding()) for row in rows])
        return 0
    if not every:
        show.findings(workspace.out, show.grouped((row.source, row.finding()) for row in rows))
        return 0
    table = [[show.state(row.severity), row.source, row.iri or row.identifier, row.code, row.field, row.value] for row in rows]
    columns = [("col.severity", False), ("col.source", False), ("col.dataset", False), ("col.code", False), ("col.field", False),
               ("col.value", False)]  # fmt: skip
    workspace.out.print(show.table("", columns, table) if rows else text("findings.none"))
    return 0


def _finding_json(source: str, finding: Finding) -> dict[str, str]:
    return {"source": source, "dataset": finding.dataset, "code": finding.code, "severity": str(finding.severity), "field": finding.field,
            "value": finding.value, "cause": finding.cause(language()), "remedy": finding.remedy(language())}  # fmt: skip


def _codes(workspace: Workspace, as_json: bool) -> int:
    table = sorted(texts().items())
    if as_json:
        show.print_json([{"code": code, "severity": str(one.severity), "cause": one.cause, "remedy": one.remedy} for code, one in table])
        return 0
    rows = [[code, show.state(str(one.severity)), one.cause[language()], one.remedy[language()]] for code, one in table]
    columns = [("col.code", False), ("col.severity", False), ("col.cause", False), ("col.remedy", False)]
    workspace.out.print(show.table("", columns, rows))
    return 0


@command("why")
@click.argument("dataset", metavar="DATASET")
@json_option
def why(workspace: Workspace, dataset: str, as_json: bool) -> int:
    """One dataset's story: source, run, what was said, each change with its rule, what became of it."""
    stories = report_why(workspace.store, dataset)
    if as_json:
        show.print_json([story.as_dict(language()) for story in stories])
        return 0
    for story in stories:
        _tell(workspace, story, whole=len(stories) == 1)
    return 0


def _tell(workspace: Workspace, story: Story, *, whole: bool) -> None:
    out = workspace.out
    out.print(Text(story.title or story.iri, style="bold"))
    out.print(Text(f"{story.iri}\n{text('col.source')}: {story.source}   {story.kind}   {story.identifier}"))
    state = "waiting" if story.state in ("live", "missing") and not story.public else story.state
    out.print(Text(text(f"state.{state}", runs=story.missing_runs)))
    if story.public and story.public != story.source:
        out.print(Text(text("state.other", owner=story.public)))
    if story.run:
        out.print(Text(text("why.run", run=story.run.id, started=story.run.started, outcome=text(f"outcome.{story.run.outcome}"))))
    if story.log:
        out.print(Text(f"{text('why.log')}: " + ", ".join(f"{kind} {at} (g{number})" for number, kind, at in story.log)))
    if not whole:
        out.print()
        return
    out.print(Text(f"\n{text('why.said')}", style="bold"))
    out.print(Text(story.said))
    out.print(Text(text("why.changes"), style="bold"))
    if story.changes:
        rows = [[change.rule, *told(change)] for change in story.changes]
        out.print(show.table("", [("col.rule", False), ("col.field", False), ("col.was", False), ("col.now", False)], rows))
    else:
        out.print(text("why.none"))
    out.print(Text(f"\n{text('why.findings')}", style="bold"))
    show.findings(out, show.grouped((story.source, finding) for finding in story.findings))


@command("held")
@json_option
def held(workspace: Workspace, as_json: bool) -> int:
    """What waits for a decision; exit code 4 when something does."""
    items = decisions.held(workspace.store)
    if as_json:
        show.print_json([item.as_dict() for item in items])
    for item in items if not as_json else []:
        finding = Finding(item.reason, params={"source": item.source, **item.params})
        workspace.out.print(Text(item.source, style="bold"))
        workspace.out.print(Text(f"{finding.cause(language())} {finding.remedy(language())}"))
        for key, names in (("held.absent", item.absent), ("held.new", item.new)):
            if names:
                more = f" … ({len(names)})" if len(names) > 10 else ""
                workspace.out.print(Text(f"  {text(key)}: {', '.join(names[:10])}{more}"))
    if not items and not as_json:
        workspace.out.print(text("held.none"))
    return HELD if items else 0


@command("lookups")
@json_option
def lookups(workspace: Workspace, as_json: bool) -> int:
    """Spellings that no table knows, with the nearest codes, most frequent first."""
    counts: dict[tuple[str, str, str], int] = {}
    for row in workspace.store.findings():
        if row.code.startswith("unknown-"):
            key = (row.code.removeprefix("unknown-"), row.value, row.params.get("nearest", ""))
            counts[key] = counts.get(key, 0) + 1
    rows = sorted(((*key, count) for key, count in counts.items()), key=lambda row: (-row[3], row[0], row[1]))
    if as_json:
        show.print_json([{"table": table, "spelling": spelling, "nearest": nearest, "count": n} for table, spelling, nearest, n in rows])
        return 0
    if not rows:
        workspace.out.print(text("lookups.none"))
        return 0
    columns = [("col.name", False), ("col.spelling", False), ("col.nearest", False), ("col.count", True)]
    workspace.out.print(show.table("", columns, rows))
    workspace.out.print(text("lookups.how"))
    return 0


@command("connectors")
@json_option
def connectors(workspace: Workspace, as_json: bool) -> int:
    """From the connectors themselves."""
    known = [
        {"id": name, "title": each.title, "protocol": each.protocol,
         "options": {key: field.description or "" for key, field in each.options.model_fields.items()}}
        for name, each in registry().items()
    ]  # fmt: skip
    if as_json:
        show.print_json(known)
        return 0
    rows = [[one["id"], one["title"], one["protocol"], ", ".join(one["options"])] for one in known]
    workspace.out.print(show.table("", [("col.name", False), ("col.title", False), ("col.protocol", False), ("col.options", False)], rows))
    return 0


@command("vocabularies")
@click.argument("spelling", required=False, metavar="[SPELLING]")
@json_option
def vocabularies(workspace: Workspace, spelling: str | None, as_json: bool) -> int:
    """The tables with origin and version; or what a spelling means in each."""
    if spelling:
        found = {name: vocabulary.vocabulary(name).resolve(spelling) for name in vocabulary.names()}
        hits = {name: iri for name, iri in found.items() if iri}
        if as_json:
            show.print_json(hits)
        else:
            workspace.out.print(show.table("", [("col.name", False), ("col.value", False)], hits.items()))
        return 0
    tables = {name: dict(vocabulary.vocabulary(name).source) for name in vocabulary.names()}
    if as_json:
        show.print_json(tables)
        return 0
    rows = [[name, one.get("count", ""), one.get("version", ""), one.get("origin", "")] for name, one in tables.items()]
    workspace.out.print(show.table("", [("col.name", False), ("col.count", True), ("col.version", False), ("col.origin", False)], rows))
    return 0


@command("schema")
@click.argument("kind", type=click.Choice(["federation", "member"]))
def schema(workspace: Workspace, kind: str) -> int:
    """JSON Schema of federation.toml or members/*.toml."""
    show.print_json((FederationConfig if kind == "federation" else Member).model_json_schema())
    return 0
