"""The nasty source itself: it serves what it was given, by every protocol, and can be used by hand."""

import json
import threading
from pathlib import Path

import pytest

from tests import corpus, nasty_source
from tests.nasty_source import catalog
from tests.nasty_source.__main__ import main
from tests.nasty_source.faults import FAULTS
from tests.nasty_source.protocols import protocols
from tests.region import Region
from tests.shared import shared

FORMS = [(protocol.NAME, form) for protocol in protocols().values() for form in protocol.FORMS]


@pytest.mark.parametrize(("protocol", "form"), FORMS, ids="-".join)
def test_every_form_of_every_protocol_gives_the_whole_catalog(tmp_path: Path, protocol: str, form: str) -> None:
    with nasty_source.serve() as server:
        scene = server.add("town", protocol, catalog.generated(7), form, size=3)
        region = Region(tmp_path / "r")
        region.member("stadt", scene.url, connector=scene.connector)
        run = region.sync().runs[0]
        assert (run.outcome, run.counts.new) == ("done", 7)
        with region.open() as store:
            assert {item.title for item in store.items(kind="dataset")} == {dataset.name for dataset in scene.datasets}


@pytest.mark.parametrize("name", ["it_foggia.rdf", "bremen_catalog.rdf.gz", "edinburgh_dcat_ap.jsonld"])
@pytest.mark.parametrize("protocol", ["dcat", "ckan"])
def test_a_recorded_rdf_catalog_can_be_served_over_any_protocol(tmp_path: Path, name: str, protocol: str) -> None:
    datasets = catalog.read(shared(corpus.path(name)))
    assert len(datasets) == corpus.DATASETS[name]
    assert read(tmp_path, protocol, datasets) == len(datasets)


@pytest.mark.parametrize("protocol", ["dcat", "ckan"])
def test_a_recorded_ckan_can_be_served_over_any_protocol(tmp_path: Path, protocol: str) -> None:
    datasets = catalog.read(shared("corpus/ckan-api/zurich_package_search_verkehr.json"))
    assert read(tmp_path, protocol, datasets) == len(datasets) == 3


def read(folder: Path, protocol: str, datasets: list[catalog.Dataset]) -> int:
    """How many datasets a run takes over."""
    with nasty_source.serve() as server:
        scene = server.add("town", protocol, datasets, size=40)
        region = Region(folder / "r")
        region.member("stadt", scene.url, connector=scene.connector, options="include_foreign = true" if protocol == "ckan" else "")
        run = region.sync().runs[0]
        assert run.outcome == "done", (run.reason, run.params)
        return run.counts.new


def test_a_fault_comes_and_goes_while_the_server_runs(tmp_path: Path) -> None:
    with nasty_source.serve() as server:
        scene = server.add("town", "ckan", catalog.generated(4))
        region = Region(tmp_path / "r")
        region.member("stadt", scene.url, connector="ckan")
        outcomes = []
        for fault in ("", "truncated", "empty", ""):
            scene.fault = fault
            outcomes.append(region.sync().runs[0].outcome)
        assert outcomes == ["done", "failed", "held", "done"]


def test_it_can_be_used_by_hand(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "packages.json"
    file.write_text(json.dumps({"result": {"results": [{"id": "a", "title": "A"}]}}))
    stop = threading.Event()
    stop.set()
    assert main(["--protocol", "ckan", "--fault", "shrunken", "--datasets", "100", "--port", "0"], stop) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("http://127.0.0.1:")
    assert said[1] == '100 datasets; connector = "ckan"; fault: shrunken'
    assert main(["--file", str(file), "--form", "ttl-whole"], stop) == 0
    assert "1 datasets" in capsys.readouterr().out


def test_its_help_lists_protocols_and_faults(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    said = capsys.readouterr().out
    assert all(name in said for name in (*protocols(), *FAULTS))
    with pytest.raises(SystemExit):
        main(["--protocol", "ckan", "--form", "rdf-view"])
    assert "ckan has no form rdf-view: search, list" in capsys.readouterr().err
