"""Fragments to Records: what an entity is called in its source, and what is known of it for selecting.

A blank-node entity has no name of its own; it is called by the first of its keys that no other entity of the document has.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b

from federation.dcat.fragments import REST, Fragment, Lines, cut, index
from federation.dcat.parse import Parsed
from federation.dcat.repair import mended_iri
from federation.finding import Finding
from federation.harvest.connector import Record
from federation.terms import ADMS, DCAT, DCTERMS, FOAF, RDFS, SKOS, VCARD, Term, iri, value

_ABOUT = (FOAF.primaryTopic, DCAT.servesDataset, DCAT.seriesMember)
_NAMES = (FOAF.name, VCARD.fn, VCARD["organization-name"], SKOS.prefLabel, RDFS.label, DCTERMS.title)


@dataclass(frozen=True, slots=True)
class Facts:
    """What selecting asks for: IRIs and names (lower case) of publishers, IRIs of the catalogs that list the entity; its title."""

    publishers: frozenset[str] = frozenset()
    catalogs: frozenset[str] = frozenset()
    title: str = ""


def facts_match(record: Record, publisher: str, catalog: str) -> bool:
    """Whether a record belongs to a selection."""
    if record.kind in ("catalog", REST):
        return True
    facts = record.content if isinstance(record.content, Facts) else Facts()
    if publisher and publisher not in facts.publishers and folded(publisher) not in facts.publishers:
        return False
    return not catalog or catalog in facts.catalogs


def records(parsed: Parsed, url: str) -> Iterator[Record]:
    """The records of one parsed document; a finding of the document goes with the record that it concerns, else with the first."""
    document = _Document(parsed.lines)
    findings = list(parsed.findings)
    last: Record | None = None
    for fragment in cut(parsed.lines, iri(mended_iri(url)), document.index):
        record = document.record(fragment, url)
        if findings:
            record = replace(record, findings=[*record.findings, *_concerned(findings, fragment, record.identifier)])
        if last:
            yield last
        last = record
    if last:
        yield replace(last, findings=[*last.findings, *findings]) if findings else last


def _concerned(findings: list[Finding], fragment: Fragment, identifier: str) -> list[Finding]:
    """Takes out of `findings` those whose term stands in the fragment, and those that name no term."""
    own = []
    for finding in list(findings):
        now = finding.params.get("now", "")
        if not now or now.encode() in fragment.raw:
            findings.remove(finding)
            own.append(replace(finding, dataset=identifier) if now else finding)
    return own


def modified(raw: bytes) -> str:
    """When an entity was changed last, as its fragment says, if it says so once; for comparing two versions of it."""
    head, _, body = raw.decode().partition("\n\n")
    root = head.rpartition(" ")[0]
    start = f"{DCTERMS.modified} "
    pairs = next((block.split("\n") for block in body.split("\n\n") if block.startswith(root + "\n")), [])
    found = [value(pair[len(start) :]) for pair in pairs if pair.startswith(start)]
    return found[0] if len(found) == 1 else ""


class _Document:
    """What is asked of a whole document: names for its blank entities, publishers and catalogs of each entity."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.index = index(lines)
        self._publishers: dict[Term, frozenset[str]] = {}
        self._listed: dict[Term, frozenset[str]] = {}
        self.names: dict[Term, tuple[str, bool]] = {}
        blank = [node for node in self.index.kinds if node[0] == "_"]
        for kind in ("dataset", "series", "service", "catalog", "record"):
            self._name(kind, [node for node in blank if self.index.kinds[node] == kind])

    def record(self, fragment: Fragment, url: str) -> Record:
        """The Record of a fragment of this document."""
        rest = fragment.kind == REST
        identifier, tied = (f"rest:{url}", False) if rest else self.names.get(fragment.source) or (value(fragment.source), False)
        own = [Finding("identity-tied", dataset=identifier)] if tied else []
        if fragment.finding:
            own.append(replace(fragment.finding, dataset=identifier))
        facts = Facts() if rest else self.facts(fragment.source)
        return Record(identifier, fragment.kind, fragment.raw, fingerprint=fragment.fingerprint, findings=own, content=facts)

    def facts(self, node: Term) -> Facts:
        """What selecting asks for, of one entity; a service or record without own publisher or catalog has those of what it is about."""
        publishers, catalogs = self._own(node)
        if self.index.kinds[node] in ("service", "record"):
            about = [self._own(term) for prop in _ABOUT for term in self._terms(node, prop)]
            publishers = publishers or frozenset().union(*(each[0] for each in about))
            catalogs = catalogs.union(*(each[1] for each in about))
        title = next(iter(self._texts(node, DCTERMS.title)), "") if self.index.kinds[node] == "catalog" else ""
        return Facts(publishers, catalogs, title)

    def _own(self, node: Term) -> tuple[frozenset[str], frozenset[str]]:
        publishers = [self._publisher(term) for term in self._terms(node, DCTERMS.publisher)]
        listed = self._catalogs(node) if node in self.index.within else frozenset()
        return publishers[0] if len(publishers) == 1 else frozenset().union(*publishers), listed

    def _publisher(self, term: Term) -> frozenset[str]:
        """The names that a publisher goes by: its IRI as written, and what it is called."""
        known = self._publishers.get(term)
        if known is None:
            said = [] if term[0] == "_" else [value(term)]
            names = [text for prop in _NAMES for text in self._texts(term, prop)] if term[0] != '"' else said
            known = self._publishers[term] = frozenset([*said, *map(folded, names)])
        return known

    def _catalogs(self, node: Term) -> frozenset[str]:
        """The IRIs of the catalogs that list a node, and of those that these belong to."""
        direct = self.index.within[node]
        if len(direct) == 1 and direct[0] in self._listed:
            return self._listed[direct[0]]
        found: set[Term] = set()
        waiting = list(direct)
        while waiting:
            catalog = waiting.pop()
            if catalog not in found:
                found.add(catalog)
                waiting += self.index.within.get(catalog, ())
                waiting += self._terms(catalog, DCTERMS.isPartOf)
        catalogs = frozenset(value(each) for each in found)
        if len(direct) == 1:
            self._listed[direct[0]] = catalogs
        return catalogs

    def _name(self, kind: str, nodes: list[Term]) -> None:
        """Calls each blank entity by its first key that is unique; ties are numbered in the order of what they say."""
        if not nodes:
            return
        start = "" if kind == "dataset" else f"{kind}:"
        keys = {node: list(self._keys(node)) for node in nodes}
        count = Counter(key for own in keys.values() for key in own)
        ties: Counter[str] = Counter()
        for node in sorted(nodes, key=self.index.labels.entities.__getitem__):
            key = next((key for key in keys[node] if count[key] == 1), "")
            if not key:
                last = keys[node][-1] if keys[node] else "content:" + self.index.labels.entities[node][2:]
                ties[last] += 1
                key = f"{last}#{ties[last]}" if keys[node] else last
                self.names[node] = start + key, bool(keys[node])
            else:
                self.names[node] = start + key, False

    def _keys(self, node: Term) -> Iterator[str]:
        """What could name an entity, best first."""
        for term in self._terms(node, FOAF.primaryTopic):
            yield "topic:" + (self.names[term][0] if term in self.names else value(term))
        if found := self._texts(node, DCTERMS.identifier):
            yield "identifier:" + " ".join(found)
        if found := [text for term in self._terms(node, ADMS.identifier) for text in self._texts(term, SKOS.notation)]:
            yield "adms:" + " ".join(sorted(found))
        if found := self._texts(node, DCAT.landingPage) or self._texts(node, FOAF.homepage):
            yield "page:" + " ".join(found)
        if found := self._addresses(node):
            yield "access:" + blake2b("\n".join(found).encode(), digest_size=16).hexdigest()
        if found := self._texts(node, DCTERMS.title):
            yield "title:" + " ".join(found)

    def _addresses(self, node: Term) -> list[str]:
        parts = [*self._terms(node, DCAT.distribution), node]
        for prop in (DCAT.accessURL, DCAT.downloadURL, DCAT.endpointURL):
            if found := sorted({text for part in parts for text in self._texts(part, prop)}):
                return found
        return []

    def _terms(self, node: Term, prop: Term) -> list[Term]:
        """The terms of a property; the lines of a node are sorted."""
        pairs = self.lines.get(node, [])
        start = prop + " "
        at = bisect_left(pairs, start)
        found = []
        while at < len(pairs) and pairs[at].startswith(start):
            found.append(pairs[at][len(start) :])
            at += 1
        return found

    def _texts(self, node: Term, prop: Term) -> list[str]:
        return sorted({value(term) for term in self._terms(node, prop) if term[0] != "_"})


def folded(name: str) -> str:
    """A name for comparing: lower case, white space as one blank."""
    return " ".join(name.split()).casefold()
