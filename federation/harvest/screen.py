"""The screen: what a source sent is refused or repaired here, before any parser sees it.

`screened` does all of it in the right order and is what connectors call; the parts can be called alone. Refusals are SourceErrors,
repairs are Findings. Nothing is looked up, no remote document is ever loaded.
"""

import re
from dataclasses import dataclass
from posixpath import splitext
from typing import Any
from urllib.parse import unquote, urlsplit

import orjson

from federation.errors import SourceError
from federation.finding import Finding
from federation.harvest import contexts, inflate
from federation.harvest.charset import text
from federation.harvest.xml import declared, xml, xml_safe

__all__ = [
    "LARGEST", "MAX_DEPTH", "Screened", "agree", "declared", "json", "json_ld", "refuse", "screened", "sniff", "suffix", "text", "title",
    "unpack", "xml", "xml_safe",
]  # fmt: skip

LARGEST = 512 * 1024 * 1024
MAX_DEPTH = 256
_HEAD = 65_536

_TURTLES = {"turtle", "n-triples"}
_KINDS = {
    "application/rdf+xml": {"rdf-xml"}, "application/xml": {"rdf-xml", "xml"}, "text/xml": {"rdf-xml", "xml"}, "text/turtle": _TURTLES,
    "application/x-turtle": _TURTLES, "text/n3": _TURTLES, "text/rdf+n3": _TURTLES, "application/n-triples": {"n-triples"},
    "application/trig": {"trig", *_TURTLES}, "application/ld+json": {"json-ld"}, "application/json": {"json", "json-ld"},
    "text/json": {"json", "json-ld"}, "text/html": {"html"}, "application/xhtml+xml": {"html"},
}  # fmt: skip
_SUFFIXES = {
    ".rdf": {"rdf-xml"}, ".owl": {"rdf-xml"}, ".xml": {"rdf-xml", "xml"}, ".ttl": _TURTLES, ".n3": _TURTLES, ".nt": {"n-triples"},
    ".trig": {"trig", *_TURTLES}, ".jsonld": {"json-ld"}, ".json": {"json", "json-ld"},
}  # fmt: skip

_TITLE = re.compile(rb"(?i)<title[^<>]{0,200}>([^<]{0,500})")
_HTML = re.compile(rb"(?i)<(?:!doctype\s+html|html|head|body|script|meta|title|div|p|h1|table|br|b|center|font)(?=[\s>/])")
_NODE = re.compile(rb":(?:about|ID|nodeID)\s*=")
_LD_KEYS = (b'"@context"', b'"@graph"', b'"@id"')
_TURTLE = re.compile(rb"(?i)(?:@prefix|@base|prefix|base)\s")
_STATEMENT = re.compile(
    rb"(?:<[^<>\s]*>|_:[^\s<>]+|\[[^\]]{0,200}\]|[A-Za-z][\w.-]*:[\w.%/-]*)\s+(?:a\s|<[^<>\s]*>\s|[A-Za-z][\w.-]*:[\w.-]+\s)"
)
_BLANK = re.compile(rb"\[\s*(?:<|a\s|[A-Za-z][\w.-]*:)")
_LINE = re.compile(
    rb'(?:<[^<>"{}|^`\\\x00-\x20]*>|_:[^\s<>]+)[ \t]*<[^<>"{}|^`\x00-\x20]*>[ \t]*'
    rb'(?:<[^<>"{}|^`\x00-\x20]*>|_:[^\s<>"]+?|"(?:[^"\\]|\\.)*+"(?:@[A-Za-z0-9-]+|\^\^<[^<>\s]*>)?)[ \t]*\.[ \t]*(?:#.*)?'
)
_TURTLE_NOISE = re.compile(
    rb'"""(?:[^"\\]|\\.|"(?!""))*+"""|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*+\'\'\'|"(?:[^"\\\n]|\\.)*+"|\'(?:[^\'\\\n]|\\.)*+\'|<[^<>\s]*>|#[^\n]*'
)


