"""Backup and restore of an SQLite state: made while others write, verified before it counts, put in place by rename."""

import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

import zstandard

from federation.dcat.names import content
from federation.errors import StoreError
from federation.store import blobs
from federation.store.erasure import LIST as ERASED
from federation.store.erasure import keep_erased
from federation.store.migrate import known_versions
from federation.store.store import Store
from federation.store.tables import VERSION, metadata
from federation.store.transactions import BUSY_SECONDS, address, in_our_words

PAGES = 2048  # copied per step; between two steps the progress is told and the process can be interrupted
SAMPLE = 500  # bodies and records whose content is read and whose digest is reckoned again
SUFFIX = ".zst"

_FILLED = {"source", "run", "record", "item", "generation", "change", "delivery"}  # rows here would be lost
_REFERENCES = (("record", "body"), ("item", "body"), ("change", "body"))


class Contents(NamedTuple):
    """What a verified file holds: the migration it is at and {table: number of rows}."""

    version: str
    rows: dict[str, int]


def backup(store: Store, target: Path, *, progress: Callable[[int, int], None] | None = None) -> Contents:
    """Writes the whole state of one moment to `target` (an SQLite file; packed where its name ends in .zst), verified.

    Runs go on meanwhile. An existing target is replaced only when the new one is complete. `progress` is told (pages done, all).
    StoreError: backup-postgres, backup-folder-missing, backup-onto-itself, backup-damaged (with what does not fit), store-full,
    store-read-only, store-corrupt.
    """
    path = _file(store.url.get_backend_name(), store.path)
    if not target.parent.is_dir():
        raise StoreError("backup-folder-missing", value=str(target.parent))
    if target.is_dir() or (target.exists() and path.exists() and target.samefile(path)):
        raise StoreError("backup-onto-itself", value=str(target))
    with _workplace(target) as folder, _disk(str(target)):
        copy = folder / "copy.db"
        expected = _copy(path, copy, progress, f"{path} -> {target}")
        found = _verify(copy, target.name)
        if found.rows != expected:
            raise StoreError("backup-damaged", value=str(target), detail="numbers of rows differ from the original")
        _place(_packed(copy) if target.suffix == SUFFIX else copy, target)
    return found


def restore(source: Path, url: str, *, force: bool = False, folder: Path | None = None) -> Contents:
    """Puts a backup in the place of the database at `url`, which nobody may use meanwhile; it is verified before.

    Refused over a database that holds something (or is damaged) unless `force`; what was there stays beside it as
    `<name>.before-restore` (-2, -3 ... where one is there already). An older backup is brought up to date, and what
    was erased since (`erased.csv` beside the workspace's files) is erased in it as well.
    StoreError: restore-missing, restore-not-empty, restore-newer, backup-postgres, backup-damaged, store-locked, store-folder-missing.
    """
    checked = address(url, folder)
    target = _file(checked.get_backend_name(), Path(checked.database or ""))
    if not source.is_file():
        raise StoreError("restore-missing", value=str(source))
    if not target.parent.is_dir():
        raise StoreError("store-folder-missing", value=str(target.parent))
    if target.exists() and source.samefile(target):
        raise StoreError("backup-onto-itself", value=str(source))
    with _workplace(target) as place, _disk(str(target)):
        copy = place / "copy.db"
        if source.suffix == SUFFIX:
            _unpack(source, copy)
        else:
            shutil.copyfile(source, copy)
        found = _verify(copy, source.name)
        if found.version not in known_versions():
            raise StoreError("restore-newer", value=str(source), version=found.version, newest=VERSION)
        with Store.open(f"sqlite:///{copy}") as state:  # migrates where needed; a failure leaves the target alone
            keep_erased(state, (folder or target.parent) / ERASED)  # the backup may be older than an erasure
        _one_file(copy)
        if target.exists():
            _same_owner(target, copy)
            _step_aside(target, force=force)
        _place(copy, target)
    return found


