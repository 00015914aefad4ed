"""The command `mqa`: how many of the 405 points of data.europa.eu the datasets get, before and after our repairs, and what costs points."""

import click

from federation.cli import show
from federation.cli.app import Workspace, command, json_option
from federation.cli.rounds import chosen
from federation.cli.texts import language, text
from federation.quality.mqa import ASSUMPTIONS, POSSIBLE, Metric
from federation.report import currency
from federation.report.currency import Currency
from federation.report.labels import of_field
from federation.report.quality import Points, points, reachable, report, together

_BEFORE_AND_AFTER = (("col.before", True), ("col.after", True), ("col.of", True))


@command("mqa")
@click.argument("sources", nargs=-1, metavar=text("arg.sources"))
@click.option("--datasets", "each", is_flag=True, help=text("opt.datasets"))
@json_option
def mqa(workspace: Workspace, sources: tuple[str, ...], each: bool, as_json: bool) -> int:
    """A diagnosis: no order but that of the configuration."""
    config, store = workspace.config, workspace.reading
    wanted = [source.id for source in chosen(workspace, sources)]
    found = points(config, store, wanted, reachable(store), each=each)
    whole = together(found, config.catalog.title)
    dates = [one for one in currency.figures(config, store) if one.source in wanted]
    if as_json:
        document = report(found, whole, language())
        document["currency"] = [one.as_dict() for one in (*dates, currency.overall(dates, config.catalog.title))]
        show.print_json(document)
        return 0
    if not whole.after.datasets:
        workspace.out.print(text("mqa.none"))
        return 0
    if len(found) > 1:
        _sources(workspace, found)
    shown = found[0] if len(found) == 1 else whole
    detail(workspace, shown)
    _faults(workspace, shown)
    for source in found if each else ():
        _datasets(workspace, source)
    _dates(workspace, dates, config.catalog.title)
    _notes(workspace, whole)
    return 0


def _sources(workspace: Workspace, found: list[Points]) -> None:
    rows = [
        [each.source, each.after.datasets, _number(each.before.total), _number(each.after.total), each.after.possible, _band(each)]
        for each in found if each.after.datasets
    ]  # fmt: skip
    columns = [("col.source", False), ("col.datasets", True), *_BEFORE_AND_AFTER, ("col.band", False)]
    workspace.out.print(show.table("", columns, rows))
    workspace.out.print()


def detail(workspace: Workspace, shown: Points, most: int | None = None) -> None:
    """Points by dimension, before and after our repairs; then what costs points, the dearest first, at most so many lines."""
    out = workspace.out
    whole = shown.after
    head = text("mqa.head", datasets=whole.datasets, points=_number(whole.total), possible=whole.possible)
    out.print(show.heading(f"{shown.title}  {head}, {_band(shown)}"))
    before, after = shown.before.dimensions(), whole.dimensions()
    rows = [
        [text(f"mqa.{name}"), _number(before[name][0]), _number(gained), possible or text("mqa.unmeasured")]
        for name, (gained, possible) in after.items()
    ]  # fmt: skip
    rows.append([text("mqa.total"), _number(shown.before.total), _number(whole.total), whole.possible])
    out.print(show.table("", [("col.dimension", False), *_BEFORE_AND_AFTER], rows))
    costs = whole.costs()[:most]
    if costs:
        out.print()
        out.print(show.heading(text("mqa.costs")))
        lines = [[_label(metric), shown.place(metric, language()), datasets, _number(lost)] for metric, datasets, lost in costs]
        names = [("col.lacking", False), ("col.place", False), ("col.datasets", True), ("col.points", True)]
        out.print(show.table("", names, lines))
    out.print()


def _faults(workspace: Workspace, shown: Points) -> None:
    """What the check finds in the datasets as their source says them, and as they are published."""
    out = workspace.out
    severities = shown.by_severity()
    if not any(map(any, severities.values())):
        return
    out.print(show.heading(text("mqa.faults")))
    rows = [
        [show.state(str(one.finding.severity)), of_field(one.finding.field, language()), one.before, one.after, one.finding.code]
        for one in shown.faults()
    ]  # fmt: skip
    rows += [[show.state(name), text("mqa.total"), first, then, ""] for name, (first, then) in severities.items() if first or then]
    columns = [("col.severity", False), ("col.lacking", False), ("col.before", True), ("col.after", True), ("col.code", False)]
    out.print(show.table("", columns, rows))
    out.print()


def _datasets(workspace: Workspace, shown: Points) -> None:
    workspace.out.print(show.heading(shown.source))
    rows = [[each.iri, each.before.total, each.after.total, each.after.possible, text(f"mqa.{each.after.band}")] for each in shown.scored]
    workspace.out.print(show.table("", [("col.dataset", False), *_BEFORE_AND_AFTER, ("col.band", False)], rows))
    workspace.out.print()


def _dates(workspace: Workspace, dates: list[Currency], title: str) -> None:
    whole = currency.overall(dates, title)
    if whole.meaningful and whole.dated:
        workspace.out.print(text("mqa.current", year=whole.year, dated=whole.dated, datasets=whole.datasets, newest=whole.newest))
    silent = [each.source for each in dates if not each.meaningful]
    if silent:
        workspace.out.print(text("mqa.undated", sources=", ".join(silent)))


def _notes(workspace: Workspace, shown: Points) -> None:
    unmeasured = shown.after.unmeasured()
    if unmeasured:
        names = ", ".join(map(_label, unmeasured))
        lost = sum(metric.points for metric in unmeasured)
        workspace.say("mqa.not_measured", names=names, points=lost, possible=POSSIBLE - lost, all=POSSIBLE)
    workspace.say("mqa.assumed")
    for german, english in ASSUMPTIONS:
        workspace.err.print(show.indented(german if language() == "de" else english))


def _label(metric: Metric) -> str:
    return metric.de if language() == "de" else metric.en


def _number(points: float) -> str:
    written = f"{points:.1f}"
    return written.replace(".", ",") if language() == "de" else written


def _band(shown: Points) -> str:
    return text(f"mqa.{shown.after.band}")
