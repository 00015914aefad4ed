"""Every recorded ISO record goes through the connector: a dataset, a finding, or not federated with its reason."""

import gzip
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from federation.finding import Finding
from federation.terms import DCAT
from tests.loopback import serve
from tests.region import Region
from tests.shared import shared

XML = {"Content-Type": "application/xml"}
GDI = "gdi_de_getrecords_10.xml.gz"
NO_ISO = {
    "berlin_fisbroker_getcapabilities.xml": "Capabilities", "hamburg_hmdk_idf_4.6.9.xml": "html", "rp_geoportal___csw5.xml.gz": "result",
    **{f"fr_geonetwork_{kind}_page{page}.xml": "RDF" for kind in ("dcat", "geodcatap") for page in (1, 3, 5)},
}  # fmt: skip
# file: (datasets that are federated, datasets that are not, services and applications)
COUNTS = {
    "berlin_fisbroker_65715c6e-bbaf-3def-982b-3b5156272da7.xml": (0, 0, 1),
    "berlin_fisbroker_8a7ea996-7955-4fbb-8980-7be09be6f193_01.xml": (1, 0, 0),
    "berlin_fisbroker_aac23975-94e4-3707-96fa-e447e43d6013_01.xml": (0, 0, 1), "berlin_fisbroker_csw_getrecords_01.xml": (1, 0, 2),
    "berlin_fisbroker_dataset-open-data.xml": (1, 0, 0), "berlin_fisbroker_f2a8a483-74b9-3c7d-9b40-113c60a55c9e_01.xml": (0, 0, 1),
    "berlin_fisbroker_wfs-closed-data.xml": (0, 0, 1), "berlin_fisbroker_wfs-no-license.xml": (0, 0, 1),
    "berlin_fisbroker_wfs-no-release-date.xml": (0, 0, 1), "berlin_fisbroker_wfs-no-responsible-party.xml": (0, 0, 1),
    "berlin_fisbroker_wfs-open-data.xml": (0, 0, 1), "berlin_pankow_Metadaten_BPlan.xml": (0, 0, 1),
    "berlin_pankow_Metadaten_Ordnungsamt.xml": (0, 0, 1), "ch_geocat_huge_record.xml.gz": (0, 1, 0), "fr_geobretagne_record.xml": (0, 1, 0),
    "fr_geoide.xml": (0, 1, 0), "fr_geonetwork_iso_page1.xml": (0, 2, 0), "fr_geonetwork_iso_page3.xml": (0, 2, 0),
    "fr_geonetwork_iso_page5.xml": (0, 2, 0), GDI: (0, 6, 4), "geo2france.iso19139.plu.xml": (0, 1, 0),
    "geo2france.iso19139.scot.xml": (0, 1, 0),
    "geo2france.iso19139.service.xml": (0, 0, 1), "geocat-ch.iso19139.service.xml": (0, 0, 1), "hamburg_hmdk_getrecordbyid.xml": (0, 1, 0),
    "ingrid_24265_wsv_full.xml": (0, 0, 1), "ingrid_33462e89-e5ab-11c3-737d-b3a61366d028_full.xml": (0, 0, 1),
    "ingrid_CF902C59-D50B-42F6-ADE4-F3CEC39A3259_full.xml": (0, 1, 0), "ingrid_CFA384AB-028F-476B-AC95-EB75CCEFB296_full.xml": (0, 0, 1),
    "ingrid_geokatalogWSV_870043be-85e0-4f7d-9cdc-43fe293b0c90_full.xml": (0, 1, 0),
    "ingrid_geokatalogWSV_8e822fdd-f508-4d7a-a596-e60684dd0c97_full.xml": (0, 1, 0), "inspire_getrecords.xml": (0, 0, 2),
    "metawal.iso19115-3.dataset.xml": (0, 1, 0), "sextant.iso19115-3.dataset.xml": (0, 1, 0),
}  # fmt: skip


