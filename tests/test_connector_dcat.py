"""The connector `dcat`: pages and files to records, over real HTTP on loopback."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors import _hydra
from connectors.dcat import Dcat, DcatOptions
from federation.config import Source
from federation.dcat.parse import parse
from federation.errors import RecordError, SourceError
from federation.finding import Finding, texts
from federation.harvest.connector import Record, Response, State, Stored, connector
from federation.harvest.http import Http
from federation.terms import DCAT, DCTERMS
from tests.corpus import BROKEN, DATASETS, feed, path
from tests.loopback import Request, Server, cached, network, serve
from tests.shared import shared

DCAT_CONNECTOR = Dcat()
XML = {"Content-Type": "application/rdf+xml; charset=utf-8"}


@pytest.fixture(scope="module")
def http() -> Iterator[Http]:
    with Http(network()) as door:
        yield door


def fetched(url: str, http: Http, state: State | None = None, **options: object) -> list[Response]:
    source = Source(id="town", connector="dcat", url=url)
    return list(DCAT_CONNECTOR.fetch(source, DcatOptions(**options), http, state or State()))  # type: ignore[arg-type]


def split(response: Response, **options: object) -> list[Record]:
    return list(DCAT_CONNECTOR.split(response, DcatOptions(**options)))  # type: ignore[arg-type]


def turtle(text: str, url: str = "https://portal.example/catalog.ttl") -> list[Record]:
    prefixes = """PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/>
        PREFIX foaf: <http://xmlns.com/foaf/0.1/>
        PREFIX adms: <http://www.w3.org/ns/adms#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX : <https://portal.example/>"""
    return split(Response(url, f"{prefixes}\n{text}".encode(), "text/turtle"))


def codes(found: "list[Response] | list[Record]") -> list[str]:
    return [finding.code for each in found for finding in each.findings]


