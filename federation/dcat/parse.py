"""RDF bytes to lines: `parse` reads RDF/XML, Turtle, N-Triples, N-Quads, TriG and JSON-LD into {subject: ["<property> object", ...]}.

The parse ladder: strict; else with IRIs and language tags repaired in the bytes, strict again; else rdflib on a document of bounded
size, each of its terms checked; else a SourceError. The parser's own language does the work: it writes N-Quads in chunks, which are
split as text (0.3 million triples per second; an object per triple would halve that).
"""

import re
from dataclasses import dataclass, field
from itertools import islice

import pyoxigraph
from pyoxigraph import RdfFormat

from federation.dcat import json_ld, repair
from federation.dcat.repair import Repairs
from federation.dcat.salvage import salvaged
from federation.errors import SourceError
from federation.finding import Finding

SYNTAXES: dict[str, RdfFormat] = {
    "rdf-xml": RdfFormat.RDF_XML, "turtle": RdfFormat.TURTLE, "n-triples": RdfFormat.N_TRIPLES, "n-quads": RdfFormat.N_QUADS,
    "trig": RdfFormat.TRIG, "json-ld": RdfFormat.JSON_LD,
}  # fmt: skip
MAX_TRIPLES = 1_500_000  # of one document
_NAMED_GRAPHS = frozenset({"n-quads", "trig", "json-ld"})
# Signs of RDF 1.2, looked for in the source since they are long there, and long words are found fast.
_NEWER = {
    "rdf-xml": (b'parseType="Triple"', b":dir="), "turtle": (b"<<", b"{|", b"--ltr", b"--rtl"),
    "n-triples": (b"<<(", b"--ltr", b"--rtl"),
}  # fmt: skip
_NAMED_VALUE = re.compile("'([^']+)'")
_CHUNK = 250  # triples: short texts stay in the processor's cache, and one character beyond Latin-1 widens no more than these


@dataclass(slots=True)
class Parsed:
    """`lines` of each subject (canonical N-Triples terms, named graphs merged, doubles possible) and what was found on the way."""

    lines: dict[str, list[str]]
    findings: list[Finding] = field(default_factory=list)


def parse(body: bytes, syntax: str, base: str) -> Parsed:
    """The lines of a screened UTF-8 document. `syntax` is a key of SYNTAXES, `base` the absolute address it came from (an xml:base or
    @base inside goes first). SourceError "rdf-invalid" with position and reason where no rung of the ladder can read it,
    "document-too-large" beyond MAX_TRIPLES.
    """
    repairs = Repairs()
    base = repair.mended_iri(base) if base else ""
    if syntax == "json-ld":
        body = json_ld.mended(body, repairs)
    try:
        return _strict(body, syntax, base, repairs)
    except SyntaxError as error:
        fault = error
    if syntax != "json-ld":
        repairs = Repairs()
        mended = repair.xml(body, repairs) if syntax == "rdf-xml" else repair.turtle(body, repairs)
        if mended != body:
            try:
                return _strict(mended, syntax, base, repairs)
            except SyntaxError as error:
                fault = error
        lines = salvaged(mended, syntax, base, repairs)
        if lines:
            return Parsed(lines, [Finding("salvaged", params={"reason": _reason(fault)}), *repairs.findings])
    raise SourceError("rdf-invalid", url=base, reason=_reason(fault), syntax=syntax, line=_line(fault, body)) from fault


def _strict(body: bytes, syntax: str, base: str, repairs: Repairs) -> Parsed:
    """Reads strictly; SyntaxError as the parser says it."""
    triples = pyoxigraph.parse(body, format=SYNTAXES[syntax], base_iri=base or None)
    tidy = syntax in _NAMED_GRAPHS or any(sign in body for sign in _NEWER[syntax]) or b"rdf:version" in body[:65536]
    lines: dict[str, list[str]] = {}
    last = None
    width = 1
    pairs: list[str] = []
    count = 0
    while chunk := pyoxigraph.serialize(islice(triples, _CHUNK), format=RdfFormat.N_QUADS):
        count += _CHUNK
        if count > MAX_TRIPLES:
            raise SourceError("document-too-large", url=base, limit=MAX_TRIPLES)
        if tidy:
            chunk = _tidied(chunk, repairs)
        for line in chunk.decode().split("\n"):
            if line[:width] == last:
                pairs.append(line[width:-2])
            elif line:
                width = line.index(" ") + 1
                last = line[:width]
                pairs = lines.setdefault(last[:-1], [])
                pairs.append(line[width:-2])
    return Parsed(lines, repairs.findings)


def _tidied(chunk: bytes, repairs: Repairs) -> bytes:
    """N-Triples 1.1 of N-Quads 1.2: without graph names, text directions and triple terms (the last are withheld, with a finding)."""
    result = []
    for line in chunk.split(b"\n"):
        if line:
            node, prop, term = line[:-2].split(b" ", 2)
            if term.startswith(b"<<(") or node.startswith(b"<<("):
                repairs.note(Finding("triple-term", field=prop.decode()[1:-1], value=term.decode()))
                continue
            if term[:1] == b'"':
                end = term.rindex(b'"') + 1
                text, tail = term[:end], term[end:].partition(b" ")[0]
                if tail.endswith((b"--ltr", b"--rtl")):
                    repairs.note(Finding("text-direction", value=tail.decode()[1:]))
                    tail = tail[:-5]
                term = text + tail
            else:
                term = term.partition(b" ")[0]
            result.append(b"%s %s %s ." % (node, prop, term))
    return b"\n".join(result)


def _reason(error: SyntaxError) -> str:
    return str(error.msg or error)[:300]


def _line(error: SyntaxError, body: bytes) -> str:
    """The line of a fault, "?" where the parser names none and the value that it complains of stands nowhere."""
    if error.lineno:
        return str(error.lineno)
    named = _NAMED_VALUE.search(str(error.msg))
    at = body.find(named.group(1).encode()) if named else -1
    return "?" if at < 0 else str(body.count(b"\n", 0, at) + 1)
