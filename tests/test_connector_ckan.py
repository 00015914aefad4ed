"""The CKAN connector, over HTTP, against a CKAN that answers as real ones do and against ones that misbehave."""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from connectors import _ckan_fetch
from connectors._ckan_address import chosen, root_of
from connectors._ckan_fetch import same_stamp
from connectors._ckan_packages import CkanOptions
from connectors.ckan import Ckan
from federation.config import Credentials, NetworkSettings, Source
from federation.errors import SourceError
from federation.finding import Finding
from federation.harvest.connector import Listed, Record, Response, State, registry
from federation.harvest.credentials import Access
from federation.harvest.http import Http
from tests.ckan_server import HTML, Answer, Portal, ckan, package
from tests.loopback import network
from tests.test_ckan_fields import CORPUS, corpus

CONNECTOR = Ckan()
HARVESTED = [{"key": "harvest_source_id", "value": "s1"}, {"key": "harvest_source_title", "value": "Geoportal"}]


@pytest.fixture(scope="module")
def http() -> Iterator[Http]:
    with Http(NetworkSettings.model_validate({"allow": ["127.0.0.0/8"], "retries": 0})) as door:
        yield door


@dataclass
class Run:
    """What one reading gave."""

    records: list[Record] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    gone: dict[str, str] = field(default_factory=dict)
    responses: list[Response] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        return sorted(record.identifier for record in self.records)

    @property
    def findings(self) -> list[Finding]:
        return [finding for response in self.responses for finding in response.findings]

    @property
    def codes(self) -> list[str]:
        return [finding.code for finding in self.findings]

    @property
    def complete(self) -> bool:
        return all(response.complete for response in self.responses)

    def state(self) -> State:
        return State(stamps={record.identifier: record.stamp for record in self.records})


def read(portal: Portal | str, http: Http, state: State | None = None, **options: Any) -> Run:
    wanted = CkanOptions(**options)
    url = portal if isinstance(portal, str) else portal.url
    run = Run()
    for step in CONNECTOR.fetch(Source(id="stadt", connector="ckan", url=url), wanted, http, state or State()):
        if isinstance(step, Response):
            run.responses.append(step)
            run.records += CONNECTOR.split(step, wanted)
        elif isinstance(step, Listed):
            run.listed += step.identifiers
        else:
            run.gone[step.identifier] = step.reason
    return run


def number(count: int, **fields: Any) -> list[dict[str, Any]]:
    return [package(each, **fields) for each in range(count)]


def ids(*numbers: int) -> list[str]:
    return [str(package(each)["id"]) for each in numbers]


# everything, page after page


@pytest.mark.parametrize("name", CORPUS)
def test_every_package_of_the_corpus_arrives_and_is_mapped(name: str, http: Http) -> None:
    packages = corpus(name)
    with ckan(packages) as portal:
        run = read(portal, http, include_foreign=True)
        assert run.ids == sorted(str(each.get("id") or each["name"]) for each in packages)
        assert run.complete
        own = [each for each in packages if "harvest_source_id" not in json.dumps(each.get("extras"))]
        assert len(read(portal, http).records) == len(own)
        for record in run.records:
            made = CONNECTOR.map(record, CkanOptions())
            assert made.root.startswith(f"<{portal.url}/dataset/" if "swiss" not in name else "<http")
            assert len(list(made.triples())) > 10


def test_pages_are_read_in_a_stable_order_one_request_each(http: Http) -> None:
    with ckan(number(250)) as portal:
        run = read(portal, http)
        assert run.ids == ids(*range(250))
        assert (portal.count("package_search"), portal.count()) == (3, 3)
        assert all(query["sort"] == ["id asc"] for _, query in portal.requests)
        assert [len(json.loads(response.body)["result"]["results"]) for response in run.responses] == [100, 100, 50]
        assert len({response.url for response in run.responses}) == 3
        assert run.complete
        assert not run.findings


