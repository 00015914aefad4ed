"""Commands that move data: sync, publish, export."""

from pathlib import Path

import click

from federation.cli import show
from federation.cli.app import Workspace, command, dry_option, json_option
from federation.cli.texts import text
from federation.config import Source
from federation.publish.catalog import Catalog
from federation.publish.feeds import export as write_export
from federation.publish.generation import generation
from federation.schedule import BUSY, publish_now, round


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
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--full", is_flag=True, help=text("opt.full"))
@click.option("--no-publish", is_flag=True, help=text("opt.no_publish"))
@dry_option
@json_option
def sync(workspace: Workspace, sources: tuple[str, ...], full: bool, no_publish: bool, dry: bool, as_json: bool) -> int:
    """Reads, brings in sync, publishes."""
    wanted = chosen(workspace, sources)
    if not wanted:
        workspace.err.print(text("sync.none"))
        return 0
    workspace.end_on_signals()
    with show.Bars(workspace.err) as bars:
        outcome = round(
            workspace.config, workspace.store, wanted, dry=dry, full=full, publish=not no_publish, progress=bars, stop=workspace.stop
        )
    if as_json:
        show.print_json({"runs": [run.as_dict() for run in outcome.runs], "busy": outcome.busy,
                         "generation": outcome.generation.as_dict() if outcome.generation else None})  # fmt: skip
        return outcome.exit_code
    if outcome.busy:
        workspace.err.print(text("busy", holder=outcome.busy))
        return BUSY
    show.runs(workspace.out, outcome.runs)
    if outcome.generation:
        show.generation(workspace.out, outcome.generation)
    if dry:
        workspace.err.print(text("sync.dry"))
    return outcome.exit_code


@command("publish")
@dry_option
@json_option
def publish(workspace: Workspace, dry: bool, as_json: bool) -> int:
    """Makes what is live public."""
    Catalog(workspace.config.catalog, "").require_license()
    made = generation(workspace.config, workspace.store, dry=True) if dry else publish_now(workspace.config, workspace.store)
    if as_json:
        show.print_json(made.as_dict())
    else:
        show.generation(workspace.out, made)
        if dry:
            workspace.err.print(text("sync.dry"))
    return 0


@command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@json_option
def export(workspace: Workspace, file: Path, as_json: bool) -> int:
    """The whole public catalog in one file."""
    count = write_export(workspace.config, workspace.store, file)
    if as_json:
        show.print_json({"items": count, "file": str(file), "bytes": file.stat().st_size})
    else:
        workspace.err.print(text("export.done", count=count, path=file))
    return 0
