"""A year of nights in minutes: many small sources that edit, add, delete and rename datasets while random faults come and go, a clock that
is told what time it is, real HTTP on loopback. `python -m tests.nasty_source.year` plays it and tells what was lost (nothing).
"""

import argparse
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from federation import clock
from federation.schedule.housekeeping import tidy
from federation.sync.decisions import held, release
from tests.nasty_source.catalog import Dataset, edited, generated, renamed
from tests.nasty_source.certificate import selfmade
from tests.nasty_source.faults import FAULTS
from tests.nasty_source.protocols import protocols
from tests.nasty_source.scene import Scene, Server, serve
from tests.region import Region

BEGIN = datetime(2027, 1, 1, 3, 15, tzinfo=UTC)
MISSING_RUNS = 3
NETWORK = """connect_timeout = 1
read_timeout = 1
total_timeout = 3
max_bytes = 16777216
max_wire_bytes = 4194304
per_host = 16
"""
# Not in the lottery: what takes the machine seconds each time, and what changes titles, by which the simulation tells datasets apart.
_LEFT_OUT = frozenset((
    "gzip-bomb", "gzip-bomb-inside", "deep-turtle", "poisoned-huge", "poisoned-long", "poisoned-nameless", "identifier-shared", "slow",
    "charset-lies", "poisoned-address", "poisoned-deep", "endless-body", "endless-headers", "length-too-small", "rate-limited-once",
))  # fmt: skip


def lottery(protocol: str) -> list[str]:
    """The faults that may come over a source of this protocol."""
    return [
        fault.name for fault in FAULTS.values()
        if fault.name not in _LEFT_OUT and not fault.slow and protocol in (fault.protocols or (protocol,))
    ]  # fmt: skip


@dataclass
class Town:
    """One source and what is true of it. `since`: whole listings since a dataset (by token) is no more in the truth; `left`: nights that
    its fault will last.
    """

    scene: Scene
    chance: random.Random
    left: int = 0
    made: int = 0
    since: dict[str, int] = field(default_factory=dict)

    @property
    def truth(self) -> list[Dataset]:
        """What the source really has."""
        return self.scene.datasets

    def live(self) -> Counter[str]:
        """One day of work in the office; how often what was done."""
        done: Counter[str] = Counter()
        datasets = list(self.scene.datasets)
        for number, dataset in enumerate(datasets):
            if self.chance.random() < 0.02:
                datasets[number] = edited(dataset)
                done["edited"] += 1
            elif self.chance.random() < 0.001:
                datasets[number] = renamed([dataset], f"-r{self.chance.randrange(1000)}")[0]
                done["renamed"] += 1
        if self.chance.random() < 0.03 and len(datasets) < 20:
            self.made += 1
            datasets += generated(1, f"{self.scene.name}-neu", self.made)
            done["added"] += 1
        if self.chance.random() < 0.03 and len(datasets) > 5:
            gone = datasets.pop(self.chance.randrange(len(datasets)))
            self.since[gone.token] = 0
            done["deleted"] += 1
        self.scene.datasets = datasets
        return done

    def weather(self, quiet: bool) -> None:
        """Faults come and go."""
        if self.left:
            self.left -= 1
        if quiet or not self.left:
            self.scene.fault = ""
            self.left = 0
        if not quiet and not self.left and self.chance.random() < 0.12:
            self.left = self.chance.randint(1, 5)
            self.scene.fault = self.chance.choice(lottery(self.scene.protocol))


