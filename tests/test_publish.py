"""Publish: generations, feeds and exports."""

import gzip
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.compare import isomorphic

from federation.errors import ConfigError
from federation.publish.feeds import export
from tests.loopback import Server, serve
from tests.region import HEAD, Region, dataset, feed, turtle

HYDRA = "http://www.w3.org/ns/hydra/core#"
FORMATS = {"ttl": ox.RdfFormat.TURTLE, "rdf": ox.RdfFormat.RDF_XML, "jsonld": ox.RdfFormat.JSON_LD, "nt": ox.RdfFormat.N_TRIPLES}


@pytest.fixture
def region(tmp_path: Path) -> Region:
    with serve({"/feed.ttl": turtle(feed(*(f"d{n:02}" for n in range(25))))}) as server:
        made = Region(tmp_path / "r", catalog="page_size = 10")
        made.member("stadt", f"{server.url}/feed.ttl")
        made.sync()
    return made


def triples(body: bytes, form: str) -> set[str]:
    """The triples of a document, hydra controls left out."""
    return {str(triple) for triple in ox.parse(body, FORMATS[form], lenient=False) if HYDRA not in str(triple)}


def test_a_member_at_stage_preview_is_not_public(tmp_path: Path) -> None:
    with serve({"/feed.ttl": turtle(feed("a"))}) as server:
        region = Region(tmp_path / "r")
        region.member("stadt", f"{server.url}/feed.ttl", stage="preview")
        region.sync()
        assert region.public() == set()
        region.member("stadt", f"{server.url}/feed.ttl", stage="forward")
        region.publish()
        assert len(region.public()) == 1
        region.member("stadt", f"{server.url}/feed.ttl", stage="preview")
        region.publish()
        assert region.public() == set()


def test_every_change_of_what_is_public_is_a_line_of_the_log(tmp_path: Path) -> None:
    with serve({"/feed.ttl": turtle(feed("a", "b"))}) as server:
        region = Region(tmp_path / "r")
        region.member("stadt", f"{server.url}/feed.ttl", source="missing_runs = 1")
        region.sync()
        server.routes["/feed.ttl"] = turtle(HEAD + dataset("a", "anders"))
        region.sync()
        with region.open() as store:
            log = [(row.generation, row.kind, row.iri.rpartition("/")[2]) for row in store.changes()]
        assert log == [(1, "create", "a"), (1, "create", "b"), (2, "update", "a"), (2, "delete", "b")]


@pytest.mark.parametrize("form", ["ttl", "rdf", "jsonld"])
def test_the_pages_together_are_the_export(region: Region, form: str) -> None:
    folder = region.folder / "public" / "catalog" / "g1"
    pages = sorted(folder.glob(f"*.{form}"), key=lambda file: int(file.stem))
    assert [file.stem for file in pages] == ["1", "2", "3"]
    together = set().union(*(triples(file.read_bytes(), form) for file in pages))
    views = {line for line in together if "/catalog/g1/" in line}
    assert together - views == triples(region.export(form), form)
    assert (region.folder / "public" / f"catalog.{form}").read_bytes() == pages[0].read_bytes()


def test_the_formats_say_the_same(region: Region) -> None:
    graphs = []
    for form, name in (("ttl", "turtle"), ("rdf", "xml"), ("jsonld", "json-ld"), ("nt", "nt")):
        graphs.append(rdflib.Graph().parse(data=region.export(form), format=name))
    assert len(graphs[0]) > 200
    assert all(isomorphic(graphs[0], other) for other in graphs[1:])


def test_every_page_names_its_generation_and_leads_to_the_next_in_both_hydra_forms(region: Region) -> None:
    folder = region.folder / "public" / "catalog" / "g1"
    seen = []
    address = "https://daten.region.example/catalog/g1/1.rdf"
    while address:
        page = rdflib.Graph().parse(folder / address.rpartition("/")[2], format="xml")
        view = rdflib.URIRef(address)
        assert int(page.value(view, rdflib.URIRef(HYDRA + "totalItems"))) == 25
        following = page.value(view, rdflib.URIRef(HYDRA + "next"))
        assert following == page.value(view, rdflib.URIRef(HYDRA + "nextPage"))
        seen.append(address)
        address = str(following) if following else ""
    assert len(seen) == 3


