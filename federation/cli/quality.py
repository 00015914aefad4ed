"""Commands about the quality of data: findings, lookups."""

import click

from federation.cli import show
from federation.cli.app import Workspace, command, json_option
from federation.cli.rounds import chosen
from federation.cli.texts import language, text
from federation.finding import Finding, texts
from federation.store.rows import FindingRow


@command("findings")
@click.argument("sources", nargs=-1, metavar=text("arg.sources"))
@click.option("--severity", type=click.Choice(["violation", "warning", "info"]), help=text("opt.severity"))
@click.option("--code", metavar=text("arg.code"), help=text("opt.code"))
@click.option("--all", "every", is_flag=True, help=text("opt.all"))
@click.option("--codes", is_flag=True, help=text("opt.codes"))
@json_option
def findings(
    workspace: Workspace, sources: tuple[str, ...], severity: str | None, code: str | None, every: bool, codes: bool, as_json: bool,
) -> int:  # fmt: skip
    """What is wrong with the data, grouped by cause."""
    if codes:
        return _codes(workspace, code, as_json)
    wanted = [source.id for source in chosen(workspace, sources)] if sources else [None]
    rows = [row for name in wanted for row in workspace.reading.findings(source=name, severity=severity, code=code)]
    if as_json:
        show.print_json([_finding_json(row.source, row.finding()) for row in rows])
    elif every:
        _each(workspace, rows)
    else:
        found = ((row.source, row.finding()) for row in rows)
        show.findings(workspace.out, found, more=lambda cause: f"federation findings {cause.source} --code {cause.code} --all")
    return 0


def _finding_json(source: str, finding: Finding) -> dict[str, str]:
    return {"source": source, "dataset": finding.dataset, "code": finding.code, "severity": str(finding.severity), "field": finding.field,
            "value": finding.value, "cause": finding.cause(language()), "remedy": finding.remedy(language())}  # fmt: skip


def _each(workspace: Workspace, rows: list[FindingRow]) -> None:
    """Every finding by itself, under its dataset."""
    if not rows:
        workspace.out.print(text("findings.none"))
    last = None
    for row in rows:
        if (row.source, row.identifier) != last:
            last = row.source, row.identifier
            workspace.out.print(show.heading(f"{row.source}  {row.iri or row.identifier}".rstrip()))
        line = show.state(row.severity).append(f"  {row.code}: {row.finding().cause(language())}")
        workspace.out.print(show.indented(line))


def _codes(workspace: Workspace, only: str | None, as_json: bool) -> int:
    table = [(code, one) for code, one in sorted(texts().items()) if only in (None, code)]
    if as_json:
        show.print_json([{"code": code, "severity": str(one.severity), "cause": one.cause, "remedy": one.remedy} for code, one in table])
        return 0
    for code, one in table:
        workspace.out.print(show.heading(code).append("  ").append_text(show.state(str(one.severity))))
        workspace.out.print(show.indented(one.cause[language()]))
        workspace.out.print(show.indented(f"{text('remedy')}: {one.remedy[language()]}"))
    return 0


@command("lookups")
@json_option
def lookups(workspace: Workspace, as_json: bool) -> int:
    """Spellings that no table knows, with the nearest codes, most frequent first."""
    counts: dict[tuple[str, str, str], int] = {}
    for row in workspace.reading.findings():
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
    columns = [("col.table", False), ("col.spelling", False), ("col.nearest", False), ("col.count", True)]
    workspace.out.print(show.table("", columns, rows))
    workspace.err.print("\n" + text("lookups.how"))
    return 0
