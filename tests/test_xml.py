"""Document types, entities and depth: what no XML parser may see."""

import time
from xml.etree import ElementTree

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.harvest import screen
from tests.loopback import outcome, refused

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
HEAD = f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:dcat="http://www.w3.org/ns/dcat#" xmlns:e="http://e/">'.encode()


def doctype(subset: str, text: str = "&e;") -> bytes:
    root = f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:e="http://e/"><e:p e:q="{text}">{text}</e:p></rdf:RDF>'
    return f'<?xml version="1.0"?>\n<!DOCTYPE rdf:RDF [{subset}]>\n{root}'.encode()


def test_harmless_entities_are_put_in_and_the_doctype_goes():
    subset = '\n <!-- namespaces -->\n <!ENTITY e "http://www.w3.org/ns/dcat#" >\n <!ENTITY e "second">\n'
    subset += ' <!ENTITY amp "&#38;#38;">\n <!ELEMENT e:p (#PCDATA)>\n'
    safe = screen.xml_safe(doctype(subset, "&e;Dataset &amp; &unknown;"))
    assert b"<!DOCTYPE" not in safe
    assert safe.count(b"http://www.w3.org/ns/dcat#Dataset &amp; &unknown;") == 2
    assert safe.count(b"\n") == doctype(subset).count(b"\n")


@pytest.mark.parametrize("value", ['a"b', "a'b", "a>b", "ä€", "a\tb", ""])
def test_an_entity_means_what_a_parser_would_make_of_it(value):
    quote = "'" if '"' in value else '"'
    body = doctype(f"<!ENTITY e {quote}{value}{quote}>", "x&e;y")
    ours, theirs = screen.xml(body)[0], ElementTree.fromstring(body)[0]
    assert (ours.text, ours.attrib) == (theirs.text, theirs.attrib)


def test_entities_in_comments_and_cdata_stay_as_they_are():
    body = doctype('<!ENTITY e "X">', "1").replace(b"<e:p", b"<!-- &e; --><e:p").replace(b"1</", b"<![CDATA[&e;]]><?pi &e;?>&e;</")
    safe = screen.xml_safe(body)
    assert (b"<!-- &e; -->" in safe, b"<![CDATA[&e;]]><?pi &e;?>X" in safe) == (True, True)


@pytest.mark.parametrize(
    "subset",
    [
        '<!ENTITY a "ha"><!ENTITY e "&a;&a;">', '<!ENTITY % p "x"><!ENTITY e "y">', "<!ENTITY % p SYSTEM 'http://x/y.dtd'> %p;", "%p;",
        '<!ENTITY e SYSTEM "file:///etc/passwd">', '<!ENTITY e PUBLIC "a" "http://169.254.169.254/">', '<!ENTITY e SYSTEM "x" NDATA gif>',
        '<!ENTITY e "&#60;script>">', '<!ENTITY e "<b>x</b>">', f'<!ENTITY e "{"x" * 1001}">',
        "".join(f'<!ENTITY e{n} "x">' for n in range(101)),
        '<!ATTLIST e:p e:r CDATA "default">', '<!ENTITY e "%p;">', "<!ENTITY e>", "<!ENTITY " + " " * 300_000,
        "<!-- " + "x" * 300_000 + ' --><!ENTITY e "x">',
    ],
)  # fmt: skip
def test_dangerous_document_types_are_refused_at_once(subset):
    began = time.process_time()
    assert refused(screen.xml_safe, doctype(subset), url="http://x/", source="town").code in ("xml-entity-refused", "xml-invalid")
    assert time.process_time() - began < 0.1


def test_entity_bombs_are_refused_in_milliseconds():
    laughs = '<!ENTITY e0 "ha">' + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 20))
    began = time.process_time()
    assert refused(screen.xml_safe, doctype(laughs, "&e19;")).code == "xml-entity-refused"
    assert time.process_time() - began < 0.02
    quadratic = doctype(f'<!ENTITY e "{"x" * 1000}">', "1").replace(b">1<", b">" + b"&e;" * 400_000 + b"<")
    began = time.process_time()
    assert refused(screen.xml_safe, quadratic).code == "xml-entity-refused"
    assert time.process_time() - began < 2


def test_an_external_dtd_is_never_loaded_and_its_name_is_dropped():
    body = b'<!DOCTYPE WMT_MS_Capabilities SYSTEM "http://127.0.0.1:1/wms.dtd" [ <!ELEMENT V EMPTY> ]>\n<WMT_MS_Capabilities/>'
    assert screen.xml(body).tag == "WMT_MS_Capabilities"
    assert screen.xml_safe(b'<!DOCTYPE a PUBLIC "-//x//y" "http://z"><a/>') == b"<a/>"


@pytest.mark.parametrize(
    "start",
    ["<!DOCTYPE", "<!DOCTYPE a", "<!DOCTYPE a [", "<!DOCTYPE a SYSTEM 'x", "<!-- ", "<?xml ", "<!DOCTYPE a []", "<!DOCTYPE a [<!FOO>]>"],
)
def test_a_broken_beginning_is_said(start):
    assert refused(screen.xml_safe, start.encode()).code in ("xml-invalid", "xml-entity-refused")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_bomb_in_another_encoding_is_seen(encoding):
    body = doctype('<!ENTITY a "x"><!ENTITY e "&a;">').decode().replace("?>", f' encoding="{encoding}"?>').encode(encoding)
    assert refused(screen.xml_safe, body).code == "xml-entity-refused"
    assert refused(screen.xml, body).code == "xml-entity-refused"


