"""XML before a parser sees it (XML 1.0, fifth edition), and the only parser of XML trees.

A document type can define entities that grow without bound or name files and addresses, and elements can be nested so deep that parsers
need minutes (measured: a streaming RDF/XML parser takes 85 s for 4.6 MB nested 100,000 deep). So no parser of ours ever sees a DOCTYPE:
what is harmless in one is applied here, the rest refused.
"""

import re
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

from federation.errors import SourceError
from federation.harvest.charset import settled, text

MAX_DEPTH = 256
_ENTITIES = 100
_ENTITY_LENGTH = 1_000
_SUBSET = 262_144
_GROWTH = 64 * 1024 * 1024
_WINDOW = 1 << 15

_QUOTED = rb"(?:\"[^\"]*+\"|'[^']*+')"
_NAME = rb"[A-Za-z_:\x80-\xff][\w:.\x80-\xff-]*+"
_DOCTYPE = re.compile(rb"<!DOCTYPE\s+(" + _NAME + rb")\s*+(?:(?:SYSTEM\s+|PUBLIC\s+" + _QUOTED + rb"\s*+)" + _QUOTED + rb"?\s*+)?")
_ENTITY = re.compile(rb"<!ENTITY\s+(%\s+)?+(" + _NAME + rb")\s+(?:(" + _QUOTED + rb")|(?:SYSTEM|PUBLIC)\s[^>]*+)\s*+>")
_DECLARED = re.compile(rb"<!(ELEMENT|ATTLIST|NOTATION)\s(?:[^\"'<>]|" + _QUOTED + rb")*+>")
_ROOT = re.compile(rb"<(" + _NAME + rb")((?:[^\"'<>]|" + _QUOTED + rb")*+)>?")
_TAG = re.compile(rb"(?:[^\"'<>]|" + _QUOTED + rb")*+(?<=(/))?>")
_SPACE = re.compile(rb"\s*+")
_OPENER = re.compile(rb"<!--|<!\[CDATA\[|<\?")
_CLOSER = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}
_CLOSES, _ENDS = b"\x01", b"\x02"
_STRUCTURE = bytes(code for code in range(256) if code not in b"<>/\"'!?\x01\x02")
_mark_closing = re.compile(rb"</").sub
_mark_ending = re.compile(rb"/>").sub
_PREDEFINED = frozenset((b"lt", b"gt", b"amp", b"quot", b"apos"))


class _Refused(Exception):
    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


def xml_safe(body: bytes, *, url: str = "", source: str = "") -> bytes:
    """The document without its DOCTYPE, in UTF-8; the same bytes where there is nothing to do.

    Simple internal entities (at most 100, values of at most 1,000 characters without `&`, `%` and `<`: how older tools write
    namespaces) are put in; a reference to an external DTD is dropped and never loaded. SourceError for other entities
    ("xml-entity-refused"), for elements nested deeper than 256 ("xml-too-deep"), and for what cannot be read so far ("xml-invalid").
    """
    if not settled(body) or _CLOSES in body or _ENDS in body:
        body = text(body)[0]
    try:
        start = _skip_misc(body, 0)
        if body[start : start + 9] == b"<!DOCTYPE":
            body = _without_doctype(body, start)
        _check_nesting(body)
    except _Refused as refused:
        raise SourceError(refused.code, source=source, url=url, reason=refused.reason, limit=MAX_DEPTH) from refused
    return body


def xml(body: bytes, *, url: str = "", source: str = "") -> ElementTree.Element:
    """The root element of a screened document; SourceError "xml-invalid" with line and column where it is not well-formed."""
    safe = xml_safe(text(body)[0], url=url, source=source)
    try:
        return ElementTree.fromstring(safe)
    except ElementTree.ParseError as error:
        line, column = error.position
        reason = f"{error.msg.partition(':')[0]}, line {line}, column {column + 1}"
        raise SourceError("xml-invalid", source=source, url=url, reason=reason) from error


