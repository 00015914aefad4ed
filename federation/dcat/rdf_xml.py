"""RDF/XML as serialisers write it, read in one pass (RDF 1.1 XML Syntax), in half the time that screen and parser take together.

What catalogs send is plain: elements, `rdf:about`, `rdf:resource`, `rdf:nodeID`, `rdf:datatype`, `xml:lang`, text. `read` knows just
that and gives None for everything else (DOCTYPE, comments, CDATA, parseType, xml:base, relative or broken IRIs, namespaces that change
on the way, what is not well-formed): then the screen and the parser have their turn. It gives no other triples than the parser would:
both are compared on every real feed and on generated and damaged documents (tests/test_rdf_xml.py). No entity is defined here, nothing
is looked up, and the time is linear.
"""

import re
from collections.abc import Iterator

import pyoxigraph

from federation.dcat.fragments import Lines
from federation.errors import SourceError
from federation.terms import RDF, TYPE, XSD, Term, literal

MAX_DEPTH = 128  # nodes inside nodes
_WINDOW = 1 << 15
_DESCRIPTION, _ROOT = f"{RDF.base}Description", f"{RDF.base}RDF"
# Names of RDF/XML itself, or with a meaning that needs more than a look.
_RESERVED = frozenset(f"<{RDF.base}{name}>" for name in (
    "li", "Description", "RDF", "ID", "about", "parseType", "resource", "nodeID", "datatype", "bagID", "aboutEach", "aboutEachPrefix",
))  # fmt: skip

_QUOTED = rb"(?:\"[^\"<&]*+\"|'[^'<&]*+')"
_START = re.compile(
    rb"\s*+(?:<\?xml\s[^<>?]*+\?>\s*+)?+<([A-Za-z_][\w.-]*+:RDF)((?:\s++xmlns(?::[\w.-]++)?+\s*+=\s*+%b)*+)\s*+>\s*+" % _QUOTED
)
_DECLARED = re.compile(r"xmlns(?::([\w.-]++))?+\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)')")
_NAME = re.compile(r"(?:([A-Za-z_][\w.-]*+):)?+([A-Za-z_][\w.-]*+)\Z", re.ASCII)
_ATTRIBUTES = re.compile(r"(?:\s++[\w.:-]++=\"[^\"<>]*+\")*+\s*+\Z")
_ATTRIBUTE = re.compile(r"([\w.:-]++)=\"([^\"]*+)\"")
_DEFAULT = re.compile(r"[^=]*?xmlns=\"([^\"<>]*+)\"").match
_PLACE = r"[A-Za-z0-9._~!$&'()*+,;=:@/-]*+(?:%[0-9A-Fa-f]{2}[A-Za-z0-9._~!$&'()*+,;=:@/-]*+)*+"
_QUERY = _PLACE.replace("/-]", "/?-]")
_IRI = re.compile(rf"https?://[A-Za-z0-9][A-Za-z0-9.-]*+(?::[0-9]++)?+(?:/{_PLACE})?+(?:\?{_QUERY})?+(?:#{_QUERY})?+").fullmatch
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+:").match
_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z]{2})?+").fullmatch
_LABEL = re.compile(r"[A-Za-z0-9_]++", re.ASCII).fullmatch
_REFERENCE = re.compile(r"&(?:(lt|gt|amp|quot|apos)|#(?:([0-9]{1,7})|x([0-9A-Fa-f]{1,6})));")
_ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


class _Unusual(Exception):
    """The document has something that is left to the parser."""


def read(body: bytes, url: str, limit: int) -> Lines | None:
    """The lines of each subject of a document that was screened for its encoding, as `parse` gives them; None where the parser is to
    read it. SourceError "document-too-large" beyond `limit` triples.
    """
    try:
        start = _START.match(body)
        if start is None or b"\x7f" in body:
            return None
        declared = _DECLARED.findall(start[2].decode())
        spaces = {name: double or single for name, double, single in declared}
        if len(spaces) < len(declared):
            return None
        reader = _Reader(start[1].decode(), spaces, limit)
        for window in _windows(body, start.end()):
            reader.read(window.decode().split("<"))
        reader.end()
    except (_Unusual, UnicodeDecodeError):
        return None
    except _Full:
        raise SourceError("document-too-large", url=url, limit=limit) from None
    return reader.lines


def _windows(body: bytes, start: int) -> Iterator[bytes]:
    """The body in pieces, each from a `<` to before another: short texts stay in the processor's cache, and one character beyond
    Latin-1 widens no more than these.
    """
    while start + _WINDOW < len(body):
        end = body.rfind(b"<", start + 1, start + _WINDOW)
        if end < 0:
            raise _Unusual
        yield body[start:end]
        start = end
    yield body[start:]


class _Full(Exception):
    """There are more triples than may be."""