class Read:
    """One file of the corpus (or several in a folder) after a round."""

    def __init__(self, folder: Path, *names: str, more: str = "", source: str = "") -> None:
        self.region = Region(folder / "region")
        bodies = {name: shared(f"corpus/csw-iso19139/{name}").read_bytes() for name in names}
        if len(names) == 1:
            with serve(lambda _: (200, XML, bodies[names[0]])) as server:
                self._sync(f"{server.url}/metadaten.xml", more, source)
        else:
            (folder / "iso").mkdir()
            for name, body in bodies.items():
                (folder / "iso" / name.removesuffix(".gz")).write_bytes(gzip.decompress(body) if name.endswith(".gz") else body)
            self._sync(str(folder / "iso"), more, source)

    def _sync(self, url: str, more: str, source: str) -> None:
        self.region.member("stadt", url, connector="csw", more=more, source=source)
        (self.run,) = self.region.sync().runs
        with self.region.open() as store:
            known = store.known("stadt")
            self.states: Mapping[str, str] = {name: row.state for name, row in known.items()}
            self.kinds = {name: row.kind for name, row in known.items()}
            self.findings: list[tuple[str, Finding]] = [(row.identifier, row.finding()) for row in store.findings(source="stadt")]
            self.bodies = {name: store.body(row.body).nt.decode() for name, row in known.items() if row.body}  # type: ignore[union-attr]

    def counts(self) -> tuple[int, int, int]:
        found = Counter((self.kinds[name] != "rest", state) for name, state in self.states.items())
        return found[True, "live"], found[True, "closed"], found[False, "live"] + found[False, "closed"]

    def reason(self, name: str) -> Finding:
        (found,) = [each for identifier, each in self.findings if identifier == name and each.code.startswith("not-federated")]
        return found


@pytest.mark.parametrize("name", COUNTS)
def test_every_record_is_a_dataset_or_not_federated_with_its_reason(name: str, tmp_path: Path) -> None:
    read = Read(tmp_path, name)
    assert read.run.outcome == "done"
    assert read.counts() == COUNTS[name]
    closed = {identifier for identifier, state in read.states.items() if state == "closed"}
    assert closed == {identifier for identifier, each in read.findings if each.code.startswith("not-federated")}
    for identifier in closed:
        said = read.reason(identifier)
        assert said.cause("de").endswith(("übernommen.", said.value))
        assert said.remedy("de")
    assert not read.bodies.keys() & closed
    assert len(read.region.public()) == COUNTS[name][0]
    assert read.run.counts.rejected == 0


@pytest.mark.parametrize("name", NO_ISO)
def test_what_is_no_iso_metadata_is_named(name: str, tmp_path: Path) -> None:
    read = Read(tmp_path, name)
    assert (read.run.outcome, read.run.reason) == ("failed", "csw-not-iso")
    assert read.run.error is not None
    assert read.run.error.value == NO_ISO[name]


def test_three_berlin_records_are_one_dataset_with_one_wms_though_its_coupling_lacks_a_slash(tmp_path: Path) -> None:
    read = Read(tmp_path, "berlin_fisbroker_csw_getrecords_01.xml")
    assert read.counts() == (1, 0, 2)
    (body,) = (body for body in read.bodies.values() if body)
    assert body.count(f"{DCAT.accessService} ") == 1
    assert f"{DCAT.accessURL} <https://fbinter.stadt-berlin.de/fb/wms/senstadt/lod2>" in body
    assert "file-type/WMS_SRVC>" in body
    assert body.count("<http://dcat-ap.de/def/licenses/dl-by-de/2.0>") == 2  # distribution and service
    assert "Geoportal Berlin / " in body
    assert not [each for _, each in read.findings if each.code.startswith("csw-coupling")]


