"""Sync: what a listing changes, and what it may never change."""

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from federation.errors import ConfigError
from tests.loopback import Cut, Server, serve
from tests.region import HEAD, Region, dataset, feed, turtle

BASE = "https://stadt.example/dataset/"


@pytest.fixture
def server() -> Iterator[Server]:
    with serve({"/feed.ttl": turtle(feed("a", "b", "c"))}) as running:
        yield running


@pytest.fixture
def region(tmp_path: Path, server: Server) -> Region:
    made = Region(tmp_path / "region")
    made.member("stadt", f"{server.url}/feed.ttl")
    return made


def test_a_first_run_brings_every_dataset_and_publishes_it(region: Region) -> None:
    outcome = region.sync()
    assert [run.outcome for run in outcome.runs] == ["done"]
    assert outcome.runs[0].counts.new == 3
    assert region.public() == {BASE + name for name in "abc"}
    assert outcome.exit_code == 0


def test_a_second_run_on_unchanged_input_writes_nothing(region: Region) -> None:
    region.sync()
    before, export = region.rows(), region.export()
    outcome = region.sync()
    assert outcome.runs[0].counts.unchanged == 3
    assert outcome.generation is not None
    assert not outcome.generation.made
    assert region.rows() == before
    assert region.export() == export


def test_the_same_triples_in_another_order_with_new_labels_change_nothing(region: Region, server: Server) -> None:
    region.sync()
    before, export = region.rows(("record", "item", "change", "generation")), region.export()
    triples = [str(triple) for triple in ox.parse(feed("a", "b", "c"), ox.RdfFormat.TURTLE)]
    assert any("_:" in triple for triple in triples)
    random.Random(4).shuffle(triples)
    server.routes["/feed.ttl"] = turtle(" .\n".join(triples).replace("_:", "_:other") + " .")
    outcome = region.sync()
    assert outcome.runs[0].counts.unchanged == 3
    assert region.rows(("record", "item", "change", "generation")) == before
    assert region.export() == export


def test_a_changed_dataset_is_updated_and_the_others_are_left_alone(region: Region, server: Server) -> None:
    region.sync()
    server.routes["/feed.ttl"] = turtle(HEAD + dataset("a") + dataset("b", "Neuer Titel") + dataset("c"))
    outcome = region.sync()
    counts = outcome.runs[0].counts
    assert (counts.changed, counts.unchanged) == (1, 2)
    assert outcome.generation is not None
    assert outcome.generation.updated == [BASE + "b"]
    assert "Neuer Titel" in region.export().decode()


def test_an_absent_dataset_stays_public_until_it_was_missing_in_enough_complete_runs(region: Region, server: Server) -> None:
    region.sync()
    server.routes["/feed.ttl"] = turtle(feed("a", "b"))
    for _ in range(2):
        outcome = region.sync()
        assert outcome.runs[0].counts.missing == 1
        assert region.states("stadt")[BASE + "c"] == "missing"
        assert BASE + "c" in region.public()
    outcome = region.sync()
    assert outcome.runs[0].counts.gone == 1
    assert region.public() == {BASE + "a", BASE + "b"}


def test_a_missing_dataset_that_returns_is_live_again_and_counts_from_zero(region: Region, server: Server) -> None:
    region.sync()
    server.routes["/feed.ttl"] = turtle(feed("a", "b"))
    region.sync()
    server.routes["/feed.ttl"] = turtle(feed("a", "b", "c"))
    region.sync()
    assert region.states("stadt")[BASE + "c"] == "live"
    server.routes["/feed.ttl"] = turtle(feed("a", "b"))
    region.sync()
    region.sync()
    assert region.states("stadt")[BASE + "c"] == "missing"


