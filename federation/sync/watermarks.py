"""Watermarks: from where on a source that can tell what changed is read, and when it is read as a whole all the same.

An incremental reading cannot see what its source forgot to mention, nor what vanished without a word. So it reaches back a little
(`Connector.overlap`), and every `full_every` days, after a held run, or when address or options are others, everything is read.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import orjson

from federation import clock
from federation.config import Source
from federation.dcat.names import content
from federation.store.store import Store


def since(store: Store, sources: Sequence[Source], overlap: timedelta) -> str:
    """The watermark for a fetch that these sources share: "" where all is to be read."""
    found = {_of(store, source) for source in sources}
    return earlier(found.pop(), overlap) if len(found) == 1 else ""


def _of(store: Store, source: Source) -> str:
    row = store.source(source.id)
    if row is None or not row.watermark or row.held or row.config_digest != reading(source) or row.complete_run is None:
        return ""
    whole = store.run(row.complete_run)
    if whole is None or clock.now() - datetime.fromisoformat(whole.started) >= timedelta(days=source.full_every):
        return ""
    return row.watermark


def reading(source: Source) -> bytes:
    """A digest of what a source reads: a watermark says nothing about another address or selection."""
    said = source.model_dump(mode="json", include={"connector", "url", "options"})
    return content(orjson.dumps(said, option=orjson.OPT_SORT_KEYS))


def earlier(watermark: str, overlap: timedelta) -> str:
    """A watermark moved back: a moment (ISO 8601; "Z" stays "Z") by `overlap`, a date by at least one day; other texts stay as they are."""
    try:
        if len(watermark) == 10:
            return (date.fromisoformat(watermark) - max(overlap, timedelta(days=1))).isoformat()
        moment = datetime.fromisoformat(watermark)
    except ValueError:
        return watermark
    if moment.tzinfo is None:
        return (moment - overlap).isoformat()
    moved = (moment - overlap).astimezone(UTC).isoformat()
    return moved.removesuffix("+00:00") + "Z"
