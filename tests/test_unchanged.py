"""Unchanged costs nothing: validators of each address are kept and sent, equal bytes are not looked at, and nothing is written."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from federation.sync.pipeline import Pipeline
from tests.ckan_server import Portal, ckan, package
from tests.loopback import Reply, Request, Server, cached, serve
from tests.region import HEAD, Region, dataset, feed, turtle

MODIFIED = "Mon, 02 Feb 2026 08:00:00 GMT"
BASE = "https://stadt.example/dataset/"


@pytest.fixture
def region(tmp_path: Path) -> Region:
    return Region(tmp_path / "region")


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The identifiers of the records that were mapped."""
    names: list[str] = []
    prepare = Pipeline.prepare

    def counted(self: Pipeline, record: object, *rest: object) -> object:
        names.append(record.identifier)  # type: ignore[attr-defined]
        return prepare(self, record, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Pipeline, "prepare", counted)
    return names


def pages(server: Server, *, modified: str = MODIFIED) -> None:
    """Two pages with validators of their own."""
    first = HEAD + dataset("a") + f"<{server.url}/1> a hydra:PartialCollectionView ; hydra:next <{server.url}/2> ."
    server.routes["/1"] = cached(first.encode(), "text/turtle", modified)
    server.routes["/2"] = cached(feed("b"), "text/turtle", modified)


@pytest.fixture
def server() -> Iterator[Server]:
    with serve({}) as running:
        pages(running)
        yield running


def test_the_validators_of_each_page_are_sent_and_304_ends_the_matter(region: Region, server: Server, prepared: list[str]) -> None:
    region.member("stadt", f"{server.url}/1")
    region.sync()
    rows = region.rows()
    prepared.clear()
    server.seen.clear()
    run = region.sync().runs[0]
    assert (run.outcome, run.counts.listed, run.counts.unchanged) == ("done", 2, 2)
    assert [request.path for request in server.seen] == ["/1", "/2"]
    tags = [request.headers["if-none-match"] for request in server.seen]
    assert len(set(tags)) == 2
    assert all(request.headers["if-modified-since"] == MODIFIED for request in server.seen)
    assert prepared == []
    assert region.rows() == rows


def test_a_server_with_last_modified_alone_is_asked_by_it(region: Region, server: Server) -> None:
    def answer(request: Request) -> Reply:
        headers = {"Content-Type": "text/turtle", "Last-Modified": MODIFIED}
        return (304, headers, b"") if request.headers.get("if-modified-since") == MODIFIED else (200, headers, feed("a"))

    server.routes["/1"] = answer
    region.member("stadt", f"{server.url}/1")
    region.sync()
    rows = region.rows()
    assert region.sync().runs[0].counts.unchanged == 1
    assert region.rows() == rows


def test_a_304_on_one_page_and_news_on_the_other(region: Region, server: Server, prepared: list[str]) -> None:
    region.member("stadt", f"{server.url}/1")
    region.sync()
    prepared.clear()
    server.routes["/2"] = cached(feed("b", "c"), "text/turtle", MODIFIED)
    run = region.sync().runs[0]
    assert (run.counts.unchanged, run.counts.new) == (2, 1)
    assert set(prepared) == {BASE + "c"}


def test_equal_bytes_without_validators_are_not_looked_at(region: Region, server: Server, prepared: list[str]) -> None:
    server.routes["/1"] = turtle(feed("a", "b"))
    region.member("stadt", f"{server.url}/1")
    region.sync()
    rows = region.rows()
    prepared.clear()
    assert region.sync().runs[0].counts.unchanged == 2
    assert prepared == []
    assert region.rows() == rows


def test_validators_that_change_with_equal_bytes_are_kept_for_the_next_time(region: Region, server: Server) -> None:
    server.routes["/1"] = (200, {"Content-Type": "text/turtle", "ETag": '"eins"'}, feed("a"))
    region.member("stadt", f"{server.url}/1")
    region.sync()
    server.routes["/1"] = (200, {"Content-Type": "text/turtle", "ETag": '"zwei"'}, feed("a"))
    region.sync()
    server.seen.clear()
    region.sync()
    assert [request.headers["if-none-match"] for request in server.seen] == ['"zwei"']


def test_a_full_run_sends_no_validators(region: Region, server: Server) -> None:
    region.member("stadt", f"{server.url}/1")
    region.sync()
    server.seen.clear()
    region.sync(full=True)
    assert not any("if-none-match" in request.headers for request in server.seen)