@pytest.mark.parametrize(
    ("answer", "reason", "outcome"),
    [
        (turtle(HEAD + "<https://stadt.example/> a dcat:Catalog ; dct:title 'leer' ."), "listing-empty", "held"),
        (turtle(b""), "empty-answer", "failed"),
        ((500, {}, b"broken"), "http-server-error", "failed"),
        ((200, {"Content-Type": "text/html"}, b"<!doctype html><title>Wartung</title>"), "html-instead-of-data", "failed"),
        (turtle(feed("a", "b", "c")[:900]), "rdf-invalid", "failed"),
        ((200, {"Content-Type": "text/turtle"}, Cut(feed("a", "b", "c"), 500)), "http-incomplete", "failed"),
        (turtle(b"\x00\x01\x02"), "", "failed"),
    ],
    ids=["empty-catalog", "no-bytes", "500", "html", "truncated", "cut-connection", "binary"],
)
def test_a_bad_answer_takes_nothing_away(region: Region, server: Server, answer: object, reason: str, outcome: str) -> None:
    region.sync()
    export = region.export()
    server.routes["/feed.ttl"] = answer  # type: ignore[assignment]
    run = region.sync().runs[0]
    assert run.outcome == outcome
    assert not reason or run.reason == reason
    assert region.export() == export
    server.routes["/feed.ttl"] = turtle(feed("a", "b", "c"))
    assert region.sync().runs[0].outcome == "done"
    assert region.export() == export


def test_a_listing_below_its_minimum_is_held_and_new_ones_wait(region: Region, server: Server) -> None:
    region.sync()
    region.member("stadt", f"{server.url}/feed.ttl", source="minimum_datasets = 5")
    server.routes["/feed.ttl"] = turtle(feed("a", "b", "c", "d"))
    outcome = region.sync()
    assert outcome.exit_code == 4
    assert outcome.runs[0].reason == "listing-below-minimum"
    assert outcome.runs[0].counts.held == 1
    assert region.states("stadt")[BASE + "d"] == "new_held"
    assert region.public() == {BASE + name for name in "abc"}


def test_a_listing_that_lost_too_many_is_held_while_known_records_update(tmp_path: Path, server: Server) -> None:
    region = Region(tmp_path / "r")
    region.member("stadt", f"{server.url}/feed.ttl")
    server.routes["/feed.ttl"] = turtle(feed(*"abcdefgh"))
    region.sync()
    server.routes["/feed.ttl"] = turtle(HEAD + dataset("a", "Neu") + dataset("b") + dataset("x"))
    outcome = region.sync()
    assert outcome.runs[0].reason == "listing-lost-too-many"
    assert region.public() == {BASE + name for name in "abcdefgh"}
    assert '"Neu"' in region.export().decode()
    assert region.states("stadt")[BASE + "x"] == "new_held"


def test_a_later_page_that_fails_takes_nothing_away(tmp_path: Path) -> None:
    def page(number: int, *names: str) -> str:
        view = f"<p{number}> a hydra:PartialCollectionView ; hydra:totalItems 6 "
        return HEAD + view + (f"; hydra:next </{number + 1}.ttl> ." if number < 3 else ".") + "".join(dataset(n) for n in names)

    routes = {"/1.ttl": turtle(page(1, "a", "b")), "/2.ttl": turtle(page(2, "c", "d")), "/3.ttl": turtle(page(3, "e", "f"))}
    with serve(routes) as server:
        region = Region(tmp_path / "r")
        region.member("stadt", f"{server.url}/1.ttl")
        assert region.sync().runs[0].counts.new == 6
        server.routes["/2.ttl"] = (503, {}, b"later")
        outcome = region.sync()
        assert outcome.runs[0].outcome == "failed"
        assert outcome.exit_code == 3
        assert len(region.public()) == 6
        server.routes["/2.ttl"] = turtle(page(2, "c"))
        run = region.sync().runs[0]
        assert (run.outcome, run.reason) == ("held", "listing-total-differs")
        assert len(region.public()) == 6


def test_a_dataset_on_two_pages_is_one_dataset_with_the_statements_of_both(tmp_path: Path) -> None:
    view = "<v1> a hydra:PagedCollection ; hydra:nextPage </2.ttl> ."
    first = HEAD + view + dataset("a", extra='; dcat:keyword "Erste Seite"') + dataset("b")
    second = HEAD + "<v2> a hydra:PagedCollection ." + dataset("a", extra='; dcat:keyword "Zweite Seite"') + dataset("b")
    with serve({"/1.ttl": turtle(first), "/2.ttl": turtle(second)}) as server:
        region = Region(tmp_path / "r")
        region.member("stadt", f"{server.url}/1.ttl")
        run = region.sync().runs[0]
        assert (run.counts.listed, run.counts.new) == (2, 2)
        text = region.export().decode()
        assert '"Erste Seite"' in text
        assert '"Zweite Seite"' in text
        export, before = region.export(), region.rows(("record", "item", "change"))
        again = region.sync().runs[0]
        assert again.counts.unchanged + again.counts.changed == 2
        assert region.export() == export
        assert region.rows(("item", "change")) == {name: before[name] for name in ("item", "change")}
        server.routes["/1.ttl"] = turtle(first.replace("Erste Seite", "Neue Seite"))
        region.sync()
        text = region.export().decode()
        assert all(word in text for word in ('"Neue Seite"', '"Zweite Seite"'))
        assert "Erste Seite" not in text


