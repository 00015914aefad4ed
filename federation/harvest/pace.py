"""Politeness towards a host: how many requests at once, how far apart, and when to try again."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime

_FIRST_WAIT = 0.5
_LONGEST_WAIT = 30.0


class Stopped(Exception):
    """The program is ending: whoever waits gives up."""


def backoff(attempt: int) -> float:
    """Seconds before trying again after `attempt` failures (0 is the first): full jitter, 0.5 s doubled each time, at most 30 s."""
    return random.uniform(0, min(_LONGEST_WAIT, _FIRST_WAIT * 2**attempt))


def retry_after(value: str, now: float) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110, 10.2.3: a number or a date), None where it says nothing; `now` since 1970."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None


class _Host:
    def __init__(self, at_once: int) -> None:
        self.turns = threading.BoundedSemaphore(at_once)
        self.lock = threading.Lock()
        self.next = 0.0
        self.interval = 0.0


class Pace:
    """One for the whole process: `per_host` requests at once and `interval` seconds between two starts, for each host and port."""

    def __init__(
        self, per_host: int, interval: float, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] | None = None
    ) -> None:
        self._per_host = per_host
        self._interval = interval
        self._clock = clock
        self._ending = threading.Event()
        self._sleep = sleep
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    def _host(self, name: str) -> _Host:
        found = self._hosts.get(name)
        if found is None:
            with self._lock:
                found = self._hosts.setdefault(name, _Host(self._per_host))
        return found

    @contextmanager
    def turn(self, name: str) -> Iterator[float]:
        """Waits until a request to the host may start, gives the seconds waited, and holds the place until the end of the block."""
        host = self._host(name)
        began = self._clock()
        while not host.turns.acquire(timeout=0.5):
            self.check()
        try:
            interval = max(self._interval, host.interval)
            if interval or host.next:
                with host.lock:
                    now = self._clock()
                    start = max(now, host.next)
                    host.next = start + interval
                if start > now:
                    self.wait(start - now)
            self.check()
            yield self._clock() - began
        finally:
            host.turns.release()

    def hold(self, name: str, seconds: float) -> None:
        """Lets nobody start a request to the host for `seconds`: what Retry-After says holds for all."""
        host = self._host(name)
        with host.lock:
            host.next = max(host.next, self._clock() + seconds)

    def slower(self, name: str, interval: float) -> None:
        """Widens the interval of one host (Crawl-delay of its robots.txt)."""
        self._host(name).interval = interval

    def wait(self, seconds: float) -> None:
        """Sleeps, but wakes and raises Stopped when the program ends."""
        if self._sleep is not None:
            self._sleep(seconds)
        else:
            self._ending.wait(seconds)
        self.check()

    def check(self) -> None:
        """Raises Stopped when the program ends."""
        if self._ending.is_set():
            raise Stopped

    def stop(self) -> None:
        """Wakes everyone who waits, and lets nobody start again."""
        self._ending.set()
