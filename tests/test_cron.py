"""Expressions of cron mean what cron means: held against a walker that looks at every minute, over summer time and back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from federation import config
from federation.config.cron import Cron
from federation.errors import ConfigError
from tests.region import Region

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)
DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def times(text: str, start: datetime, end: datetime, zone: ZoneInfo = BERLIN) -> list[datetime]:
    """What `Cron.after` gives, one after the other."""
    cron = Cron.parse(text)
    assert cron is not None
    found, moment = [], start
    while (following := cron.after(moment, zone)) is not None and following <= end:
        found.append(following)
        moment = following
    return found


def local(text: str, year: int, month: int, day: int, days: int = 1, zone: ZoneInfo = BERLIN) -> list[str]:
    """The local times of an expression on a day (and those after it)."""
    start = datetime(year, month, day, tzinfo=zone) - MINUTE
    end = datetime(year, month, day, tzinfo=zone) + timedelta(days=days) - MINUTE
    return [f"{one.astimezone(zone):%a %d.%m. %H:%M %Z}" for one in times(text, start, end, zone)]


# the oracle: crontab(5) of Debian, read anew


def _numbers(field: str, low: int, high: int, names: list[str], first: int) -> set[int]:
    def number(word: str) -> int:
        return names.index(word) + first if word in names else int(word)

    found: set[int] = set()
    for item in field.split(","):
        span, _, step = item.partition("/")
        begin, _, end = span.partition("-")
        bounds = (low, high) if span == "*" else (number(begin), number(end or begin))
        found |= set(range(bounds[0], bounds[1] + 1, int(step or 1)))
    return found


def walk(text: str, start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Looks at each minute after start, to the end."""
    minute, hour, day, month, weekday = text.split()
    minutes, hours = _numbers(minute, 0, 59, [], 0), _numbers(hour, 0, 23, [], 0)
    days, months = _numbers(day, 1, 31, [], 0), _numbers(month, 1, 12, MONTHS, 1)
    weekdays = {number % 7 for number in _numbers(weekday, 0, 7, DAYS, 0)}
    both = day.startswith("*") or weekday.startswith("*")
    by_the_hands = minute.startswith("*") or hour.startswith("*")

    def fits(wall: datetime) -> bool:
        if wall.minute not in minutes or wall.hour not in hours or wall.month not in months:
            return False
        on_day, on_weekday = wall.day in days, wall.isoweekday() % 7 in weekdays
        return (on_day and on_weekday) if both else (on_day or on_weekday)

    before = start.astimezone(zone).replace(tzinfo=None)
    moment = start
    while moment < end:
        moment += MINUTE
        here = moment.astimezone(zone)
        wall = here.replace(tzinfo=None, fold=0)
        left_out = [before + n * MINUTE for n in range(1, max(1, int((wall - before) / MINUTE)))]
        before = wall
        if by_the_hands:
            if fits(wall):
                yield moment
        elif not here.fold and (fits(wall) or any(map(fits, left_out))):
            yield moment


def _field(low: int, high: int, names: list[str], first: int = 0) -> st.SearchStrategy[str]:
    word = st.integers(low, high).map(str)
    single = st.one_of(word, st.sampled_from(names)) if names else word
    span = st.tuples(st.integers(low, high), st.integers(low, high)).map(lambda ends: f"{min(ends)}-{max(ends)}")
    step = st.integers(1, max(2, high // 2)).map(str)
    stepped = st.tuples(st.one_of(span, st.just("*")), step).map("/".join)
    item = st.one_of(single, span, stepped)
    return st.one_of(st.just("*"), item, st.lists(st.one_of(single, span), min_size=2, max_size=3).map(",".join))


expressions = st.tuples(
    _field(0, 59, []), st.one_of(_field(0, 23, []), _field(0, 4, [])), _field(1, 31, []), st.one_of(st.just("*"), _field(1, 12, MONTHS)),
    _field(0, 7, DAYS),
).map(" ".join)  # fmt: skip
CHANGES = [(2024, 3, 31), (2024, 10, 27), (2025, 3, 30), (2025, 10, 26), (2025, 3, 9), (2025, 11, 2), (2028, 2, 29), (2026, 12, 31)]
starts = st.one_of(
    st.tuples(st.sampled_from(CHANGES), st.integers(-2000, 1500)).map(lambda way: datetime(*way[0], tzinfo=UTC) + way[1] * MINUTE),
    st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1)).map(lambda moment: moment.replace(second=0, microsecond=0, tzinfo=UTC)),
)


@settings(max_examples=80, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(expressions, starts, st.sampled_from(["Europe/Berlin", "America/New_York", "Europe/Lisbon", "UTC"]))
def test_an_expression_means_what_a_walk_over_every_minute_finds(text: str, start: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    try:
        cron = Cron.parse(text)
    except ValueError:
        return  # a day that no month has
    assert cron is not None
    end = start + timedelta(days=3)
    expected = list(walk(text, start, end, zone))
    assert times(text, start, end, zone) == expected
    if expected:
        assert cron.latest(end, zone) == expected[-1]
        assert cron.latest(expected[0], zone) == expected[0]
        assert cron.latest(expected[0] + timedelta(seconds=59), zone) >= expected[0]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("0 4 * * 1-5", ["Mon", "Tue", "Wed", "Thu", "Fri"]), ("0 4 * * mon-fri", ["Mon", "Tue", "Wed", "Thu", "Fri"]),
        ("0 4 * * 0", ["Sun"]), ("0 4 * * 7", ["Sun"]), ("0 4 * * SUN", ["Sun"]), ("0 4 * * 6,7", ["Sat", "Sun"]),
        ("0 4 * * 5-7", ["Fri", "Sat", "Sun"]), ("@weekly", ["Sun"]), ("0 4 * * */2", ["Tue", "Thu", "Sat", "Sun"]),
    ],
)  # fmt: skip
def test_weekdays_are_counted_as_cron_counts_them(text: str, days: list[str]) -> None:
    assert [one[:3] for one in local(text, 2025, 6, 2, 7)] == days


