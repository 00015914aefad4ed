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
from federation.terms import NAMESPACES, TYPE, Term, Triple, parts, prefixed, value

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


def _names(properties: dict[Term, list[Term]]) -> list[Term]:
    """The properties in the order of writing: rdf:type, then sorted."""
    names = sorted(properties)
    if TYPE in properties and names[0] != TYPE:
        names.remove(TYPE)
        names.insert(0, TYPE)
    return names


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
    forms = _FORMS
    say, put = lines.append, xml.append
    for node in ordered(root, nodes):  # this loop is hot: one pass for all formats
        properties = nodes[node]
        entries: list[str] = []
        if with_rdf:
            put(f'<rdf:Description rdf:nodeID="{node[2:]}">\n' if node[0] == "_"
                else f'<rdf:Description rdf:about="{_xml_attribute(node[1:-1])}">\n')  # fmt: skip
        for prop in _names(properties):
            terms = properties[prop]
            turtle_name, resource, blank, opening, closing = forms[prop]
            if len(terms) > 1:
                terms = sorted(terms)
                for term in terms:
                    say(f"{node} {prop} {term} .\n")
                entries.append(turtle_name + ", ".join(terms if prop != TYPE else map(_turtle_name, terms)))
            else:
                say(f"{node} {prop} {terms[0]} .\n")
                entries.append(turtle_name + (terms[0] if prop != TYPE else _turtle_name(terms[0])))
            if not with_rdf:
                continue
            if not closing:
                return None
            for term in terms:
                first = term[0]
                if first == "<":
                    put(f'{resource}{term[1:-1]}"/>\n' if "&" not in term else f'{resource}{_xml_attribute(term[1:-1])}"/>\n')
                elif first == "_":
                    put(f'{blank}{term[2:]}"/>\n')
                elif term[-1] == '"' and not _SPECIAL(term):
                    put(f"{opening}>{term[1:-1]}{closing}")
                else:
                    put(_xml_literal(opening, closing, term))
        if with_rdf:
            put("</rdf:Description>\n")
        if with_ttl:
            turtle.append(f"{node} {_NEXT.join(entries)} .\n")
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


class _Form(NamedTuple):
    """What stands around the terms of one predicate: before them in Turtle, and in RDF/XML (nothing where no XML name can hold it)."""

    turtle: str
    resource: str
    blank: str
    opening: str
    closing: str


class _Forms(dict[Term, _Form]):
    def __missing__(self, prop: Term) -> _Form:
        turtle = "a " if prop == TYPE else _turtle_name(prop) + " "
        name, declared = _xml_name(prop)
        start = f"<{name}{declared}"
        form = _Form(turtle, "", "", "", "")
        if name:
            form = _Form(turtle, f'{start} rdf:resource="', f'{start} rdf:nodeID="', start, f"</{name}>\n")
        if len(self) < 4096:
            self[prop] = form
        return form


_FORMS = _Forms()
_NEXT = " ;\n  "


class _Tails(dict[str, str]):
    """What follows a literal's text in N-Triples -> the attribute that says the same in RDF/XML."""

    def __missing__(self, tail: str) -> str:
        said = f' xml:lang="{tail[1:]}"' if tail[0] == "@" else f' rdf:datatype="{_xml_attribute(tail[3:-1])}"'
        if len(self) < 4096:
            self[tail] = said
        return said


_TAILS = _Tails({"": ""})


def _xml_literal(opening: str, closing: str, term: Term) -> str:
    end = term.rindex('"')
    text = value(term) if "\\" in term else term[1:end]
    return f"{opening}{_TAILS[term[end + 1 :]]}>{_xml_text(text)}{closing}"


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
        for prop in _names(nodes[node]):
            terms = sorted(nodes[node][prop])
            if prop == TYPE and all(term[0] == "<" for term in terms):
                entry["@type"] = [_json_name(term) for term in terms]
            else:
                entry["rdf:type" if prop == TYPE else _json_name(prop)] = [_json_value(term) for term in terms]
        graph.append(entry)
    return orjson.dumps(graph).decode()[1:-1]
