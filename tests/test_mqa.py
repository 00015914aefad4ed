"""The 405 points of data.europa.eu: what is there counts, what is missing costs its points, what was not measured is left out."""

import timeit
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.dcat.description import Description
from federation.quality.mqa import ASSUMPTIONS, DIMENSIONS, METRICS, POSSIBLE, band, conforming, score
from federation.report.quality import Points, Tally, before, points, reachable, report, stored, together
from federation.store.links import LinkRow
from federation.terms import DCAT
from tests.command import run
from tests.loopback import serve
from tests.region import HEAD, Region, turtle
from tests.shape_examples import GOOD, dataset
from tests.test_profiles import described

AT = {metric.id: at for at, metric in enumerate(METRICS)}
EU = "http://publications.europa.eu/resource/authority"

# metric: the good dataset without what it asks for
WITHOUT = {
    "keyword": dataset("keyword"), "theme": dataset("theme"), "spatial": dataset("spatial"), "temporal": dataset("temporal"),
    "contact": dataset("contact"), "publisher": dataset("publisher"), "rights": dataset("rights"), "byte-size": dataset("byte-size"),
    "issued": dataset("issued"), "modified": dataset("modified", "file-modified"),
    "known-licence": dataset(licence="<f> dct:license <http://a.example/lizenz> ."),
    "machine-readable": dataset(format=f"<f> dct:format <{EU}/file-type/PNG> ."),
    "non-proprietary": dataset(format=f"<f> dct:format <{EU}/file-type/XLSX> ."),
    "conformity": dataset("title"),
}  # fmt: skip


def yes(_: str) -> bool:
    return True


def lost(description: Description) -> dict[str, int]:
    """The metrics at which a dataset loses points, all addresses answering."""
    found = score(description, reachable=yes).points
    return {metric.id: metric.points - (got or 0) for metric, got in zip(METRICS, found, strict=True) if got != metric.points}


# the table


def test_the_table_has_405_points_in_five_dimensions() -> None:
    assert POSSIBLE == 405
    sums = {name: sum(metric.points for metric in METRICS if metric.dimension == name) for name in DIMENSIONS}
    assert sums == {"findability": 100, "accessibility": 100, "interoperability": 110, "reusability": 75, "contextuality": 20}
    assert len({metric.id for metric in METRICS}) == len(METRICS) == 23


@pytest.mark.parametrize(("points", "name"), [
    (405, "excellent"), (351, "excellent"), (350, "good"), (221, "good"), (220, "sufficient"), (120, "sufficient"), (119, "bad"),
    (0, "bad"),
])  # fmt: skip
def test_the_bands_are_those_of_the_portal(points: int, name: str) -> None:
    assert band(points, 405) == name


def test_where_less_could_be_measured_the_share_decides() -> None:
    assert band(325, 325) == "excellent"
    assert band(325 * 350 / 405, 325) == "good"
    assert band(0, 0) == "bad"


# one dataset


def test_a_dataset_with_everything_has_all_points() -> None:
    found = score(dataset(), reachable=yes)
    assert (found.total, found.possible, found.band) == (405, 405, "excellent")
    assert list(found.dimensions().values()) == [100, 100, 110, 75, 20]


def test_a_dataset_with_nothing_has_none() -> None:
    found = score(Description("<http://a.example/d>", "dataset", {}), reachable=yes, conforms=False)
    assert (found.total, found.possible, found.band) == (0, 405, "bad")


@pytest.mark.parametrize("name", WITHOUT)
def test_what_is_missing_costs_its_own_points_only(name: str) -> None:
    assert lost(WITHOUT[name]) == {name: METRICS[AT[name]].points}


@pytest.mark.parametrize(("description", "costs"), [
    (dataset("download-url"), {"download-url": 20, "download-url-status": 30}),
    (dataset("format"), {"format": 20, "non-proprietary": 20, "machine-readable": 20}),
    (dataset("media-type"), {"media-type": 10}),
    (dataset("access-rights"), {"access-rights": 10, "access-rights-vocabulary": 5}),
    (dataset(access_rights="<d> dct:accessRights <http://a.example/alle> ."), {"access-rights-vocabulary": 5, "conformity": 30}),
    (dataset("licence"), {"licence": 20, "known-licence": 10}),
    (dataset(format='<f> dct:format "CSV" .'), {"format-vocabulary": 10, "non-proprietary": 20, "machine-readable": 20, "conformity": 30}),
    (dataset(keyword='<d> dcat:keyword "" .'), {"keyword": 30}),
])  # fmt: skip
def test_what_hangs_together_is_lost_together(description: Description, costs: dict[str, int]) -> None:
    assert lost(description) == costs


def test_the_best_distribution_counts() -> None:
    poor = "<d> dcat:distribution <x> . <x> a dcat:Distribution ; dcat:accessURL <http://a.example/x> ; dct:license <http://a.example/l> ."
    assert score(dataset(more=poor), reachable=yes).total == 405
    assert score(dataset("format", more=poor + f"<x> dct:format <{EU}/file-type/CSV> ."), reachable=yes).points[AT["format"]] == 0


