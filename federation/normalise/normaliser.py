"""What a source said, as DCAT-AP.de 3.0: the value of each property in one pass, then what needs more than one value.

Every effect is a Change of the Description and can be undone; normalising twice is normalising once. What becomes of a node depends on
that node, on what points to it inside the description, and on the configuration of the source, never on other descriptions.
"""

import hashlib
from functools import cache
from importlib.resources import files

from federation import vocabulary
from federation.config import FederationConfig, Member, Source
from federation.dcat.description import Change, Description
from federation.dcat.schema import KINDS
from federation.finding import Finding
from federation.normalise import contacts, services, statements, tongues, upgrades
from federation.normalise.agents import Agents
from federation.normalise.codes import TABLES, Coded, Lookups, coded
from federation.normalise.defaults import Silence
from federation.normalise.formats import Formats
from federation.normalise.licences import LicenceCodes, Licences
from federation.normalise.places import Places
from federation.normalise.remarks import Remarks
from federation.normalise.values import Outcome, Readers
from federation.terms import ADMS, DCAT, DCTERMS, TYPE, Term

_new = tuple.__new__  # a Change without the detour through NamedTuple's own constructor: half the time
_ENTITIES = ("dataset", "series", "service", "catalog")


class Normaliser:
    """Normalises the descriptions of one source; remembers what it met, so keep one per source and run."""

    def __init__(self, config: FederationConfig, member: Member | None, source: Source) -> None:
        lookups = Lookups(config, source)
        codes: dict[str, Coded] = {name: coded(name, lookups) for name in TABLES}
        codes["licence"] = LicenceCodes(lookups)
        defaults = source.defaults
        self._readers = Readers(codes, config.catalog.html)
        self._of_records = Readers(codes, config.catalog.html)
        self._of_records[ADMS.status] = None  # a record's status is of no vocabulary
        self._codes = codes
        self._places = Places(member, config.catalog.political_geocoding, defaults.coverage == "member", lookups)
        self._agents = Agents(codes["publisher-type"], defaults)
        self._licences = Licences(codes["licence"], defaults)
        self._formats = Formats(codes["file-type"], codes["media-type"])
        self._silence = Silence(source, self._places, codes["language"], codes["publisher-type"])

    def __call__(self, description: Description) -> list[Finding]:
        """Changes the description in place and returns what a person should know; `dataset` of each finding is the root."""
        remarks = Remarks(description.root)
        readers = self._of_records if description.kind == "record" else self._readers
        for node in tuple(description.nodes):
            self._node(description, node, remarks, readers)
        if description.kind in _ENTITIES and description.root in description.nodes:
            self._entity(description, description.root, remarks)
        remarks.findings += contacts.personal(description)
        return remarks.findings

    # values

    def _node(self, description: Description, node: Term, remarks: Remarks, readers: Readers) -> None:
        """Every value of a node, each on its own. The hottest loop of the program: it does by hand what Description.replace does."""
        properties = description.nodes.get(node)
        if properties is None:  # it stood for a code, and has gone with it
            return
        changes = description.changes
        late: list[tuple[Term, Term, Outcome]] = []
        for prop, terms in tuple(properties.items()):
            values = readers[prop]
            if values is None:
                continue
            if len(terms) == 1:
                term = terms[0]
                outcome = values[term]
                if outcome is None:
                    continue
                new = outcome[0]
                if new:
                    terms[0] = new
                    changes.append(_new(Change, (((node, prop, term),), ((node, prop, new),), outcome[1], "")))
                elif outcome.on:
                    late.append((prop, term, outcome))
                else:
                    self._put(description, node, prop, term, outcome, remarks)
                continue
            for term in tuple(terms):
                outcome = values[term]
                if outcome is None:
                    continue
                if outcome.on:
                    late.append((prop, term, outcome))
                else:
                    self._put(description, node, prop, term, outcome, remarks)
        for prop, term, outcome in late:  # by now the node's classes are read
            if not set(outcome.on).isdisjoint(description.values(node, TYPE)):
                self._put(description, node, prop, term, outcome, remarks)

    def _put(self, description: Description, node: Term, prop: Term, term: Term, outcome: Outcome, remarks: Remarks) -> None:
        _, rule, target, new, code, params, _, step = outcome
        properties = description.nodes[node]
        if step is not None:
            if target != prop:
                description.change([(node, prop, term)], [(node, target, term)], rule)
            step(description, node, target, term, remarks)
            return
        if code:
            remarks.say(code, target, term, **params)
        if target != prop:
            terms = properties[prop]
            if len(terms) == 1 and len(new) == 1 and target not in properties:
                properties[target] = properties.pop(prop)
                terms[0] = new[0]
                description.changes.append(_new(Change, (((node, prop, term),), ((node, target, new[0]),), rule, "")))
            else:
                description.change([(node, prop, term)], [(node, target, each) for each in new], rule)
        elif new[0] == term:  # a superclass beside the class
            terms = properties[prop]
            more = [each for each in new[1:] if each not in terms]
            if more:
                terms += more
                description.changes.append(_new(Change, ((), tuple([(node, prop, each) for each in more]), rule, "")))
        else:
            description.replace(node, prop, term, new, rule)

    # entities

    def _entity(self, description: Description, root: Term, remarks: Remarks) -> None:
        kind = description.kind
        wanted = KINDS[kind].term
        if wanted not in description.nodes[root].get(TYPE, ()):
            description.derive(root, TYPE, (wanted,), "class:kind")
            self._node(description, root, remarks, self._readers)
        if kind != "catalog":
            self._silence.apply(description, root)
        self._described(description, root, remarks)
        if kind in ("dataset", "series"):
            self._silence.coverage(description, root)
        files: list[Term] = []
        if kind == "dataset":
            distributions = [term for term in description.values(root, DCAT.distribution) if term in description.nodes]
            samples = [term for term in description.values(root, ADMS.sample) if term in description.nodes and term not in distributions]
            files = distributions + samples
            for each in files:
                self._distribution(description, each, remarks)
            self._licences.apply(description, root, distributions, remarks)
        elif kind == "service":
            self._formats.apply(description, root, remarks, service=True)
        self._typed(description, root, statements.OF_RESOURCE, remarks)  # last: by now every node is there
        for each in files:
            self._typed(description, each, statements.OF_DISTRIBUTION, remarks)

    def _described(self, description: Description, root: Term, remarks: Remarks) -> None:
        """What datasets, series, services and catalogs have in common."""
        upgrades.apply(description, root, remarks, self._readers.reader(DCTERMS.description))
        self._types(description, root, "dataset-type", remarks)
        self._agents.apply(description, root, remarks)
        self._agents.contacts(description, root, remarks)
        self._places.apply(description, root, remarks)
        tongues.apply(description, root, root)

    def _distribution(self, description: Description, node: Term, remarks: Remarks) -> None:
        services.apply(description, node)
        self._formats.apply(description, node, remarks)
        tongues.fill(description, node, description.root)
        tongues.apply(description, node, description.root)

    def _typed(self, description: Description, node: Term, places: statements.Places, remarks: Remarks) -> None:
        """Classes that the nodes beside this one have by their place; what got one is read anew, since its properties may mean more."""
        for each in statements.typed(description, node, places):
            self._node(description, each, remarks, self._readers)

    def _types(self, description: Description, node: Term, name: str, remarks: Remarks) -> None:
        """dcterms:type, whose vocabulary depends on what the node is."""
        codes = self._codes[name]
        for term in tuple(description.values(node, DCTERMS.type)):
            if term[0] == "_" or term == upgrades.COLLECTION:
                continue
            new, code, rule = codes(term)
            if code:
                remarks.say(code, DCTERMS.type, term, nearest=codes.nearest(term))
            if new != (term,):
                description.replace(node, DCTERMS.type, term, new, rule)


@cache
def version() -> str:
    """Digest of this package's code and of all tables: a part of the map version, so that a better mapping maps everything anew."""
    total = hashlib.sha256(vocabulary.digest().encode())
    for file in sorted(files("federation.normalise").iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".py"):
            total.update(file.name.encode() + b"\0" + file.read_bytes())
    return total.hexdigest()
