"""A year of nights with random faults: nothing is lost on the way, and once the faults end the catalog is the truth."""

import os
from pathlib import Path

import pytest

from tests import nasty_source
from tests.nasty_source.certificate import selfmade
from tests.nasty_source.year import Year

WHOLE = os.environ.get("FEDERATION_WHOLE_YEAR") == "1"


@pytest.mark.parametrize(("nights", "sources"), [(365, 30) if WHOLE else (24, 8)])
def test_the_catalog_comes_to_the_truth_once_faults_end_and_loses_nothing_on_the_way(tmp_path: Path, nights: int, sources: int) -> None:
    with nasty_source.serve(selfmade(tmp_path)) as server:
        year = Year(tmp_path / "region", server, sources).play(nights)
    assert year.broken == []
    assert year.differences() == []
    assert year.done["faulty nights"] > nights * sources / 20
    assert {"done", "held", "failed"} <= year.outcomes.keys()
    datasets, changes = sum(len(town.truth) for town in year.towns.values()), sum(year.done.values())
    assert year.sizes[-1] < 2_000_000 + datasets * 20_000 + changes * 4_000
