"""Texts: plain ones, those with the tags that GovData shows, and language tags."""

import re
import time
from xml.etree import ElementTree

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.normalise import texts
from federation.terms import RDF, XSD, literal, parts, value


def plain(text: str) -> tuple[str, str, str]:
    (term,), code, rule = texts.plain(literal(text))
    return value(term), code, rule


def rich(text: str) -> tuple[str, str, str]:
    (term,), code, rule = texts.rich(literal(text))
    return value(term), code, rule


@pytest.mark.parametrize(
    "text",
    [
        "Kinos in der Hanse- und Universitätsstadt Rostock",
        "Fläche a < b und b > c",
        "Müller & Söhne, AT&T; §5",
        "Zeile eins\nZeile zwei\r\n\tDrei",
        "x <3 Daten",
        "<Platzhalter>",
        "https://x.de/?a=1&copy=2&lt=3",
        "JOÃO, São Paulo, Âge",
    ],
)
def test_a_text_without_markup_stays_byte_for_byte(text: str) -> None:
    for language in ("", "de", "lv-t-en-t0-mtec"):
        term = literal(text, language=language)
        assert texts.plain(term) == ((term,), "", "")
        assert texts.rich(term) == ((term,), "", "")


def test_a_title_loses_the_blanks_at_its_ends_and_a_description_does_not() -> None:
    assert plain(" Kinos\u00a0\n") == ("Kinos", "", "trim")
    assert rich(" Kinos \n") == (" Kinos \n", "", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>Hallo</p><p>Welt &amp; &auml;</p>", "Hallo\nWelt & ä"),
        ("Müller &amp; Söhne", "Müller & Söhne"),
        ("&quot;Haus&quot; &#228; &#xe4; &nbsp;x", '"Haus" ä ä \u00a0x'),
        ("&lt;p&gt;doppelt&lt;/p&gt;", "doppelt"),
        ("a<br/>b<BR>c", "a\nb\nc"),
        ("ein <b>fettes</b> Wo<i>rt</i>", "ein fettes Wort"),
        ("<td>a</td><td>b</td>", "a b"),
        ('siehe <a href="https://x.de/y" target="_blank">hier</a>.', "siehe hier (https://x.de/y)."),
        ('<a href="https://x.de/">https://x.de/</a>', "https://x.de/"),
        ('<a href="javascript:alert(1)">hier</a>', "hier"),
        ("<script>alert(1)</script>Text<style>p {}</style><!-- weg -->", "Text"),
        ("<ul><li>eins</li><li>zwei</li></ul>", "eins\nzwei"),
        ("<p>a &lt; b</p>", "a < b"),
        ("offen <script> bleibt", "offen bleibt"),
    ],
)
def test_markup_becomes_plain_text(text: str, expected: str) -> None:
    assert plain(text) == (expected, "", "html")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<strong>a</strong> <em>b</em>", "<b>a</b> <i>b</i>"),
        ('<a href="https://x.de" onclick="x()" class="y">a</a>', '<a href="https://x.de">a</a>'),
        ('<a href="javascript:alert(1)">a</a>', "<a>a</a>"),
        ("<ul><li>a</li></ul><script>alert(1)</script>", "<ul><li>a</li></ul>"),
        ('<p style="color:red">a<br/>b</p>', "<p>a<br>b</p>"),
        ("<div>a</div><div>b <b>c</b></div>", "\na\n\nb <b>c</b>\n"),
        ("<table><tr><td>a</td><td>b</td></tr></table><p>c</p>", "\n\n a  b \n\n<p>c</p>"),
        ("<span>A & B</span>", "A & B"),
        ("Hallo<font color=red>rot</font>", "Hallorot"),
        ("&lt;p&gt;doppelt &amp;amp; x&lt;/p&gt;", "<p>doppelt &amp; x</p>"),
        ("<p>nur <Name> hier</p>", "<p>nur &lt;Name&gt; hier</p>"),
        ('<svg/onload=alert(1)>a<x onclick="b()">b</x>', "ab</x>"),
        ("<p>a -> b <- c</p>", "<p>a -&gt; b &lt;- c</p>"),
        ("<p>a</p><!-- Kommentar --><p>b</p>", "<p>a</p><p>b</p>"),
        ("<p>Pfeil <!-- ohne Ende</p>", "<p>Pfeil  ohne Ende</p>"),
        ('<?xml:namespace prefix = o /><o:p>Word</o:p><p>x</p>', "Word<p>x</p>"),
    ],
)
def test_a_description_keeps_the_tags_that_govdata_shows(text: str, expected: str) -> None:
    assert rich(text) == (expected, "", "html")