def page(number: int, following: str = "", form: str = "nextPage", total: int = 3) -> bytes:
    """One page of a catalog in RDF/XML with hydra controls; `form` is how the next page is named."""
    link = {
        "nextPage": f"<hydra:nextPage>{following}</hydra:nextPage>", "next": f'<hydra:next rdf:resource="{following}"/>',
        "nested": f'<hydra:next><hydra:Resource rdf:about="{following}"/></hydra:next>',
    }[form] if following else ""  # fmt: skip
    kind = "PagedCollection" if form == "nextPage" else "PartialCollectionView"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dcat="http://www.w3.org/ns/dcat#"
  xmlns:dct="http://purl.org/dc/terms/" xmlns:hydra="http://www.w3.org/ns/hydra/core#">
  <hydra:{kind} rdf:about="https://portal.example/catalog.rdf?page={number}">
    <hydra:totalItems rdf:datatype="http://www.w3.org/2001/XMLSchema#integer">{total}</hydra:totalItems>{link}
  </hydra:{kind}>
  <dcat:Catalog rdf:about="https://portal.example/"><dct:title>Bäume</dct:title>
    <dcat:dataset><dcat:Dataset rdf:about="https://portal.example/d{number}"><dct:title>{number}</dct:title></dcat:Dataset></dcat:dataset>
  </dcat:Catalog></rdf:RDF>""".encode()


# The corpus


@pytest.mark.parametrize("name", DATASETS)
def test_every_real_feed_gives_its_number_of_datasets_over_http(name: str, http: Http) -> None:
    body = shared(path(name)).read_bytes()
    media_type = "application/ld+json" if "jsonld" in name else "application/rdf+xml"
    with serve({"/feed": (200, {"Content-Type": media_type}, body)}) as server:
        (response,) = fetched(server + "/feed", http, paging=False)
    records = [record for record in split(response) if record.identifier]
    assert Counter(record.kind for record in records)["dataset"] == DATASETS[name]
    assert len({(record.kind, record.identifier) for record in records}) == len(records)
    for record in records:
        description = DCAT_CONNECTOR.map(record, DcatOptions())
        assert description.kind == record.kind
        assert description.nodes


def test_the_feed_with_a_syntax_error_is_the_only_one_that_is_rejected() -> None:
    body, _ = feed(BROKEN)
    with pytest.raises(SourceError) as caught:
        split(Response("https://portal.example/catalog.ttl", body, "text/turtle"))
    assert caught.value.code == "rdf-invalid"


def test_datasets_without_an_address_are_called_by_their_access_urls_where_nothing_else_is_unique() -> None:
    body, _ = feed("es_ua_alicante.rdf.gz")
    datasets = [record for record in split(Response("https://portal.example/x", body)) if record.kind == "dataset"]
    assert len({record.identifier for record in datasets}) == 258
    assert all(record.identifier.startswith("access:") for record in datasets)
    assert "identity-tied" not in codes(datasets)


def test_the_salvaged_feed_tells_its_findings_with_its_records() -> None:
    body, _ = feed("fr_geonetwork.rdf")
    records = split(Response("https://portal.example/x", body))
    assert {"salvaged", "iri-repaired", "text-beside-iri"} <= set(codes(records))
    (repaired,) = [finding for record in records for finding in record.findings if finding.code == "iri-repaired"]
    assert repaired.dataset == next(record.identifier for record in records if record.kind == "dataset")


# Fetching


def test_a_packed_document_is_read_like_a_plain_one(http: Http) -> None:
    with serve({"/a.rdf": (200, XML, page(1)), "/b.rdf.gz": (200, XML, gzip.compress(page(1)))}) as server:
        plain, packed = fetched(server + "/a.rdf", http), fetched(server + "/b.rdf.gz", http)
    one, other = ([record.fingerprint for record in split(response) if record.kind != "rest"] for response in (plain[0], packed[0]))
    assert one == other
    assert codes(split(packed[0])) == []


@pytest.mark.parametrize("form", ["nextPage", "next", "nested"])
def test_pages_are_followed_in_every_form_of_hydra(form: str, http: Http) -> None:
    with serve({}) as server:
        server.routes |= {
            "/catalog.rdf": (200, XML, page(1, f"{server.url}/catalog.rdf?page=2&amp;x=1", form)),
            "/catalog.rdf?page=2&x=1": (200, XML, page(2, "catalog.rdf?page=3", form)),
            "/catalog.rdf?page=3": (200, XML, page(3, "", form)),
        }  # fmt: skip
        responses = fetched(server + "/catalog.rdf", http)
        assert [response.following for response in responses] == [server + "/catalog.rdf?page=2&x=1", server + "/catalog.rdf?page=3", ""]
    assert [response.total for response in responses] == [3, 3, 3]
    assert all(response.complete and not response.findings for response in responses)
    assert [record.identifier for response in responses for record in split(response) if record.kind == "dataset"] == [
        f"https://portal.example/d{number}" for number in (1, 2, 3)
    ]


def test_paging_can_be_switched_off_and_then_nothing_is_expected_of_further_pages(http: Http) -> None:
    with serve({"/catalog.rdf": (200, XML, page(1, "?page=2"))}) as server:
        (response,) = fetched(server + "/catalog.rdf", http, paging=False)
    assert (response.following, response.total, response.complete) == ("", None, True)


def test_a_loop_over_several_pages_ends_and_the_listing_counts_as_incomplete(http: Http) -> None:
    routes = {f"/c?page={number}": (200, XML, page(number, f"?page={number % 3 + 1}")) for number in (1, 2, 3)}
    with serve(routes) as server:
        responses = fetched(server + "/c?page=1", http)
        assert server.count() == 3
    assert [response.complete for response in responses] == [True, True, False]
    assert codes(responses) == ["page-loop"]


def test_a_page_with_the_bytes_of_an_earlier_one_ends_the_reading(http: Http) -> None:
    with serve({"/c": (200, XML, page(1, "/other?page=2")), "/other": (200, XML, page(2, "/other?page=3"))}) as server:
        responses = fetched(server + "/c", http)
        assert server.count() == 3
    assert [response.complete for response in responses] == [True, True, False]
    assert codes(responses) == ["page-repeated"]


def test_a_next_page_on_another_host_is_not_read_unless_it_is_named(http: Http) -> None:
    with serve({"/p2": (200, XML, page(2))}) as other, serve({"/c": (200, XML, page(1, other + "/p2"))}) as server:
        (refused,) = fetched(server + "/c", http)
        assert (refused.following, refused.complete, [finding.code for finding in refused.findings]) == ("", False, ["page-elsewhere"])
        assert other.count() == 0
        assert len(fetched(server + "/c", http, hosts=[other.url.removeprefix("http://")])) == 2


@pytest.mark.parametrize("link", ["file:///etc/passwd", "ftp://portal.example/x", "javascript:1"])
def test_a_next_page_is_never_anything_but_a_web_address(link: str, http: Http) -> None:
    with serve({"/c": (200, XML, page(1, link))}) as server:
        (response,) = fetched(server + "/c", http)
    assert codes([response]) == ["page-elsewhere"]


def test_endless_pages_end_at_the_limit(http: Http) -> None:
    def endless(request: Request) -> "tuple[int, dict[str, str], bytes]":
        number = int(request.query.get("page", "1"))
        return 200, XML, page(number, f"?page={number + 1}")

    with serve(endless) as server:
        responses = fetched(server + "/c", http, max_pages=4)
    assert len(responses) == 4
    assert (responses[-1].complete, codes(responses)) == (False, ["page-limit"])


def test_a_failing_later_page_ends_the_run_of_the_source(http: Http) -> None:
    with serve({"/c": (200, XML, page(1, "?page=2")), "/c?page=2": (404, {}, b"gone")}) as server:
        found = DCAT_CONNECTOR.fetch(Source(id="town", connector="dcat", url=server + "/c"), DcatOptions(), http, State())
        assert next(found).complete
        with pytest.raises(SourceError):
            next(found)


def test_unchanged_pages_are_asked_for_conditionally_and_their_followers_are_remembered(http: Http) -> None:
    with serve({"/c": cached(page(1, "?page=2"), "application/rdf+xml"), "/c?page=2": cached(page(2), "application/rdf+xml")}) as server:
        first = fetched(server + "/c", http)
        stored = {response.url: Stored(response.etag, response.modified, b"", response.following) for response in first}
        again = fetched(server + "/c", http, State(stored))
        assert all(response.unchanged and not response.body for response in again)
        assert [response.following for response in again] == [server + "/c?page=2", ""]
        full = fetched(server + "/c", http, State(stored, full=True))
        assert not any(response.unchanged for response in full)


def test_a_wrong_content_type_is_a_finding_and_the_bytes_decide(http: Http) -> None:
    with serve({"/catalog.ttl": (200, {"Content-Type": "text/html"}, page(1))}) as server:
        (response,) = fetched(server + "/catalog.ttl", http)
    records = split(response)
    assert codes(records) == ["media-type-differs", "suffix-differs"]
    assert [record.kind for record in records if record.kind == "dataset"]


@pytest.mark.parametrize(("body", "code"), [
    (b"<!DOCTYPE html><html><head><title>Anmeldung</title></head></html>", "html-instead-of-data"), (b"", "empty-answer"),
])  # fmt: skip
def test_a_page_for_people_or_nothing_at_all_is_no_catalog(body: bytes, code: str, http: Http) -> None:
    with serve({"/catalog.rdf": (200, XML, body)}) as server, pytest.raises(SourceError) as caught:
        split(fetched(server + "/catalog.rdf", http)[0])
    assert caught.value.code == code


@pytest.mark.parametrize("body", [b'{"datasets": []}', b"<feed xmlns='http://www.w3.org/2005/Atom'/>", b"Hallo"])
def test_what_is_no_rdf_says_so(body: bytes, http: Http) -> None:
    with serve({"/data": (200, {}, body)}) as server, pytest.raises(SourceError) as caught:
        split(fetched(server + "/data", http)[0])
    assert caught.value.code == "not-rdf"


def test_another_charset_is_read(http: Http) -> None:
    body = page(1).decode().replace('encoding="UTF-8"', 'encoding="iso-8859-1"').encode("iso-8859-1")
    with serve({"/catalog.rdf": (200, {"Content-Type": "application/rdf+xml"}, body)}) as server:
        (response,) = fetched(server + "/catalog.rdf", http)
    assert '"Bäume"'.encode() in b"".join(record.raw for record in split(response))


DATASET_QUADS = '<https://portal.example/d> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Dataset>{0} .\n'
DATASET_QUADS += '<https://portal.example/d> <http://purl.org/dc/terms/title> "D"{0} .\n'


DATASET_TURTLE = "<https://portal.example/d> a dcat:Dataset ; <http://purl.org/dc/terms/title> 'D' ."


@pytest.mark.parametrize(("suffix", "media_type", "body"), [
    (".ttl", "text/turtle", f"@prefix dcat: <{DCAT.base}> . {DATASET_TURTLE}"),
    (".trig", "application/trig", f"@prefix dcat: <{DCAT.base}> . <https://portal.example/g> {{ {DATASET_TURTLE} }}"),
    (".nt", "application/n-triples", DATASET_QUADS.format("")),
    (".nq", "application/n-quads", DATASET_QUADS.format(" <https://portal.example/g>")),
    (".jsonld", "application/ld+json", f'{{"@id": "https://portal.example/d", "@type": "{DCAT.base}Dataset", "{DCTERMS.base}title": "D"}}'),
])  # fmt: skip
@pytest.mark.parametrize("named", [True, False])
def test_every_syntax_is_told_by_its_bytes_or_its_media_type(suffix: str, media_type: str, body: str, named: bool, http: Http) -> None:
    place = "/d" + suffix if named else "/d"
    with serve({place: (200, {"Content-Type": media_type}, body)}) as server:
        (response,) = fetched(server + place, http)
    records = split(response)
    assert [(record.kind, record.identifier) for record in records] == [("dataset", "https://portal.example/d")]
    assert codes(records) == []


def test_the_format_can_be_laid_down(http: Http) -> None:
    body = f"# nothing tells what this is\nPREFIX dcat: <{DCAT.base}> {DATASET_TURTLE}".encode()
    with serve({"/d": (200, {"Content-Type": "text/plain"}, body)}) as server:
        (response,) = fetched(server + "/d", http, format="turtle")
        assert server.seen[-1].headers["accept"].startswith("text/turtle")
    assert len(split(response, format="turtle")) == 1


def test_a_local_file_and_a_folder_of_files_are_read(tmp_path: Path, http: Http) -> None:
    (tmp_path / "b.rdf").write_bytes(page(2))
    (tmp_path / "a.rdf.gz").write_bytes(gzip.compress(page(1)))
    (tmp_path / "notes.txt").write_text("no data")
    for url in (str(tmp_path), tmp_path.as_uri()):
        responses = fetched(url, http)
        assert [response.url.rpartition("/")[2] for response in responses] == ["a.rdf.gz", "b.rdf"]
    (single,) = fetched(str(tmp_path / "b.rdf"), http)
    assert [record.identifier for record in split(single) if record.kind == "dataset"] == ["https://portal.example/d2"]
    with pytest.raises(SourceError) as caught:
        fetched(str(tmp_path / "missing"), http)
    assert caught.value.code == "file-missing"


def test_a_local_first_page_of_several_is_incomplete(tmp_path: Path, http: Http) -> None:
    (tmp_path / "a.rdf").write_bytes(page(1, "https://portal.example/catalog.rdf?page=2"))
    (response,) = fetched(str(tmp_path / "a.rdf"), http)
    assert (response.complete, response.total, codes([response])) == (False, 3, ["page-elsewhere"])


# Hydra in the bytes


CORE = "http://www.w3.org/ns/hydra/core#"
P2 = "https://p.example/2"
TURTLE_PAGE = f"@prefix hydra: <{CORE}> . <https://p.example/1> a hydra:PagedCollection ; %s ; hydra:totalItems %s ."
XML_PAGE = page(1, P2).decode()


def json_page(context: object, **said: object) -> str:
    return json.dumps({"@context": context, "@id": "https://p.example/1", **said})


@pytest.mark.parametrize(("syntax", "body", "expected"), [
    ("turtle", TURTLE_PAGE % ('hydra:nextPage "https://p.example/2"', "7"), (P2, 7)),
    ("turtle", TURTLE_PAGE % ("hydra:next <https://p.example/2>", '"7"^^<http://www.w3.org/2001/XMLSchema#integer>'), (P2, 7)),
    ("turtle", TURTLE_PAGE % ("hydra:next [ hydra:title 'x' ]", "7"), ("", 7)),
    ("n-triples", f"<https://p.example/1> <{CORE}next> <https://p.example/2> .", (P2, None)),
    ("json-ld", json_page({}, **{CORE + "next": {"@id": P2}, CORE + "totalItems": 7}), (P2, 7)),
    ("json-ld", json_page({"hydra": CORE, "next": {"@id": "hydra:next", "@type": "@id"}}, next=P2), (P2, None)),
    ("json-ld", json_page({"n": {"@id": CORE + "next", "@type": "@id"}}, n=P2), (P2, None)),
    ("json-ld", json_page({"hydra": CORE}, **{"hydra:view": {
        "@id": "https://p.example/v", "@type": "hydra:PartialCollectionView", "hydra:next": [{"@id": P2}],
    }}), (P2, None)),
    ("rdf-xml", page(1, P2, "nested").decode(), (P2, 3)),
    ("rdf-xml", XML_PAGE.replace("<hydra:nextPage>", "<!-- <hydra:nextPage>x</hydra:nextPage> --><hydra:nextPage>"), (P2, 3)),
    ("rdf-xml", XML_PAGE.replace("https://p.example/2", "<![CDATA[https://p.example/2]]>"), (P2, 3)),
    ("rdf-xml", page(1, "two", "next").decode().replace('core#">', 'core#" xml:base="https://p.example/x/">'),
     ("https://p.example/x/two", 3)),
    ("rdf-xml", page(1).decode(), ("", 3)),
])  # fmt: skip
def test_hydra_controls_are_read_in_every_syntax(syntax: str, body: str, expected: tuple[str, int | None]) -> None:
    found = _hydra.scan(body.encode(), syntax) or _hydra.Controls(unclear=True)
    parsed = _hydra.controls(parse(body.encode(), syntax, "https://p.example/1").lines, "https://p.example/1")
    assert (parsed.following, parsed.total, parsed.unclear) == (*expected, False)
    assert found.unclear or found == parsed, "a look at the bytes says what a parse says, or that it does not know"


def test_several_views_are_told_apart_by_the_address_of_the_page() -> None:
    body = b"""@prefix hydra: <http://www.w3.org/ns/hydra/core#> .
        <https://p.example/1> hydra:next <https://p.example/2> ; hydra:totalItems 9 .
        <https://p.example/other> hydra:next <https://p.example/other2> ; hydra:totalItems 4 ."""
    assert _hydra.scan(body, "turtle") is None
    lines = parse(body, "turtle", "https://p.example/1").lines
    assert _hydra.controls(lines, "https://p.example/1") == _hydra.Controls("https://p.example/2", 9)
    assert _hydra.controls(lines, "https://p.example/9").unclear