class _Reader:
    def __init__(self, root: str, spaces: dict[str, str], limit: int) -> None:
        self.lines: Lines = {}
        self._root = root
        self._spaces = spaces
        if "" in spaces or self._iri_of(root) != _ROOT:
            raise _Unusual
        self._rdf = root.partition(":")[0]
        self._resource, self._about = f'{self._rdf}:resource="', f'{self._rdf}:about="'
        self._label = f'{self._rdf}:nodeID="'
        self._limit = limit
        self._predicates: dict[str, str] = {}
        self._classes: dict[str, str] = {}
        self._ready: dict[str, str] = {}  # an empty element with the white space behind it -> its line
        self._closings: dict[str, str] = {}  # a closing tag with the white space behind it -> its name
        self._tails: dict[str, str] = {}
        self._anonymous = 0
        self._state: tuple[Term, list[str], str, bool, bool, str, str, str] = ("", [], "", False, False, "", "", "")
        self._stack: list[tuple[Term, list[str], str, str]] = []  # of open nodes: itself, its lines, its tag, its open property

    def read(self, pieces: list[str]) -> None:
        """All elements of the document, each from behind its `<`; this loop is hot."""
        if pieces[0]:
            raise _Unusual
        predicates, ready, closings = self._predicates, self._ready, self._closings
        # inside: of a node, where properties are, else where nodes are; filled: the open property has its node;
        # name, attributes, text: of a property that opened just now
        node, pairs, tag, inside, filled, name, attributes, text = self._state
        for piece in pieces[1:]:
            if name:
                if closings.get(piece) == name or self._closes(piece, name):
                    if "&" in text or '"' in text or "\n" in text or "\\" in text or "\t" in text or "\r" in text:
                        text = _escaped(text)
                    predicate = predicates.get(name) or self._predicate(name, attributes)
                    pairs.append(f'{predicate}"{text}"{self._tail(attributes)}' if attributes else f'{predicate}"{text}"')
                    name = ""
                    continue
                if attributes or (text and not text.isspace()):
                    raise _Unusual
                self._open(node, pairs, tag, name)
                inside, name, filled = False, "", False
            elif inside and piece in ready:
                pairs.append(ready[piece])
                continue
            head, closed, text = piece.partition(">")
            if not closed or not head:
                raise _Unusual
            if inside and head[-1] != "/" and head[0] != "/":
                name, _, attributes = head.partition(" ")
                if not name:
                    raise _Unusual
                continue
            if text and not text.isspace():
                raise _Unusual
            if inside and head[-1] == "/":
                ready[piece] = line = self._reference(head)
                pairs.append(line)
            elif inside:
                if head[1:].rstrip() != tag:
                    raise _Unusual
                inside, filled = False, self._join(node)
            elif head[0] == "/":
                node, pairs, tag = self._close(head[1:].rstrip(), filled)
                inside = bool(node)
            else:
                if filled or self._root == "":
                    raise _Unusual
                tag, _, said = (head[:-1] if head[-1] == "/" else head).partition(" ")
                node, kind = self._node(said), self._class(tag)
                pairs = self.lines.setdefault(node, [])
                if kind:
                    pairs.append(kind)
                inside = head[-1] != "/"
                if not inside:
                    filled = self._join(node)
        self._state = (node, pairs, tag, inside, filled, name, attributes, text)

    def end(self) -> None:
        """What has to hold at the end of a document."""
        if self._stack or self._root:
            raise _Unusual
        self.lines = {each: said for each, said in self.lines.items() if said}
        if sum(map(len, self.lines.values())) > self._limit:
            raise _Full

    def _open(self, node: Term, pairs: list[str], tag: str, name: str) -> None:
        self._stack.append((node, pairs, tag, name))
        if len(self._stack) > MAX_DEPTH:
            raise _Unusual

    def _join(self, node: Term) -> bool:
        """Says that the open property, if there is one, leads to this node that was just read."""
        if self._stack:
            _, pairs, _, name = self._stack[-1]
            pairs.append((self._predicates.get(name) or self._predicate(name, "")) + node)
        return bool(self._stack)

    def _close(self, name: str, filled: bool) -> tuple[Term, list[str], str]:
        """The node whose property ends here, with its lines and its tag; of the document's end nothing."""
        if self._stack:
            node, pairs, tag, opened = self._stack.pop()
            if name != opened or not filled:
                raise _Unusual
            return node, pairs, tag
        if name != self._root:
            raise _Unusual
        self._root = ""
        return "", [], ""

    def _iri_of(self, name: str, default: str = "") -> str:
        """The address that a tag stands for."""
        found = _NAME.match(name)
        space = (self._spaces.get(found[1]) if found[1] else default) if found else None
        if not found or not space:
            raise _Unusual
        return space + found[2]

    def _predicate(self, name: str, attributes: str) -> str:
        """`<property> ` of a tag; one that declares its own default namespace is not remembered."""
        key, default = name, ""
        if ":" not in name:
            found = _DEFAULT(attributes)
            default = found[1] if found else ""
            key = f"{name} {default}"
            if key in self._predicates:
                return self._predicates[key]
        term = _iri(self._iri_of(name, default))
        if term in _RESERVED:
            raise _Unusual
        self._predicates[key] = f"{term} "
        return f"{term} "

    def _class(self, name: str) -> str:
        """`<rdf:type> <class>` of a node's tag; empty for rdf:Description."""
        known = self._classes.get(name)
        if known is None:
            address = self._iri_of(name)
            if address != _DESCRIPTION and address.startswith(RDF.base):
                raise _Unusual
            known = self._classes[name] = "" if address == _DESCRIPTION else f"{TYPE} {_iri(address)}"
        return known

    def _node(self, attributes: str) -> Term:
        end = len(attributes) - 1
        if attributes.startswith(self._about) and _IRI(attributes, len(self._about), end) and _ends(attributes):
            return f"<{attributes[len(self._about) : end]}>"
        if attributes.startswith(self._label) and attributes[end] == '"' and _LABEL(attributes, len(self._label), end):
            return f"_:{attributes[len(self._label) : end]}"
        said = _attributes(attributes)
        if not said:
            self._anonymous += 1
            return f"_:{self._anonymous}.anonymous"  # no label of a document has a dot
        if len(said) > 1:
            raise _Unusual
        return self._named(said, "about")

    def _named(self, said: dict[str, str], address: str) -> Term:
        if f"{self._rdf}:{address}" in said:
            return _iri(said[f"{self._rdf}:{address}"])
        label = said.get(f"{self._rdf}:nodeID", "")
        if not _LABEL(label):
            raise _Unusual
        return f"_:{label}"

    def _closes(self, piece: str, name: str) -> bool:
        """Whether a piece ends the element of this name."""
        if piece[:1] != "/":
            return False
        end, closed, text = piece.partition(">")
        if not closed or end[1:].rstrip() != name or (text and not text.isspace()):
            raise _Unusual
        self._closings[piece] = name
        return True

    def _reference(self, head: str) -> str:
        """The line of an empty property element."""
        name, _, attributes = head[:-1].rstrip().partition(" ")
        return (self._predicates.get(name) or self._predicate(name, attributes)) + self._object(attributes)

    def _object(self, attributes: str) -> Term:
        """The term that an empty property element refers to; an empty text where it says nothing."""
        end = len(attributes) - 1
        if attributes.startswith(self._resource) and _IRI(attributes, len(self._resource), end) and _ends(attributes):
            return f"<{attributes[len(self._resource) : end]}>"
        if attributes.startswith(self._label) and attributes[end] == '"' and _LABEL(attributes, len(self._label), end):
            return f"_:{attributes[len(self._label) : end]}"
        said = {name: value for name, value in _attributes(attributes).items() if name != "xmlns"}
        if len(said) > 1:
            raise _Unusual
        return self._named(said, "resource") if said else '""'

    def _tail(self, attributes: str) -> str:
        """Language or datatype of a text as N-Triples writes it."""
        if attributes in self._tails:
            return self._tails[attributes]
        said = {name: value for name, value in _attributes(attributes).items() if name != "xmlns"}
        if len(said) > 1:
            raise _Unusual
        tail = ""
        for name, value in said.items():
            if name == "xml:lang" and (_TAG(value) or _is_language(value)):
                tail = f"@{value.lower()}"
            elif name == f"{self._rdf}:datatype":
                term = _iri(value)
                if term.startswith(f"<{RDF.base}"):
                    raise _Unusual
                tail = "" if term == XSD.string else f"^^{term}"
            else:
                raise _Unusual
        self._tails[attributes] = tail
        return tail


