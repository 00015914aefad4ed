"""Bounds: how long one feed may take, and how many feeds are read at once, so that none can keep the others waiting.

Where a bound is passed, this feed ends with a SourceError: what was read stays, nothing is deleted, the others go on. Beside these
stand the bounds on datasets (`maximum_datasets`), on bytes and seconds of one request (`[network]`) and on what waits for the worker
(`channel`).
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from federation.config import Source
from federation.errors import SourceError

LANES = 4  # feeds read at once
LONG_SECONDS = 60.0  # a feed that takes longer gives its lane to the next and goes on beside it
MOST_AT_ONCE = 16


class Interrupted(BaseException):
    """The round is to end now. Not an Exception: no place that catches a bad record's fault may take it for one."""


class Allowance:
    """The time that one feed has. It passes while the feed's thread waits for its server and while the worker is at what it gave, not
    while the feed waits for others.
    """

    def __init__(self, source: Source, minutes: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.source = source
        self.began = clock()
        self._minutes = minutes
        self._clock = clock
        self._spent = 0.0
        self._since = 0.0
        self._at_work = 0
        self._lock = threading.Lock()

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Time passes in the block."""
        with self._lock:
            self._at_work += 1
            if self._at_work == 1:
                self._since = self._clock()
        try:
            yield
        finally:
            with self._lock:
                self._at_work -= 1
                if not self._at_work:
                    self._spent += self._clock() - self._since

    def left(self) -> float:
        """Seconds that are left; negative when the time is over."""
        now = (self._clock() - self._since) if self._at_work else 0.0
        return self._minutes * 60 - self._spent - now

    def check(self) -> None:
        """SourceError "source-too-slow" when the time is over."""
        if self.left() <= 0:
            raise SourceError("source-too-slow", source=self.source.id, url=self.source.url, minutes=f"{self._minutes:g}")


def room(under_way: Iterable[Allowance], now: float) -> bool:
    """Whether one more feed may begin beside those under way."""
    feeds = list(under_way)
    return len(feeds) < MOST_AT_ONCE and sum(1 for feed in feeds if now - feed.began < LONG_SECONDS) < LANES
