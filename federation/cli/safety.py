"""Commands that keep the state safe: backup, restore."""

import tempfile
from pathlib import Path

import click
from rich.progress import BarColumn, Progress, TextColumn

from federation.cli import show
from federation.cli.app import Workspace, command, dry_option, json_option
from federation.cli.rounds import named_place
from federation.cli.texts import text
from federation.store import backup as backups


@command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar=text("arg.file"))
@dry_option
@json_option
def backup(workspace: Workspace, file: Path, dry: bool, as_json: bool) -> int:
    """Saves the state while it is in use."""
    if dry:
        with tempfile.TemporaryDirectory(prefix="federation-") as folder:
            made = Path(folder) / file.name
            backups.backup(workspace.reading, made)
            size = made.stat().st_size
    else:
        with named_place(file), _bar(workspace) as bar:
            task = bar.add_task(file.name)
            backups.backup(workspace.store, file, progress=lambda done, total: bar.update(task, completed=done, total=total))
        size = file.stat().st_size
    if as_json:
        show.print_json({"file": str(file), "bytes": size})
    else:
        workspace.say("backup.would" if dry else "backup.done", path=file, size=f"{size / 1e6:.1f}")
    return 0


def _bar(workspace: Workspace) -> Progress:
    columns = (TextColumn("{task.description}", markup=False), BarColumn())
    return Progress(*columns, console=workspace.err, disable=not workspace.err.is_terminal, transient=True)


@command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar=text("arg.file"))
@click.option("--force", is_flag=True, help=text("opt.force"))
@dry_option
@json_option
def restore(workspace: Workspace, file: Path, force: bool, dry: bool, as_json: bool) -> int:
    """Brings the state back."""
    url, folder = workspace.config.store.url, workspace.folder
    with named_place(file), tempfile.TemporaryDirectory(prefix="federation-") as place:
        if dry:
            found = backups.restore(file, "sqlite:///trial.db", folder=Path(place))
        else:
            found = backups.restore(file, url, force=force, folder=folder)
    if as_json:
        show.print_json({"file": str(file), "store": url, "version": found.version, "rows": found.rows, "restored": not dry})
    else:
        records = found.rows.get("record", 0)
        workspace.say("restore.would" if dry else "restore.done", path=file, version=found.version, records=records)
    return 0
