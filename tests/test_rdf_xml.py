"""Plain RDF/XML is read as the parser reads it, or left to the parser."""

import gzip
import random
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.dcat import rdf_xml
from federation.dcat.fragments import Lines
from federation.dcat.parse import parse
from federation.errors import SourceError
from federation.harvest import screen
from tests.shared import shared

BASE = "http://stadt.example/feed.rdf"
HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"\n'
    '  xmlns:dcat="http://www.w3.org/ns/dcat#"\n  xmlns:dct=\'http://purl.org/dc/terms/\'>\n'
)
FOOT = "</rdf:RDF>\n"


def triples(lines: Lines) -> set[str]:
    """The triples under canonical labels."""
    text = "".join(f"{node} {pair} .\n" for node, pairs in lines.items() for pair in pairs).replace(".anonymous", "anonymous")
    dataset = ox.Dataset(ox.parse(text, ox.RdfFormat.N_TRIPLES))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return {str(quad) for quad in dataset}


def expected(body: bytes) -> set[str] | None:
    """What the parser makes of a document; None where it refuses it."""
    try:
        return triples(_by_parser(body))
    except SyntaxError:
        return None


def _by_parser(body: bytes) -> Lines:
    lines: Lines = {}
    for quad in ox.parse(body, ox.RdfFormat.RDF_XML, base_iri=BASE):
        lines.setdefault(str(quad.subject), []).append(f"{quad.predicate} {quad.object}")
    return lines


def read(body: str | bytes) -> Lines | None:
    return rdf_xml.read(body.encode() if isinstance(body, str) else body, BASE, 100_000)


def document(inner: str) -> str:
    return HEAD + inner + FOOT


DATASET = document("""  <dcat:Dataset rdf:about="https://stadt.example/d/1?a=1&amp;b=2">
    <dct:title xml:lang="DE">B&#228;ume &amp; "Sträucher" &lt;neu&gt;</dct:title>
    <dct:description>Zeile 1
Zeile 2\t\\ Ende</dct:description>
    <dct:issued rdf:datatype="http://www.w3.org/2001/XMLSchema#date">2024-01-31</dct:issued>
    <dct:identifier rdf:datatype="http://www.w3.org/2001/XMLSchema#string">x</dct:identifier>
    <dct:alternative/>
    <dct:abstract></dct:abstract>
    <dct:publisher rdf:resource="https://stadt.example/amt"/>
    <contributorID xmlns="http://dcat-ap.de/def/dcatde/" rdf:resource="http://dcat-ap.de/def/contributors/x" />
    <geocodingDescription xmlns="http://dcat-ap.de/def/dcatde/">Stadt</geocodingDescription>
    <dct:spatial rdf:nodeID="ort"/>
    <dcat:distribution>
      <dcat:Distribution>
        <dcat:accessURL rdf:resource="https://stadt.example/daten/straße.csv"/>
        <dct:license>
          <rdf:Description rdf:about="http://dcat-ap.de/def/licenses/cc-zero"/>
        </dct:license>
      </dcat:Distribution>
    </dcat:distribution>
  </dcat:Dataset>
  <rdf:Description rdf:nodeID="ort">
    <rdf:type rdf:resource="http://purl.org/dc/terms/Location"/>
  </rdf:Description>
""")


def test_what_serialisers_write_is_read_at_once() -> None:
    lines = read(DATASET)
    assert lines is not None
    assert triples(lines) == expected(DATASET.encode())
    assert '<http://purl.org/dc/terms/title> "Bäume & \\"Sträucher\\" <neu>"@de' in lines["<https://stadt.example/d/1?a=1&b=2>"]


