"""Channel: from the fetch threads to the one worker, bounded in bytes, so that fast sources wait instead of filling the memory.

Fair on both sides: whoever waits for room gets it in the order of coming, and the worker takes from each source in turn, so that a
large or fast source delays the others by one item at a time.
"""

from collections import deque
from collections.abc import Hashable
from threading import Condition
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class Closed(Exception):
    """The channel was closed, for all or for this source: nobody reads any more."""


class Channel(Generic[K, T]):
    """Queues by key (a source) with one bound on the sum of all items' sizes (bytes); an item larger than the bound passes when nothing
    else waits.
    """

    def __init__(self, limit: int = 24 * 1024 * 1024) -> None:
        self._limit = limit
        self._queues: dict[K, deque[tuple[int, T]]] = {}  # in the order in which they are served
        self._shut: set[K] = set()
        self._size = 0
        self._waiting: deque[object] = deque()
        self._changed = Condition()
        self._closed = False

    def put(self, key: K, item: T, size: int = 0) -> None:
        """Adds an item of `size` bytes; waits while there is no room. Raises Closed after `close` or `shut`."""
        with self._changed:
            ticket = object()
            self._waiting.append(ticket)
            try:
                while not self._over(key) and (self._waiting[0] is not ticket or (self._queues and self._size + size > self._limit)):
                    self._changed.wait()
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()
            if self._over(key):
                raise Closed
            self._queues.setdefault(key, deque()).append((size, item))
            self._size += size

    def get(self, timeout: float) -> tuple[K, T] | None:
        """The next item and whose it is, or None when none came within `timeout` seconds."""
        with self._changed:
            if not self._queues:
                self._changed.wait(timeout)
            if not self._queues:
                return None
            key = next(iter(self._queues))
            queue = self._queues.pop(key)
            size, item = queue.popleft()
            if queue:
                self._queues[key] = queue  # behind the others
            self._size -= size
            self._changed.notify_all()
            return key, item

    def shut(self, key: K) -> None:
        """Nobody wants this source any more: what it put is dropped, and its next `put` raises Closed."""
        with self._changed:
            self._shut.add(key)
            self._size -= sum(size for size, _ in self._queues.pop(key, ()))
            self._changed.notify_all()

    def close(self) -> None:
        """Nobody will read any more: every `put` that waits or comes raises Closed."""
        with self._changed:
            self._closed = True
            self._queues.clear()
            self._size = 0
            self._changed.notify_all()

    def _over(self, key: K) -> bool:
        return self._closed or key in self._shut