def test_fetching_is_lazy(http: Http) -> None:
    with ckan(number(500)) as portal:
        steps = CONNECTOR.fetch(Source(id="s", connector="ckan", url=portal.url), CkanOptions(), http, State())
        assert portal.count() == 0
        next(steps)
        assert portal.count() == 2  # the last page also carries what is known only at the end, so one is kept back


@pytest.mark.parametrize("cap", [1, 7, 40, 100])
def test_a_server_that_gives_fewer_rows_than_asked_is_read_to_the_end(cap: int, http: Http) -> None:
    with ckan(number(50), cap=cap) as portal:
        run = read(portal, http)
        assert run.ids == ids(*range(50))
        assert run.complete


def test_an_empty_portal_gives_an_empty_answer(http: Http) -> None:
    with ckan() as portal:
        run = read(portal, http)
        assert (len(run.responses), run.records, run.complete) == (1, [], True)


# the listing moves


def at_request(portal: Portal, numbers: set[int], change: Any) -> None:
    """Does something to the portal just before it answers the package_search requests of these numbers."""
    seen = 0

    def trick(action: str, query: dict[str, list[str]]) -> Answer | None:
        nonlocal seen
        seen += action == "package_search"
        if seen in numbers:
            change()
        return None

    portal.trick = trick


def test_a_package_deleted_while_paging_costs_no_other_package(http: Http) -> None:
    with ckan(number(250)) as portal:
        at_request(portal, {2}, lambda: portal.packages.pop(ids(3)[0], None))
        run = read(portal, http)
        assert set(run.ids) >= set(ids(*(each for each in range(250) if each != 3)))
        assert len(run.ids) == len(set(run.ids))
        assert run.complete
        assert portal.count("package_search") == 5  # three pages, the listing again, the one that was skipped


def test_a_package_added_while_paging_arrives(http: Http) -> None:
    with ckan([package(each) for each in range(1, 251)]) as portal:
        at_request(portal, {2}, lambda: portal.add(package(0)))
        run = read(portal, http)
        assert run.ids == ids(*range(251))
        assert run.complete


def test_a_listing_that_never_stands_still_is_incomplete_and_says_so(http: Http) -> None:
    with ckan([package(each) for each in range(1000, 1250)], cap=100) as portal:
        free = iter(range(999, 0, -1))
        at_request(portal, set(range(100)), lambda: portal.add(package(next(free))))
        run = read(portal, http)
        assert not run.complete
        assert run.codes == ["ckan-drift"]
        assert portal.count("package_search") < 20


def test_a_portal_that_counts_more_than_it_gives_is_incomplete(http: Http) -> None:
    with ckan(number(30), stale=2) as portal:
        run = read(portal, http)
        assert run.ids == ids(*range(30))
        assert (run.complete, run.codes) == (False, ["ckan-count"])
        assert "30" in run.findings[0].cause("de")
        assert "32" in run.findings[0].cause("de")


def test_a_server_that_ignores_the_start_is_not_read_forever(http: Http) -> None:
    with ckan(number(300)) as portal:
        def trick(action: str, query: dict[str, list[str]]) -> None:
            query.pop("start", None)

        portal.trick = trick
        portal.cap = 100
        run = read(portal, http)
        assert len(run.ids) == 100
        assert not run.complete
        assert portal.count("package_search") < 10


def test_where_ids_cannot_be_sorted_by_names_are(http: Http) -> None:
    with ckan(number(150)) as portal:
        def trick(action: str, query: dict[str, list[str]]) -> Answer | None:
            if query.get("sort") == ["id asc"]:
                problem = {"success": False, "error": {"__type": "Search Error", "message": "Search error: can not sort on id"}}
                return 409, {}, json.dumps(problem).encode()
            return None

        portal.trick = trick
        run = read(portal, http)
        assert run.ids == ids(*range(150))
        assert [query["sort"] for _, query in portal.requests] == [["id asc"], ["name asc"], ["name asc"]]


# only what changed


def test_unchanged_costs_one_listing(http: Http) -> None:
    with ckan(number(90)) as portal:
        first = read(portal, http)
        portal.forget()
        again = read(portal, http, first.state())
        assert sorted(again.listed) == first.ids
        assert (again.records, again.responses, again.gone) == ([], [], {})
        listings = [query for action, query in portal.requests if "fl" in query]
        assert len(listings) == 1
        assert portal.count() == 2  # and one for how many are harvested from elsewhere


