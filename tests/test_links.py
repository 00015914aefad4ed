"""Links: what is public is asked for politely, and nobody is told of a broken link that is none."""

import json
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from federation import config, links
from federation.config import FederationConfig
from federation.dcat.names import content
from federation.errors import ConfigError
from federation.finding import Finding, texts
from federation.harvest.http import Http
from federation.links import Limits, Outcome
from federation.links.asking import Checked, moved
from federation.links.collecting import addresses, collect, link
from federation.links.run import noted, recheck_days
from federation.store import tables as t
from federation.store.findings import Since
from federation.store.links import LinkRow, Use
from federation.store.rows import BodyRow, RecordRow, SourceRow
from federation.store.store import Store
from tests.command import PROGRAM, run
from tests.loopback import MISSING, Drip, Raw, Reply, Request, cached, complete, door, in_turn, network, outcome, resolver, serve
from tests.region import HEAD, Region, dataset, turtle

QUICK = Limits(interval=0, timeout=2, pause=0.05)
ROOT = Path(__file__).resolve().parents[1]
ACCESS = "http://www.w3.org/ns/dcat#accessURL"
MOVED, FOUND = 301, 302


class Town:
    """A state with public datasets of one or more sources, and a calendar of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        (folder / "federation.toml").write_text(
            '[catalog]\ntitle = "Region"\nbase_url = "https://daten.region.example"\n[network]\nallow = ["127.0.0.0/8"]\n'
        )
        self.store = Store.open("sqlite:///federation.db", folder=folder)
        self.day = date(2026, 3, 1)

    @property
    def config(self) -> FederationConfig:
        return config.load(self.folder)

    def publish(self, name: str, urls: Sequence[str], source: str = "town", prop: str = ACCESS) -> str:
        """A public dataset with these addresses."""
        iri = f"http://town.example/{source}/{name}"
        nt = "".join(f"<{iri}> <{prop}> <{url}> .\n" for url in urls).encode()
        return self.publish_body(name, nt, source)

    def publish_body(self, name: str, nt: bytes, source: str = "town") -> str:
        """A public dataset as it stands in these N-Triples."""
        store, iri = self.store, f"http://town.example/{source}/{name}"
        store.put_source(SourceRow(source, source, "feed"))
        row = BodyRow(content(nt), nt, {"ttl": b""}, name)
        record = RecordRow(source, name, iri, "dataset", b"f", "v", "s", b"raw", row.digest, [])
        store.write_batch([record], [row], {}, [], store.begin_run(source))
        self.withdraw(iri)
        with store.write() as connection:
            item = {"iri": iri, "source": source, "identifier": name, "kind": "dataset", "body": row.digest, "since": t.now()}
            connection.execute(insert(t.item).values(item))
        return iri

    def withdraw(self, iri: str) -> None:
        """Takes a dataset out of what is public."""
        with self.store.write() as connection:
            connection.execute(t.item.delete().where(t.item.c.iri == iri))

    def check(self, limits: Limits | None = QUICK, http: Http | None = None, **how: Any) -> Outcome:
        """One run on the day of the calendar, through a real door."""
        if http is not None:
            return links.check(self.config, self.store, http, limits=limits, now=self.now, **how)
        with Http(network()) as opened:
            return links.check(self.config, self.store, opened, limits=limits, now=self.now, **how)

    def now(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, 3, 15, tzinfo=UTC)

    def later(self, days: int = 1) -> None:
        self.day += timedelta(days=days)

    def rows(self) -> dict[str, LinkRow]:
        return {row.url: row for row in self.store.links()}

    def verdicts(self) -> dict[str, str]:
        return {row.url: row.verdict for row in self.store.links()}

    def codes(self) -> list[str]:
        """The codes of the findings, whose texts must be complete."""
        found = self.store.findings()
        for row in found:
            complete(row.finding())
        return [row.code for row in found]


def on(day: int) -> Callable[[], datetime]:
    """A clock that stands still in March."""
    return lambda: datetime(2026, 3, day, tzinfo=UTC)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = Town(tmp_path / "town")
    yield made
    made.store.close()


def no_head(reply: Reply, head: Reply) -> Callable[[Request], Reply]:
    """A route that answers HEAD in another way than GET."""
    return lambda request: head if request.method == "HEAD" else reply


# what is collected


def test_addresses_are_taken_from_four_properties_and_told_under_the_first_of_them() -> None:
    nt = b"""<http://d> <http://purl.org/dc/terms/title> "x http://not.example/this" .
