"""The openness gate: what a geo catalog lists is federated only where it is open, and internal addresses are never shown."""

import csv
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.config import FederationConfig, Source, load
from federation.dcat.description import Description
from federation.dcat.openness import Claim, closed, inside
from federation.errors import ConfigError
from federation.normalise.openness import Gate
from federation.terms import DCAT, DCTERMS, FOAF
from tests.command import do
from tests.csw_server import OPEN, csw, legal, link, record
from tests.loopback import serve
from tests.region import HEAD, Region, dataset, turtle

ZERO = "http://dcat-ap.de/def/licenses/dl-zero-de/2.0"
AGREED = '[source.openness]\nwiden = ["keyword", "licence"]\nagreed_by = "Amt für Geoinformation"\nagreed_on = 2026-05-04\n'
DEFAULT = f'[source.defaults]\nlicense = "{ZERO}"\n'


# the judgement


def test_a_record_with_the_keyword_and_an_open_licence_passes() -> None:
    assert closed(Claim(marked=True, licence="x"), ZERO) == ("", "")


@pytest.mark.parametrize(("claim", "licence", "code"), [
    (Claim(licence="x"), ZERO, "not-federated-unmarked"),
    (Claim(marked=True), "", "not-federated-unlicensed"),
    (Claim(marked=True, licence="x"), "http://dcat-ap.de/def/licenses/cc-by-nc/4.0", "not-federated-licence"),
    (Claim(marked=True, licence="x", restrictions=("nur intern",)), ZERO, "not-federated-restricted"),
    (Claim(marked=True, licence="x", classified="restricted"), ZERO, "not-federated-classified"),
    (Claim(marked=True, licence="x", unfinished="draft"), ZERO, "not-federated-unfinished"),
    (Claim(marked=True, licence="x", kind="application"), ZERO, "not-federated-kind"),
])  # fmt: skip
def test_every_other_is_closed_with_its_reason(claim: Claim, licence: str, code: str) -> None:
    assert closed(claim, licence)[0] == code


@given(st.builds(Claim, st.booleans(), st.text(max_size=5), st.just(()), st.lists(st.text(min_size=1), min_size=1, max_size=2).map(tuple)))
def test_nothing_widens_the_gate_past_a_restriction(claim: Claim) -> None:
    assert closed(claim, ZERO, unmarked=True)[0] == "not-federated-restricted"


def gate(**source: Any) -> Gate:
    config = FederationConfig.model_validate({"catalog": {"title": "Region", "base_url": "https://daten.region.example"}})
    return Gate(config, Source(id="stadt", connector="csw", url="https://geo.stadt.example/csw", **source))


def judged(claim: Claim, **source: Any) -> str:
    description = Description("<https://stadt.example/1>", "dataset", {"<https://stadt.example/1>": {}})
    found = gate(**source).judge(claim, description, "1")
    return found.code if found else ""


def test_a_default_licence_counts_only_where_that_was_agreed() -> None:
    claim = Claim(marked=True, terms=("siehe Aushang",))
    agreed = {"widen": ["licence"], "agreed_by": "Amt", "agreed_on": date(2026, 5, 4)}
    assert judged(claim, defaults={"license": ZERO}) == "not-federated-unlicensed"
    assert judged(claim, defaults={"license": ZERO}, openness=agreed) == ""
    assert judged(claim, openness=agreed) == "not-federated-unlicensed"


def test_free_words_are_a_licence_only_by_a_lookup_and_then_stand_in_the_dataset() -> None:
    claim = Claim(marked=True, terms=("Datenlizenz Deutschland Zero 2.0",))
    assert judged(claim) == "not-federated-unlicensed"
    root, file = "<https://stadt.example/1>", "<https://stadt.example/1/csv>"
    description = Description(
        root, "dataset", {root: {DCAT.distribution: [file]}, file: {DCAT.accessURL: ["<https://stadt.example/1.csv>"]}}
    )
    lookups = {"licence": {"Datenlizenz Deutschland Zero 2.0": ZERO}}
    assert gate(lookups=lookups).judge(claim, description, "1") is None
    assert description.values(file, DCTERMS.license) == [f"<{ZERO}>"]
    assert [change.rule for change in description.changes] == ["lookup:licence"]