def test_the_coupling_of_destatis_to_nothing_glues_nothing(tmp_path: Path) -> None:
    agreed = '[source.openness]\nwiden = ["keyword", "licence"]\nagreed_by = "Statistik"\nagreed_on = 2026-01-01\n'
    licence = '[source.defaults]\nlicense = "http://dcat-ap.de/def/licenses/dl-by-de/2.0"\nattribution = "Destatis"\n'
    read = Read(tmp_path, GDI, more=licence + agreed)
    assert read.counts() == (5, 1, 4)
    assert not any(str(DCAT.accessService) in body for body in read.bodies.values())
    dangling = [each for _, each in read.findings if each.code == "csw-coupling-dangling"]
    assert len(dangling) == 4
    assert {each.value for each in dangling} == {"https://registry.gdi-de.org/id/de.bund.destatis/DE-0"}


@pytest.mark.parametrize(("name", "identifier", "code", "words"), [
    (GDI, "2c4d65c8-b56c-445d-8374-d3492a7d959e", "not-federated-restricted", "Zugriff beschränkt"),
    ("ingrid_geokatalogWSV_870043be-85e0-4f7d-9cdc-43fe293b0c90_full.xml", "870043be-85e0-4f7d-9cdc-43fe293b0c90",
     "not-federated-restricted", "Weitergabe an Dritte nicht gesta"),
    ("ingrid_CF902C59-D50B-42F6-ADE4-F3CEC39A3259_full.xml", "CF902C59-D50B-42F6-ADE4-F3CEC39A3259",
     "not-federated-restricted", "aufgrund des Schutzes einer Person"),
    ("berlin_fisbroker_aac23975-94e4-3707-96fa-e447e43d6013_01.xml", "aac23975-94e4-3707-96fa-e447e43d6013",
     "not-federated-kind", "application"),
    ("berlin_fisbroker_wfs-closed-data.xml", "65715c6e-bbaf-3def-982b-3b5156272da7", "not-federated-unmarked", ""),
])  # fmt: skip
def test_what_must_stay_out_stays_out_with_its_sentence_however_wide_the_gate(
    name: str, identifier: str, code: str, words: str, tmp_path: Path,
) -> None:  # fmt: skip
    reason = Read(tmp_path / "a", name).reason(identifier)
    assert reason.code == code
    assert words in reason.value
    if code != "not-federated-unmarked":
        agreed = '[source.openness]\nwiden = ["keyword", "licence"]\nagreed_by = "Amt"\nagreed_on = 2026-01-01\n'
        licence = '[source.defaults]\nlicense = "http://dcat-ap.de/def/licenses/dl-zero-de/2.0"\n'
        wide = Read(tmp_path / "b", name, more=licence + agreed)
        assert wide.reason(identifier).code == code


def test_the_berlin_wfs_without_the_keyword_is_not_shown_with_its_open_dataset(tmp_path: Path) -> None:
    dataset = "berlin_fisbroker_dataset-open-data.xml"
    (tmp_path / "a").mkdir()
    shut = Read(tmp_path / "a", dataset, "berlin_fisbroker_wfs-closed-data.xml")
    assert shut.counts() == (1, 0, 1)
    assert not any(str(DCAT.accessService) in body for body in shut.bodies.values())
    (tmp_path / "b").mkdir()
    opened = Read(tmp_path / "b", dataset, "berlin_fisbroker_wfs-open-data.xml")
    (body,) = (body for body in opened.bodies.values() if body)
    assert f"{DCAT.accessURL} <https://fbinter.stadt-berlin.de/fb/wfs/data/senstadt/s01_11_07naehr2015>" in body
    assert "file-type/WFS_SRVC>" in body


def test_no_person_of_the_corpus_is_ever_a_publisher(tmp_path: Path) -> None:
    agreed = '[source.openness]\nwiden = ["keyword", "licence"]\nagreed_by = "Amt"\nagreed_on = 2026-01-01\n'
    licence = '[source.defaults]\nlicense = "http://dcat-ap.de/def/licenses/dl-zero-de/2.0"\n'
    for number, name in enumerate((GDI, "metawal.iso19115-3.dataset.xml", "sextant.iso19115-3.dataset.xml", "fr_geoide.xml")):
        (tmp_path / str(number)).mkdir()
        read = Read(tmp_path / str(number), name, more=licence + agreed)
        for body in read.bodies.values():
            assert "foaf/0.1/Person>" not in body
