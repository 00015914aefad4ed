"""Commands that move data: sync, publish, export."""

import errno
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from federation.cli import show
from federation.cli.app import Workspace, command, dry_option, json_option
from federation.cli.texts import text
from federation.config import Source
from federation.errors import ConfigError, StoreError
from federation.publish.catalog import Catalog
from federation.publish.feeds import SUFFIXES
from federation.publish.feeds import export as write_export
from federation.publish.generation import generation
from federation.schedule import BUSY, Outcome, do_chore, publish_now, round, round_due
from federation.schedule.heartbeat import Heartbeat
from federation.store.leases import myself
from federation.store.store import Store
from federation.sync.run import LEASE, LEASE_SECONDS

# What the operator can mend by naming another place; a full disk is none of these.
_ELSEWHERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EACCES, errno.EPERM, errno.EROFS})
_OPERATORS = frozenset({"backup-folder-missing", "backup-onto-itself", "backup-postgres", "restore-missing", "restore-not-empty"})


class Busy(Exception):
    """Another run has the lease; its holder."""


@contextmanager
def leased(store: Store) -> Iterator[None]:
    """The lease of a round for what changes the public catalog, so that no run does it at the same time. Busy where one has it."""
    if not store.take(LEASE, LEASE_SECONDS):
        other = store.holder(LEASE)
        raise Busy(other.holder if other else "?")
    try:
        with Heartbeat(store, LEASE, (), LEASE_SECONDS, threading.Event()):
            yield
    finally:
        store.release(LEASE, myself())


def chosen(workspace: Workspace, names: tuple[str, ...]) -> list[Source]:
    """The sources of these ids or of these members; all where none is named. ConfigError for an unknown name."""
    if not names:
        return workspace.config.sources()
    picked: list[Source] = []
    for name in names:
        of_member = [source for source in workspace.config.sources() if source.member == name]
        picked += [source for source in (of_member or [workspace.config.source(name)]) if source not in picked]
    return picked


@command("sync")
@click.argument("sources", nargs=-1, metavar=text("arg.sources"))
@click.option("--due", is_flag=True, help=text("opt.due"))
@click.option("--full", is_flag=True, help=text("opt.full"))
@click.option("--no-publish", is_flag=True, help=text("opt.no_publish"))
@dry_option
@json_option
def sync(workspace: Workspace, sources: tuple[str, ...], due: bool, full: bool, no_publish: bool, dry: bool, as_json: bool) -> int:
    """Reads, brings in sync, publishes."""
    wanted = chosen(workspace, sources)
    if due:
        if full:
            raise click.UsageError(text("due.full"))
        workspace.end_on_signals()
        return _due(workspace, {source.id for source in wanted}, no_publish=no_publish, dry=dry, as_json=as_json)
    if not wanted:
        workspace.say("sync.none")
        if as_json:
            show.print_json({"runs": [], "busy": "", "generation": None})
        return 0
    workspace.end_on_signals()
    store = workspace.reading if dry else workspace.store
    with show.Bars(workspace.err) as bars:
        outcome = round(workspace.config, store, wanted, dry=dry, full=full, publish=not no_publish, progress=bars, stop=workspace.stop)
    if as_json:
        show.print_json(_as_dict(outcome))
        return outcome.exit_code
    if outcome.busy:
        workspace.err.print(text("busy", holder=outcome.busy))
        return BUSY
    show.runs(workspace.out, outcome.runs)
    for run in outcome.runs:
        if run.counts.rejected:
            workspace.say("sync.rejected", source=run.source, count=run.counts.rejected)
    if outcome.generation:
        workspace.out.print()
        show.generation(workspace.out, outcome.generation)
        _hint_at_stages(workspace, wanted)
    if dry:
        workspace.say("sync.dry")
    return outcome.exit_code


def _due(workspace: Workspace, only: set[str], *, no_publish: bool, dry: bool, as_json: bool) -> int:
    """The sources whose slot is due, for cron and timers: these send on whatever is written, so only what went wrong is."""
    store = workspace.reading if dry else workspace.store
    outcome = round_due(workspace.config, store, only=only, dry=dry, publish=not no_publish, stop=workspace.stop)
    if not dry and not outcome.busy and not workspace.stop.is_set():
        do_chore("housekeeping", workspace.config, store, workspace.stop)
    if as_json:
        show.print_json(_as_dict(outcome))
    elif outcome.busy and workspace.err.is_terminal:
        workspace.err.print(text("busy", holder=outcome.busy))
    elif not outcome.busy and (dry or outcome.exit_code):
        show.runs(workspace.out if dry else workspace.err, outcome.runs if dry else [run for run in outcome.runs if run.outcome != "done"])
    return outcome.exit_code


def _hint_at_stages(workspace: Workspace, sources: list[Source]) -> None:
    """Who reads a new member for the first time wonders why nothing of it is public."""
    stages = {member.id: member.stage for member in workspace.config.members}
    hidden = [source.id for source in sources if (source.stage or stages[source.member]) == "preview"]
    if hidden:
        workspace.say("sync.preview", sources=", ".join(hidden))


def _as_dict(outcome: Outcome) -> dict[str, object]:
    return {"runs": [run.as_dict() for run in outcome.runs], "busy": outcome.busy,
            "generation": outcome.generation.as_dict() if outcome.generation else None}  # fmt: skip


@command("publish")
@dry_option
@json_option
def publish(workspace: Workspace, dry: bool, as_json: bool) -> int:
    """Makes what is live public."""
    Catalog(workspace.config.catalog, "").require_license()
    try:
        if dry:
            made = generation(workspace.config, workspace.reading, dry=True)
        else:
            with leased(workspace.store):
                made = publish_now(workspace.config, workspace.store)
    except Busy as busy:
        workspace.err.print(text("busy", holder=busy))
        return BUSY
    if as_json:
        show.print_json(made.as_dict())
    else:
        show.generation(workspace.out, made, dry=dry)
        if dry:
            workspace.say("sync.dry")
    return 0


@command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar=text("arg.file"))
@dry_option
@json_option
def export(workspace: Workspace, file: Path, dry: bool, as_json: bool) -> int:
    """The whole public catalog in one file."""
    store = workspace.reading
    if dry:
        suffix = (file.with_suffix("") if file.suffix == ".gz" else file).suffix
        if suffix not in SUFFIXES:
            raise ConfigError("export-format", field="FILE", value=file.name, known=", ".join(sorted(SUFFIXES)))
        count = store.count_items()
    else:
        with named_place(file):
            count = write_export(workspace.config, store, file)
    if as_json:
        show.print_json({"items": count, "file": str(file), "bytes": 0 if dry else file.stat().st_size})
    else:
        workspace.say("export.would" if dry else "export.done", count=count, path=file)
    return 0


@contextmanager
def named_place(file: Path) -> Iterator[None]:
    """Turns the failure to use a file that the operator named into a ConfigError: another place (or --force) is the remedy."""
    if file.parent.exists() and not file.parent.is_dir():
        raise ConfigError("not-writable", value=str(file), detail=os.strerror(errno.ENOTDIR))
    try:
        yield
    except StoreError as error:
        if error.code in _OPERATORS:
            raise ConfigError(error.code, value=error.value, **error.params) from error
        cause = error.__cause__
        if isinstance(cause, OSError) and cause.errno in _ELSEWHERE:
            raise ConfigError("not-writable", value=str(file), detail=cause.strerror or str(cause)) from error
        raise
