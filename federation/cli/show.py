"""What people see: tables, progress bars, findings, JSON. Data goes to stdout, progress and messages to stderr."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import click
import orjson
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.padding import Padding
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from federation.cli.texts import language, text
from federation.config import Source
from federation.finding import Finding
from federation.publish.generation import Generation
from federation.report.causes import Cause, causes
from federation.report.labels import of_field
from federation.sync.run import RunResult

COLOURS = {
    "done": "green", "ok": "green", "held": "yellow", "failed": "red", "interrupted": "red", "violation": "red", "warning": "yellow",
    "info": "cyan",
}  # fmt: skip
Columns = Sequence[tuple[str, bool]]
_EXAMPLES = 3


def print_json(data: Any) -> None:
    """One JSON document on stdout, indented, keys as they are."""
    click.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2, default=str).decode("utf-8", "replace"))


class Fitting:
    """A table that leaves out its optional columns, the last first, where the terminal is too narrow for all of them."""

    def __init__(self, columns: Columns, rows: Sequence[Sequence[Text]], optional: Sequence[str]) -> None:
        self.columns = columns
        self.rows = rows
        self.optional = optional

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        widths = {
            key: max([cell_len(text(key)), *(cell_len(line) for row in self.rows for line in row[place].plain.split("\n"))])
            for place, (key, _) in enumerate(self.columns)
        }
        shown = [key for key, _ in self.columns]
        for key in reversed(self.optional):
            if sum(widths[each] + 2 for each in shown) - 2 > options.max_width:
                shown.remove(key)
        made = Table(box=None, pad_edge=False, header_style="bold")
        for key, number in self.columns:
            if key in shown:
                made.add_column(text(key), justify="right" if number else "left", overflow="fold", no_wrap=number)
        for row in self.rows:
            made.add_row(*(cell for cell, (key, _) in zip(row, self.columns, strict=True) if key in shown))
        yield made


def table(title: str, columns: Columns, rows: Iterable[Sequence[object]], optional: Sequence[str] = ()) -> Fitting:
    """A table; a column is (text key, whether its values are numbers). Cells are text, never markup; `optional` names columns that a
    narrow terminal may do without. (`title` is of no more use.)
    """
    return Fitting(columns, [[cell if isinstance(cell, Text) else Text(str(cell)) for cell in row] for row in rows], optional)


def state(name: str) -> Text:
    """An outcome or severity as a coloured word of the language."""
    key = f"severity.{name}" if name in ("violation", "warning", "info") else f"outcome.{name}"
    return Text(text(key), style=COLOURS.get(name, ""))


def when(moment: str) -> str:
    """A stored time (ISO 8601, UTC) as people here read it, in local time to the minute; "-" for none."""
    if not moment:
        return "-"
    return datetime.fromisoformat(moment).astimezone().strftime("%d.%m.%Y %H:%M" if language() == "de" else "%Y-%m-%d %H:%M")


def heading(words: str) -> Text:
    """A line that begins something."""
    return Text(words, style="bold")


class Bars:
    """Progress bars for a round on a terminal; off a terminal nothing is drawn."""

    def __init__(self, console: Console) -> None:
        self.progress = Progress(
            SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(bar_width=24), TextColumn("{task.fields[count]}"),
            TimeElapsedColumn(), TextColumn("{task.fields[state]}"), console=console, disable=not console.is_terminal,
        )  # fmt: skip
        self.tasks: dict[str, TaskID] = {}

    def __enter__(self) -> "Bars":
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def started(self, source: Source) -> None:
        """A new bar."""
        self.tasks[source.id] = self.progress.add_task(source.id, total=None, state="", count="")

    def advanced(self, source: Source, done: int, total: int | None) -> None:
        """Moves a bar."""
        whole = max(total, done) if total else None
        self.progress.update(self.tasks[source.id], completed=done, total=whole, count=f"{done}/{whole}" if whole else str(done))

    def finished(self, result: RunResult) -> None:
        """Ends a bar with its verdict."""
        colour = COLOURS.get(result.outcome, "white")
        listed = result.counts.listed
        self.progress.update(
            self.tasks[result.source], completed=listed or 1, total=listed or 1, count=str(listed),
            state=f"[{colour}]{text('outcome.' + result.outcome)}[/]",
        )  # fmt: skip


def runs(console: Console, results: Sequence[RunResult]) -> None:
    """The table of a round, then the reason of each run that is not simply done. Counts that are 0 everywhere are left out."""
    if not results:
        return
    always = ("new", "changed", "unchanged")
    counted = [
        name for name in (*always, "missing", "gone", "held", "rejected")
        if name in always or any(getattr(result.counts, name) for result in results)
    ]  # fmt: skip
    rows = [
        [result.source, state(result.outcome), result.counts.listed, *(getattr(result.counts, name) for name in counted),
         f"{result.seconds:.1f}"]
        for result in sorted(results, key=lambda item: item.source)
    ]  # fmt: skip
    columns = [("col.source", False), ("col.state", False), ("col.datasets", True)]
    columns += [(f"col.{name}", True) for name in counted] + [("col.seconds", True)]
    console.print(table("", columns, rows, optional=["col.seconds"]))
    for result in results:
        if result.reason:
            console.print()
            finding = result.error.finding() if result.error else Finding(result.reason, params={"source": result.source, **result.params})
            reason(console, result.source, finding)


def reason(console: Console, source: str, finding: Finding) -> None:
    """Why a source is not simply done: cause and remedy, indented under its name."""
    console.print(heading(source))
    console.print(indented(finding.cause(language())))
    if finding.value and finding.value not in finding.cause(language()) and "://" in finding.value:
        console.print(indented(finding.value))
    console.print(indented(Text.assemble((f"{text('remedy')}: ", "bold"), finding.remedy(language()))))


def indented(words: str | Text, by: int = 2) -> Padding:
    """A paragraph set in, whose further lines are set in as well."""
    return Padding(words if isinstance(words, Text) else Text(words), (0, 0, 0, by), expand=False)


def generation(console: Console, made: Generation, *, dry: bool = False) -> None:
    """One sentence about a generation."""
    key = "publish.would" if dry and made.made else "publish.made" if made.made else "publish.same" if made.id else "publish.none"
    console.print(
        text(key, generation=made.id, items=made.items, created=len(made.created), updated=len(made.updated), deleted=len(made.deleted))
    )


def findings(console: Console, found: Iterable[tuple[str, Finding]], *, more: Callable[[Cause], str] | None = None) -> None:
    """Findings (source, finding) by cause, the gravest first, each with examples and remedy. `more` tells how to see all of a cause."""
    shown = causes(found)
    if not shown:
        console.print(text("findings.none"))
    for number, each in enumerate(shown):
        if number:
            console.print()
        _cause(console, each, more)


def _cause(console: Console, cause: Cause, more: Callable[[Cause], str] | None) -> None:
    how_many = text("findings.datasets", count=cause.datasets) if cause.datasets else ""
    parts = [part for part in (cause.source, of_field(cause.field, language()), how_many) if part]
    console.print(Text.assemble(state(str(cause.severity)), f"  {'  '.join(parts)}  ", (cause.code, "dim")))
    remedies = {finding.remedy(language()) for finding, _ in cause.examples}
    for finding, count in cause.examples[:_EXAMPLES]:
        times = f"  ({count}×)" if len(cause.examples) > 1 and cause.count > len(cause.examples) else ""
        console.print(indented(f"{finding.cause(language())}{times}"))
        if len(remedies) > 1:
            console.print(indented(Text.assemble((f"{text('remedy')}: ", "bold"), finding.remedy(language())), 4))
    if len(cause.examples) > _EXAMPLES:
        hint = f": {more(cause)}" if more else ""
        console.print(indented(text("findings.more", count=len(cause.examples) - _EXAMPLES) + hint))
    if len(remedies) == 1:
        console.print(indented(Text.assemble((f"{text('remedy')}: ", "bold"), *remedies)))
    places = {finding.params.get("place", "") for finding, _ in cause.examples} - {"", cause.field}
    told = [place for place in sorted(places) if not any(place in remedy for remedy in remedies)]
    if told:
        console.print(indented(Text.assemble((f"{text('place')}: ", "bold"), ", ".join(told))))
