"""Leases: who does a piece of work, so that two processes never do it at once, nor one slot of the schedule twice.

Claiming and finishing are two facts: a claim that its holder neither renews nor finishes runs out and is taken over.
"""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import Connection, delete, func, select, tuple_, update

from federation import clock
from federation.store import presence
from federation.store import tables as t
from federation.store.presence import myself
from federation.store.rows import LeaseRow
from federation.store.transactions import Transactions
from federation.store.upsert import insert

__all__ = ["KEEP_DAYS", "Leases", "myself"]

KEEP_DAYS = 35  # how long finished slots are remembered


def _moment(seconds: float = 0.0) -> str:
    # always with milliseconds, so that comparing texts compares times
    return (clock.now() + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


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

    def take(self, name: str, seconds: float, slot: str = "") -> bool:
        """`claim` for this process; the lease of one that died without giving it back is taken over at once, as far as that is certain
        (see `presence`). StoreError where others could not be shown that this process is there.
        """
        known = self.holder(name, slot)
        if known is not None and known.holder == myself():
            return False
        presence.show(self.path, name, slot)
        try:
            taken = self.claim(name, myself(), seconds, slot)
            other = None if taken else self.holder(name, slot)
            if other is not None and presence.gone(other.holder, self.path):
                self.release(name, other.holder, slot)
            taken = taken or self.claim(name, myself(), seconds, slot)
        except BaseException:
            presence.hide(self.path, name, slot)
            raise
        if not taken:
            presence.hide(self.path, name, slot)
        return taken

    def free(self, name: str) -> bool:
        """Whether nobody is at this work: `take` would have the lease now."""
        other = self.holder(name, "")
        return other is None or presence.gone(other.holder, self.path)

    def renew(self, name: str, holder: str, seconds: float, slot: str = "") -> bool:
        """Extends an own lease, also one that ran out and that nobody took. False: it is lost, stop working."""
        with self.write() as connection:
            return self._own(connection, name, slot, holder, until=_moment(seconds))

    def finish(self, name: str, slot: str, holder: str) -> bool:
        """The work of the slot is done and the lease free. False: it was lost before."""
        now = _moment()
        with self.write() as connection:
            mine = self._own(connection, name, slot, holder, until=now, done=now)
        self._left(name, holder, slot)
        return mine

    def forget_slots(self) -> int:
        """Drops slots of long ago that a later one has followed (the newest one has to stay, be it a year old); tells how many."""
        newest = select(t.lease.c.name, func.max(t.lease.c.slot)).group_by(t.lease.c.name)
        old = (t.lease.c.slot != "") & (t.lease.c.until < _moment(-KEEP_DAYS * 86400))
        with self.write() as connection:
            return int(connection.execute(delete(t.lease).where(old, tuple_(t.lease.c.name, t.lease.c.slot).not_in(newest))).rowcount)

    def release(self, name: str, holder: str, slot: str = "") -> bool:
        """Gives an own lease back with the work not done: the next one may claim it at once. False: it was lost before."""
        with self.write() as connection:
            mine = self._own(connection, name, slot, holder, until=_moment())
        self._left(name, holder, slot)
        return mine

    def _left(self, name: str, holder: str, slot: str) -> None:
        if holder == myself():
            presence.hide(self.path, name, slot)

    def renew_all(self, names: Iterable[str], seconds: float) -> set[str]:
        """Extends every lease that this process holds under one of these names, whatever its slot; the names of those that it holds."""
        return self._set_own(names, _moment(seconds))

    def release_all(self, names: Iterable[str]) -> set[str]:
        """Gives back every lease that this process holds under one of these names, with its work not done; the names of those."""
        held = self._set_own(names, _moment())
        for name in held:
            presence.hide(self.path, name)
        return held

    def _set_own(self, names: Iterable[str], until: str) -> set[str]:
        mine = t.lease.c.name.in_(list(names)) & (t.lease.c.holder == myself()) & t.lease.c.done.is_(None)
        with self.write() as connection:
            held = set(connection.execute(select(t.lease.c.name).where(mine)).scalars())
            if held:
                connection.execute(update(t.lease).where(mine).values(until=until))
            return held

    def lease(self, name: str, slot: str) -> LeaseRow | None:
        """What is known of a slot (or of the lease without one): also where it is finished or has run out."""
        with self.read() as connection:
            row = connection.execute(select(t.lease).where(t.lease.c.name == name, t.lease.c.slot == slot)).first()
        return LeaseRow._make(row) if row else None

    def finished(self) -> dict[str, str]:
        """{name: its newest slot that was finished}."""
        query = select(t.lease.c.name, func.max(t.lease.c.slot)).where(t.lease.c.slot != "", t.lease.c.done.is_not(None))
        with self.read() as connection:
            return {row[0]: row[1] for row in connection.execute(query.group_by(t.lease.c.name))}

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