def test_only_what_changed_is_fetched(http: Http) -> None:
    with ckan(number(400)) as portal:
        first = read(portal, http)
        portal.change(ids(7)[0], title="Neu")
        portal.add(package(401))
        portal.forget()
        again = read(portal, http, first.state())
        assert again.ids == ids(7, 401)
        assert sorted(again.listed) == ids(*(each for each in range(400) if each != 7))
        assert again.complete
        assert portal.count("package_search") == 4  # listing in two requests (100, then 1000), one for both packages, one count
        assert portal.count("package_show") == 0


def test_many_changed_packages_are_asked_for_in_chunks(http: Http) -> None:
    with ckan(number(300)) as portal:
        first = read(portal, http)
        for name in ids(*range(90)):
            portal.change(name, title="Neu")
        portal.forget()
        assert read(portal, http, first.state()).ids == ids(*range(90))
        chunks = [query for _, query in portal.requests if "id:(" in query.get("fq", [""])[0]]
        assert [int(query["rows"][0]) for query in chunks] == [40, 40, 10]


def test_where_more_than_a_third_changed_all_pages_are_read(http: Http) -> None:
    with ckan(number(90)) as portal:
        first = read(portal, http)
        for name in ids(*range(40)):
            portal.change(name, title="Neu")
        again = read(portal, http, first.state())
        assert (len(again.ids), again.listed) == (90, [])


def test_a_full_run_reads_all_pages(http: Http) -> None:
    with ckan(number(9)) as portal:
        first = read(portal, http)
        again = read(portal, http, State(stamps=first.state().stamps, full=True))
        assert (len(again.ids), again.listed) == (9, [])


@pytest.mark.parametrize("fields", [False, "ignored"])
def test_a_portal_that_cannot_list_fields_is_read_wholly(fields: object, http: Http) -> None:
    with ckan(number(120), fields=fields) as portal:
        first = read(portal, http)
        again = read(portal, http, first.state())
        assert (again.ids, again.listed, again.complete) == (first.ids, [], True)


def test_the_index_keeps_milliseconds_and_the_package_microseconds() -> None:
    assert same_stamp("2026-08-07T06:10:44.740Z", "2026-08-07T06:10:44.740279")
    assert same_stamp("2026-08-07T06:10:44.7Z", "2026-08-07T06:10:44.700279")
    assert same_stamp("2026-08-07T06:10:44Z", "2026-08-07T06:10:44.000279")
    assert not same_stamp("2026-08-07T06:10:44.741Z", "2026-08-07T06:10:44.740279")
    assert not same_stamp("", "2026-08-07T06:10:44")


# withdrawn


def test_deleted_and_private_packages_are_gone_at_once(http: Http) -> None:
    with ckan(number(60)) as portal:
        first = read(portal, http)
        portal.change(ids(1)[0], state="deleted")
        portal.change(ids(2)[0], private=True)
        del portal.packages[ids(3)[0]]
        for state in (first.state(), State(stamps=first.state().stamps, full=True)):
            again = read(portal, http, state)
            assert again.gone == dict(zip(ids(1, 2, 3), ["private", "private", "deleted"], strict=True))
            assert again.complete


def test_an_error_page_about_a_package_is_no_statement_that_it_is_gone(http: Http) -> None:
    with ckan(number(60)) as portal:
        first = read(portal, http)
        del portal.packages[ids(3)[0]]
        for status in (403, 404, 500):
            portal.trick = lambda action, query, status=status: (status, HTML, b"<html>no</html>") if action == "package_show" else None
            assert read(portal, http, first.state()).gone == {}


def test_many_packages_missing_at_once_are_not_called_gone(http: Http) -> None:
    with ckan(number(60)) as portal:
        first = read(portal, http)
        for name in ids(*range(50)):
            del portal.packages[name]
        portal.forget()
        again = read(portal, http, first.state())
        assert (again.gone, portal.count("package_show")) == ({}, 0)
        portal.packages.clear()
        assert read(portal, http, first.state()).gone == {}