def test_a_date_of_the_dataset_counts_for_its_distributions() -> None:
    assert lost(dataset("file-modified")) == {}


def test_addresses_that_were_not_checked_are_left_out() -> None:
    found = score(dataset())
    assert (found.points[AT["access-url-status"]], found.points[AT["download-url-status"]]) == (None, None)
    assert (found.total, found.possible, found.band) == (325, 325, "excellent")
    half = score(dataset(download_url="<f> dcat:downloadURL <http://a.example/y.csv> ."), reachable={"http://a.example/x.csv": False}.get)
    assert half.points[AT["access-url-status"]] == 0
    assert half.points[AT["download-url-status"]] is None
    assert half.possible == 375


def test_one_address_that_answers_is_enough() -> None:
    known = {"http://a.example/x.csv": False, "http://a.example/y.csv": True}
    two = dataset(more="<f> dcat:accessURL <http://a.example/y.csv> .")
    assert score(two, reachable=known.get).points[AT["access-url-status"]] == 50


def test_what_only_germany_asks_for_is_no_fault_against_the_european_profile() -> None:
    german = dataset("publisher", "licence", contact="<d> dcat:contactPoint <k> . <k> a vcard:Kind ; vcard:fn \"Amt\" .")
    assert score(german).points[AT["conformity"]] == 30
    assert score(dataset("publisher-name")).points[AT["conformity"]] == 0
    assert conforming([])


@given(st.sets(st.sampled_from(sorted(set(GOOD) - {"type"}))), st.booleans())
def test_points_lie_between_none_and_all_and_a_further_distribution_takes_none_away(names: set[str], checked: bool) -> None:
    one = dataset(*sorted(names))
    found = score(one, conforms=True, reachable=yes if checked else None)
    assert 0 <= found.total <= found.possible <= POSSIBLE
    one.say(one.root, DCAT.distribution, "<http://a.example/z>")
    one.say("<http://a.example/z>", DCAT.accessURL, "<http://a.example/z.csv>")
    more = score(one, conforms=True, reachable=yes if checked else None)
    assert more.total >= found.total
    assert more.possible == found.possible


def test_a_dataset_is_scored_within_a_tenth_of_a_millisecond() -> None:
    files = " ".join(
        f"<d> dcat:distribution <x{n}> . <x{n}> a dcat:Distribution ; dcat:accessURL <http://a.example/{n}> ; dct:title \"{n}\" ; "
        f"dct:format <{EU}/file-type/CSV> ; dct:license <http://dcat-ap.de/def/licenses/cc-zero> ." for n in range(12)
    )  # fmt: skip
    large = dataset(more=files)
    assert sum(1 for _ in large.triples()) > 100
    best = min(timeit.repeat(lambda: score(large, conforms=True), number=100, repeat=20)) / 100
    assert best < 100e-6


# many datasets


def test_a_tally_is_the_mean_and_tells_what_each_missing_field_costs() -> None:
    tally = Tally()
    for one in (dataset(), dataset("temporal"), dataset("temporal", "keyword"), dataset()):
        tally.add(score(one))
    assert (tally.datasets, tally.total, tally.possible, tally.band) == (4, 325 - 10 - 7.5, 325, "excellent")
    assert [(metric.id, datasets, cost) for metric, datasets, cost in tally.costs()] == [("temporal", 2, 10.0), ("keyword", 1, 7.5)]
    assert tally.dimensions()["findability"] == (82.5, 100)
    assert tally.dimensions()["accessibility"] == (20.0, 20)
    assert [metric.id for metric in tally.unmeasured()] == ["access-url-status", "download-url-status"]


def test_several_tallies_are_one_over_all_datasets() -> None:
    few, many = Points("a", "A"), Points("b", "B")
    few.after.add(score(dataset()))
    for _ in range(3):
        many.after.add(score(dataset("theme")))
    whole = together([few, many], "Region")
    assert whole.after.datasets == 4
    assert whole.after.total == 325 - 22.5


def test_no_dataset_means_no_points_and_no_band() -> None:
    empty = Tally()
    assert (empty.total, empty.possible, empty.band, empty.costs()) == (0, 0, "", [])


def test_means_go_over_the_datasets_that_were_measured() -> None:
    tally = Tally()
    tally.add(score(dataset(), reachable=yes))
    tally.add(score(dataset()))
    assert tally.mean(AT["access-url-status"]) == 50
    assert tally.possible == 405


# before and after


SAID = f"""{HEAD}
<https://stadt.example/d> a dcat:Dataset ; dct:title "Bäume"@de ; dct:description "Alle"@de ; dct:publisher <https://stadt.example/amt> ;
  dct:language "de" ; dcat:distribution [ a dcat:Distribution ; dcat:accessURL "https://stadt.example/x.csv" ; dct:format "csv" ;
  dct:license "cc-zero" ] . <https://stadt.example/amt> a foaf:Organization ; foaf:name "Stadt" .
"""
BLANK = SAID.replace("<https://stadt.example/d> a", "[] a").replace("[] a dcat:Dataset", "_:d a dcat:Dataset")


