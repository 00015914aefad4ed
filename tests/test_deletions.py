"""Absence is slow, a statement is immediate: what a listing, a source and a person may take out of the public catalog."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from federation.dcat.description import Description
from federation.harvest.http import Http
from federation.sync import asking
from federation.sync.asking import MOST, Question, ask
from federation.sync.farewell import says_withdrawn
from tests.ckan_server import ckan, package
from tests.command import do
from tests.loopback import Server, serve
from tests.region import HEAD, Region, dataset, turtle

NAMES = "abcdefghijkl"


@pytest.fixture
def server() -> Iterator[Server]:
    with serve({}) as running:
        yield running


@pytest.fixture
def region(tmp_path: Path, server: Server) -> Region:
    made = Region(tmp_path)
    made.member("stadt", f"{server.url}/feed", source="missing_runs = 2\nmaximum_loss = 0.2")
    listed(server, NAMES)
    made.sync()
    return made


def listed(server: Server, names: str, extra: dict[str, str] | None = None) -> None:
    """The feed lists these datasets, whose addresses lie on its own host and answer 200."""
    body = HEAD + "".join(dataset(name, extra=(extra or {}).get(name, ""), city=server.url) for name in names)
    server.routes["/feed"] = turtle(body)
    for name in names:
        server.routes[f"/dataset/{name}"] = b"here"


def answers(server: Server, name: str, status: int, **headers: str) -> None:
    server.routes[f"/dataset/{name}"] = (status, headers, b"")


def states(region: Region, server: Server) -> dict[str, str]:
    return {name.rpartition("/")[2]: state for name, state in region.states("stadt").items() if state != "live"}


def codes(region: Region) -> set[str]:
    return region.codes("stadt")


# absence is slow


def test_a_missing_dataset_leaves_only_when_its_own_address_says_so_too(region: Region, server: Server) -> None:
    listed(server, NAMES[1:])
    for _ in range(4):
        assert region.sync().exit_code == 0
        assert states(region, server) == {"a": "missing"}
    assert "missing-but-answers" in codes(region)
    answers(server, "a", 404)
    region.sync()
    assert states(region, server) == {"a": "gone"}
    assert f"{server.url}/dataset/a" not in region.public()


def test_not_found_does_not_shorten_the_waiting(region: Region, server: Server) -> None:
    listed(server, NAMES[1:])
    answers(server, "a", 404)
    region.sync()
    assert states(region, server) == {"a": "missing"}
    region.sync()
    assert states(region, server) == {"a": "gone"}


@pytest.mark.parametrize("status", [403, 500])
def test_any_other_answer_keeps_the_dataset_and_it_is_asked_for_again(region: Region, server: Server, status: int) -> None:
    listed(server, NAMES[1:])
    answers(server, "a", status)
    for _ in range(3):
        region.sync()
    assert states(region, server) == {"a": "missing"}
    assert server.count("/dataset/a") == 3
    assert "missing-unproven" in codes(region)


def test_the_question_follows_redirects_to_their_end(region: Region, server: Server) -> None:
    listed(server, NAMES[1:])
    answers(server, "a", 301, Location=f"{server.url}/new/a")
    server.routes["/new/a"] = (404, {}, b"")
    region.sync()
    region.sync()
    assert states(region, server) == {"a": "gone"}


def test_redirects_without_end_are_no_answer(region: Region, server: Server) -> None:
    listed(server, NAMES[1:])
    answers(server, "a", 302, Location=f"{server.url}/dataset/a")
    for _ in range(3):
        region.sync()
    assert states(region, server) == {"a": "missing"}


def test_addresses_on_other_hosts_are_not_asked(tmp_path: Path, server: Server) -> None:
    region = Region(tmp_path)
    region.member("stadt", f"{server.url}/feed", source="missing_runs = 2\nmaximum_loss = 0.2")
    server.routes["/feed"] = turtle(HEAD + "".join(map(dataset, NAMES)))
    region.sync()
    server.routes["/feed"] = turtle(HEAD + "".join(map(dataset, NAMES[1:])))
    region.sync()
    region.sync()
    assert region.states("stadt")["https://stadt.example/dataset/a"] == "gone"
    assert {request.path for request in server.seen} == {"/feed"}


def test_what_lacks_in_an_incomplete_listing_is_not_asked_for(region: Region, server: Server) -> None:
    server.routes["/feed"] = (500, {}, b"")
    region.sync()
    listed(server, NAMES[4:])  # more than the share allowed
    assert region.sync().exit_code == 4
    assert server.count("/dataset/a") == 0
    assert states(region, server) == {}


def test_a_dry_run_asks_nobody(region: Region, server: Server) -> None:
    listed(server, NAMES[1:])
    region.sync(dry=True)
    assert server.count("/dataset/a") == 0


def test_a_dataset_that_returns_starts_from_zero(region: Region, server: Server) -> None:
    listed(server, NAMES[1:])
    answers(server, "a", 404)
    region.sync()
    listed(server, NAMES)
    region.sync()
    assert states(region, server) == {}
    with region.open() as store:
        assert store.departures("stadt") == {}
    listed(server, NAMES[1:])
    answers(server, "a", 404)
    region.sync()
    assert states(region, server) == {"a": "missing"}


def test_a_server_that_is_busy_is_left_alone(server: Server, network: Http) -> None:
    server.routes["/x"] = (503, {}, b"")
    assert len(ask(network, [Question("s", str(number), f"{server.url}/x") for number in range(9)], threading.Event()).statuses) == 1


def test_who_was_not_asked_stays(region: Region, server: Server) -> None:
    listed(server, NAMES[1:])
    answers(server, "a", 404)
    region.sync()
    stop = threading.Event()
    feed = server.routes["/feed"]

    def end(request: object) -> object:
        stop.set()
        return feed

    server.routes["/feed"] = end
    region.sync(stop=stop)
    assert states(region, server) == {"a": "missing"}
    assert server.count("/dataset/a") == 1


def test_questions_are_bounded_polite_and_end_when_nobody_answers(server: Server, network: Http) -> None:
    for number in range(4):
        server.routes[f"/{number}"] = (404, {}, b"")
    every = [Question("s", str(number), f"{server.url}/{number}") for number in range(4)]
    assert ask(network, every, threading.Event()).statuses == {("s", str(number)): 404 for number in range(4)}
    assert ask(network, every, threading.Event(), seconds=0).statuses == {}
    stop = threading.Event()
    stop.set()
    assert ask(network, every, stop).statuses == {}
    nowhere = [Question("s", str(number), "http://127.0.0.1:9/") for number in range(10)]
    assert len(ask(network, nowhere, threading.Event()).statuses) == asking._SILENT


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Http]:
    with Http(Region(tmp_path).config.network) as http:
        yield http


def test_no_more_than_the_bound_are_asked_in_one_run(tmp_path: Path, server: Server) -> None:
    names = [f"n{number:03d}" for number in range(MOST + 10)]
    region = Region(tmp_path)
    region.member("stadt", f"{server.url}/feed", source="missing_runs = 1\nmaximum_loss = 1.0")
    server.routes["/feed"] = turtle(HEAD + "".join(dataset(name, city=server.url) for name in (*names, "stays")))
    region.sync()
    server.routes["/feed"] = turtle(HEAD + dataset("stays", city=server.url))
    region.sync()
    assert list(states(region, server).values()).count("gone") == MOST
    assert sum(request.path.startswith("/dataset/") for request in server.seen) == MOST
    region.sync()
    assert set(states(region, server).values()) == {"gone"}


# a statement is immediate


def test_gone_said_in_two_runs_needs_no_more_waiting(tmp_path: Path, server: Server) -> None:
    region = Region(tmp_path)
    region.member("stadt", f"{server.url}/feed", source="missing_runs = 9\nmaximum_loss = 0.2")
    listed(server, NAMES)
    region.sync()
    listed(server, NAMES[1:])
    answers(server, "a", 410)
    region.sync()
    assert states(region, server) == {"a": "missing"}
    region.sync()
    assert states(region, server) == {"a": "withdrawn"}
    assert f"{server.url}/dataset/a" not in region.public()
    assert "record-withdrawn" in codes(region)
    assert "410" in do(region, "why", f"{server.url}/dataset/a").out


ADMS = "<http://www.w3.org/ns/adms#status>"


def test_a_dataset_whose_own_status_is_withdrawn_leaves_at_once_and_stays_away(region: Region, server: Server) -> None:
    listed(server, NAMES, {"b": f"; {ADMS} <http://purl.org/adms/status/Withdrawn>"})
    outcome = region.sync()
    assert outcome.exit_code == 0
    assert outcome.runs[0].counts.gone == 1
    assert states(region, server) == {"b": "withdrawn"}
    assert f"{server.url}/dataset/b" not in region.public()
    for _ in range(2):  # the listing goes on listing it
        region.sync()
        region.sync(full=True)
        assert states(region, server) == {"b": "withdrawn"}
    assert "WITHDRAWN" in do(region, "why", f"{server.url}/dataset/b").out
    listed(server, NAMES)
    region.sync()
    assert states(region, server) == {}
    assert f"{server.url}/dataset/b" in region.public()


@pytest.mark.parametrize(
    ("said", "withdrawn"),
    [
        ("<http://purl.org/adms/status/Withdrawn>", True),
        ("<http://publications.europa.eu/resource/authority/distribution-status/WITHDRAWN>", True),
        ("<http://publications.europa.eu/resource/authority/dataset-status/WITHDRAWN>", True),
        ('"withdrawn"@en', True),
        ("<http://purl.org/adms/status/Deprecated>", False),
        ("<https://stadt.example/status/withdrawn>", False),
        ('"in withdrawn use"', False),
        ("_:b", False),
    ],
)
def test_withdrawn_is_a_word_of_known_lists(said: str, withdrawn: bool) -> None:
    description = Description("<https://x.example/1>", "dataset")
    description.say("<https://x.example/1>", "<http://www.w3.org/ns/adms#status>", said)
    assert says_withdrawn(description) is withdrawn
    assert not says_withdrawn(Description("<https://x.example/1>", "dataset"))


def test_the_status_of_a_file_withdraws_nothing(region: Region, server: Server) -> None:
    said = f"<{server.url}/dataset/b/csv> {ADMS} <http://purl.org/adms/status/Withdrawn> ."
    server.routes["/feed"] = turtle(HEAD + "".join(dataset(name, city=server.url) for name in NAMES) + said)
    region.sync()
    assert states(region, server) == {}


def test_a_withdrawn_status_counts_though_the_listing_does_not(region: Region, server: Server) -> None:
    listed(server, NAMES[6:], {"l": f"; {ADMS} <http://purl.org/adms/status/Withdrawn>"})
    assert region.sync().exit_code == 4
    assert states(region, server) == {"l": "withdrawn"}
    assert f"{server.url}/dataset/l" not in region.public()


def test_a_package_made_private_leaves_at_once_and_returns_with_its_source(tmp_path: Path) -> None:
    with ckan([package(number) for number in range(12)]) as portal:
        region = Region(tmp_path)
        region.member("stadt", portal.url, connector="ckan")
        region.sync()
        first = package(0)["id"]
        portal.change(first, private=True)
        region.sync()
        assert region.states("stadt")[first] == "withdrawn"
        assert len(region.public()) == 11
        assert "private" in do(region, "why", first).out
        portal.change(first, private=False)
        region.sync()
        assert len(region.public()) == 12


def test_a_ckan_package_that_merely_lacks_is_asked_for_by_package_show(tmp_path: Path) -> None:
    with ckan([package(number) for number in range(60)]) as portal:
        region = Region(tmp_path)
        region.member("stadt", portal.url, connector="ckan", source="missing_runs = 1\nmaximum_loss = 0.5")
        region.sync()
        lost = {number: portal.packages.pop(package(number)["id"]) for number in range(10)}  # too many for the connector to ask
        portal.forget()
        region.sync(full=True)
        assert portal.count("package_show") == 10
        assert list(region.states("stadt").values()).count("gone") == 10
        portal.add(*lost.values())
        region.sync()
        assert len(region.public()) == 60


# a person's word


def test_a_person_withdraws_at_once_and_until_it_is_undone(region: Region, server: Server) -> None:
    iri = f"{server.url}/dataset/a"
    would = do(region, "withdraw", iri, "--dry-run")
    assert iri in would.out
    assert iri in region.public()
    found = do(region, "withdraw", iri, "--reason", "falsche Daten", "--by", "Amt 12", "--json").json()
    assert (found["iri"], found["sources"], found["published"]["deleted"]) == (iri, ["stadt"], 1)
    assert iri not in region.public()
    assert do(region, "status", "--json").json()["datasets"] == len(NAMES) - 1
    assert iri.encode() not in b"".join(path.read_bytes() for path in (region.folder / "public").glob("catalog.*"))
    listed(server, NAMES, {"a": '; <http://purl.org/dc/terms/subject> "changed"'})
    region.sync()
    region.sync(full=True)
    assert iri not in region.public()
    told = do(region, "why", iri, lang="de").out
    assert "Amt 12 hat den Datensatz" in told
    assert "falsche Daten" in told
    assert "ist von einer Person zurückgezogen" in told
    assert "not-withdrawn" in do(region, "withdraw", f"{server.url}/dataset/b", "--undo", code=2).err
    do(region, "withdraw", iri, "--undo")
    assert iri in region.public()
    with region.open() as store:
        kinds = [row.kind for row in store.changes() if row.iri == iri]
    assert kinds == ["create", "delete", "create"]


def test_a_withdrawal_waits_for_the_next_generation_where_that_is_asked_for(region: Region, server: Server) -> None:
    iri = f"{server.url}/dataset/a"
    do(region, "withdraw", iri, "--no-publish")
    assert iri in region.public()
    do(region, "publish")
    assert iri not in region.public()


def test_a_withdrawal_while_a_run_is_at_work_takes_effect_with_that_run(region: Region, server: Server) -> None:
    iri = f"{server.url}/dataset/a"
    with region.open() as store:
        store.claim("sync", "another:1", 60)
        result = do(region, "withdraw", iri)
        assert "A run is at work (another:1)" in result.err
        assert do(region, "withdraw", iri, "--erase", code=75).err
        assert do(region, "remove", "stadt", code=75).err
        store.release("sync", "another:1")
    region.sync()
    assert iri not in region.public()


def test_a_withdrawal_holds_in_a_source_that_was_rolled_back(region: Region, server: Server) -> None:
    iri = f"{server.url}/dataset/a"
    listed(server, NAMES + "m")
    region.sync()
    do(region, "withdraw", iri)
    do(region, "rollback", "stadt", "--to", "1")
    assert iri not in region.public()
    do(region, "release", "stadt")
    assert iri not in region.public()


def test_the_catalog_record_about_a_dataset_leaves_with_it(tmp_path: Path, server: Server) -> None:
    region = Region(tmp_path)
    region.member("stadt", f"{server.url}/feed")
    about = """<https://stadt.example/record/a> a dcat:CatalogRecord ; foaf:primaryTopic <https://stadt.example/dataset/a> ;
      dct:title "Eintrag über a" ; dct:modified "2026-01-01"^^xsd:date ."""
    server.routes["/feed"] = turtle(HEAD + dataset("a") + dataset("b") + about)
    region.sync()
    assert b"record/a" in region.export()
    found = do(region, "withdraw", "https://stadt.example/dataset/a", "--json").json()
    assert found["iris"] == ["https://stadt.example/dataset/a", "https://stadt.example/record/a"]
    assert b"record/a" not in region.export()
    do(region, "withdraw", "https://stadt.example/dataset/a", "--undo")
    assert b"record/a" in region.export()


def test_what_nobody_knows_cannot_be_withdrawn(region: Region) -> None:
    assert "dataset-unknown" in do(region, "withdraw", "https://nirgends.example/x", code=2).err
    assert "member-unknown" in do(region, "remove", "dorf", code=2).err
    assert "not-removed" in do(region, "remove", "stadt", "--undo", code=2).err


def test_leaving_is_one_command_and_so_is_coming_back(region: Region, server: Server) -> None:
    before = region.public()
    assert "stadt" in do(region, "remove", "stadt", "--dry-run").out
    assert region.public() == before
    found = do(region, "remove", "stadt", "--by", "Amt 12", "--json").json()
    assert (found["sources"], found["datasets"], found["file"]) == (["stadt"], len(NAMES), "members/removed/stadt.toml")
    assert region.public() == set()
    assert not (region.folder / "members" / "stadt.toml").exists()
    told = do(region, "why", f"{server.url}/dataset/a", lang="de").out
    assert "Das Mitglied stadt wurde am" in told
    assert "Amt 12" in told
    do(region, "sync")
    assert region.public() == set()
    do(region, "remove", "stadt", "--undo")
    assert region.public() == before
    assert region.sync().exit_code == 0
    assert states(region, server) == {}


def test_a_member_whose_file_is_gone_already_can_be_removed(region: Region, server: Server) -> None:
    (region.folder / "members" / "stadt.toml").unlink()
    do(region, "publish")
    told = do(region, "why", f"{server.url}/dataset/a", lang="de").out
    assert "federation remove stadt" in told
    do(region, "remove", "stadt")
    assert region.public() == set()
    assert "Das Mitglied stadt wurde am" in do(region, "why", f"{server.url}/dataset/a", lang="de").out


# why


def test_why_tells_since_when_a_dataset_is_missing_and_when_it_would_leave(tmp_path: Path, server: Server) -> None:
    region = Region(tmp_path)
    region.member("stadt", f"{server.url}/feed", source="missing_runs = 3\nmaximum_loss = 0.2")
    listed(server, NAMES)
    region.sync()
    listed(server, NAMES[1:])
    region.sync()
    iri = f"{server.url}/dataset/a"
    assert "seit Lauf 2" in do(region, "why", iri, lang="de").out
    assert "after 2 more" in do(region, "why", iri).out
    region.sync()
    region.sync()
    assert "404 or 410 as well (last answer: 200)" in do(region, "why", iri).out
    answers(server, "a", 404)
    region.sync()
    assert "since run 2" in do(region, "why", iri).out
    assert do(region, "why", iri, "--json").json()[0]["farewells"][0]["code"] == "story-gone"