@dataclass(frozen=True, slots=True)
class Screened:
    """What a parser may see: `kind` as `sniff` names it, `body` in UTF-8 without BOM, DOCTYPE and remote contexts, and what was found."""

    kind: str
    body: bytes
    findings: tuple[Finding, ...] = ()


def screened(
    body: bytes, *, media_type: str = "", charset: str = "", url: str = "", source: str = "", limit: int = LARGEST, linked: bool = True
) -> Screened:  # fmt: skip
    """Everything in one call, for a body as the door gives it (`answer.body, answer.media_type, answer.charset, answer.url`).

    Unpacks, repairs the encoding, tells the kind, compares it with media type and suffix, refuses HTML, empty answers, bombs and
    nesting. SourceError where a parser must not see it. `linked=False` is for connectors that read JSON-LD as plain JSON: contexts in it
    mean nothing then and stay.
    """
    body = unpack(body, limit, url=url, source=source)
    body, findings = text(body, charset)
    kind = sniff(body)
    refuse(kind, body, url=url, source=source)
    findings += agree(media_type, suffix(url), kind)
    if kind in ("rdf-xml", "xml"):
        body = xml_safe(body, url=url, source=source)
    elif kind == "json-ld" and linked:
        body = json_ld(body, url=url, source=source)
    elif kind in ("json", "json-ld"):
        json(body, url=url, source=source)
    return Screened(kind, body, tuple(findings))


def unpack(body: bytes, limit: int = LARGEST, *, url: str = "", source: str = "") -> bytes:
    """The body without gzip around it (told by its first bytes, also packed twice), at most `limit` bytes; SourceError beyond."""
    try:
        for _ in range(2):
            if body[:2] != inflate.GZIP:
                break
            body = inflate.gunzip(body, limit)
    except inflate.TooLarge as error:
        raise SourceError("screen-too-large", source=source, url=url, limit=f"{limit / 1_048_576:.4g} MiB") from error
    except inflate.Broken as error:
        raise SourceError("gzip-broken", source=source, url=url, reason=str(error)) from error
    if len(body) > limit:
        raise SourceError("screen-too-large", source=source, url=url, limit=f"{limit / 1_048_576:.4g} MiB")
    return body


def suffix(url: str) -> str:
    """The suffix of the path of an address or file, lower-case with its dot, without `.gz`; empty where there is none."""
    try:
        path = unquote(urlsplit(url).path).lower()
    except ValueError:
        return ""
    return splitext(path.removesuffix(".gz"))[1]