def test_a_package_that_left_the_organization_is_not_gone(http: Http) -> None:
    with ckan(number(60)) as portal:
        first = read(portal, http, organization="stadt")
        portal.change(ids(4)[0], organization={"id": "o2", "name": "kreis", "title": "Kreis"})
        again = read(portal, http, first.state(), organization="stadt")
        assert (again.gone, len(again.listed)) == ({}, 59)


def test_withdrawn_packages_that_a_key_makes_visible_are_never_records(http: Http) -> None:
    rows = [package(1), package(2, private=True), package(3, state="draft"), package(4, state="deleted")]
    answer = json.dumps({"success": True, "result": {"count": 4, "results": rows}}).encode()
    with ckan() as portal:
        portal.trick = lambda action, query: (200, {}, answer)
        run = read(portal, http)
        assert run.ids == ids(1)
        assert run.gone == dict(zip(ids(2, 3, 4), ["private", "draft", "deleted"], strict=True))


# one CKAN, many members


def shared_portal() -> list[dict[str, Any]]:
    kreis = {"id": "99999999-0000-4000-8000-000000000009", "name": "kreis", "title": "Landkreis", "type": "organization"}
    verkehr = [{"id": "g1", "name": "verkehr", "title": "Verkehr"}]
    return [
        *(package(each) for each in range(20)), *(package(each, organization=kreis, owner_org=kreis["id"]) for each in range(20, 35)),
        *(package(each, groups=verkehr, tags=[{"name": "bus"}]) for each in range(35, 40)),
        *(package(each, organization={"id": "o3", "name": "andere", "title": "Andere"}, groups=[], tags=[]) for each in range(40, 60)),
    ]  # fmt: skip


@pytest.mark.parametrize(("options", "expected"), [
    ({"organization": "stadt"}, (*range(20), *range(35, 40))), ({"organization": ["kreis"]}, range(20, 35)),
    ({"organization": ["Landkreis"]}, range(20, 35)), ({"organization": "99999999-0000-4000-8000-000000000009"}, range(20, 35)),
    ({"organization": ["kreis", "stadt"]}, range(40)), ({"group": "verkehr"}, range(35, 40)), ({"group": ["Verkehr"]}, range(35, 40)),
    ({"tag": ["bus", "bahn"]}, range(35, 40)), ({"organization": "stadt", "tag": "haushalt"}, range(20)),
    ({"fq": "organization:kreis"}, range(20, 35)), ({"fq": "organization:kreis OR groups:verkehr"}, (*range(20, 40),)),
    ({"fq": "organization:kreis OR groups:verkehr", "tag": "bus"}, range(35, 40)), ({}, range(60)),
])  # fmt: skip
def test_a_part_of_a_portal_by_organization_group_tag_or_query(options: dict[str, Any], expected: Any, http: Http) -> None:
    with ckan(shared_portal()) as portal:
        run = read(portal, http, **options)
        assert run.ids == ids(*expected)
        assert run.complete


def test_sources_in_one_portal_are_read_together_and_each_gets_its_own(http: Http) -> None:
    options = [
        CkanOptions.model_validate(each) for each in
        ({"organization": "stadt"}, {"organization": ["Landkreis"]}, {"organization": "kreis", "tag": "haushalt"})
    ]  # fmt: skip
    with ckan(shared_portal()) as portal:
        sources = [
            Source(id="a", connector="ckan", url=portal.url), Source(id="b", connector="ckan", url=f"{portal.url}/"),
            Source(id="c", connector="ckan", url=f"{portal.url}/api/3/action/package_list"),
        ]  # fmt: skip
        assert len({CONNECTOR.shared(source, each) for source, each in zip(sources, options, strict=True)}) == 1
        together = CONNECTOR.shared_options(options)
        assert (together.organization, together.tag) == (("stadt", "Landkreis", "kreis"), ())
        records = [
            record for step in CONNECTOR.fetch(sources[0], together, http, State())
            if isinstance(step, Response) for record in CONNECTOR.split(step, together)
        ]  # fmt: skip
        assert sorted(record.identifier for record in records) == ids(*range(40))
        assert portal.count("package_search") <= 2
        for each in options:
            mine = [record for record in records if CONNECTOR.selects(record, each)]
            alone = read(portal, http, **each.model_dump())
            assert sorted(record.identifier for record in mine) == alone.ids


