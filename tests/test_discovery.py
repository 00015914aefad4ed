"""Discovery: what software answers at an address, and what a source would give, without storing anything."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.config import FederationConfig, Source
from federation.config.models import ID
from federation.discovery import Preview, address, detect, member_id, preview
from federation.errors import ConfigError, FederationError, SourceError
from federation.harvest.http import Http
from tests.ckan_server import ckan, package
from tests.loopback import Cut, serve
from tests.region import HEAD, dataset, feed, turtle

SETTINGS = FederationConfig.model_validate(
    {"catalog": {"title": "Region", "base_url": "https://daten.region.example"}, "network": {"allow": ["127.0.0.0/8"], "retries": 0}}
)
BASE = "https://stadt.example/dataset/"


@pytest.fixture
def http() -> Iterator[Http]:
    with Http(SETTINGS.network) as door:
        yield door


def previewed(url: str, http: Http, limit: int | None = None, **options: object) -> Preview:
    return preview(SETTINGS, Source(id="check", member="check", connector="dcat", url=url, options=options), http, limit=limit)


# what answers

def test_a_dcat_feed_is_found_with_its_number_of_datasets_and_title(http: Http) -> None:
    catalog = f"<https://stadt.example/> a dcat:Catalog ; dct:title 'Offene Daten' ; dcat:dataset <{BASE}a>, <{BASE}b> ."
    with serve({"/feed.ttl": turtle(feed("a", "b") + catalog.encode())}) as server:
        (found,) = detect(f"{server.url}/feed.ttl", http)
        assert (found.connector, found.datasets, found.title) == ("dcat", 2, "Offene Daten")


def test_a_ckan_is_found_at_its_root_and_at_the_page_of_an_organization(http: Http) -> None:
    with ckan([package(1), package(2)]) as portal:
        assert [one.connector for one in detect(portal.url, http)] == ["ckan"]
        (found,) = detect(f"{portal.url}/organization/stadt-a", http)
        assert list(found.options["organization"]) == ["stadt-a"]


def test_a_catalog_with_datasets_is_recommended_before_one_without(http: Http) -> None:
    with ckan([package(1)]) as portal:
        empty = HEAD + "<https://stadt.example/> a dcat:Catalog ; dct:title 'Leer' ."
        portal.trick = lambda path, query: (200, {"Content-Type": "text/turtle"}, empty.encode()) if path.endswith(".ttl") else None
        found = detect(portal.url, http)
        assert found[0].connector == "ckan"
        assert found[0].datasets == 1


def test_where_nothing_answers_the_reason_is_told(http: Http) -> None:
    with pytest.raises(SourceError, match="http-connect"):
        detect("http://127.0.0.1:9/feed", http)
    with serve({}) as server, pytest.raises(SourceError, match="http-not-found"):
        detect(f"{server.url}/feed", http)
    with pytest.raises(SourceError, match="http-address-refused"):
        detect("http://10.0.0.1/feed", http)


def test_where_something_unknown_answers_it_is_named(http: Http) -> None:
    with serve({"/": (200, {"Content-Type": "text/html"}, "<html><head><title>Rathaus &amp; Bürger</title></head></html>")}) as server:
        with pytest.raises(ConfigError, match="nothing-detected") as caught:
            detect(server.url, http)
        assert "text/html" in caught.value.text("de")
        assert "Rathaus" in caught.value.text("de")
        assert "dcat, ckan" in caught.value.text("en")


def test_a_damaged_document_is_told_from_another_kind(http: Http) -> None:
    with serve({"/feed.ttl": turtle(feed("a")[:-40]), "/cut.ttl": turtle(b"")}) as server:
        with pytest.raises(SourceError, match="rdf-invalid"):
            detect(f"{server.url}/feed.ttl", http)
        server.routes["/cut.ttl"] = (200, {"Content-Type": "text/turtle"}, Cut(feed("a"), 300))
        with pytest.raises(SourceError, match="http-incomplete"):
            detect(f"{server.url}/cut.ttl", http)


def test_files_are_found_as_they_would_be_read(tmp_path: Path, http: Http) -> None:
    (tmp_path / "feed.ttl").write_bytes(feed("a", "b", "c"))
    assert [(one.connector, one.datasets) for one in detect(str(tmp_path / "feed.ttl"), http)] == [("dcat", 3)]
    with pytest.raises(ConfigError, match="path-missing"):
        detect(str(tmp_path / "other.ttl"), http)
    (tmp_path / "notes.txt").write_text("nothing of ours")
    with pytest.raises(FederationError, match=r"nothing-detected|rdf-invalid"):
        detect(str(tmp_path / "notes.txt"), http)


def test_only_the_connector_that_was_named_is_asked(http: Http) -> None:
    with ckan([package(1)]) as portal:
        with pytest.raises(FederationError, match=r"nothing-detected|http-not-found"):
            detect(portal.url, http, only="dcat")
        with pytest.raises(ConfigError, match="connector-unknown"):
            detect(portal.url, http, only="dkan")


# addresses and names

@pytest.mark.parametrize(("given_", "meant"), [
    ("daten.stadt.example", "https://daten.stadt.example"), ("http://x.example/a", "http://x.example/a"), ("./feed.ttl", "./feed.ttl"),
    ("/data/feed.ttl", "/data/feed.ttl"), ("stadt.example/feed.rdf", "https://stadt.example/feed.rdf"),
])  # fmt: skip
def test_an_address_may_be_written_as_people_do(given_: str, meant: str) -> None:
    assert address(given_) == meant


def test_a_file_that_exists_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "feed.ttl").touch()
    assert address("feed.ttl") == "feed.ttl"


@pytest.mark.parametrize(("url", "names", "expected"), [
    ("https://www.opendata.rostock.de/feed", [], "rostock"), ("https://opendata.stadt-x.example", [], "stadt-x"),
    ("https://ckan.kreis.example", ["Hansestadt Rügen"], "hansestadt-ruegen"), ("https://daten.example", ["", "stadt-a"], "stadt-a"),
    ("http://127.0.0.1:8080/x", [], "offene-daten"), ("http://localhost/", [], "localhost"), ("feeds/koeln.rdf.gz", [], "koeln"),
    ("https://daten.example", ["Größe & Maß!"], "groesse-mass"), ("http://[::1]/", ["東京"], "offene-daten"),
])  # fmt: skip
def test_a_member_gets_a_name_that_a_person_recognises(url: str, names: list[str], expected: str) -> None:
    assert member_id(url, *names, fallback="Offene Daten") == expected


@given(st.text(max_size=100), st.text(max_size=100))
def test_every_name_serves_as_the_id_of_a_member(first: str, second: str) -> None:
    import re

    assert re.fullmatch(ID, member_id("http://127.0.0.1/", first, second))


# previews

def test_a_preview_is_what_a_run_would_publish(http: Http) -> None:
    with serve({"/feed.ttl": turtle(feed("a", "b"))}) as server:
        result = previewed(f"{server.url}/feed.ttl", http)
        assert [(one.iri, one.title) for one in result.datasets] == [(f"{BASE}a", "a"), (f"{BASE}b", "b")]
        assert sum(result.rules.values()) == sum(one.changes for one in result.entries.values())
        assert {one.dataset for one in result.all_findings()} == {f"{BASE}a", f"{BASE}b"}
        assert result.complete


def test_a_limit_ends_reading_early(http: Http) -> None:
    with serve({"/feed.ttl": turtle(feed(*"abcdef"))}) as server:
        result = previewed(f"{server.url}/feed.ttl", http, limit=2)
        assert len(result.datasets) == 2
        assert result.limited


def test_a_dataset_on_several_pages_counts_once_with_all_that_is_said(http: Http) -> None:
    with serve({}) as server:
        view = f"<{server.url}/1.ttl> a hydra:PartialCollectionView ; hydra:next <{server.url}/2.ttl> ."
        server.routes["/1.ttl"] = turtle(HEAD + dataset("a") + view)
        server.routes["/2.ttl"] = turtle(HEAD + dataset("b") + f'<{BASE}a> a dcat:Dataset ; dcat:keyword "Zweite Seite" .')
        result = previewed(f"{server.url}/1.ttl", http)
        assert [one.iri for one in result.datasets] == [f"{BASE}a", f"{BASE}b"]
        assert sum(result.rules.values()) == sum(one.changes for one in result.entries.values())


def test_a_record_that_is_refused_is_a_finding_with_its_name(http: Http) -> None:
    many = "".join(f'; dcat:keyword "k{number}"' for number in range(51_000))
    with serve({"/feed.ttl": turtle(HEAD + dataset("a", extra=many) + dataset("b"))}) as server:
        result = previewed(f"{server.url}/feed.ttl", http)
        assert result.rejected == 1
        assert [(one.code, one.dataset) for one in result.findings] == [("fragment-too-large", f"{BASE}a")]
        assert [one.iri for one in result.datasets] == [f"{BASE}b"]


def test_a_listing_that_is_not_whole_is_said_to_be_so(http: Http) -> None:
    with serve({"/feed.ttl": turtle("")}) as server:
        collection = f"<{server.url}/feed.ttl> a hydra:Collection ; hydra:totalItems 5 ."
        server.routes["/feed.ttl"] = turtle(feed("a", more=collection))
        result = previewed(f"{server.url}/feed.ttl", http)
        assert result.total == 5
        assert not result.complete


def test_progress_is_told_while_reading(http: Http) -> None:
    told: list[tuple[int, int | None]] = []
    with serve({"/feed.ttl": turtle(feed("a", "b", "c"))}) as server:
        source = Source(id="check", member="check", connector="dcat", url=f"{server.url}/feed.ttl")
        preview(SETTINGS, source, http, progress=lambda done, total: told.append((done, total)))
    assert [done for done, _ in told][-1] == 3