def _ends(attribute: str) -> bool:
    """Whether the one attribute ends with its quotation mark and holds no reference to a character."""
    return attribute[-1] == '"' and "&" not in attribute


def _attributes(text: str) -> dict[str, str]:
    """The attributes of a tag; none may declare a prefix."""
    if not text:
        return {}
    if not _ATTRIBUTES.match(" " + text):
        raise _Unusual
    said = dict(_ATTRIBUTE.findall(text))
    if len(said) != text.count('="') or any(name.startswith("xmlns:") for name in said):
        raise _Unusual
    return said


def _iri(text: str) -> Term:
    """The term of an absolute address that needs neither resolving nor mending."""
    if "&" in text:
        text = _plain(text)
    if _IRI(text) or _sound(text):
        return f"<{text}>"
    raise _Unusual


def _sound(text: str) -> bool:
    if not _ABSOLUTE(text):
        return False
    try:
        pyoxigraph.NamedNode(text)
    except ValueError:
        return False
    return True


def _is_language(text: str) -> bool:
    try:
        pyoxigraph.Literal("", language=text)
    except ValueError:
        return False
    return True


def _plain(text: str) -> str:
    """A text with its character references read."""
    plain, count = _REFERENCE.subn(_character, text)
    if count != text.count("&"):
        raise _Unusual
    return plain


def _character(found: re.Match[str]) -> str:
    if found[1]:
        return _ENTITIES[found[1]]
    code = int(found[2]) if found[2] else int(found[3], 16)
    if code in (9, 10, 13) or 0x20 <= code < 0x7F or 0xA0 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000:
        return chr(code)
    raise _Unusual


def _escaped(text: str) -> str:
    """A text as it stands between the quotation marks of a canonical literal."""
    return literal(_plain(text) if "&" in text else text)[1:-1]
