"""How the value of one CKAN field becomes triples: one way for each kind of value, compiled once from the tables of `_ckan_fields`."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from hashlib import blake2b
from typing import Any, TypeAlias
from urllib.parse import quote

from connectors._ckan_fields import DATASET, DISTRIBUTION, FILE_PARTS, PARTS, SERVICE, Field
from connectors._ckan_values import dicts, is_translated, items, parsed, said, scalar, text, texts
from federation.dcat.build import address, typed
from federation.dcat.description import Description
from federation.dcat.schema import KINDS, Kind, class_named
from federation.terms import DCAT, DCTERMS, RDFS, TYPE, Term, expanded, literal
from federation.vocabulary import themes_of

Json: TypeAlias = Any
Parts: TypeAlias = dict[str, dict[str, list[Json]]]
Way: TypeAlias = Callable[["Writer", Term, Json], None]
Maker: TypeAlias = Callable[[str], Term]

_PLAIN = re.compile(r"[\w.~-]+", re.ASCII)


def quoted(name: str) -> str:
    """A name as part of an address."""
    return name if _PLAIN.fullmatch(name) else quote(name, safe="-._~")


class Writer:
    """Writes one package. `parts` collects the fields that make up one thing together until `_ckan_map` writes them.

    It is the lean form of `federation.dcat.build.Builder` for many small values: the tables say what each property holds, and
    tests/test_ckan_fields.py asks the one table whether they are right.
    """

    __slots__ = ("_blank", "_count", "_keyed", "description", "languages", "nodes", "parts", "portal", "root")

    def __init__(self, root: str, kind: str, portal: str, languages: Sequence[str]) -> None:
        self.root = f"<{root}>"
        self.nodes: dict[Term, dict[Term, list[Term]]] = {self.root: {TYPE: [KINDS[kind].term]}}
        self.description = Description(self.root, kind, self.nodes)
        self.portal = portal
        self.languages = languages
        self.parts: Parts = {}
        self._keyed: dict[tuple[Term, str], Term] = {}
        # A blank node's name is that of its package, too: in a page of many packages equal names would be one node.
        self._blank = f"_:c{blake2b(root.encode(), digest_size=12).hexdigest()}n"
        self._count = 0

    def write_all(self, node: Term, fields: Mapping[str, Json], ways: "Mapping[str, Way]") -> None:
        """Every field that a table knows; sorted, so that the same content gives the same order whoever parsed it."""
        for key in sorted(fields):
            value = fields[key]
            if value:
                way = ways.get(key)
                if way is not None:
                    way(self, node, value)

    def put(self, node: Term, prop: Term, term: Term) -> None:
        """One triple about a node that is there already."""
        properties = self.nodes[node]
        terms = properties.get(prop)
        if terms is None:
            properties[prop] = [term]
        elif term not in terms:
            terms.append(term)

    def link(self, node: Term, prop: Term, cls: Term, key: str) -> Term:
        """A described value: `key` is its IRI, or any text; the same text under a property gives the same blank node again."""
        made = address(key)
        if made[0] == '"':
            blank = self._keyed.get((prop, key))
            if blank is None:
                self._count += 1
                blank = self._keyed[prop, key] = f"{self._blank}{self._count}"
            made = blank
        properties = self.nodes.get(made)
        if properties is None:
            self.nodes[made] = {TYPE: [cls]}
        elif cls not in properties.setdefault(TYPE, [cls]):
            properties[TYPE].append(cls)
        self.put(node, prop, made)
        return made

    def dataset(self, name: str) -> str:
        """The address of another package that is named by id, name or address."""
        return name if "/" in name or " " in name or not name else f"{self.portal}/dataset/{quoted(name)}"


# ways: what makes triples of the value of one field


def _text(prop: Term, spoken: str = "") -> Way:
    """A text, in one or several languages; `spoken` is the language that the field's name says."""

    def way(writer: Writer, node: Term, value: Json) -> None:
        if value.__class__ is str and value[0] != "{":
            if said(value):
                writer.put(node, prop, literal(value, spoken))
            return
        for each, language in texts(value, writer.languages):
            writer.put(node, prop, literal(each, language or spoken))

    return way


def _texts(prop: Term) -> Way:
    def way(writer: Writer, node: Term, value: Json) -> None:
        for item in [value] if isinstance(value, dict) else items(value):
            for each, language in texts(item, writer.languages):
                writer.put(node, prop, literal(each, language))

    return way


def _keywords(prop: Term) -> Way:
    def way(writer: Writer, node: Term, value: Json) -> None:
        value = parsed(value) if isinstance(value, str) else value
        if isinstance(value, str):
            value = value.split(",")
        for tag in value if isinstance(value, list) else [value]:
            if tag.__class__ is dict and "name" in tag:
                tag = tag["name"]
            if tag.__class__ is str and tag and tag[0] != "{":
                writer.put(node, prop, literal(tag.strip()))
                continue
            for each, language in texts(tag, writer.languages):
                writer.put(node, prop, literal(each.strip(), language))

    return way


def _groups(prop: Term) -> Way:
    def way(writer: Writer, node: Term, value: Json) -> None:
        for group in value if isinstance(value, list) else items(value):
            if isinstance(group, dict):
                short = scalar(group.get("name") or "")
                title = text(group.get("title") or group.get("display_name"), writer.languages)
                group = short if short and (not title or _is_theme(short)) else title
            if said(group):
                writer.put(node, prop, address(scalar(group)))

    return way


@lru_cache(maxsize=4096)
def _is_theme(name: str) -> bool:
    return bool(themes_of(name))


