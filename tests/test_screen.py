"""The screen: hostile and broken bytes are refused or repaired before a parser sees them (issue 4, point 6)."""

import gzip
import json as stdlib_json
import time

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.harvest import contexts, screen
from federation.terms import NAMESPACES
from tests.loopback import codes, outcome, refused
from tests.shared import shared

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
HEAD = f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:dcat="http://www.w3.org/ns/dcat#" xmlns:e="http://e/">'.encode()


# --- gzip


def test_gzip_is_told_by_its_bytes_also_packed_twice():
    body = b"<a> <b> <c> ." * 100
    assert screen.unpack(body) is body
    assert screen.unpack(gzip.compress(body)) == screen.unpack(gzip.compress(gzip.compress(body))) == body


def test_what_unpacks_to_hundreds_of_times_its_size_is_a_bomb_whatever_the_limit():
    assert refused(screen.unpack, gzip.compress(bytes(60_000_000), 9), source="town").code == "screen-too-large"
    catalog = b"".join(b"<https://stadt.example/dataset/%d> a dcat:Dataset .\n" % number for number in range(600_000))
    packed = gzip.compress(catalog, 9)
    assert len(catalog) > 16 * 1024 * 1024
    assert screen.unpack(packed) == catalog


def test_gzip_bombs_stop_at_the_limit():
    bomb = gzip.compress(gzip.compress(bytes(60_000_000), 9), 9)
    began = time.process_time()
    assert refused(screen.unpack, bomb, 1_000_000, source="town").params["limit"] == "0.9537 MiB"
    assert time.process_time() - began < 0.5
    assert refused(screen.unpack, b"x" * 11, 10).code == "screen-too-large"


@pytest.mark.parametrize("body", [gzip.compress(b"x" * 1000)[:-9], b"\x1f\x8b", b"\x1f\x8b\x08\x00" + b"?" * 50])
def test_a_damaged_gzip_file_is_said(body):
    assert refused(screen.unpack, body).code == "gzip-broken"


# --- what is it


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "empty"), (b" \r\n\t", "empty"), (b"\xef\xbb\xbf", "empty"), (b"\0\0\0", "unknown"),
        (HEAD + b"</rdf:RDF>", "rdf-xml"), (b'<?xml version="1.0"?>\n<!-- c -->\n' + HEAD, "rdf-xml"), (b"\xef\xbb\xbf" + HEAD, "rdf-xml"),
        (f'<RDF xmlns="{RDF}"/>'.encode(), "rdf-xml"), (f'<dcat:Catalog xmlns:rdf="{RDF}" rdf:about="x"/>'.encode(), "rdf-xml"),
        (f'<!DOCTYPE rdf:RDF [<!ENTITY rdf "{RDF}">]><rdf:RDF xmlns:rdf="&rdf;">'.encode(), "rdf-xml"),
        (f'<csw:GetRecordsResponse xmlns:csw="http://x" xmlns:rdf="{RDF}"/>'.encode(), "xml"),
        (b"<metadata><title>x</title></metadata>", "xml"),
        (b'<?xml version="1.0"?><WMS_Capabilities version="1.3.0">', "xml"), (b"<p:Dataset xmlns:p='http://x'/>", "xml"),
        (b"<!DOCTYPE html><html><body>", "html"), (b"\n<!doctype HTML PUBLIC '-//W3C//DTD'>", "html"), (b"<html lang=de>", "html"),
        (b"<head><title>", "html"), (b"<script>x</script>", "html"), (b"<br><p>Fehler</p>", "html"), (b"<!-- x --><HTML>", "html"),
        (b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "a" "b"><html xmlns="http://www.w3.org/1999/xhtml">', "html"),
        (b"@prefix dcat: <http://www.w3.org/ns/dcat#> .", "turtle"), (b"# Katalog\n\nPREFIX a: <b>\n", "turtle"),
        (b"@base <http://x/> .", "turtle"),
        (b"<http://a> a <http://b> .", "turtle"), (b"<a> <b> <c> ; <d> <e> .", "turtle"),
        (b"<http://a>\n  <http://b> [ <http://c> 1 ] .", "turtle"),
        (b"dcat:x a dcat:Dataset .", "turtle"), (b"[ <http://a> <http://b> ] .", "turtle"), (b"[] a <http://b> .", "turtle"),
        (b'<http://a> <http://b> "x"@de-AT .\n# c\n_:b1 <http://c> _:b2 .\n\n<http://a> <http://b> "1"^^<http://c> .', "n-triples"),
        (b'<http://a> <http://b> "a \\" b" . # c', "n-triples"), (b'<http://a> <http://b> "x" .\n<http://a> <http://b> 1 .', "turtle"),
        (b"@prefix a: <http://b> .\na:g { a:x a a:y }", "trig"), (b"GRAPH <http://g> { <http://a> a <http://b> }", "trig"),
        (b"{ <http://a> a <http://b> }", "trig"), (b'@prefix a: <b> .\na:x a:y "{ no graph }" , """{""" . # {', "turtle"),
        (b'{"@context": {}, "@graph": []}', "json-ld"), (b'[{"@id": "http://a"}]', "json-ld"), (b' {"success": true}', "json"),
        (b"[]", "json"),
        (b"{}", "json"), (b'[{"a": 1}]', "json"), (b'{"result": ' + b"[1]" * 40_000 + b', "@context": 1}', "json-ld"),
        (b"title;licence\nB\xc3\xa4ume;dl-de", "unknown"), (b"Internal Server Error", "unknown"), (b"%PDF-1.7", "unknown"),
        (b"PK\x03\x04", "unknown"),
        (b"{broken", "unknown"), (b"<", "unknown"), (b"<<<<", "unknown"), (b"404 page", "unknown"),
    ],
)  # fmt: skip
def test_the_kind_is_told_from_the_bytes(body, kind):
    assert screen.sniff(body) == kind


