"""Why: the whole story of one dataset, from what its source said to what became of it. Answers "why did my dataset vanish?"."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_, select

from federation.config import FederationConfig
from federation.dcat.description import Change, Description
from federation.dcat.fragments import describe
from federation.errors import ConfigError
from federation.finding import Finding
from federation.report import farewells
from federation.report.rules import explained
from federation.store import tables as t
from federation.store.rows import RunRow
from federation.store.store import Store
from federation.terms import Triple, prefixed


@dataclass(slots=True)
class Story:
    """One dataset as one source gives it. `state` is live, missing, new_held, rejected, withdrawn or gone; `public` the source whose
    description is public under this IRI ("" when none is); `said` what the source said, as it is stored (N-Triples or JSON text);
    `statements` the same in DCAT terms, root first; `log` the public changes (generation, kind, time).
    """

    source: str
    identifier: str
    iri: str
    kind: str
    state: str
    title: str
    missing_runs: int
    public: str
    since: str
    said: str
    statements: list[Triple] = field(default_factory=list)
    run: RunRow | None = None
    changes: list[Change] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    log: list[tuple[int, str, str]] = field(default_factory=list)
    farewells: list[Finding] = field(default_factory=list)

    def as_dict(self, language: str) -> dict[str, Any]:
        """The keys of `why --json`."""
        return {
            "source": self.source, "identifier": self.identifier, "iri": self.iri, "kind": self.kind, "state": self.state,
            "title": self.title, "missing_runs": self.missing_runs, "public": self.public, "since": self.since, "said": self.said,
            "run": self.run._asdict() if self.run else None,
            "changes": [
                {"rule": change.rule, "explanation": explained(change.rule, language), "field": change.field,
                 "removed": [list(one) for one in change.removed],
                 "added": [list(one) for one in change.added]}
                for change in self.changes
            ],
            "findings": [
                {"code": one.code, "severity": str(one.severity), "field": one.field, "value": one.value, "cause": one.cause(language),
                 "remedy": one.remedy(language)} for one in self.findings
            ],
            "farewells": [
                {"code": one.code, "cause": one.cause(language), "remedy": one.remedy(language)} for one in self.farewells
            ],
            "log": [{"generation": number, "kind": kind, "at": at} for number, kind, at in self.log],
        }  # fmt: skip


def why(store: Store, name: str, config: FederationConfig | None = None) -> list[Story]:
    """Every record that `name` means: an IRI, a source's identifier, or (part of) a title; of what was erased only that. `config` tells
    when what is missing would leave. ConfigError where nothing is known.
    """
    rows = _rows(store, name)
    if not rows:
        gone = farewells.erased(store, name)
        if gone:
            return [Story("", name, name, "", "erased", "", 0, "", "", "", log=_log(store, name), farewells=gone)]
        raise ConfigError("dataset-unknown", value=name)
    stories = [_story(store, *row) for row in rows]
    for story in stories:
        story.farewells = farewells.told(
            store, config, story.source, story.identifier, story.iri, story.state, story.missing_runs
        )  # fmt: skip
    return stories


def _log(store: Store, iri: str) -> list[tuple[int, str, str]]:
    c = t.change.c
    with store.read() as connection:
        rows = connection.execute(select(c.generation, c.kind, c.at).where(c.iri == iri).order_by(c.seq))
        return [(number, kind, at) for number, kind, at in rows]


def _rows(store: Store, name: str) -> list[tuple[str, str, str, str, str, int, bytes | None, int]]:
    r = t.record.c
    columns = select(r.source, r.identifier, r.iri, r.kind, r.state, r.missing_runs, r.body, r.run)
    shown = r.kind.in_(("dataset", "series", "service", "record"))
    with store.read() as connection:
        exact = connection.execute(columns.where(or_(r.iri == name, r.identifier == name)).order_by(r.source)).all()
        if not exact:
            titled = columns.join(t.body, t.body.c.digest == r.body).where(shown)
            exact = connection.execute(titled.where(t.body.c.title == name).order_by(r.source).limit(20)).all()
            if not exact:
                pattern = name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
                like = t.body.c.title.ilike(f"%{pattern}%", escape="\\")
                exact = connection.execute(titled.where(like).order_by(r.source, r.identifier).limit(20)).all()
    return [tuple(row) for row in exact]


def _story(
    store: Store, source: str, identifier: str, iri: str, kind: str, state: str, missing: int, body: bytes | None, run: int,
) -> Story:  # fmt: skip
    i = t.item.c
    with store.read() as connection:
        item = connection.execute(select(i.source, i.since).where(i.iri == iri)).first()
        title = connection.execute(select(t.body.c.title).where(t.body.c.digest == body)).scalar() if body else ""
    record = store.record(source, identifier)
    raw = (record.raw or b"") if record else b""
    changes = list(record.changes or ()) if record else []
    findings = [row.finding() for row in store.findings(source=source, identifier=identifier)]
    return Story(
        source, identifier, iri, kind, state, title or "", missing, item.source if item else "", item.since if item else "",
        raw.decode(errors="replace"), _statements(store, iri, kind, body, changes, raw), store.run(run), changes, findings,
        _log(store, iri),
    )  # fmt: skip


def _statements(store: Store, iri: str, kind: str, body: bytes | None, changes: list[Change], raw: bytes) -> list[Triple]:
    """What the source said, in DCAT terms: what is stored with its changes undone; what was never usable, as far as it can be read."""
    stored = store.body(body) if body else None
    if stored is not None and changes:
        description = Description(f"<{iri}>", kind, changes=changes)
        for line in stored.nt.decode().splitlines():
            description.say(*line[:-2].split(" ", 2))
        description = description.undone()
    elif not raw or raw.startswith((b"{", b"[", b"<?xml")):
        return []
    else:
        description = describe(raw)
    return sorted(description.triples(), key=lambda triple: triple[0] != description.root)


def told(change: Change) -> tuple[str, str, str]:
    """One Change for people: (field, what was, what is now), terms in prefix form."""
    props = sorted({prefixed(triple[1]) for triple in (*change.removed, *change.added)})
    return (
        change.field or ", ".join(props),
        ", ".join(prefixed(triple[2]) for triple in change.removed),
        ", ".join(prefixed(triple[2]) for triple in change.added),
    )