def test_a_feed_that_declares_hydra_and_does_not_use_it_has_no_next_page() -> None:
    body, _ = feed("it_lizzano.rdf")
    assert _hydra.SPACE in body
    assert _hydra.scan(body, "rdf-xml") == _hydra.Controls()


def test_the_controls_of_a_real_page_are_read_without_a_parse() -> None:
    body, _ = feed("rostock_catalog.rdf.gz")
    assert _hydra.scan(body, "rdf-xml") == _hydra.Controls("https://www.opendata-hro.de/catalog.rdf?page=2", 217)


# Records


def test_addresses_of_any_scheme_stay_the_identifier() -> None:
    records = turtle("<urn:uuid:1> a dcat:Dataset ; dct:title 'A' . <local> a dcat:Dataset ; dct:title 'B' .")
    assert {record.identifier for record in records} == {"urn:uuid:1", "https://portal.example/local"}


def test_a_dataset_without_address_is_called_by_the_first_key_that_no_other_has() -> None:
    records = turtle("""
        [] a dcat:Dataset ; dct:identifier "1" ; dct:title "T" .
        [] a dcat:Dataset ; dct:identifier "2" ; adms:identifier [ skos:notation "a1" ] ; dct:title "T" .
        [] a dcat:Dataset ; dct:identifier "2" ; adms:identifier [ skos:notation "a2" ] ; dct:title "T" .
        [] a dcat:Dataset ; dct:identifier "3" ; dcat:landingPage :p1 . [] a dcat:Dataset ; dct:identifier "3" ; dcat:landingPage :p2 .
        [] a dcat:Dataset ; dct:title "U" ; dcat:distribution [ dcat:accessURL :x ] . [] a dcat:Dataset ; dct:title "V" .""")
    names = sorted(record.identifier for record in records)
    assert names[0].startswith("access:")
    assert names[1:4] == ["adms:a1", "adms:a2", "identifier:1"]
    assert names[4:] == ["page:https://portal.example/p1", "page:https://portal.example/p2", "title:V"]


