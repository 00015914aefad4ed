"""What is new and what is gone among the findings: since the last run of each source, since a run, or since a moment."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from federation import clock
from federation.errors import ConfigError
from federation.store.findings import KEPT_DAYS, Since
from federation.store.rows import FindingRow
from federation.store.store import Store

LAST = ("last", "letzter")
_FORMS = ("%d.%m.%Y", "%d.%m.%Y %H:%M")


@dataclass(frozen=True, slots=True)
class News:
    """What came and what went at one source; `since` is None where the source has not been read yet."""

    source: str
    since: Since | None
    new: Sequence[FindingRow] = ()
    gone: Sequence[FindingRow] = ()

    @property
    def complete(self) -> bool:
        """Whether memory reaches so far back: what went away is remembered for KEPT_DAYS."""
        oldest = (clock.now() - timedelta(days=KEPT_DAYS)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return self.since is None or not self.since.moment or self.since.moment >= oldest


def news(
    store: Store, sources: Sequence[str], since: str, *, severity: str | None = None, code: str | None = None
) -> list[News]:
    """What came and what went, source by source. `since`: "last" (what the last finished run of each source brought), the number of a
    run, or a date ("2026-01-31", "31.01.2026", with a time if wanted; local time). ConfigError "since-unreadable", "since-unknown-run".
    """
    start = _start(store, since.strip())
    found = []
    for source in sources:
        begun = start(source)
        if begun is None:
            found.append(News(source, None))
            continue
        new = store.findings(source, severity=severity, code=code, since=begun)
        found.append(News(source, begun, new, store.findings_gone(begun, source, severity=severity, code=code)))
    return found


def _start(store: Store, since: str) -> Callable[[str], Since | None]:
    if since.lower() in LAST:
        return lambda source: _last(store, source)
    one = Since(*_run(store, since)) if since.isascii() and since.isdigit() else Since(moment(since))
    return lambda source: one


def _last(store: Store, source: str) -> Since | None:
    ended = next((run for run in store.runs(source) if run.outcome != "running"), None)
    return Since(ended.started, ended.id) if ended else None


def _run(store: Store, number: str) -> tuple[str, int]:
    newest = max((run.id for run in store.runs(limit=1)), default=0)
    if not 0 < int(number) <= newest:
        raise ConfigError("since-unknown-run", field="--since", value=number, newest=newest)
    run = store.run(int(number))
    return run.started if run else "", int(number)


def moment(written: str) -> str:
    """A date or time as people write it (local time) as ISO 8601 in UTC. ConfigError "since-unreadable"."""
    read = None
    with suppress(ValueError):
        read = datetime.fromisoformat(written)
    for form in _FORMS if read is None else ():
        with suppress(ValueError):
            read = datetime.strptime(written, form)
    if read is None:
        raise ConfigError("since-unreadable", field="--since", value=written)
    try:
        return read.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError) as error:
        raise ConfigError("since-unreadable", field="--since", value=written) from error
