"""RDF bytes to lines: `parse` reads RDF/XML, Turtle, N-Triples, N-Quads, TriG and JSON-LD into {subject: ["<property> object", ...]}.

The parse ladder: strict; else with IRIs and language tags repaired in the bytes, strict again; else rdflib on a document of bounded
size, each of its terms checked; else a SourceError. The parser's own language does the work: it writes N-Quads in chunks, which are
split as text (0.3 million triples per second; an object per triple would halve that).
"""

from dataclasses import dataclass, field
from itertools import islice

import pyoxigraph
from pyoxigraph import RdfFormat

from federation.errors import SourceError
from federation.finding import Finding

SYNTAXES: dict[str, RdfFormat] = {
    "rdf-xml": RdfFormat.RDF_XML, "turtle": RdfFormat.TURTLE, "n-triples": RdfFormat.N_TRIPLES, "n-quads": RdfFormat.N_QUADS,
    "trig": RdfFormat.TRIG, "json-ld": RdfFormat.JSON_LD,
}  # fmt: skip
MAX_TRIPLES = 1_500_000  # of one document
_CHUNK = 250  # triples: short texts stay in the processor's cache, and one character beyond Latin-1 widens no more than these


@dataclass(slots=True)
class Parsed:
    """`lines` of each subject (canonical N-Triples terms, named graphs merged, doubles possible) and what was found on the way."""

    lines: dict[str, list[str]]
    findings: list[Finding] = field(default_factory=list)


def parse(body: bytes, syntax: str, base: str) -> Parsed:
    lines: dict[str, list[str]] = {}
    triples = pyoxigraph.parse(body, format=SYNTAXES[syntax], base_iri=base or None, rename_blank_nodes=True)
    named = syntax in ("n-quads", "trig", "json-ld")
    last = None
    width = 1
    pairs: list[str] = []
    count = 0
    while chunk := pyoxigraph.serialize(islice(triples, _CHUNK), format=RdfFormat.N_QUADS):
        count += _CHUNK
        if count > MAX_TRIPLES:
            raise SourceError("document-too-large", url=base, limit=MAX_TRIPLES)
        for line in chunk.decode().split("\n"):
            if line[:width] == last:
                pairs.append(line[width:-2])
            elif line:
                width = line.index(" ") + 1
                last = line[:width]
                subject = last[:-1]
                found = lines.get(subject)
                if found is None:
                    found = lines[subject] = []
                pairs = found
                pairs.append(line[width:-2])
    return Parsed(lines)
