"""Brings a database to the newest tables: creates them in an empty one, migrates an older one, refuses a newer or a foreign one."""

import os
import sqlite3
import time
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, Connection, inspect, text

from federation.errors import StoreError
from federation.store.tables import VERSION
from federation.store.transactions import BUSY_SECONDS, in_our_words, maintenance_engine

if TYPE_CHECKING:
    from alembic.config import Config


def prepare(url: URL, *, create: bool) -> None:
    """Makes the database at `url` ready for use. StoreError: store-missing, store-folder-missing, store-read-only,
    store-not-a-database, store-foreign, store-newer, store-locked, store-full, store-unreachable."""
    where = url.render_as_string()
    if url.get_backend_name() == "sqlite":
        _check_file(url, create=create)
    engine = maintenance_engine(url)
    with in_our_words(where), engine.connect() as connection:
        if url.get_backend_name() == "sqlite":
            _write_ahead(connection)
        with connection.begin():  # exclusive on SQLite: of two processes that open an empty file one creates the tables
            if not connection.dialect.name.startswith("sqlite"):
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7203114)")
            _migrate(connection, where)
    engine.dispose()


def version(connection: Connection) -> str | None:
    """The migration that the database is at; None where it has no tables at all. StoreError where its tables are not ours."""
    names = inspect(connection).get_table_names()
    if "alembic_version" in names:
        found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if found is not None:
            return found
        names.remove("alembic_version")
    if names:
        raise StoreError("store-foreign", value=connection.engine.url.render_as_string(), tables=", ".join(sorted(names)[:5]))
    return None


def known_versions() -> set[str]:
    """Every migration that this program has."""
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(_alembic()).walk_revisions()}


def _alembic() -> "Config":
    # imported here since opening a database that needs nothing is what happens every time
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(files("federation.store") / "migrations").replace("%", "%%"))
    return config


def _migrate(connection: Connection, where: str) -> None:
    found = version(connection)
    if found == VERSION:
        return
    if found is not None and found not in known_versions():
        raise StoreError("store-newer", value=where, version=found, newest=VERSION)
    from alembic import command

    config = _alembic()
    config.attributes["connection"] = connection
    command.upgrade(config, VERSION)


def _check_file(url: URL, *, create: bool) -> None:
    path = Path(url.database or "")
    if path.is_dir():
        raise StoreError("store-not-a-database", value=str(path))
    if not path.parent.is_dir():
        raise StoreError("store-folder-missing", value=str(path.parent))
    if not path.exists() and not create:
        raise StoreError("store-missing", value=str(path))
    locked = _not_writable(path)
    if locked is not None:
        raise StoreError("store-read-only", value=str(locked))


def _not_writable(path: Path) -> Path | None:
    # WAL needs two more files beside the database, so that the folder must be writable as well
    return next((each for each in (path, path.parent) if each.exists() and not os.access(each, os.R_OK | os.W_OK)), None)


def may_write(url: URL) -> bool:
    """Whether this account may write the database; a server says so itself, later."""
    return url.get_backend_name() != "sqlite" or _not_writable(Path(url.database or "")) is None


def check_version(connection: Connection) -> None:
    """StoreError where the tables are not those of this program: store-newer, store-foreign, and store-read-only where they are older,
    since nothing may be migrated."""
    found, where = version(connection), connection.engine.url.render_as_string()
    if found is not None and found not in known_versions():
        raise StoreError("store-newer", value=where, version=found, newest=VERSION)
    if found != VERSION:
        raise StoreError("store-read-only", value=where)


def _write_ahead(connection: Connection) -> None:
    """WAL is kept in the file. Switching to it does not wait for other connections by itself, so it is tried until the time is up."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    end = time.monotonic() + BUSY_SECONDS
    driver.execute("PRAGMA page_size=8192")  # only while the file is empty; packed values fit, a fifth faster than 4096
    while True:
        try:
            driver.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(0.05)
