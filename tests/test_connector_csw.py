"""The CSW connector over HTTP: against a catalog that answers as real ones do, and against ones that misbehave."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors._csw_options import CswOptions
from connectors.csw import Csw
from federation.config import Source
from federation.errors import SourceError
from federation.finding import Finding
from federation.harvest.connector import Reached, Record, Response, State, options_of
from federation.terms import DCAT
from tests.connector_contract import ConnectorContract, door
from tests.csw_server import OPEN, XML, Catalog, csw, exception, legal, operates_on, record
from tests.loopback import Reply
from tests.region import Region

CODE = "https://registry.gdi-de.org/id/de.test/"


class _Offering:
    """A CSW as the contract wants it."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog, self.url = catalog, catalog.url
        self._status = 0
        catalog.trick = self._trick

    @property
    def count(self) -> int:
        return len(self._catalog.asked)

    def offer(self, names: Iterable[str]) -> None:
        self._catalog.records = [record(name) for name in names]

    def break_one(self, name: str) -> None:
        self._catalog.records = [
            re.sub(r"<gmd:title>.*?</gmd:title>", "", each).replace("2026-01-05", "2026-06-01") if f">{name}<" in each else each
            for each in self._catalog.records
        ]

    def truncate(self) -> None:
        self._catalog.trick = lambda query: self._cut() if query.get("startposition", "1") != "1" or self._catalog.cap >= 100 else None

    def _cut(self) -> Reply:
        rows = "".join(self._catalog.records[:3])
        return 200, XML, (
            '<csw:GetRecordsResponse xmlns:csw="http://www.opengis.net/cat/csw/2.0.2"><csw:SearchResults numberOfRecordsMatched="25"'
            f' numberOfRecordsReturned="3" nextRecord="0">{rows}</csw:SearchResults></csw:GetRecordsResponse>'
        ).encode()  # fmt: skip

    def fail(self, status: int) -> None:
        self._status = status

    def _trick(self, _: dict[str, str]) -> "Reply | None":
        return (self._status, {"Content-Type": "text/plain"}, b"no") if self._status else None


class TestContract(ConnectorContract):
    connector = "csw"

    @contextmanager
    def serve(self, names: Sequence[str]) -> Iterator[_Offering]:
        with csw([record(name) for name in names]) as catalog:
            yield _Offering(catalog)


# reading


class Run:
    """What one reading gave."""

    def __init__(self, url: str, state: State | None = None, **options: Any) -> None:
        self.source = Source(id="stadt", connector="csw", url=url, options=options)
        self.options = options_of(self.source)
        self.records: list[Record] = []
        self.responses: list[Response] = []
        self.reached: Reached | None = None
        with door() as http:
            for step in Csw().fetch(self.source, self.options, http, state or State()):
                if isinstance(step, Response):
                    self.responses.append(step)
                    self.records += Csw().split(step, self.options)
                elif isinstance(step, Reached):
                    self.reached = step

    @property
    def ids(self) -> list[str]:
        return sorted(one.identifier for one in self.records if one.kind != "rest")

    @property
    def total(self) -> int | None:
        return self.responses[-1].total

    @property
    def findings(self) -> list[Finding]:
        return [finding for one in self.responses for finding in one.findings]


def many(count: int) -> list[str]:
    return [record(f"d{number:03}") for number in range(count)]


@pytest.mark.parametrize("version", ["2.0.2", "3.0.0"])
@pytest.mark.parametrize("post", [True, False])
def test_a_catalog_is_read_in_the_version_and_by_the_method_that_it_understands(version: str, post: bool) -> None:
    with csw(many(25), cap=10, version=version, post=post) as catalog:
        run = Run(catalog.url)
    assert len(run.ids) == 25
    assert run.total == 25
    assert f"version={version}" in run.responses[0].url


def test_an_address_copied_with_a_request_leads_to_the_catalog() -> None:
    with csw(many(3)) as catalog:
        assert len(Run(f"{catalog.url}?service=CSW&request=GetCapabilities&version=2.0.2").ids) == 3


@pytest.mark.parametrize("lie", [lambda start, came: 0, lambda start, came: 1, lambda start, came: 10_000])
def test_what_a_server_says_of_the_next_record_is_not_believed(lie: Any) -> None:
    with csw(many(25), cap=10, next_record=lie) as catalog:
        run = Run(catalog.url)
    assert (len(run.ids), run.total) == (25, 25)


def test_a_record_that_the_server_counts_and_leaves_out_leaves_the_listing_short() -> None:
    with csw(many(25), cap=10, omit={7}) as catalog:
        run = Run(catalog.url, page_size=10)
    assert len(run.ids) == 24
    assert run.total == 25


def test_two_records_with_one_identifier_count_once() -> None:
    with csw([*many(12), record("d003", "Noch einmal")], cap=5) as catalog:
        run = Run(catalog.url)
    assert run.total == 12