def test_a_source_with_a_query_of_its_own_reads_for_itself() -> None:
    source = Source(id="a", connector="ckan", url="https://x.example/")
    assert CONNECTOR.shared(source, CkanOptions(fq="a:b")) == ""
    other = Source(id="b", connector="ckan", url="https://X.example")
    assert CONNECTOR.shared(source, CkanOptions()) == CONNECTOR.shared(other, CkanOptions())


def test_one_member_without_a_filter_makes_the_shared_reading_whole() -> None:
    together = CONNECTOR.shared_options([CkanOptions(organization=("a",), page_size=50), CkanOptions(include_foreign=True)])
    assert (together.organization, together.include_foreign, together.page_size) == ((), True, 50)


@pytest.mark.parametrize("name", ["gibtesnicht", "Gibt Es Nicht"])
def test_an_organization_that_the_portal_does_not_know_is_an_error_that_names_those_it_knows(name: str, http: Http) -> None:
    with ckan(shared_portal()) as portal:
        with pytest.raises(SourceError) as caught:
            read(portal, http, organization=name)
        assert caught.value.code == "ckan-filter-unknown"
        assert "andere, kreis, stadt" in caught.value.text("de")


def test_an_organization_without_packages_is_just_empty(http: Http) -> None:
    with ckan([package(1, state="draft", organization={"id": "o", "name": "leer", "title": "Leer"}), package(2)]) as portal:
        run = read(portal, http, organization="leer")
        assert (run.records, run.complete) == ([], True)


# harvested from elsewhere


def test_packages_harvested_from_elsewhere_are_left_out_and_counted(http: Http) -> None:
    packages = [*(package(each) for each in range(30)), *(package(each, extras=HARVESTED) for each in range(30, 40))]
    with ckan(packages) as portal:
        first = read(portal, http)
        assert first.ids == ids(*range(30))
        assert [(finding.code, finding.params["number"]) for finding in first.findings] == [("ckan-foreign-left-out", "10")]
        assert "Geoportal (10)" in first.findings[0].cause("de")
        again = read(portal, http, first.state())
        assert (len(again.listed), again.records) == (30, [])
        assert [finding.params["number"] for finding in again.findings] == ["10"]
        wanted = read(portal, http, include_foreign=True)
        assert len(wanted.records) == 40
        marked = [record for record in wanted.records if any(finding.code == "ckan-foreign" for finding in record.findings)]
        assert sorted(record.identifier for record in marked) == ids(*range(30, 40))
        assert not CONNECTOR.selects(marked[0], CkanOptions())
        assert CONNECTOR.selects(marked[0], CkanOptions(include_foreign=True))


def test_an_original_elsewhere_is_foreign_and_one_here_is_not(http: Http) -> None:
    with ckan() as portal:
        portal.add(
            package(1, extras=[{"key": "metadata_original_portal", "value": "https://www.govdata.example/"}]),
            package(2, extras=[{"key": "guid", "value": "https://anderswo.example/dataset/2"}]),
            package(3, guid=f"{portal.url}/dataset/3", extras=[{"key": "metadata_original_portal", "value": portal.url}]),
            package(4, extras=[{"key": "guid", "value": "b9a0-77"}]),
        )
        assert read(portal, http).ids == ids(3, 4)


def test_packages_that_are_no_datasets_are_no_records(http: Http) -> None:
    types = ["dataset", "harvest", "showcase", "application", "dokument", "dataset_series", None]
    with ckan([package(place, type=each) for place, each in enumerate(types)]) as portal:
        run = read(portal, http)
        assert run.ids == ids(0, 4, 5, 6)
        assert {record.kind for record in run.records} == {"dataset", "series"}


# old and look-alike servers