def test_our_own_connector_reads_our_own_feed_completely(region: Region, tmp_path: Path) -> None:
    public = region.folder / "public"

    def page(server: Server, name: str) -> bytes:
        return (public / name).read_bytes().replace(b"https://daten.region.example/catalog/g1/", f"{server.url}/catalog/g1/".encode())

    with serve({}) as server:
        server.routes["/catalog.ttl"] = lambda _: turtle(page(server, "catalog.ttl"))
        for file in (public / "catalog" / "g1").glob("*.ttl"):
            server.routes[f"/catalog/g1/{file.name}"] = lambda _, name=file.name: turtle(page(server, f"catalog/g1/{name}"))
        other = Region(tmp_path / "other")
        other.member("region", f"{server.url}/catalog.ttl")
        run = other.sync().runs[0]
        assert (run.outcome, run.counts.listed) == ("done", 25)
        assert other.public() == region.public()
        before = other.rows()
        assert other.sync().runs[0].counts.unchanged == 25
        assert other.rows() == before


def test_publishing_again_without_a_change_touches_no_file(region: Region) -> None:
    files = {file: file.stat().st_mtime_ns for file in (region.folder / "public").rglob("*") if file.is_file()}
    assert not region.publish().made
    assert {file: file.stat().st_mtime_ns for file in (region.folder / "public").rglob("*") if file.is_file()} == files


def test_lost_files_are_rebuilt_with_the_same_bytes(region: Region) -> None:
    import shutil

    public = region.folder / "public"
    before = {file.relative_to(public): file.read_bytes() for file in public.rglob("*") if file.is_file()}
    shutil.rmtree(public)
    region.publish()
    assert {file.relative_to(public): file.read_bytes() for file in public.rglob("*") if file.is_file()} == before


def test_an_old_generation_stays_readable_for_some_days(region: Region) -> None:
    with serve({"/feed.ttl": turtle(feed("neu", *(f"d{n:02}" for n in range(25))))}) as server:
        region.member("stadt", f"{server.url}/feed.ttl")
        region.sync()
    names = {entry.name for entry in (region.folder / "public" / "catalog").iterdir()}
    assert names == {"g1", "g2"}


def test_an_export_is_packed_where_its_name_says_so_with_equal_bytes_each_time(region: Region, tmp_path: Path) -> None:
    target = tmp_path / "all.rdf.gz"
    with region.open() as store:
        assert export(region.config, store, target) == 25
        first = target.read_bytes()
        export(region.config, store, target)
        with pytest.raises(ConfigError, match="export-format"):
            export(region.config, store, tmp_path / "all.docx")
    assert target.read_bytes() == first
    assert gzip.decompress(first) == region.export("rdf")


def test_without_a_licence_of_the_metadata_nothing_is_published(tmp_path: Path) -> None:
    region = Region(tmp_path / "r")
    file = region.folder / "federation.toml"
    file.write_text(file.read_text().replace("license =", "# license ="))
    with pytest.raises(ConfigError, match="catalog-license-missing"):
        region.publish()


def test_the_base_url_is_settled_by_the_first_publication(region: Region) -> None:
    file = region.folder / "federation.toml"
    file.write_text(file.read_text().replace("https://daten.region.example", "https://anders.example"))
    with pytest.raises(ConfigError, match="base-url-frozen"):
        region.publish()
    assert b"anders.example" not in region.export("nt").replace(b"https://anders.example/catalog", b"").replace(
        b"https://anders.example/record/", b""
    ).replace(b"https://anders.example/publisher", b"")
