"""Discovery: what software answers at an address, and a preview of what a source would give. Reads, never writes."""

import ipaddress
import logging
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from federation.config import FederationConfig, Source
from federation.dcat.description import Description
from federation.errors import ConfigError, FederationError, SourceError
from federation.finding import Finding
from federation.harvest.connector import Candidate, Connector, Record, Response, State, connector, options_of, registry
from federation.harvest.http import Http
from federation.sync.pipeline import PUBLIC_KINDS, Pipeline, Prepared

log = logging.getLogger("federation.discovery")
# A catalog of DCAT says more than the API behind it, so it is asked first.
_ORDER = ("dcat", "ckan")
_DATASETS = frozenset({"dataset", "series"})
# What tells that a document is of the right kind but cannot be read.
_DAMAGED = frozenset({"rdf-invalid", "xml-invalid", "json-invalid", "gzip-broken", "document-too-large", "screen-too-large"})
_OWN_WORDS = frozenset({"www", "opendata", "daten", "data", "ckan", "portal", "geoportal", "offenedaten"})
_TITLE = re.compile(rb"<title[^>]*>\s*([^<]{1,200})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One dataset (series, service, record) as it would be published."""

    iri: str
    kind: str
    title: str
    changes: int
    findings: Sequence[Finding]


@dataclass(slots=True)
class Preview:
    """What a source would give: finished entities by identifier, how many records were refused, findings of the source itself and of
    refused records, how often each rule changed something. `total` is what the source claims to have; `descriptions` are there where
    they were asked for.
    """

    source: Source
    entries: dict[str, Entry] = field(default_factory=dict)
    descriptions: dict[str, Description] = field(default_factory=dict)
    rejected: int = 0
    findings: list[Finding] = field(default_factory=list)
    rules: Counter[str] = field(default_factory=Counter)
    total: int | None = None
    complete: bool = True
    limited: bool = False

    @property
    def datasets(self) -> list[Entry]:
        """Datasets and series only."""
        return [item for item in self.entries.values() if item.kind in _DATASETS]

    def all_findings(self) -> list[Finding]:
        """Those of the source and of every entity."""
        return self.findings + [finding for item in self.entries.values() for finding in item.findings]


def address(given: str) -> str:
    """What a person means by an address: "daten.stadt.example" is https://daten.stadt.example; an existing path stays a path."""
    if "://" in given or Path(given).exists() or given.startswith(("/", ".", "~")):
        return given
    return f"https://{given}"


def detect(url: str, http: Http, *, only: str = "") -> list[Candidate]:
    """The connectors that can read an address, the recommended one first (a catalog with datasets before one without; DCAT before the
    API behind it). ConfigError: path-missing; nothing-detected, which says what answered. SourceError where nothing does, or a document
    is damaged.
    """
    known = registry()
    names = [only] if only else [*(name for name in _ORDER if name in known), *(name for name in known if name not in _ORDER)]
    kinds = [connector(name) for name in names]
    found: list[Candidate] = []
    local = "://" not in url
    if local and not Path(url).exists():
        raise ConfigError("path-missing", value=url)
    for kind in kinds:
        try:
            candidate = _local(kind, url, http) if local else kind.detect(url, http)
        except SourceError as error:
            log.debug("%s at %s: %s", kind.id, url, error)
            continue
        if candidate is not None:
            found.append(candidate)
    if found:
        return sorted(found, key=lambda item: not item.datasets)
    if not local:
        what = _what_answers(url, http)
    for kind in kinds:
        _tell_damage(kind, url, http)
    raise ConfigError("nothing-detected", url=url, tried=", ".join(names), what=Path(url).name if local else what, known=", ".join(known))


def _local(kind: Connector[Any], path: str, http: Http) -> Candidate | None:
    """A file or folder, read by a connector as it would be read in a run."""
    source, options = Source(id="check", member="check", connector=kind.id, url=path), kind.options()
    items = [item for item in kind.fetch(source, options, http, State()) if isinstance(item, Response)]
    found = {record.identifier: record.kind for item in items for record in kind.split(item, options)}
    if not any(each in PUBLIC_KINDS for each in found.values()):
        return None
    return Candidate(kind.id, path, sum(each in _DATASETS for each in found.values()))


def _tell_damage(kind: Connector[Any], url: str, http: Http) -> None:
    """Raises the SourceError of a document that this connector would read, were it not damaged."""
    options = kind.options()
    try:
        for item in kind.fetch(Source(id="check", member="check", connector=kind.id, url=url), options, http, State()):
            if isinstance(item, Response):
                for _ in kind.split(item, options):
                    return
    except SourceError as error:
        if error.code in _DAMAGED:
            raise


def _what_answers(url: str, http: Http) -> str:
    """Media type and title of what stands at an address. A SourceError tells that nothing does."""
    answer = http.get(url)
    title = _TITLE.search(answer.body)
    return answer.media_type + (f", „{title[1].decode('utf-8', 'replace').strip()}“" if title else "")


def preview(
    config: FederationConfig, source: Source, http: Http, *, limit: int | None = None, keep: bool = False,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
    met: Callable[[str, Description], None] = lambda identifier, description: None,
) -> Preview:  # fmt: skip
    """Reads a source down the whole line without storing anything; at most `limit` datasets. `keep` keeps their descriptions. `progress`
    is told (datasets done, all or None), `met` each entity when it is finished (once more where another page says more about it). A
    SourceError passes through.
    """
    kind = connector(source.connector)
    options = options_of(source)
    members = {member.id: member for member in config.members}
    line = _Line(Preview(source), kind, Pipeline(config, members.get(source.member), source, kind, options), keep, met)
    result = line.result
    for item in kind.fetch(source, options, http, State()):
        if not isinstance(item, Response):
            continue
        result.findings += item.findings
        result.total = item.total if item.total is not None else result.total
        result.complete &= item.complete
        for record in kind.split(item, options):
            line.take(record)
            progress(line.listed, result.total)
            if limit is not None and line.listed >= limit:
                result.limited = True
                return result
    if result.total is not None and line.listed < result.total:
        result.complete = False
    return result


class _Line:
    """Puts records into a Preview. One that stands on several pages counts once, with all that is said about it."""

    def __init__(
        self, result: Preview, kind: Connector[Any], pipeline: Pipeline, keep: bool, met: Callable[[str, Description], None]
    ) -> None:
        self.result = result
        self.keep = keep
        self.met = met
        self.listed = 0
        self._kind = kind
        self._pipeline = pipeline
        self._seen: dict[str, Record] = {}
        self._rules: dict[str, Counter[str]] = {}

    def take(self, record: Record) -> None:
        if not record.identifier:
            self.result.findings += record.findings
            return
        if record.kind not in PUBLIC_KINDS:
            return
        before = self._seen.get(record.identifier)
        if before is not None and before.digest() == record.digest():
            return
        merge = getattr(self._kind, "merge", None)
        if before is None:
            self.listed += record.kind in _DATASETS
        elif merge is not None:
            record = merge(before, record)
        self._seen[record.identifier] = Record(record.identifier, record.kind, record.raw, record.stamp, record.fingerprint)
        self._put(record)

    def _put(self, record: Record) -> None:
        result = self.result
        try:
            prepared = self._pipeline.prepare(record)
        except FederationError as error:
            self._refuse(record, error.finding())
        except Exception as error:  # as in a run: one bad record must not end it
            log.debug("record %s", record.identifier, exc_info=True)
            self._refuse(record, Finding("record-failed", value=f"{type(error).__name__}: {error}"))
        else:
            result.rules -= self._rules.get(record.identifier, Counter())
            self._rules[record.identifier] = Counter(change.rule for change in prepared.description.changes)
            result.rules += self._rules[record.identifier]
            result.entries[record.identifier] = _entry(record, prepared)
            self.met(record.identifier, prepared.description)
            if self.keep:
                result.descriptions[record.identifier] = prepared.description

    def _refuse(self, record: Record, finding: Finding) -> None:
        self.result.rejected += record.kind in _DATASETS
        self.result.findings.append(
            Finding(finding.code, finding.severity, record.identifier, finding.field, finding.value, finding.params)
        )  # fmt: skip


def _entry(record: Record, prepared: Prepared) -> Entry:
    findings = [
        one if one.dataset else Finding(one.code, one.severity, prepared.iri, one.field, one.value, one.params) for one in prepared.findings
    ]
    return Entry(prepared.iri, record.kind, prepared.title, len(prepared.description.changes), findings)


def member_id(url: str, *names: str, fallback: str = "") -> str:
    """A file name for a new member: from the first name given ("Hansestadt Rügen" gives "hansestadt-ruegen"), else from the host of its
    address ("opendata.stadt-x.example" gives "stadt-x"), else from `fallback`, else "mitglied".
    """
    for name in (*names, _of_host(url), fallback):
        plain = name.lower()
        for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
            plain = plain.replace(umlaut, letters)
        plain = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
        if plain:
            return plain
    return "mitglied"


def _of_host(url: str) -> str:
    host = urlsplit(url).hostname if "://" in url else ""
    if not host:
        return Path(url).name.partition(".")[0]
    try:
        ipaddress.ip_address(host)
    except ValueError:
        labels = host.split(".")[:-1] or [host]
        return next((label for label in reversed(labels) if label not in _OWN_WORDS), "")
    return ""
