"""Commands by which something leaves: withdraw (a dataset), remove (a member); both can be undone, and neither with --erase."""

import getpass
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from federation import clock, config
from federation.cli import show
from federation.cli.app import Workspace, command, dry_option, json_option
from federation.cli.rounds import Busy, leased
from federation.cli.texts import TEXTS, text
from federation.errors import ConfigError
from federation.publish import erased_pages
from federation.publish.catalog import Catalog
from federation.publish.generation import Generation
from federation.schedule import BUSY, publish_now
from federation.store import erasure
from federation.store.farewells import Erased, ErasureRow
from federation.store.store import Store
from federation.sync import decisions
from federation.sync.deletions import DATASET_KINDS, PUBLIC_STATES

_ASIDE = ".before-restore"

by_option = click.option("--by", "person", default="", metavar=text("arg.person"), help=text("opt.who"))
undo_option = click.option("--undo", is_flag=True, help=text("opt.undo"))
erase_option = click.option("--erase", is_flag=True, help=text("opt.erase"))
publish_option = click.option("--no-publish", is_flag=True, help=text("opt.no_publish"))


@command("withdraw")
@click.argument("dataset", metavar=text("arg.iri"))
@click.option("--reason", default="", metavar=text("arg.text"), help=text("opt.reason"))
@undo_option
@erase_option
@by_option
@publish_option
@dry_option
@json_option
def withdraw(
    workspace: Workspace, dataset: str, reason: str, undo: bool, erase: bool, person: str, no_publish: bool, dry: bool, as_json: bool,
) -> int:  # fmt: skip
    """A dataset leaves every output, whatever its source says."""
    _check(undo, erase, no_publish)
    person = person or _myself()

    def act(store: Store) -> dict[str, Any]:
        item = decisions.meant(store, dataset)
        told: dict[str, Any] = {"iri": item.iri, "iris": item.iris, "sources": sorted({source for source, _ in item.records})}
        if undo:
            decisions.check_withdrawn(store, item)
            if not dry:
                store.forget_withdrawal(item.iri)
        elif erase:
            rows = erasure.rows_for(store, item.iris, clock.stamp(), person)
            told |= _erase(workspace, store, rows, item.iri, person, dry)
        elif not dry:
            decisions.withdraw(store, item, reason, person)
        return told

    facts = {"undone": undo, "erased": erase, "reason": reason, "by": person, "dry_run": dry}
    key = "erase" if erase else "readmit" if undo else "withdraw"
    return _carry_out(workspace, act, facts, key, publish=not (no_publish or erase), beside=not erase, as_json=as_json)


@command("remove")
@click.argument("member", metavar=text("arg.leaving"))
@undo_option
@erase_option
@by_option
@publish_option
@dry_option
@json_option
def remove(workspace: Workspace, member: str, undo: bool, erase: bool, person: str, no_publish: bool, dry: bool, as_json: bool) -> int:
    """A member leaves with all its datasets."""
    _check(undo, erase, no_publish)
    person = person or _myself()

    def act(store: Store) -> dict[str, Any]:
        item = (decisions.returning if undo else decisions.leaving)(store, workspace.folder, member)
        known = (row for source in item.sources for row in store.known(source).values())
        told: dict[str, Any] = {
            "member": member, "sources": item.sources,
            "datasets": sum(1 for row in known if row.kind in DATASET_KINDS and row.state in PUBLIC_STATES),
            "file": str(item.target.relative_to(workspace.folder)) if item.target else "",
        }  # fmt: skip
        if not dry:
            decisions.move(store, item, person, back=undo)
            workspace.__dict__["config"] = config.load(workspace.folder)
        if erase:
            rows = erasure.rows_of_member(store, member, clock.stamp(), person)
            told |= _erase(workspace, store, rows, member, person, dry)
        return told

    facts = {"undone": undo, "erased": erase, "by": person, "dry_run": dry}
    key = "erase" if erase else "return" if undo else "remove"
    return _carry_out(workspace, act, facts, key, publish=not (no_publish or erase), beside=False, as_json=as_json)


def _check(undo: bool, erase: bool, no_publish: bool) -> None:
    if erase and (undo or no_publish):
        raise ConfigError("erase-options", value="--undo" if undo else "--no-publish")


def _myself() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name
        return "?"