@dataclass
class Year:
    """The simulation; `broken` are the rules that were broken, in words."""

    folder: Path
    server: Server
    sources: int = 30
    seed: int = 1
    nights: int = 0
    moment: datetime = BEGIN
    broken: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    released: set[str] = field(default_factory=set)
    sizes: list[int] = field(default_factory=list)
    towns: dict[str, Town] = field(default_factory=dict)
    public: dict[str, Counter[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        chance = random.Random(self.seed)
        self.region = Region(self.folder)
        file = self.folder / "federation.toml"
        file.write_text(file.read_text(encoding="utf-8").replace("retries = 0\n", f"retries = 0\n{NETWORK}"), encoding="utf-8")
        ways = [(protocol.NAME, form) for protocol in protocols().values() for form in protocol.FORMS]
        ways = sorted(ways, key=lambda way: (way[0] != "ckan", way[1]))
        for number in range(self.sources):
            name = f"s{number:02d}"
            protocol, form = ways[number // 2 % len(ways)] if number % 2 else ("ckan", "search")
            scene = self.server.add(name, protocol, generated(chance.randint(5, 20), name), form, size=chance.randint(3, 8))
            self.region.member(name, scene.url, connector=scene.connector, options="max_pages = 30" if protocol == "dcat" else "")
            self.towns[name] = Town(scene, random.Random(chance.random()))

    def night(self, *, quiet: bool = False, still: bool = False) -> None:
        """A day and a night: edits (unless `still`), faults (unless `quiet`), a round, the operator, and a look at the rules."""
        self.nights += 1
        self.moment += timedelta(days=1)
        for town in self.towns.values():
            if not still and self.nights > 1:
                self.done.update(town.live())
            town.weather(quiet or self.nights == 1)
        with clock.told_by(lambda: self.moment):
            for run in self.region.sync().runs:
                self.outcomes[run.outcome] += 1
                self.done["faulty nights"] += bool(self.towns[run.source].scene.fault)
                for token in self.towns[run.source].since:
                    self.towns[run.source].since[token] += run.outcome == "done"
            if self.nights % 7 == 0 or quiet:
                self._operator()
            if self.nights % 30 == 0:
                self.tidied()
        self._look()

    def tidied(self) -> None:
        """Housekeeping, and how large the database is after it."""
        with clock.told_by(lambda: self.moment), self.region.open() as store:
            assert not tidy(self.region.config, store).busy
        self.sizes.append((self.folder / "federation.db").stat().st_size)

    def _operator(self) -> None:
        """A person looks at what is held, and releases it where the source is well and shows what it has."""
        with self.region.open() as store:
            waiting = [item.source for item in held(store) if not self.towns[item.source].scene.fault]
            for source in waiting:
                release(store, source)
                self.released.add(source)
                self.done["released"] += 1
        if waiting:
            self.region.publish()

    def _look(self) -> None:
        """Whether a rule is broken: nothing of the truth is lost, nothing goes early, nothing is there twice."""
        public = self.titles()
        for name, town in self.towns.items():
            now, before = public.get(name, Counter()), self.public.get(name, Counter())
            titles = {dataset.title: dataset.token for dataset in town.truth}
            for title, count in now.items():
                if count > 1:
                    self._breaks(name, f"{title} is public {count} times")
            for title in before.keys() - now.keys():
                if title in titles:
                    self._breaks(name, f"{title} is in the truth and was taken away")
                elif not self._may_leave(town, title):
                    self._breaks(name, f"{title} left after {town.since.get(title.replace('Datensatz ', '').replace(' ', '-'))} nights")
        self.public = public
        self.released.clear()

    def _may_leave(self, town: Town, title: str) -> bool:
        """Deleted at a CKAN (which says so), absent from enough whole listings, let go by a person, or never in the truth."""
        _, _, name = title.partition(" ")
        token = "{}-{:04d}".format(*(part if not part.isdigit() else int(part) for part in name.rsplit(" ", 1)))
        if town.scene.protocol == "ckan" or token not in town.since or town.scene.name in self.released:
            return True
        return town.since[token] >= MISSING_RUNS

    def _breaks(self, name: str, what: str) -> None:
        town = self.towns[name]
        where = f"{name} ({town.scene.protocol} {town.scene.form}, fault {town.scene.fault or '-'})"
        self.broken.append(f"night {self.nights}, {where}: {what}")

    def titles(self) -> dict[str, Counter[str]]:
        """How often each dataset of each source is public, by its title without the version."""
        found: dict[str, Counter[str]] = {}
        with self.region.open() as store:
            for item in store.items(kind="dataset"):
                found.setdefault(item.source, Counter())[item.title.partition(" (")[0]] += 1
        return found

    def differences(self) -> list[str]:
        """Where the public catalog is not the truth, version by version."""
        with self.region.open() as store:
            public = Counter((item.source, item.title) for item in store.items(kind="dataset"))
        truth = Counter((name, dataset.name) for name, town in self.towns.items() for dataset in town.truth)
        missing = [f"{source}: {title} is not public" for source, title in truth - public]
        return missing + [f"{source}: {title} is public and should not be" for source, title in public - truth]

    def play(self, nights: int) -> "Year":
        """So many nights, then MISSING_RUNS + 1 without faults and edits."""
        for _ in range(nights):
            self.night()
        for _ in range(MISSING_RUNS + 1):
            self.night(quiet=True, still=True)
        self.tidied()
        return self


def main(arguments: Sequence[str] | None = None) -> int:
    """Plays a year and says how it went; 1 where a rule was broken."""
    parser = argparse.ArgumentParser("python -m tests.nasty_source.year", description=__doc__.split("\n\n")[0])
    parser.add_argument("--nights", type=int, default=365)
    parser.add_argument("--sources", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    logging.disable()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, serve(selfmade(Path(folder))) as server:
        year = Year(Path(folder) / "region", server, chosen.sources, chosen.seed)
        year.play(chosen.nights)
        print(f"{year.nights} nights, {chosen.sources} sources: {dict(year.outcomes)}, {dict(year.done)}, {time.monotonic() - began:.0f} s")
        print("database after housekeeping, each month:", ", ".join(f"{size / 1_048_576:.1f} MiB" for size in year.sizes))
        wrong = year.broken + year.differences()
        print("\n".join(wrong) or "no rule was broken, and the catalog is the truth")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
