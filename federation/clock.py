"""The one clock: everything that writes down or compares the time of day asks here, so that a test can let a year pass in a minute.

Durations (timeouts, how long a run took) are measured with time.monotonic where they are needed; they are not times of day.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime


def _system() -> datetime:
    return datetime.now(UTC)


_read: Callable[[], datetime] = _system


def now() -> datetime:
    """This moment, in UTC."""
    return _read()


def today() -> date:
    """The date of this moment in UTC."""
    return now().date()


def stamp() -> str:
    """This moment as ISO 8601 in UTC, to the second: "2025-01-31T03:15:00Z"."""
    return now().strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def told_by(read: Callable[[], datetime]) -> Iterator[None]:
    """For the time of the block, the moment is what `read` says (aware, UTC): for tests and simulations. For the whole process."""
    global _read
    before, _read = _read, read
    try:
        yield
    finally:
        _read = before