def test_a_server_that_cannot_sort_is_read_without_order() -> None:
    with csw(many(12), sorts=False, cap=5) as catalog:
        assert Run(catalog.url).total == 12


def test_the_words_of_an_exception_report_are_passed_on() -> None:
    with csw(many(3)) as catalog:
        catalog.trick = lambda query: (400, XML, exception("Der Index wird neu aufgebaut", "NoApplicableCode"))
        with pytest.raises(SourceError, match="Der Index wird neu aufgebaut"):
            Run(catalog.url)


def test_an_answer_without_iso_metadata_names_what_it_holds() -> None:
    start = b'<csw:GetRecordsResponse xmlns:csw="http://www.opengis.net/cat/csw/2.0.2">'
    body = start + b'<csw:SearchResults numberOfRecordsMatched="1"><csw:Record/>'
    with csw(many(3)) as catalog:
        catalog.trick = lambda query: (200, XML, body + b"</csw:SearchResults></csw:GetRecordsResponse>")
        with pytest.raises(SourceError, match="Record"):
            Run(catalog.url)


def test_filters_choose_by_keyword_organisation_and_type_whether_the_server_helps_or_not() -> None:
    records = [*many(4), record("x", words=("opendata", "Radwege")), record("s", kind="series", words=("opendata", "Radwege"))]
    for behaviour in ({}, {"filters": False}, {"ignores_filters": True}):
        with csw(records, **behaviour) as catalog:
            assert Run(catalog.url, keyword=["Radwege"]).ids == ["s", "x"], behaviour
            assert Run(catalog.url, keyword=["Radwege"], type=["series"]).ids == ["s"]
            assert Run(catalog.url, organisation=["Stadt Beispiel"]).ids == sorted(["s", "x", "d000", "d001", "d002", "d003"])
            assert Run(catalog.url, organisation=["Niemand"]).ids == []


# services


def coupled() -> list[str]:
    service = record("s1", "Dienst", kind="service", operates_on=operates_on(f"{CODE}d003"))
    return [*many(8), service]


@pytest.mark.parametrize("behaviour", [{}, {"filters": False}, {"ignores_filters": True}])
def test_a_service_becomes_a_distribution_of_its_dataset_wherever_it_stands(behaviour: dict[str, bool]) -> None:
    with csw(coupled(), cap=3, **behaviour) as catalog:
        run = Run(catalog.url)
    made = {one.identifier: Csw().map(one, CswOptions()) for one in run.records}
    served = {name for name, each in made.items() if each.of_type(DCAT.DataService)}
    assert served == {"d003"}
    assert not run.findings


def test_a_dataset_is_new_when_its_service_changes_and_pages_without_it_stay() -> None:
    with csw(coupled(), cap=3) as catalog:
        before = Run(catalog.url)
        catalog.records[-1] = record("s1", "Dienst, neu", kind="service", operates_on=operates_on(f"{CODE}d003"))
        after = Run(catalog.url)
    changed = {one.identifier for one, other in zip(before.records, after.records, strict=True) if one.digest() != other.digest()}
    assert changed == {"d003", "s1"}
    assert [one.digest == other.digest for one, other in zip(before.responses, after.responses, strict=True)] == [True, False, False]


@pytest.mark.parametrize(("href", "uuid"), [
    (f"{CODE}d003", ""), ("http://www.registry.gdi-de.org/id/de.test/D003/", ""), ("", "d003"), (CODE[:-1] + "d003", ""),
    ("https://csw.example/csw?Service=CSW&Request=GetRecordById&id=d003&version=2.0.2", ""),
])  # fmt: skip
def test_a_coupling_is_found_however_it_is_written(href: str, uuid: str) -> None:
    with csw([*many(8), record("s1", kind="service", operates_on=operates_on(href, uuid))]) as catalog:
        run = Run(catalog.url)
    made = [Csw().map(one, CswOptions()) for one in run.records]
    assert [each.value(each.root, "<http://purl.org/dc/terms/identifier>") for each in made if each.of_type(DCAT.DataService)] == ['"d003"']


def test_dangling_and_ambiguous_couplings_are_findings() -> None:
    records = [record("a", code=f"{CODE}eins"), record("b", code=f"{CODE}eins"),
               record("s1", kind="service", operates_on=operates_on(f"{CODE}eins")),
               record("s2", kind="service", operates_on=operates_on(f"{CODE}nirgends"))]  # fmt: skip
    with csw(records) as catalog:
        run = Run(catalog.url)
    assert sorted((one.code, one.params["service"]) for one in run.findings) == [
        ("csw-coupling-ambiguous", "s1"), ("csw-coupling-dangling", "s2"),
    ]  # fmt: skip


