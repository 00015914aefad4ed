"""Farewells: one sentence (a Finding) for each reason why a dataset is not, or will soon not be, public."""

from typing import Any

import orjson

from federation.config import FederationConfig
from federation.finding import Finding
from federation.store.farewells import DepartureRow
from federation.store.store import Store

_REMOVED = "removed."  # the setting that federation.sync.decisions writes


def told(store: Store, config: FederationConfig | None, source: str, identifier: str, iri: str, state: str, missing: int) -> list[Finding]:
    """What is to be said of one record of a source: erased, withdrawn, removed, missing since when and until when."""
    found = erased(store, iri, source)
    withdrawal = store.withdrawal(iri) if iri else None
    if withdrawal is not None and not found:
        params = {"person": withdrawal.person, "at": withdrawal.at[:10], "reason": withdrawal.reason or "-"}
        found.append(Finding("story-withdrawn-person", dataset=iri, params=params))
    found += _member(store, config, source)
    row = store.departure(source, identifier)
    if row is not None:
        found += _departed(row, config, iri, state, missing)
    elif state == "withdrawn":
        found.append(Finding("story-withdrawn-source", dataset=iri, value="-", params={"at": "-"}))
    return found


def erased(store: Store, iri: str, source: str = "") -> list[Finding]:
    """When and by whom an IRI (of this source, else of any) was erased; nothing where it was not."""
    rows = sorted(store.erased(iri).rows, key=lambda row: row.at) if iri else []
    rows = [row for row in rows if not source or row.source in ("", source)]
    return [Finding("story-erased", dataset=iri, params={"person": rows[0].person, "at": rows[0].at[:10]})] if rows else []


def _member(store: Store, config: FederationConfig | None, source: str) -> list[Finding]:
    if config is None or any(source == each.id for each in config.sources()):
        return []
    row = store.source(source)
    member = row.member if row else source
    said: dict[str, Any] = orjson.loads(store.setting(_REMOVED + member) or "{}")
    params = {"member": member, "source": source, "at": said.get("at", "")[:10], "person": said.get("person", "")}
    return [Finding("story-removed" if said else "story-unconfigured", params=params)]


def _departed(row: DepartureRow, config: FederationConfig | None, iri: str, state: str, missing: int) -> list[Finding]:
    params = {"run": str(row.since), "at": row.at[:10], "runs": str(missing), "status": str(row.status or "-")}
    if state == "withdrawn":
        return [Finding("story-withdrawn-source", dataset=iri, value=row.word or "-", params=params)]
    if state == "gone":
        return [Finding("story-released" if row.word == "released" else "story-gone", dataset=iri, params=params)]
    if state != "missing":
        return []
    needed = next((each.missing_runs for each in config.sources() if each.id == row.source), 0) if config else 0
    left = needed - missing
    return [Finding("story-missing" if left > 0 else "story-missing-due", dataset=iri, params={**params, "left": str(left)})]
