"""Store: the state of a federation, one SQLite file (or a PostgreSQL database).

`with Store.open("sqlite:///federation.db") as store:` - leases and runs (`runs`), what sources say (`records`), their links (`links`),
why something left (`farewells`), what is public (`public`), and the two doors `write` and `read` (`transactions`) for whoever uses
`federation.store.tables` directly.
"""

from pathlib import Path
from types import TracebackType
from typing import Self

from federation.store.farewells import Farewells
from federation.store.links import Links
from federation.store.migrate import check_version, may_write, prepare
from federation.store.public import Public
from federation.store.runs import Runs
from federation.store.transactions import address


class Store(Runs, Links, Farewells, Public):
    """The open state. Values are what the rows of `federation.store.rows` say; errors are StoreErrors with remedy."""

    @classmethod
    def open(cls, url: str, *, create: bool = True, folder: Path | None = None, reading: bool = False) -> Self:
        """Opens the database at a URL (`sqlite:///path`, `postgresql://user:password@host/name`), creates it where it is missing and
        `create` says so, and brings its tables up to date. `folder` is where a relative SQLite path starts (the workspace). With
        `reading`, who may not write the file can read it all the same; `write` is an error then.

        ConfigError: store-url, store-driver. StoreError: store-missing, store-folder-missing, store-read-only, store-locked,
        store-full, store-not-a-database, store-corrupt, store-foreign, store-newer, store-unreachable.
        """
        checked = address(url, folder)
        if reading and not may_write(checked):
            store = cls(checked, read_only=True)
            with store.read() as connection:
                check_version(connection)
            return store
        prepare(checked, create=create)
        return cls(checked)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
