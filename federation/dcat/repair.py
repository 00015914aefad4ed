"""The second rung of the parse ladder: IRIs and language tags mended in the bytes of a document, and nothing else touched.

`Repairs` mends single values and remembers each as a Finding; `xml` and `turtle` find the places where IRIs and tags stand.
"""

import re
from functools import lru_cache
from html import unescape

import pyoxigraph

from federation.finding import Finding
from federation.terms import RDF

MOST_FINDINGS = 200  # of one document: more say nothing new

# What RFC 3987 allows nowhere; blanks and controls, delimiters, unassigned and private characters.
_ILLEGAL = re.compile("[\x00-\x20<>\"{}|\\\\^`\x7f-\x9f\ud800-\uf8ff\ufdd0-\ufdef\ufff0-\uffff\U000e0000-\U0010ffff]")
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_LINE_BREAK = re.compile(r"\s*[\r\n]\s*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_SUSPECT = re.compile(r"[\x00-\x20<>\"{}|\\^`\x7f-\x9f\ud800-\uf8ff\ufdd0-\ufdef\ufff0-\U0010ffff%\[\]]|#.*#|:[^/@]*[^0-9/][/?#]|^\W")


@lru_cache(maxsize=4096)
def is_valid_iri(iri: str) -> bool:
    """Whether an IRI reference (absolute or relative) is one that strict N-Triples takes once it is resolved."""
    try:
        pyoxigraph.NamedNode(iri if _SCHEME.match(iri) else "http://relative.invalid/" + iri.lstrip("/"))
    except ValueError:
        return False
    return True


def mended_iri(iri: str) -> str:
    """The nearest valid IRI: white space around it dropped, what is illegal percent-encoded, umlauts left; "" where nothing helps."""
    text = _LINE_BREAK.sub("", iri.strip())
    text = _ILLEGAL.sub(lambda found: "".join(f"%{byte:02X}" for byte in found.group().encode("utf-8", "surrogatepass")), text)
    text = _PERCENT.sub("%25", text)
    if not is_valid_iri(text):
        head, mark, rest = text.partition("://")
        host, slash, path = rest.partition("/") if mark else ("", "", text)
        path = path.replace("[", "%5B").replace("]", "%5D")
        before, hash_mark, fragment = path.partition("#")
        text = head + mark + host + slash + before + hash_mark + fragment.replace("#", "%23") if mark else before + hash_mark + fragment
    return text if is_valid_iri(text) else ""


@lru_cache(maxsize=1024)
def is_valid_tag(tag: str) -> bool:
    """Whether a language tag is well-formed (BCP 47)."""
    try:
        pyoxigraph.Literal("", language=tag)
    except ValueError:
        return False
    return True


def mended_tag(tag: str) -> str:
    """The nearest well-formed language tag (`de_DE` gives `de-DE`, `de_DE.UTF-8` gives `de-DE`); "" where there is none."""
    parts = re.findall("[A-Za-z0-9]+", tag[:100])
    while parts and not is_valid_tag("-".join(parts)):
        parts.pop()
    return "-".join(parts)


class Repairs:
    """Mends values and keeps one Finding for each that was wrong."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._known: dict[tuple[str, str], str] = {}

    def iri(self, iri: str) -> str:
        """The IRI, mended where it needs it; one that cannot be mended is given back as it is."""
        if not _SUSPECT.search(iri) or is_valid_iri(iri):
            return iri
        if ("iri", iri) not in self._known:
            now = mended_iri(iri)
            self._known["iri", iri] = now or iri
            if now:
                self.note(Finding("iri-repaired", value=iri, params={"now": now}))
        return self._known["iri", iri]

    def tag(self, tag: str) -> str:
        """The language tag, mended where it needs it; empty where nothing could be made of it."""
        if is_valid_tag(tag):
            return tag
        if ("tag", tag) not in self._known:
            now = self._known["tag", tag] = mended_tag(tag)
            if tag.strip():
                self.note(Finding("language-repaired" if now else "language-dropped", value=tag, params={"tag": now}))
        return self._known["tag", tag]

    def note(self, finding: Finding) -> None:
        """Keeps a finding, up to a number that people can read."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding)


_MARKUP = re.compile(
    rb"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)|<![^>]*(?:>|\Z)"
    rb"|<(/?)[^\s<>/=\"'!?](?:[^\"'<>]|\"[^\"<]*\"|'[^'<]*')*>",
    re.S,
)
_ATTRIBUTE = re.compile(rb"(\s)([\w.-]+(?::[\w.-]+)?)(\s*=\s*)(\"[^\"]*\"|'[^']*')")
_RDF_PREFIX = re.compile(rb"xmlns:([\w.-]+)\s*=\s*[\"']" + re.escape(RDF.base.encode()) + rb"[\"']")
_RDF_IRIS = (b"about", b"resource", b"datatype")


def xml(body: bytes, repairs: Repairs) -> bytes:
    """RDF/XML with the values of rdf:about, rdf:resource, rdf:datatype, xml:base, xmlns and xml:lang mended, in tags only."""
    names = {prefix + b":" + local for prefix in _RDF_PREFIX.findall(body) for local in _RDF_IRIS} | {b"xml:base", b"xmlns"}
    languages = [b""]  # of the open elements: an empty xml:lang takes an outer one back

    def attribute(found: re.Match[bytes]) -> bytes:
        blank, name, equals, quoted = found.groups()
        inner = quoted[1:-1].decode("utf-8", "replace")
        text = unescape(inner) if "&" in inner else inner
        if name == b"xml:lang":
            now = repairs.tag(text)
            languages[-1] = now.encode()
            if not now:
                return found.group() if languages[-2:-1] not in ([], [b""]) else b""
        elif name in names or name.startswith(b"xmlns:"):
            now = repairs.iri(text)
        else:
            return found.group()
        if now == text:
            return found.group()
        return blank + name + equals + b'"' + now.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").encode() + b'"'

    def tag(found: re.Match[bytes]) -> bytes:
        text = found.group()
        if found.group(1) is None:
            return text
        if found.group(1):
            if len(languages) > 1:
                languages.pop()
            return text
        languages.append(languages[-1])
        if b"=" in text:
            text = _ATTRIBUTE.sub(attribute, text)
        if text.endswith(b"/>"):
            languages.pop()
        return text

    return _MARKUP.sub(tag, body)


_TOKEN = re.compile(
    rb'("""(?:[^"\\]|\\.|"(?!""))*"""|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*\'\'\'|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\')'
    rb"(@[^\s;,.\])}<\"]*)?|<([^<>\n]*)>|#[^\n]*",
    re.S,
)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


def turtle(body: bytes, repairs: Repairs) -> bytes:
    """Turtle, TriG, N-Triples or N-Quads with what stands in <...> and behind @ of a literal mended."""

    def token(found: re.Match[bytes]) -> bytes:
        string, tag, iri = found.groups()
        if iri is not None:
            text = _ESCAPE.sub(lambda code: chr(int(code[1] or code[2], 16)), iri.decode("utf-8", "replace"))
            now = repairs.iri(text)
            return found.group() if now == text else b"<" + now.encode("utf-8", "replace") + b">"
        if tag:
            text = tag[1:].decode("utf-8", "replace")
            now = repairs.tag(text)
            return string + (b"@" + now.encode() if now else b"")
        return found.group()

    return _TOKEN.sub(token, body)
