"""Renames: the same dataset under another identifier keeps its public address; what cannot be told waits for a person."""

import csv
import gzip
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from federation.publish.generation import Generation
from federation.store import tables
from federation.sync.renames import Entity, pair
from tests.ckan_server import Portal, ckan, package
from tests.command import do
from tests.loopback import serve
from tests.region import HEAD, Region, dataset, feed, turtle
from tests.shared import shared

BASE = "https://stadt.example/dataset/"


def titled(title: str, *keys: str, kind: str = "dataset", iri: str = "") -> Entity:
    return Entity(kind, iri, [*keys, f"title:{title}"])


# pairing


def test_the_surest_key_decides() -> None:
    old = {"a": titled("Bäume", "identifier:stadt-baeume-1"), "b": titled("Wege", "identifier:stadt-wege-22")}
    new = {"x": titled("Wege", "identifier:stadt-baeume-1"), "y": titled("Bäume", "identifier:stadt-wege-22")}
    assert pair(old, new).sure == {"a": "x", "b": "y"}


def test_ties_are_never_guessed() -> None:
    old = {"a": titled("Haushalt"), "b": titled("Haushalt"), "c": titled("Wege")}
    new = {"x": titled("Haushalt"), "y": titled("Haushalt"), "z": titled("Wege")}
    assert pair(old, new).sure == {"c": "z"}
    assert pair(old, new).proposed == {}


def test_a_key_of_a_dataset_that_is_still_listed_proves_nothing() -> None:
    assert pair({"a": titled("Haushalt")}, {"x": titled("Haushalt")}, {"title:Haushalt"}).sure == {}


def test_a_dataset_is_no_series_and_no_service() -> None:
    assert pair({"a": titled("Haushalt")}, {"x": titled("Haushalt", kind="series")}).sure == {}


def test_a_bare_number_is_no_proof_unless_something_else_agrees() -> None:
    old = {"17": titled("Bäume"), "18": titled("Wege", "access:abc")}
    new = {"https://neu.example/17": titled("Haltestellen"), "https://neu.example/18": titled("Wege und Straßen", "access:abc")}
    pairs = pair(old, new)
    assert pairs.sure == {"18": "https://neu.example/18"}
    assert pairs.proposed == {"17": "https://neu.example/17"}


def test_names_that_only_look_alike_are_proposed() -> None:
    old = {"20-grüne-hauptwege-wanderkarte-wfs": titled("Hauptwege [WFS]")}
    new = {"20-grune-hauptwege-wanderkarte-wfs-99a22ff0": titled("Die Hauptwege")}
    assert pair(old, new).sure == {}
    assert pair(old, new).proposed == {"20-grüne-hauptwege-wanderkarte-wfs": "20-grune-hauptwege-wanderkarte-wfs-99a22ff0"}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 6)), max_size=12), st.data())
def test_pairs_are_one_to_one_and_do_not_depend_on_the_order(rows: list[tuple[int, int, int]], data: Any) -> None:
    half = len(rows) // 2

    def made(part: list[tuple[int, int, int]], start: str) -> dict[str, Entity]:
        return {f"{start}-{n}": titled(f"T{t}", f"identifier:kennung-{i}", f"page:p{p}") for n, (i, p, t) in enumerate(part)}

    old, new = made(rows[:half], "old"), made(rows[half:], "new")
    pairs = pair(old, new)
    for found in pairs:
        assert max(Counter(found.values()).values(), default=1) == 1
    assert not set(pairs.sure) & set(pairs.proposed)
    assert not set(pairs.sure.values()) & set(pairs.proposed.values())
    assert pair(dict(data.draw(st.permutations(list(old.items())))), dict(data.draw(st.permutations(list(new.items()))))) == pairs
    assert {new: old for old, new in pairs.sure.items()} == pair(new, old).sure


def test_fifty_thousand_records_are_paired_in_about_a_second() -> None:
    old = {f"alt-{n}": titled(f"Titel {n}", f"access:{n}") for n in range(25_000)}
    new = {f"neu-{n}": titled(f"Titel {n}", f"access:{n}") for n in range(25_000)}
    began = time.process_time()
    assert len(pair(old, new).sure) == 25_000
    assert time.process_time() - began < 3