def sniff(body: bytes) -> str:
    """What the bytes are: "rdf-xml", "turtle", "n-triples", "trig", "json-ld", "json", "html", "xml", "empty" or "unknown".

    Looks at the first 64 KiB (for JSON-LD's keywords at all of it). Expects UTF-8; a BOM and white space before it do no harm.
    """
    head = body[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head:
        return "empty" if not body.strip(b"\xef\xbb\xbf \t\r\n\x0b\x0c\x00") else "unknown"
    first = head[:1]
    if first in b"{[":
        return _sniff_brackets(head, body)
    if first == b"<" and not _STATEMENT.match(head):
        return _sniff_markup(head)
    return _sniff_text(head)


def _sniff_brackets(head: bytes, body: bytes) -> str:
    second = head[1:].lstrip()[:1]
    if head[:1] == b"{" and second not in (b'"', b"}"):
        return "trig" if second in (b"<", b"_") else "unknown"
    if _BLANK.match(head) or (head[:1] == b"[" and _STATEMENT.match(head)):
        return "turtle"
    return "json-ld" if any(key in body for key in _LD_KEYS) else "json"


def _sniff_markup(head: bytes) -> str:
    if _HTML.match(head):
        return "html"
    name, attributes = declared(head)
    if not name:
        return "html" if _HTML.search(head[:4096]) else "unknown"
    if name.lower() == b"html":
        return "html"
    typed = b"http://www.w3.org/1999/02/22-rdf-syntax-ns#" in attributes and _NODE.search(attributes)
    return "rdf-xml" if name.rpartition(b":")[2] == b"RDF" or typed else "xml"


def _sniff_text(head: bytes) -> str:
    lines = [line for line in (raw.strip() for raw in head.splitlines()[:400]) if line and line[:1] != b"#"]
    if len(lines) > 1 and len(head) == _HEAD:
        lines.pop()
    if lines and all(_LINE.fullmatch(line) for line in lines):
        return "n-triples"
    start = b"\n".join(lines)
    if _TURTLE.match(start) or _STATEMENT.match(start) or re.match(rb"(?i)graph\s", start):
        return "trig" if b"{" in _TURTLE_NOISE.sub(b"<>", start) else "turtle"
    return "unknown"


def agree(media_type: str, suffix: str, sniffed: str) -> list[Finding]:
    """What content type and suffix say otherwise than the bytes do. The bytes decide; types that say nothing (text/plain) agree."""
    findings = []
    if sniffed not in _KINDS.get(media_type, {sniffed}):
        findings.append(Finding("media-type-differs", field="Content-Type", value=media_type, params={"sniffed": sniffed}))
    if sniffed not in _SUFFIXES.get(suffix, {sniffed}):
        findings.append(Finding("suffix-differs", field="url", value=suffix, params={"sniffed": sniffed}))
    return findings


def title(body: bytes) -> str:
    """The title of an HTML page (or the message of a CKAN error) in at most 200 characters; empty where there is none."""
    if body[:1] == b"{" and len(body) < _HEAD:
        try:
            said = orjson.loads(body)
        except orjson.JSONDecodeError:
            return ""
        error = said.get("error") if isinstance(said, dict) else None
        found = error.get("message") or error.get("__type") if isinstance(error, dict) else error
        return found[:200] if isinstance(found, str) else ""
    match = _TITLE.search(body[:_HEAD])
    return " ".join(match.group(1).decode("utf-8", "replace").split())[:200] if match else ""


def refuse(kind: str, body: bytes, *, url: str = "", source: str = "") -> None:
    """SourceError for what is no data at all: an empty answer, or a page for people (a login, a wall against robots, an error page)."""
    if kind == "empty":
        raise SourceError("empty-answer", source=source, url=url)
    if kind == "html":
        raise SourceError("html-instead-of-data", source=source, url=url, title=title(body) or "?")


def json(body: bytes, *, url: str = "", source: str = "") -> Any:
    """The values of a JSON document (RFC 8259) nested at most 256 deep; SourceError with the position where it is none."""
    try:
        found = orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        if "depth" in error.msg or "ecursion" in error.msg:
            raise SourceError("json-too-deep", source=source, url=url, limit=MAX_DEPTH) from error
        raise SourceError("json-invalid", source=source, url=url, reason=error.msg, line=error.lineno, column=error.colno) from error
    level = [found] if isinstance(found, dict | list) else []
    depth = 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise SourceError("json-too-deep", source=source, url=url, limit=MAX_DEPTH)
        level = [
            item for outer in level for item in (outer.values() if type(outer) is dict else outer)
            if type(item) is dict or type(item) is list
        ]  # fmt: skip
    return found


def json_ld(body: bytes, *, url: str = "", source: str = "") -> bytes:
    """JSON-LD that names no remote context: those we know (`contexts.KNOWN`) are replaced by our own equivalent, others refused.

    A context that were loaded from elsewhere would decide what the town's data mean, and would open a door past the network's rules.
    """
    document = json(body, url=url, source=source)
    try:
        return orjson.dumps(document) if contexts.localise(document) else body
    except contexts.Remote as error:
        raise SourceError("json-ld-remote-context", source=source, url=url, value=error.address) from error
