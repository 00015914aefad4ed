"""Channel: from the fetch threads to the one worker, bounded in bytes, so that fast sources wait instead of filling the memory."""

from collections import deque
from threading import Condition
from typing import Generic, TypeVar

T = TypeVar("T")


class Closed(Exception):
    """The channel was closed: nobody reads any more."""


class Channel(Generic[T]):
    """A queue with a bound on the sum of its items' sizes (bytes); an item larger than the bound passes when the queue is empty."""

    def __init__(self, limit: int = 24 * 1024 * 1024) -> None:
        self._limit = limit
        self._items: deque[tuple[int, T]] = deque()
        self._size = 0
        self._changed = Condition()
        self._closed = False

    def put(self, item: T, size: int = 0) -> None:
        """Adds an item of `size` bytes; waits while there is no room. Raises Closed after `close`."""
        with self._changed:
            while not self._closed and self._items and self._size + size > self._limit:
                self._changed.wait()
            if self._closed:
                raise Closed
            self._items.append((size, item))
            self._size += size
            self._changed.notify_all()

    def get(self, timeout: float) -> T | None:
        """The next item, or None when none came within `timeout` seconds."""
        with self._changed:
            if not self._items:
                self._changed.wait(timeout)
            if not self._items:
                return None
            size, item = self._items.popleft()
            self._size -= size
            self._changed.notify_all()
            return item

    def close(self) -> None:
        """Nobody will read any more: every `put` that waits or comes raises Closed."""
        with self._changed:
            self._closed = True
            self._items.clear()
            self._size = 0
            self._changed.notify_all()
