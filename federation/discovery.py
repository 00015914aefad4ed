"""Discovery: what software answers at an address, and a preview of what a source would give. Reads, never writes."""

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from federation.config import FederationConfig, Source
from federation.errors import ConfigError, FederationError, SourceError
from federation.finding import Finding
from federation.harvest.connector import Candidate, Response, State, connector, options_of, registry
from federation.harvest.http import Http
from federation.sync.pipeline import PUBLIC_KINDS, Pipeline, Prepared

# A catalog of DCAT says more than the API behind it, so it is asked first.
_ORDER = ("dcat", "ckan")


@dataclass(slots=True)
class Preview:
    """What a source would give: finished entities, how many records were refused, findings of the source itself, changes by rule."""

    source: Source
    prepared: list[Prepared] = field(default_factory=list)
    rejected: int = 0
    findings: list[Finding] = field(default_factory=list)
    total: int | None = None
    complete: bool = True

    @property
    def datasets(self) -> list[Prepared]:
        """Datasets and series only."""
        return [item for item in self.prepared if item.description.kind in ("dataset", "series")]

    def rules(self) -> list[tuple[str, int]]:
        """How often each rule changed something, most often first."""
        return Counter(change.rule for item in self.prepared for change in item.description.changes).most_common()

    def all_findings(self) -> list[Finding]:
        """Those of the source and of every dataset."""
        return self.findings + [finding for item in self.prepared for finding in item.findings]


def detect(url: str, http: Http, *, only: str = "") -> list[Candidate]:
    """The connectors that can read an address, the recommended one first (a catalog with datasets before one without). Where nothing
    answers, the first connector's error is raised; where something answers that nobody knows, a ConfigError.
    """
    known = registry()
    names = [only] if only else [*(name for name in _ORDER if name in known), *(name for name in known if name not in _ORDER)]
    found: list[Candidate] = []
    first: FederationError | None = None
    for name in names:
        try:
            candidate = connector(name).detect(url, http)
        except SourceError as error:
            first = first or error
            continue
        if candidate is not None:
            found.append(candidate)
    if found:
        return sorted(found, key=lambda item: not item.datasets)
    if first is not None:
        raise first
    raise ConfigError("nothing-detected", url=url, known=", ".join(known))


def preview(config: FederationConfig, source: Source, http: Http, *, limit: int | None = None) -> Preview:
    """Reads a source down the whole line without storing anything; at most `limit` datasets. A SourceError passes through."""
    kind = connector(source.connector)
    options = options_of(source)
    members = {member.id: member for member in config.members}
    pipeline = Pipeline(config, members.get(source.member), source, kind, options)
    result = Preview(source)
    for item in kind.fetch(source, options, http, State()):
        if not isinstance(item, Response):
            continue
        result.findings += item.findings
        result.total = item.total if item.total is not None else result.total
        result.complete &= item.complete
        for record in kind.split(item, options):
            if not record.identifier:
                result.findings += record.findings
                continue
            if record.kind not in PUBLIC_KINDS:
                continue
            try:
                result.prepared.append(pipeline.prepare(record))
            except FederationError as error:
                result.rejected += 1
                result.findings.append(error.finding())
            if limit is not None and len(result.datasets) >= limit:
                return result
    return result


def member_id(url: str, title: str = "") -> str:
    """A file name for a new member, from its title or the host of its address: "Hansestadt Rügen" gives "hansestadt-ruegen"."""
    name = title
    if not name:
        parts = urlsplit(url)
        labels = [label for label in (parts.hostname or Path(url).stem).split(".") if label not in ("www", "opendata", "daten", "data")]
        name = labels[-2] if len(labels) > 1 else labels[0] if labels else "mitglied"
    for umlaut, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        name = name.lower().replace(umlaut, plain)
    return re.sub(r"[^a-z0-9]+", "-", name).strip("-")[:60] or "mitglied"