# CKAN


@pytest.fixture
def portal() -> Iterator[Portal]:
    with ckan((package(number) for number in range(230)), etags=True) as running:
        yield running


def test_the_listing_of_a_ckan_is_asked_for_with_its_validators(region: Region, portal: Portal, prepared: list[str]) -> None:
    region.member("stadt", portal.url, connector="ckan")
    region.sync()
    region.sync()
    rows = region.rows()
    prepared.clear()
    portal.forget()
    run = region.sync().runs[0]
    assert (run.outcome, run.counts.listed, run.counts.unchanged) == ("done", 230, 230)
    assert portal.count() == 3  # two pages of the listing, and how many were harvested from elsewhere
    assert portal.answered[:2] == [304, 304]
    assert prepared == []
    assert region.rows() == rows
    portal.change(package(7)["id"], title="Neu")
    assert region.sync().runs[0].counts.changed == 1
    assert len(set(prepared)) == 1


def test_the_pages_of_a_ckan_that_gives_no_listing_are_asked_for_with_their_validators(region: Region, portal: Portal) -> None:
    portal.fields = False
    region.member("stadt", portal.url, connector="ckan")
    region.sync()
    rows = region.rows()
    portal.forget()
    run = region.sync().runs[0]
    assert (run.outcome, run.counts.unchanged) == ("done", 230)
    assert [status for status in portal.answered if status == 304] == [304, 304, 304]
    assert region.rows() == rows
    portal.change(package(7)["id"], title="Neu")
    run = region.sync().runs[0]
    assert (run.counts.changed, run.counts.unchanged) == (1, 229)


def test_packages_shown_one_by_one_are_asked_for_with_their_validators(region: Region, portal: Portal) -> None:
    portal.without = {"package_search"}
    portal.packages = dict(list(portal.packages.items())[:20])
    region.member("stadt", portal.url, connector="ckan")
    region.sync()
    rows = region.rows()
    portal.forget()
    run = region.sync().runs[0]
    assert (run.outcome, run.counts.unchanged) == ("done", 20)
    assert portal.answered.count(304) >= 20
    assert region.rows() == rows


# who reads a page


def test_a_source_that_joins_a_shared_feed_later_gets_its_own_though_no_page_changed(region: Region, server: Server) -> None:
    other = dataset("z").replace("https://stadt.example/amt", "https://dorf.example/amt")
    server.routes["/1"] = turtle(HEAD + dataset("a") + other)
    region.member("stadt", f"{server.url}/1", options='publisher = "https://stadt.example/amt"')
    region.sync()
    assert set(region.states("stadt")) == {BASE + "a"}
    region.member("dorf", f"{server.url}/1", options='publisher = "https://dorf.example/amt"')
    region.sync()
    assert set(region.states("dorf")) == {BASE + "z"}
    rows = region.rows()
    region.sync()
    assert region.rows() == rows


def test_reading_one_of_two_sources_hides_no_change_from_the_other(region: Region, server: Server) -> None:
    def both(title: str) -> str:
        return HEAD + dataset("a") + dataset("z", title).replace("https://stadt.example/amt", "https://dorf.example/amt")

    server.routes["/1"] = turtle(both("alt"))
    for town in ("stadt", "dorf"):
        region.member(town, f"{server.url}/1", options=f'publisher = "https://{town}.example/amt"')
    region.sync()
    server.routes["/1"] = turtle(both("neu"))
    region.sync("stadt")
    run = next(run for run in region.sync().runs if run.source == "dorf")
    assert run.counts.changed == 1
    assert '"neu"' in region.export().decode()


def test_a_single_source_keeps_only_what_it_selects_and_still_compares_with_the_total(region: Region, server: Server) -> None:
    other = dataset("z").replace("https://stadt.example/amt", "https://dorf.example/amt")
    total = "<https://stadt.example/c> hydra:totalItems 2 ."
    server.routes["/1"] = turtle(HEAD + dataset("a") + other + total)
    region.member("stadt", f"{server.url}/1", options='publisher = "https://stadt.example/amt"')
    for _ in range(2):
        run = region.sync().runs[0]
        assert (run.outcome, run.counts.listed) == ("done", 1)
        assert region.public() == {BASE + "a"}
