"""Commands that tell how things stand: status, held."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from federation import clock
from federation.cli import show
from federation.cli.app import Workspace, command, json_option
from federation.cli.texts import language, text
from federation.finding import Finding
from federation.report.plan import plans
from federation.report.status import status as report_status
from federation.report.verdict import RANK, SYMBOLS
from federation.report.waiting import Waiting, waiting
from federation.schedule.timetable import Timetable
from federation.store.store import Store
from federation.sync import decisions, pairing

HELD = 4
_SHOWN = 10


@command("status")
@json_option
def status(workspace: Workspace, as_json: bool) -> int:
    """Every source on a line, then what is to be said of each, the gravest last, and of the region."""
    config, store, now = workspace.config, workspace.reading, clock.now()
    report = report_status(config, store, now, language=language(), plans=plans(config, store, now, Timetable(config.schedule)))
    if as_json:
        show.print_json(report)
        return 0
    if not report["sources"]:
        workspace.say("sync.none")
        return 0
    rows = []
    for source in report["sources"]:
        last = source["last_run"]
        counts = source["findings"]
        rows.append(
            [_verdict(source), source["id"], source["title"], source["stage"], source["datasets"],
             show.when(last["started"] if last else ""), _next(source["next_run"], now),
             f"{counts['violation']} / {counts['warning']} / {counts['info']}"]
        )  # fmt: skip
    columns = [("col.verdict", False), ("col.source", False), ("col.title", False), ("col.stage", False), ("col.datasets", True),
               ("col.last", False), ("col.next", False), ("col.findings", True)]  # fmt: skip
    workspace.out.print(show.table("", columns, rows, optional=["col.last", "col.next", "col.findings", "col.title", "col.stage"]))
    workspace.out.print()
    for source in sorted(report["sources"], key=lambda one: RANK[one["verdict"]]):
        _told(workspace, source)
    _whole(workspace, report, now)
    return 0


def _next(at: str | None, now: datetime) -> str:
    """When a run is due; what is due already waits for somebody to start it."""
    return text("status.due") if _due(at, now) else show.when(at or "")


def _due(at: str | None, now: datetime) -> bool:
    return at is not None and datetime.fromisoformat(at) <= now


def _verdict(entry: Mapping[str, Any]) -> Text:
    """Sign, word and colour."""
    colour = entry["verdict"]
    return Text(f"{SYMBOLS[colour]} {text(f'verdict.{colour}')}", style=colour)


def _told(workspace: Workspace, entry: Mapping[str, Any]) -> None:
    out = workspace.out
    sign = Text(f"{SYMBOLS[entry['verdict']]} ", style=entry["verdict"])
    if entry["remedy"]:
        out.print()
    out.print(Text.assemble(sign, (f"{entry['id']}: ", "bold"), entry["sentence"]))
    if entry["where"]:
        out.print(show.indented(entry["where"]))
    closed = entry["not_federated"]
    if closed:
        named = {reason.removeprefix("not-federated-"): number for reason, number in closed.items()}
        reasons = ", ".join(f"{number} {text(f'closed.{reason}')}" for reason, number in named.items())
        out.print(show.indented(text("status.closed", count=sum(closed.values()), reasons=reasons)))
    taken = entry["acknowledged"]
    if taken and taken["note"]:
        out.print(show.indented(text("status.note", note=taken["note"])))
    _mended(workspace, entry)


def _mended(workspace: Workspace, entry: Mapping[str, Any]) -> None:
    """What to do about it, and the command that helps."""
    if entry["remedy"]:
        workspace.out.print(show.indented(Text.assemble((f"{text('remedy')}: ", "bold"), entry["remedy"])))
    if entry["command"] and entry["command"] not in entry["remedy"]:
        workspace.out.print(show.indented(Text.assemble((f"{text('status.command')}: ", "bold"), entry["command"])))


def _whole(workspace: Workspace, report: Mapping[str, Any], now: datetime) -> None:
    out = workspace.out
    out.print()
    out.print(Text.assemble(f"{text('status.whole')}: ", _verdict(report), f". {report['sentence']}"))
    _mended(workspace, report)
    if report["generation"]:
        out.print(text("status.public", generation=report["generation"], at=show.when(report["published"]), datasets=report["public"]))
    dues = sum(_due(source["next_run"], now) for source in report["sources"])
    if dues:
        out.print(text("status.dues", count=dues))
    elif report["next_run"]:
        out.print(text("status.next", at=show.when(report["next_run"])))


@command("held")
@click.argument("source", metavar=text("arg.source_or_all"), required=False)
@click.option("--pairs", type=click.Path(path_type=Path, dir_okay=False), metavar=text("arg.file"), help=text("opt.pairs"))
@json_option
def held(workspace: Workspace, source: str | None, pairs: Path | None, as_json: bool) -> int:
    """What waits for a decision; exit code 4 when something does."""
    store = workspace.reading
    if pairs:
        if not source:
            raise click.UsageError(text("held.pairs_source"))
        item = decisions.of(store, workspace.config.source(source).id)
        found = _pairs(store, item)
        pairing.write(pairs, found)
        workspace.err.print(text("held.pairs_written", count=len(found), path=pairs, source=item.source))
        return HELD
    wanted = workspace.config.source(source).id if source else ""
    items = [(item, waiting(store, item.source, item.absent), waiting(store, item.source, item.new)) for item in decisions.held(store)
             if wanted in ("", item.source)]  # fmt: skip
    if as_json:
        show.print_json(
            [{**item.as_dict(), "absent_records": [row._asdict() for row in absent], "new_records": [row._asdict() for row in new],
              "pairs": [line._asdict() for line in _pairs(store, item)]}
             for item, absent, new in items]
        )  # fmt: skip
    elif not items:
        workspace.out.print(text("held.none"))
    else:
        for number, (item, absent, new) in enumerate(items):
            if number:
                workspace.out.print()
            show.reason(workspace.out, item.source, Finding(item.reason, params={"source": item.source, **item.params}))
            _list(workspace, "held.absent", absent)
            _list(workspace, "held.new", new)
            if absent and new:
                _pairs_told(workspace, store, item)
    return HELD if items else 0


def _pairs(store: Store, item: decisions.Held) -> list[pairing.Line]:
    """What to pair of a held source, with titles; nothing where nothing is absent or nothing came."""
    if not item.absent or not item.new:
        return []
    rows = waiting(store, item.source, [*item.absent, *item.new])
    return pairing.lines(store, item, {row.identifier: row.title for row in rows})


def _pairs_told(workspace: Workspace, store: Store, item: decisions.Held) -> None:
    count = Counter(line.match for line in _pairs(store, item) if line.old)
    facts = {name: count[name] for name in ("sure", "proposed", "none")}
    workspace.out.print(show.indented(text("held.pairs", **facts)))
    workspace.out.print(show.indented(text("held.pairs_next", source=item.source)))


def _list(workspace: Workspace, key: str, rows: list[Waiting]) -> None:
    if not rows:
        return
    workspace.out.print(show.indented(show.heading(text(key, count=len(rows)))))
    for row in rows[:_SHOWN]:
        workspace.out.print(show.indented(row.title or row.iri or row.identifier, 4))
        if row.title and row.iri:
            workspace.out.print(show.indented(row.iri, 6), style="dim")
    if len(rows) > _SHOWN:
        workspace.out.print(show.indented(text("held.more", count=len(rows) - _SHOWN), 4))