<http://d> <http://www.w3.org/ns/dcat#landingPage> <http://a.example/page> .
<http://d> <http://xmlns.com/foaf/0.1/page> <http://a.example/doc#part2> .
<http://d> <http://xmlns.com/foaf/0.1/page> _:b1 .
<http://d/1> <http://www.w3.org/ns/dcat#accessURL> <http://a.example/file.csv> .
<http://d/1> <http://www.w3.org/ns/dcat#downloadURL> <http://a.example/file.csv> .
<http://d/1> <http://purl.org/dc/terms/license> <http://dcat-ap.de/def/licenses/cc-zero> .
<http://d/2> <http://www.w3.org/ns/dcat#accessURL> "http://a.example/text"^^<http://www.w3.org/2001/XMLSchema#anyURI> .
"""
    assert addresses(nt) == [
        Use("http://a.example/page", "dcat:landingPage"), Use("http://a.example/doc", "foaf:page", "part2"),
        Use("http://a.example/file.csv", "dcat:downloadURL"), Use("http://a.example/text", "dcat:accessURL"),
    ]  # fmt: skip


def test_one_address_in_many_datasets_is_asked_for_once_and_told_to_each(town: Town) -> None:
    with serve({}) as server:
        for name in ("a", "b", "c"):
            town.publish(name, [server + "/same.csv", server + "/same.csv#row"])
        for _ in range(4):
            town.check()
            town.later(2)
        assert Counter(request.method for request in server.seen[:2]) == {"HEAD": 1, "GET": 1}
        assert server.count() == 2 * 3  # on day 1, 3 and 5; day 7 is not the ninth yet
        found = town.store.findings(code="link-broken")
        assert [row.identifier for row in found] == ["a", "b", "c"]
        assert {row.value for row in found} == {server + "/same.csv"}


def test_an_unchanged_dataset_is_read_once_and_a_changed_one_again(town: Town) -> None:
    first = town.publish("a", ["http://a.example/1"])
    town.publish("b", ["http://a.example/2"])
    collect(town.store, "2026-03-01")
    assert list(town.store.uncollected()) == []
    town.publish("b", ["http://a.example/3"])
    assert [[row[0].rpartition("/")[2] for row in page] for page in town.store.uncollected()] == [["b"]]
    collect(town.store, "2026-03-02")
    assert {url: row.due for url, row in town.rows().items()} == {"http://a.example/1": "2026-03-01", "http://a.example/3": "2026-03-02"}
    town.withdraw(first)
    collect(town.store, "2026-03-02")
    assert list(town.rows()) == ["http://a.example/3"]


@pytest.mark.parametrize(
    "url", ["file:///C:/daten.csv", "C:\\daten.csv", "daten.csv", "https://", "http://srv-gis01/karte", "mailto:a@b.example", "http://[x/"]
)
def test_what_nobody_can_open_is_invalid_at_once_and_never_asked_for(town: Town, url: str) -> None:
    town.publish_body("a", f'<http://d> <{ACCESS}> "{url}" .\n'.replace("\\", "\\\\").encode())
    assert town.check().requests == 0
    assert town.verdicts() == {url: "invalid"}
    assert town.codes() == ["link-invalid"]


def test_ftp_is_left_alone(town: Town) -> None:
    town.publish("a", ["ftp://ftp.example/daten.zip"])
    assert (town.check().due, town.verdicts(), town.codes()) == (0, {"ftp://ftp.example/daten.zip": "unchecked"}, [])


# one address


@pytest.mark.parametrize(
    ("route", "verdict", "asked"),
    [
        (b"data", "ok", 1), ((204, {}, b""), "ok", 1), (MISSING, "broken", 2), ((410, {}, b""), "broken", 2),
        ((401, {}, b""), "forbidden", 2), ((403, {}, b""), "forbidden", 2), ((500, {}, b""), "unreachable", 2),
        ((400, {}, b""), "unreachable", 2), (Raw(), "unreachable", 2), (Raw(b"SSH-2.0-x\r\n"), "unreachable", 2),
        (no_head(b"data", (405, {}, b"")), "ok", 2), (no_head(b"data", (501, {}, b"")), "ok", 2),
        (no_head(b"data", (403, {}, b"")), "ok", 2), (no_head(b"data", MISSING), "ok", 2), (no_head(b"data", Raw()), "ok", 2),
        (no_head((206, {"Content-Range": "bytes 0-3/9"}, b"data"), (405, {}, b"")), "ok", 2),
        (no_head((416, {}, b""), (405, {}, b"")), "ok", 2),
        (in_turn((503, {"Retry-After": "0"}, b""), b"data"), "ok", 2), ((503, {"Retry-After": "0"}, b""), "unreachable", 2),
        (in_turn((429, {}, b""), b"data"), "ok", 2), ((429, {"Retry-After": "0"}, b""), "unchecked", 2),
        ((429, {"Retry-After": "86400"}, b""), "unchecked", 1), ((301, {}, b""), "unreachable", 2),
        ((302, {"Location": "http://[/"}, b""), "unreachable", 2), ((302, {"Location": "mailto:a@b.example"}, b""), "unreachable", 2),
        ((301, {"Location": "/x"}, b""), "unreachable", 2),
    ],
)  # fmt: skip
def test_verdicts(town: Town, route: Any, verdict: str, asked: int) -> None:
    with serve({"/x": route}) as server:
        town.publish("a", [server + "/x"])
        town.check()
        assert town.verdicts() == {server + "/x": verdict}
        assert server.count() == asked


def test_an_interface_that_wants_parameters_is_there(town: Town) -> None:
    with serve(lambda _: (400, {}, b"no REQUEST")) as server:
        town.publish("a", [server + "/geoserver/wms", server + "/karte/wfs?", server + "/api/3", server + "/newsroom.csv"])
        town.check()
        assert [verdict for _, verdict in sorted(town.verdicts().items())] == ["ok", "ok", "ok", "unreachable"]


def test_of_a_large_file_only_the_beginning_is_read(town: Town) -> None:
    with serve({"/big": no_head(Drip(b"x" * 5_000_000, 0.05, 2_000), (405, {}, b""))}) as server:
        town.publish("a", [server + "/big"])
        began = time.monotonic()
        town.check()
        assert town.verdicts() == {server + "/big": "ok"}
        assert time.monotonic() - began < 1.5
        assert server.seen[1].headers["range"] == "bytes=0-1023"


def test_where_head_is_of_no_use_the_next_check_starts_with_get(town: Town) -> None:
    with serve({"/x": no_head(b"data", (405, {}, b""))}) as server:
        town.publish("a", [server + "/x"])
        town.check()
        town.check(every=True)
        assert [request.method for request in server.seen] == ["HEAD", "GET", "GET"]


def test_the_next_check_asks_only_whether_something_changed_and_says_who_asks(town: Town) -> None:
    with serve({"/x": cached(b"data", modified="Mon, 02 Mar 2026 10:00:00 GMT")}) as server:
        town.publish("a", [server + "/x"])
        with Http(network(user_agent_contact="opendata@region.example")) as http:
            for _ in range(3):
                town.check(http=http, every=True)
        assert ["if-none-match" in request.headers for request in server.seen] == [False, True, True]
        assert {request.headers["user-agent"].partition("/")[0] for request in server.seen} == {"open-data-federation"}
        assert "(+opendata@region.example)" in server.seen[0].headers["user-agent"]
        assert town.verdicts() == {server + "/x": "ok"}


def test_a_permanent_redirect_proposes_the_new_address_as_far_as_it_is_permanent(town: Town) -> None:
    with serve({"/new": (FOUND, {"Location": "/today"}, b""), "/today": b"data"}) as server:
        server.routes["/old"] = (MOVED, {"Location": "/older"}, b"")
        server.routes["/older"] = (308, {"Location": server + "/new"}, b"")
        town.publish("a", [server + "/old#top", server + "/new"])
        town.check()
        assert town.verdicts() == {server + "/new": "ok", server + "/old": "redirected"}
        (found,) = town.store.findings()
        assert (found.code, found.severity, found.field) == ("link-moved", "info", "dcat:accessURL")
        assert (found.value, found.params["target"]) == (server + "/old#top", server + "/new#top")


def test_a_page_that_redirects_to_the_home_page_is_probably_gone(town: Town) -> None:
    with serve({"/": b"welcome", "/daten/x.csv": (MOVED, {"Location": "/"}, b""), "/de": (MOVED, {"Location": "/"}, b"")}) as server:
        town.publish("a", [server + "/daten/x.csv", server + "/de"])
        town.check()
        assert sorted(town.codes()) == ["link-moved", "link-moved-home"]


def test_what_a_redirect_means() -> None:
    assert moved("http://a.example/x", "https://a.example/x") == "link-moved"
    assert moved("https://a.example/x", "http://a.example/x") == ""
    assert moved("http://a.example/?id=1", "http://a.example/") == "link-moved-home"
    assert moved("http://a.example/", "http://www.a.example/de/") == "link-moved"


def test_a_permanent_redirect_to_nothing_is_broken(town: Town) -> None:
    with serve({"/old": (MOVED, {"Location": "/nothing"}, b"")}) as server:
        town.publish("a", [server + "/old"])
        town.check()
        assert town.verdicts() == {server + "/old": "broken"}


@pytest.mark.parametrize("length", [1, 2, 40])
def test_a_redirect_in_a_circle_ends(town: Town, length: int) -> None:
    with serve(lambda request: (FOUND, {"Location": f"/{(int(request.path[1:]) + 1) % length}"}, b"")) as server:
        town.publish("a", [server + "/0"])
        town.check()
        (row,) = town.store.links()
        assert (row.verdict, server.count()) == ("unreachable", 2 * min(length, 11))


def test_a_name_that_is_gone_is_asked_for_once_for_all_its_addresses(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = resolver(monkeypatch, socket.gaierror(socket.EAI_NONAME, "Name or service not known"))
    town.publish("a", [f"http://alt.example/{number}" for number in range(30)])
    assert town.check().checked == 30
    assert set(town.verdicts().values()) == {"broken"}
    assert len(asked) == 1


def test_a_resolver_that_has_no_answer_now_says_nothing_about_the_name(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    resolver(monkeypatch, socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"))
    town.publish("a", ["http://town.example/x"])
    town.check()
    assert set(town.verdicts().values()) == {"unreachable"}


def test_an_address_inside_a_network_is_private_by_number_and_unknown_by_name(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    resolver(monkeypatch, ["10.0.0.7"])
    town.publish("a", ["http://192.168.4.20/x", "http://gis.town.example/x"])
    assert town.check().checked == 2
    assert town.verdicts() == {"http://192.168.4.20/x": "invalid", "http://gis.town.example/x": "unchecked"}
    assert town.codes() == ["link-private"]


def test_a_certificate_that_nobody_trusts_is_named(town: Town, tmp_path: Path) -> None:
    key, path = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
               "/CN=town", "-keyout", str(key), "-out", str(path)]  # fmt: skip
    try:
        subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("needs the openssl command")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, key)
    with serve({"/x": b"data"}, tls=context) as server:
        town.publish("a", [f"{server}/{number}" for number in range(9)])
        outcome = town.check(Limits(interval=0, report_days=1))
        assert (outcome.checked, outcome.requests) == (9, 3)
        assert set(town.codes()) == {"link-certificate"}


# days


def test_a_link_is_reported_on_the_third_day_that_it_fails_and_no_more_when_it_is_back(town: Town) -> None:
    with serve({}) as server:
        town.publish("a", [server + "/x"])
        reported = []
        for _ in range(5):
            town.check()
            town.check()  # a second run of the same day changes nothing
            reported.append(town.codes())
            town.later()
        assert reported == [[], [], [], ["link-broken"], ["link-broken"]]
        (row,) = town.store.findings()
        assert (row.params["days"], row.params["since"], row.params["reason"]) == ("3", "2026-03-01", "Status 404")
        assert server.count() == 3 * 2  # on day 0, 1 and 3
        server.routes["/x"] = b"back"
        town.later(2)
        town.check()
        assert town.codes() == []
        assert (town.rows()[server + "/x"].failures, town.rows()[server + "/x"].first_failed) == (0, "")


def test_asking_again_on_the_same_day_is_no_further_failure(town: Town) -> None:
    with serve({}) as server:
        town.publish("a", [server + "/x"])
        for _ in range(5):
            town.check(every=True)
        assert town.rows()[server + "/x"].failures == 1
        assert town.codes() == []


def test_an_address_that_is_well_is_due_again_after_about_a_week_each_on_its_own_day(town: Town) -> None:
    with serve(lambda _: b"data") as server:
        town.publish("a", [f"{server}/{number}" for number in range(60)])
        town.check()
        days = Counter((date.fromisoformat(row.due) - town.day).days for row in town.store.links())
        assert set(days) == {5, 6, 7, 8, 9}
        assert town.check().due == 0
        town.later(5)
        assert town.check().checked == days[5]


def test_what_was_reported_survives_the_next_sync_of_the_unchanged_record_and_ends_with_recovery(tmp_path: Path) -> None:
    region = Region(tmp_path / "region")
    with serve({}) as server:
        server.routes["/feed.ttl"] = turtle(HEAD + dataset("a", city=server.url) + dataset("b", city=server.url))
        server.routes["/a.csv"] = b"data"
        region.member("stadt", server + "/feed.ttl")
        region.sync()
        with region.open() as store, Http(network()) as http:
            for day in (1, 2, 4):
                links.check(region.config, store, http, limits=QUICK, now=on(day))
        assert "link-broken" in region.codes("stadt")
        region.sync(full=True)
        assert "link-broken" in region.codes("stadt")
        with region.open() as store:
            (found,) = store.findings("stadt", code="link-broken")
            assert (found.iri, found.field, found.value) == (server + "/dataset/b", "dcat:accessURL", server + "/b.csv")
            stored = Counter(row.severity for row in store.findings("stadt"))
            assert store.counts_by_severity()["stadt"] == stored
            assert [row.code for row in store.findings("stadt", identifier=found.identifier, severity="violation", code="link-broken")]
            assert store.findings("stadt", severity="info", code="link-broken") == []
            assert store.findings("nobody") == []
            assert len(store.findings(limit=1)) == 1
        server.routes["/b.csv"] = b"back"
        with region.open() as store, Http(network()) as http:
            links.check(region.config, store, http, limits=QUICK, now=on(20))
        assert "link-broken" not in region.codes("stadt")


_FAILED = {"broken": "link-broken", "unreachable": "link-slow", "forbidden": "link-forbidden"}


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([*_FAILED, "ok", "redirected"])), min_size=1, max_size=12))
def test_nothing_is_reported_as_failed_before_it_failed_on_three_days_in_a_row(steps: list[tuple[int, str]]) -> None:
    row = LinkRow("http://a.example/x", "a.example", "2026-03-01")
    day, failed = date(2026, 3, 1), set[date]()
    for days, verdict in steps:
        day += timedelta(days=days)
        row = noted(row, Checked(row.url, verdict, code=_FAILED.get(verdict, "")), f"{day}T03:15:00Z", QUICK)
        failed = failed | {day} if verdict in _FAILED else set()
        assert row.failures == len(failed)
        assert row.finding == (_FAILED[verdict] if len(failed) >= 3 else "")
        assert row.due > day.isoformat()
        assert noted(row, Checked(row.url, verdict, code=_FAILED.get(verdict, "")), f"{day}T03:15:00Z", QUICK) == row


@given(st.text(max_size=40), st.integers(1, 30))
def test_the_day_of_the_next_check_depends_on_the_address_alone(url: str, days: int) -> None:
    assert recheck_days(url, days) == recheck_days(url, days)
    assert days - days // 3 <= recheck_days(url, days) <= days + days // 3


@given(st.text(max_size=60))
def test_any_text_can_stand_in_the_place_of_an_address(text: str) -> None:
    row = link(text, "2026-03-01")
    assert row.url == text
    assert row.verdict in ("invalid", "unchecked")
    assert (row.verdict == "invalid") == (row.finding == "link-invalid")


# manners


def test_one_request_at_a_time_to_a_server_and_an_interval_between_them(town: Town) -> None:
    def slow(_: Request) -> Reply:
        time.sleep(0.02)
        return b"data"

    with serve(slow) as server, serve({}) as second:
        second.routes["/go"] = (FOUND, {"Location": server + "/over"}, b"")
        town.publish("a", [f"{server}/{number}" for number in range(8)] + [second + "/go"])
        town.check(Limits(interval=0.1, timeout=2))
        assert server.busiest == 1
        gaps = [after - before for before, after in zip(server.times, server.times[1:], strict=False)]
        assert (len(gaps), min(gaps) > 0.095) == (8, True)


def test_the_interval_of_the_network_settings_holds_where_it_is_longer(town: Town) -> None:
    text = (town.folder / "federation.toml").read_text()
    (town.folder / "federation.toml").write_text(text + "min_interval = 0.2\n")
    with serve(lambda _: b"data") as server:
        town.publish("a", [server + "/1", server + "/2"])
        town.check()
        assert server.times[1] - server.times[0] > 0.19


def test_the_budget_of_a_server_holds_and_the_rest_comes_first_in_the_next_run(town: Town) -> None:
    with serve(lambda _: b"data") as server, serve(lambda _: b"data") as other:
        town.publish("a", [f"{server}/{number:02}" for number in range(25)] + [f"{other}/{number}" for number in range(5)])
        few = Limits(interval=0, requests=10)
        outcome = town.check(few)
        assert (outcome.due, outcome.checked, server.count(), other.count()) == (30, 15, 10, 5)
        assert sorted(outcome.hosts[server.url[7:]].items()) == [("ok", 10), ("unchecked", 15)]
        town.later(6)
        assert town.check(few).checked >= 10
        assert len({request.path for request in server.seen}) == 20


def test_the_seconds_of_a_server_and_of_a_run_hold(town: Town) -> None:
    with serve(lambda _: b"data") as server:
        town.publish("a", [f"{server}/{number:02}" for number in range(60)])
        assert 3 <= town.check(Limits(interval=0.05, seconds=0.3)).checked <= 8
        began = time.monotonic()
        assert 3 <= town.check(Limits(interval=0.05), seconds=0.3).checked <= 8
        assert time.monotonic() - began < 1
        assert town.check(Limits(interval=0.01), limit=4).checked == 4


def test_retry_after_is_waited_for(town: Town) -> None:
    times: list[float] = []

    def route(_: Request) -> Reply:
        times.append(time.monotonic())
        return (429, {"Retry-After": "1"}, b"") if len(times) == 3 else b"data"

    with serve(route) as server:
        town.publish("a", [f"{server}/{number}" for number in range(6)])
        assert town.check().checked == 6
        assert times[3] - times[2] > 0.95
        assert set(town.verdicts().values()) == {"ok"}


def test_a_server_that_refuses_again_and_again_is_left_alone(town: Town) -> None:
    with serve(lambda _: (429, {}, b"")) as server:
        town.publish("a", [f"{server}/{number}" for number in range(40)])
        assert town.check(Limits(interval=0, pause=0.01)).checked == 0
        assert server.count() == 4
        assert set(town.verdicts().values()) == {"unchecked"}


def test_one_address_that_is_always_refused_does_not_keep_the_others_waiting(town: Town) -> None:
    with serve(lambda request: (429, {}, b"") if request.path == "/0" else b"data") as server:
        town.publish("a", [f"{server}/{number}" for number in range(5)])
        assert town.check(Limits(interval=0, pause=0.01)).checked == 4


def test_a_server_that_never_answers_costs_a_few_requests_and_no_verdict_for_the_rest(town: Town) -> None:
    with serve(lambda _: Raw()) as server, serve({"/x": b"data"}) as other:
        town.publish("a", [f"{server}/{number}" for number in range(40)] + [other + "/x"])
        outcome = town.check()
        assert (outcome.checked, server.count()) == (6, 10)
        assert Counter(town.verdicts().values()) == {"unreachable": 5, "unchecked": 35, "ok": 1}


def test_where_no_server_answers_it_is_our_own_connection_and_nothing_is_noted(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    resolver(monkeypatch, OSError("Network is unreachable"))
    town.publish("a", [f"http://town{number}.example/x" for number in range(5)])
    outcome = town.check()
    assert (outcome.offline, outcome.checked, outcome.exit_code) == (True, 0, 3)
    assert set(town.verdicts().values()) == {"unchecked"}
    with serve({"/x": b"data"}) as server:
        town.publish("b", [server + "/x"])
        assert (town.check().checked, town.check().offline) == (6, False)


def test_two_runs_at_once_are_one(town: Town) -> None:
    go_on = threading.Event()

    def held_up(_: Request) -> Reply:
        go_on.wait(1)
        return b"data"

    with serve(held_up) as server:
        town.publish("a", [f"{server}/{number}" for number in range(4)])
        running = threading.Thread(target=town.check)
        running.start()
        while not server.count():
            time.sleep(0.01)
        second = town.check()
        go_on.set()
        running.join()
        assert (second.exit_code, bool(second.busy), second.checked) == (75, True, 0)
        assert town.store.holder(links.LEASE) is None


def test_a_dry_run_asks_nothing_and_writes_nothing(town: Town) -> None:
    with serve(lambda _: b"data") as server:
        town.publish("a", [server + "/1", server + "/2"])
        town.publish("c", [server + "/1", server + "/3"], source="other")
        before = town.rows()
        outcome = town.check(dry=True)
        assert (outcome.due, outcome.hosts, town.rows(), server.count()) == (3, {server.url[7:]: {"unchecked": 3}}, before, 0)
        assert town.check(dry=True, sources=["other"]).due == 2
        town.check()
        assert (town.check(dry=True).due, town.check(dry=True, every=True).due) == (0, 3)


def test_only_the_addresses_of_the_named_sources_are_asked_for(town: Town) -> None:
    with serve(lambda _: b"data") as server:
        town.publish("a", [server + "/1", server + "/both"])
        town.publish("b", [server + "/2", server + "/both"], source="other")
        outcome = town.check(sources=["other"])
        assert (outcome.checked, outcome.hosts) == (2, {server.url[7:]: {"ok": 2}})
        assert {request.path for request in server.seen} == {"/2", "/both"}


# 500 of them


def _mixed(slow: threading.Event) -> Callable[[Request], Reply]:
    """A server that does with an address what its first word says."""
    refused: Counter[str] = Counter()
    methods: dict[str, Reply] = {"no-head": (405, {}, b""), "bad-head": (501, {}, b""), "shut-head": (403, {}, b""), "cut-head": Raw()}
    plain: Mapping[str, Reply] = {
        "ok": b"data", "missing": MISSING, "gone": (410, {}, b""), "shut": (403, {}, b""), "fault": (500, {}, b"oh"), "reset": Raw(),
        "slow": Drip(b"data", 0.02), "moved": (301, {"Location": "/ok/1"}, b""), "found": (302, {"Location": "/ok/2"}, b""),
        "babble": Raw(b"\0\1\2 not HTTP\r\n\r\n"), "large": (200, {"Content-Length": "9000000000"}, b"x"),
    }  # fmt: skip

    def answer(request: Request) -> Reply:
        word, _, number = request.path[1:].partition("/")
        if word in methods:
            return methods[word] if request.method == "HEAD" else b"data"
        if word == "circle":
            return 302, {"Location": f"/circle/{1 - int(number) % 2}"}, b""
        if word == "busy":
            refused[request.path] += 1
            return (429, {"Retry-After": "0"}, b"") if refused[request.path] == 1 else b"data"
        if word == "stuck":
            slow.wait(5)
        return plain.get(word, b"data")

    return answer


EXPECTED = {
    "ok": "ok", "missing": "broken", "gone": "broken", "shut": "forbidden", "fault": "unreachable", "reset": "unreachable", "slow": "ok",
    "moved": "redirected", "found": "ok", "babble": "unreachable", "large": "ok", "no-head": "ok", "bad-head": "ok", "shut-head": "ok",
    "cut-head": "ok", "circle": "unreachable", "busy": "ok", "stuck": "unreachable",
}  # fmt: skip


def test_five_hundred_addresses_of_servers_that_misbehave_in_every_way(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = threading.Event()
    resolver(monkeypatch, socket.gaierror(socket.EAI_NONAME, "Name or service not known"))
    with serve(_mixed(slow)) as one, serve(_mixed(slow)) as two, serve(_mixed(slow)) as three, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        words = [word for word in EXPECTED if word != "stuck"]
        urls = [f"{server}/{words[number % len(words)]}/{number}" for number in range(156) for server in (one, two, three)]
        urls += [f"{one}/stuck/{number}" for number in range(2)]
        urls += [f"http://127.0.0.1:{closed.getsockname()[1]}/down/{number}" for number in range(15)]
        urls += [f"http://alt.example/away/{number}" for number in range(15)]
        assert len(urls) == 500
        for number in range(50):
            town.publish(f"d{number}", urls[number * 10 : number * 10 + 10])
        outcome = town.check(Limits(interval=0, timeout=0.5, pause=0.05, requests=400))
        slow.set()
        wrong = {url: verdict for url, verdict in town.verdicts().items()
                 if verdict != {**EXPECTED, "down": "unreachable", "away": "broken"}[url.split("/")[3]]}  # fmt: skip
        assert wrong == {}
        assert (outcome.due, outcome.checked) == (500, 500)
        assert outcome.seconds < 15
        assert max(server.count() for server in (one, two, three)) <= 400
        assert max(server.busiest for server in (two, three)) <= 2  # a request that we gave up may still be at work there
        assert outcome.requests < 1300
        assert town.codes().count("link-moved") == sum(verdict == "redirected" for verdict in town.verdicts().values())


# ends


CHECK = """
import sys
from pathlib import Path
from federation import config, links
from federation.harvest.http import Http
from federation.store.store import Store
folder = Path(sys.argv[1])
settings = config.load(folder)
with Store.open(settings.store.url, folder=folder) as store, Http(settings.network) as http:
    links.check(settings, store, http, limits=links.Limits(interval=0.005))