def _verify(copy: Path, name: str) -> Contents:
    """Proves a file of our own whole: SQLite's own check, references, digests and packed values of a sample. `name` is for people."""
    try:
        with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")  # so that the file alone is everything
            problems = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
            if problems != ["ok"]:
                raise _Damaged("; ".join(problems)[:500])
            tables = _tables(connection)
            if "alembic_version" not in tables:
                raise _Damaged("not a database of this program")
            if connection.execute("PRAGMA foreign_key_check").fetchone():
                raise _Damaged("a row refers to one that is missing")
            _check_references(connection, tables)
            _check_sample(connection, tables)
            (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone() or ("",)
            return Contents(version, _counts(connection, tables))
    except (sqlite3.DatabaseError, _Damaged) as error:
        raise StoreError("backup-damaged", value=name, detail=str(error)) from error


class _Damaged(Exception):
    """What does not fit, before it is known which file is meant."""


def _tables(connection: sqlite3.Connection) -> set[str]:
    return {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _check_references(connection: sqlite3.Connection, tables: set[str]) -> None:
    for table, column in _REFERENCES:
        if {table, "body"} <= tables:
            query = f"SELECT count(*) FROM {table} WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT digest FROM body)"
            (missing,) = connection.execute(query).fetchone()
            if missing:
                raise _Damaged(f"{missing} bodies of {table} are missing")


def _check_sample(connection: sqlite3.Connection, tables: set[str]) -> None:
    start = random.randbytes(16)  # digests are evenly spread, so those behind any of them are a sample
    try:
        for sign in (">=", "<") if "body" in tables else ():
            query = f"SELECT digest, nt, fragments FROM body WHERE digest {sign} ? ORDER BY digest LIMIT ?"
            for digest, nt, fragments in connection.execute(query, (start, SAMPLE)):
                blobs.unpack_fragments(fragments)
                if content(blobs.unpack(nt)) != digest:
                    raise _Damaged(f"the body {digest.hex()} is not what its digest says")
        if "record" in tables:
            for (raw,) in connection.execute("SELECT raw FROM record WHERE raw IS NOT NULL LIMIT ?", (SAMPLE,)):
                blobs.unpack(raw)
    except StoreError as error:
        raise _Damaged(f"a packed value cannot be read ({error.params.get('detail', error.code)})") from error


def _counts(connection: sqlite3.Connection, tables: set[str]) -> dict[str, int]:
    return {
        name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in sorted(metadata.tables) if name in tables
    }


def _copy(path: Path, copy: Path, progress: Callable[[int, int], None] | None, where: str) -> dict[str, int]:
    # The open read transaction fixes the moment: without it each foreign commit would start the copy all over again.
    with in_our_words(where), closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as original:
        original.execute("PRAGMA query_only=ON")
        original.execute("BEGIN")
        expected = _counts(original, _tables(original))
        with closing(sqlite3.connect(copy)) as destination:
            original.backup(destination, pages=PAGES, progress=_told(progress), sleep=0)
        original.execute("ROLLBACK")
    return expected


def _told(progress: Callable[[int, int], None] | None) -> Callable[[int, int, int], object] | None:
    return None if progress is None else lambda _status, left, pages: progress(pages - left, pages)


def _one_file(path: Path) -> None:
    with in_our_words(str(path)), closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")  # refused by SQLite while any other connection is open


def _step_aside(target: Path, *, force: bool) -> None:
    """Keeps the present database under another name; refuses where it holds something, or another program has it open."""
    filled = _filled(target)
    if filled is not False and not force:
        raise StoreError("restore-not-empty", value=str(target))
    aside = _free_name(target)
    if filled is None:  # a damaged one keeps its side files: they may hold what can be saved
        for ending in ("-wal", "-shm"):
            if Path(f"{target}{ending}").exists():
                os.replace(f"{target}{ending}", f"{aside}{ending}")
    else:
        _one_file(target)
    try:
        os.link(target, aside)  # so that at no moment the database is missing
    except OSError:
        os.replace(target, aside)


def _filled(target: Path) -> bool | None:
    """Whether a database holds anything that could be lost, be it of another program; None where it is damaged."""
    with target.open("rb") as file:
        head = file.read(16)
    wal = Path(f"{target}-wal")
    if head != b"SQLite format 3\0" and (head or wal.exists()):
        return None  # not even opened: SQLite would remove the -wal of such a file
    try:
        with closing(sqlite3.connect(target, timeout=1)) as connection:
            tables = _tables(connection)
            foreign = tables - {*metadata.tables, "alembic_version", "sqlite_sequence"}
            return bool(foreign) or any(_counts(connection, tables & _FILLED).values())
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise StoreError("store-locked", value=str(target), detail=str(error)) from error
        return None


def _same_owner(target: Path, copy: Path) -> None:
    """Restored by root, the database must stay usable for the account that runs the federation."""
    shutil.copymode(target, copy)
    if os.geteuid() == 0:
        os.chown(copy, target.stat().st_uid, target.stat().st_gid)


def _free_name(target: Path) -> Path:
    name = Path(f"{target}.before-restore")
    number = 2
    while name.exists():
        name = Path(f"{target}.before-restore-{number}")
        number += 1
    return name


def _packed(path: Path) -> Path:
    packed = path.with_suffix(SUFFIX)
    with path.open("rb") as plain, packed.open("wb") as target:
        zstandard.ZstdCompressor(level=3, write_checksum=True).copy_stream(plain, target, size=path.stat().st_size)
    again = path.with_suffix(".again")
    _unpack(packed, again)
    with path.open("rb") as plain, again.open("rb") as second:
        if any(a != b for a, b in zip(_blocks(plain.read), _blocks(second.read), strict=True)):
            raise StoreError("backup-damaged", value=path.name, detail="packing and unpacking gave something else")
    return packed


def _blocks(read: Callable[[int], bytes]) -> Iterator[bytes]:
    while block := read(1 << 20):
        yield block


def _unpack(source: Path, target: Path) -> None:
    try:
        with source.open("rb") as packed, target.open("wb") as plain:
            zstandard.ZstdDecompressor().copy_stream(packed, plain)
    except zstandard.ZstdError as error:
        raise StoreError("backup-damaged", value=source.name, detail=str(error)) from error


def _place(made: Path, target: Path) -> None:
    """On the disk first, then under its name, then the name on the disk."""
    with made.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(made, target)
    handle = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _workplace(target: Path) -> Iterator[Path]:
    """A folder beside the target (a rename must stay on one file system) that goes away with everything unfinished in it."""
    with _disk(str(target.parent)):
        folder = Path(mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _disk(where: str) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise StoreError("store-read-only", value=where, detail=str(error)) from error
    except OSError as error:
        code = {28: "store-full", 122: "store-full", 30: "store-read-only"}.get(error.errno or 0, "store-unreachable")
        raise StoreError(code, value=where, detail=str(error)) from error


def _file(kind: str, path: Path | None) -> Path:
    if kind != "sqlite" or path is None:
        raise StoreError("backup-postgres")
    return path
