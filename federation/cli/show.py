"""What people see: tables, progress bars, JSON. Data goes to stdout, progress and messages to stderr."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from federation.cli.texts import language, text
from federation.config import Source
from federation.finding import Finding
from federation.publish.generation import Generation
from federation.sync.run import RunResult

COLOURS = {
    "done": "green", "ok": "green", "held": "yellow", "failed": "red", "interrupted": "red", "violation": "red", "warning": "yellow",
    "info": "cyan",
}  # fmt: skip


def print_json(data: Any) -> None:
    """One JSON document on stdout, indented, keys as they are."""
    click.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2, default=str).decode())


def table(title: str, columns: Sequence[tuple[str, bool]], rows: Iterable[Sequence[object]]) -> Table:
    """A table; a column is (text key, whether its values are numbers). Cells are text, never markup."""
    made = Table(title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for key, number in columns:
        made.add_column(text(key), justify="right" if number else "left", overflow="fold", no_wrap=number)
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text(str(cell)) for cell in row))
    return made


def state(name: str) -> Text:
    """An outcome or severity as a coloured word of the language."""
    key = f"severity.{name}" if name in ("violation", "warning", "info") else f"outcome.{name}"
    return Text(text(key), style=COLOURS.get(name, ""))


class Bars:
    """Progress bars for a round on a terminal; off a terminal nothing is drawn."""

    def __init__(self, console: Console) -> None:
        self.progress = Progress(
            SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            TextColumn("{task.fields[state]}"), console=console, disable=not console.is_terminal,
        )  # fmt: skip
        self.tasks: dict[str, TaskID] = {}

    def __enter__(self) -> "Bars":
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def started(self, source: Source) -> None:
        """A new bar."""
        self.tasks[source.id] = self.progress.add_task(source.id, total=None, state="")

    def advanced(self, source: Source, done: int, total: int | None) -> None:
        """Moves a bar."""
        self.progress.update(self.tasks[source.id], completed=done, total=max(total, done) if total else None)

    def finished(self, result: RunResult) -> None:
        """Ends a bar with its verdict."""
        colour = COLOURS.get(result.outcome, "white")
        listed = result.counts.listed
        self.progress.update(
            self.tasks[result.source], completed=listed, total=listed or 1, state=f"[{colour}]{text('outcome.' + result.outcome)}[/]"
        )


def runs(console: Console, results: Sequence[RunResult]) -> None:
    """The table of a round, then the reason of each run that is not simply done."""
    if not results:
        return
    counted = ("new", "changed", "unchanged", "missing", "gone", "held", "rejected")
    rows = [
        [result.source, state(result.outcome), result.counts.listed, *(getattr(result.counts, name) for name in counted),
         f"{result.seconds:.1f}"]
        for result in sorted(results, key=lambda item: item.source)
    ]  # fmt: skip
    columns = [("col.source", False), ("col.state", False), ("col.datasets", True)]
    columns += [(f"col.{name}", True) for name in counted] + [("col.seconds", True)]
    console.print(table("", columns, rows))
    for result in results:
        if result.reason:
            finding = result.error.finding() if result.error else Finding(result.reason, params={"source": result.source, **result.params})
            console.print(Text(f"{result.source}: {finding.cause(language())} {finding.remedy(language())}"))


def generation(console: Console, made: Generation) -> None:
    """One sentence about a generation."""
    key = "publish.made" if made.made else "publish.same"
    console.print(
        text(key, generation=made.id, items=made.items, created=len(made.created), updated=len(made.updated), deleted=len(made.deleted))
    )


def findings(console: Console, grouped: Sequence[tuple[Finding, str, int]]) -> None:
    """Findings grouped by cause: (an example, source, how many), the gravest first."""
    if not grouped:
        console.print(text("findings.none"))
        return
    rows = [
        [state(str(finding.severity)), count, source, finding.code, finding.field, finding.cause(language()), finding.remedy(language())]
        for finding, source, count in grouped
    ]
    columns = [("col.severity", False), ("col.count", True), ("col.source", False), ("col.code", False), ("col.field", False),
               ("col.cause", False), ("col.remedy", False)]  # fmt: skip
    console.print(table("", columns, rows))


def grouped(found: Iterable[tuple[str, Finding]]) -> list[tuple[Finding, str, int]]:
    """Equal findings of one source as one: same code, field and text of the cause. The gravest and most frequent first."""
    groups: dict[tuple[str, str, str, str], list[Finding]] = {}
    for source, finding in found:
        groups.setdefault((source, finding.code, finding.field, finding.cause("en")), []).append(finding)
    rank = {"violation": 0, "warning": 1, "info": 2}
    result = [(items[0], key[0], len(items)) for key, items in groups.items()]
    return sorted(result, key=lambda item: (rank[str(item[0].severity)], -item[2], item[1], item[0].code))


def on_terminal() -> bool:
    """Whether a person looks at stdout."""
    return sys.stdout.isatty()
