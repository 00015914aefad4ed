"""The parse ladder: strict; else IRIs and language tags mended; else rdflib; else a SourceError. Nothing is lost without a word."""

import json
from collections import Counter

import pyoxigraph
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.dcat import parse as parsing
from federation.dcat import repair, salvage
from federation.dcat.parse import SYNTAXES, Parsed, parse
from federation.dcat.repair import Repairs, is_valid_iri, mended_iri, mended_tag
from federation.errors import SourceError
from federation.finding import texts
from federation.terms import DCTERMS
from tests.corpus import BROKEN, FEEDS, feed

BASE = "https://portal.example/catalog.rdf"
P = "<http://purl.org/dc/terms/%s>"


def rdf(inside: str, attributes: str = "") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"\n'
        f' xmlns:dct="http://purl.org/dc/terms/" {attributes}>\n{inside}\n</rdf:RDF>'
    ).encode()


def about(iri: str, inside: str, attributes: str = "") -> bytes:
    return rdf(f'<rdf:Description rdf:about="{iri}">{inside}</rdf:Description>', attributes)


def triples(parsed: Parsed) -> set[str]:
    return {f"{node} {pair}" for node, pairs in parsed.lines.items() for pair in pairs}


def codes(parsed: Parsed) -> list[str]:
    return [finding.code for finding in parsed.findings]


def canonical(ntriples: str) -> Counter[str]:
    dataset = pyoxigraph.Dataset(pyoxigraph.parse(ntriples.encode(), format=pyoxigraph.RdfFormat.N_TRIPLES))
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.UNSTABLE)
    return Counter(map(str, dataset))


# Strict


GRAPH = [
    pyoxigraph.Quad(pyoxigraph.NamedNode("https://portal.example/d"), pyoxigraph.NamedNode(DCTERMS.title[1:-1]), term)
    for term in (
        pyoxigraph.Literal("Bäume . \n\"alt\" \\ \t"), pyoxigraph.Literal("trees", language="en"), pyoxigraph.NamedNode("https://x.example/ä?a=1&b=2"),
        pyoxigraph.Literal("01", datatype=pyoxigraph.NamedNode("http://www.w3.org/2001/XMLSchema#integer")),
    )
]  # fmt: skip


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_every_syntax_gives_the_same_lines(syntax: str) -> None:
    body = pyoxigraph.serialize(GRAPH, format=SYNTAXES[syntax])
    assert body is not None
    parsed = parse(body, syntax, BASE)
    assert triples(parsed) == {f"{quad.subject} {quad.predicate} {quad.object}" for quad in GRAPH}
    assert parsed.findings == []


@pytest.mark.parametrize(("syntax", "body"), [
    ("trig", """PREFIX : <https://a.example/> PREFIX dct: <http://purl.org/dc/terms/>
        :g { :s dct:title "x <y> ."@de . } :s dct:relation :o ."""),
    ("n-quads", """<https://a.example/s> <http://purl.org/dc/terms/title> "x <y> ."@de <https://a.example/g> .
<https://a.example/s> <http://purl.org/dc/terms/relation> <https://a.example/o> _:g ."""),
    ("json-ld", """{"@context": {"@base": "https://a.example/", "@vocab": "http://purl.org/dc/terms/"}, "@id": "g", "@graph": [
        {"@id": "s", "title": {"@value": "x <y> .", "@language": "de"}, "relation": {"@id": "o"}}]}"""),
])  # fmt: skip
def test_named_graphs_are_merged(syntax: str, body: str) -> None:
    assert triples(parse(body.encode(), syntax, BASE)) == {
        '<https://a.example/s> <http://purl.org/dc/terms/title> "x <y> ."@de',
        "<https://a.example/s> <http://purl.org/dc/terms/relation> <https://a.example/o>",
    }


def test_relative_addresses_hang_on_xml_base_and_else_on_the_address_of_the_document() -> None:
    assert list(parse(about("d", "<dct:title>x</dct:title>"), "rdf-xml", BASE).lines) == ["<https://portal.example/d>"]
    based = about("d", "<dct:title>x</dct:title>", 'xml:base="https://other.example/y/"')
    assert list(parse(based, "rdf-xml", BASE).lines) == ["<https://other.example/y/d>"]