def test_what_is_tied_to_the_end_is_numbered_with_a_finding_and_the_same_in_every_order() -> None:
    one = "[] a dcat:Dataset ; dct:title 'T' ; dct:description 'a' . [] a dcat:Dataset ; dct:title 'T' ; dct:description 'b' ."
    other = "[] a dcat:Dataset ; dct:title 'T' ; dct:description 'b' . [] a dcat:Dataset ; dct:title 'T' ; dct:description 'a' ."
    found, again = turtle(one), turtle(other)
    assert {record.identifier for record in found} == {"title:T#1", "title:T#2"}
    assert codes(found) == ["identity-tied", "identity-tied"]
    assert {record.identifier: record.fingerprint for record in found} == {record.identifier: record.fingerprint for record in again}


def test_a_record_of_the_catalog_is_called_by_what_it_is_about() -> None:
    records = turtle("""[] a dcat:Catalog ; dct:title "C" ;
        dcat:record [ a dcat:CatalogRecord ; foaf:primaryTopic :d ; dct:modified "2024" ] .
        :d a dcat:Dataset ; dct:title "D" .""")
    assert {record.kind: record.identifier for record in records} == {
        "catalog": "catalog:title:C", "record": "record:topic:https://portal.example/d", "dataset": "https://portal.example/d",
    }  # fmt: skip


