"""IRIs: strict ones out of what sources write, text where it is none."""

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.normalise import iris
from federation.terms import Term, literal, value


@pytest.mark.parametrize(
    "address",
    [
        "https://geo.sv.rostock.de/download/opendata/kinos/kinos.json",
        "http://www.statistik.bremen.de/sixcms/detail.php?id=34141&dt=Aktuelle+Meldungen",
        "https://rhein-kreis-neuß.de/öffentlich/Straßen?q=Köln#Übersicht",
        "https://example.org/Cookbook%20BCE%20Public.pdf",
        "https://sig.oreme.org:/geonetwork/srv/",
        "http://[2001:db8::1]/daten",
        "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66",
        "tel:+49-381-381",
    ],
)
def test_a_strict_iri_stays_and_a_literal_that_is_one_becomes_it(address: str) -> None:
    assert iris.normal(f"<{address}>") == ((f"<{address}>",), "", "")
    assert iris.normal(literal(address)) == ((f"<{address}>",), "", "iri")


def test_a_blank_node_stays() -> None:
    assert iris.normal("_:b1") == (("_:b1",), "", "")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("http://x.de/Meine Datei.pdf", "http://x.de/Meine%20Datei.pdf"),
        ("http://x.de/a|b{c}^d`\\e\"<f>", "http://x.de/a%7Cb%7Bc%7D%5Ed%60%5Ce%22%3Cf%3E"),
        ("http://x.de/100%", "http://x.de/100%25"),
        ("http://x.de/%20%zz", "http://x.de/%20%25zz"),
        ("http://x.de/a[1]?b[]=ü ö", "http://x.de/a%5B1%5D?b%5B%5D=ü%20ö"),
        ("http://x.de/#a#b", "http://x.de/#a%23b"),
        ("http://x.de/a\x07b", "http://x.de/a%07b"),
        ("http://[::1]/a b", "http://[::1]/a%20b"),
        ("http://bücher.de/ä ö", "http://bücher.de/ä%20ö"),
    ],
)
def test_characters_that_no_iri_may_hold_are_percent_encoded(text: str, address: str) -> None:
    assert iris.normal(f"<{text}>") == ((f"<{address}>",), "", "iri-characters")
    assert iris.normal(literal(text)) == ((f"<{address}>",), "", "iri-characters")


@pytest.mark.parametrize("text", ["  http://x.de/a\n", "<http://x.de/a>", '"http://x.de/a"', "\ufeffhttp://x.de/a\u00a0"])
def test_what_stands_around_an_address_goes(text: str) -> None:
    assert iris.normal(literal(text))[:2] == (("<http://x.de/a>",), "")


@pytest.mark.parametrize(
    "text", ["http://a.de; http://b.de", "http://a.de http://b.de", "http://a.de,\nhttp://b.de", "http://a.de;http://b.de;"]
)
def test_several_addresses_in_one_literal_become_several(text: str) -> None:
    assert iris.normal(literal(text)) == (("<http://a.de>", "<http://b.de>"), "", "iri-several")


def test_an_address_inside_an_address_is_not_torn_apart() -> None:
    address = "https://web.archive.org/web/2020/http://x.de/?u=http://y.de"
    assert iris.normal(literal(address)) == ((f"<{address}>",), "", "iri")


def test_a_www_host_gets_http_and_a_finding() -> None:
    assert iris.normal(literal("www.comune.example.it/a b")) == (("<http://www.comune.example.it/a%20b>",), "iri-scheme", "iri-scheme")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("/dataset/x", "iri-relative"),
        ("dataset.csv", "iri-relative"),
        ("{{landingPage}}", "iri-relative"),
        ("siehe http://x.de", "iri-unreadable"),
        ("http://x.de siehe auch Anlage", "iri-unreadable"),
        ("Quelle: Stadtarchiv", "iri-unreadable"),
        ("nicht vorhanden", "iri-unreadable"),
        ("http://", "iri-unreadable"),
        ("https://http://x.de", "iri-unreadable"),
        ("http:/x.de", "iri-unreadable"),
        ("http://x.de:acht/", "iri-unreadable"),
        ("http://stadt xyz.de/", "iri-unreadable"),
        ("http://[zz]/", "iri-unreadable"),
        ("file:///C:/daten.xls", "iri-unreadable"),
        ("C:\\daten.xls", "iri-unreadable"),
        ("javascript:alert(1)", "iri-unreadable"),
        ("opendata@example.org", "iri-email"),
        ("", "empty-value"),
        (" \n", "empty-value"),
    ],
)
def test_what_is_no_address_stays_text_and_is_reported(text: str, code: str) -> None:
    assert iris.normal(literal(text)) == ((literal(text),), code, "")


