"""The DCAT connector keeps what every connector promises."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from tests.connector_contract import ConnectorContract
from tests.loopback import Server, serve
from tests.region import HEAD, dataset, turtle

_PAGE = 10


class _Offering:
    """A feed in pages of Turtle."""

    def __init__(self, server: Server) -> None:
        self._server, self.url = server, f"{server.url}/1.ttl"

    @property
    def count(self) -> int:
        return self._server.count()

    def offer(self, names: Iterable[str]) -> None:
        names = list(names)
        pages = [names[start : start + _PAGE] for start in range(0, len(names), _PAGE)] or [[]]
        self._server.routes.clear()
        for number, page in enumerate(pages, 1):
            following = f"hydra:next <{number + 1}.ttl> ; " if number < len(pages) else ""
            view = f"<?> a hydra:PartialCollectionView ; {following}hydra:totalItems {len(names)} .\n"
            self._server.routes[f"/{number}.ttl"] = turtle(HEAD + view + "".join(dataset(name) for name in page))
        self._names = names

    def break_one(self, name: str) -> None:
        names = self._names
        self.offer(names)
        path = f"/{names.index(name) // _PAGE + 1}.ttl"
        status, headers, body = self._server.routes[path]  # type: ignore[misc]
        far = "".join(f"<https://stadt.example/dataset/{name}> dct:relation <https://x.example/{number}> .\n" for number in range(50_001))
        self._server.routes[path] = (status, headers, body + far.encode())

    def truncate(self) -> None:
        self._server.routes = {path: route for path, route in self._server.routes.items() if path == "/1.ttl"}

    def fail(self, status: int) -> None:
        if status:
            self._server.routes = dict.fromkeys(
                (f"/{number}.ttl" for number in range(1, 9)), (status, {"Content-Type": "text/plain"}, b"no")
            )
        else:
            self.offer(self._names)


class TestContract(ConnectorContract):
    connector = "dcat"

    @contextmanager
    def serve(self, names: Sequence[str]) -> Iterator[_Offering]:
        with serve({}) as server:
            offering = _Offering(server)
            offering.offer(names)
            yield offering