def _values(prop: Term, make: Maker = address) -> Way:
    def way(writer: Writer, node: Term, value: Json) -> None:
        if isinstance(value, str) and value[0] not in "[{":
            if said(value):
                writer.put(node, prop, make(value.strip()))
            return
        for item in items(value):
            writer.put(node, prop, make(text(item) if isinstance(item, dict) and is_translated(item) else scalar(item)))

    return way


def _listed(prop: Term) -> Way:
    def way(writer: Writer, node: Term, value: Json) -> None:
        for item in items(value, commas=True):
            writer.put(node, prop, address(scalar(item)))

    return way


def _statement(prop: Term) -> Way:
    cls = class_named("dcat:Dataset").properties[prop].range

    def way(writer: Writer, node: Term, value: Json) -> None:
        for each, language in texts(value, writer.languages):
            term = address(each)
            if term[0] != "<":
                made = writer.link(node, prop, cls, f"{node} {'' if language else each}")
                writer.put(made, RDFS.label, literal(each, language))
            else:
                writer.put(node, prop, term)

    return way


def _datasets(prop: Term) -> Way:
    def way(writer: Writer, node: Term, value: Json) -> None:
        for item in items(value):
            writer.put(node, prop, address(writer.dataset(scalar(item))))

    return way


def _relations(prop: Term) -> Way:
    def way(writer: Writer, node: Term, value: Json) -> None:
        for item in items(value):
            term = address(scalar(item))
            writer.put(node, prop, term)
            if isinstance(item, dict) and term[0] == "<" and item.get("label"):
                for each, language in texts(item["label"], writer.languages):
                    writer.description.say(term, RDFS.label, literal(each, language))

    return way


_RELATION = {
    "relation": DCTERMS.relation, "uri": DCTERMS.relation, "role": DCAT.hadRole, "have_role": DCAT.hadRole, "had_role": DCAT.hadRole,
}  # fmt: skip


def _qualified(prop: Term) -> Way:
    def way(writer: Writer, node: Term, value: Json) -> None:
        for number, item in enumerate(dicts(value)):
            relation = writer.link(node, prop, DCAT.Relationship, f"relation {number}")
            for key, target in _RELATION.items():
                if said(item.get(key)):
                    writer.put(relation, target, address(scalar(item[key])))

    return way


def _landing(prop: Term) -> Way:
    """`url` is labelled "source" in CKAN's form: mostly the dataset's page, sometimes the name of the office in words."""
    words = _statement(DCTERMS.provenance)

    def way(writer: Writer, node: Term, value: Json) -> None:
        for each, language in texts(value, writer.languages):
            term = address(each.strip())
            if term[0] == '"' and " " in each.strip() and "://" not in each and not each.startswith("www."):
                words(writer, node, {language: each} if language else each)
            else:
                writer.put(node, prop, term)

    return way


def _services(prop: Term) -> Way:
    def way(writer: Writer, node: Term, value: Json) -> None:
        for number, item in enumerate(dicts(value)):
            uri = scalar(item.get("uri") or "")
            key = uri if address(uri)[0] == "<" else f"{node} service {number}"
            writer.write_all(writer.link(node, prop, DCAT.DataService, key), item, _SERVICE_WAYS)

    return way


def _part(thing: str, part: str) -> Way:
    def way(writer: Writer, node: Term, value: Json) -> None:
        parts = writer.parts.get(thing)
        if parts is None:
            writer.parts[thing] = {part: [value]}
        elif part in parts:
            parts[part].append(value)
        else:
            parts[part] = [value]

    return way


WAYS: dict[str, Callable[[Term], Way]] = {
    "text": _text, "texts": _texts, "keywords": _keywords, "groups": _groups, "listed": _listed, "statement": _statement,
    "datasets": _datasets, "relations": _relations, "qualified": _qualified, "landing": _landing, "services": _services,
}  # fmt: skip


def _way(cls: str, way: str, name: str) -> Way:
    """The way of a table entry; for plain values the one table says what a value of that property is."""
    prop = expanded(name)
    kind, _, language = way.partition(" ")
    if language:
        return _text(prop, language)
    if kind != "values":
        return WAYS[kind](prop)
    known = class_named(cls).properties.get(prop)
    if known is None or known.kind in (Kind.IRI, Kind.NODE):
        return _values(prop)
    return _values(prop, literal if known.kind is Kind.LITERAL else partial(typed, known.kind))


def _compiled(cls: str, table: Mapping[str, Field], parts: Mapping[str, Field], prefix: str = "") -> dict[str, Way]:
    compiled = {key: _way(cls, way, prop) for key, (way, prop) in table.items()}
    return compiled | {key: _part(prefix + thing, part) for key, (thing, part) in parts.items()}


_WAYS = _compiled("dcat:Dataset", DATASET, PARTS)
# A resource's parts go under names of their own, so that they do not mix with the package's.
_FILE_WAYS = _compiled("dcat:Distribution", DISTRIBUTION, FILE_PARTS, "file-")
_SERVICE_WAYS = _compiled("dcat:DataService", SERVICE, {})


@lru_cache(maxsize=64)
def tables(mapping: tuple[tuple[str, str], ...]) -> tuple[dict[str, Way], dict[str, Way]]:
    """The ways of packages and of resources, the operator's own put in the place of ours."""
    own: dict[str, Way] = {}
    of_files: dict[str, Way] = {}
    for field, name in mapping:
        cls, ways = ("dcat:Distribution", of_files) if field.startswith("resources.") else ("dcat:Dataset", own)
        known = class_named(cls).properties.get(expanded(name))
        textual = known.kind is Kind.LITERAL if known else name in ("rdfs:comment", "dcterms:abstract", "dcterms:alternative")
        ways[field.removeprefix("resources.")] = _way(cls, "texts" if textual else "values", name)
    return {**_WAYS, **own}, {**_FILE_WAYS, **of_files}