def test_a_mailto_address_in_a_web_field_is_reported() -> None:
    assert iris.normal("<mailto:opendata@example.org>") == (("<mailto:opendata@example.org>",), "iri-email", "")
    assert iris.normal(literal("mailto:opendata@example.org")) == (("<mailto:opendata@example.org>",), "iri-email", "iri")


def test_a_host_that_stands_as_a_path_is_reported_since_its_scheme_was_forgotten() -> None:
    """Real: rdf:resource="www.comune.x.it" becomes an address under the feed's own one when the feed is read."""
    term = "<https://portal.example/katalog/www.comune.example.it>"
    assert iris.normal(term) == ((term,), "iri-host-as-path", "")
    assert iris.normal("<https://portal.example/www.example.it/daten.csv>")[1] == ""


@pytest.mark.parametrize("address", ["../x y", "http://a b", "http://x.de:acht/"])
def test_an_iri_that_no_format_could_hold_becomes_a_literal(address: str) -> None:
    assert iris.normal(f"<{address}>")[0] == (literal(address),)
    assert iris.normal(f"<{address}>")[2] == "iri-literal"


ODD = st.sampled_from([
    "http://", "https://", "www.", "x.de", "/", "?", "#", "%", "%20", "[", "]", ":", "@", " ", ";", ",", "ü", "\ue000", "\ufffd",
    "\ufffe", "|", "\\", "<", ">", '"', "\n", "\x00", "\U000e0001", "8", "mailto:", "urn:", "a", "ftp:", "\u200e", "\U0001f600",
])  # fmt: skip
ADDRESSES = st.lists(ODD, max_size=8).map("".join)


@given(st.text(max_size=20) | ADDRESSES | ADDRESSES.map(lambda text: "http://x.de/" + text))
def test_is_strict_agrees_with_the_parsers(text: str) -> None:
    line = f"<http://s> <http://p> <{text}> .".encode()
    if any(mark in text for mark in "\\>"):
        return  # escapes of N-Triples itself
    try:
        (quad,) = pyoxigraph.parse(line, format=pyoxigraph.RdfFormat.N_TRIPLES)
        parsed = quad.object == pyoxigraph.NamedNode(text)
    except SyntaxError:
        parsed = False
    assert iris.is_strict(text) == parsed


def every_format_holds(term: Term) -> bool:
    quad = pyoxigraph.Quad(pyoxigraph.NamedNode("http://s"), pyoxigraph.NamedNode("http://p.org/p"), pyoxigraph.NamedNode(value(term)))
    for form in (pyoxigraph.RdfFormat.N_TRIPLES, pyoxigraph.RdfFormat.TURTLE, pyoxigraph.RdfFormat.RDF_XML, pyoxigraph.RdfFormat.JSON_LD):
        written = pyoxigraph.serialize([quad], format=form)
        assert written is not None
        if [each.object for each in pyoxigraph.parse(written, format=form)] != [quad.object]:
            return False
    return True


@given(st.text(max_size=20) | ADDRESSES | ADDRESSES.map(lambda text: "http://x.de/" + text), st.booleans())
def test_the_result_is_strict_and_normalising_twice_is_normalising_once(text: str, as_iri: bool) -> None:
    terms, _, _ = iris.normal(f"<{text}>" if as_iri else literal(text))
    for term in terms:
        assert iris.normal(term)[0] == (term,)
        assert iris.normal(term)[2] == ""
        if term[0] == "<":
            assert every_format_holds(term)