def test_widening_without_saying_who_agreed_is_an_error(tmp_path: Path) -> None:
    region = Region(tmp_path)
    region.member("stadt", "https://geo.stadt.example/csw", connector="csw", more='[source.openness]\nwiden = ["keyword"]')
    with pytest.raises(ConfigError, match="agreed_by"):
        load(tmp_path)


# addresses


@pytest.mark.parametrize("address", [
    "http://10.1.2.3/wms", "https://192.168.1.1/", "http://172.20.0.5:8080/x", "http://[fd00::1]/x", "http://169.254.169.254/",
    "http://geoserver/wms",
    "https://karten.stadt.intern/wms", "http://nas.local/daten", "https://fbinter.senstadt.verwalt-berlin.de/fb",
    "https://verwalt-geo.stadt.de/x",
    "https://intranet.stadt.lan/x", "https://100.64.0.1/x",
])  # fmt: skip
def test_an_address_in_the_own_network_is_internal(address: str) -> None:
    assert inside(address) == "network"


@pytest.mark.parametrize(
    "address", [r"\\server\daten\plan.shp", "file:///daten/plan.shp", "FILE:C:/x", r"C:\daten\plan.shp", "/daten/plan.zip", "//server/x"]
)
def test_a_path_is_internal(address: str) -> None:
    assert inside(address) == "file"


@pytest.mark.parametrize("address", [
    "https://geo.stadt.de/wms", "http://91.250.1.1/x", "https://international.example/x", "https://localhost.example/x", "kostenlos", "",
    "mailto:geodaten@stadt.example", "https://verwaltung.example/x",
])  # fmt: skip
def test_a_public_address_or_a_word_is_not(address: str) -> None:
    assert inside(address) == ""


@given(st.text(max_size=60))
def test_judging_an_address_never_fails(text: str) -> None:
    assert inside(text) in ("", "loopback", "network", "file")


def test_a_distribution_with_an_internal_address_is_withheld_whatever_the_source(tmp_path: Path) -> None:
    more = ('<https://stadt.example/dataset/a> dcat:distribution <https://stadt.example/i>, <https://stadt.example/b> ; '
            'dcat:landingPage <https://portal.stadt.intern/a> .\n'
            '<https://stadt.example/i> a dcat:Distribution ; dct:license <http://dcat-ap.de/def/licenses/cc-zero> ; dct:title "Intern" ;'
            ' dcat:accessURL <http://10.0.0.7/a.csv> .\n'
            '<https://stadt.example/b> a dcat:Distribution ; dct:license <http://dcat-ap.de/def/licenses/cc-zero> ; dct:title "Beide" ;'
            ' dcat:accessURL <https://stadt.example/b.csv>, <http://geoserver/b.csv> .\n')  # fmt: skip
    with serve({"/feed.ttl": turtle(HEAD + dataset("a") + more)}) as server:
        region = Region(tmp_path)
        region.member("stadt", f"{server.url}/feed.ttl")
        region.sync()
    public = region.export()
    assert b"10.0.0.7" not in public
    assert b"Intern" not in public
    assert b"portal.stadt.intern" not in public
    assert b"geoserver" not in public
    assert b"Beide" in public
    with region.open() as store:
        found = [row.finding() for row in store.findings(source="stadt") if row.code == "internal-address"]
    assert sorted(one.value for one in found) == ["http://10.0.0.7/a.csv", "http://geoserver/b.csv", "https://portal.stadt.intern/a"]
    assert all(one.cause("de").startswith("Interne Adresse") for one in found)


def test_what_is_withheld_is_a_change_that_can_be_undone() -> None:
    root, file = "<https://stadt.example/1>", "_:f"
    nodes = {root: {DCAT.distribution: [file], FOAF.page: ["<http://wiki.local/x>"]},
    file: {DCAT.accessURL: ["<http://10.0.0.1/x>"], DCTERMS.rights: ["_:r"]},
             "_:r": {DCTERMS.title: ['"nur intern"']}}  # fmt: skip
    description = Description(
        root, "dataset", {node: {prop: list(terms) for prop, terms in props.items()} for node, props in nodes.items()}
    )
    before = sorted(description.triples())
    assert len(gate().withhold(description)) == 2
    assert list(description.triples()) == []
    assert sorted(description.undone().triples()) == before


