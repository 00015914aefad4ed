"""Identity: which public IRI an entity has, decided once and then stored, and the keys by which it is recognised later.

The chain (design, section 5): the source's own http(s) IRI; else `<base_url>/<kind>/<source>/<key>` with the identifier that split
chose. Blank-node distributions get `<base_url>/distribution/<source>/<digest>`. dcterms:identifier is passed on unchanged (K25); a
missing one becomes the IRI, as a derived value.
"""

import re
from collections.abc import Mapping
from urllib.parse import quote

from federation.dcat.description import Description
from federation.dcat.names import digest
from federation.terms import ADMS, DCAT, DCTERMS, FOAF, OWL, SKOS, Term, iri, literal, value

_PATHS = {"dataset": "dataset", "series": "series", "service": "service", "catalog": "catalog", "record": "record", "rest": "rest"}
NAMELESS = "_:root"  # the root that the builder gives an entity without an IRI of its own
_HTTP = re.compile(r"https?://[^/?#]+", re.IGNORECASE)


def public_iri(base_url: str, source: str, kind: str, identifier: str, root: Term) -> str:
    """The IRI under which an entity is published when it is seen for the first time."""
    if root[0] == "<" and _HTTP.match(root[1:-1]):
        return root[1:-1]
    key = quote(identifier, safe="-._~")
    if len(key) > 120:
        key = digest(identifier)
    return f"{base_url.rstrip('/')}/{_PATHS[kind]}/{quote(source, safe='-._~')}/{key}"


def name(description: Description, public: str, base_url: str, source: str) -> None:
    """Gives root and blank-node distributions their IRIs (Changes of rule `identity`) and a dataset its dcterms:identifier. What is called
    otherwise in its source today (after a rename, a move) keeps its public IRI; the source's own one stands beside it as owl:sameAs.
    """
    if description.root == NAMELESS:
        _name_all(description, public)
    root, own = iri(public), description.root
    if own != root:
        description.rename(own, root, "identity", melt=True)
        if _HTTP.match(own[1:]):
            description.derive(root, OWL.sameAs, [own], "iri-kept")
    _name_distributions(description, f"{base_url.rstrip('/')}/distribution/{quote(source, safe='-._~')}/")
    if description.kind in ("dataset", "series") and not description.value(root, DCTERMS.identifier):
        description.derive(root, DCTERMS.identifier, [literal(public)], "identifier-from-iri")


def _name_all(description: Description, public: str) -> None:
    """What a connector wrote of an entity that its source gives no name: the root is the public one from the start, and blank nodes get
    labels that nothing else has (those made from a nameless root are the same in every description). None of it is a Change.
    """
    root, stem = iri(public), f"_:o{digest(public)}x"
    names: dict[Term, Term] = {NAMELESS: root}

    def own(term: Term) -> Term:
        if term[0] != "_":
            return term
        return names.get(term) or names.setdefault(term, f"{stem}{len(names)}")

    description.root = root
    description.nodes = {
        own(node): {prop: [own(term) for term in terms] for prop, terms in properties.items()}
        for node, properties in description.nodes.items()
    }
    description.changes[:] = [
        change._replace(
            removed=tuple([(own(s), p, own(o)) for s, p, o in change.removed]),
            added=tuple([(own(s), p, own(o)) for s, p, o in change.added]),
        )
        for change in description.changes
    ]


def _name_distributions(description: Description, base: str) -> None:
    blank = [term for term in description.values(description.root, DCAT.distribution) if term[0] == "_"]
    if not blank:
        return
    taken: dict[str, int] = {}
    for node in sorted(blank):
        if node not in description.nodes:
            continue
        addresses = [
            " ".join(sorted(value(term) for term in description.values(node, prop))) for prop in (DCAT.accessURL, DCAT.downloadURL)
        ]
        key = digest(description.root, *addresses)
        taken[key] = taken.get(key, 0) + 1
        if taken[key] > 1:
            key = digest(description.root, *addresses, str(taken[key]))
        description.rename(node, iri(base + key), "identity")


OWN = "own:"  # before the IRI that a record has in its source, among the match keys of one whose public IRI is another


def own_key(description: Description, public: str) -> list[str]:
    """The key that tells which IRI the source uses today, where the public one is another."""
    own = description.root[1:-1]
    return [OWN + own] if own != public and _HTTP.match(own) else []


def refer(description: Description, kept: Mapping[Term, Term]) -> None:
    """Lets references to other entities follow them to their public IRIs; `kept` is {own IRI: public IRI}."""
    if kept:
        found = [triple for triple in description.triples() if triple[2] in kept and triple[2] != description.root]
        for node, prop, term in found:
            description.replace(node, prop, term, [kept[term]], "iri-kept")


def match_keys(description: Description) -> list[str]:
    """What an entity is recognised by when its identifier or its portal changes, each "kind:text", the surest first: identifiers,
    landing pages, addresses of its distributions, title.
    """
    root = description.root
    keys = [f"identifier:{value(term)}" for term in description.values(root, DCTERMS.identifier)]
    for node in description.values(root, ADMS.identifier):
        keys += [f"adms:{value(term)}" for term in description.values(node, SKOS.notation)]
    keys += [f"topic:{value(term)}" for term in description.values(root, FOAF.primaryTopic)]
    keys += [f"page:{value(term)}" for term in description.values(root, DCAT.landingPage)]
    nodes = description.nodes
    addresses: list[Term] = []
    for node in description.values(root, DCAT.distribution):
        found = nodes.get(node)
        if found:
            addresses += found.get(DCAT.downloadURL, ())
            addresses += found.get(DCAT.accessURL, ())
    if addresses:
        keys.append(f"access:{digest(*sorted(addresses))}")
    return keys + [f"title:{value(term)}" for term in description.values(root, DCTERMS.title)[:1]]
