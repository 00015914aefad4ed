"""The file of pairs: which new identifier follows which former one, proposed by us, decided by a person, adopted with `release`.

CSV in UTF-8 (with the mark that spreadsheets look for; commas, or semicolons as German spreadsheets save it) with the columns old, new,
match (sure, proposed, none), old_title, new_title, iri. A line with both identifiers is a pair, whatever the other columns say, which are
for the reader; where it is none, new is emptied. New ones without a pair stand at the end, with an empty old, to be cut and pasted.
"""

import csv
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import orjson

from federation.config import FederationConfig, Source
from federation.errors import ConfigError
from federation.harvest.connector import connector, options_of
from federation.store.store import Store
from federation.sync import decisions, renames
from federation.sync.decisions import Held
from federation.sync.deletions import DATASET_KINDS
from federation.sync.pipeline import Pipeline

COLUMNS = ("old", "new", "match", "old_title", "new_title", "iri")


class Line(NamedTuple):
    """One line of the file; `match` is sure, proposed or none."""

    old: str
    new: str
    match: str
    old_title: str = ""
    new_title: str = ""
    iri: str = ""


def lines(store: Store, item: Held, titles: Mapping[str, str]) -> list[Line]:
    """What to pair of a held source: its absent datasets, those without a pair first, then the new ones that are left. `titles` by
    identifier.
    """
    pairs = renames.waiting_pairs(store, item.source, item.absent, item.new)
    known = store.known(item.source)
    datasets = {name for name in (*item.absent, *item.new) if name in known and known[name].kind in DATASET_KINDS}
    found = []
    for old in (name for name in item.absent if name in datasets):
        new = pairs.sure.get(old) or pairs.proposed.get(old, "")
        match = "sure" if old in pairs.sure else "proposed" if new else "none"
        found.append(Line(old, new, match, titles.get(old, ""), titles.get(new, ""), known[old].iri))
    given = {line.new for line in found}
    found += [Line("", new, "none", "", titles.get(new, "")) for new in item.new if new in datasets and new not in given]
    rank = {"none": 0, "proposed": 1, "sure": 2}

    def place(line: Line) -> tuple[bool, int, str, str, str]:
        return not line.old, rank[line.match], (line.old_title or line.new_title).casefold(), line.old, line.new

    return sorted(found, key=place)


def write(path: Path, found: list[Line]) -> None:
    """Writes the file. ConfigError where that cannot be done."""
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, lineterminator="\r\n")
            writer.writerow(COLUMNS)
            writer.writerows(found)
    except OSError as error:
        raise ConfigError("not-writable", value=str(path), detail=error.strerror or str(error)) from error


def read(path: Path, item: Held) -> dict[str, str]:
    """{former identifier: new identifier} as decided. ConfigError: pairs-unreadable, pairs-wrong (with the line)."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        head = text.partition("\n")[0]
        rows = list(csv.DictReader(text.splitlines(), delimiter=max(",;\t", key=head.count), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError("pairs-unreadable", file=str(path), reason=str(error)) from error
    if not {"old", "new"} <= set(rows[0] if rows else ()):
        raise ConfigError("pairs-unreadable", file=str(path), reason=head.strip()[:200] or "-")
    pairs: dict[str, str] = {}
    absent, new, given = set(item.absent), set(item.new), set[str]()
    for number, row in enumerate(rows, 2):
        old, follower = (str(row[name] or "").strip() for name in ("old", "new"))
        if not old or not follower:
            continue
        for value, known, used, what in ((old, absent, pairs, "absent"), (follower, new, given, "new")):
            if value not in known or value in used:
                reason = f"twice ({what})" if value in known else f"not {what}"
                raise ConfigError("pairs-wrong", file=str(path), line=str(number), value=value, reason=reason)
        pairs[old] = follower
        given.add(follower)
    return pairs


def release(
    config: FederationConfig, store: Store, source: Source, pairs: Mapping[str, str] | None, *, dry: bool = False
) -> tuple[Held, int]:
    """Releases a held source: first new records take over the addresses of those that they follow (`pairs`; without, the sure ones), then
    the rest as `decisions.release` does. What was held, without the pairs, and how many there were. ConfigError where nothing is held.
    """
    item = decisions.of(store, source.id)
    if pairs is None:
        pairs = renames.waiting_pairs(store, source.id, item.absent, item.new).sure
    rest = replace(item, absent=[name for name in item.absent if name not in pairs],
                   new=[name for name in item.new if name not in set(pairs.values())])  # fmt: skip
    if not dry:
        if pairs:
            member = next((each for each in config.members if each.id == source.member), None)
            pipeline = Pipeline(config, member, source, connector(source.connector), options_of(source))
            renames.adopt(store, pipeline, pairs, item.run)
            renames.follow(store, pipeline, rest.new, item.run)
            store.set_source(source.id, held=orjson.dumps(rest.as_dict()).decode())
        decisions.release(store, source.id)
    known = store.known(source.id)
    return rest, sum(1 for name in pairs if name in known and known[name].kind in DATASET_KINDS)
