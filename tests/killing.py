"""Kills a sync at random moments and compares what a plain sync makes of the rest with a store that nobody disturbed.

Runs are forked from this process (starting an interpreter would take longer than the run) and killed by SIGKILL. The clock stands still,
so that all bytes can be compared; of what is compared only the numbers of runs are left out.
"""

import hashlib
import os
import random
import shutil
import signal
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from federation import clock
from federation.store import tables as t
from federation.sync.source_run import Batch
from tests.loopback import Request, Server, cached, serve
from tests.region import HEAD, Region, dataset

MOMENT = datetime(2026, 1, 31, 3, 15, tzinfo=UTC)
# The number of the run that wrote a row, and the order in which rows came, may differ; all else may not.
_LEFT_OUT = frozenset({"run", "complete_run", "first_run", "id", "seq"})
_NOT_COMPARED = frozenset({"run", "lease", "finding_gone", "departure", "source"})


@dataclass
class Feed:
    """Hydra pages of `count` datasets; `version` 2 has some changed, some absent and some new. One dataset stands on the first and on the
    last page with different words, and the second page has a wrong media type, so that there are findings about pages.
    """

    count: int
    per_page: int = 100
    version: int = 1
    _made: dict[tuple[int, str], tuple[bytes, str]] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        numbers = range(self.count) if self.version == 1 else [n for n in range(self.count + self.count // 50) if n % 50 != 7]
        return [f"d{number:05d}" for number in numbers]

    @property
    def last(self) -> int:
        return -(-len(self.names) // self.per_page)

    def answer(self, request: Request) -> "object":
        """One page, with a validator."""
        key = (self.version, request.path)
        if key not in self._made:
            number = int(request.path.strip("/").removesuffix(".ttl"))
            self._made[key] = self.page(number), "application/xml" if number == 2 else "text/turtle"
        body, media_type = self._made[key]
        return cached(body, media_type)(request)

    def page(self, number: int) -> bytes:
        """One page in Turtle."""
        names = self.names[(number - 1) * self.per_page : number * self.per_page]
        following = f"; hydra:next </{number + 1}.ttl> " if number < self.last else ""
        view = f"</{number}.ttl> a hydra:PartialCollectionView ; hydra:totalItems {len(self.names)} {following}.\n"
        sets = [dataset(name, self.title(name), '; dcat:keyword "Stadtplan", "Verkehr"') for name in names]
        if number == self.last > 1:
            sets.append(dataset(self.names[0], self.title(self.names[0]), '; dcat:keyword "Zweite Seite"'))
        return (HEAD + view + "".join(sets)).encode()

    def title(self, name: str) -> str:
        """Every tenth one is another in version 2."""
        return f"{name} neu" if self.version == 2 and name.endswith("3") else name


@contextmanager
def served(feed: Feed) -> Iterator[Server]:
    """The feed on loopback."""
    with serve(feed.answer) as server:  # type: ignore[arg-type]
        yield server


class Trial:
    """Runs, kills and compares in folders below one folder."""

    def __init__(self, folder: Path, feed: Feed, server: Server, batch: int = 500) -> None:
        self.folder, self.feed, self.server, self.batch = folder, feed, server, batch
        self._numbers = 0

    def region(self, before: Path | None = None) -> Region:
        """A new workspace, empty or as another one is."""
        self._numbers += 1
        folder = self.folder / f"r{self._numbers}"
        if before is not None:
            shutil.copytree(before, folder)
        region = Region(folder)
        region.member("stadt", f"{self.server.url}/1.ttl")
        return region

    def start(self, region: Region) -> int:
        """Forks a sync; gives the process."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # threads of the server: they are at rest
            child = os.fork()
        if child:
            return child
        code = 1
        try:
            Batch.full = lambda batch: len(batch.records) >= self.batch  # type: ignore[method-assign, assignment]
            with clock.told_by(lambda: MOMENT):
                code = region.sync().exit_code
        finally:
            os._exit(code)

    def sync(self, region: Region) -> float:
        """A sync that nobody disturbs; seconds that it took."""
        began = time.monotonic()
        _, status = os.waitpid(self.start(region), 0)
        assert os.waitstatus_to_exitcode(status) == 0, status
        return time.monotonic() - began

    def killed(self, region: Region, after: float) -> bool:
        """A sync that is killed after so many seconds; False where it had ended before."""
        child = self.start(region)
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        return os.WIFSIGNALED(status)


@dataclass(frozen=True)
class Tally:
    """What a number of kills came to."""

    kills: int
    in_time: int
    done: int  # killed after the verdict, amid publishing
    begun: int  # killed after the first rows were written, before the verdict
    differences: list[str]


def kill_often(trial: Trial, kills: int, seed: int) -> Tally:
    """Half of the kills hit a first sync, half one of a feed that changed; after each a plain sync has to bring what nobody disturbed."""
    feed, random_ = trial.feed, random.Random(seed)
    feed.version = 1
    first = trial.region()
    long_first = trial.sync(first)
    after_first = state(first)
    feed.version = 2
    second, again = trial.region(first.folder), trial.region(first.folder)
    long_second = trial.sync(second)
    trial.sync(again)
    trial.sync(again)
    after_second, after_third = state(second), state(again)
    assert after_first != after_second != after_third, "nothing to tell apart"
    in_time = done = begun = 0
    differences: list[str] = []
    for number in range(kills):
        feed.version = 1 + number % 2
        region = trial.region(None if feed.version == 1 else first.folder)
        after = random_.uniform(0, long_first if feed.version == 1 else long_second)
        in_time += trial.killed(region, after)
        finished, stored = _reached(region, feed.version)
        done, begun = done + finished, begun + (stored and not finished)
        trial.sync(region)
        expected = after_first if feed.version == 1 else after_third if finished else after_second
        what = difference(expected, state(region))
        differences += [f"kill {number} after {after:.3f} s, version {feed.version}: {each}" for each in what]
        shutil.rmtree(region.folder)
    return Tally(kills, in_time, done, begun, differences)


def _reached(region: Region, version: int) -> tuple[bool, bool]:
    """Whether the killed run had come to its verdict, and whether it had written records."""
    if not (region.folder / "federation.db").exists():
        return False, False
    with region.open() as store:
        runs = store.runs("stadt")
        if len(runs) < version:
            return False, False
        with store.read() as connection:
            written = connection.execute(select(t.record.c.run).where(t.record.c.run == runs[0].id).limit(1)).first()
        return runs[0].outcome == "done", written is not None


def state(region: Region) -> dict[str, str]:
    """{table or file: digest} of all that has to be the same."""
    found = {}
    with region.open() as store, store.read() as connection:
        for name, table in t.metadata.tables.items():
            if name not in _NOT_COMPARED:
                columns = [column for column in table.c if column.name not in _LEFT_OUT]
                rows = sorted(repr(tuple(row)) for row in connection.execute(select(*columns)))
                found[name] = f"{len(rows)} rows, {hashlib.sha256(chr(10).join(rows).encode()).hexdigest()[:16]}"
        states = connection.execute(select(t.source.c.id, t.source.c.state, t.source.c.held, t.source.c.failures)).all()
        found["source"] = repr(sorted(map(tuple, states)))
    public = region.folder / "public"
    for path in sorted(public.rglob("*")):
        if path.is_file():
            found[str(path.relative_to(public))] = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    return found


def difference(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """What two states differ in."""
    return [f"{key}: {one.get(key)} and {other.get(key)}" for key in sorted({*one, *other}) if one.get(key) != other.get(key)]