@given(st.binary(max_size=300))
def test_sniffing_never_fails(body):
    assert screen.sniff(body) in {"rdf-xml", "turtle", "n-triples", "json-ld", "trig", "json", "html", "xml", "empty", "unknown"}


@pytest.mark.parametrize(
    "hostile",
    [
        b"<" * 70_000,
        b"[" * 70_000,
        b"<!--" * 20_000,
        b'"' * 70_000,
        b"<a " * 30_000,
        b"<a> " * 20_000,
        b"a:b " * 20_000,
        b'<a> <b> "' + b"\\" * 60_000,
        b"<!DOCTYPE a [" * 6_000,
        b"@prefix " + b"'''" * 20_000,
        b"<?" * 35_000,
    ],
)
def test_sniffing_takes_no_time(hostile):
    began = time.process_time()
    screen.sniff(hostile)
    assert time.process_time() - began < 0.3


@pytest.mark.parametrize(
    ("media_type", "url", "kind", "found"),
    [
        ("application/rdf+xml", "http://x/catalog.rdf", "rdf-xml", []), ("text/xml", "http://x/catalog.xml", "rdf-xml", []),
        ("text/plain", "http://x/c.php", "turtle", []), ("", "http://x/", "json", []), ("text/turtle", "catalog.ttl.gz", "n-triples", []),
        ("application/json", "http://x/c.jsonld", "json-ld", []),
        ("text/html", "http://x/c.rdf?a=b.ttl", "rdf-xml", ["media-type-differs"]),
        ("application/rdf+xml", "http://x/c.rdf", "turtle", ["media-type-differs", "suffix-differs"]),
        ("", "http://x/C.TTL#a", "rdf-xml", ["suffix-differs"]),
    ],
)  # fmt: skip
def test_type_suffix_and_bytes_agree_or_a_finding_says_so(media_type, url, kind, found):
    assert codes(screen.agree(media_type, screen.suffix(url), kind)) == found


# --- JSON and JSON-LD


def test_json_is_read_and_its_errors_name_the_place():
    assert screen.json('\ufeff{"a": ["ä", 1.5, null]}'.encode()) == {"a": ["ä", 1.5, None]}
    error = refused(screen.json, b'{"a": 1,\n "b" 2}', url="http://x/")
    assert (error.code, error.params["line"], error.params["column"]) == ("json-invalid", "2", "6")
    assert refused(screen.json, b"").code == "json-invalid"


