"""Gap-proof reading: what is there from the first page to the last is seen, whatever is edited meanwhile; else nothing is taken away."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from connectors.ckan import Ckan
from connectors.dcat import Dcat, DcatOptions
from federation.config import Source
from federation.harvest.connector import Listed, Record, Response, State
from federation.harvest.http import Http
from federation.sync.reading import MOST_READINGS, Readings
from tests.ckan_server import Portal, ckan, package
from tests.loopback import Reply, Request, door, serve
from tests.region import HEAD, Region, dataset

BASE = "https://stadt.example/dataset/"
Change = Callable[["Feed"], None]


class Feed:
    """Hydra pages of a catalog by offset, the latest edited dataset first, as some portals serve them; `change` edits it between two
    requests. Without `total` it does not say how many there are.
    """

    def __init__(self, count: int, size: int = 100, change: Change | None = None, *, total: bool = True, seed: int = 0) -> None:
        self.names = [f"d{number}" for number in range(count)]
        self.versions = dict.fromkeys(self.names, 0)
        self.size = size
        self.change = change
        self.total = total
        self.chance = random.Random(seed)
        self.ever_since = set(self.names)
        self.added = 0

    def __call__(self, request: Request) -> Reply:
        if request.path != "/feed":
            return 404, {}, b""
        if self.change and request.query:
            self.change(self)
        number = int(request.query.get("page", "1"))
        page = self.names[(number - 1) * self.size : number * self.size]
        view = f"<http://{request.headers['host']}/feed?page="
        lines = [HEAD, *(self.written(name) for name in page), f"{view}{number}> a hydra:PartialCollectionView"]
        if number * self.size < len(self.names):
            lines.append(f"; hydra:next {view}{number + 1}>")
        lines.append(f".\n<https://stadt.example/c> hydra:totalItems {len(self.names)} ." if self.total else ".")
        return 200, {"Content-Type": "text/turtle"}, "\n".join(lines).encode()

    def written(self, name: str) -> str:
        return f'<{BASE}{name}> a dcat:Dataset ; dct:title "{name} {self.versions[name]}" ; dct:modified "{self.versions[name]}" .'

    def edit(self, number: int = 1) -> None:
        """Edits some datasets: each becomes the first of the listing."""
        for name in self.chance.sample(self.names, number):
            self.names.remove(name)
            self.names.insert(0, name)
            self.versions[name] += 1

    def delete(self, number: int = 1) -> None:
        for name in self.chance.sample(self.names, number):
            self.names.remove(name)
            self.ever_since.discard(name)

    def add(self) -> None:
        self.added += 1
        self.names.insert(0, f"new{self.added}")
        self.versions[self.names[0]] = 0

    def read_simply(self, url: str) -> set[str]:
        """What a reader sees that follows the pages once."""
        found: set[str] = set()
        while url:
            with urlopen(url) as answer:
                text = answer.read().decode()
            found.update(part.partition(">")[0].removeprefix(BASE) for part in text.split("\n<") if part.startswith(BASE))
            url = text.partition("hydra:next <")[2].partition(">")[0]
        return found


@pytest.fixture
def http() -> Iterator[Http]:
    with door() as opened:
        yield opened


@pytest.fixture
def region(tmp_path: Path) -> Region:
    return Region(tmp_path / "region")


def five_edits(feed: Feed) -> None:
    feed.edit(5)


def test_five_edits_a_page_in_five_thousand_datasets_hide_none_of_them(region: Region) -> None:
    feed = Feed(5000, change=five_edits)
    with serve(feed) as server:
        region.member("stadt", f"{server.url}/feed?page=1")
        run = region.sync(publish=False).runs[0]
        assert (run.outcome, run.reason) == ("done", "")
        assert feed.ever_since <= {name.removeprefix(BASE) for name in region.states("stadt")}
        assert 50 < server.count() <= 50 * MOST_READINGS


def test_a_reader_that_follows_the_pages_once_loses_more_than_fifty() -> None:
    lost = []
    for seed in range(3):
        feed = Feed(5000, change=five_edits, seed=seed)
        with serve(feed) as server:
            lost.append(len(feed.ever_since - feed.read_simply(f"{server.url}/feed?page=1")))
    assert sum(lost) / len(lost) > 50, lost


@pytest.mark.parametrize("seed", range(4))
def test_deletions_and_additions_while_pages_are_read_hide_nothing(region: Region, seed: int) -> None:
    def change(feed: Feed) -> None:
        if feed.chance.random() < 0.4:
            feed.chance.choice([feed.edit, feed.delete, feed.add])()

    feed = Feed(300, 20, change, seed=seed)
    with serve(feed) as server:
        region.member("stadt", f"{server.url}/feed?page=1")
        run = region.sync(publish=False).runs[0]
        states = region.states("stadt")
        if run.outcome == "done":
            assert feed.ever_since <= {name.removeprefix(BASE) for name in states}
        assert server.count() <= 16 * MOST_READINGS
        feed.change = None
        assert region.sync(publish=False).runs[0].outcome == "done"
        assert {BASE + name for name in feed.names} <= {name for name, state in region.states("stadt").items() if state == "live"}


def test_a_deletion_that_shifts_the_pages_once_is_noticed_by_the_total(region: Region) -> None:
    def change(feed: Feed) -> None:
        if server.count() == 2:
            feed.ever_since.discard(feed.names.pop(0))

    feed = Feed(40, 10, change)
    with serve(feed) as server:
        region.member("stadt", f"{server.url}/feed?page=1")
        run = region.sync().runs[0]
        assert (run.outcome, server.count()) == ("done", 8)
        assert region.public() >= {BASE + name for name in feed.ever_since}


def test_without_a_total_a_dataset_on_two_pages_shows_that_the_listing_moved(region: Region) -> None:
    feed = Feed(60, 10, total=False)
    with serve(feed) as server:
        region.member("stadt", f"{server.url}/feed?page=1")
        feed.change = lambda each: each.edit(3) if server.count() in (3, 4) else None
        assert region.sync().runs[0].outcome == "done"
        assert len(region.public()) == 60
        assert server.count() > 6


def test_a_listing_that_never_stands_still_takes_nothing_away_and_says_so(region: Region) -> None:
    feed = Feed(60, 10)
    with serve(feed) as server:
        region.member("stadt", f"{server.url}/feed?page=1")
        region.sync()

        def change(each: Feed) -> None:
            each.add()
            each.delete(1)

        feed.change = change
        run = region.sync().runs[0]
        assert server.count() <= 6 + 7 * MOST_READINGS
        if run.outcome == "held":
            assert run.reason in ("listing-moved", "listing-total-differs")
        assert {BASE + f"d{n}" for n in range(60)} <= region.public()


def test_what_was_edited_between_two_readings_is_the_later_version_and_no_mixture(region: Region) -> None:
    feed = Feed(30, 10)
    with serve(feed) as server:
        region.member("stadt", f"{server.url}/feed?page=1")
        feed.change = lambda each: each.edit(4) if server.count() in (2, 4) else None
        assert region.sync().runs[0].outcome == "done"
        export = region.export().decode()
        for name, version in feed.versions.items():
            assert f'"{name} {version}"' in export
            assert not any(f'"{name} {other}"' in export for other in range(3) if other != version)
        assert "record-repeated" not in region.codes("stadt")


def test_of_two_versions_on_two_pages_the_later_one_stands() -> None:
    def record(title: str, modified: str) -> Record:
        body = HEAD + f'<{BASE}a> a dcat:Dataset ; dct:title "{title}" {f"""; dct:modified "{modified}" """ if modified else ""}.'
        split = Dcat().split(Response("https://stadt.example/f", body.encode(), "text/turtle"), DcatOptions())
        return next(each for each in split if each.kind == "dataset")

    old, new = record("alt", "2026-01-01"), record("neu", "2026-01-02")
    for first, second in ((old, new), (new, old)):
        assert Dcat().merge(first, second).raw == new.raw
    assert b"alt" in Dcat().merge(record("alt", ""), new).raw


def test_a_wrong_total_costs_one_more_reading_and_no_more(region: Region) -> None:
    feed = Feed(30, 10)
    feed.names.append(feed.names[0])  # listed twice, counted twice
    with serve(feed) as server:
        region.member("stadt", f"{server.url}/feed?page=1")
        assert region.sync().runs[0].reason == "listing-total-differs"
        assert server.count() == 8
        region.sync()
        assert server.count() == 12  # nothing changed since, so nothing can have moved


def test_a_dataset_that_always_stands_on_two_pages_is_no_movement(region: Region) -> None:
    feed = Feed(30, 10, total=False)
    feed.names.append(feed.names[0])
    with serve(feed) as server:
        region.member("stadt", f"{server.url}/feed?page=1")
        assert region.sync().runs[0].outcome == "done"
        assert server.count() == 8
        feed.versions["d5"] = 1
        assert region.sync().runs[0].counts.changed == 1
        assert server.count() == 12


def test_a_page_that_fails_in_a_later_reading_takes_nothing_away(region: Region) -> None:
    feed = Feed(40, 10, change=lambda each: each.edit(6))

    def answer(request: Request) -> Reply:
        return (500, {}, b"") if server.count() == 7 else feed(request)

    with serve(answer) as server:
        region.member("stadt", f"{server.url}/feed?page=1")
        run = region.sync().runs[0]
        assert (run.outcome, run.reason) == ("failed", "http-server-error")
        assert region.public() == set()
        feed.change = None
        assert region.sync().runs[0].outcome == "done"
        assert len(region.public()) == 40


def test_any_number_of_pages_is_read(region: Region) -> None:
    feed = Feed(700, 1)
    with serve(feed) as server:
        region.member("stadt", f"{server.url}/feed?page=1")
        assert region.sync(publish=False).runs[0].counts.new == 700
        assert server.count() == 700


@pytest.mark.parametrize("following", ["1", "2", "3"])
def test_a_loop_of_pages_ends_and_deletes_nothing(region: Region, following: str) -> None:
    def answer(request: Request) -> Reply:
        number = request.query["page"]
        view = f"<http://{request.headers['host']}/feed?page="
        after = following if looped and number == "3" else str(int(number) + 1)
        more = f"; hydra:next {view}{after}>" if number != "3" or looped else ""
        page = f"{HEAD}{dataset(number)} {view}{number}> a hydra:PartialCollectionView {more}."
        return 200, {"Content-Type": "text/turtle"}, page.encode()

    looped = False
    with serve(answer) as server:
        region.member("stadt", f"{server.url}/feed?page=1")
        assert region.sync().runs[0].outcome == "done"
        looped = True
        run = region.sync().runs[0]
        assert (run.outcome, run.reason) == ("held", "listing-incomplete")
        assert "page-loop" in region.codes("stadt")
        assert len(region.public()) == 3


# CKAN


def edits(portal: Portal, chance: random.Random, number: int = 5) -> None:
    """Before each page of a search, some packages are edited; without an order of its own the portal gives the latest first."""

    def trick(action: str, query: dict[str, list[str]]) -> None:
        if action == "package_search":
            for name in chance.sample(list(portal.packages), number):
                portal.change(name)
            if "sort" not in query:
                portal.packages = dict(sorted(portal.packages.items(), key=lambda each: each[1]["metadata_modified"], reverse=True))

    portal.trick = trick


def read(portal: Portal, http: Http, stamps: dict[str, str] | None = None) -> tuple[set[str], bool]:
    """(ids met, whether it counts as complete)."""
    ids: set[str] = set()
    complete = True
    connector = Ckan()
    options = connector.options()
    for step in connector.fetch(Source(id="s", connector="ckan", url=portal.url), options, http, State(stamps=stamps or {})):
        if isinstance(step, Response):
            complete &= step.complete
            ids.update(record.identifier for record in connector.split(step, options))
        elif isinstance(step, Listed):
            ids.update(step.identifiers)
    return ids, complete


def tiny(number: int) -> dict[str, object]:
    return package(number, resources=[], tags=[], notes="")


def test_five_edits_a_page_in_a_ckan_of_five_thousand_hide_no_package(http: Http) -> None:
    with ckan(tiny(n) for n in range(5000)) as portal:
        edits(portal, random.Random(1))
        ids, complete = read(portal, http)
        assert (ids, complete) == (set(portal.packages), True)
        assert portal.count() == 50
        portal.forget()
        stamps = {name: str(each["metadata_modified"]) for name, each in portal.packages.items()}
        ids, complete = read(portal, http, stamps)
        assert (ids, complete) == (set(portal.packages), True)
        assert portal.count() < 20


@pytest.mark.parametrize("seed", range(3))
def test_a_ckan_that_cannot_sort_hides_no_package_either(http: Http, seed: int) -> None:
    def unsortable(action: str, query: dict[str, list[str]]) -> object:
        inner(action, query)
        return (400, {"Content-Type": "application/json"}, b'{"success":false,"error":{"__type":"Search Query Error","message":"sort"}}') \
            if "sort" in query else None

    with ckan(tiny(n) for n in range(1500)) as portal:
        edits(portal, random.Random(seed))
        inner = portal.trick
        assert inner is not None
        portal.trick = unsortable  # type: ignore[assignment]
        ids, complete = read(portal, http)
        assert (set(portal.packages) - ids, complete) == (set(), True)
        assert portal.count() < 60


# the rule


def test_readings_end_even_when_every_page_differs_each_time() -> None:
    readings = Readings()
    number = 0
    while True:
        readings.claimed(10)
        readings.page({f"a{number}"}, changed=True)
        number += 1
        if not readings.moved():
            break
        readings.begin_again()
    assert number == MOST_READINGS
    assert readings.problem() == "listing-moved"
