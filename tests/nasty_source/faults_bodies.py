"""Faults of the body: encodings, bombs, damage, other contents than it says."""

import gzip
import json
import random
from collections.abc import Callable
from functools import cache

from tests.nasty_source.faults import After, Moment, add
from tests.nasty_source.wire import Reply

BOMB = 24 * 1024 * 1024
_ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))


def _body(change: Callable[[bytes], bytes]) -> After:
    def after(moment: Moment, reply: Reply) -> Reply:
        return Reply(reply.status, reply.headers, change(reply.body)) if reply.body else reply

    return after


def _instead(body: Callable[[], bytes], **headers: str) -> After:
    def after(moment: Moment, reply: Reply) -> Reply:
        kept = {name: value for name, value in reply.headers.items() if name != "ETag"}
        return Reply(200, {**kept, **{name.replace("_", "-"): value for name, value in headers.items()}}, body())

    return after


def _headers(**headers: str) -> After:
    def after(moment: Moment, reply: Reply) -> Reply:
        if reply.status == 200:
            reply.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
        return reply

    return after


def _charset(name: str) -> After:
    """Bytes in UTF-8 under the name of another charset."""

    def after(moment: Moment, reply: Reply) -> Reply:
        kind = reply.headers.get("Content-Type", "").partition(";")[0]
        return Reply(reply.status, {**reply.headers, "Content-Type": f"{kind}; charset={name}"}, reply.body)

    return after


def _written_in(encoding: str) -> After:
    return _body(lambda body: body.decode().encode(encoding, "replace"))


def _latin(body: bytes) -> bytes:
    """Bytes of ISO 8859-1 under the name UTF-8; JSON's escapes are undone first, or there were nothing to see."""
    if body[:1] in b"{[":
        body = json.dumps(json.loads(body), ensure_ascii=False).encode()
    return body.decode().encode("latin-1", "replace")


@cache
def _zeros() -> bytes:
    return gzip.compress(b"\0" * BOMB, 9)


@cache
def _spaces() -> bytes:
    return gzip.compress(b" " * BOMB, 9)


def _entity_bomb() -> bytes:
    return (
        f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY e0 "ha">{_ENTITIES}]>'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="http://x.example/">&e11;'
        "</rdf:Description></rdf:RDF>"
    ).encode()


def _external_entity() -> bytes:
    return (
        b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:d="http://purl.org/dc/terms/">'
        b'<rdf:Description rdf:about="http://x.example/"><d:title>&e;</d:title></rdf:Description></rdf:RDF>'
    )


def _deep_xml() -> bytes:
    start = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:d="http://x.example/">'
    return start + b"<d:a><d:B>" * 20_000 + b"</d:B></d:a>" * 20_000 + b"</rdf:RDF>"


def _deep_json() -> bytes:
    return b'{"@context":{},"success":true,"result":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def _deep_turtle() -> bytes:
    return b"@prefix d: <http://x.example/> .\n<http://x.example/a> d:b " + b"[ d:b " * 20_000 + b'"x"' + b" ]" * 20_000 + b" .\n"


def _remote_context() -> bytes:
    return json.dumps({"@context": "https://evil.example/context.jsonld", "@graph": [{"@id": "http://x.example/", "title": "x"}]}).encode()


def _controls(body: bytes) -> bytes:
    return body.replace(b"Beschreibung", b"Be\x0bschrei\x01bung")


def _noise() -> bytes:
    return random.Random(7).randbytes(4096)


def _half(body: bytes) -> bytes:
    return body[: len(body) // 2]


def _failed(moment: Moment, reply: Reply) -> Reply:
    problem = {"success": False, "error": {"__type": "Internal Error", "message": "solr is not there"}}
    return Reply(200, {"Content-Type": "application/json"}, json.dumps(problem).encode())


add("empty-body", "status 200 and no byte", after=_instead(lambda: b""))
add("white-space", "status 200 and blank lines", after=_instead(lambda: b"\r\n \r\n" * 20))
add("nul-bytes", "as many NUL bytes as the answer should have (a disk that was full)", after=_body(lambda body: b"\0" * len(body)))
add("nul-inside", "a NUL byte in the middle of the texts", after=_body(lambda body: body.replace(b"Beschreibung", b"Be\0schreibung")))
add("noise", "random bytes", after=_instead(_noise))
add("bom", "a byte order mark in front", after=_body(lambda body: b"\xef\xbb\xbf" + body))
add("utf-16", "UTF-16 where UTF-8 is the rule", after=_written_in("utf-16"))
add("charset-wrong", "UTF-8 that calls itself ISO 8859-1", after=_charset("iso-8859-1"))
add("charset-unknown", "a charset that does not exist", after=_charset("x-klingon"))
add("charset-lies", "ISO 8859-1 without saying so", after=_body(_latin))
add("control-characters", "control characters inside the texts", after=_body(_controls))
add("wrong-content-type", "data that call themselves HTML", after=_headers(Content_Type="text/html"))
add("no-content-type", "data without a content type", after=_headers(Content_Type=""))
add("half-document", "half of the document, with the right length", after=_body(_half))
add("warning-in-front", "a PHP warning in front of the data", after=_body(lambda body: b"<br />\n<b>Warning</b>: mysql in line 7\n" + body))
add("document-twice", "the document twice in a row", after=_body(lambda body: body + body))
add("error-as-200", "an error message in JSON, with status 200", after=_failed)
add("gzip-bomb", "24 MiB of zeros in a few kilobytes", after=_instead(_zeros, Content_Encoding="gzip"))
add("gzip-bomb-inside", "a packed file that unpacks to 24 MiB", after=_instead(_spaces, Content_Type="application/gzip"))
add("gzip-truncated", "half of the packed answer", after=_instead(lambda: _half(gzip.compress(_noise())), Content_Encoding="gzip"))
add("gzip-damaged", "says gzip, holds something else", after=_instead(lambda: b"\x1f\x8b" + _noise(), Content_Encoding="gzip"))
add("gzip-lie", "says gzip, sends it plain", after=_headers(Content_Encoding="gzip"))
add("brotli", "packed in a way that nobody asked for", after=_instead(_noise, Content_Encoding="br"))
add("entity-bomb", "XML entities that grow to terabytes", after=_instead(_entity_bomb, Content_Type="application/rdf+xml"))
add("external-entity", "an XML entity that names a local file", after=_instead(_external_entity, Content_Type="application/rdf+xml"))
add("deep-xml", "XML nested 40,000 deep", after=_instead(_deep_xml, Content_Type="application/rdf+xml"))
add("deep-json", "JSON nested 100,000 deep", after=_instead(_deep_json, Content_Type="application/json"))
add("deep-turtle", "Turtle nested 20,000 deep", after=_instead(_deep_turtle, Content_Type="text/turtle"))
add("remote-context", "JSON-LD that means something by a remote context only",
    after=_instead(_remote_context, Content_Type="application/ld+json"))
