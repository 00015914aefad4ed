"""RDF terms as canonical N-Triples strings, and the namespaces of DCAT-AP.de 3.0.

A term is a plain `str`: `<http://...>` (IRI), `"text"@de` or `"1"^^<...#integer>` (literal), `_:label` (blank node), in the exact
form that N-Triples 1.1 calls canonical. Strings compare and hash fast, are stored and logged as they are, and need no
conversion to be written. tests/test_terms.py proves the form equal to pyoxigraph's and rdflib's.
"""

import re
from functools import lru_cache
from typing import TypeAlias

Term: TypeAlias = str
Triple: TypeAlias = tuple[str, str, str]

_ESCAPE = {"\t": "\\t", "\b": "\\b", "\n": "\\n", "\r": "\\r", "\f": "\\f", '"': '\\"', "\\": "\\\\"}
_ESCAPE |= {chr(n): f"\\u{n:04X}" for n in (*range(0x20), 0x7F, 0xFFFE, 0xFFFF) if chr(n) not in _ESCAPE}
_ESCAPE |= {chr(n): "\ufffd" for n in range(0xD800, 0xE000)}  # a lone surrogate, which JSON can hold, has no form in UTF-8
_NEEDS_ESCAPE = re.compile('[\x00-\x1f"\\\\\x7f\ud800-\udfff\ufffe\uffff]')
_ESCAPED = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)")
_PLAIN = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "\\": "\\", "'": "'"}


class Namespace:
    """A vocabulary: `DCTERMS.title` and `DCTERMS["format"]` are terms, `DCTERMS.base` the IRI they start with."""

    def __init__(self, prefix: str, base: str) -> None:
        self.prefix = prefix
        self.base = base

    def __getattr__(self, name: str) -> Term:
        if name.startswith("__"):
            raise AttributeError(name)
        term = f"<{self.base}{name}>"
        self.__dict__[name] = term
        return term

    def __getitem__(self, name: str) -> Term:
        return f"<{self.base}{name}>"


RDF = Namespace("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#")
RDFS = Namespace("rdfs", "http://www.w3.org/2000/01/rdf-schema#")
XSD = Namespace("xsd", "http://www.w3.org/2001/XMLSchema#")
OWL = Namespace("owl", "http://www.w3.org/2002/07/owl#")
ADMS = Namespace("adms", "http://www.w3.org/ns/adms#")
DCAT = Namespace("dcat", "http://www.w3.org/ns/dcat#")
DCATAP = Namespace("dcatap", "http://data.europa.eu/r5r/")
DCATDE = Namespace("dcatde", "http://dcat-ap.de/def/dcatde/")
DCTERMS = Namespace("dcterms", "http://purl.org/dc/terms/")
ELI = Namespace("eli", "http://data.europa.eu/eli/ontology#")
FOAF = Namespace("foaf", "http://xmlns.com/foaf/0.1/")
GEO = Namespace("geo", "http://www.opengis.net/ont/geosparql#")
GEODCATAP = Namespace("geodcatap", "http://data.europa.eu/930/")
HYDRA = Namespace("hydra", "http://www.w3.org/ns/hydra/core#")
LOCN = Namespace("locn", "http://www.w3.org/ns/locn#")
ODRL = Namespace("odrl", "http://www.w3.org/ns/odrl/2/")
ORG = Namespace("org", "http://www.w3.org/ns/org#")
PROV = Namespace("prov", "http://www.w3.org/ns/prov#")
SCHEMA = Namespace("schema", "http://schema.org/")
SKOS = Namespace("skos", "http://www.w3.org/2004/02/skos/core#")
SPDX = Namespace("spdx", "http://spdx.org/rdf/terms#")
TIME = Namespace("time", "http://www.w3.org/2006/time#")
VCARD = Namespace("vcard", "http://www.w3.org/2006/vcard/ns#")

NAMESPACES = (
    ADMS, DCAT, DCATAP, DCATDE, DCTERMS, ELI, FOAF, GEO, GEODCATAP, HYDRA, LOCN, ODRL, ORG, OWL, PROV, RDF, RDFS, SCHEMA, SKOS, SPDX,
    TIME, VCARD, XSD,
)  # fmt: skip
TYPE: Term = RDF.type


def iri(value: str) -> Term:
    """The term of an absolute IRI that is known to be valid (RFC 3987); for what a source sends use normalise.iris first."""
    return f"<{value}>"


def is_iri(term: Term) -> bool:
    """Whether the term is an IRI."""
    return term[0] == "<"


def is_blank(term: Term) -> bool:
    """Whether the term is a blank node."""
    return term[0] == "_"


def is_literal(term: Term) -> bool:
    """Whether the term is a literal."""
    return term[0] == '"'


def iri_value(term: Term) -> str:
    """The address inside an IRI term."""
    return term[1:-1]


def literal(value: str, language: str = "", datatype: str = "") -> Term:
    """A literal; `language` is a well-formed BCP 47 tag (written in lower case, as tags are case-insensitive), `datatype` an IRI
    term (`XSD.date`). xsd:string is the default and is not written.
    """
    if _NEEDS_ESCAPE.search(value):
        value = _NEEDS_ESCAPE.sub(lambda found: _ESCAPE[found.group()], value)
    if language:
        return f'"{value}"@{language.lower()}'
    if datatype and datatype != XSD.string:
        return f'"{value}"^^{datatype}'
    return f'"{value}"'


def _unescape(found: re.Match[str]) -> str:
    code = found.group(1)
    return chr(int(code[1:], 16)) if len(code) > 1 else _PLAIN[code]


def value(term: Term) -> str:
    """What the term says: the text of a literal, the address of an IRI, the label of a blank node."""
    first = term[0]
    if first == "<":
        return term[1:-1]
    if first == "_":
        return term[2:]
    text = term[1 : term.rindex('"')]
    return _ESCAPED.sub(_unescape, text) if "\\" in text else text


@lru_cache(maxsize=65536)
def parts(term: Term) -> tuple[str, str, str]:
    """(text, language tag, datatype IRI term) of a literal; language and datatype are empty where there is none."""
    end = term.rindex('"')
    tail = term[end + 1 :]
    text = term[1:end]
    if "\\" in text:
        text = _ESCAPED.sub(_unescape, text)
    if not tail:
        return text, "", ""
    return (text, tail[1:], "") if tail[0] == "@" else (text, "", tail[2:])


_PREFIXED: dict[Term, str] = {}
_BASES = {space.base: space.prefix for space in NAMESPACES}


def prefixed(term: Term) -> str:
    """An IRI term of a known namespace in prefix form for people ("dcterms:title"); any other term as its value."""
    name = _PREFIXED.get(term)
    if name is None:
        name = value(term)
        if term[0] == "<":
            cut = max(name.rfind("#"), name.rfind("/")) + 1
            prefix = _BASES.get(name[:cut])
            if prefix and name[cut:]:
                name = f"{prefix}:{name[cut:]}"
        if len(_PREFIXED) < 10_000:
            _PREFIXED[term] = name
    return name


def expanded(name: str) -> Term:
    """The reverse of `prefixed`: "dcterms:title" gives the term. ValueError for a prefix that is not known."""
    prefix, _, local = name.partition(":")
    for space in NAMESPACES:
        if space.prefix == prefix:
            return space[local]
    raise ValueError(f"no namespace is known as {prefix}:")
