"""One document cut into its entities: `split` gives a Fragment per dataset, series, service, catalog and record, and one `rest`.

A fragment holds every node that can be reached from its root except other entities and described authority terms (IRIs of
controlled vocabularies, which belong to `rest`); what several entities reach is copied into each. All fragments together hold every
triple of the document. The bytes of a fragment depend on what it says alone, not on the order of triples or on blank-node labels.
"""

from bisect import bisect_left
from collections.abc import Collection, Container, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from operator import eq

from federation.dcat.blanks import Labels, Reference
from federation.dcat.description import Description, Nodes
from federation.errors import SourceError
from federation.finding import Finding
from federation.terms import ADMS, DCAT, DCTERMS, FOAF, TYPE, Term, iri_value, value

Lines = dict[Term, list[str]]  # subject -> ["<property> object", ...]

MAX_TRIPLES = 50_000  # of one fragment: many times what any real dataset has
MAX_COPIED = 1_000_000  # triples of all fragments, beside twenty times those of the document
REST = "rest"

# A node of two classes is the one that comes first here: a catalog and a series are datasets too.
_RANK = ("catalog", "series", "dataset", "service", "record")
_CLASS_SPACES = (
    "http://www.w3.org/ns/dcat#", "https://www.w3.org/ns/dcat#", "http://vocab.deri.ie/dcat#", "http://dati.gov.it/onto/dcatapit#",
)  # fmt: skip
_CLASS_NAMES = {
    "Catalog": "catalog", "catalog": "catalog", "DatasetSeries": "series", "Dataset": "dataset", "dataset": "dataset",
    "DataService": "service", "CatalogRecord": "record",
}  # fmt: skip
CLASSES: dict[Term, str] = {f"<{space}{name}>": kind for space in _CLASS_SPACES for name, kind in _CLASS_NAMES.items()}
CLASSES[ADMS.Asset] = "dataset"

# What being the object of a property tells of a described node that has no class of its own.
_OBJECT_IS = {
    DCAT.dataset: "dataset", DCAT.Dataset: "dataset", DCAT.service: "service", DCAT.record: "record", DCAT.catalog: "catalog",
    DCAT.accessService: "service", DCAT.servesDataset: "dataset", DCAT.inSeries: "series",
}  # fmt: skip
# The properties by which a catalog, a record or a service lists an entity. Any other reference to a blank node means: a part of it.
_LISTING = frozenset({
    DCAT.dataset, DCAT.Dataset, DCAT.service, DCAT.record, DCAT.catalog, DCAT.servesDataset, DCAT.seriesMember, FOAF.primaryTopic,
})  # fmt: skip
MEMBERSHIP = frozenset({DCAT.dataset, DCAT.Dataset, DCAT.service, DCAT.record, DCAT.catalog, DCTERMS.hasPart})

_SERVES = DCAT.servesDataset
_TYPE_PAIR = TYPE + " "

# Controlled vocabularies: a feed that describes their terms inline would drag whole vocabularies into every dataset.
_AUTHORITY_PLACES = (
    "publications.europa.eu/resource/authority/", "data.europa.eu/bna/", "data.europa.eu/eli/", "eurovoc.europa.eu/",
    "inspire.ec.europa.eu/", "dcat-ap.de/def/", "www.dcat-ap.de/def/", "www.iana.org/assignments/", "purl.org/adms/", "purl.org/cld/freq/",
    "purl.org/linked-data/sdmx/", "spdx.org/rdf/terms", "www.opengis.net/def/", "www.eionet.europa.eu/gemet/", "aims.fao.org/aos/",
    "id.loc.gov/vocabulary/", "w3id.org/italia/controlled-vocabulary/", "www.w3.org/ns/", "www.w3.org/2001/XMLSchema",
)  # fmt: skip
_AUTHORITIES = tuple(f"<{scheme}://{place}" for scheme in ("http", "https") for place in _AUTHORITY_PLACES)
_AUTHORITY_HOSTS = frozenset(place.partition("/")[0] for place in _AUTHORITY_PLACES)


@dataclass(slots=True)
class Fragment:
    """One entity as the document says it. `root` is its term in `raw`, `source` its term in the document (they differ for blank nodes);
    `blanks` maps the blank nodes of the document to the labels in `raw`. `raw` is UTF-8: a line of root and kind, an empty line, then
    for each node in order, with an empty line between, the node's line and its sorted lines of property and term (canonical N-Triples
    terms): the same as sorted N-Triples in half the bytes. `finding` says what is wrong; of what is too large `raw` is the first line.
    """

    root: Term
    kind: str
    source: Term
    raw: bytes
    fingerprint: bytes
    triples: int
    blanks: dict[Term, Term] = field(default_factory=dict)
    finding: Finding | None = None