def test_release_lets_new_ones_in_and_absent_ones_go(region: Region, server: Server) -> None:
    from federation.sync.decisions import held, release

    region.sync()
    server.routes["/feed.ttl"] = turtle(feed("x", "y"))
    region.sync()
    with region.open() as store:
        assert [item.source for item in held(store)] == ["stadt"]
        release(store, "stadt")
        assert held(store) == []
    region.publish()
    assert region.public() == {BASE + "x", BASE + "y"}


def test_rollback_keeps_an_earlier_state_public_through_later_runs_until_release(region: Region, server: Server) -> None:
    from federation.sync.decisions import release, rollback

    region.sync()
    good = region.export()
    server.routes["/feed.ttl"] = turtle(HEAD + "".join(dataset(name, "test test") for name in "abc"))
    region.sync()
    assert "test test" in region.export().decode()
    with region.open() as store:
        rollback(store, "stadt", to=1)
    region.publish()
    assert "test test" not in region.export().decode()
    assert region.public() == {BASE + name for name in "abc"}
    region.sync()
    assert "test test" not in region.export().decode()
    with region.open() as store:
        release(store, "stadt")
    region.publish()
    assert "test test" in region.export().decode()
    assert good


def test_nobody_goes_back_to_a_state_whose_versions_are_not_kept_any_more(region: Region, server: Server) -> None:
    from federation.sync.decisions import rollback

    region.sync()
    server.routes["/feed.ttl"] = turtle(HEAD + "".join(dataset(name, "test test") for name in "abc"))
    region.sync()
    with region.open() as store:
        assert store.drop_unused_bodies("2999-01-01T00:00:00Z") == 3
        with pytest.raises(ConfigError, match="generation-forgotten"):
            rollback(store, "stadt", to=1)
        rollback(store, "stadt", to=2)


def test_a_record_that_cannot_be_used_is_a_finding_and_its_last_good_version_stays(region: Region, server: Server) -> None:
    region.sync()
    export = region.export()
    many = "".join(f'; dcat:keyword "k{n}"' for n in range(51_000))
    server.routes["/feed.ttl"] = turtle(HEAD + dataset("a", extra=many) + dataset("b") + dataset("c"))
    outcome = region.sync()
    assert outcome.runs[0].counts.rejected == 1
    assert region.states("stadt")[BASE + "a"] == "rejected"
    assert "fragment-too-large" in region.codes("stadt")
    assert region.export() == export
    server.routes["/feed.ttl"] = turtle(feed("a", "b", "c"))
    region.sync()
    assert region.states("stadt")[BASE + "a"] == "live"


def test_a_decided_spelling_maps_again_from_what_is_stored_though_the_source_is_down(region: Region, server: Server) -> None:
    text = feed("a", "b", "c").decode().replace("<http://dcat-ap.de/def/licenses/cc-zero>", '"Freie Lizenz der Stadt"')
    server.routes["/feed.ttl"] = turtle(text)
    region.sync()
    assert "unknown-licence" in region.codes("stadt")
    server.routes["/feed.ttl"] = (503, {}, b"down")
    region.member(
        "stadt", f"{server.url}/feed.ttl",
        more='[source.lookups.licence]\n"Freie Lizenz der Stadt" = "http://dcat-ap.de/def/licenses/dl-zero-de/2.0"',
    )  # fmt: skip
    outcome = region.sync()
    assert outcome.runs[0].outcome == "failed"
    assert region.export().decode().count("<http://dcat-ap.de/def/licenses/dl-zero-de/2.0>") == 4
    assert "unknown-licence" not in region.codes("stadt")


def test_a_304_is_as_good_as_the_bytes(tmp_path: Path) -> None:
    from tests.loopback import cached

    with serve({"/feed.ttl": cached(feed("a", "b"), "text/turtle")}) as server:
        region = Region(tmp_path / "r")
        region.member("stadt", f"{server.url}/feed.ttl")
        region.sync()
        before = region.rows()
        assert region.sync().runs[0].counts.unchanged == 2
        assert server.seen[-1].headers.get("if-none-match")
        assert region.rows() == before