@pytest.fixture
def region(tmp_path: Path) -> Iterator[Region]:
    made = Region(tmp_path)
    with serve({"/z": turtle(SAID), "/a": turtle(BLANK)}) as server:
        made.member("zett", f"{server.url}/z")
        made.member("aha", f"{server.url}/a")
        assert made.sync().exit_code == 0
    return made


def test_before_is_what_the_source_said_and_after_what_is_published(region: Region) -> None:
    with region.open() as store:
        for source in ("zett", "aha"):
            (description,) = stored(store, source)
            said, now = score(before(description)), score(description)
            names = ("format", "format-vocabulary", "machine-readable", "licence", "known-licence", "conformity")
            assert [said.points[AT[name]] for name in names] == [20, 0, 0, 20, 0, 0], source
            assert [now.points[AT[name]] for name in names] == [20, 10, 20, 20, 10, 30], source
            assert said.points[AT["publisher"]] == 10, "the dataset is found under the name that it had"


def test_the_report_keeps_the_order_of_the_configuration_and_names_places(region: Region) -> None:
    with region.open() as store:
        found = points(region.config, store)
        assert [each.source for each in found] == [source.id for source in region.config.sources()]
        document = report(found, together(found, "Region"), "de")
    assert document["not_measured"] == ["access-url-status", "download-url-status"]
    assert len(document["assumptions"]) == len(ASSUMPTIONS)
    assert document["region"]["datasets"] == 2
    first = document["sources"][0]
    assert first["after"]["points"] > first["before"]["points"]
    cost = {one["metric"]: one for one in first["costs"]}
    assert (cost["keyword"]["datasets"], cost["keyword"]["points"], cost["keyword"]["place"]) == (1, 30.0, "dcat:keyword")


def test_links_that_were_checked_are_measured(region: Region) -> None:
    with region.open() as store:
        assert reachable(store) is None
        store.put_uses({}, [])
        store.write_links([LinkRow("https://stadt.example/x.csv", "stadt.example", "2030-01-01", "ok", 200)])
        known = reachable(store)
        assert known is not None
        assert known("https://stadt.example/x.csv#blatt1") is True
        assert known("https://stadt.example/y.csv") is None
        (each, _) = points(region.config, store, reachable=known)
        assert each.after.mean(AT["access-url-status"]) == 50


def test_the_command_shows_points_costs_and_what_is_assumed(region: Region) -> None:
    done = run("-C", region.folder, "mqa", lang="de")
    assert done.code == 0, done.err
    assert done.out.index("aha") < done.out.index("zett")
    for said in ("Auffindbarkeit", "Was Punkte kostet", "Schlagwörter", "dcat:keyword"):
        assert said in done.out
    assert "Nicht gemessen: Zugangs-Adresse antwortet, Download-Adresse antwortet (80 der 405 Punkte; möglich sind darum 325)" in done.err
    assert "Von mehreren Distributionen zählt die mit den meisten Punkten." in done.err
    alone = run("-C", region.folder, "mqa", "zett")
    assert "aha" not in alone.out
    assert "What costs points" in alone.out


def test_the_command_gives_json(region: Region) -> None:
    found = run("-C", region.folder, "mqa", "zett", "--json").json()
    assert [each["source"] for each in found["sources"]] == ["zett"]
    assert found["region"]["after"]["possible"] == 325
    assert found["sources"][0]["after"]["metrics"]["access-url-status"] is None
    assert {each["source"] for each in found["currency"]} == {"zett", ""}


def test_every_dataset_can_be_seen_by_itself(region: Region) -> None:
    assert "https://stadt.example/d" in run("-C", region.folder, "mqa", "zett", "--datasets").out
    (source,) = run("-C", region.folder, "mqa", "zett", "--datasets", "--json").json()["sources"]
    (one,) = source["scores"]
    assert (one["dataset"], one["possible"]) == ("https://stadt.example/d", 325)
    assert one["after"] - one["before"] == source["after"]["points"] - source["before"]["points"] > 50
    assert sum(one["lost"].values()) == 325 - one["after"]
    assert "scores" not in run("-C", region.folder, "mqa", "zett", "--json").json()["sources"][0]


def test_the_command_says_when_there_is_nothing_yet(tmp_path: Path) -> None:
    done = run("-C", Region(tmp_path).folder, "mqa")
    assert (done.code, done.said) == (0, "No dataset has been read yet: federation sync")


def test_the_command_knows_no_source_of_another_name(region: Region) -> None:
    assert run("-C", region.folder, "mqa", "nirgends").code == 2


# real feeds


@pytest.mark.parametrize(("name", "said", "published"), [("rostock_catalog.rdf.gz", 260, 300), ("bremen_catalog.rdf.gz", 213, 250)])
def test_repairs_win_points_on_real_feeds_and_lose_none(name: str, said: int, published: int) -> None:
    first, then = Tally(), Tally()
    for description in described(name):
        first.add(score(before(description)))
        then.add(score(description))
    assert first.total <= said
    assert then.total >= published
    assert all(then.mean(at) >= first.mean(at) for at in range(len(METRICS)))