@dataclass(slots=True)
class Index:
    """What one pass over a document tells: `kinds` of its entities, `links` from a node to the blank and the described nodes that it
    refers to, `within`: which nodes list an entity, `authorities`: described terms of controlled vocabularies, `labels`: the labels
    of its blank nodes.
    """

    kinds: dict[Term, str]
    links: dict[Term, list[Term]]
    within: dict[Term, list[Term]]
    authorities: set[Term]
    labels: Labels


def index(lines: Lines) -> Index:
    """The entities of a document and the links between its nodes. Sorts each node's lines in place and takes doubles out."""
    kinds: dict[Term, str] = {}
    links: dict[Term, list[Term]] = {}
    within: dict[Term, list[Term]] = {}
    roles: dict[Term, set[str]] = {}  # described or blank node -> properties that refer to it
    hinted: dict[Term, str] = {}
    mixed: dict[Term, list[Reference]] = {}
    idle: set[str] = set()  # lines that were seen to lead nowhere: most of those that do, do so in many nodes
    for node, pairs in lines.items():
        if len(pairs) > 1:
            pairs.sort()
            if any(map(eq, pairs, pairs[1:])):
                lines[node] = pairs = sorted(set(pairs))
        found: list[Term] | None = None
        references: list[Reference] | None = None
        for pair in pairs:
            if pair[-1] == '"' or pair in idle:
                continue
            prop, _, term = pair.partition(" ")
            if term in lines or term[0] == "_":
                if found is None:
                    found = links[node] = []
                found.append(term)
                if term[0] == "_":
                    if references is None:
                        references = mixed[node] = []
                    references.append((bisect_left(pairs, pair), prop, term))
                    roles.setdefault(term, set()).add(prop)
                elif prop in _OBJECT_IS:
                    roles.setdefault(term, set()).add(prop)
                if prop in MEMBERSHIP:
                    within.setdefault(term, []).append(node)
            elif term[0] == "<" and term not in CLASSES and prop != _SERVES:
                idle.add(pair)
            if prop == TYPE and term in CLASSES:
                kind = CLASSES[term]
                if node not in kinds or _RANK.index(kind) < _RANK.index(kinds[node]):
                    kinds[node] = kind
            elif prop == _SERVES:
                hinted[node] = "service"
    for term, props in roles.items():
        found_kinds = {_OBJECT_IS[prop] for prop in props if prop in _OBJECT_IS} if term in lines else set()
        if found_kinds:
            hinted[term] = min(found_kinds | ({hinted[term]} if term in hinted else set()), key=_RANK.index)
    maybe = hinted | kinds
    kinds = {
        node: maybe[node] for node in lines
        if node in maybe and _is_entity(node, maybe[node], lines[node], roles.get(node, frozenset()))
    }  # fmt: skip
    labels = Labels(lines, mixed, {node: kind for node, kind in kinds.items() if node[0] == "_"})
    return Index(kinds, links, within, _authorities(lines, kinds), labels)


def _is_entity(node: Term, kind: str, pairs: list[str], roles: Collection[str]) -> bool:
    """A class alone is no description. A blank node is an entity of its own where it is listed or where nothing refers to it; a blank
    service that a distribution names stays with its dataset.
    """
    if all(pair.startswith(_TYPE_PAIR) for pair in pairs):
        return False
    if node[0] == "<" or kind == "catalog" or not roles:
        return True
    if kind == "service" and DCAT.accessService in roles:
        return False
    return not _LISTING.isdisjoint(roles)


def _authorities(lines: Lines, kinds: Mapping[Term, str]) -> set[Term]:
    found = set()
    for node in lines:
        if node[0] == "<":
            place = node.split("/", 3)
            if len(place) > 3 and place[2] in _AUTHORITY_HOSTS and node.startswith(_AUTHORITIES) and node not in kinds:
                found.add(node)
    return found


def split(lines: Lines, document: Term) -> Iterator[Fragment]:
    """The fragments of a document: entities in the order of the document, then what no entity reaches (root `document`, kind rest).
    `lines` are sorted in place. SourceError where nodes are shared so much that their copies would go beyond all measure.
    """
    return cut(lines, document, index(lines))