def test_an_address_with_a_blank_is_a_base_too() -> None:
    for syntax, body in (("rdf-xml", about("d", SALVAGE)), ("turtle", b"<d> <http://purl.org/dc/terms/title> 'x' .")):
        assert list(parse(body, syntax, "https://portal.example/open data/feed|1").lines) == ["<https://portal.example/open%20data/d>"]


def test_a_valid_empty_catalog_has_no_lines() -> None:
    assert parse(rdf(""), "rdf-xml", BASE) == Parsed({})


def test_the_lines_of_one_subject_stand_together_wherever_they_are_written() -> None:
    body = "".join(f'<https://a.example/{place % 3}> <http://purl.org/dc/terms/title> "{place}" .\n' for place in range(900))
    assert {node: len(pairs) for node, pairs in parse(body.encode(), "n-triples", BASE).lines.items()} == {
        f"<https://a.example/{place}>": 300 for place in range(3)
    }


@pytest.mark.parametrize("name", [name for name in FEEDS if "rostock_cat" not in name and "alicante" not in name and "fr_geo" not in name])
def test_a_real_feed_is_read_as_rdflib_reads_it(name: str) -> None:
    body, syntax = feed(name)
    with salvage._literals_as_written():
        theirs = rdflib.Graph().parse(data=body, format={"rdf-xml": "xml"}.get(syntax, syntax), publicID=BASE)
        ours = parse(body, syntax, BASE)
        assert canonical("".join(f"{each} .\n" for each in triples(ours))) == canonical(theirs.serialize(format="nt"))
    assert ours.findings == []


def test_a_document_beyond_the_limit_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "MAX_TRIPLES", 1000)
    body = "".join(f'<https://a.example/{place}> <http://purl.org/dc/terms/title> "x" .\n' for place in range(1600))
    with pytest.raises(SourceError) as caught:
        parse(body.encode(), "n-triples", BASE)
    assert (caught.value.code, caught.value.params["limit"]) == ("document-too-large", "1000")


# RDF 1.2 is not known to DCAT-AP.de


ITS = 'xmlns:its="http://www.w3.org/2005/11/its" rdf:version="1.2" its:version="2.0"'


@pytest.mark.parametrize(("syntax", "body", "code"), [
    ("turtle", 'PREFIX : <https://a.example/> :s :p <<( :a :b "c ." )>> , "kept" .', "triple-term"),
    ("turtle", '<https://a.example/s> <https://a.example/p> "kept"@ar--rtl .', "text-direction"),
    ("rdf-xml", about("https://a.example/s", '<dct:title its:dir="rtl" xml:lang="ar">kept</dct:title>', ITS).decode(), "text-direction"),
    ("json-ld", '{"@id": "s:1", "p:1": {"@value": "kept", "@language": "ar", "@direction": "rtl"}}', "text-direction"),
])  # fmt: skip
def test_what_only_rdf_1_2_knows_is_withheld_with_a_finding(syntax: str, body: str, code: str) -> None:
    parsed = parse(body.encode(), syntax, BASE)
    assert codes(parsed) == [code]
    assert [each for each in triples(parsed) if "kept" in each]
    assert not any("<<" in each or "--" in each for each in triples(parsed))


# Mended


@pytest.mark.parametrize(("iri", "now"), [
    ("https://a.example/x y", "https://a.example/x%20y"), (" https://a.example/x ", "https://a.example/x"),
    ("https://a.example/ü|{}^`", "https://a.example/ü%7C%7B%7D%5E%60"), ("https://a.example/100%", "https://a.example/100%25"),
    ("https://a.example/[1]", "https://a.example/%5B1%5D"), ("https://a.example/a#b#c", "https://a.example/a#b%23c"),
    ("https://a.example/\n   x", "https://a.example/x"), ("https://a.example/\\x", "https://a.example/%5Cx"),
    ("https://a.example/\ufffd", "https://a.example/%EF%BF%BD"), ("http://host:port/", ""), ("https://[::1]/a", "https://[::1]/a"),
])  # fmt: skip
def test_an_iri_becomes_the_nearest_valid_one(iri: str, now: str) -> None:
    assert mended_iri(iri) == now


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=40))
def test_a_mended_iri_is_valid_and_stays_as_it_is(tail: str) -> None:
    now = mended_iri("https://a.example/" + tail)
    assert is_valid_iri(now)
    assert mended_iri(now) == now
    assert Repairs().iri(now) == now


