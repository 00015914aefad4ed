"""Commands in which a person decides: release, rollback, backup, restore."""

from pathlib import Path

import click

from federation.cli import show
from federation.cli.app import Workspace, command, dry_option, json_option
from federation.cli.texts import text
from federation.schedule import publish_now
from federation.store import backup as backups
from federation.sync import decisions


@command("release")
@click.argument("source", metavar="SOURCE")
@click.option("--no-publish", is_flag=True, help=text("opt.no_publish"))
@dry_option
@json_option
def release(workspace: Workspace, source: str, no_publish: bool, dry: bool, as_json: bool) -> int:
    """Accepts a held state."""
    item = decisions.release(workspace.store, workspace.config.source(source).id, dry=dry)
    if not as_json:
        workspace.out.print(text("release.done", source=source, new=len(item.new), absent=len(item.absent)))
    made = None if dry or no_publish else publish_now(workspace.config, workspace.store)
    if as_json:
        show.print_json({**item.as_dict(), "published": made.as_dict() if made else None})
    elif made:
        show.generation(workspace.out, made)
    return 0


@command("rollback")
@click.argument("source", metavar="SOURCE")
@click.option("--to", type=int, help=text("opt.to"))
@dry_option
@json_option
def rollback(workspace: Workspace, source: str, to: int | None, dry: bool, as_json: bool) -> int:
    """Keeps an earlier state public."""
    item = decisions.rollback(workspace.store, workspace.config.source(source).id, to=to, dry=dry)
    if not as_json:
        workspace.out.print(text("rollback.done", source=source, generation=item.generation))
    made = None if dry else publish_now(workspace.config, workspace.store)
    if as_json:
        show.print_json({**item.as_dict(), "published": made.as_dict() if made else None})
    elif made:
        show.generation(workspace.out, made)
    return 0


@command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@json_option
def backup(workspace: Workspace, file: Path, as_json: bool) -> int:
    """Saves the state while it is in use."""
    backups.backup(workspace.store, file)
    size = file.stat().st_size
    if as_json:
        show.print_json({"file": str(file), "bytes": size})
    else:
        workspace.err.print(text("backup.done", path=file, size=f"{size / 1e6:.1f}"))
    return 0


@command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@click.option("--force", is_flag=True, help=text("opt.force"))
@json_option
def restore(workspace: Workspace, file: Path, force: bool, as_json: bool) -> int:
    """Brings the state back."""
    backups.restore(file, workspace.config.store.url, force=force, folder=workspace.folder)
    if as_json:
        show.print_json({"file": str(file), "store": workspace.config.store.url})
    else:
        workspace.err.print(text("restore.done", path=file))
    return 0
