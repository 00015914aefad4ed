"""The rdflib view of a Description is the same graph: nothing is rewritten, lost or logged on the way."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pyoxigraph
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from rdflib.compare import isomorphic

from federation.dcat.description import Description
from federation.dcat.graph import from_graph, from_rdflib, to_graph, to_rdflib
from federation.terms import DCAT, DCTERMS, RDF, XSD, literal

ROOT = "<http://a.example/dataset/1>"

hostile = st.text(st.sampled_from('"\\\n\r\t\b\f\x00\x7f\ufffe\uffff @^<>äu0'))
texts = st.text(st.characters(exclude_categories=["Cs"])) | hostile
tags = st.sampled_from(["de", "en", "de-at", "lv-t-en-t0-mtec", "zh-hant"])
ill_typed = st.sampled_from([
    literal(text, datatype=datatype)
    for text, datatype in [
        ("2021-13-99", XSD.date), ("01", XSD.integer), ("1.0", XSD.nonNegativeInteger), ("6776.00", XSD.decimal),
        ("+1e3", XSD.double), ("ja", XSD.boolean), ("1", XSD.boolean), ("24:61", XSD.time), ("P1Q", XSD.duration),
        ("abc", XSD.hexBinary), ("a  b\n", XSD.token), ("a\tb", XSD.normalizedString), ("<a><b></a>", RDF.XMLLiteral),
        ("<p>x", RDF.HTML), ("  x ", XSD.anyURI), ("2021", XSD.gYear), ("x", XSD.base64Binary),
        ("2024-01-01T24:00:00", XSD.dateTime), ("", XSD.dateTime), ("9" * 5000, XSD.integer),
    ]
])  # fmt: skip
iris = st.sampled_from([
    "<http://a.example/ä?x=1#y>", "<mailto:info@a.example>", "<urn:uuid:1>", "<http://a.example/%20>", ROOT,
])  # fmt: skip
blanks = st.sampled_from(["_:b1", "_:d0c1", "_:0", "_:a.b-c"])
plain = st.builds(literal, texts)
tagged = st.builds(literal, texts, language=tags)
datatypes = st.sampled_from([XSD.date, XSD.integer, XSD.token, XSD.anyURI, XSD.boolean, RDF.XMLLiteral, DCAT.own])
typed = st.builds(literal, texts, datatype=datatypes)
terms = plain | tagged | typed | ill_typed | iris | blanks
triples = st.tuples(iris | blanks, st.sampled_from([DCTERMS.title, DCAT.keyword, DCTERMS.issued]), terms)


def described(statements: list[tuple[str, str, str]]) -> Description:
    description = Description(ROOT, "dataset")
    for statement in statements:
        description.say(*statement)
    return description


@given(terms)
def test_a_term_comes_back_as_it_went(term: str) -> None:
    assert from_rdflib(to_rdflib(term)) == term


@given(st.lists(triples, max_size=12))
def test_a_description_comes_back_as_it_went(statements: list[tuple[str, str, str]]) -> None:
    description = described(statements)
    back = from_graph(to_graph(description), ROOT, "dataset")
    assert set(back.triples()) == set(description.triples())
    assert (back.root, back.kind, back.changes) == (ROOT, "dataset", [])


@given(st.lists(triples, max_size=8))
def test_both_libraries_see_the_same_graph(statements: list[tuple[str, str, str]]) -> None:
    description = described(statements)
    lines = "".join(f"{s} {p} {o} .\n" for s, p, o in description.triples()).encode()
    quads = pyoxigraph.parse(lines, pyoxigraph.RdfFormat.N_TRIPLES)
    oxigraph = {(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in quads}
    assert {tuple(map(from_rdflib, triple)) for triple in description.graph()} == oxigraph


def test_the_graph_of_a_description_is_isomorphic_to_what_rdflib_parses() -> None:
    description = described([
        (ROOT, DCTERMS.title, '"Straßen \\"A\\""@de'),
        (ROOT, DCAT.distribution, "_:b1"),
        ("_:b1", DCAT.accessURL, "<http://a.example/x>"),
    ])
    lines = "".join(f"{s} {p} {o} .\n" for s, p, o in description.triples())
    assert isomorphic(description.graph(), rdflib.Graph().parse(data=lines, format="nt"))


def test_the_graph_is_a_copy_that_speaks_in_prefixes() -> None:
    description = described([(ROOT, DCTERMS.title, '"A"')])
    graph = description.graph()
    graph.remove((None, None, None))
    assert description.value(ROOT, DCTERMS.title) == '"A"'
    turtle = described([(ROOT, DCAT.keyword, '"A"')]).graph().serialize(format="turtle")
    assert "@prefix dcat: <http://www.w3.org/ns/dcat#>" in turtle
    assert "dcat:keyword" in turtle


def test_values_are_there_as_python_objects_for_a_hook() -> None:
    assert to_rdflib(literal("2024-02-01", datatype=XSD.date)).toPython() == date(2024, 2, 1)
    assert to_rdflib(literal("012", datatype=XSD.integer)).toPython() == 12


def test_the_switch_of_rdflib_is_left_alone_even_while_threads_convert() -> None:
    seen = []

    def convert(number: int) -> None:
        to_graph(described([(ROOT, DCTERMS.issued, literal(f"0{number}", datatype=XSD.integer))]))
        seen.append(rdflib.NORMALIZE_LITERALS)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(convert, range(50)))
    assert seen == [True] * 50


def test_a_wrong_date_is_not_logged_with_a_stack_trace(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        to_rdflib(literal("2022-99-01", datatype=XSD.date))
    assert not caplog.records


def test_an_entity_bomb_inside_an_xml_literal_is_not_parsed() -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "x" * 10}">' for n in range(9))
    bomb = literal(f"<!DOCTYPE x [{entities}]><x>&a8;</x>", datatype=RDF.XMLLiteral)
    assert from_rdflib(to_rdflib(bomb)) == bomb


@pytest.mark.parametrize("triple", [
    (rdflib.Literal("a"), rdflib.DCTERMS.title, rdflib.Literal("b")),
    (rdflib.URIRef("http://a.example/a b"), rdflib.DCTERMS.title, rdflib.Literal("b")),
    (rdflib.URIRef("relative"), rdflib.DCTERMS.title, rdflib.Literal("b")),
    (rdflib.URIRef("http://a.example/"), rdflib.BNode("p"), rdflib.Literal("b")),
    (rdflib.URIRef("http://a.example/"), rdflib.DCTERMS.title, rdflib.BNode("not a label")),
])  # fmt: skip
def test_what_cannot_be_written_is_refused(triple: tuple[rdflib.term.Node, rdflib.term.Node, rdflib.term.Node]) -> None:
    graph = rdflib.Graph()
    graph.add(triple)
    with pytest.raises(ValueError, match=r".+"):
        from_graph(graph, ROOT, "dataset")


def test_the_root_comes_first() -> None:
    description = described([("<http://a.example/a>", DCTERMS.title, '"A"'), (ROOT, DCTERMS.title, '"B"')])
    assert next(iter(from_graph(to_graph(description), ROOT, "dataset").nodes)) == ROOT