# a mass rename in CKAN


def berlin(number: int) -> list[tuple[str, str]]:
    """Former and new names of the migration of the Berlin portal in 2024."""
    with gzip.open(shared("corpus/ckan-api/berlin_dataset_renames_2024.csv.gz"), "rt", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    return [(old, new) for old, new in rows[:: max(1, len(rows) // number)]][:number]


def named(name: str, number: int, **fields: Any) -> dict[str, Any]:
    """A package that has no other id than its name."""
    return package(number, id=name, name=name, **fields)


def operations(region: Region) -> list[Counter[str]]:
    """How many entries were created, updated and deleted in each generation."""
    with region.open() as store:
        changes = store.changes(limit=100_000)
    counts = [Counter(change.kind for change in changes if change.generation == number) for number in {row.generation for row in changes}]
    return [count for count in counts if count]


def made(generation: Generation | None) -> Generation:
    assert generation is not None
    return generation


@pytest.fixture
def region(tmp_path: Path) -> Region:
    return Region(tmp_path / "region")


@pytest.fixture
def portal() -> Iterator[Portal]:
    with ckan() as running:
        yield running


def test_the_berlin_renames_all_at_once_keep_every_public_address(region: Region, portal: Portal) -> None:
    names = berlin(150)
    portal.add(*(named(old, n) for n, (old, _) in enumerate(names)))
    region.member("berlin", portal.url, connector="ckan")
    assert region.sync().runs[0].counts.new == 150
    before = region.public()
    portal.packages.clear()
    portal.add(*(named(new, n) for n, (_, new) in enumerate(names)))
    outcome = region.sync()
    run = outcome.runs[0]
    assert (run.outcome, run.reason) == ("done", "")
    assert (run.counts.new, run.counts.changed, run.counts.missing, run.counts.gone) == (0, 150, 0, 0)
    assert region.public() == before
    assert (made(outcome.generation).created, made(outcome.generation).deleted) == ([], [])
    assert operations(region) == [Counter(create=150), Counter(update=150)]
    states = region.states("berlin")
    assert {states[new] for _, new in names} == {"live"}
    assert {states[old] for old, _ in names} == {"gone"}
    rows = region.rows(("record", "item", "change", "generation", "body"))
    assert region.sync().runs[0].counts.unchanged == 150
    assert region.rows(("record", "item", "change", "generation", "body")) == rows
    assert "identifier-twice" not in region.codes("berlin")


def test_the_story_of_a_renamed_dataset_tells_its_former_identifier_and_its_own_address(region: Region, portal: Portal) -> None:
    portal.add(*(named(f"alt-{n}", n) for n in range(3)))
    region.member("stadt", portal.url, connector="ckan")
    region.sync()
    portal.packages.clear()
    portal.add(*(named(f"neu-{n}", n) for n in range(3)))
    region.sync()
    public = f"{portal.url}/dataset/alt-1"
    stories = do(region, "why", public, "--json", lang="de").json()
    (story,) = [each for each in stories if each["state"] == "live"]
    assert story["identifier"] == "neu-1"
    assert "alt-1" in [each["value"] for each in story["findings"] if each["code"] == "record-renamed"]
    kept = [each for each in story["changes"] if each["rule"] == "iri-kept"]
    assert kept[0]["added"] == [[f"<{public}>", "<http://www.w3.org/2002/07/owl#sameAs>", f"<{portal.url}/dataset/neu-1>"]]
    assert f"owl:sameAs <{portal.url}/dataset/neu-1>" in region.export().decode()
    portal.change("neu-1", title="Neuer Titel")
    region.sync()
    assert "Neuer Titel" in region.export().decode()
    assert "record-renamed" in region.codes("stadt")
    assert {f"{portal.url}/dataset/alt-{n}" for n in range(3)} == region.public()


def test_one_renamed_dataset_among_many_keeps_its_address(region: Region) -> None:
    with serve({"/feed.ttl": turtle(feed(*"abcdef"))}) as server:
        region.member("stadt", f"{server.url}/feed.ttl")
        region.sync()
        renamed = dataset("neu", "f").replace('dct:identifier "neu"', 'dct:identifier "f"')
        server.routes["/feed.ttl"] = turtle(HEAD + "".join(map(dataset, "abcde")) + renamed)
        run = region.sync().runs[0]
        assert (run.outcome, run.counts.missing, run.counts.new) == ("done", 0, 0)
        assert region.public() == {BASE + name for name in "abcdef"}
        assert operations(region)[1:] == [Counter(update=1)]


def test_names_that_go_back_to_what_they_were_keep_the_address_too(region: Region, portal: Portal) -> None:
    packages = {start: [named(f"{start}-{n}", n) for n in range(5)] for start in ("alt", "neu")}
    portal.add(*packages["alt"])
    region.member("stadt", portal.url, connector="ckan")
    region.sync()
    before = region.public()
    for start in ("neu", "alt", "neu", "neu"):
        portal.packages.clear()
        portal.add(*packages[start])
        run = region.sync().runs[0]
        assert (run.outcome, run.counts.missing, run.counts.new, run.counts.gone) == ("done", 0, 0, 0), start
        assert region.public() == before
    assert all("delete" not in count and "create" not in count for count in operations(region)[1:])


# another connector, another host


def test_a_source_that_changes_from_a_feed_to_the_ckan_behind_it_keeps_its_addresses(region: Region, portal: Portal) -> None:
    numbers = range(12)
    portal.add(*(package(n) for n in numbers))
    ids = {n: package(n)["id"] for n in numbers}
    datasets = "".join(
        f'<{portal.url}/dataset/{ids[n]}> a dcat:Dataset ; dct:title "Datensatz {n}" ; dct:description "Beschreibung." ; '
        f'dct:identifier "{ids[n]}" ; dcat:distribution [ a dcat:Distribution ; dcat:accessURL <https://daten.example/d{n:04d}.csv> ] .\n'
        for n in numbers
    )
    with serve({"/catalog.ttl": turtle(HEAD + datasets)}) as server:
        region.member("stadt", f"{server.url}/catalog.ttl")
        region.sync()
        before = region.public()
        region.member("stadt", portal.url, connector="ckan")
        run = region.sync().runs[0]
        assert (run.outcome, run.counts.missing, run.counts.new) == ("done", 0, 0)
        assert region.public() == before
        assert "delete" not in operations(region)[-1]
        with region.open() as store:
            row = store.source("stadt")
            assert row is not None
            with store.read() as connection:  # the pages of the former feed are not kept
                assert set(connection.execute(select(tables.response.c.feed)).scalars()) == {row.feed}


def test_a_portal_that_moves_to_another_host_with_new_software_keeps_its_addresses(region: Region) -> None:
    with serve({"/alt.ttl": turtle(feed(*(f"datensatz-{n}" for n in range(20))))}) as server:
        region.member("stadt", f"{server.url}/alt.ttl")
        region.sync()
        before = region.public()
        moved = "".join(dataset(f"datensatz-{n}", city="https://daten.stadt.example") for n in range(20))
        server.routes["/neu.ttl"] = turtle(HEAD + moved)
        region.member("stadt", f"{server.url}/neu.ttl")
        run = region.sync().runs[0]
        assert (run.outcome, run.counts.missing, run.counts.new) == ("done", 0, 0)
        assert region.public() == before
        assert operations(region)[-1] == Counter(update=20)


# what cannot be told


def test_equal_titles_without_anything_else_wait_for_a_person(region: Region, portal: Portal) -> None:
    def several(start: str) -> list[dict[str, Any]]:
        return [named(f"{start}-{n}", n, title="Haushalt", resources=[]) for n in range(8)]

    portal.add(*several("alt"))
    region.member("stadt", portal.url, connector="ckan")
    region.sync()
    before = region.public()
    portal.packages.clear()
    portal.add(*several("neu"))
    outcome = region.sync()
    assert (outcome.runs[0].outcome, outcome.runs[0].reason, outcome.exit_code) == ("held", "listing-renamed", 4)
    assert region.public() == before
    assert operations(region)[1:] == []


def half_told(region: Region, portal: Portal) -> set[str]:
    """Ten packages under new names, of which four cannot be recognised and one only looks alike."""
    portal.add(*(named(f"bericht-{n}", n) for n in range(10)))
    region.member("stadt", portal.url, connector="ckan")
    region.sync()
    before = region.public()
    portal.packages.clear()
    portal.add(*(named(f"neu-{n}", n) for n in range(5)))
    portal.add(named("bericht-5-0a1b2c3d", 5, title="Anders 5", resources=[]))
    portal.add(*(named(f"neu-{n}", n, title=f"Ganz anders {n}", resources=[]) for n in range(6, 10)))
    run = region.sync().runs[0]
    assert (run.outcome, run.reason, run.params["paired"], run.params["new"]) == ("held", "listing-renamed", "5", "10")
    assert run.counts.held == 10
    assert region.public() == before
    return before


def test_a_mass_rename_that_is_paired_in_part_is_held_with_the_list_to_pair(region: Region, portal: Portal, tmp_path: Path) -> None:
    before = half_told(region, portal)
    (item,) = do(region, "held", "--json", code=4).json()
    lines = {line["old"] or line["new"]: line for line in item["pairs"]}
    assert (lines["bericht-2"]["new"], lines["bericht-2"]["match"]) == ("neu-2", "sure")
    assert (lines["bericht-5"]["new"], lines["bericht-5"]["match"]) == ("bericht-5-0a1b2c3d", "proposed")
    assert (lines["bericht-7"]["new"], lines["bericht-7"]["match"]) == ("", "none")
    assert (lines["neu-7"]["old"], lines["neu-7"]["new_title"]) == ("", "Ganz anders 7")
    assert "5 sure, 1 proposed, 4 open" in do(region, "held", "stadt", code=4).said

    file = tmp_path / "zuordnung.csv"
    do(region, "held", "stadt", "--pairs", file, code=4)
    rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    for row in rows:
        if row["old"] in ("bericht-6", "bericht-7"):
            row["new"] = row["old"].replace("bericht", "neu")
        if row["old"] == "bericht-5":
            row["new"] = ""
    with file.open("w", encoding="utf-8-sig", newline="") as out:  # as a German spreadsheet saves it
        writer = csv.DictWriter(out, rows[0], delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    rest = region.rows()
    assert "7 datasets" in do(region, "release", "stadt", "--pairs", file, "--dry-run").said
    assert region.rows() == rest
    assert "7 datasets" in do(region, "release", "stadt", "--pairs", file).said
    kept = {f"{portal.url}/dataset/bericht-{n}" for n in (0, 1, 2, 3, 4, 6, 7)}
    fresh = {f"{portal.url}/dataset/{name}" for name in ("bericht-5-0a1b2c3d", "neu-8", "neu-9")}
    assert region.public() == kept | fresh
    assert kept < before
    assert operations(region)[-1] == Counter(update=7, create=3, delete=3)
    assert do(region, "held").json is not None
    assert region.sync().runs[0].outcome == "done"
    assert region.public() == kept | fresh


def test_release_without_a_file_keeps_the_addresses_of_the_sure_pairs(region: Region, portal: Portal) -> None:
    half_told(region, portal)
    do(region, "release", "stadt")
    assert {f"{portal.url}/dataset/bericht-{n}" for n in range(5)} < region.public()
    assert operations(region)[-1] == Counter(update=5, create=5, delete=5)


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("a,b\n1,2\n", "pairs-unreadable", "a,b"), ("", "pairs-unreadable", ""),
        ("old,new\nbericht-6,neu-6\nbericht-6,neu-7\n", "pairs-wrong", "line 3"),
        ("old,new\nbericht-6,neu-6\nbericht-7,neu-6\n", "pairs-wrong", "line 3"),
        ("old,new\nbericht-99,neu-6\n", "pairs-wrong", "bericht-99"), ("old,new\nbericht-6,bericht-7\n", "pairs-wrong", "line 2"),
    ],
)  # fmt: skip
def test_a_wrong_file_of_pairs_is_named_by_its_line_and_changes_nothing(
    region: Region, portal: Portal, tmp_path: Path, text: str, code: str, part: str
) -> None:
    half_told(region, portal)
    rows = region.rows()
    file = tmp_path / "pairs.csv"
    file.write_text(text, encoding="utf-8")
    said = do(region, "release", "stadt", "--pairs", file, code=2).said
    assert part.casefold() in said.casefold()
    assert region.rows() == rows


def test_many_that_vanish_while_few_come_are_a_loss_and_no_rename(region: Region) -> None:
    with serve({"/feed.ttl": turtle(feed(*(f"datensatz-{n}" for n in range(20))))}) as server:
        region.member("stadt", f"{server.url}/feed.ttl")
        region.sync()
        server.routes["/feed.ttl"] = turtle(feed("datensatz-0", "ganz-neu"))
        run = region.sync().runs[0]
        assert (run.outcome, run.reason) == ("held", "listing-lost-too-many")


def test_a_run_that_is_held_for_another_reason_adopts_nothing(region: Region, portal: Portal) -> None:
    portal.add(*(named(f"alt-{n}", n) for n in range(6)))
    region.member("stadt", portal.url, connector="ckan")
    region.sync()
    portal.packages.clear()
    portal.add(*(named(f"neu-{n}", n) for n in range(6)))
    portal.stale = 3
    assert region.sync().runs[0].outcome == "held"
    assert set(region.states("stadt").values()) == {"live", "new_held"}
    portal.stale = 0
    assert region.sync().runs[0].outcome == "done"
    assert region.public() == {f"{portal.url}/dataset/alt-{n}" for n in range(6)}


def test_a_dry_run_tells_of_a_rename_and_writes_nothing(region: Region, portal: Portal) -> None:
    portal.add(*(named(f"alt-{n}", n) for n in range(6)))
    region.member("stadt", portal.url, connector="ckan")
    region.sync()
    portal.packages.clear()
    portal.add(*(named(f"neu-{n}", n) for n in range(6)))
    rows = region.rows()
    run = region.sync(dry=True).runs[0]
    assert (run.outcome, run.counts.new, run.counts.changed, run.counts.missing) == ("done", 0, 6, 0)
    assert region.rows() == rows


def test_what_refers_to_a_renamed_dataset_follows_it_to_its_public_address(region: Region) -> None:
    def catalog(start: str) -> str:
        city = f"https://{start}.example"
        return HEAD + "".join(
            f'<{city}/reihe> a dcat:DatasetSeries ; dct:title "Reihe" .\n'
            + dataset(f"datensatz-{n}", extra=f"; dcat:inSeries <{city}/reihe>", city=city)
            + f"<{city}/eintrag/{n}> a dcat:CatalogRecord ; foaf:primaryTopic <{city}/dataset/datensatz-{n}> .\n" for n in range(4)
        )

    with serve({"/feed.ttl": turtle(catalog("alt"))}) as server:
        region.member("stadt", f"{server.url}/feed.ttl")
        region.sync()
        server.routes["/feed.ttl"] = turtle(catalog("neu"))
        assert region.sync().runs[0].outcome == "done"
        with region.open() as store:
            items = {row.iri: row for row in store.items()}
            bodies = {iri: store.body(row.body) for iri, row in items.items()}
            version = {row.map_version for row in store.known("stadt").values()}
        said = "\n".join(body.nt.decode() for body in bodies.values() if body)
        for n in range(4):
            assert f"primaryTopic> <https://alt.example/dataset/datensatz-{n}>" in said
            assert f"primaryTopic> <https://neu.example/dataset/datensatz-{n}>" not in said
        assert "inSeries> <https://alt.example/reihe>" in said
        assert "inSeries> <https://neu.example/reihe>" not in said
        assert len(version) == 1
        rows = region.rows(("record", "body", "item"))
        assert region.sync(full=True).runs[0].counts.changed == 0
        assert region.rows(("record", "body", "item")) == rows
        stories = do(region, "why", "https://alt.example/dataset/datensatz-1", "--json").json()
        (story,) = [each for each in stories if each["state"] == "live"]
        assert any("https://neu.example/reihe" in str(change["removed"]) for change in story["changes"])