@pytest.mark.parametrize("inner", [
    '<!-- Kommentar --><dcat:Dataset rdf:about="http://a.example/1"><dct:title>x</dct:title></dcat:Dataset>',
    '<dcat:Dataset rdf:about="http://a.example/1"><dct:title><![CDATA[x]]></dct:title></dcat:Dataset>',
    '<dcat:Dataset rdf:about="relativ"><dct:title>x</dct:title></dcat:Dataset>',
    '<dcat:Dataset rdf:about="http://a.example/mit leer"><dct:title>x</dct:title></dcat:Dataset>',
    '<dcat:Dataset rdf:ID="x"><dct:title>x</dct:title></dcat:Dataset>',
    '<dcat:Dataset rdf:about="http://a.example/1" dct:title="x"/>',
    '<dcat:Dataset rdf:about="http://a.example/1" xml:lang="de"><dct:title>x</dct:title></dcat:Dataset>',
    '<dcat:Dataset><dct:spatial rdf:parseType="Resource"><dct:title>x</dct:title></dct:spatial></dcat:Dataset>',
    '<dcat:Dataset rdf:about="http://a.example/1"><dct:title>x &unbekannt; y</dct:title></dcat:Dataset>',
    '<dcat:Dataset rdf:about="http://a.example/1"><dct:title>x &#11; y</dct:title></dcat:Dataset>',
    '<dcat:Dataset rdf:about="http://a.example/1"><dct:title>x &#133; y</dct:title></dcat:Dataset>',
    '<dcat:Dataset rdf:about="http://a.example/1"><dct:title>x<b>y</b></dct:title></dcat:Dataset>',
    '<dcat:Dataset rdf:about="http://a.example/1"><dct:title>x</dct:titel></dcat:Dataset>',
    '<dcat:Dataset rdf:about="http://a.example/1"><dct:title>x</dct:title>',
    '<dcat:Dataset rdf:about="http://a.example/1"><dct:title>x</dct:title></dcat:Dataset>Text',
    '<dcat:Dataset rdf:about="http://a.example/1"><dct:title xml:lang="kein tag">x</dct:title></dcat:Dataset>',
    '<dcat:Dataset rdf:about="http://a.example/1"><rdf:li>x</rdf:li></dcat:Dataset>',
    '<fremd:Dataset rdf:about="http://a.example/1"><dct:title>x</dct:title></fremd:Dataset>',
    '<dcat:Dataset xmlns:dct="http://anders.example/" rdf:about="http://a.example/1"><dct:title>x</dct:title></dcat:Dataset>',
    '<dcat:Dataset rdf:about="http://a.example/1">< ></dcat:Dataset>', "<>", "<<", "</rdf:RDF>", "</rdf:RDF><dcat:Dataset/>",
])  # fmt: skip
def test_everything_else_is_left_to_the_parser(inner: str) -> None:
    assert read(document(inner)) is None


@pytest.mark.parametrize("body", [
    "", "kein XML", HEAD, '<!DOCTYPE rdf:RDF [<!ENTITY a "b">]>' + DATASET.partition("\n")[2],
    DATASET.replace("\n<rdf:RDF", "\n<rdf:RDF a='1'"), DATASET.encode("utf-16"), DATASET.encode("latin-1"),
    HEAD.replace('rdf="http://www.w3.org/1999', 'rdf="http://anders.example/1999') + FOOT,
    HEAD.replace("xmlns:dct=", "xmlns:dcat=") + FOOT,
])  # fmt: skip
def test_a_document_of_another_kind_is_left_to_the_parser(body: str | bytes) -> None:
    assert read(body) is None


def test_nodes_inside_nodes_without_end_are_left_to_the_screen_which_refuses_them() -> None:
    deep = document("<dcat:Dataset><dct:relation>" * 5_000 + "</dct:relation></dcat:Dataset>" * 5_000)
    assert read(deep) is None


def test_more_triples_than_may_be_end_in_an_error_that_names_the_limit() -> None:
    many = document('<dcat:Dataset rdf:about="http://a.example/1">' + "<dcat:keyword>x</dcat:keyword>\n" * 30 + "</dcat:Dataset>")
    with pytest.raises(SourceError, match="document-too-large"):
        rdf_xml.read(many.encode(), BASE, 30)


def test_a_long_document_is_read_across_its_windows() -> None:
    entries = "".join(
        f'<dcat:Dataset rdf:about="http://a.example/{n}"><dct:title xml:lang="de">{"ä" * (n % 700)}</dct:title>'
        "<dct:relation>\n<dcat:Dataset/>\n</dct:relation></dcat:Dataset>" for n in range(600)
    )  # fmt: skip
    lines = read(document(entries))
    assert lines is not None
    assert triples(lines) == expected(document(entries).encode())


TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, blacklist_categories=("Cc", "Cs")), max_size=12)
NAMES = st.sampled_from(["dct:title", "dct:relation", "dcat:keyword", "dcat:distribution", "rdf:value"])
ADDRESSES = ["http://a.example/1", "https://b.example/x?y=1&z=2#t", "urn:x:1", "mailto:a@b.example", "http://ü.example/ß", "kein", ""]
IRIS = st.sampled_from(ADDRESSES)
BLANKS = st.sampled_from(["", "\n", "  \n\t"])


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


@st.composite
def nodes(draw: st.DrawFn, depth: int = 2) -> str:
    tag = draw(st.sampled_from(["dcat:Dataset", "rdf:Description", "dct:Location"]))
    named = IRIS.map(lambda iri: f' rdf:about="{_escaped(iri)}"')
    about = draw(st.one_of(named, st.sampled_from(["", ' rdf:nodeID="a1"', ' rdf:nodeID="b"'])))
    inner = []
    for _ in range(draw(st.integers(0, 3))):
        name = draw(NAMES)
        kind = draw(st.integers(0, 5 if depth else 4))
        if kind == 0:
            inner.append(f'<{name} rdf:resource="{_escaped(draw(IRIS))}"/>')
        elif kind == 1:
            inner.append(f'<{name} rdf:nodeID="a1" />')
        elif kind == 2:
            inner.append(f"<{name}>{_escaped(draw(TEXTS))}</{name}>")
        elif kind == 3:
            inner.append(f'<{name} xml:lang="{draw(st.sampled_from(["de", "EN-gb", "de-t-en-t0-mtec", "x", "", "d e"]))}">t</{name}>')
        elif kind == 4:
            inner.append(f'<{name} rdf:datatype="{draw(IRIS)}">1</{name}>'.replace("&", "&amp;"))
        else:
            inner.append(f"<{name}>{draw(BLANKS)}{draw(nodes(depth - 1))}{draw(BLANKS)}</{name}>")
    blank = draw(BLANKS)
    return f"<{tag}{about}>{blank}{blank.join(inner)}{blank}</{tag}>{blank}"


@settings(max_examples=200)
@given(st.lists(nodes(), max_size=3), st.integers(0, 2**32))
def test_what_is_read_is_what_the_parser_reads(inner: list[str], seed: int) -> None:
    whole = document("".join(inner))
    for body in (whole, _damaged(whole, random.Random(seed))):
        lines = read(body)
        if lines is not None:
            assert triples(lines) == expected(body.encode())


def _damaged(text: str, chance: random.Random) -> str:
    """The text with a few characters lost, doubled, moved or put in."""
    letters = list(text)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(HEAD) // 2, len(letters))
        other = chance.choice("<>/\"'&; :=\n#x")
        letters[at : at + 1] = chance.choice([[], [letters[at]] * 2, [other], [letters[at], *letters[at - 9 : at]]])
    return "".join(letters)


def test_damage_is_never_read_as_something_else() -> None:
    chance = random.Random(20)
    read_at_once = 0
    for _ in range(1_500):
        body = _damaged(DATASET, chance)
        lines = read(body)
        if lines is not None:
            read_at_once += 1
            assert triples(lines) == expected(body.encode()), body
    assert read_at_once > 100


@pytest.mark.parametrize(
    "name", ["rostock_catalog.rdf.gz", "es_ua_alicante.rdf.gz", "dataeuropa_survey.rdf", "opendataswiss_single_dataset.rdf"]
)
def test_real_feeds_are_read_at_once_and_as_the_parser_reads_them(name: str) -> None:
    body = screen.text(_bytes(shared(f"corpus/dcat-rdf/{name}")))[0]
    lines = rdf_xml.read(body, BASE, 1_000_000)
    assert lines is not None
    assert triples(lines) == triples(parse(screen.xml_safe(body), "rdf-xml", BASE).lines)


def test_no_real_feed_is_read_otherwise_than_by_the_parser() -> None:
    for file in sorted(shared("corpus/dcat-rdf").glob("*.rdf*")):
        body = screen.text(_bytes(file))[0]
        lines = rdf_xml.read(body, BASE, 1_000_000)
        assert lines is None or triples(lines) == triples(parse(screen.xml_safe(body), "rdf-xml", BASE).lines), file.name


def _bytes(file: Path) -> bytes:
    body = file.read_bytes()
    return gzip.decompress(body) if file.suffix == ".gz" else body
