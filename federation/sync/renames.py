"""Renames: the same dataset under another identifier, after a mass rename, another connector or a move of the portal.

What was public and is absent, and what came new, are paired by their match keys, the surest first. A key counts only where it belongs to
exactly one absent, one new and no other record of the source: a tie is never guessed. A paired new record takes over the public IRI.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from federation.config import Source
from federation.finding import Finding
from federation.harvest.connector import Record
from federation.store.rows import BodyRow, Known, RecordRow
from federation.store.store import Store
from federation.sync.deletions import DATASET_KINDS, PUBLIC_STATES, Verdict, judge
from federation.sync.identity import OWN
from federation.sync.pipeline import PUBLIC_KINDS, Pipeline
from federation.terms import Term, iri

FORMER = "former:"  # before a former identifier among the match keys of a record
ENOUGH = 0.9  # share of the absent that has to be paired for a mass rename to pass without a person
_SURE = ("iri", "identifier", "adms", "page", "access", "name", "title")
_PROPOSED = ("like-title", "like-name")
_AT_ONCE = 200
_REFERENCE = re.compile(rb" (<[^>]*>) \.$", re.MULTILINE)


class Entity(NamedTuple):
    """What is known of a record for pairing: its kind, its address (public, or the source's own), its stored match keys."""

    kind: str
    iri: str
    keys: Collection[str]


class Pairs(NamedTuple):
    """Former identifier -> new identifier: `sure` ones, and `proposed` ones for a person to decide on."""

    sure: dict[str, str]
    proposed: dict[str, str]


def pair(absent: Mapping[str, Entity], new: Mapping[str, Entity], taken: Collection[str] = ()) -> Pairs:
    """Pairs records by identifier. `taken` are keys (as `keys` gives them) of records that are still listed: they decide nothing."""
    had = {name: list(keys(name, entity)) for name, entity in absent.items()}
    has = {name: list(keys(name, entity)) for name, entity in new.items()}
    olds, news = _by_key(had), _by_key(has)
    sure: dict[str, str] = {}
    proposed: dict[str, str] = {}
    given: set[str] = set()
    for way in _SURE:
        for old, found, key in _matches(olds.get(way, {}), news.get(way, {}), taken):
            if old in sure or found in given or absent[old].kind != new[found].kind:
                continue
            if _telling(key) or _confirmed(key, set(had[old]) & set(has[found])):
                sure[old] = found
                given.add(found)
            else:
                proposed.setdefault(old, found)
    for old, found in _records_about(sure, absent, new, had, has):
        sure[old] = found
        given.add(found)
    had = {name: list(_alike(had[name])) for name in absent if name not in sure and name not in proposed}
    has = {name: list(_alike(has[name])) for name in new if name not in given}
    olds, news = _by_key(had), _by_key(has)
    for way in _PROPOSED:
        for old, found, _ in _matches(olds.get(way, {}), news.get(way, {}), ()):
            if absent[old].kind == new[found].kind:
                proposed.setdefault(old, found)
    return Pairs(sure, _once({old: found for old, found in proposed.items() if old not in sure and found not in given}))


def keys(name: str, entity: Entity) -> Iterator[str]:
    """Every key of a record, each "way:text". Its identifier and its address are keys, too, and so is what they end in."""
    yield f"iri:{name}" if name.startswith(("http://", "https://")) else f"identifier:{name}"
    end = _end(name)
    if end:
        yield f"name:{end}"
    if entity.iri and entity.iri != name:
        yield f"iri:{entity.iri}"
        other = _end(entity.iri)
        if other and other != end:
            yield f"name:{other}"
    for key in entity.keys:
        yield f"iri:{key.removeprefix(OWN)}" if key.startswith(OWN) else key


def _records_about(
    sure: Mapping[str, str], absent: Mapping[str, Entity], new: Mapping[str, Entity],
    had: Mapping[str, Collection[str]], has: Mapping[str, Collection[str]],
) -> list[tuple[str, str]]:  # fmt: skip
    """Pairs of catalog records: what they are about was paired."""
    now = {key.removeprefix("iri:"): new[found].iri for old, found in sure.items() for key in had[old] if key.startswith("iri:")}
    topics = _by_key({name: said for name, said in had.items() if absent[name].kind == "record"}).get("topic", {})
    others = _by_key({name: said for name, said in has.items() if new[name].kind == "record"}).get("topic", {})
    found = ((old, others.get(f"topic:{now.get(key.removeprefix('topic:'), '')}")) for key, old in topics.items())
    return [(old, other) for old, other in found if old and other and old not in sure]


def _alike(said: Iterable[str]) -> Iterator[str]:
    """Keys that others of the same look share."""
    for key in said:
        way, _, text = key.partition(":")
        if way == "name":
            yield f"like-name:{_like(_unnumbered(text))}"
        elif way == "title":
            yield f"like-title:{_like(text)}"


def _by_key(said: Mapping[str, Iterable[str]]) -> dict[str, dict[str, str | None]]:
    """{way: {key: identifier, None where several have it}}."""
    found: dict[str, dict[str, str | None]] = {}
    for name, own in said.items():
        for key in dict.fromkeys(own):
            index = found.setdefault(key[: key.index(":")], {})
            index[key] = None if key in index else name
    return found


def _matches(olds: Mapping[str, str | None], news: Mapping[str, str | None], taken: Collection[str]) -> Iterator[tuple[str, str, str]]:
    """(old, new, key) where a key leads from one to one; not where the keys of this way lead from one record to several."""
    there: dict[str, tuple[set[str], str]] = {}
    back: dict[str, set[str]] = {}
    for key, old in olds.items():
        new = news.get(key)
        if old is not None and new is not None and key not in taken:
            there.setdefault(old, (set(), key))[0].add(new)
            back.setdefault(new, set()).add(old)
    for old, (found, key) in there.items():
        if len(found) == 1:
            (new,) = found
            if len(back[new]) == 1:
                yield old, new, key


def _once(proposed: dict[str, str]) -> dict[str, str]:
    """Without those where two olds are proposed for one new."""
    count: dict[str, int] = {}
    for new in proposed.values():
        count[new] = count.get(new, 0) + 1
    return {old: new for old, new in proposed.items() if count[new] == 1}


def _telling(key: str) -> bool:
    """Whether a key alone is proof: "17" is the seventeenth of any portal."""
    way, _, text = key.partition(":")
    return way in ("iri", "page", "access", "title") or (len(text) >= 8 and not text.isdecimal())


def _confirmed(key: str, shared: Collection[str]) -> bool:
    """Whether something else than what a key says is shared, too."""
    text = key.partition(":")[2].casefold()
    others = (each.partition(":") for each in shared)
    return any(way in _SURE and other.casefold() != text for way, _, other in others)


def _end(iri: str) -> str:
    """The last part of an address (of a text without slashes: all of it), lower case."""
    if "?" in iri or "#" in iri:
        iri = urlsplit(iri).path
    end = iri.rstrip("/").rpartition("/")[2].casefold()
    return unquote(end) if "%" in end else end


def _like(text: str) -> str:
    """A text without case, accents, umlauts (ä, ae and a are one) and all that is no letter or digit."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    for pair_, one in (("ae", "a"), ("oe", "o"), ("ue", "u")):
        plain = plain.replace(pair_, one)
    return "".join(letter for letter in plain if letter.isalnum())


def _unnumbered(name: str) -> str:
    """A name without the digest that some portals hang on to make it unique ("wanderkarte-99a22ff0")."""
    start, _, end = name.rpartition("-")
    return start if start and len(end) == 8 and all(letter in "0123456789abcdef" for letter in end) else name


def entities(store: Store, source: str, names: Iterable[str]) -> dict[str, Entity]:
    """What pairing asks for of stored records; those that are no public kind are left out."""
    known, stored = store.known(source), store.match_keys(source)
    rows = ((name, known[name]) for name in names if name in known)
    return {name: Entity(row.kind, row.iri, stored.get(name, ())) for name, row in rows if row.kind in PUBLIC_KINDS}


def waiting_pairs(store: Store, source: str, absent: Iterable[str], new: Iterable[str]) -> Pairs:
    """The pairs among what a held source's last run missed and what waits."""
    olds, news = entities(store, source, absent), entities(store, source, new)
    listed = entities(store, source, [name for name, row in store.known(source).items()
                                      if row.state in ("live", "rejected") and name not in olds and name not in news])  # fmt: skip
    return pair(olds, news, {key for name, entity in listed.items() for key in keys(name, entity)})


class Renaming:
    """Of one source in one run: what came new, and whom it follows. `first` are identifiers that no run brought before, `followed` absent
    records whose IRI another listed record has already.
    """

    def __init__(self, source: Source, known: Mapping[str, Known]) -> None:
        self.pairs = Pairs({}, {})
        self.first: set[str] = set()
        self.followed: set[str] = set()
        self._source = source
        self._public = any(_is_public(row) for row in known.values())
        self._came: dict[str, Entity] = {}
        self._new_datasets = 0
        self._found = False

    def came(self, name: str, entity: Entity, *, first: bool) -> None:
        """A record that waits to go live."""
        if self._public:
            self._came[name] = entity
            if first:
                self.first.add(name)

    def find(
        self, absent: Collection[str], known: Mapping[str, Known], seen: Collection[str], new: Collection[str],
        stored: Callable[[str], Collection[str]],
    ) -> None:  # fmt: skip
        """Pairs, once, when all is read. `stored` gives the match keys of a known record."""
        if self._found:
            return
        self._found = True
        absent = [name for name in absent if _is_public(known[name])]
        public = {row.iri for name, row in known.items() if name in seen and (_is_public(row) or row.state == "gone")}
        self.followed = {name for name in absent if known[name].iri in public}
        news = {name: self._came.get(name) or Entity(known[name].kind, known[name].iri, stored(name)) for name in new
                if name in self._came or name in known}  # fmt: skip
        olds = {name: Entity(known[name].kind, known[name].iri, stored(name)) for name in absent if name not in self.followed}
        self._new_datasets = sum(1 for entity in news.values() if entity.kind in DATASET_KINDS)
        if news and olds:
            self.pairs = pair(olds, news, {
                key for name, row in known.items() if name in seen and name not in news and _is_public(row)
                for key in keys(name, Entity(row.kind, row.iri, stored(name)))
            })  # fmt: skip

    def judged(self, verdict: Verdict, known: Mapping[str, Known], seen: Collection[str], listed: int) -> Verdict:
        """The verdict on a whole listing, where what came under another identifier is not lost. Should much be absent at once and be
        paired in part only, though as much came, a person pairs the rest.
        """
        sure = self.pairs.sure
        if verdict.reason not in ("", "listing-lost-too-many"):
            return verdict
        lost = [name for name in verdict.absent if known[name].kind in DATASET_KINDS]
        found = sum(1 for name in lost if name in sure or name in self.followed)
        came = self._new_datasets
        if verdict.outcome == "held" and found < ENOUGH * len(lost):
            if 2 * came < len(lost):
                return verdict
            return replace(verdict, reason="listing-renamed", params={**verdict.params, "paired": str(found), "new": str(came)})
        again = judge(self._source, known, {*seen, *sure, *self.followed}, listed, "")
        return again if again.outcome == "done" else replace(again, absent=verdict.absent)


def _is_public(row: Known) -> bool:
    return row.kind in PUBLIC_KINDS and row.state in PUBLIC_STATES and row.body is not None


def kept(known: Mapping[str, Known], stored: Mapping[str, Collection[str]]) -> dict[Term, Term]:
    """{the IRI that the source uses: the public IRI} of the records that keep another."""
    return {
        iri(key.removeprefix(OWN)): iri(known[name].iri)
        for name, said in stored.items() if name in known for key in said if key.startswith(OWN)
    }  # fmt: skip


def adopt(store: Store, pipeline: Pipeline, pairs: Mapping[str, str], run: int) -> None:
    """New records take over the public IRIs of former ones: each is prepared again from its raw bytes under that IRI, and is live; the
    former record ends. The IRI stays public throughout, so the change log knows no deletion.
    """
    source = pipeline.source.id
    known, stored = store.known(source), store.match_keys(source)
    todo = [(old, new) for old, new in pairs.items() if old in known and new in known]
    pipeline.kept = kept(known, stored) | {iri(known[new].iri): iri(known[old].iri) for old, new in todo}
    for start in range(0, len(todo), _AT_ONCE):
        rows: list[RecordRow] = []
        bodies: list[BodyRow] = []
        findings: dict[tuple[str, str], list[Finding]] = {}
        part = todo[start : start + _AT_ONCE]
        for old, new in part:
            former = [key for key in stored.get(old, ()) if key.startswith(FORMER)]
            row, body, found = _adopted(store, pipeline, old, new, known[old].iri, former)
            rows.append(row)
            bodies.append(body)
            findings[source, new] = found
        store.write_batch(rows, bodies, findings, (), run)
        store.set_states(source, [old for old, _ in part], state="gone", missing_runs=0, run=run)


def follow(store: Store, pipeline: Pipeline, names: Iterable[str], run: int) -> None:
    """Prepares again those of some records that refer to what was adopted: series, catalog records, services and what is related."""
    source = pipeline.source.id
    own = {term.encode() for term in pipeline.kept}
    for name in names:
        row = store.record(source, name)
        body = store.body(row.body) if row and row.body else None
        if row is None or body is None or own.isdisjoint(_REFERENCE.findall(body.nt)):
            continue
        prepared = pipeline.prepare(Record(name, row.kind, row.raw or b"", row.stamp), row.iri)
        match_keys = [*prepared.match_keys, *(key for key in row.match_keys if key.startswith(FORMER))]
        again = row._replace(body=prepared.digest, changes=prepared.description.changes, raw=None, match_keys=match_keys)
        store.write_batch([again], [prepared.body()], {}, (), run)


def _adopted(
    store: Store, pipeline: Pipeline, old: str, new: str, public: str, former: list[str]
) -> tuple[RecordRow, BodyRow, list[Finding]]:
    source = pipeline.source.id
    row = store.record(source, new)
    assert row is not None
    prepared = pipeline.prepare(Record(new, row.kind, row.raw or b"", row.stamp), public)
    found = [*prepared.findings, former_name(old)]
    told = {(one.code, one.field, one.value) for one in found}
    # What split found is not found again by preparing; that the former record has the same identifier is no finding any more.
    found += [
        one for one in (each.finding() for each in store.findings(source, identifier=new))
        if (one.code, one.field, one.value) not in told and not (one.code == "identifier-twice" and one.params.get("other") == old)
    ]  # fmt: skip
    adopted = row._replace(
        iri=prepared.iri, body=prepared.digest, changes=prepared.description.changes, state="live", missing_runs=0,
        map_version=pipeline.map_version, raw=None, match_keys=[*prepared.match_keys, *former, FORMER + old],
    )  # fmt: skip
    return adopted, prepared.body(), found


def former_name(identifier: str) -> Finding:
    """Tells under which identifier the source listed a record before."""
    return Finding("record-renamed", value=identifier)