@settings(max_examples=500, deadline=None)
@given(st.text(alphabet="ab/%:#[]?@ ä|.1", max_size=20))
def test_a_valid_iri_is_never_touched_and_an_invalid_one_never_left_where_it_can_be_mended(tail: str) -> None:
    iri = "https://a.example" + tail
    now = Repairs().iri(iri)
    assert now == iri if is_valid_iri(iri) else is_valid_iri(now) or not mended_iri(iri)


@pytest.mark.parametrize(("tag", "now"), [
    ("de_DE", "de-DE"), ("de_DE.UTF-8", "de-DE"), ("", ""), (" de ", "de"), ("Deutsch (de)", "Deutsch-de"), ("d€", ""), ("1", ""),
])  # fmt: skip
def test_a_language_tag_becomes_the_nearest_well_formed_one(tag: str, now: str) -> None:
    assert mended_tag(tag) == now


def test_rdf_xml_is_mended_in_its_addresses_and_tags_only() -> None:
    body = rdf("""<!-- <x rdf:about="a b"> --><rdf:Description rdf:about="https://a.example/x y?a=1&amp;b={2}">
        <dct:relation rdf:resource='https://a.example/"q"'/><dct:title xml:lang="de_DE">rdf:about="a b" &lt;x y="{z}"&gt;</dct:title>
        <dct:description><![CDATA[<x rdf:about="a b" xml:lang="de_DE">]]></dct:description>
        <dct:issued rdf:datatype="http://www.w3.org/2001/XMLSchema#da te">2024</dct:issued></rdf:Description>""")
    parsed = parse(body, "rdf-xml", BASE)
    node = "<https://a.example/x%20y?a=1&b=%7B2%7D>"
    assert triples(parsed) == {
        f"{node} {P % 'relation'} <https://a.example/%22q%22>", f"{node} {P % 'title'} \"rdf:about=\\\"a b\\\" <x y=\\\"{{z}}\\\">\"@de-de",
        f"{node} {P % 'description'} \"<x rdf:about=\\\"a b\\\" xml:lang=\\\"de_DE\\\">\"",
        f"{node} {P % 'issued'} \"2024\"^^<http://www.w3.org/2001/XMLSchema#da%20te>",
    }  # fmt: skip
    assert codes(parsed) == ["iri-repaired", "iri-repaired", "language-repaired", "iri-repaired"]
    assert parsed.findings[0].value == "https://a.example/x y?a=1&b={2}"


def test_a_namespace_with_a_blank_is_mended() -> None:
    parsed = parse(about("https://a.example/s", "<q:t>x</q:t>", 'xmlns:q="https://a.example/q q#"'), "rdf-xml", BASE)
    assert triples(parsed) == {'<https://a.example/s> <https://a.example/q%20q#t> "x"'}


def test_an_empty_language_tag_is_no_language_and_no_flaw() -> None:
    parsed = parse(about("https://a.example/s", '<dct:title xml:lang="">x</dct:title>'), "rdf-xml", BASE)
    assert triples(parsed) == {f'<https://a.example/s> {P % "title"} "x"'}
    assert parsed.findings == []


def test_an_empty_language_tag_takes_an_outer_one_back() -> None:
    body = about("https://a.example/s", '<dct:title xml:lang="">x</dct:title><dct:title>y</dct:title>', 'xml:lang="de"')
    parsed = parse(body, "rdf-xml", BASE)
    assert triples(parsed) == {f'<https://a.example/s> {P % "title"} "x"', f'<https://a.example/s> {P % "title"} "y"@de'}


