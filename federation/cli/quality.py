"""Commands about the quality of data: findings, lookups."""

from collections.abc import Iterable, Sequence
from typing import Any

import click

from federation.cli import show
from federation.cli.app import Workspace, command, json_option
from federation.cli.rounds import chosen
from federation.cli.texts import language, text
from federation.finding import Finding, texts
from federation.quality.places import placed
from federation.report.causes import causes
from federation.report.labels import of_field
from federation.report.news import LAST, News, news
from federation.store.findings import KEPT_DAYS
from federation.store.rows import FindingRow


@command("findings")
@click.argument("sources", nargs=-1, metavar=text("arg.sources"))
@click.option("--severity", type=click.Choice(["violation", "warning", "info"]), help=text("opt.severity"))
@click.option("--code", metavar=text("arg.code"), help=text("opt.code"))
@click.option("--since", metavar=text("arg.since"), help=text("opt.since"))
@click.option("--all", "every", is_flag=True, help=text("opt.all"))
@click.option("--codes", is_flag=True, help=text("opt.codes"))
@json_option
def findings(
    workspace: Workspace, sources: tuple[str, ...], severity: str | None, code: str | None, since: str | None, every: bool, codes: bool,
    as_json: bool,
) -> int:  # fmt: skip
    """What is wrong with the data, grouped by cause."""
    if codes:
        return _codes(workspace, code, as_json)
    view = _View(workspace)
    wanted = [source.id for source in chosen(workspace, sources)]
    if since is not None:
        told = news(workspace.reading, wanted, since, severity=severity, code=code)
        _news_json(view, told) if as_json else _news(view, told, every)
        return 0
    asked: list[Any] = list(wanted) if sources else [None]
    rows = [row for name in asked for row in workspace.reading.findings(source=name, severity=severity, code=code)]
    if as_json:
        show.print_json([view.json(row) for row in rows])
    elif every:
        view.each(rows)
    else:
        show.findings(workspace.out, map(view.of, rows), more=lambda cause: f"federation findings {cause.source} --code {cause.code} --all")
        _hint(workspace, news(workspace.reading, wanted, LAST[0], severity=severity, code=code))
    return 0


class _View:
    """Findings as people and programs see them: with the place in the software of their source."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._connectors = {source.id: source.connector for source in workspace.config.sources()}

    def of(self, row: FindingRow) -> tuple[str, Finding]:
        """(source, finding)."""
        return row.source, placed(row.finding(), self._connectors.get(row.source, ""), language())

    def json(self, row: FindingRow) -> dict[str, str]:
        """The keys of `findings --json`."""
        source, finding = self.of(row)
        return {"source": source, **finding_json(finding), "since": row.since}

    def each(self, rows: Iterable[FindingRow], mark: str = "") -> None:
        """Every finding by itself, under its dataset."""
        out = self.workspace.out
        last = None
        for row in rows:
            if (row.source, row.identifier) != last:
                last = row.source, row.identifier
                out.print(show.heading(f"{row.source}  {row.iri or row.identifier}".rstrip()))
            line = show.state(row.severity).append(f"  {row.code}: {self.of(row)[1].cause(language())}")
            out.print(show.indented(show.heading(mark).append_text(line) if mark else line))
        if last is None and not mark:
            out.print(text("findings.none"))


def finding_json(finding: Finding) -> dict[str, str]:
    """The keys of a finding in JSON; `place` is where it is mended in the software of its source, "" where it is about no field."""
    return {"dataset": finding.dataset, "code": finding.code, "severity": str(finding.severity), "field": finding.field,
            "value": finding.value, "cause": finding.cause(language()), "remedy": finding.remedy(language()),
            "place": finding.params.get("place", "")}  # fmt: skip


def _news_json(view: _View, told: Iterable[News]) -> None:
    changed = [(name, row) for one in told for name, rows in (("new", one.new), ("gone", one.gone)) for row in rows]
    show.print_json([{"change": name, **view.json(row), "gone": row.gone} for name, row in changed])


def _news(view: _View, told: Sequence[News], every: bool) -> None:
    """What came and what went, source by source; what is gone needs no remedy."""
    out = view.workspace.out
    for number, one in enumerate(told):
        if number:
            out.print()
        if one.since is None:
            out.print(show.heading(text("news.unread", source=one.source)))
            continue
        at, run = show.when(one.since.moment), one.since.run
        out.print(show.heading(text("news.moment" if run is None else "news.run", source=one.source, at=at, run=run)))
        if not one.new and not one.gone:
            out.print(show.indented(text("news.none")))
        elif every:
            view.each(one.new, f"{text('news.one_new')}  ")
            view.each(one.gone, f"{text('news.one_gone')}  ")
        else:
            _grouped(view, one)
    if not all(one.complete for one in told):
        view.workspace.say("news.forgotten", days=KEPT_DAYS)


def _grouped(view: _View, one: News) -> None:
    out = view.workspace.out
    if one.new:
        out.print(show.indented(show.heading(text("news.new", count=len(one.new)))))
        show.findings(out, (("", view.of(row)[1]) for row in one.new))
    if one.gone:
        out.print(show.indented(show.heading(text("news.gone", count=len(one.gone)))))
        rows = [
            [show.state(str(each.severity)), each.datasets or "-", of_field(each.field, language()) or "-", each.code]
            for each in causes(("", view.of(row)[1]) for row in one.gone)
        ]  # fmt: skip
        columns = [("col.severity", False), ("col.datasets", True), ("col.lacking", False), ("col.code", False)]
        out.print(show.table("", columns, rows))


def _hint(workspace: Workspace, told: Sequence[News]) -> None:
    """One line that tells whether the last runs changed anything."""
    new, gone = sum(len(one.new) for one in told), sum(len(one.gone) for one in told)
    if new or gone:
        workspace.say("news.hint", new=new, gone=gone)


def _codes(workspace: Workspace, only: str | None, as_json: bool) -> int:
    table = [(code, one) for code, one in sorted(texts().items()) if only in (None, code)]
    examples: dict[str, Finding] = {}
    if (workspace.folder / "federation.toml").exists():
        view = _View(workspace)
        examples = {code: view.of(row)[1] for code, row in workspace.reading.examples().items()}
    if as_json:
        show.print_json(
            [
                {"code": code, "severity": str(one.severity), "cause": one.cause, "remedy": one.remedy,
                 "example": finding_json(examples[code]) if code in examples else None}
                for code, one in table
            ]
        )  # fmt: skip
        return 0
    for code, one in table:
        workspace.out.print(show.heading(code).append("  ").append_text(show.state(str(one.severity))))
        workspace.out.print(show.indented(one.cause[language()]))
        workspace.out.print(show.indented(f"{text('remedy')}: {one.remedy[language()]}"))
        if code in examples:
            told = text("codes.example", dataset=examples[code].dataset or "-", cause=examples[code].cause(language()))
            workspace.out.print(show.indented(told))
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
