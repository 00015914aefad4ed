"""Cron: what the five fields of a crontab line mean, as Debian's cron reads them (crontab(5)), in a time zone with summer time.

Ranges of weekdays begin at Sunday (0 and 7), 1-5 is Monday to Friday. Where both day and weekday are restricted, either is enough. A job
at a set time that falls into the hour that summer time leaves out runs once, right after it; one in the hour that comes twice runs in
the first. A job whose minute or hour begins with * follows the hands of the clock: it skips the one and runs in both.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

_NAMED = {
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
}  # fmt: skip
_NEVER = ("", "never")
_FIELDS = ("minute", "hour", "day", "month", "weekday")
_ITEM = re.compile(r"(?:\*|(?:[0-9]{1,2}|[a-z]{3})(?:-(?:[0-9]{1,2}|[a-z]{3}))?)(?:/[0-9]{1,2})?")
_LOOK_BACK = (timedelta(hours=2), timedelta(hours=25), timedelta(days=8), timedelta(days=63), timedelta(days=400), timedelta(days=3000))


@dataclass(frozen=True, slots=True)
class Cron:
    """An expression that was found right; `fields` are its five fields in lower case."""

    fields: str

    @classmethod
    def parse(cls, text: str) -> "Cron | None":
        """The expression; None for "" and "never". ValueError says which part is wrong."""
        return _parse(" ".join(text.lower().split()))

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """The first time after an (aware) moment, in UTC; None where there is none within 50 years."""
        return next(self._times(moment, zone), None)

    def latest(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """The last time that is not after an (aware) moment, in UTC; None where there was none for eight years."""
        for back in _LOOK_BACK:
            found = None
            for time in self._times(moment - back, zone):
                if time > moment:
                    break
                found = time
            if found is not None:
                return found
        return None

    def _times(self, moment: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        last = moment.astimezone(UTC)
        # To begin within the hour that comes twice, one reckons from before it: else what it holds would seem to lie ahead once more.
        start = (last - timedelta(hours=3)).astimezone(zone) if last.astimezone(zone).fold else last.astimezone(zone)
        for local in CronSim(self.fields, start):
            time = local.astimezone(UTC)
            if time > last:
                last = time
                yield time


@lru_cache(maxsize=1024)
def _parse(text: str) -> Cron | None:
    if text in _NEVER:
        return None
    fields = _NAMED.get(text, text)
    parts = fields.split(" ")
    if len(parts) != 5:
        raise ValueError(text)
    checked = []
    for name, part in zip(_FIELDS, parts, strict=True):
        items = []
        for item in part.split(","):
            # CronSim knows more than cron does (L, #, seconds, 5/10), and those who read the file know cron
            if not _ITEM.fullmatch(item) or ("/" in item and not item.startswith("*") and "-" not in item):
                raise ValueError(f"{name} {part}")
            items.append(_without_idle_step(item))
        checked.append(",".join(items))
    fields = " ".join(checked)
    try:
        CronSim(fields, datetime(2000, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise ValueError(str(error).removeprefix("Bad ")) from error
    return Cron(fields)


def _without_idle_step(item: str) -> str:
    """Steps in a range of one number say nothing; CronSim 2.8 would take 5-5/2 for 5-59/2."""
    span, _, step = item.partition("/")
    begin, _, end = span.partition("-")
    one = begin == end or (begin.isdigit() and end.isdigit() and int(begin) == int(end))
    return begin if step.isdigit() and int(step) and one else item