@pytest.mark.parametrize("depth", [257, 1000, 5_000, 1_000_000])
@pytest.mark.parametrize("shape", ["[%]", '{"a":%}', '[{"a":[%]}]'])
def test_deep_json_is_refused_at_once(depth, shape):
    before, _, after = shape.partition("%")
    steps = depth // (before.count("[") + before.count("{")) + 1
    began = time.process_time()
    assert refused(screen.json, (before * steps + "1" + after * steps).encode()).code == "json-too-deep"
    assert time.process_time() - began < 0.5


def test_json_of_allowed_depth_passes():
    assert screen.json(b"[" * 256 + b"]" * 256) is not None
    assert refused(screen.json, b"[" * 257 + b"]" * 257).code == "json-too-deep"


def dumps(document) -> bytes:
    return stdlib_json.dumps(document).encode()


@pytest.mark.parametrize(
    "document",
    [
        {"@context": "https://evil.example/context.jsonld"},
        {"@context": [{"a": "b"}, "http://169.254.169.254/"]},
        {"@context": "relative.jsonld"},
        {"@graph": [{"a": {"@context": "https://x.example/"}}]},
        {"@context": {"term": {"@id": "http://x", "@context": "https://x.example/"}}},
        {"@context": {"@import": "https://x.example/"}},
        [[[{"@context": ["file:///etc/passwd"]}]]],
        {"@context": {"t": {"@context": [["https://x.example/"]]}}},
    ],
)  # fmt: skip
def test_remote_contexts_are_refused_by_name(document):
    error = refused(screen.json_ld, dumps(document), url="http://x/", source="town")
    assert error.code == "json-ld-remote-context"
    assert error.value in stdlib_json.dumps(document)
    assert error.value in error.text("de")


@pytest.mark.parametrize(
    "document", [{"@context": {"dcat": "http://www.w3.org/ns/dcat#"}}, {"@context": None}, {"@context": [{}, None]}, [], {"a": 1}]
)
def test_contexts_in_the_document_stay_byte_for_byte(document):
    body = dumps(document)
    assert screen.json_ld(body) is body


@pytest.mark.parametrize(
    "address", ["https://schema.org", "http://schema.org/", "https://schema.org/docs/jsonldcontext.jsonld", "https://www.schema.org/"]
)
def test_a_known_context_is_replaced_by_our_own(address):
    body = screen.json_ld(dumps({"@context": [address, {"x": "http://x/"}], "@id": "http://a", "name": "B", "url": "http://u"}))
    triples = {str(triple) for triple in pyoxigraph.parse(body, format=pyoxigraph.RdfFormat.JSON_LD)}
    assert triples == {'<http://a> <http://schema.org/name> "B"', "<http://a> <http://schema.org/url> <http://u>"}


@pytest.mark.parametrize("address", ["https://www.w3.org/ns/dcat", "http://www.w3.org/ns/dcat#", "https://www.w3.org/ns/dcat3.jsonld"])
def test_an_address_of_dcat_means_the_usual_prefixes(address):
    document = {"@id": "http://a", "@type": "dcat:Dataset", "dct:title": {"@value": "B", "@language": "de"}, "name": "C"}
    body = screen.json_ld(dumps({"@context": [address, {"name": "foaf:name"}], **document}))
    triples = {str(triple) for triple in pyoxigraph.parse(body, format=pyoxigraph.RdfFormat.JSON_LD)}
    assert triples == {
        "<http://a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Dataset>",
        '<http://a> <http://purl.org/dc/terms/title> "B"@de',
        '<http://a> <http://xmlns.com/foaf/0.1/name> "C"',
    }


@pytest.mark.parametrize("document", [{"title": "x"}, {"@type": "Dataset"}, {"dct:title": {"de": "x"}}, {"@graph": [{"@type": ["y"]}]}])
def test_a_name_that_only_the_remote_context_explains_is_not_dropped_in_silence(document):
    error = refused(screen.json_ld, dumps({"@context": "https://www.w3.org/ns/dcat", **document}))
    assert (error.code, error.value) == ("json-ld-remote-context", "https://www.w3.org/ns/dcat")