def _carry_out(
    workspace: Workspace, act: Callable[[Store], dict[str, Any]], facts: dict[str, Any], key: str, *, publish: bool, beside: bool,
    as_json: bool,
) -> int:  # fmt: skip
    """The decision and the publication that follows from it, under one lease. `beside`: the decision may also be made while a run is at
    work, whose generation then follows it.
    """
    busy = ""
    if facts["dry_run"]:
        told = act(workspace.reading)
    else:
        store = workspace.store
        publish = publish and store.generation() is not None
        if publish or (facts["erased"] and store.generation() is not None):
            Catalog(workspace.config.catalog, "").require_license()
        try:
            with leased(store):
                told = act(store)
                if publish:
                    told["made"] = publish_now(workspace.config, store)
        except Busy as other:
            busy = str(other)
            if not beside:
                workspace.err.print(text("busy", holder=busy))
                return BUSY
            told = act(store)
    made: Generation | None = told.pop("made", None)
    if as_json:
        show.print_json({**told, **facts, "published": made.as_dict() if made else None, "busy": busy})
        return 0
    words = {**facts, **told, "what": told.get("iri") or told.get("member"), "sources": ", ".join(told["sources"]) or "-"}
    workspace.out.print(text(f"{key}.{'would' if facts['dry_run'] else 'done'}", **words))
    if facts["erased"]:
        _tell_erased(workspace, told)
    if made:
        show.generation(workspace.out, made)
    elif busy:
        workspace.err.print(text("withdraw.later", holder=busy))
    return 0


# erasing


def _erase(workspace: Workspace, store: Store, rows: Sequence[ErasureRow], what: str, person: str, dry: bool) -> dict[str, Any]:
    """Lists, publishes without it, clears, writes the protocol; in this order each step may be the last one, and the command be given
    again: what is on the list stays out and is cleared at the latest by the next round.
    """
    public = workspace.folder / "public"
    iris = sorted({row.iri for row in rows if row.iri})
    made: Generation | None = None
    plan = erasure.plan(store, Erased(rows))
    if dry:
        pages, look_at = erased_pages.holding(public, plan.iris)
    else:
        erasure.agree(store, workspace.folder / erasure.LIST, rows)
        made = publish_now(workspace.config, store) if store.generation() is not None else None
        links = plan.links  # those that are used no more are gone with the publication
        plan = erasure.plan(store, Erased(rows))
        plan.links = links
        erasure.clear(store, plan)
        pages, look_at = erased_pages.holding(public, plan.iris, (store.generation() or (0,))[0])
        erased_pages.forget(pages)
        erasure.compact(store)
    cleared = {**plan.counts(), "generations": len(pages)}
    asides = [str(path) for path in [*look_at, *_asides(store)]]
    told: dict[str, Any] = {"iris": iris, "cleared": cleared, "look_at": asides, "protocol": "", "made": made}
    if not dry:
        told["protocol"] = str(_protocol(workspace.folder, what, iris, cleared, asides, person).relative_to(workspace.folder))
    return told


def _asides(store: Store) -> list[Path]:
    """Databases that a restore put aside: they may still hold it."""
    path = store.path
    return sorted(path.parent.glob(f"{path.name}{_ASIDE}*")) if path else []


def _protocol(folder: Path, what: str, iris: Sequence[str], cleared: dict[str, int], asides: Sequence[str], person: str) -> Path:
    """What was cleared, by whom and when, in German and without any content; for the files of the office."""
    at = clock.stamp()
    target = folder / "protocols" / f"erase-{at.replace('-', '').replace(':', '')}.txt"
    number = 2
    while target.exists():
        target = target.with_stem(f"{target.stem.partition('_')[0]}_{number}")
        number += 1
    counted = "\n".join(f"  {TEXTS[f'erased.{name}'][0]}: {count}" for name, count in cleared.items())
    listed = "\n".join(f"  {iri}" for iri in iris) or "  -"
    aside = "\n".join(f"  {path}" for path in asides) or "  -"
    words = TEXTS["erase.protocol"][0].format(what=what, at=at, person=person, counted=counted, iris=listed, asides=aside)
    try:
        target.parent.mkdir(exist_ok=True)
        target.write_text(words, encoding="utf-8")
    except OSError as error:
        raise ConfigError("not-writable", value=str(target), detail=error.strerror or str(error)) from error
    return target


def _tell_erased(workspace: Workspace, told: dict[str, Any]) -> None:
    for name, count in told["cleared"].items():
        workspace.out.print(show.indented(f"{text(f'erased.{name}')}: {count}"))
    if told["look_at"]:
        workspace.out.print(text("erase.look_at", files=", ".join(told["look_at"])))
    if told["protocol"]:
        workspace.out.print(text("erase.protocol_at", path=told["protocol"]))
