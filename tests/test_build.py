"""The builder writes what a connector says as the table wants it, and keeps as text what cannot be typed."""

import timeit

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.dcat.build import Builder, address, temporal
from federation.terms import DCAT, DCTERMS, FOAF, GEO, RDF, XSD, literal

HERE = "http://a.example/dataset/1"


@pytest.fixture
def builder() -> Builder:
    return Builder(HERE, "dataset")


def said(builder: Builder, name: str, value: str | int | float, language: str = "", datatype: str = "") -> str:
    builder.add(builder.root, name, value, language, datatype)
    return next(reversed(builder.description.nodes[builder.root].values()))[-1]


@pytest.mark.parametrize(("name", "value", "term"), [
    ("dcterms:title", 'Bäume "alt"\n', '"Bäume \\"alt\\"\\n"'),
    ("dcterms:title", "http://a.example/", '"http://a.example/"'),
    ("dcterms:license", "http://dcat-ap.de/def/licenses/cc-zero", "<http://dcat-ap.de/def/licenses/cc-zero>"),
    ("dcterms:license", "kostenlos", '"kostenlos"'),
    ("dcterms:license", "Lizenz: frei", '"Lizenz: frei"'),
    ("dcat:landingPage", "http://a.example/ä", "<http://a.example/ä>"),
    ("dcat:landingPage", "http://a.example/a b", '"http://a.example/a b"'),
    ("dcat:landingPage", "www.a.example", '"www.a.example"'),
    ("dcat:theme", "Umwelt", '"Umwelt"'),
    ("dcterms:publisher", "Stadt", '"Stadt"'),
    ("dcterms:modified", "2024-02-29", f'"2024-02-29"^^{XSD.date}'),
    ("dcterms:modified", "2024-02-29T10:00:00.123456", f'"2024-02-29T10:00:00.123456"^^{XSD.dateTime}'),
    ("dcterms:modified", "2024-02", f'"2024-02"^^{XSD.gYearMonth}'),
    ("dcterms:modified", 2024, f'"2024"^^{XSD.gYear}'),
    ("dcterms:modified", "2021-13-99", '"2021-13-99"'),
    ("dcterms:modified", "2023-02-29", '"2023-02-29"'),
    ("dcterms:modified", "01.02.2024", '"01.02.2024"'),
    ("dcterms:modified", "2024-02-01 10:00:00", '"2024-02-01 10:00:00"'),
    ("dcat:spatialResolutionInMeters", 2.5, f'"2.5"^^{XSD.decimal}'),
    ("dcat:spatialResolutionInMeters", 1e-7, f'"0.0000001"^^{XSD.decimal}'),
    ("dcat:spatialResolutionInMeters", "grob", '"grob"'),
    ("dcat:temporalResolution", "P1DT2H", f'"P1DT2H"^^{XSD.duration}'),
    ("dcat:temporalResolution", "P", '"P"'),
    ("dcat:temporalResolution", "täglich", '"täglich"'),
    ("dcat:version", 1.0, '"1.0"'),
    ("dcat:version", True, '"true"'),
])  # fmt: skip
def test_the_table_decides_what_a_value_becomes(builder: Builder, name: str, value: str | int | float, term: str) -> None:
    assert said(builder, name, value) == term


@pytest.mark.parametrize(("tag", "term"), [("de", '"x"@de'), ("de_DE", '"x"@de-de'), ("deutsch?", '"x"'), ("", '"x"')])
def test_a_language_is_written_as_a_tag_where_it_is_one(builder: Builder, tag: str, term: str) -> None:
    assert said(builder, "dcterms:title", "x", tag) == term


def test_an_address_carries_no_language(builder: Builder) -> None:
    assert said(builder, "dcat:landingPage", "http://a.example/", "de") == "<http://a.example/>"


def test_a_type_that_only_the_connector_knows_can_be_given(builder: Builder) -> None:
    place = builder.node(builder.root, "dcterms:spatial")
    builder.add(place, "dcat:bbox", "POINT(1 2)", datatype=GEO.wktLiteral)
    assert builder.description.values(place, DCAT.bbox) == [f'"POINT(1 2)"^^{GEO.wktLiteral}']


def test_numbers_and_checksums_of_a_distribution_are_typed(builder: Builder) -> None:
    file = builder.node(builder.root, "dcat:distribution", key="http://a.example/r/1")
    builder.add(file, "dcat:byteSize", 6776)
    builder.add(file, "dcat:byteSize", "6776.0")
    assert builder.description.values(file, DCAT.byteSize) == [f'"6776"^^{XSD.nonNegativeInteger}', '"6776.0"']
    checksum = builder.node(file, "spdx:checksum")
    builder.add(checksum, "spdx:checksumValue", "00FF")
    assert '"00FF"^^' in "".join(term for _, _, term in builder.description.triples())


