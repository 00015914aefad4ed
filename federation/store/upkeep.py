"""Upkeep of the database file itself: what the query planner should know, and a -wal file that does not stay as large as it once was."""

import sqlite3
from contextlib import closing

from federation.store.transactions import BUSY_SECONDS, Transactions, in_our_words


def optimise(store: Transactions) -> None:
    """Refreshes statistics where tables have changed much and folds the -wal file into the database. A server does both by itself.
    Readers and writers may be at work; what they hold up is left for the next time. StoreError as for any write.
    """
    if store.path is None:
        return
    with in_our_words(store.where), closing(sqlite3.connect(store.path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
        connection.execute("PRAGMA optimize=0x10002")  # also tables that this connection has not looked at (sqlite.org/pragma.html)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