@pytest.mark.parametrize("encoding", ["cp037", "utf-7", "cp500"])
def test_an_exotic_encoding_cannot_hide_a_document_type(encoding):
    hidden = doctype('<!ENTITY a "x"><!ENTITY e "&a;">').decode().partition("\n")[2].encode(encoding)
    body = f'<?xml version="1.0" encoding="{encoding}"?>'.encode() + hidden
    assert outcome(screen.xml, body) in ("xml-invalid", "xml-entity-refused")


def nested(depth: int, inner: str = "x", name: str = "e:a") -> bytes:
    return HEAD + (f"<{name}>" * depth + inner + f"</{name}>" * depth).encode() + b"</rdf:RDF>"


def test_elements_nested_too_deep_are_refused_before_a_parser_needs_minutes():
    assert screen.xml_safe(nested(255)) == nested(255)
    assert refused(screen.xml_safe, nested(256)).params["limit"] == "256"
    began = time.process_time()
    assert refused(screen.xml_safe, nested(200_000)).code == "xml-too-deep"
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    "trick",
    [
        b"<!--</a></a></a>-->", b"<![CDATA[</a></a></a>]]>", b"<?pi </a></a>?>", b"/>/>/>", b"a/ >", b"\"'", b"\x01>\x01>\x01>",
        b"<b x='/>'/>",
        b'<b x="/>"/>', b"<b x='>'/>", b"''\"\"''", b"<b/>", b"<b x=\"'\"/>", b"<!-- ' -->", b'"<b x=""/>"',
    ],
)  # fmt: skip
def test_depth_cannot_be_hidden(trick):
    body = HEAD + (b"<a>" + trick) * 300 + b"</a>" * 300 + b"</rdf:RDF>"
    assert refused(screen.xml_safe, body).code == "xml-too-deep"
    flat = HEAD + (b"<a>" + trick + b"</a>") * 3000 + b"</rdf:RDF>"
    assert screen.xml_safe(flat)


@pytest.mark.parametrize(
    "tag",
    [
        b'<a x="</b>">',
        b"<a x='</b></b>'>",
        b'<a x="</b>" y="</b>">',
        b'">"<a x="</b>" y="</b>" z="<q">',
        b'<a x="<b/>">',
        b"<a x='\"' y=\"</b>'\">",
    ],
)
def test_markup_in_attributes_cannot_hide_depth(tag):
    assert refused(screen.xml_safe, HEAD + tag * 400 + b"</a>" * 400 + b"</rdf:RDF>").code in ("xml-too-deep", "xml-invalid")


@given(
    st.recursive(
        st.sampled_from(["", "t", "a > b", "'", '"', "<x/>", "<!-- </a> -->", "<![CDATA[<a>]]>", "<x y='/>'/>"]),
        lambda inner: st.lists(inner, max_size=4).map(lambda parts: f'<a b="it\'s">{"-".join(parts)}</a>'),
        max_leaves=40,
    )
)
def test_well_formed_documents_pass_unchanged(inner):
    body = f"<r>{inner}</r>".encode()
    assert screen.xml_safe(body) is body
    assert ElementTree.tostring(screen.xml(body)) == ElementTree.tostring(ElementTree.fromstring(body))


@given(st.integers(1, 400), st.sampled_from(["", "it's", 'a "b', "<x/>", "<!-- c -->"]), st.integers(0, 40))
def test_the_depth_that_is_measured_is_the_real_one(depth, text, siblings):
    body = nested(depth, "x", "a").replace(b"<a>", f"<a>{text}".encode()).replace(b"</a>", b"<s>1</s>" * siblings + b"</a>", 1)
    real = depth + 1 + (siblings > 0)
    if real > screen.MAX_DEPTH:
        assert refused(screen.xml_safe, body).code == "xml-too-deep"
    else:
        assert screen.xml_safe(body) is body


@given(st.binary(max_size=200), st.sampled_from([b"", b"<!DOCTYPE a [", b"<a>", b"<?xml ", b"<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;"]))
def test_no_bytes_break_the_screen(body, start):
    for call in (screen.xml_safe, screen.xml, screen.json, screen.json_ld, screen.unpack, screen.screened):
        outcome(call, start + body)


def test_an_error_in_xml_names_its_place():
    error = refused(screen.xml, b"<a>\n<b></a>", url="http://x/")
    assert error.params["reason"] == "mismatched tag, line 2, column 6"
    assert refused(screen.xml, b"<a>&undeclared;</a>").code == "xml-invalid"


def test_what_passes_the_screen_is_read_by_the_rdf_parser():
    body = doctype('<!ENTITY e "http://e/">', "1").replace(b'e:q="1"', b'rdf:resource="&e;x"').replace(b">1<", b"><")
    body = body.replace(b"<e:p", b'<rdf:Description rdf:about="&e;s"><e:p').replace(b"</e:p>", b"</e:p></rdf:Description>")
    triples = [str(triple) for triple in pyoxigraph.parse(screen.screened(body).body, format=pyoxigraph.RdfFormat.RDF_XML)]
    assert triples == ["<http://e/s> <http://e/p> <http://e/x>"]