def test_tags_that_are_in_order_stay_byte_for_byte() -> None:
    text = '<p>Die <b>Kinos</b> der Stadt, siehe <a href="https://x.de/?a=1&amp;b=2">hier</a>.</p><ul><li>ä &lt; ö</li></ul>'
    assert rich(text) == (text, "", "")


def test_a_description_of_entities_without_tags_stays() -> None:
    assert rich("A &amp; B &lt;Name&gt;") == ("A &amp; B &lt;Name&gt;", "", "")


@pytest.mark.parametrize("text", ["", " ", "<p></p>", "\x00"])
def test_an_empty_text_is_reported(text: str) -> None:
    assert plain(text)[:2] == ("", "empty-value")
    assert rich("<script>x</script>")[:2] == ("", "empty-value")


def test_what_is_escaped_again_and_again_stays_and_is_reported() -> None:
    text = "&amp;amp;amp;amp;amp;lt;p&amp;amp;gt;"
    assert plain(text) == (text, "text-markup", "")


def test_characters_that_xml_cannot_hold_go() -> None:
    assert plain("a\x0bb\x00\ufffec\x1b") == ("abc", "", "illegal-characters")
    assert rich("a\x0cb\x08<p>c</p>") == ("ab<p>c</p>", "", "illegal-characters")
    assert rich("a\x7f\tb") == ("a\x7f\tb", "", "")


@pytest.mark.parametrize("text", ["StraÃŸe", "fÃ¼r", "10 Â°C", "â€žZitatâ€œ", "2010 â€“ 2015", "Stra\ufffde", "\x84Zitat\x93"])
def test_damaged_umlauts_are_reported_and_not_repaired(text: str) -> None:
    assert plain(text) == (text, "mojibake", "")
    assert rich(text) == (text, "mojibake", "")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("StraÃŸe fÃ¼r Ã„rzte", "Straße für Ärzte"),
        ("â€žZitatâ€œ â€“ 10 Â°C", "„Zitat“ – 10 °C"),
        ("2016 \x96 Eigenbetriebe", "2016 – Eigenbetriebe"),
        ("Stra\ufffde", "Stra\ufffde"),
    ],
)
def test_what_a_damaged_text_probably_said_can_be_told(text: str, meant: str) -> None:
    assert texts.suggested(text) == meant


def test_a_node_where_a_text_belongs_is_reported() -> None:
    assert texts.plain("<http://x.de/>") == (("<http://x.de/>",), "text-node", "")


@pytest.mark.parametrize(
    ("said", "tag"),
    [
        ("de_DE", "de-de"), ("ger", "de"), ("deu", "de"), ("eng", "en"), ("GER-AT", "de-at"), ("Deutsch", "de"),
    ],
)  # fmt: skip
def test_a_language_tag_is_bcp_47(said: str, tag: str) -> None:
    assert texts.plain(literal("Wald", language=said)) == ((literal("Wald", language=tag),), "", "language-tag")


@pytest.mark.parametrize("tag", ["de", "de-at", "de-ch-1996", "zh-hant", "lv-t-en-t0-mtec", "x-platt", "nds", "es-419", "und"])
def test_a_valid_language_tag_stays(tag: str) -> None:
    term = literal("Wald", language=tag)
    assert texts.plain(term) == ((term,), "", "")


@pytest.mark.parametrize("tag", ["multilingual", "d", "de--at", "1", "de-", "sprache:de"])
def test_an_invalid_language_tag_goes_with_a_finding(tag: str) -> None:
    assert texts.plain(literal("Wald", language=tag)) == ((literal("Wald"),), "language-tag-invalid", "language-tag")


@given(st.text(st.sampled_from("abdeTt019-xX"), min_size=1, max_size=12))
def test_every_tag_that_is_kept_is_one_for_the_parsers(said: str) -> None:
    tag, code, _ = texts.language(said)
    if not code:
        assert pyoxigraph.Literal("x", language=tag).language == tag