@pytest.mark.parametrize("closed", [
    {"words": ("Bäume",)}, {"constraints": ""},
    {"constraints": legal(OPEN) + legal("nur für den Dienstgebrauch", access="otherRestrictions")},
])  # fmt: skip
def test_a_service_that_is_not_open_is_not_shown_with_an_open_dataset(closed: dict[str, Any]) -> None:
    with csw([*many(8), record("s1", kind="service", operates_on=operates_on(f"{CODE}d003"), **closed)]) as catalog:
        run = Run(catalog.url)
    assert not any(Csw().map(one, CswOptions()).of_type(DCAT.DataService) for one in run.records)


def test_a_series_without_access_of_its_own_and_with_parts_is_a_dataset_series() -> None:
    records = [record("a-reihe", kind="series", links=""), record("b-reihe", kind="series", links=""), record("c", parent="a-reihe"),
               record("d-reihe", kind="series"), record("e", parent="d-reihe")]  # fmt: skip
    with csw(records, cap=2) as catalog:
        run = Run(catalog.url)
    assert {one.identifier: one.kind for one in run.records} == {
        "a-reihe": "series", "b-reihe": "dataset", "c": "dataset", "d-reihe": "dataset", "e": "dataset",
    }  # fmt: skip


# what changed


def test_the_second_reading_asks_only_for_what_changed(tmp_path: Path) -> None:
    with csw(many(25), cap=10) as catalog:
        region = Region(tmp_path)
        region.member("stadt", catalog.url, connector="csw")
        region.sync()
        before = catalog.count()
        catalog.records[4] = record("d004", "Neuer Titel", stamp="2026-02-05")
        (run,) = region.sync().runs
        assert (run.outcome, run.counts.listed, run.counts.changed) == ("done", 1, 1)
        assert catalog.count() - before == 2  # what changed, and the services
        assert len(region.public()) == 25


def test_a_service_that_changed_changes_its_dataset_also_between_whole_readings(tmp_path: Path) -> None:
    with csw(coupled(), cap=10) as catalog:
        region = Region(tmp_path)
        region.member("stadt", catalog.url, connector="csw")
        region.sync()
        catalog.records[-1] = record("s1", "Dienst, neu", kind="service", stamp="2026-02-09", operates_on=operates_on("", "d003"))
        (run,) = region.sync().runs
        assert (run.outcome, run.counts.changed) == ("done", 1)
        assert catalog.count("GetRecordById") == 1
        assert b"Dienst, neu" in region.export()


# files


def test_a_folder_of_records_is_read_like_a_catalog(tmp_path: Path) -> None:
    folder = tmp_path / "metadaten"
    folder.mkdir()
    for number, text in enumerate(coupled()):
        (folder / f"{number}.xml").write_text(text, encoding="utf-8")
    (folder / "liste.xml").write_text("<liste/>")
    run = Run(str(folder))
    assert len(run.ids) == 8
    assert [one.code for one in run.findings] == ["csw-file-not-iso"]
    assert sum(bool(Csw().map(one, CswOptions()).of_type(DCAT.DataService)) for one in run.records) == 1
    assert Run(str(folder), files=["0.xml", "3.xml"]).ids == ["d000", "d003"]
    (folder / "kaputt.xml").write_text("<gmd:MD_Metadata>")
    broken = Run(str(folder))
    assert "csw-file-broken" in {one.code for one in broken.findings}
    assert not broken.responses[-1].complete
    with pytest.raises(SourceError):
        Run(str(tmp_path / "nichts"))


def test_hostile_xml_is_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
    with csw(many(1)) as catalog:
        catalog.trick = lambda query: (200, XML, bomb)
        with pytest.raises(SourceError) as error:
            Run(catalog.url)
    assert error.value.code == "xml-entity-refused"


# finding a catalog


def test_a_catalog_is_detected_by_its_capabilities() -> None:
    with csw(many(1)) as catalog, door() as http:
        found = Csw().detect(f"{catalog.url}?request=GetCapabilities", http)
        assert found is not None
        assert (found.connector, found.url, found.title) == ("csw", catalog.url, "Geokatalog Beispiel")
        assert Csw().detect(catalog.url.replace("/csw", "/anderswo"), http) is None


# a real server


@pytest.mark.skipif("CSW_URL" not in os.environ, reason="CSW_URL names a pycsw with the 1,000 records of the lab")
@pytest.mark.parametrize("version", ["2.0.2", "3.0.0"])
def test_a_real_pycsw_is_read_whole_and_then_by_what_changed(version: str, tmp_path: Path) -> None:
    region = Region(tmp_path)
    region.member("stadt", os.environ["CSW_URL"], connector="csw", options=f'version = "{version}"')
    (run,) = region.sync().runs
    assert (run.outcome, run.counts.listed, run.counts.new) == ("done", 800, 800)
    assert region.export().count(b"dcat:accessService ") == 200
    (again,) = region.sync().runs
    assert (again.outcome, again.counts.changed, again.counts.gone) == ("done", 0, 0)
    assert again.seconds < run.seconds / 2
