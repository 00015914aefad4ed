"""Commands in which a person decides about a held source: release, rollback."""

from collections.abc import Callable
from pathlib import Path

import click

from federation.cli import show
from federation.cli.app import Workspace, command, dry_option, json_option
from federation.cli.rounds import Busy, leased
from federation.cli.texts import text
from federation.publish.catalog import Catalog
from federation.publish.generation import Generation
from federation.schedule import BUSY, publish_now
from federation.store.store import Store
from federation.sync import decisions, pairing
from federation.sync.decisions import Held


@command("release")
@click.argument("source", metavar=text("arg.source"))
@click.option("--pairs", type=click.Path(path_type=Path, dir_okay=False), metavar=text("arg.file"), help=text("opt.pairs_in"))
@click.option("--no-publish", is_flag=True, help=text("opt.no_publish"))
@dry_option
@json_option
def release(workspace: Workspace, source: str, pairs: Path | None, no_publish: bool, dry: bool, as_json: bool) -> int:
    """Accepts a held state."""
    chosen = workspace.config.source(source)
    paired = 0

    def decided(store: Store) -> Held:
        nonlocal paired
        given = pairing.read(pairs, decisions.of(store, chosen.id)) if pairs else None
        item, paired = pairing.release(workspace.config, store, chosen, given, dry=dry)
        return item

    code = _decide(workspace, decided, "release", dry, no_publish, as_json)
    if paired and not as_json:
        workspace.out.print(text("release.pairs", count=paired))
    return code


@command("rollback")
@click.argument("source", metavar=text("arg.source"))
@click.option("--to", type=int, metavar=text("arg.generation"), help=text("opt.to"))
@click.option("--no-publish", is_flag=True, help=text("opt.no_publish"))
@dry_option
@json_option
def rollback(workspace: Workspace, source: str, to: int | None, no_publish: bool, dry: bool, as_json: bool) -> int:
    """Keeps an earlier state public."""
    name = workspace.config.source(source).id
    return _decide(workspace, lambda store: decisions.rollback(store, name, to=to, dry=dry), "rollback", dry, no_publish, as_json)


def _decide(workspace: Workspace, decided: Callable[[Store], Held], key: str, dry: bool, no_publish: bool, as_json: bool) -> int:
    """The decision and the publication that follows from it, under one lease: a run at work would undo it."""
    made: Generation | None = None
    if dry:
        item = decided(workspace.reading)
    else:
        if not no_publish:
            Catalog(workspace.config.catalog, "").require_license()
        try:
            with leased(workspace.store):
                item = decided(workspace.store)
                made = None if no_publish else publish_now(workspace.config, workspace.store)
        except Busy as busy:
            workspace.err.print(text("busy", holder=busy))
            return BUSY
    if as_json:
        show.print_json({**item.as_dict(), "published": made.as_dict() if made else None})
        return 0
    facts = {"source": item.source, "new": len(item.new), "absent": len(item.absent), "generation": item.generation}
    workspace.out.print(text(f"{key}.{'would' if dry else 'done'}", **facts))
    if made:
        show.generation(workspace.out, made)
    return 0