# through the whole house


def geo() -> list[str]:
    return [
        record("offen"), record("ohne-wort", words=("Bäume",)), record("ohne-lizenz", constraints=legal("Nutzung nach Absprache")),
        record("gesperrt", constraints=legal(OPEN) + legal("aufgrund des Schutzes einer Person", access="otherRestrictions", use="")),
        record("intern", links=link(r"\\server\daten\plan.shp", function="download") + link("https://stadt.example/x.csv",
        function="download")),
        record("anwendung", kind="application"),
    ]  # fmt: skip


def test_a_record_that_is_not_open_is_kept_with_its_reason_counted_and_never_public(tmp_path: Path) -> None:
    with csw(geo()) as catalog:
        region = Region(tmp_path)
        region.member("stadt", catalog.url, connector="csw", source="minimum_datasets = 5")
        (run,) = region.sync().runs
        assert (run.outcome, run.counts.listed, run.counts.new) == ("done", 5, 5)
        assert {name.rpartition("/")[2] for name in region.public()} == {"offen", "intern"}
        assert b"server" not in region.export()
        assert region.states("stadt") == {
            "offen": "live", "intern": "live", "ohne-wort": "closed", "ohne-lizenz": "closed", "gesperrt": "closed",
        }  # fmt: skip
        status = do(region, "status", "--json").json()["sources"][0]
        assert status["not_federated"] == {"not-federated-restricted": 1, "not-federated-unlicensed": 1, "not-federated-unmarked": 1}
        assert status["datasets"] == 2
        assert "3 Datensätze werden nicht übernommen" in do(region, "status", lang="de").said
        why = do(region, "why", "gesperrt", lang="de").said
        assert "wird nicht übernommen" in why
        assert "aufgrund des Schutzes einer Person" in why
        assert "Art: application" in do(region, "why", "anwendung", lang="de").said


def test_a_dataset_that_its_town_closes_leaves_at_once_and_comes_back_when_opened(tmp_path: Path) -> None:
    with csw(geo()) as catalog:
        region = Region(tmp_path)
        region.member("stadt", catalog.url, connector="csw", source="missing_runs = 1\nmaximum_loss = 1.0\nfull_every = 0")
        region.sync()
        catalog.records[0] = record("offen", words=("Bäume",), stamp="2026-02-01")
        region.sync()
        assert {name.rpartition("/")[2] for name in region.public()} == {"intern"}
        kept = catalog.records.pop(0)
        region.sync(full=True)
        assert region.states("stadt")["offen"] == "gone"
        catalog.records.insert(0, kept)
        region.sync(full=True)
        assert region.states("stadt")["offen"] == "closed"  # what was closed does not return as open
        assert {name.rpartition("/")[2] for name in region.public()} == {"intern"}
        catalog.records[0] = record("offen", stamp="2026-02-03")
        region.sync(full=True)
        assert {name.rpartition("/")[2] for name in region.public()} == {"intern", "offen"}


def test_an_agreement_opens_what_has_no_keyword_and_taking_it_back_closes_it(tmp_path: Path) -> None:
    with csw(geo()) as catalog:
        region = Region(tmp_path)
        region.member("stadt", catalog.url, connector="csw")
        region.sync()
        region.member("stadt", catalog.url, connector="csw", more=DEFAULT + AGREED)
        region.sync()
        assert {name.rpartition("/")[2] for name in region.public()} == {"offen", "intern", "ohne-wort", "ohne-lizenz"}
        region.member("stadt", catalog.url, connector="csw")
        region.sync()
        assert {name.rpartition("/")[2] for name in region.public()} == {"offen", "intern"}


def test_every_reason_has_a_short_name_for_status() -> None:
    from federation.cli.texts import TEXTS

    rows = csv.DictReader(files("vocabularies").joinpath("findings", "openness.csv").read_text(encoding="utf-8").splitlines())
    reasons = [row["code"] for row in rows if row["code"].startswith("not-federated")]
    assert {f"closed.{reason.removeprefix('not-federated-')}" for reason in reasons} <= TEXTS.keys()
