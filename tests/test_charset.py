"""Every body becomes UTF-8, and XML holds only characters of XML."""

import re
import time
from xml.etree import ElementTree

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from federation.harvest import charset, screen
from tests.loopback import codes, outcome


@pytest.mark.parametrize(
    ("body", "declared", "expected", "found"),
    [
        ("Bäume".encode(), "utf-8", "Bäume", []), (b"Baum", "", "Baum", []), (b"\xef\xbb\xbfB\xc3\xa4ume", "", "Bäume", []),
        ("Bäume".encode("utf-16"), "", "Bäume", []), ('{"ä": 1}'.encode("utf-16-le"), "", '{"ä": 1}', []),
        ("Bäume €".encode("utf-32"), "", "Bäume €", []),
        ("Bäume €".encode("cp1252"), "utf-8", "Bäume €", ["charset-repaired"]),
        ("Bäume".encode("latin-1"), "", "Bäume", ["charset-repaired"]),
        ("Bäume €".encode("cp1252"), "iso-8859-1", "Bäume €", []), ("Łódź".encode("iso-8859-2"), "iso-8859-2", "Łódź", []),
        ("Bäume".encode(), "iso-8859-1", "Bäume", ["charset-repaired"]), (b"Baum", "iso-8859-1", "Baum", []),
        ("Bäume ".encode() + "Wälder".encode("latin-1"), "utf-8", "Bäume Wälder", ["charset-repaired"]),
        ("Bäume".encode("cp1252"), "utf-7", "Bäume", ["charset-repaired"]),
        ("Bäume".encode("cp1252"), "rot13", "Bäume", ["charset-repaired"]),
        (b"a\x81\x8d\xe4", "windows-1252", "a\x81\x8dä", []), (b"\xff\xfeB", "", "\ufffd", ["charset-repaired"]),
    ],
)  # fmt: skip
def test_every_encoding_becomes_utf_8(body, declared, expected, found):
    repaired, findings = screen.text(body, declared)
    assert repaired.decode() == expected
    assert codes(findings) == found


@pytest.mark.parametrize(
    ("declaration", "encoding", "rewritten"),
    [
        ('<?xml version="1.0" encoding="ISO-8859-1"?>', "latin-1", '<?xml version="1.0" encoding="UTF-8"?>'),
        ("<?xml version='1.0' encoding='cp1252' standalone='yes'?>", "cp1252", "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>"),
        ('<?xml version="1.0" encoding="UTF-16"?>', "utf-16", '<?xml version="1.0" encoding="UTF-8"?>'),
        ('<?xml version="1.0" encoding="ISO-8859-1"?>', "utf-8", '<?xml version="1.0" encoding="UTF-8"?>'),
        ('<?xml version="1.1" encoding="utf-8"?>', "utf-8", '<?xml version="1.0" encoding="utf-8"?>'),
        ('\n\n<?xml version="1.0"?>', "utf-8", '<?xml version="1.0"?>'),
        ('<?xml version="1.0" encoding="utf8"?>', "cp1252", '<?xml version="1.0" encoding="UTF-8"?>'),
    ],
)  # fmt: skip
def test_the_xml_declaration_is_honoured_and_rewritten(declaration, encoding, rewritten):
    body, _ = screen.text((declaration + "<a>Bäume</a>").encode(encoding))
    assert body.decode() == rewritten + "<a>Bäume</a>"
    assert screen.xml(body).text == "Bäume"


@pytest.mark.parametrize(
    ("raw", "clean", "count"),
    [
        (b"a\x0bb\x00\x1fc", b"a b  c", 3), (b"a&#11;b&#x0B;&#x1f;", b"a b  ", 3),
        (b"a\xef\xbf\xbeb\xef\xbf\xbf", b"a\xef\xbf\xbdb\xef\xbf\xbd", 2),
        (b"&#xD800;&#xFFFE;&#1114112;&#99999999999999999999;", b"    ", 4),
        (b"a\tb\r\n&#13;&#10;&#x9;&#x20AC;&#8364;\xef\xbf\xbd", None, 0), (b"&#; &#x; &#xg;", None, 0),
    ],
)  # fmt: skip
def test_characters_that_xml_forbids_become_spaces(raw, clean, count):
    body, findings = screen.text(b"<a>" + raw + b"</a>")
    assert body == b"<a>" + (raw if clean is None else clean) + b"</a>"
    assert codes(findings) == ["control-characters"] * bool(count)
    assert not count or findings[0].params["count"] == str(count)


def test_other_formats_keep_their_control_characters():
    assert screen.text(b'<http://a> <http://b> "\x0b" .') == (b'<http://a> <http://b> "\x0b" .', [])


@given(
    st.binary(max_size=400),
    st.sampled_from(["", "utf-8", "iso-8859-1", "windows-1252", "utf-16", "utf-32-be", "no-such", "cp437", "iso-8859-99"]),
)
def test_text_never_fails_and_gives_utf_8(body, declared):
    repaired, findings = screen.text(body, declared)
    repaired.decode("utf-8")
    codes(findings)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_text_in_a_unicode_encoding_is_kept(written, encoding):
    assume(not written.startswith("\ufeff") and "\0" not in written[:4])
    assume(not re.match(r"\s*<[A-Za-z_!?]", written))
    assert screen.text(written.encode(encoding))[0].decode() == written


@given(st.binary(max_size=300))
def test_text_is_idempotent(body):
    once, _ = screen.text(b"<a>" + body + b"</a>")
    assert screen.text(once)[0] == once


@given(st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=100))
def test_screened_text_holds_only_characters_of_xml(written):
    body = screen.text(b"<a>" + written.replace("<", "").replace("&", "").encode() + b"</a>")[0]
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", body.decode())
    ElementTree.fromstring(body.replace(b"]]>", b""))


def test_long_bodies_are_read_in_blocks():
    body = ("ä" * 3_000_000 + "€").encode()
    assert screen.text(body) == (body, [])
    assert codes(screen.text(body + b"\xe4")[1]) == ["charset-repaired"]


@pytest.mark.parametrize(
    "flood",
    [
        b" " * 30_000_000 + b"<a/>",
        b"\xe4\xff" * 2_000_000,
        b"<a>" + b"&#1;" * 300_000,
        b"<a>" + b"<!-- -->" * 200_000 + b"</a>",
        b"<!--" * 500_000,
        b"<a>" + b"<![CDATA[" * 200_000,
        b"<a " + b"b='c' " * 300_000 + b"/>",
        b"<" * 3_000_000,
        b"<a>" + b"'\"" * 500_000 + b"</a>",
        b"\0<" * 1_000_000,
        b"<?xml " * 300_000,
        b"<a>" + b"&" * 3_000_000,
    ],
)
def test_floods_take_bounded_time(flood):
    began = time.process_time()
    outcome(screen.screened, flood)
    assert time.process_time() - began < 3


def test_a_byte_that_windows_1252_lacks_is_read_as_latin_1():
    assert charset.text(b"\xe4 \x81")[0].decode() == "ä \x81"