def test_membership_stays_with_the_catalog_and_hydra_with_the_rest() -> None:
    found = split(Response("https://p.example/1", page(1, "?page=2")))
    records = {record.kind: DCAT_CONNECTOR.map(record, DcatOptions()) for record in found}
    assert records["catalog"].values("<https://portal.example/>", DCAT.dataset) == ["<https://portal.example/d1>"]
    assert list(records["rest"].nodes) == ["<https://portal.example/catalog.rdf?page=1>"]
    assert records["dataset"].values("<https://portal.example/d1>", DCTERMS.title) == ['"1"']


def test_a_dataset_that_is_too_large_is_a_record_error_and_the_others_go_on() -> None:
    many = ", ".join(f'"{place}"' for place in range(60_000))
    records = turtle(f":d a dcat:Dataset ; dcat:keyword {many} . :e a dcat:Dataset ; dct:title 'E' .")
    assert [(record.identifier, codes([record])) for record in records] == [
        ("https://portal.example/d", ["fragment-too-large"]), ("https://portal.example/e", []),
    ]  # fmt: skip
    with pytest.raises(RecordError):
        DCAT_CONNECTOR.map(records[0], DcatOptions())


def test_a_valid_empty_catalog_gives_no_record_and_no_error() -> None:
    assert split(Response("https://p.example/c.rdf", b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>')) == []


# Selecting


SELECTION = """
    :main a dcat:Catalog ; dct:title "M" ; dcat:catalog :sub ; dcat:dataset :a .
    :sub a dcat:Catalog ; dct:title "S" ; dcat:dataset :b, [ a dcat:Dataset ; dct:title "N" ; dct:publisher "Amt" ] .
    :a a dcat:Dataset ; dct:title "A" ; dct:publisher :town . :b a dcat:Dataset ; dct:title "B" ; dct:publisher [ foaf:name "Die  Werke" ] .
    :town a foaf:Agent ; foaf:name "Stadt" . :v a dcat:DataService ; dct:title "V" ; dcat:servesDataset :b .
    [] a dcat:CatalogRecord ; foaf:primaryTopic :a ; dct:modified "2024" ."""


@pytest.mark.parametrize(("options", "expected"), [
    ({}, {"/a", "/b", "title:N", "/v", "/main", "/sub", "/a (record)"}),
    ({"publisher": "https://portal.example/town"}, {"/a", "/main", "/sub", "/a (record)"}),
    ({"publisher": "stadt"}, {"/a", "/main", "/sub", "/a (record)"}), ({"publisher": "die werke"}, {"/b", "/v", "/main", "/sub"}),
    ({"publisher": "Amt"}, {"title:N", "/main", "/sub"}),
    ({"catalog": "https://portal.example/sub"}, {"/b", "title:N", "/v", "/main", "/sub"}),
    ({"catalog": "https://portal.example/main"}, {"/a", "/b", "title:N", "/v", "/main", "/sub", "/a (record)"}),
    ({"catalog": "https://portal.example/sub", "publisher": "Stadt"}, {"/main", "/sub"}),
])  # fmt: skip
def test_a_source_takes_one_publisher_or_one_catalog_of_what_was_read(options: dict[str, str], expected: set[str]) -> None:
    chosen = [record for record in turtle(SELECTION) if DCAT_CONNECTOR.selects(record, DcatOptions(**options))]  # type: ignore[arg-type]
    short = {record.identifier.replace("https://portal.example", "").replace("record:topic:/a", "/a (record)") for record in chosen}
    assert short == expected


def test_sources_with_one_address_are_read_once() -> None:
    source = Source(id="town", connector="dcat", url="https://portal.example/catalog.rdf")
    one, other = DcatOptions(publisher="A", hosts=["x.example"]), DcatOptions(catalog="https://portal.example/sub", max_pages=20_000)
    assert DCAT_CONNECTOR.shared(source, one) == DCAT_CONNECTOR.shared(source, other) != ""
    assert DCAT_CONNECTOR.shared(source, DcatOptions(format="turtle")) != DCAT_CONNECTOR.shared(source, one)
    both = DCAT_CONNECTOR.shared_options([one, other])
    assert (both.hosts, both.max_pages) == (["x.example"], 20_000)


# Detecting


def detect(server: Server, http: Http, place: str = "") -> "tuple[str, int | None, str] | None":
    found = DCAT_CONNECTOR.detect(server.url + place, http)
    return (found.url.removeprefix(server.url), found.datasets, found.title) if found else None


def test_a_catalog_is_detected_at_the_address_or_at_a_usual_place(http: Http) -> None:
    with serve({"/catalog.rdf": (200, XML, page(1))}) as server:
        assert detect(server, http, "/catalog.rdf") == ("/catalog.rdf", 3, "Bäume")
        assert detect(server, http, "/") == ("/catalog.rdf", 3, "Bäume")
        assert server.count() == 3


def test_detecting_asks_at_most_three_times_and_takes_no_for_an_answer(http: Http) -> None:
    with serve(lambda _: (200, {"Content-Type": "text/html"}, b"<!DOCTYPE html><html><title>Stadt</title></html>")) as server:
        assert detect(server, http) is None
        assert server.count() == 3
    with serve({"/x.rdf": (200, XML, b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>')}) as server:
        assert detect(server, http, "/x.rdf") is None


def test_the_connector_is_found_by_its_name_and_every_code_has_its_texts() -> None:
    assert connector("dcat").options is DcatOptions
    for code in (
        "not-rdf", "page-loop", "page-repeated", "page-elsewhere", "page-limit", "paging-unclear", "identity-tied", "file-missing",
        "file-unreadable",
    ):  # fmt: skip
        assert Finding(code).cause("de") != code
        assert texts()[code].remedy["de"]
