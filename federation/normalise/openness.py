"""The openness gate, and addresses that lead into an office's own network.

The gate is for geo sources: a record passes that has the keyword `opendata` and a recognised open licence, and nothing that restricts
access. Any other is not federated: its reason is stored and counted, and it is never published. What the body agreed to
(`[source.openness]`) widens the gate, never past a restriction. Internal addresses are withheld from every source.
"""

from collections.abc import Iterator

from federation.config import FederationConfig, Source
from federation.dcat.description import Description
from federation.dcat.openness import Claim, closed, inside
from federation.finding import Finding
from federation.normalise.codes import Lookups, coded
from federation.terms import DCAT, DCTERMS, FOAF, Term, Triple, literal, prefixed, value

RULE = "internal-address"
_LINKS = (DCAT.landingPage, FOAF.page, DCAT.endpointURL, DCAT.endpointDescription)
_ADDRESSES = (DCAT.accessURL, DCAT.downloadURL)


class Gate:
    """Judges the claims of one source's records."""

    def __init__(self, config: FederationConfig, source: Source) -> None:
        self._lookups = Lookups(config, source)
        self._codes = coded("licence", self._lookups)
        self._unmarked = "keyword" in source.openness.widen
        default = literal(source.defaults.license) if "licence" in source.openness.widen and source.defaults.license else ""
        self._default = self._listed(default) if default else ""
        self._loopback = any(network.is_loopback for network in config.network.allow)

    def judge(self, claim: Claim, description: Description, identifier: str) -> Finding | None:
        """Why a record is not federated, or None. A licence that a lookup found in its terms is added to the description."""
        licence = self._listed(literal(claim.licence)) if claim.licence else ""
        if not licence:
            licence = self._decided(claim, description) or self._default
        code, said = closed(claim, licence, unmarked=self._unmarked)
        return Finding(code, dataset=identifier, value=said, params={"title": claim.title}) if code else None

    def _listed(self, term: Term) -> str:
        """The IRI in the list of dcat-ap.de, "" for what is not in it."""
        terms = self._codes(term)[0]
        found = terms[0][1:-1] if len(terms) == 1 and terms[0][0] == "<" else ""
        return found if found in self._codes.vocabulary else ""

    def _decided(self, claim: Claim, description: Description) -> str:
        """The licence that the operator decided for the free words of a record."""
        for said in claim.terms:
            if self._lookups.decided("licence", literal(said)):
                licence = self._listed(literal(said))
                if licence:
                    for node in description.values(description.root, DCAT.distribution) or [description.root]:
                        if not description.values(node, DCTERMS.license):
                            description.derive(node, DCTERMS.license, [f"<{licence}>"], "lookup:licence")
                    return licence
        return ""

    def withhold(self, description: Description) -> list[Finding]:
        """Takes out what only the office itself could reach: each distribution that has no other address, each link."""
        found: list[Finding] = []
        root = description.root
        for node in tuple(description.values(root, DCAT.distribution)):
            if node in description.nodes:
                found += self._distribution(description, node)
        for prop in _LINKS:
            for term in tuple(description.values(root, prop)):
                if self._internal(term):
                    description.remove(root, prop, term, RULE)
                    found.append(self._finding(description, prop, term))
        return found

    def _distribution(self, description: Description, node: Term) -> list[Finding]:
        bad: list[Triple] = []
        good = False
        for subject in (node, *description.values(node, DCAT.accessService)):
            for prop in (*_ADDRESSES, DCAT.endpointURL):
                for term in description.values(subject, prop):
                    if self._internal(term):
                        bad.append((subject, prop, term))
                    else:
                        good |= term[0] == "<"
        if not bad:
            return []
        if good:
            description.change(bad, (), RULE)
        else:
            description.change(list(_reached(description, node)), (), RULE)
        return [self._finding(description, prop, term) for _, prop, term in bad]

    def _internal(self, term: Term) -> bool:
        kind = inside(value(term))
        return bool(kind) and not (kind == "loopback" and self._loopback)

    def _finding(self, description: Description, prop: Term, term: Term) -> Finding:
        return Finding(RULE, dataset=value(description.root), field=prefixed(prop), value=value(term))


def _reached(description: Description, node: Term) -> Iterator[Triple]:
    """The triples of a distribution: the link to it, its own, and those of blank nodes that nothing else leads to."""
    going = {node}
    waiting = [node]
    while waiting:
        for terms in description.nodes.get(waiting.pop(), {}).values():
            for term in terms:
                if term[0] == "_" and term in description.nodes and term not in going:
                    going.add(term)
                    waiting.append(term)
    kept = {term for subject, _, term in description.triples() if subject not in going} - {node}
    for subject, prop, term in description.triples():
        if term == node or (subject in going and subject not in kept):
            yield subject, prop, term