def test_json_ld_as_plain_json_keeps_its_contexts():
    body = dumps({"@context": "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld", "dataset": []})
    assert screen.screened(body, linked=False).body == body
    assert refused(screen.screened, body).code == "json-ld-remote-context"


# --- pages for people and everything together


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("<!DOCTYPE html><html><head><title>\n Just a  moment...\n</title>", "Just a moment..."),
        ("<html><title>Anmeldung – Stadt</title>", "Anmeldung – Stadt"),
        ("<html><body>Fehler", "?"), ("\n\n<HTML><TITLE lang='de'>Wartung</TITLE>", "Wartung"),
    ],
)  # fmt: skip
def test_html_instead_of_data_is_refused_with_its_title(body, name):
    error = refused(screen.screened, body.encode(), media_type="application/rdf+xml", url="http://x/c.rdf", source="town")
    assert (error.code, error.params["title"], error.source) == ("html-instead-of-data", name, "town")
    assert name in error.text("de")


@pytest.mark.parametrize("body", [b"", b" \n", b"\xef\xbb\xbf", gzip.compress(b"")])
def test_an_empty_answer_is_refused(body):
    assert refused(screen.screened, body, url="http://x/").code == "empty-answer"


def test_a_valid_empty_catalog_is_no_empty_answer():
    assert screen.screened(HEAD + b"</rdf:RDF>").kind == "rdf-xml"


def test_all_repairs_of_one_answer_are_told():
    body = gzip.compress(b'<?xml version="1.0" encoding="utf-8"?>' + HEAD + "<e:a>Bäume\x0b</e:a></rdf:RDF>".encode("cp1252"))
    found = screen.screened(body, media_type="text/turtle", charset="utf-8", url="http://x/katalog.ttl.gz")
    assert (found.kind, "Bäume ".encode() in found.body) == ("rdf-xml", True)
    assert codes(found.findings) == ["charset-repaired", "control-characters", "media-type-differs", "suffix-differs"]


@given(
    st.binary(max_size=60),
    st.sampled_from([b"", HEAD, b"{", b"@prefix ", gzip.compress(b"x")[:9]]),
    st.text(max_size=10),
    st.text(max_size=10),
)
def test_whatever_comes_is_screened_or_refused(body, start, media_type, url):
    if outcome(screen.screened, start + body, media_type=media_type, url=url) == "done":
        screen.screened(start + body).body.decode()


KINDS = {".rdf": "rdf-xml", ".ttl": "turtle", ".jsonld": "json-ld"}


@pytest.mark.parametrize("folder", ["dcat-rdf", "csw-iso19139", "arcgis-hub", "ogc-capabilities", "zurich-meta-xml"])
def test_real_answers_pass_without_a_finding(folder):
    for path in sorted(shared(f"corpus/{folder}").iterdir()):
        raw = path.read_bytes()
        found = screen.screened(raw, url=path.name, linked=False)
        assert found.findings == (), path.name
        assert found.body == screen.unpack(raw).removeprefix(b"\xef\xbb\xbf"), path.name
        suffix = screen.suffix(path.name)
        assert found.kind == KINDS.get(suffix, found.kind), path.name


def test_screening_costs_little_beside_parsing():
    body = gzip.decompress(shared("corpus/dcat-rdf/rostock_catalog.rdf.gz").read_bytes())

    def fastest(call) -> float:
        times = []
        for _ in range(5):
            began = time.process_time()
            call()
            times.append(time.process_time() - began)
        return min(times)

    parsing = fastest(lambda: sum(1 for _ in pyoxigraph.parse(body, format=pyoxigraph.RdfFormat.RDF_XML)))
    assert fastest(lambda: screen.screened(body)) < 0.7 * parsing


def test_our_prefixes_are_the_namespaces_of_the_terms():
    assert set(contexts.PREFIXES.values()) >= {space.base for space in NAMESPACES}