@pytest.mark.parametrize("paged", [True, False])
def test_without_search_every_package_is_shown(paged: bool, http: Http) -> None:
    with ckan([*number(12), package(20, private=True)], without={"package_search"}, paged_list=paged) as portal:
        run = read(portal, http)
        assert run.ids == ids(*range(12))
        assert run.complete
        assert portal.count("package_show") == 12


def test_a_list_of_names_longer_than_a_page_is_read_on(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_ckan_fetch, "LISTING_ROWS", 5)
    with ckan(number(12), without={"package_search"}) as portal:
        assert read(portal, http).ids == ids(*range(12))
        assert [query["offset"] for action, query in portal.requests if action == "package_list"] == [["0"], ["5"], ["10"]]


def test_without_search_filters_are_ours(http: Http) -> None:
    with ckan(shared_portal(), without={"package_search"}) as portal:
        assert read(portal, http, organization="Landkreis").ids == ids(*range(20, 35))
        with pytest.raises(SourceError) as caught:
            read(portal, http, fq="organization:kreis")
        assert caught.value.code == "ckan-no-search"


def test_a_dkan_shows_packages_in_a_list_and_redirects(http: Http) -> None:
    def trick(action: str, query: dict[str, list[str]]) -> Answer | None:
        if action == "package_search":
            return 404, {"Content-Type": "application/json"}, b'{"message": "no such route"}'
        if action == "package_list" and "page" not in query:
            return 302, {"Location": f"{portal.url}/api/3/action/package_list?page=0"}, b""
        if action == "package_show":
            shown = portal.packages[ids(int(query["id"][0][1:]))[0]]
            return 200, {}, json.dumps({"help": "Return", "success": True, "result": [shown]}).encode()
        return None

    with ckan(number(3)) as portal:
        portal.trick = trick
        assert read(portal, http).ids == ids(0, 1, 2)


def test_single_packages_that_cannot_be_shown_make_the_run_incomplete_many_end_it(http: Http) -> None:
    broken = {"d0002"}

    def trick(action: str, query: dict[str, list[str]]) -> Answer | None:
        return (500, HTML, b"<html>oops</html>") if action == "package_show" and query["id"][0] in broken else None

    with ckan(number(12), without={"package_search"}) as portal:
        portal.trick = trick
        run = read(portal, http)
        assert len(run.ids) == 11
        assert (run.complete, run.codes) == (False, ["ckan-unread"])
        broken |= {f"d{each:04d}" for each in range(4, 10)}
        with pytest.raises(SourceError) as caught:
            read(portal, http)
        assert caught.value.code == "ckan-unreadable"


# what is no CKAN


@pytest.mark.parametrize(("answer", "code"), [
    ((200, HTML, b"<!doctype html><html><title>Are you human?</title></html>"), "html-instead-of-data"),
    ((403, HTML, b"<html><title>Forbidden</title></html>"), "http-forbidden"),
    ((404, HTML, b"<html>no</html>"), "ckan-no-api"),
    ((200, {}, b'{"success": false, "error": {"__type": "Internal Error", "message": "broken index"}}'), "ckan-error"),
    ((500, {}, b'{"success": false, "error": {"message": "broken index"}}'), "ckan-error"),
    ((403, {}, b'{"success": false, "error": {"__type": "Authorization Error", "message": "please log in"}}'), "ckan-forbidden"),
    ((200, {}, b'{"success": true, "result": []}'), "ckan-shape"),
    ((200, {}, b'{"success": true, "result": {"results": []}}'), "ckan-shape"),
    ((200, {}, b'{"success": true, "result": {"count": 1, "results": ['), "json-invalid"),
    ((200, {}, b""), "empty-answer"),
])  # fmt: skip
def test_what_is_no_answer_of_a_ckan_is_an_error_with_cause_and_remedy(answer: Answer, code: str, http: Http) -> None:
    with ckan(number(3)) as portal:
        portal.trick = lambda action, query: answer
        with pytest.raises(SourceError) as caught:
            read(portal, http)
        assert caught.value.code == code
        assert len(caught.value.text("de")) > 80


