"""The pure part of the straight line for one source: record -> map -> identity -> normalise -> hook -> check -> what is stored.

The same line serves `sync` and `check` (which shows and stores nothing).
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import version as installed
from importlib.resources import files
from typing import Any

import orjson

from federation import vocabulary
from federation.config import FederationConfig, Member, Source
from federation.dcat.description import Description
from federation.dcat.names import content
from federation.dcat.write import Written, write
from federation.finding import Finding
from federation.harvest.connector import Connector, Record
from federation.normalise import hooks
from federation.normalise.normaliser import Normaliser
from federation.normalise.openness import Gate
from federation.quality.check import check
from federation.store.rows import BodyRow
from federation.sync import identity
from federation.terms import DCTERMS, Term, value

_NOTHING = Written(b"", {})
PUBLIC_KINDS = frozenset({"dataset", "series", "service", "record"})


@dataclass(slots=True)
class Prepared:
    """One record, ready to be stored: its public IRI, the finished Description, its bytes, and what was found. `closed`: it did
    not pass the openness gate, and nothing of it is to be shown; the one finding says why.
    """

    iri: str
    description: Description
    written: Written
    digest: bytes
    findings: list[Finding]
    match_keys: list[str]
    closed: bool = False

    @property
    def title(self) -> str:
        """The dataset's first title in the order German, untagged, any; "" where it has none."""
        terms = self.description.values(self.description.root, DCTERMS.title)
        best = next((term for term in terms if term.endswith("@de")), None) or next((term for term in terms if term[-1] == '"'), None)
        return value(best or terms[0]) if terms else ""

    @property
    def modified(self) -> str:
        """dcterms:modified as the source says it, "" where it is silent."""
        term = self.description.value(self.description.root, DCTERMS.modified)
        return value(term) if term else ""

    def body(self) -> BodyRow:
        """The version of the entity that is to be stored."""
        written = self.written
        fragments = {name: text.encode() for name, text in written.fragments.items()}
        return BodyRow(self.digest, written.nt, fragments, self.title, self.modified)


class Pipeline:
    """Prepares the records of one source. `map_version` is the digest of everything that a record's result depends on."""

    def __init__(
        self, config: FederationConfig, member: Member | None, source: Source, connector: Connector[Any], options: Any,
    ) -> None:  # fmt: skip
        self.config = config
        self.source = source
        self.connector = connector
        self.options = options
        self.normalise = Normaliser(config, member, source)
        self.gate = Gate(config, source)
        self.hooks = hooks.load(config.path)
        self.formats = tuple(dict.fromkeys((*config.catalog.formats,)))
        self.map_version = self._map_version()
        self.kept: dict[Term, Term] = {}
        """The source's own IRIs of today and the public ones that stayed in their place: what refers to them refers to these."""

    def _map_version(self) -> str:
        settings = orjson.dumps(
            [
                self.source.model_dump(mode="json", include={"connector", "options", "defaults", "lookups", "key", "openness"}),
                self.config.catalog.model_dump(mode="json", include={"base_url", "political_geocoding", "html", "formats"}),
                self.config.lookups,
                self.hooks.digest if self.hooks else "",
            ],
            option=orjson.OPT_SORT_KEYS,
        )
        return hashlib.blake2b(settings + code_version(type(self.connector).__module__), digest_size=16).hexdigest()

    def prepare(self, record: Record, known_iri: str = "") -> Prepared:
        """Runs one record down the line. RecordError where it cannot be used; nothing else is raised for bad data."""
        description = self.connector.map(record, self.options)
        iri = known_iri or identity.public_iri(
            self.config.catalog.base_url, self.source.id, description.kind, record.identifier, description.root
        )
        if self.connector.gate:
            shut = self.gate.judge(self.connector.claim(record, self.options), description, iri if description.nodes else record.identifier)
            if shut:
                return Prepared(iri, description, _NOTHING, b"", [shut], [], closed=True)
        findings = list(record.findings)
        public = description.kind in PUBLIC_KINDS
        keys = identity.match_keys(description) if public else []
        if public:
            keys += identity.own_key(description, iri)
            identity.refer(description, self.kept)
            identity.name(description, iri, self.config.catalog.base_url, self.source.id)
            findings += self.gate.withhold(description)
            findings += self.normalise(description)
            if self.hooks:
                findings = self._hook(description, findings)
            findings += check(description, findings)
        written, withheld = write(description, self.formats if public else ())
        return Prepared(iri, description, written, content(written.nt), findings + withheld, keys)

    def _hook(self, description: Description, findings: list[Finding]) -> list[Finding]:
        """Runs the region's hook, and normalises again what it changed; what both passes found is told once."""
        assert self.hooks is not None
        before = len(description.changes)
        findings = findings + self.hooks.apply(description, self.source.id)
        if len(description.changes) > before:
            findings += self.normalise(description)
        return list({(one.code, one.field, one.value): one for one in findings}.values())


@cache
def code_version(connector_module: str) -> bytes:
    """A digest of the code and the tables that mapping depends on: connector, shared readers, dcat, normalise, check, vocabularies,
    parser versions. Computed from the files, so nobody has to remember to raise a number.
    """
    state = hashlib.blake2b(digest_size=16)
    module = import_module(connector_module)
    if module.__file__:
        with open(module.__file__, "rb") as code:
            state.update(code.read())
    for package in ("federation.dcat", "federation.normalise", "federation.quality", "federation.quality.shapes", "connectors"):
        for entry in sorted(files(package).iterdir(), key=lambda item: item.name):
            if entry.name.endswith(".py") and (package != "connectors" or entry.name.startswith("_")):
                state.update(entry.name.encode() + entry.read_bytes())
    for name in ("terms.py", "vocabulary.py", "territory.py"):
        state.update(files("federation").joinpath(name).read_bytes())
    state.update(vocabulary.digest().encode())
    for name in ("pyoxigraph", "rdflib", "nh3"):
        state.update(f"{name} {installed(name)}".encode())
    return state.digest()
