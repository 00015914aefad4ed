"""Heartbeat: keeps the leases of a piece of work while it is done."""

import logging
import threading
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from federation.errors import StoreError
from federation.store.store import Store

log = logging.getLogger("federation.schedule")


class Heartbeat:
    """For the time of the block, a thread renews what this process holds under `names`, four times in the `seconds` that a lease lasts:
    a page of a hundred thousand datasets, or a generation, may take longer than that. Where `name` is lost (the machine slept, another
    one has taken over), `stop` is set: the work is to end.
    """

    def __init__(self, store: Store, name: str, more: Iterable[str], seconds: float, stop: threading.Event) -> None:
        self._store, self._name, self._seconds, self._stop = store, name, seconds, stop
        self._names = {name, *more}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"heartbeat {name}", daemon=True)
        self.lost = False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(self._seconds / 4):
            try:
                held = self._store.renew_all(self._names, self._seconds)
            except StoreError as error:  # the database may be locked for a while: there are three more beats
                log.warning("lease not renewed", extra={"lease": self._name, "error": error.code})
                continue
            if self._name not in held:
                log.warning("lease lost, the work ends", extra={"lease": self._name})
                self.lost = True
                self._stop.set()
                return