def test_a_query_that_the_portal_does_not_understand_is_an_error(http: Http) -> None:
    with ckan(number(3)) as portal:
        with pytest.raises(SourceError) as caught:
            read(portal, http, fq="das ist (keine abfrage")
        assert caught.value.code == "ckan-refused"
        assert "das ist (keine abfrage" in caught.value.text("de")


def test_answers_with_half_characters_are_read(http: Http) -> None:
    broken = json.dumps({"success": True, "result": {"count": 1, "results": [package(1, title="Stra\ud83dße", size=float("nan"))]}})
    with ckan() as portal:
        portal.trick = lambda action, query: (200, {}, broken.encode())
        (record,) = read(portal, http).records
        assert "Stra\ufffdße" in str(CONNECTOR.map(record, CkanOptions()).nodes)


# addresses, keys, detection


@pytest.mark.parametrize(("url", "root"), [
    ("https://x.example", "https://x.example"), ("https://x.example/", "https://x.example"), ("X.Example", "https://x.example"),
    ("https://x.example/ckan", "https://x.example/ckan"), ("https://x.example/ckan/", "https://x.example/ckan"),
    ("https://x.example/api/3/action", "https://x.example"),
    ("https://x.example/ckan/api/3/action/package_search?q=a", "https://x.example/ckan"),
    ("https://x.example/dataset/baeume", "https://x.example"), ("https://x.example/de/dataset/baeume?a=b#c", "https://x.example"),
    ("https://x.example/pt_BR/organization/stadt", "https://x.example"), ("https://x.example/daten/group/verkehr", "https://x.example/daten"),
    ("https://x.example/catalog.ttl", "https://x.example"), ("https://x.example:8443/index.html", "https://x.example:8443"),
    ("https://user:pass@X.example/dataset", "https://user:pass@x.example"),
])  # fmt: skip
def test_every_address_of_a_portal_leads_to_its_root(url: str, root: str) -> None:
    assert root_of(url) == root
    assert root_of(root) == root


def test_an_address_of_an_organization_chooses_it() -> None:
    assert chosen("https://x.example/de/organization/stadt?page=2") == {"organization": ["stadt"]}
    assert chosen("https://x.example/group/verkehr") == {"group": ["verkehr"]}
    assert chosen("https://x.example/organization") == {}


@pytest.mark.parametrize("path", ["", "/", "/api/3/action/package_search", "/dataset/d0001"])
def test_a_portal_below_a_path_is_read_from_any_of_its_addresses(path: str, http: Http) -> None:
    with ckan(number(3), mount="/daten") as portal:
        run = read(portal.url + path, http)
        assert run.ids == ids(0, 1, 2)
        assert CONNECTOR.map(run.records[0], CkanOptions()).root == f"<{portal.url}/dataset/{run.records[0].identifier}>"