def declared(head: bytes) -> tuple[bytes, bytes]:
    """(name of the root element, all of its attributes) of the beginning of a document; entities of its DOCTYPE are added to these."""
    try:
        start = _skip_misc(head, 0)
        extra = b""
        if head[start : start + 9].upper() == b"<!DOCTYPE":
            found = _DOCTYPE.match(head, start)
            end = head.find(b"]", found.end()) + 1 if found and head[found.end() : found.end() + 1] == b"[" else start
            closing = head.find(b">", end)
            extra = head[start:closing]
            start = _skip_misc(head, closing + 1) if closing > 0 else len(head)
    except _Refused:
        return b"", b""
    root = _ROOT.match(head, start)
    return (root.group(1), root.group(2) + extra) if root else (b"", b"")


def _after_space(body: bytes, at: int) -> int:
    found = _SPACE.match(body, at)
    return found.end() if found else at


def _skip_misc(body: bytes, at: int) -> int:
    """The position behind white space, comments and processing instructions."""
    while True:
        at = _after_space(body, at)
        opener = b"<!--" if body.startswith(b"<!--", at) else b"<?" if body.startswith(b"<?", at) else b""
        if not opener:
            return at
        end = body.find(_CLOSER[opener], at + len(opener))
        if end < 0:
            raise _Refused("xml-invalid", f"{opener.decode()} is not closed")
        at = end + len(_CLOSER[opener])


def _without_doctype(body: bytes, start: int) -> bytes:
    found = _DOCTYPE.match(body, start, start + _SUBSET)
    if found is None:
        raise _Refused("xml-invalid", "DOCTYPE")
    at = found.end()
    entities: dict[bytes, bytes] = {}
    if body[at : at + 1] == b"[":
        at = _after_space(body, _subset(body, at + 1, start + _SUBSET, entities))
    if body[at : at + 1] != b">":
        raise _Refused("xml-invalid", "DOCTYPE")
    lines = b"\n" * body.count(b"\n", start, at)
    head, rest = body[:start] + lines, body[at + 1 :]
    return head + (_expanded(rest, entities) if entities else rest)


def _subset(body: bytes, at: int, limit: int, entities: dict[bytes, bytes]) -> int:
    """Reads an internal subset from behind its `[`; the position behind its `]`."""
    while at < limit:
        at = _skip_misc(body, at)
        if body[at : at + 1] == b"]":
            return at + 1
        if body[at : at + 1] == b"%":
            raise _Refused("xml-entity-refused", "parameter entity")
        found = _ENTITY.match(body, at, limit)
        if found:
            _add(entities, found)
        else:
            found = _DECLARED.match(body, at, limit)
            if found is None:
                raise _Refused("xml-entity-refused" if body.startswith(b"<!ENTITY", at) else "xml-invalid", "declaration in DOCTYPE")
            if found.group(1) == b"ATTLIST" and (b'"' in found.group() or b"'" in found.group()):
                raise _Refused("xml-entity-refused", "default attribute in DOCTYPE")
        at = found.end()
    raise _Refused("xml-entity-refused", "DOCTYPE too long")


def _add(entities: dict[bytes, bytes], found: re.Match[bytes]) -> None:
    name, quoted = found.group(2), found.group(3)
    said = name.decode("utf-8", "replace")[:50]
    if found.group(1):
        raise _Refused("xml-entity-refused", f"parameter entity {said}")
    if quoted is None:
        raise _Refused("xml-entity-refused", f"external entity {said}")
    value = quoted[1:-1]
    if name in _PREDEFINED:
        return
    if b"&" in value or b"%" in value or b"<" in value:
        raise _Refused("xml-entity-refused", f"nested entity {said}")
    if len(value) > _ENTITY_LENGTH or len(entities) >= _ENTITIES:
        raise _Refused("xml-entity-refused", f"too many or too long: {said}")
    entities.setdefault(name, value.replace(b'"', b"&quot;").replace(b"'", b"&apos;").replace(b">", b"&gt;"))


def _expanded(body: bytes, entities: dict[bytes, bytes]) -> bytes:
    """The body with the references to `entities` replaced, except in comments, CDATA sections and processing instructions."""
    reference = re.compile(rb"&(" + b"|".join(re.escape(name) for name in sorted(entities, key=len, reverse=True)) + rb");")
    grown = 0

    def value(match: re.Match[bytes]) -> bytes:
        nonlocal grown
        put = entities[match.group(1)]
        grown += len(put)
        if grown > _GROWTH:
            raise _Refused("xml-entity-refused", "entities grow the document too much")
        return put

    return b"".join(part if literal else reference.sub(value, part) for part, literal in _parts(body))