def test_nothing_said_is_nothing_written_and_nothing_twice(builder: Builder) -> None:
    builder.add(builder.root, "dcterms:title", None)
    builder.add(builder.root, "dcterms:title", "")
    builder.iri(builder.root, "dcat:theme", "")
    assert not builder.has(builder.root, "dcterms:title")
    for _ in range(2):
        builder.add(builder.root, "dcterms:title", "x")
    assert list(builder.description.triples()) == [
        (builder.root, RDF.type, DCAT.Dataset), (builder.root, DCTERMS.title, '"x"'),
    ]  # fmt: skip
    assert builder.has(builder.root, "dcterms:title")


def test_what_a_connector_says_is_no_change(builder: Builder) -> None:
    builder.add(builder.root, "dcterms:title", "x")
    assert builder.description.changes == []


def test_nodes_are_linked_typed_and_kept_apart_by_their_keys(builder: Builder) -> None:
    first = builder.node(builder.root, "dcat:distribution", key="a")
    assert builder.node(builder.root, "dcat:distribution", key="a") == first
    others = {builder.node(builder.root, "dcat:distribution", key="b"), builder.node(builder.root, "dcat:distribution"),
              builder.node(builder.root, "dcat:distribution"), builder.node(builder.root, "adms:sample", key="a")}  # fmt: skip
    assert len({first, *others}) == 5
    assert builder.description.of_type(DCAT.Distribution)
    assert builder.node(builder.root, "dcterms:publisher", key="http://a.example/stadt") == "<http://a.example/stadt>"


def test_a_class_can_be_named_where_it_is_not_the_one_of_the_table(builder: Builder) -> None:
    agent = builder.node(builder.root, "dcterms:publisher", "foaf:Organization")
    builder.add(agent, "foaf:name", "Stadt")
    assert builder.description.values(agent, RDF.type) == [FOAF.Organization]


def test_a_class_without_rows_takes_a_label(builder: Builder) -> None:
    rights = builder.node(builder.root, "dcterms:rights")
    builder.add(rights, "rdfs:label", "Bedingungen")
    assert builder.description.values(rights, RDF.type) == [DCTERMS.RightsStatement]


def test_a_property_that_the_class_does_not_have_is_a_mistake_of_the_connector(builder: Builder) -> None:
    with pytest.raises(ValueError, match=r"dcat:Dataset has no property dcterms:titel \(did you mean dcterms:title"):
        builder.add(builder.root, "dcterms:titel", "x")
    with pytest.raises(ValueError, match="is not a node of this description"):
        builder.add("_:elsewhere", "dcterms:title", "x")
    with pytest.raises(ValueError, match="holds a value, not a node"):
        builder.node(builder.root, "dcterms:title")
    with pytest.raises(ValueError, match="dcat:Distribution has no property dcat:theme"):
        builder.add(builder.node(builder.root, "dcat:distribution"), "dcat:theme", "x")


def test_what_the_standard_does_not_know_can_be_kept(builder: Builder) -> None:
    builder.say(builder.root, "schema:about", '"x"')
    assert builder.description.values(builder.root, "<http://schema.org/about>") == ['"x"']


def test_an_entity_without_address_is_a_blank_node_and_one_with_a_wrong_address_an_error() -> None:
    assert Builder("", "dataset").root == "_:root"
    with pytest.raises(ValueError, match="IRI"):
        Builder("http://a example/", "dataset")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_whatever_a_source_writes_can_be_read_again(text: str) -> None:
    builder = Builder(HERE, "dataset")
    for name in ("dcterms:title", "dcterms:license", "dcterms:modified", "dcat:temporalResolution"):
        builder.add(builder.root, name, text, text[:5])
        builder.iri(builder.root, name, text)
    lines = "".join(f"{s} {p} {o} .\n" for s, p, o in builder.description.triples()).encode()
    assert len(list(pyoxigraph.parse(lines, pyoxigraph.RdfFormat.N_TRIPLES))) == lines.count(b" .\n")


@given(st.sampled_from(["http://", "https://a.example/", "mailto:", "urn:", "ftp://x", "doi:"]), st.text())
def test_an_address_is_an_iri_that_every_parser_takes_or_a_text(scheme: str, rest: str) -> None:
    term = address(scheme + rest)
    assert term == literal(scheme + rest) or pyoxigraph.NamedNode(term[1:-1])


@given(st.dates().map(str) | st.from_regex(r"-?\d{1,5}-\d\d?-\d\d?(T\d\d:\d\d:\d\d(Z|\+\d\d:\d\d)?)?", fullmatch=True))
def test_a_date_keeps_its_text(text: str) -> None:
    assert temporal(text).startswith(f'"{text}"')


def test_a_triple_costs_less_than_five_microseconds() -> None:
    def build() -> Builder:
        builder = Builder(HERE, "dataset")
        for number in range(20):
            file = builder.node(builder.root, "dcat:distribution", key=f"http://a.example/r/{number}")
            builder.add(file, "dcat:accessURL", f"http://a.example/{number}")
            builder.add(file, "dcterms:title", f"Datei {number}", "de")
            builder.add(file, "dcterms:modified", "2024-02-29")
        return builder

    triples = sum(1 for _ in build().description.triples())
    assert min(timeit.repeat(build, number=1, repeat=20)) / triples < 5e-6