def test_two_sources_that_describe_one_iri_publish_the_one_that_comes_first(tmp_path: Path) -> None:
    routes = {"/a.ttl": turtle(HEAD + dataset("x", "von A")), "/b.ttl": turtle(HEAD + dataset("x", "von B") + dataset("y"))}
    with serve(routes) as server:
        region = Region(tmp_path / "r", catalog='order = ["berta", "*"]')
        region.member("anton", f"{server.url}/a.ttl")
        region.member("berta", f"{server.url}/b.ttl")
        region.sync()
        assert region.public() == {BASE + "x", BASE + "y"}
        text = region.export().decode()
        assert "von B" in text
        assert "von A" not in text
        assert "iri-owned-twice" in region.codes("anton")
        before = region.rows()
        region.sync()
        assert region.rows() == before


def test_two_members_of_one_shared_document_read_it_once_and_each_keeps_its_own(tmp_path: Path) -> None:
    other = dataset("z").replace("https://stadt.example/amt", "https://dorf.example/amt")
    with serve({"/feed.ttl": turtle(HEAD + dataset("a") + dataset("b") + other)}) as server:
        region = Region(tmp_path / "r")
        region.member("stadt", f"{server.url}/feed.ttl", options='publisher = "https://stadt.example/amt"')
        region.member("dorf", f"{server.url}/feed.ttl", options='publisher = "https://dorf.example/amt"')
        region.sync()
        assert server.count("/feed.ttl") == 1
        assert set(region.states("stadt")) == {BASE + "a", BASE + "b"}
        assert set(region.states("dorf")) == {BASE + "z"}


def test_blank_datasets_get_an_iri_of_ours_that_stays_when_the_portal_moves(tmp_path: Path) -> None:
    about = '[] a dcat:Dataset ; dct:title "Bäume" ; dct:identifier "b-1" ; '
    blank = HEAD + about + "dcat:distribution [ dcat:accessURL <http://x.example/b> ] ."
    with serve({"/old.ttl": turtle(blank), "/new.ttl": turtle(blank)}) as server:
        region = Region(tmp_path / "r")
        region.member("dorf", f"{server.url}/old.ttl")
        region.sync()
        iris = region.public()
        assert len(iris) == 1
        assert next(iter(iris)).startswith("https://daten.region.example/dataset/dorf/")
        assert "https://daten.region.example/distribution/dorf/" in region.export().decode()
        export = region.export()
        region.member("dorf", f"{server.url}/new.ttl")
        region.sync()
        assert region.public() == iris
        assert region.export() == export


def test_a_dry_run_counts_the_same_and_writes_nothing(region: Region) -> None:
    outcome = region.sync(dry=True)
    assert outcome.runs[0].counts.new == 3
    assert region.states("stadt") == {}
    assert region.sync().runs[0].counts.new == 3


def test_a_run_that_is_stopped_leaves_a_store_from_which_the_next_run_goes_on(region: Region) -> None:
    stop = threading.Event()
    stop.set()
    assert [run.outcome for run in region.sync(stop=stop).runs] in ([], ["interrupted"])
    assert region.sync().runs[0].counts.new + len(region.states("stadt")) >= 3
    assert region.public() == {BASE + name for name in "abc"}


def test_another_run_that_has_the_lease_ends_this_one_with_75(region: Region) -> None:
    with region.open() as store:
        assert store.claim("sync", "elsewhere:1", 60)
    outcome = region.sync()
    assert outcome.exit_code == 75
    assert outcome.runs == []


def test_what_was_said_comes_back_when_all_changes_are_undone(region: Region) -> None:
    from federation.dcat.description import Description
    from federation.dcat.fragments import describe

    region.sync()
    with region.open() as store:
        record = store.record("stadt", BASE + "a")
        assert record is not None
        assert record.raw is not None
        assert record.body is not None
        body = store.body(record.body)
        assert body is not None
        public = Description(f"<{record.iri}>", "dataset", changes=list(record.changes or ()))
        for line in body.nt.decode().splitlines():
            public.say(*line[:-2].split(" ", 2))
        assert set(public.undone().triples()) == set(describe(record.raw).triples())