def test_turtle_is_mended_in_addresses_and_tags_only() -> None:
    body = """<https://a.example/x y> <http://purl.org/dc/terms/title> "a <b c> @de_DE"@de_DE , '''it's <b c>'''@en ; # <b c> "x"@de_DE
        <http://purl.org/dc/terms/relation> <https://a.example/\\u0020z>, <https://a.example/{id}> ."""
    parsed = parse(body.encode(), "turtle", BASE)
    node = "<https://a.example/x%20y>"
    assert triples(parsed) == {
        f'{node} {P % "title"} "a <b c> @de_DE"@de-de', f'{node} {P % "title"} "it\'s <b c>"@en',
        f"{node} {P % 'relation'} <https://a.example/%20z>", f"{node} {P % 'relation'} <https://a.example/%7Bid%7D>",
    }  # fmt: skip


@pytest.mark.parametrize("name", [name for name in FEEDS if "jsonld" not in name and "fr_geo" not in name])
def test_mending_leaves_a_valid_feed_as_it_is(name: str) -> None:
    body, _ = feed(name)
    repairs = Repairs()
    assert repair.xml(body, repairs) == body
    assert repairs.findings == []


def test_what_one_document_has_wrong_a_thousand_times_is_told_a_bounded_number_of_times() -> None:
    body = rdf("".join(f'<rdf:Description rdf:about="a b {place}"><dct:title>x</dct:title></rdf:Description>' for place in range(1000)))
    parsed = parse(body, "rdf-xml", BASE)
    assert len(parsed.lines) == 1000
    assert len(parsed.findings) == repair.MOST_FINDINGS


# JSON-LD, whose parser drops what is invalid without a word


def json_ld(document: object) -> Parsed:
    return parse(json.dumps(document).encode(), "json-ld", BASE)


def test_json_ld_with_invalid_addresses_loses_no_triple() -> None:
    context = {
        "dct": "http://purl.org/dc/terms/", "publisher": {"@id": "dct:publisher", "@type": "@id"}, "id": "@id",
        "title": {"@id": "dct:title", "@container": "@language"},
    }  # fmt: skip
    parsed = json_ld({
        "@context": context, "id": "https://a.example/x y", "@type": "https://a.example/A B", "publisher": ["https://a.example/{p}"],
        "title": {"de_DE": "Bäume", "en": "Trees"}, "dct:issued": {"@value": "x", "@type": "https://a.example/d t"},
        "http://purl.org/dc/terms/a b": {"@list": [{"@id": "https://a.example/l m"}]},
        "dct:abstract": {"@value": "y", "@language": "de_AT"},
    })  # fmt: skip
    said = " ".join(triples(parsed))
    for wanted in (
        "<https://a.example/x%20y>", "<https://a.example/A%20B>", "<https://a.example/%7Bp%7D>", '"Bäume"@de-de', '"Trees"@en', '"y"@de-at',
        '"x"^^<https://a.example/d%20t>', "<http://purl.org/dc/terms/a%20b>", "<https://a.example/l%20m>",
    ):  # fmt: skip
        assert wanted in said
    assert Counter(codes(parsed)) == {"iri-repaired": 6, "language-repaired": 2}


def test_json_ld_says_which_address_nothing_could_be_made_of() -> None:
    parsed = json_ld({"@id": "https://a.example/s", DCTERMS.relation[1:-1]: {"@id": "http://host:port/"}, DCTERMS.title[1:-1]: "x"})
    assert [(finding.code, finding.value) for finding in parsed.findings] == [("iri-dropped", "http://host:port/")]
    assert len(triples(parsed)) == 1


def test_texts_in_json_ld_are_no_addresses() -> None:
    parsed = json_ld({"@id": "https://a.example/s", DCTERMS.title[1:-1]: "https://a.example/x y {z}"})
    assert triples(parsed) == {f'<https://a.example/s> {DCTERMS.title} "https://a.example/x y {{z}}"'}
    assert parsed.findings == []


def test_a_default_language_that_is_none_is_taken_out() -> None:
    parsed = json_ld({"@context": {"@language": "", "t": DCTERMS.title[1:-1]}, "@id": "https://a.example/s", "t": "x"})
    assert triples(parsed) == {f'<https://a.example/s> {DCTERMS.title} "x"'}


# Salvaged