def test_a_day_or_a_weekday_is_enough_where_both_are_restricted() -> None:
    assert [one[:10] for one in local("0 4 13 * 5", 2025, 6, 1, 30)] == [
        "Fri 06.06.", "Fri 13.06.", "Fri 20.06.", "Fri 27.06."
    ]  # fmt: skip
    assert [one[:10] for one in local("0 4 10 * 5", 2025, 6, 1, 14)] == ["Fri 06.06.", "Tue 10.06.", "Fri 13.06."]


@pytest.mark.parametrize(
    ("text", "count"),
    [("@hourly", 24), ("@daily", 1), ("@midnight", 1), ("*/20 * * * *", 72), ("0-30/15 8-10 * * *", 9), ("5,10 1 * * *", 2),
     ("5-5/2 1 * * *", 1)],
)  # fmt: skip
def test_short_forms_lists_and_steps(text: str, count: int) -> None:
    assert len(local(text, 2025, 6, 2)) == count


def test_months_and_years() -> None:
    assert local("@monthly", 2025, 6, 2, 62) == ["Tue 01.07. 00:00 CEST", "Fri 01.08. 00:00 CEST"]
    assert local("@yearly", 2025, 6, 2, 365) == local("0 0 1 jan *", 2025, 6, 2, 365) == ["Thu 01.01. 00:00 CET"]
    assert local("0 0 29 2 *", 2025, 1, 1, 1400) == ["Tue 29.02. 00:00 CET"]


def test_a_job_in_the_hour_that_summer_time_leaves_out_runs_once_right_after_it() -> None:
    assert local("30 2 * * *", 2025, 3, 29, 3) == ["Sat 29.03. 02:30 CET", "Sun 30.03. 03:00 CEST", "Mon 31.03. 02:30 CEST"]
    assert local("0,15,30,45 2 * * *", 2025, 3, 30) == ["Sun 30.03. 03:00 CEST"]


def test_a_job_in_the_hour_that_comes_twice_runs_once() -> None:
    assert local("30 2 * * *", 2025, 10, 26) == ["Sun 26.10. 02:30 CEST"]
    cron = Cron.parse("30 2 * * *")
    assert cron is not None
    second = datetime(2025, 10, 26, 2, 10, tzinfo=BERLIN, fold=1)
    assert cron.after(second, BERLIN) == datetime(2025, 10, 27, 2, 30, tzinfo=BERLIN)
    assert cron.latest(second, BERLIN) == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)


def test_what_runs_all_day_follows_the_hands_of_the_clock() -> None:
    assert len(local("0 * * * *", 2025, 3, 30)) == 23
    assert len(local("0 * * * *", 2025, 10, 26)) == 25


@pytest.mark.parametrize("text", ["", "never", " Never "])
def test_never_is_by_hand_only(text: str) -> None:
    assert Cron.parse(text) is None


WRONG = ["61 * * * *", "* * * *", "* * * * * *", "0 24 * * *", "0 0 0 * *", "0 0 * 13 *", "0 0 * * 8", "0 0 * * sat-sun", "0 0 30 2 *",
         "@reboot", "0 0 L * *", "0 0 * * 5L", "0 0 * * 1#2", "5/10 * * * *", "*/0 * * * *", "a b c d e", "täglich", "0 4 * * 1-",
         "-1 * * * *", "٣ * * * *", "1,,2 * * * *", "1.5 * * * *"]  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_what_cron_does_not_know_is_wrong(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Cron.parse(text)


@pytest.mark.parametrize("text", ["15 3 * * 1-8", "5/10 * * * *", "daily"])
def test_a_wrong_expression_in_a_members_file_is_an_error_with_line_and_remedy(tmp_path: Path, text: str) -> None:
    region = Region(tmp_path)
    region.member("town", "http://127.0.0.1:9/feed", source=f'schedule = "{text}"')
    with pytest.raises(ConfigError) as caught:
        config.load(tmp_path)
    for language, word in (("de", "Montag bis Freitag"), ("en", "Monday to Friday")):
        said = caught.value.text(language)
        assert "members/town.toml" in said
        assert word in said
        assert text in said
    assert caught.value.params["line"] == "6"


@pytest.mark.parametrize("line", ['timezone = "Europe/Berlni"', 'timezone = "../etc/passwd"', 'timezone = ""', 'links = "5 25 * * *"'])
def test_the_settings_of_the_schedule_are_checked(tmp_path: Path, line: str) -> None:
    region = Region(tmp_path)
    file = region.folder / "federation.toml"
    file.write_text(file.read_text(encoding="utf-8") + f"\n[schedule]\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        config.load(tmp_path)
    assert caught.value.code == "config-wrong-value"
    assert caught.value.params["line"].isdigit()
