"""Writing: from a Description to its N-Triples, and to the fragments that feed pages are concatenated from.

A fragment is the text of one entity in one format under a fixed prefix head, so that a page is head + fragments + foot. The order is
fixed (root first, then nodes, properties and terms sorted, rdf:type first): equal triples give equal bytes.
Formats: `ttl` Turtle 1.1, `rdf` RDF/XML 1.1, `jsonld` JSON-LD 1.1 (flattened, one `@graph`), `nt` N-Triples (sorted lines).
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from federation.dcat.description import Description, Nodes
from federation.finding import Finding
from federation.terms import NAMESPACES, TYPE, Term, Triple, parts, prefixed

FORMATS = ("ttl", "rdf", "jsonld")
MEDIA_TYPES = {
    "ttl": "text/turtle", "rdf": "application/rdf+xml", "jsonld": "application/ld+json", "nt": "application/n-triples",
}  # fmt: skip

_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_NCNAME_END = re.compile(r"[^\W\d][\w.\-\u00B7]*\Z")
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ILLEGAL_ESCAPED = re.compile(r"\\u(?:00|FFF[EF])|\\[bf]")

_SPECIAL = re.compile(r"[&<>\\]").search

HEADS = {
    "ttl": "".join(f"@prefix {space.prefix}: <{space.base}> .\n" for space in NAMESPACES) + "\n",
    "rdf": '<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF\n'
    + "\n".join(f'  xmlns:{space.prefix}="{space.base}"' for space in NAMESPACES) + ">\n",
    "jsonld": '{"@context":' + orjson.dumps({space.prefix: space.base for space in NAMESPACES}).decode() + ',\n"@graph":[\n',
}  # fmt: skip
FEET = {"ttl": "", "rdf": "</rdf:RDF>\n", "jsonld": "\n]}\n"}
SEPARATORS = {"ttl": "", "rdf": "", "jsonld": ",\n"}


class Written(NamedTuple):
    """N-Triples (sorted lines, UTF-8) and the fragments by format (UTF-8 text)."""

    nt: bytes
    fragments: dict[str, str]


@lru_cache(maxsize=4096)
def _turtle_name(term: Term) -> str:
    name = prefixed(term)
    return name if ":" in name and not name.startswith(("http:", "https:")) and _LOCAL.match(name.partition(":")[2]) else term


@lru_cache(maxsize=4096)
def _xml_name(term: Term) -> tuple[str, str]:
    """(qualified name, namespace declaration that it needs in place) of a predicate; ("", "") where no XML name can hold it."""
    name = _turtle_name(term)
    if name != term:
        return name, ""
    address = term[1:-1]
    local = _NCNAME_END.search(address)
    if not local or local.start() == 0:
        return "", ""
    return f"ns:{local.group()}", f' xmlns:ns="{_xml_attribute(address[: local.start()])}"'


def _xml_attribute(text: str) -> str:
    if "&" in text or "<" in text or '"' in text:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return text


def _xml_text(text: str) -> str:
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    if "\r" in text:
        text = text.replace("\r", "&#13;")
    return text


def ordered(root: Term, nodes: Nodes) -> list[Term]:
    """The nodes in the order of writing: root, IRIs, blank nodes; each sorted."""
    rest = sorted(node for node in nodes if node != root)
    return [root, *rest] if root in nodes else rest


def _properties(properties: dict[Term, list[Term]]) -> Iterable[tuple[Term, list[Term]]]:
    names = sorted(properties)
    if names[0] != TYPE and TYPE in properties:
        names.remove(TYPE)
        names.insert(0, TYPE)
    for name in names:
        terms = properties[name]
        yield name, (sorted(terms) if len(terms) > 1 else terms)


def write(description: Description, formats: Iterable[str] = FORMATS) -> tuple[Written, list[Finding]]:
    """N-Triples and fragments of one entity. What some format cannot carry is taken out of the Description first: predicates that no
    XML name can hold, characters illegal in XML 1.0 (one such triple would make the page unreadable for every consumer). Each is a
    Change of rule `illegal-characters` and a Finding (`withheld-predicate`, `withheld-characters`).
    """
    written = write_nodes(description.root, description.nodes, formats)
    if written is not None:
        return written, []
    findings = _withhold(description)
    written = write_nodes(description.root, description.nodes, formats)
    assert written is not None
    return written, findings


def write_nodes(root: Term, nodes: Nodes, formats: Iterable[str] = FORMATS) -> Written | None:
    """As `write`, for bare nodes; None where something would have to be withheld."""
    lines: list[str] = []
    turtle: list[str] = []
    xml: list[str] = []
    wanted = frozenset(formats)
    with_rdf, with_ttl = "rdf" in wanted, "ttl" in wanted
    for node in ordered(root, nodes):
        properties = list(_properties(nodes[node]))
        for prop, terms in properties:
            if len(terms) == 1:
                lines.append(f"{node} {prop} {terms[0]} .\n")
            else:
                lines += [f"{node} {prop} {term} .\n" for term in terms]
        if with_ttl:
            turtle.append(_turtle_block(node, properties))
        if with_rdf and not _xml_block(node, properties, xml):
            return None
    lines.sort()
    text = "".join(lines)
    if "\\" in text and _ILLEGAL_ESCAPED.search(text) and _illegal(nodes):
        return None
    fragments: dict[str, str] = {}
    if with_ttl:
        turtle.append("\n")
        fragments["ttl"] = "".join(turtle)
    if with_rdf:
        fragments["rdf"] = "".join(xml)
    if "jsonld" in wanted:
        fragments["jsonld"] = _json_ld(root, nodes)
    return Written(text.encode(), fragments)


def _turtle_block(node: Term, properties: list[tuple[Term, list[Term]]]) -> str:
    entries = [
        f"{_turtle_name(prop)} {terms[0] if len(terms) == 1 else ', '.join(terms)}" if prop != TYPE
        else "a " + ", ".join([_turtle_name(term) for term in terms])
        for prop, terms in properties
    ]  # fmt: skip
    joined = " ;\n  ".join(entries)
    return f"{node} {joined} .\n"


class _Tags(NamedTuple):
    """What RDF/XML writes around the terms of one predicate."""

    resource: str
    blank: str
    opening: str
    closing: str


@lru_cache(maxsize=4096)
def _xml_tags(prop: Term) -> _Tags | None:
    name, declared = _xml_name(prop)
    if not name:
        return None
    start = f"<{name}{declared}"
    return _Tags(f'{start} rdf:resource="', f'{start} rdf:nodeID="', f"{start}", f"</{name}>\n")


def _xml_block(node: Term, properties: list[tuple[Term, list[Term]]], xml: list[str]) -> bool:
    """Appends one node; False where a predicate has no XML name. Does by hand what is most frequent: this loop is hot."""
    add = xml.append
    if node[0] == "_":
        add(f'<rdf:Description rdf:nodeID="{node[2:]}">\n')
    else:
        add(f'<rdf:Description rdf:about="{_xml_attribute(node[1:-1])}">\n')
    for prop, terms in properties:
        tags = _xml_tags(prop)
        if tags is None:
            return False
        resource, blank, opening, closing = tags
        for term in terms:
            first = term[0]
            if first == "<":
                add(f'{resource}{term[1:-1]}"/>\n' if "&" not in term else f'{resource}{_xml_attribute(term[1:-1])}"/>\n')
            elif first == "_":
                add(f'{blank}{term[2:]}"/>\n')
            elif term[-1] == '"' and not _SPECIAL(term):
                add(f"{opening}>{term[1:-1]}{closing}")
            else:
                add(_xml_literal(opening, closing, term))
    add("</rdf:Description>\n")
    return True


def _xml_literal(opening: str, closing: str, term: Term) -> str:
    text, language, datatype = parts(term) if len(term) < 200 else parts.__wrapped__(term)
    if language:
        return f'{opening} xml:lang="{language}">{_xml_text(text)}{closing}'
    if datatype:
        return f'{opening} rdf:datatype="{_xml_attribute(datatype[1:-1])}">{_xml_text(text)}{closing}'
    return f"{opening}>{_xml_text(text)}{closing}"


def _illegal(nodes: Nodes) -> bool:
    return any(_is_illegal(term) for properties in nodes.values() for terms in properties.values() for term in terms)


def _is_illegal(term: Term) -> bool:
    return term[0] == '"' and bool(_ILLEGAL.search(parts.__wrapped__(term)[0]))


def _withhold(description: Description) -> list[Finding]:
    findings: list[Finding] = []
    bad: list[Triple] = []
    for node, properties in description.nodes.items():
        for prop, terms in properties.items():
            illegal = terms if not _xml_name(prop)[0] else [term for term in terms if _is_illegal(term)]
            if illegal:
                code = "withheld-characters" if _xml_name(prop)[0] else "withheld-predicate"
                findings.append(Finding(code, dataset=description.root[1:-1], field=prefixed(prop)))
                bad += [(node, prop, term) for term in illegal]
    description.change(bad, (), "illegal-characters")
    return findings


def _json_value(term: Term) -> dict[str, str]:
    if term[0] == "<":
        return {"@id": term[1:-1]}
    if term[0] == "_":
        return {"@id": term}
    text, language, datatype = parts(term) if len(term) < 200 else parts.__wrapped__(term)
    if language:
        return {"@value": text, "@language": language}
    return {"@value": text, "@type": datatype[1:-1]} if datatype else {"@value": text}


@lru_cache(maxsize=4096)
def _json_name(term: Term) -> str:
    name = _turtle_name(term)
    return name if name != term else term[1:-1]


def _json_ld(root: Term, nodes: Nodes) -> str:
    graph: list[dict[str, Any]] = []
    for node in ordered(root, nodes):
        entry: dict[str, Any] = {"@id": node if node[0] == "_" else node[1:-1]}
        for prop, terms in _properties(nodes[node]):
            if prop == TYPE and all(term[0] == "<" for term in terms):
                entry["@type"] = [_json_name(term) for term in terms]
            else:
                entry["rdf:type" if prop == TYPE else _json_name(prop)] = [_json_value(term) for term in terms]
        graph.append(entry)
    return orjson.dumps(graph).decode()[1:-1]