def test_the_key_comes_from_the_environment_only(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Credentials(header="Authorization", secret_env="STADT_KEY")
    with ckan(number(3), key="geheim-7") as portal:
        with pytest.raises(SourceError) as caught:
            read(portal, http)
        assert caught.value.code == "ckan-forbidden"
        monkeypatch.setenv("STADT_KEY", "geheim-7")
        access = Access([Source(id="stadt", connector="ckan", url=portal.url, credentials=kept)])
        with Http(network(), access=access) as allowed:
            run = read(portal, allowed)
        assert len(run.ids) == 3
        assert "geheim-7" not in repr(run)


def test_user_and_password_of_an_address_are_in_no_response_and_no_iri(http: Http) -> None:
    with ckan(number(1)) as portal:
        run = read(portal.url.replace("http://", "http://user:geheim@"), http)
        assert portal.headers[0]["authorization"].startswith("Basic ")
        assert "geheim" not in repr(run)
        assert CONNECTOR.map(run.records[0], CkanOptions()).root.startswith(f"<{portal.url}/dataset/")


def test_a_ckan_is_told_from_its_address_in_three_requests(http: Http) -> None:
    with ckan(shared_portal()) as portal:
        found = CONNECTOR.detect(f"{portal.url}/dataset/d0001", http)
        assert found is not None
        assert (found.connector, found.url, found.datasets, found.title, found.options) == ("ckan", portal.url, 60, "Daten der Stadt", {})
        found = CONNECTOR.detect(f"{portal.url}/organization/kreis", http)
        assert found is not None
        assert (found.datasets, found.options) == (15, {"organization": ["kreis"]})
        portal.forget()
        assert CONNECTOR.detect(f"{portal.url}/irgendwo/anders", http) is not None
        assert portal.count() <= 3
    with ckan(without={"package_search", "package_list"}) as portal:
        assert CONNECTOR.detect(portal.url, http) is None


def test_the_connector_is_found_by_itself() -> None:
    assert isinstance(registry()["ckan"], Ckan)


# records


def split(*packages: dict[str, Any], **options: Any) -> list[Record]:
    body = json.dumps({"success": True, "result": {"count": len(packages), "results": packages}}).encode()
    return list(CONNECTOR.split(Response("https://x.example/api/3/action/package_search?rows=1", body), CkanOptions(**options)))


def test_bookkeeping_of_the_portal_changes_nothing() -> None:
    own = package(1, modified="2026-01-01")
    busy = package(
        1, modified="2026-01-01", tracking_summary={"total": 7}, num_resources=9, metadata_modified="2027-01-01T00:00:00", isopen=True,
        extras=[{"key": "harvest_object_id", "value": "x"}], relationships_as_object=[1], revision_id="r",
    )  # fmt: skip
    busy["resources"] = [own["resources"][0] | {"tracking_summary": {"total": 1}, "datastore_active": True, "cache_url": "x"}]
    busy["organization"] = own["organization"] | {"image_url": "https://x.example/logo.png", "package_count": 7}
    one, other = (split(each, include_foreign=True)[0] for each in (own, busy))
    assert one.digest() == other.digest()
    assert one.stamp != other.stamp
    assert list(CONNECTOR.map(one, CkanOptions()).triples()) == list(CONNECTOR.map(other, CkanOptions()).triples())


@pytest.mark.parametrize("change", [
    {"title": "Neu"}, {"tags": []}, {"extras": [{"key": "issued", "value": "2020"}]}, {"license_id": "cc-by"}, {"type": "dataset_series"},
    {"organization": {"id": "o", "name": "n", "title": "Neu"}}, {"resources": []}, {"metadata_modified": "2027-01-01T00:00:00"},
    {"eigenes": "x"},
])  # fmt: skip
def test_what_is_mapped_changes_the_fingerprint(change: dict[str, Any]) -> None:
    assert split(package(1))[0].digest() != split(package(1, **change))[0].digest()


def test_records_are_bytes_of_one_form_whatever_the_order_of_keys() -> None:
    own = package(1)
    (one,), (other,) = split(own), split(dict(reversed(own.items())))
    assert (one.raw, one.digest(), one.identifier, one.stamp) == (other.raw, other.digest(), own["id"], own["metadata_modified"])
    assert list(CONNECTOR.map(one, CkanOptions()).triples()) == list(CONNECTOR.map(other, CkanOptions()).triples())


def test_fields_without_a_place_in_dcat_are_a_finding_of_the_record() -> None:
    (record,) = split(package(1, kuerzel="K", sachgebiet="S"))
    assert [(finding.code, finding.params["fields"]) for finding in record.findings] == [("ckan-unmapped-fields", "kuerzel, sachgebiet")]
    assert split(package(1, kuerzel="K"), mapping={"kuerzel": "dcterms:identifier"})[0].findings == []


def test_every_code_has_its_texts_and_every_text_its_code() -> None:
    table = Path(__file__).parents[1] / "vocabularies" / "findings" / "ckan.csv"
    with table.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    code = "".join(each.read_text(encoding="utf-8") for each in (Path(__file__).parents[1] / "connectors").glob("*ckan*.py"))
    raised = set(re.findall(r'"(ckan-[a-z-]+)"', code))
    assert raised == {row["code"] for row in rows}
    assert all(text for row in rows for text in row.values())
