"""Leases: who does a piece of work, so that two processes never do it at once, nor one slot of the schedule twice.

Claiming and finishing are two facts: a claim that its holder neither renews nor finishes runs out and is taken over.
"""

import os
import platform
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from federation.store import tables as t
from federation.store.rows import LeaseRow
from federation.store.transactions import Transactions
from federation.store.upsert import insert

KEEP_DAYS = 35  # how long finished slots are remembered


def _moment(seconds: float = 0.0) -> str:
    # always with milliseconds, so that comparing texts compares times
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def myself() -> str:
    """The name under which this process holds leases: host and process id."""
    return f"{platform.node()}:{os.getpid()}"


def _gone(holder: str) -> bool:
    """Whether a holder was a process of this machine that is no more."""
    host, _, process = holder.rpartition(":")
    if host != platform.node() or not process.isdigit() or int(process) == os.getpid():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


class Leases(Transactions):
    """`holder` names one claimant among all processes ("host:pid:random"). `slot` is what there is one of for each time the work is
    due ("2025-01-31T03:15Z"); a finished slot is never given again. The slot "" is work that may be done any number of times."""

    def claim(self, name: str, holder: str, seconds: float, slot: str = "") -> bool:
        """Takes the lease for `seconds` (then renew). False where another has it (or this holder itself), or the slot is done."""
        now = _moment()
        row = {"name": name, "slot": slot, "holder": holder, "until": _moment(seconds), "done": None}
        statement = insert(self.url, t.lease).values(row)
        free = t.lease.c.done.is_(None) & (t.lease.c.until <= now)
        if slot == "":
            free |= t.lease.c.done.is_not(None)
        statement = statement.on_conflict_do_update(
            index_elements=["name", "slot"], set_={"holder": holder, "until": row["until"], "done": None}, where=free
        )
        with self.write() as connection:
            return connection.execute(statement.returning(t.lease.c.holder)).first() is not None

    def take(self, name: str, seconds: float) -> bool:
        """`claim` for this process; the lease of one on this machine that died without giving it back is taken over at once."""
        if self.claim(name, myself(), seconds):
            return True
        other = self.holder(name)
        if other is not None and not _gone(other.holder):
            return False
        if other is not None:
            self.release(name, other.holder)
        return self.claim(name, myself(), seconds)

    def renew(self, name: str, holder: str, seconds: float, slot: str = "") -> bool:
        """Extends an own lease, also one that ran out and that nobody took. False: it is lost, stop working."""
        with self.write() as connection:
            return self._own(connection, name, slot, holder, until=_moment(seconds))

    def finish(self, name: str, slot: str, holder: str) -> bool:
        """The work of the slot is done and the lease free. False: it was lost before."""
        now = _moment()
        old = delete(t.lease).where(t.lease.c.name == name, t.lease.c.slot != "", t.lease.c.done < _moment(-KEEP_DAYS * 86400))
        with self.write() as connection:
            connection.execute(old)
            return self._own(connection, name, slot, holder, until=now, done=now)

    def release(self, name: str, holder: str, slot: str = "") -> bool:
        """Gives an own lease back with the work not done: the next one may claim it at once. False: it was lost before."""
        with self.write() as connection:
            return self._own(connection, name, slot, holder, until=_moment())

    def holder(self, name: str, slot: str | None = None) -> LeaseRow | None:
        """Who has the lease now (of one slot, else of any); None where it is free, finished or has run out."""
        query = select(t.lease).where(t.lease.c.name == name, t.lease.c.done.is_(None), t.lease.c.until > _moment())
        if slot is not None:
            query = query.where(t.lease.c.slot == slot)
        with self.read() as connection:
            row = connection.execute(query.order_by(t.lease.c.until.desc())).first()
        return LeaseRow._make(row) if row else None

    @staticmethod
    def _own(connection: Connection, name: str, slot: str, holder: str, **values: str) -> bool:
        mine = (t.lease.c.name == name) & (t.lease.c.slot == slot) & (t.lease.c.holder == holder) & t.lease.c.done.is_(None)
        return bool(connection.execute(update(t.lease).where(mine).values(**values)).rowcount)
