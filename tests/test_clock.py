"""The one clock."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

from federation import clock
from federation.store import tables
from tests.region import Region

ROOT = Path(__file__).resolve().parents[1]
THEN = datetime(2031, 2, 3, 4, 5, 6, 700_000, tzinfo=UTC)


def test_for_the_time_of_a_block_the_moment_is_what_it_is_told() -> None:
    with clock.told_by(lambda: THEN):
        assert (clock.now(), clock.today(), clock.stamp()) == (THEN, date(2031, 2, 3), "2031-02-03T04:05:06Z")
        assert tables.now() == clock.stamp()
    assert abs((clock.now() - datetime.now(UTC)).total_seconds()) < 5


def test_what_is_written_bears_the_time_of_the_clock(tmp_path: Path) -> None:
    region = Region(tmp_path / "r")
    region.member("stadt", "http://127.0.0.1:1/nobody")
    with clock.told_by(lambda: THEN), region.open() as store:
        region.sync()
        assert store.runs("stadt", limit=1)[0].started == clock.stamp()


def test_nobody_asks_the_machine_for_the_time_of_day() -> None:
    asking = re.compile(r"datetime\.(?:now|utcnow|today)\(|date\.today\(|(?<!\w)time\.time\(")
    found = [path.relative_to(ROOT).as_posix() for path in (ROOT / "federation").rglob("*.py") if asking.search(path.read_text("utf-8"))]
    assert sorted(found) == ["federation/clock.py"]
