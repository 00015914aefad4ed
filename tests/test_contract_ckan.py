"""The CKAN connector keeps what every connector promises."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from tests.ckan_server import HTML, Answer, Portal, ckan, package
from tests.connector_contract import ConnectorContract


class _Offering:
    """A CKAN with one package per name. No content of a package is so broken that it cannot be mapped."""

    def __init__(self, portal: Portal) -> None:
        self._portal, self.url, self._status = portal, portal.url, 0
        portal.trick = self._trick

    @property
    def count(self) -> int:
        return self._portal.count()

    def offer(self, names: Iterable[str]) -> None:
        self._portal.packages.clear()
        self._portal.add(*(package(int(name.rpartition("-")[2])) for name in names))

    def truncate(self) -> None:
        self._portal.stale = 5

    def fail(self, status: int) -> None:
        self._status = status

    def _trick(self, action: str, query: dict[str, list[str]]) -> Answer | None:
        return (self._status, HTML, b"no") if self._status else None


class TestContract(ConnectorContract):
    connector = "ckan"

    @contextmanager
    def serve(self, names: Sequence[str]) -> Iterator[_Offering]:
        with ckan([]) as portal:
            offering = _Offering(portal)
            offering.offer(names)
            yield offering