def test_a_real_feed_that_no_strict_parser_reads_is_salvaged_and_says_what_could_not_be() -> None:
    parsed = parse(*feed("fr_geonetwork.rdf"), BASE)
    count = Counter(codes(parsed))
    assert count["salvaged"] == count["iri-repaired"] == 1
    assert count["text-beside-iri"] == 14
    assert len(triples(parsed)) == 42
    assert sum(canonical("".join(f"{each} .\n" for each in triples(parsed))).values()) == 42, "strict N-Triples"


SALVAGE = '<dct:theme rdf:resource="https://a.example/t">text</dct:theme>'


def test_salvaging_keeps_literals_as_written_and_the_switch_of_rdflib_as_it_was() -> None:
    assert rdflib.NORMALIZE_LITERALS is True
    number = '<dct:extent rdf:datatype="http://www.w3.org/2001/XMLSchema#integer">007</dct:extent><dct:title xml:lang="de">a\tb</dct:title>'
    parsed = parse(about("https://a.example/s", SALVAGE + number), "rdf-xml", BASE)
    assert f'<https://a.example/s> {P % "extent"} "007"^^<http://www.w3.org/2001/XMLSchema#integer>' in triples(parsed)
    assert f'<https://a.example/s> {P % "title"} "a\\tb"@de' in triples(parsed)
    assert rdflib.NORMALIZE_LITERALS is True


def test_a_term_that_salvaging_cannot_write_is_withheld_with_a_finding() -> None:
    parsed = parse(about("https://a.example/s", SALVAGE + '<dct:relation rdf:resource="http://host:port/"/>'), "rdf-xml", BASE)
    assert [(finding.field, finding.value) for finding in parsed.findings if finding.code == "triple-dropped"] == [
        ("http://purl.org/dc/terms/relation", "http://host:port/")
    ]
    assert len(triples(parsed)) == 1


def test_salvaging_is_bounded_and_never_sees_a_doctype(monkeypatch: pytest.MonkeyPatch) -> None:
    body = about("https://a.example/s", SALVAGE)
    with pytest.raises(SourceError):
        parse(body.replace(b"<rdf:RDF", b"<!DOCTYPE rdf:RDF []><rdf:RDF", 1), "rdf-xml", BASE)
    monkeypatch.setattr(salvage, "LARGEST", 100)
    with pytest.raises(SourceError):
        parse(body, "rdf-xml", BASE)


# Rejected


def test_the_feed_with_a_syntax_error_is_rejected_with_line_and_reason() -> None:
    with pytest.raises(SourceError) as caught:
        parse(*feed(BROKEN), BASE)
    assert (caught.value.code, caught.value.params["line"]) == ("rdf-invalid", "7")
    assert "dot is expected" in caught.value.params["reason"]


@pytest.mark.parametrize(("syntax", "body"), [
    ("rdf-xml", about("https://a.example/s", "<dct:title>x</dct:title>")[:-30]), ("json-ld", b'{"@id": "https://a.example/s"'),
    ("turtle", b"<https://a.example/s> <https://a.example/p> ."), ("n-triples", b"no triples at all"), ("trig", b"<https://a.example/g> {"),
    ("json-ld", b'{"@context": "https://remote.example/context", "@id": "https://a.example/s"}'),
])  # fmt: skip
def test_what_no_rung_can_read_is_a_source_error(syntax: str, body: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        parse(body, syntax, BASE)
    assert caught.value.code == "rdf-invalid"
    assert caught.value.params["reason"]


def test_a_fault_that_the_parser_does_not_place_is_looked_up_in_the_document() -> None:
    with pytest.raises(SourceError) as caught:
        parse(rdf('<rdf:Description rdf:about="http://host:port/"><dct:title>x</dct:title>'), "rdf-xml", BASE)
    assert caught.value.code == "rdf-invalid"


def test_every_code_of_this_room_has_its_texts() -> None:
    for code in (
        "rdf-invalid", "document-too-large", "salvaged", "iri-repaired", "iri-dropped", "language-repaired", "language-dropped",
        "triple-dropped", "triple-term", "text-direction", "text-beside-iri", "fragment-too-large", "fragments-overlap",
        "blank-nodes-unsettled",
    ):  # fmt: skip
        assert texts()[code].cause["de"]
        assert texts()[code].remedy["en"]
