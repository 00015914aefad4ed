"""How the database is opened and how every read and write is bracketed: pragmas, transactions, errors in our words."""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from federation.errors import ConfigError, StoreError

BUSY_SECONDS = 30.0
_TRY_SECONDS = 1.0  # SQLite waits for a lock deaf to signals, so it waits several times

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


def _engine(url: URL, *, writes: bool, opened: Callable[[], sqlite3.Connection] | None = None) -> Engine:
    # hide_parameters: values may be personal data, and errors are logged
    if url.get_backend_name() != "sqlite":
        try:
            return create_engine(url, hide_parameters=True, pool_pre_ping=True)
        except (ModuleNotFoundError, NoSuchModuleError) as error:
            raise ConfigError("store-driver", field="store.url", value=url.render_as_string()) from error
    engine = create_engine(
        url, hide_parameters=True, connect_args={"timeout": _TRY_SECONDS if writes else BUSY_SECONDS, "check_same_thread": False},
        poolclass=QueuePool, pool_size=1 if writes else 4, max_overflow=0 if writes else 16, pool_timeout=BUSY_SECONDS,
        **({} if opened is None else {"creator": opened}),
    )  # fmt: skip
    event.listen(engine, "connect", _prepare if writes else _prepare_reader)
    event.listen(engine, "begin", _begin_write if writes else _begin_read)
    return engine


def _begin_write(connection: Connection) -> None:
    ends = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except DBAPIError as error:
            if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= ends:
                raise
        else:
            return


def _begin_read(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


class Transactions:
    """The open database: `write` and `read` are the only doors. One writer at a time, in this process and among processes; readers
    never wait and are never waited for (WAL). Safe to use from several threads; not over a fork."""

    def __init__(self, url: URL, *, read_only: bool = False) -> None:
        self.url = url
        self.where = url.render_as_string()  # without a password
        self._read_only = read_only and self.sqlite
        self._writer = _engine(url, writes=True)
        self._file = self._is()
        self._reader = _engine(url, writes=False, opened=self._opened if self._read_only else None) if self.sqlite else self._writer
        self._was_logged = self._read_only and self._logged()
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
        joined: Connection | None = getattr(self._here, "joined", None)
        if joined is not None:
            yield joined
            return
        if getattr(self._here, "writing", False):
            raise RuntimeError("write transactions do not nest")
        if self._read_only:
            raise StoreError("store-read-only", value=str(self.path))
        with in_our_words(self.where), self._writer.connect() as connection:
            self._durability(connection, durable)
            with connection.begin():
                if self._is() != self._file:  # what is written now would be in no file
                    raise StoreError("store-replaced", value=self.where)
                self._here.writing = True
                try:
                    if not self.sqlite and not durable:
                        connection.exec_driver_sql("SET LOCAL synchronous_commit TO OFF")
                    yield connection
                finally:
                    self._here.writing = False

    @contextmanager
    def together(self) -> Iterator[None]:
        """What this thread writes in the block is one transaction: every `write` in it takes part. What it reads there is as it was
        before."""
        with self.write() as connection:
            self._here.joined = connection
            try:
                yield
            finally:
                self._here.joined = None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One short read transaction: everything read in it is of one moment; it cannot write. Do not keep it open over a page."""
        before = self._unwatched()
        with in_our_words(self.where), self._reader.connect() as connection:
            if not self.sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin() as transaction:
                yield connection
                transaction.rollback()
        if before and before != self._unwatched():
            raise StoreError("store-locked", value=self.where)

    def _is(self) -> tuple[int, int] | None:
        """Which file the database is; None where there is none (any more)."""
        try:
            found = os.stat(self.url.database or "") if self.sqlite else None
        except OSError:
            found = None
        return (found.st_dev, found.st_ino) if found else None

    # Reading with no right to write: SQLite needs two files beside the database, which only a writer can make. While no writer is there
    # they are missing, and the database is read as one that nobody changes; should somebody begin in that moment, it shows afterwards.

    def _opened(self) -> sqlite3.Connection:
        way = "mode=ro" if self._logged() else "mode=ro&immutable=1"
        return sqlite3.connect(f"{Path(self.url.database or '').absolute().as_uri()}?{way}", uri=True, timeout=BUSY_SECONDS,
                               check_same_thread=False)  # fmt: skip

    def _logged(self) -> bool:
        path = f"{self.url.database}-wal"
        return os.path.exists(path) and os.access(path, os.R_OK)

    def _unwatched(self) -> tuple[int, ...]:
        """What shows that an unchangeable database was changed; () where SQLite itself looks after that."""
        if not self._read_only:
            return ()
        if self._logged() != self._was_logged:
            self._was_logged = self._logged()
            self._reader.dispose()
        if self._was_logged:
            return ()
        found = os.stat(self.url.database or "")
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _durability(self, connection: Connection, durable: bool) -> None:
        if self.sqlite:  # cannot be changed inside a transaction, so not through SQLAlchemy, which would begin one
            driver: Any = connection.connection.driver_connection
            driver.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")


def maintenance_engine(url: URL) -> Engine:
    """An engine without a pool for opening and migrating: nothing of it stays open."""
    if url.get_backend_name() != "sqlite":
        return _engine(url, writes=True)
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": _TRY_SECONDS}, poolclass=NullPool)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin_write)
    return engine
