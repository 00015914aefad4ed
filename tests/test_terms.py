"""Our terms are the canonical N-Triples that pyoxigraph writes and that rdflib reads."""

import pyoxigraph
import pytest
import rdflib
from hypothesis import example, given
from hypothesis import strategies as st
from rdflib.util import from_n3

from federation.terms import (
    DCAT,
    DCTERMS,
    NAMESPACES,
    XSD,
    expanded,
    iri,
    iri_value,
    is_blank,
    is_iri,
    is_literal,
    literal,
    parts,
    prefixed,
    value,
)

texts = st.text(st.characters(exclude_categories=["Cs"]))
hostile = st.text(st.sampled_from('"\\\n\r\t\b\f\x00\x01\x1f\x7f\x80\x85\u2028\ufeff\ufffe\uffff\U0001ffff@^<>_:untbr0Aä'))
tags = st.from_regex(r"[A-Za-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?(-t-en-t0-mtec)?(-x-[a-z0-9]{1,8})?", fullmatch=True)
datatypes = st.sampled_from([XSD.date, XSD.dateTime, XSD.integer, XSD.decimal, XSD.hexBinary, XSD.boolean, DCAT.own])


def canonical(text: str, language: str = "", datatype: str = "") -> pyoxigraph.Literal:
    node = pyoxigraph.NamedNode(iri_value(datatype)) if datatype else None
    return pyoxigraph.Literal(text, language=language or None, datatype=node)


@given(texts | hostile)
@example("\ufffe\uffff")
@example('ends with a backslash \\')
def test_a_literal_is_written_as_pyoxigraph_writes_it(text: str) -> None:
    assert literal(text) == str(canonical(text))


@given(texts | hostile, tags)
def test_a_language_tag_is_written_in_lower_case_as_pyoxigraph_does(text: str, tag: str) -> None:
    assert literal(text, language=tag) == str(canonical(text, language=tag))


@given(texts | hostile, datatypes)
def test_a_typed_literal_is_written_as_pyoxigraph_writes_it(text: str, datatype: str) -> None:
    assert literal(text, datatype=datatype) == str(canonical(text, datatype=datatype))


@given(texts | hostile, st.just("") | tags, st.just("") | datatypes)
def test_what_a_literal_says_can_be_read_back(text: str, tag: str, datatype: str) -> None:
    term = literal(text, language=tag, datatype="" if tag else datatype)
    assert value(term) == text
    assert parts(term) == (text, tag.lower(), "" if tag else datatype)


@given(texts | hostile, st.just("") | tags, st.just("") | datatypes)
def test_a_line_of_our_terms_is_read_by_pyoxigraph_and_serialised_to_the_same_bytes(text: str, tag: str, datatype: str) -> None:
    line = f"<http://a.example/s> {DCTERMS.title} {literal(text, language=tag, datatype='' if tag else datatype)} .\n".encode()
    quads = list(pyoxigraph.parse(line, format=pyoxigraph.RdfFormat.N_TRIPLES))
    assert pyoxigraph.serialize(quads, format=pyoxigraph.RdfFormat.N_TRIPLES) == line


@given(texts | hostile, st.just("") | tags)
def test_rdflib_reads_the_same_text_and_tag(text: str, tag: str) -> None:
    line = f"<http://a.example/s> {DCTERMS.title} {literal(text, language=tag)} .\n"
    (found,) = rdflib.Graph().parse(data=line.encode(), format="nt").objects()
    assert isinstance(found, rdflib.Literal)
    assert (str(found), (found.language or "").lower()) == (text, tag.lower())


@given(st.text(st.sampled_from('abc"\\\n\r\täß€'), max_size=20), tags)
def test_rdflib_reads_a_single_term_in_n3(text: str, tag: str) -> None:
    found = from_n3(literal(text, language=tag))
    assert isinstance(found, rdflib.Literal)
    assert (str(found), (found.language or "").lower()) == (text, tag.lower())


def test_a_lone_surrogate_becomes_the_replacement_character() -> None:
    assert literal("a\ud800b") == '"a\ufffdb"'


def test_a_string_datatype_is_not_written() -> None:
    assert literal("x", datatype=XSD.string) == '"x"'


def test_the_first_character_tells_what_a_term_is() -> None:
    assert [is_iri(iri("http://a.example/")), is_blank("_:b1"), is_literal('"x"@de')] == [True, True, True]
    assert [value(iri("http://a.example/")), value("_:b1"), iri_value("<http://a.example/>")] == [
        "http://a.example/", "b1", "http://a.example/",
    ]  # fmt: skip


def test_prefix_forms_lead_back_to_their_terms() -> None:
    for space in NAMESPACES:
        assert expanded(prefixed(space.title)) == space.title
        assert prefixed(space["some-name"]) == f"{space.prefix}:some-name"
    assert prefixed("<http://a.example/x#y>") == "http://a.example/x#y"
    assert prefixed('"text"@de') == "text"


def test_an_unknown_prefix_is_refused() -> None:
    with pytest.raises(ValueError, match="no namespace is known as foo:"):
        expanded("foo:bar")
