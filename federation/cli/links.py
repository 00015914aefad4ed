"""The command `links`: checks public addresses and shows, server by server, how they stand."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from federation import links as checker
from federation.cli import show
from federation.cli.app import Workspace, command, dry_option, json_option
from federation.cli.rounds import chosen
from federation.cli.texts import text
from federation.harvest.http import Http
from federation.log import masked
from federation.store.links import LinkRow

_ALWAYS = ("ok", "broken", "unreachable")
_WELL = frozenset(("ok", "unchecked"))


@command("links")
@click.argument("sources", nargs=-1, metavar=text("arg.sources"))
@click.option("--limit", type=click.IntRange(min=1), metavar=text("arg.number"), help=text("opt.links_limit"))
@click.option("--seconds", type=click.FloatRange(min=1), metavar=text("arg.number"), help=text("opt.seconds"))
@click.option("--all", "every", is_flag=True, help=text("opt.links_all"))
@dry_option
@json_option
def links(
    workspace: Workspace, sources: tuple[str, ...], limit: int | None, seconds: float | None, every: bool, dry: bool, as_json: bool,
) -> int:  # fmt: skip
    """Checks what is due; what is due and what is known, where it is a dry run."""
    wanted = [source.id for source in chosen(workspace, sources)] if sources else None
    workspace.end_on_signals()
    store = workspace.reading if dry else workspace.store
    with Http(workspace.config.network) as http, _bar(workspace.err) as progress:
        outcome = checker.check(
            workspace.config, store, http, sources=wanted, limit=limit, seconds=seconds, every=every, dry=dry, progress=progress,
            stop=workspace.stop,
        )  # fmt: skip
    if as_json:
        show.print_json(_json(outcome, store.links(sources=wanted)))
    elif outcome.busy:
        workspace.err.print(text("busy", holder=outcome.busy))
    else:
        _show(workspace, outcome, dry)
    return outcome.exit_code


@contextmanager
def _bar(console: Console) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on a terminal; off a terminal nothing is drawn."""
    shown = Progress(
        SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(bar_width=24), MofNCompleteColumn(), TimeElapsedColumn(),
        console=console, disable=not console.is_terminal,
    )  # fmt: skip
    with shown:
        task = shown.add_task(text("links.bar"), total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)


def _show(workspace: Workspace, outcome: checker.Outcome, dry: bool) -> None:
    hosts = outcome.hosts
    if not hosts:
        workspace.say("links.none")
        return
    verdicts = [name for name in checker.VERDICTS if name in _ALWAYS or any(counts.get(name) for counts in hosts.values())]
    ranked = sorted(hosts.items(), key=lambda item: (-_trouble(item[1]), -sum(item[1].values()), item[0]))
    rows = [[host or "-", sum(counts.values()), *(counts.get(name, 0) for name in verdicts)] for host, counts in ranked]
    columns = [("col.host", False), ("col.links", True), *((f"links.{name}", True) for name in verdicts)]
    workspace.out.print(show.table("", columns, rows))
    if dry:
        workspace.say("links.due", due=outcome.due)
        workspace.say("sync.dry")
        return
    workspace.say("links.done", checked=outcome.checked, requests=outcome.requests, seconds=round(outcome.seconds))
    if outcome.offline:
        workspace.say("links.offline")
    elif outcome.checked < outcome.due:
        workspace.say("links.left", count=outcome.due - outcome.checked)


def _trouble(counts: dict[str, int]) -> int:
    return sum(number for verdict, number in counts.items() if verdict not in _WELL)


def _json(outcome: checker.Outcome, rows: list[LinkRow]) -> dict[str, Any]:
    hosts = [
        {"host": host, "links": sum(counts.values()), **{name: counts.get(name, 0) for name in checker.VERDICTS}}
        for host, counts in sorted(outcome.hosts.items())
    ]  # fmt: skip
    problems = [
        {"url": masked(row.url), "host": row.host, "verdict": row.verdict, "status": row.status, "reason": row.reason,
         "target": masked(row.target),
         "checked": row.checked, "days": row.failures, "since": row.first_failed, "code": row.finding} for row in rows
        if row.verdict not in _WELL
    ]  # fmt: skip
    return {"due": outcome.due, "checked": outcome.checked, "requests": outcome.requests, "seconds": round(outcome.seconds, 3),
            "interrupted": outcome.interrupted, "offline": outcome.offline, "busy": outcome.busy, "hosts": hosts,
            "problems": problems}  # fmt: skip