def cut(lines: Lines, document: Term, found: Index) -> Iterator[Fragment]:
    """`split` for a document whose index is known."""
    kinds, labels = found.kinds, found.labels
    borders = kinds.keys() | found.authorities
    covered: set[Term] = set()
    copied, most = 0, MAX_COPIED + 20 * sum(map(len, lines.values()))
    for source, kind in kinds.items():
        nodes, triples = _reach(source, lines, found.links, borders)
        covered |= nodes
        copied += triples
        if copied > most:
            raise SourceError("fragments-overlap", url=iri_value(document), limit=most)
        root = labels.entities.get(source, source)
        if triples > MAX_TRIPLES:
            yield _too_large(root, kind, source)
        else:
            yield _fragment(root, kind, source, nodes, lines, labels)
    rest = lines.keys() - covered
    if rest:
        waiting = [term for node in rest for term in labels.children(node)]
        while waiting:
            node = waiting.pop()
            if node not in rest:
                rest.add(node)
                waiting += labels.children(node)
        yield _fragment(document, REST, document, rest, lines, labels)


def _reach(root: Term, lines: Lines, links: Mapping[Term, list[Term]], borders: Container[Term]) -> tuple[set[Term], int]:
    """The nodes that can be reached from a root without going through a border, and their triples (counted up to the limit)."""
    seen = {root}
    waiting = [root]
    triples = 0
    for node in waiting:
        pairs = lines.get(node)
        if pairs is not None:
            triples += len(pairs)
            if triples > MAX_TRIPLES:
                break
            if node in links:
                for term in links[node]:
                    if term not in seen and term not in borders:
                        seen.add(term)
                        waiting.append(term)
    return seen, triples


def _too_large(root: Term, kind: str, source: Term) -> Fragment:
    raw = f"{root} {kind}".encode()
    finding = Finding("fragment-too-large", dataset=value(root), params={"limit": str(MAX_TRIPLES)})
    return Fragment(root, kind, source, raw, digest(raw), 0, finding=finding)


def _fragment(root: Term, kind: str, source: Term, nodes: Collection[Term], lines: Lines, labels: Labels) -> Fragment:
    mixed = labels.mixed
    blanks, settled = labels.of(root, nodes)
    if source[0] == "_":
        blanks[source] = root
    # "<" sorts before "_", so that this is the order of all lines
    order = [(node, node) for node in sorted([node for node in nodes if node[0] == "<"])]
    order += sorted([(name, node) for node, name in blanks.items()])
    blocks = []
    triples = 0
    for name, node in order:
        pairs = lines.get(node)
        if pairs is not None:
            if node in mixed:
                pairs = labels.pairs(node, blanks)
            triples += len(pairs)
            blocks.append(name + "\n" + "\n".join(pairs))
    raw = (f"{root} {kind}\n\n" + "\n\n".join(blocks)).encode()
    finding = None if settled and root not in labels.doubtful else Finding("blank-nodes-unsettled", dataset=value(root))
    return Fragment(root, kind, source, raw, digest(raw), triples, blanks, finding)


def digest(raw: bytes) -> bytes:
    """The fingerprint of a fragment's bytes: 16 bytes. SHA-256, since processors compute it twice as fast as BLAKE2."""
    return sha256(raw).digest()[:16]


def united(first: bytes, second: bytes) -> bytes:
    """Two fragments of one root as one: the statements of both. Where the roots differ (blank ones), the second alone."""
    head, _, body = second.decode().partition("\n\n")
    other, _, more = first.decode().partition("\n\n")
    if head != other:
        return second
    nodes: dict[Term, set[str]] = {}
    for block in filter(None, [*body.split("\n\n"), *more.split("\n\n")]):
        node, *pairs = block.split("\n")
        nodes.setdefault(node, set()).update(pairs)
    return "\n\n".join([head, *["\n".join([node, *sorted(nodes[node])]) for node in sorted(nodes)]]).encode()


def describe(raw: bytes) -> Description:
    """The Description of what a fragment says, from its bytes."""
    head, _, body = raw.decode().partition("\n\n")
    root, _, kind = head.rpartition(" ")
    nodes: Nodes = {}
    for block in body.split("\n\n") if body else ():
        node, *pairs = block.split("\n")
        properties = nodes[node] = {}
        last = ""
        terms: list[Term] = []
        for pair in pairs:
            prop, _, term = pair.partition(" ")
            if prop == last:
                terms.append(term)
            else:
                last = prop
                terms = properties[prop] = [term]
    return Description(root, kind, nodes)


def ntriples(raw: bytes) -> str:
    """The same as sorted canonical N-Triples, for people and other programs."""
    return "".join(f"{node} {prop} {term} .\n" for node, prop, term in describe(raw).triples())
