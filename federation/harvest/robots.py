"""robots.txt (RFC 9309) for connectors that crawl pages: what a site asks programs to leave alone."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.robotparser import RobotFileParser

from federation.errors import SourceError

if TYPE_CHECKING:
    from federation.harvest.http import Http

KEPT = 86_400.0
LARGEST = 512 * 1024
LONGEST_DELAY = 10.0
_NO_RULES = frozenset(("http-not-found", "http-gone", "http-forbidden", "http-unauthorised", "http-status", "http-redirect-loop"))


class Robots:
    """Remembers the rules of every site for a day."""

    def __init__(self, http: "Http", product: str, clock: Callable[[], float], slower: Callable[[str, float], None]) -> None:
        self._http = http
        self._product = product
        self._clock = clock
        self._slower = slower
        self._rules: dict[str, tuple[float, RobotFileParser]] = {}
        self._lock = threading.Lock()

    def allowed(self, url: str, site: str, host: str, source: str = "") -> bool:
        """Whether `site` (scheme and host) lets us read `url`. A site without the file allows all; SourceError where it cannot be asked:
        a site that is down must not look like one that forbids everything, for then its datasets would seem withdrawn.
        """
        with self._lock:
            known = self._rules.get(site)
        if known is None or known[0] < self._clock():
            known = (self._clock() + KEPT, self._read(site, source))
            with self._lock:
                self._rules[site] = known
            delay = known[1].crawl_delay(self._product)
            if delay:
                self._slower(host, min(float(delay), LONGEST_DELAY))
        return known[1].can_fetch(self._product, url)

    def _read(self, site: str, source: str) -> RobotFileParser:
        rules = RobotFileParser()
        try:
            body = self._http.get(f"{site}/robots.txt", source=source, limit=LARGEST).body
        except SourceError as error:
            if error.code not in _NO_RULES:
                raise
            body = b""
        rules.parse(body.decode("utf-8-sig", "replace").splitlines())
        rules.modified()
        return rules