"""


def test_a_run_that_was_killed_goes_on_where_it_was(town: Town) -> None:
    with serve(lambda _: b"data") as server, serve(lambda _: b"data") as other:
        urls = [f"{server if number % 2 else other}/{number}" for number in range(300)]
        for number in range(30):
            town.publish(f"d{number}", urls[number * 10 : number * 10 + 10])
        running = subprocess.Popen([sys.executable, "-c", CHECK, str(town.folder)], cwd=ROOT)
        while server.count() + other.count() < 200 and running.poll() is None:
            time.sleep(0.005)
        running.kill()
        running.wait()
        before = server.count() + other.count()
        noted_before = sum(row.verdict == "ok" for row in town.store.links())
        assert before < 300
        assert before - noted_before <= 60
        assert town.store.holder(links.LEASE) is not None  # the dead one's, which is no obstacle
        town.day = datetime.now(UTC).date()
        outcome = town.check()
        assert (outcome.due, outcome.checked) == (300 - noted_before, 300 - noted_before)
        assert set(town.verdicts().values()) == {"ok"}
        assert server.count() + other.count() == before + 300 - noted_before


def _region(folder: Path, server: Any, count: int) -> Region:
    region = Region(folder)
    names = [f"d{number}" for number in range(count)]
    server.routes["/feed.ttl"] = turtle(HEAD + "".join(dataset(name, city=server.url) for name in names))
    region.member("stadt", server + "/feed.ttl")
    region.sync()
    return region


def test_sigterm_ends_the_command_within_seconds_and_keeps_what_is_known(tmp_path: Path) -> None:
    done = threading.Event()

    def third_is_stuck(_: Request) -> Reply:
        if server.count() > 3:  # the feed counts, too
            done.wait(20)
        return b"data"

    with serve({}) as server:
        region = _region(tmp_path / "region", server, 6)
        server.routes |= {f"/d{number}.csv": third_is_stuck for number in range(6)}
        command = [*PROGRAM, "-C", str(region.folder), "links", "--json"]
        running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while server.count() < 4:
            time.sleep(0.02)
        began = time.monotonic()
        running.send_signal(signal.SIGTERM)
        out, err = running.communicate()
        assert time.monotonic() - began < 5
        done.set()
        said = json.loads(out)
        assert (running.returncode, said["interrupted"], said["due"], said["checked"], err) == (3, True, 6, 2, "")
        with region.open() as store:
            assert Counter(row.verdict for row in store.links()) == {"ok": 2, "unchecked": 4}
            assert store.holder(links.LEASE) is None


# the command


def test_the_command_shows_each_server_and_what_is_left(tmp_path: Path) -> None:
    with serve({"/d0.csv": b"data", "/d1.csv": (301, {"Location": "/d0.csv"}, b"")}) as server:
        region = _region(tmp_path / "region", server, 3)
        dry = run("-C", region.folder, "links", "--dry-run", lang="de")
        assert (dry.code, "3 Adressen sind fällig." in dry.said, "Probelauf" in dry.err, server.count()) == (0, True, True, 1)
        some = run("-C", region.folder, "links", "stadt", "--limit", "2", lang="de")
        assert (some.code, "2 Adressen geprüft" in some.err, "Noch fällig: 1" in some.err) == (0, True, True)
        head, line = some.out.splitlines()
        assert head.split() == ["Server", "Adressen", "in", "Ordnung", "umgezogen", "defekt", "nicht", "erreichbar", "ungeprüft"]
        assert line.split() == [server.url[7:], "3", "1", "1", "0", "0", "1"]
        every = run("-C", region.folder, "links", "--all", "--json")
        said = every.json()
        assert (every.code, every.err, said["due"], said["checked"]) == (0, "", 3, 3)
        assert said["hosts"] == [{"host": server.url[7:], "links": 3, "ok": 1, "redirected": 1, "broken": 1, "unreachable": 0,
                                  "forbidden": 0, "invalid": 0, "unchecked": 0}]  # fmt: skip
        assert {(each["verdict"], each["code"]) for each in said["problems"]} == {("redirected", "link-moved"), ("broken", "")}
        assert "has moved for good to" in run("-C", region.folder, "findings", "stadt", "--code", "link-moved").said
        assert run("-C", region.folder, "links", "nobody").code == run("-C", region.folder, "links", "--seconds", "0").code == 2


def test_the_command_without_anything_public_says_so(tmp_path: Path) -> None:
    result = run("-C", Region(tmp_path).folder, "links", "--dry-run", lang="de")
    assert (result.code, result.out, result.err.strip()) == (0, "", "Es ist noch keine Adresse öffentlich.")
    assert not (tmp_path / "federation.db").exists()


def test_the_command_waits_for_nobody(tmp_path: Path) -> None:
    region = Region(tmp_path)
    with region.open() as store:
        store.claim(links.LEASE, "other:1", 60)
        assert run("-C", region.folder, "links").code == 75


# the door


def test_a_probe_is_one_exchange_and_every_status_an_answer() -> None:
    routes: Mapping[str, Any] = {
        "/a": (302, {"Location": "/b"}, b""), "/b": b"data" * 1000, "/br": (200, {"Content-Encoding": "br"}, b"?"),
        "/busy": (429, {"Retry-After": "7"}, b""), "/slow": Drip(b"x" * 50, 0.1),
    }  # fmt: skip
    with serve(routes) as server, door(retries=4) as http:
        statuses = [http.probe("GET", server + path, seconds=1).status for path in ("/a", "/b", "/br", "/busy")]
        assert (statuses, server.count()) == ([302, 200, 200, 429], 4)
        http.waits.clear()
        assert outcome(http.probe, "GET", server + "/slow", seconds=0.4) == "http-timeout"
        assert 6 < http.waits[0] <= 7  # what Retry-After says holds for every request


# the state


# settings and schedule


def test_the_limits_are_those_of_the_configuration(tmp_path: Path) -> None:
    town = Town(tmp_path)
    assert links.limits_of(town.config) == Limits()
    with (tmp_path / "federation.toml").open("a") as file:
        file.write("[links]\ninterval = 0.25\nrequests = 7\nreport_days = 1\n")
    assert links.limits_of(town.config) == Limits(interval=0.25, requests=7, report_days=1)
    with serve({f"/{number}": b"ok" for number in range(9)}) as server:
        town.publish("a", [f"{server.url}/{number}" for number in range(9)])
        (tmp_path / "federation.toml").write_text((tmp_path / "federation.toml").read_text().replace("0.25", "0"))
        assert town.check(None).checked == 7


@pytest.mark.parametrize("wrong", ["hosts = 0", "recheck_days = 0", "interval = -1", "often = true"])
def test_a_wrong_limit_is_an_error_of_the_configuration(tmp_path: Path, wrong: str) -> None:
    town = Town(tmp_path)
    with (tmp_path / "federation.toml").open("a") as file:
        file.write(f"[links]\n{wrong}\n")
    with pytest.raises(ConfigError):
        links.limits_of(town.config)


def test_a_schedule_checks_once_a_day_and_only_what_is_due(tmp_path: Path) -> None:
    town = Town(tmp_path)
    with Http(network()) as http:

        def due(**how: Any) -> Outcome | None:
            return links.check_if_due(town.config, town.store, http, now=town.now, **how)

        assert due() is None
        with serve({"/a": b"ok", "/b": b"ok"}) as server:
            town.publish("a", [f"{server.url}/a"])
            stop = threading.Event()
            stop.set()
            interrupted = due(stop=stop)
            assert interrupted is not None
            assert interrupted.interrupted
            first = due(seconds=30)
            assert first is not None
            assert first.checked == 1
            town.publish("b", [f"{server.url}/b"])
            assert due() is None  # once a day
            town.later()
            second = due()
            assert second is not None
            assert (second.due, second.checked) == (1, 1)
            town.later()
            assert due() is None  # nothing is due


# since when, and what is gone


def test_a_finding_about_a_link_has_its_date_and_is_remembered_when_it_goes(tmp_path: Path) -> None:
    town = Town(tmp_path)
    with serve({"/a": MISSING, "/b": MISSING}) as server:
        town.publish("a", [f"{server.url}/a", f"{server.url}/b"])
        for _ in range(3):
            town.check()
            town.later(4)
        (first, second) = town.store.findings()
        assert first.since == "2026-03-09T03:15:00Z"
        assert town.store.findings(since=Since("2026-03-09")) == [first, second]
        assert town.store.findings(since=Since("2026-03-10")) == []
        town.check()
        assert town.store.findings()[0].since == first.since
        server.routes["/a"] = b"ok"
        town.later(8)
        town.check()
        town.publish("a", [])
        town.publish("a", [f"{server.url}/a"])  # the town takes the other one out
        town.check()
        gone = town.store.findings_gone(Since(""))
        assert [(row.value, row.code, row.since) for row in gone] == [
            (f"{server.url}/a", "link-broken", first.since), (f"{server.url}/b", "link-broken", first.since),
        ]  # fmt: skip
        assert town.store.findings() == []


def test_every_code_of_a_link_has_texts_that_name_only_what_is_known() -> None:
    params = {"host": "a", "reason": "b", "target": "c", "since": "d", "checked": "e", "days": "3"}
    ours = [code for code in texts() if code.startswith("link-")]
    assert len(ours) == 12
    for code in ours:
        complete(Finding(code, dataset="x", field="dcat:accessURL", value="http://a", params=params))