def test_a_datatype_that_says_markup_goes_with_the_markup() -> None:
    assert texts.plain(literal("<p>a</p>", datatype=RDF.HTML)) == ((literal("a"),), "", "text-datatype+html")
    number = literal("2020", datatype=XSD.integer)
    assert texts.plain(number) == ((number,), "", "")


def test_several_effects_are_one_change_with_all_rules() -> None:
    rules = "language-tag+illegal-characters+html"
    assert texts.plain(literal(" <b>a</b>\x00", language="de_DE")) == ((literal("a", language="de-de"),), "", rules)


# Size and malice

PIECES_OF_MALICE = [
    "<p>Absatz &amp; mehr</p>\n", "<b>", "<div>", "<ul><li>", "<i></p>", "<b><p>", "<a href=", "<!--", "-->", "&lt;a ", "&amp;", "<script>",
    " ", "&", "<", "Ã", "<a href='http://x.de'>", "\n \n", "&lt;p&gt;", "&amp;lt;", "<table><tr><td>", "<p",
]  # fmt: skip


def seconds(text: str) -> float:
    term = literal(text)
    begun = time.process_time()
    texts.rich(term)
    texts.plain(term)
    return time.process_time() - begun


@pytest.mark.parametrize("piece", PIECES_OF_MALICE)
def test_a_hostile_description_takes_bounded_time(piece: str) -> None:
    """Generous bounds: whatever grows with the square of the length takes minutes here."""
    assert seconds(piece * (texts.LONGEST // len(piece))) < 5
    assert seconds(piece * (300_000 // len(piece))) < 10


def test_a_description_of_five_megabytes_takes_bounded_time() -> None:
    assert seconds("<p>Ein langer Text mit Umlauten wie ä und ö. </p>\n" * 100_000) < 30


def test_a_text_that_is_too_long_is_kept_whole() -> None:
    text = "Wort " * 30_000
    assert rich(text) == (text, "text-too-long", "")
    words = "<p>Wort</p> " * 30_000
    assert rich(words)[0].split() == ["Wort"] * 30_000


# Laws

PIECES = st.lists(
    st.sampled_from([
        "<p>", "</p>", "<b>", "</b>", "<strong>", "<a href='http://x.de'>", "</a>", "<a href=", "<div>", "</div>", "<br/>", "<ul>", "<li>",
        "<script>", "</script>", "<td>", "<Name>", "<", ">", "&", "&amp;", "&lt;", "&gt;", "&quot;", "&auml;", "&nbsp;", "&#60;",
        "&amp;lt;", "<!--", "-->", "lt;", "p", "b", " ", "\n", "a", "ä", "\x00", "\x0b", "Ã¤", '"', "'", "/", "<p/>", "<o:p>", "<?x?>",
        "<i", "</", "title", "<title>", "<svg/onload=x>", "<x onclick=y>", "<textarea>", "<svg>", "<math>",
    ]),
    max_size=14,
).map("".join)  # fmt: skip
TAGS = st.sampled_from(["", "de", "de_DE", "ger", "not a tag"])
SHOWN = re.compile(r"</?(?:li|ol|ul|p|br|b|i|u)>|<a(?: href=\"(?:https?:|mailto:)[^\"<>]*\")?>|</a>")


@given(st.text(max_size=30) | PIECES, TAGS)
@pytest.mark.parametrize("normal", [texts.plain, texts.rich])
def test_normalising_twice_is_normalising_once(normal, text: str, tag: str) -> None:  # type: ignore[no-untyped-def]
    (term,), code, _ = normal(literal(text, language=tag))
    again, code_again, rule_again = normal(term)
    assert (again, rule_again) == ((term,), "")
    if code != "language-tag-invalid":
        assert code_again == code


@given(PIECES)
def test_a_description_holds_no_other_tags_than_those_shown(text: str) -> None:
    shown, code, _ = rich(text)
    rest = SHOWN.sub("", shown)
    assert code == "text-markup" or not re.search(r"</?(?:script|div|td|title|textarea|svg|math|strong|o:p)[\s/>]", rest)


@given(st.text(max_size=30) | PIECES)
@pytest.mark.parametrize("normal", [texts.plain, texts.rich])
def test_every_result_can_stand_in_xml(normal, text: str) -> None:  # type: ignore[no-untyped-def]
    new = parts(normal(literal(text))[0][0])[0]
    element = ElementTree.Element("x")
    element.text = new
    assert ElementTree.fromstring(ElementTree.tostring(element)) is not None