def _parts(body: bytes) -> Iterator[tuple[bytes, bool]]:
    """The body in pieces: (piece, whether it is a comment, CDATA section or processing instruction)."""
    at = 0
    while (found := _OPENER.search(body, at)) is not None:
        closer = _CLOSER[found.group()]
        end = body.find(closer, found.end())
        if end < 0:
            raise _Refused("xml-invalid", f"{found.group().decode()} is not closed")
        yield body[at : found.start()], False
        yield body[found.start() : end + len(closer)], True
        at = end + len(closer)
    yield body[at:], False


def _check_nesting(body: bytes) -> None:
    """Refuses elements nested deeper than MAX_DEPTH, for a fifth of what parsing costs."""
    try:
        _measure(body)
    except _Literal:
        bare = b"".join(part for part, literal in _parts(body) if not literal)
        try:
            _measure(bare)
        except _Literal:
            raise _Refused("xml-invalid", "<! or <? where none may be") from None


class _Literal(Exception):
    """A comment, CDATA section or processing instruction stands in the way."""


def _windows(body: bytes, start: int) -> Iterator[bytes]:
    """The body from its root element on in pieces of about 32 KiB, each from a `<` to before another."""
    while start + _WINDOW < len(body):
        end = body.rfind(b"<", start + 1, start + _WINDOW)
        if end < 0:
            end = body.find(b"<", start + _WINDOW)
        if end < 0:
            break
        yield body[start:end]
        start = end
    yield body[start:]


def _measure(body: bytes) -> None:
    """Counts open elements. A few passes in C leave only markup; a window that does not reduce to whole tags is read tag by tag."""
    depth = 0
    for window in _windows(body, _skip_misc(body, 0)):
        tags = _tags(window)
        opened, closed = tags.count(b"<>"), tags.count(b"\x01>")
        if len(tags) != 2 * (opened + closed):
            depth = _deepened(depth, _steps(window))
        elif depth + opened > MAX_DEPTH and not _shallow(tags, depth):
            depth = _deepened(depth, (1 if mark == 60 else -1 for mark in tags[::2]))
        else:
            depth += opened - closed


def _shallow(tags: bytes, depth: int) -> bool:
    """Whether tags surely stay above MAX_DEPTH: taking out elements with nothing in them, a pass lowers each nesting by one at most."""
    for passes in range(1, 32):
        left = tags.replace(b"<>\x01>", b"")
        if depth + passes + left.count(b"<>") <= MAX_DEPTH:
            return True
        if len(left) == len(tags):
            return False
        tags = left
    return False


def _tags(window: bytes) -> bytes:
    """`<>` for each opening and `\\x01>` for each closing tag, empty elements left out; other bytes stay where the window is odd.

    Quotes vanish only in pairs with no markup between them, so that nothing can hide in an attribute's value.
    """
    marked = _mark_ending(_ENDS, _mark_closing(_CLOSES, window)).translate(None, _STRUCTURE)
    if b"<!" in marked or b"<?" in marked:
        raise _Literal
    return marked.translate(None, b"/!?").replace(b'""', b"").replace(b"''", b"").replace(b"<\x02", b"")


def _deepened(depth: int, steps: Iterable[int]) -> int:
    for step in steps:
        depth += step
        if depth > MAX_DEPTH:
            raise _Refused("xml-too-deep", f"{depth} elements")
    return depth


def _steps(window: bytes) -> Iterator[int]:
    """1, 0 or -1 for each tag. A tag must end before the next `<`, as well-formed XML demands."""
    for part in window.split(b"<")[1:]:
        if part[:1] == b"/":
            yield -1
        elif part[:1] in (b"!", b"?"):
            raise _Literal
        else:
            tag = _TAG.match(part)
            if tag is None:
                raise _Refused("xml-invalid", "< inside a tag")
            yield 0 if tag.group(1) else 1
