"""How the database is opened and how every read and write is bracketed: pragmas, transactions, errors in our words."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from federation.errors import ConfigError, StoreError

BUSY_SECONDS = 30.0

# Primary result codes of SQLite (sqlite.org/rescode.html) by what a person does about them.
_SQLITE = {
    sqlite3.SQLITE_BUSY: "store-locked", sqlite3.SQLITE_LOCKED: "store-locked", sqlite3.SQLITE_READONLY: "store-read-only",
    sqlite3.SQLITE_PERM: "store-read-only", sqlite3.SQLITE_FULL: "store-full", sqlite3.SQLITE_CORRUPT: "store-corrupt",
    sqlite3.SQLITE_NOTADB: "store-not-a-database", sqlite3.SQLITE_CANTOPEN: "store-unreachable", sqlite3.SQLITE_IOERR: "store-unreachable",
}  # fmt: skip


def address(url: str, folder: Path | None = None) -> URL:
    """The checked URL; a relative SQLite path starts in `folder`, else where the process is. ConfigError for one that cannot be used."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigError("store-url", field="store.url") from error
    kind = parsed.get_backend_name()
    if kind == "postgresql":
        return parsed if "+" in parsed.drivername else parsed.set(drivername="postgresql+psycopg")
    if kind != "sqlite" or not parsed.database or parsed.database.startswith((":memory:", "file:")):
        raise ConfigError("store-url", field="store.url", value=parsed.render_as_string())
    return parsed.set(database=str((folder or Path.cwd()) / parsed.database))


@contextmanager
def in_our_words(where: str) -> Iterator[None]:
    """Turns what the database driver raises into a StoreError; faults of our own code (constraints, wrong SQL) pass as they are."""
    try:
        yield
    except DBAPIError as error:
        ours = _translated(error.orig, where)
        if ours is None:
            raise
        raise ours from error
    except sqlite3.Error as error:
        ours = _translated(error, where)
        if ours is None:
            raise
        raise ours from error
    except PoolTimeout as error:
        raise StoreError("store-locked", value=where) from error


def _translated(error: BaseException | None, where: str) -> StoreError | None:
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)
        if code is not None and code & 0xFF in _SQLITE:
            return StoreError(_SQLITE[code & 0xFF], value=where, detail=str(error))
        return StoreError("store-failed", value=where, detail=str(error)) if type(error) is sqlite3.OperationalError else None
    if type(error).__name__ == "OperationalError" or getattr(error, "sqlstate", None) in ("25006", "53100"):
        code = {"25006": "store-read-only", "53100": "store-full"}.get(getattr(error, "sqlstate", None) or "", "store-unreachable")
        return StoreError(code, value=where, detail=str(error))
    return None


def _prepare(connection: Any, _record: object) -> None:
    # The driver's own BEGIN comes too late (at the first write) and never before DDL: transactions are begun by us.
    connection.isolation_level = None
    # no mmap: measured without gain, it counts as memory of the process, and a disk fault would kill it instead of raising
    for pragma in ("foreign_keys=ON", "synchronous=NORMAL", "cache_size=-16384", "temp_store=MEMORY", "journal_size_limit=67108864"):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_reader(connection: Any, record: object) -> None:
    _prepare(connection, record)
    connection.execute("PRAGMA query_only=ON")  # a write in a read transaction would be lost without a word


def _engine(url: URL, *, writes: bool) -> Engine:
    # hide_parameters: values may be personal data, and errors are logged
    if url.get_backend_name() != "sqlite":
        try:
            return create_engine(url, hide_parameters=True, pool_pre_ping=True)
        except (ModuleNotFoundError, NoSuchModuleError) as error:
            raise ConfigError("store-driver", field="store.url", value=url.render_as_string()) from error
    engine = create_engine(
        url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        poolclass=QueuePool, pool_size=1 if writes else 4, max_overflow=0 if writes else 16, pool_timeout=BUSY_SECONDS,
    )  # fmt: skip
    event.listen(engine, "connect", _prepare if writes else _prepare_reader)
    event.listen(engine, "begin", _begin_write if writes else _begin_read)
    return engine


def _begin_write(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_read(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


class Transactions:
    """The open database: `write` and `read` are the only doors. One writer at a time, in this process and among processes; readers
    never wait and are never waited for (WAL). Safe to use from several threads; not over a fork."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self.where = url.render_as_string()  # without a password
        self._writer = _engine(url, writes=True)
        self._reader = _engine(url, writes=False) if self.sqlite else self._writer
        self._here = threading.local()

    @property
    def sqlite(self) -> bool:
        """Whether this is an SQLite file (else PostgreSQL)."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def path(self) -> Path | None:
        """The SQLite file; None for a server."""
        return Path(self.url.database or "") if self.sqlite else None

    def close(self) -> None:
        """Gives back all connections; the last one to close an SQLite file folds the -wal file into it."""
        self._reader.dispose()
        self._writer.dispose()

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Connection]:
        """One write transaction, exclusive from its start: all of it or, after any exception, nothing. `durable` waits until it is on
        the disk (a generation); otherwise a power cut may take back the last commits, in order, and a crash of the process none.
        StoreError: store-locked (after 30 s), store-read-only, store-full, store-corrupt, store-unreachable."""
        if getattr(self._here, "writing", False):
            raise RuntimeError("write transactions do not nest")
        with in_our_words(self.where), self._writer.connect() as connection:
            self._durability(connection, durable)
            with connection.begin():
                self._here.writing = True
                try:
                    if not self.sqlite and not durable:
                        connection.exec_driver_sql("SET LOCAL synchronous_commit TO OFF")
                    yield connection
                finally:
                    self._here.writing = False

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One short read transaction: everything read in it is of one moment; it cannot write. Do not keep it open over a page."""
        with in_our_words(self.where), self._reader.connect() as connection:
            if not self.sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin() as transaction:
                yield connection
                transaction.rollback()

    def _durability(self, connection: Connection, durable: bool) -> None:
        if self.sqlite:  # cannot be changed inside a transaction, so not through SQLAlchemy, which would begin one
            driver: Any = connection.connection.driver_connection
            driver.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")


def maintenance_engine(url: URL) -> Engine:
    """An engine without a pool for opening and migrating: nothing of it stays open."""
    if url.get_backend_name() != "sqlite":
        return _engine(url, writes=True)
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS}, poolclass=NullPool)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin_write)
    return engine
