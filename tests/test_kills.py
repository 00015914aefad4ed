"""A process that is killed at any moment loses nothing and leaves nothing half: a plain sync brings what an undisturbed one would have."""

import os
from pathlib import Path

import pytest

from tests.killing import Feed, Trial, kill_often, served


def test_a_sync_that_was_killed_anywhere_ends_as_if_nobody_had_disturbed_it(tmp_path: Path) -> None:
    feed = Feed(200, per_page=20)
    with served(feed) as server:
        tally = kill_often(Trial(tmp_path, feed, server, batch=50), 12, seed=20260131)
    assert tally.differences == []
    assert tally.in_time >= 9


@pytest.mark.skipif(not os.environ.get("FEDERATION_WHOLE_KILLS"), reason="takes a quarter of an hour: FEDERATION_WHOLE_KILLS=1")
def test_two_hundred_kills_of_a_sync_of_two_thousand_datasets(tmp_path: Path) -> None:
    feed = Feed(2000)
    with served(feed) as server:
        tally = kill_often(Trial(tmp_path, feed, server), 200, seed=20260131)
    assert tally.differences == []
    assert tally.in_time >= 150
    assert tally.begun >= 40
    assert tally.done >= 10
