"""Dates: what sources write, as the four datatypes of DCAT-AP.de 3.0, or kept and reported."""

from datetime import date, datetime, timedelta, timezone

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.normalise import dates
from federation.terms import XSD, literal, parts

DATE, MOMENT, MONTH, YEAR = XSD.date, XSD.dateTime, XSD.gYearMonth, XSD.gYear


@pytest.mark.parametrize(
    ("text", "datatype"),
    [
        ("2014-06-30T00:00:00", MOMENT),
        ("2021-01-28T05:25:54.181493", MOMENT),
        ("2024-05-21T16:30:37+02:00", MOMENT),
        ("2022-05-04T15:46:07.000Z", MOMENT),
        ("2024-01-01T00:00:00-14:00", MOMENT),
        ("2024-01-01T24:00:00", MOMENT),
        ("2017-12-19", DATE),
        ("2024-02-29Z", DATE),
        ("2024-03+01:00", MONTH),
        ("1923", YEAR),
        ("-0500", YEAR),
    ],
)
def test_a_valid_typed_date_stays_as_it_is(text: str, datatype: str) -> None:
    term = literal(text, datatype=datatype)
    assert dates.normal(term) == ((term,), "", "")


@pytest.mark.parametrize(
    ("text", "new", "datatype"),
    [
        ("2017-07-01", "2017-07-01", DATE),
        ("2022-05-04T15:46:07.000Z", "2022-05-04T15:46:07.000Z", MOMENT),
        ("2017-09-15T11:20:48.137+01:00", "2017-09-15T11:20:48.137+01:00", MOMENT),
        ("2024-01-31T10:15", "2024-01-31T10:15:00", MOMENT),
        ("2024-01-31 10:15:30", "2024-01-31T10:15:30", MOMENT),
        ("2024-01-31 10:15:30+0100", "2024-01-31T10:15:30+01:00", MOMENT),
        ("2024-01-31T10:15:30,5+01", "2024-01-31T10:15:30.5+01:00", MOMENT),
        ("2024-01-31 10:15:30 CEST", "2024-01-31T10:15:30+02:00", MOMENT),
        ("2021-01-28 GMT 01:51:03.34919300", "2021-01-28T01:51:03.34919300Z", MOMENT),
        ("20240131", "2024-01-31", DATE),
        ("20240131T101500Z", "2024-01-31T10:15:00Z", MOMENT),
        ("2024-1-5", "2024-01-05", DATE),
        ("2024/01/05", "2024-01-05", DATE),
        ("01.02.2024", "2024-02-01", DATE),
        ("1.2.2024", "2024-02-01", DATE),
        ("1. 2. 2024", "2024-02-01", DATE),
        ("01.02.2024 10:15", "2024-02-01T10:15:00", MOMENT),
        ("01.02.2024, 10:15 Uhr", "2024-02-01T10:15:00", MOMENT),
        ("31/12/2020", "2020-12-31", DATE),
        ("12/31/2020", "2020-12-31", DATE),
        ("05/05/2020", "2020-05-05", DATE),
        ("31-12-2020", "2020-12-31", DATE),
        ("03/2024", "2024-03", MONTH),
        ("3.2024", "2024-03", MONTH),
        ("2024-03", "2024-03", MONTH),
        ("Januar 2024", "2024-01", MONTH),
        ("Jänner 2024", "2024-01", MONTH),
        ("Mrz. 2024", "2024-03", MONTH),
        ("March 2024", "2024-03", MONTH),
        ("3. März 2024", "2024-03-03", DATE),
        ("1. Jan. 2024", "2024-01-01", DATE),
        ("01-Dez-2024", "2024-12-01", DATE),
        ("3 March 2024", "2024-03-03", DATE),
        ("March 3, 2024", "2024-03-03", DATE),
        ("3rd of March 2024", "2024-03-03", DATE),
        ("Montag, 1. Januar 2024", "2024-01-01", DATE),
        ("Thu, 28 Jan 2021 01:51:03 GMT", "2021-01-28T01:51:03Z", MOMENT),
        ("Thu, 28 Jan 2021 01:51:03 +0100", "2021-01-28T01:51:03+01:00", MOMENT),
        ("Thu Jan 28 01:51:03 CET 2021", "2021-01-28T01:51:03+01:00", MOMENT),
        ("1612345678901", "2021-02-03T09:47:58.901Z", MOMENT),
        ("1612345678000", "2021-02-03T09:47:58Z", MOMENT),
        ("2024", "2024", YEAR),
        ("  2024-01-31\n", "2024-01-31", DATE),
    ],
)
def test_a_text_that_can_mean_one_date_only_is_typed(text: str, new: str, datatype: str) -> None:
    for said in (literal(text), literal(text, language="de")):
        terms, code, rule = dates.normal(said)
        assert terms == (literal(new, datatype=datatype),)
        assert code == ""
        assert rule == ("date-datatype" if new == text else "date-format")


@pytest.mark.parametrize(
    ("text", "said", "datatype"),
    [
        ("2015-10-01T00:00:00", DATE, MOMENT),
        ("2021-01-28", MOMENT, DATE),
        ("2024", DATE, YEAR),
        ("2024-03", YEAR, MONTH),
        ("2024-01-31T10:15:30Z", XSD.dateTimeStamp, MOMENT),
        ("2024", XSD.integer, YEAR),
    ],
)
def test_a_wrong_datatype_becomes_the_right_one_and_the_text_stays(text: str, said: str, datatype: str) -> None:
    assert dates.normal(literal(text, datatype=said)) == ((literal(text, datatype=datatype),), "", "date-datatype")


@pytest.mark.parametrize("text", ["01/02/2020", "1.2.24", "12-11-2020", "31.12.99", "2011/12", "240131", "1. Jan 24"])
def test_a_text_with_several_readings_is_kept_and_reported(text: str) -> None:
    assert dates.normal(literal(text)) == ((literal(text),), "date-ambiguous", "")


@pytest.mark.parametrize(
    "text",
    [
        "unbefristet", "laufend", "ca. 2015", "seit 2010", "2010 - 2015", "2024-02-30", "2023-02-29", "31.04.2024", "2024-13", "13/2024",
        "2024-01-01T25:00:00", "2024-01-01T10:61", "2024-01-01 10:00 +1900", "45292", "1612345678", "4102444800000", "2024-W05", "2024-123",
        "31. Quartal 2024", "{{issued}}", "P1D", "2024-01-01/2024-12-31", "3. Foo 2024", "99999999", "32.1.2024 10:15",
    ],
)  # fmt: skip
def test_what_is_no_date_keeps_its_text_and_is_reported(text: str) -> None:
    assert dates.normal(literal(text)) == ((literal(text),), "date-invalid", "")


@pytest.mark.parametrize("text", ["2024-02-30", "2021-99-99", "unbefristet", "2024-01-01T10:00:00+15:00"])
def test_a_datatype_that_the_text_does_not_fulfil_is_dropped(text: str) -> None:
    assert dates.normal(literal(text, datatype=DATE)) == ((literal(text),), "date-invalid", "date-untyped")


@pytest.mark.parametrize("text", ["9999-01-01", "0001-01-01", "9999-12-31", "0000-01-01", "2999-12-31"])
def test_a_placeholder_date_stays_and_is_reported(text: str) -> None:
    typed = literal(text, datatype=DATE)
    assert dates.normal(typed) == ((typed,), "date-implausible", "")
    assert dates.normal(literal(text)) == ((typed,), "date-implausible", "date-datatype")


def test_an_empty_value_is_reported_as_empty() -> None:
    assert dates.normal(literal(" ")) == ((literal(" "),), "empty-value", "")


def test_an_address_where_a_date_belongs_is_reported() -> None:
    assert dates.normal("<http://example.org/2024>") == (("<http://example.org/2024>",), "date-invalid", "")


MOMENTS = st.datetimes(min_value=datetime(1500, 1, 1), max_value=datetime(2899, 12, 31))
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(MOMENTS, st.none() | ZONES)
def test_every_iso_moment_is_read_and_means_the_same(moment: datetime, zone: timezone | None) -> None:
    text = moment.replace(tzinfo=zone).isoformat()
    (term,), code, _ = dates.normal(literal(text))
    assert code == ""
    assert datetime.fromisoformat(parts(term)[0]) == moment.replace(tzinfo=zone)


@given(st.dates(min_value=date(1500, 1, 1), max_value=date(2899, 12, 31)))
def test_every_german_date_is_the_day_before_the_month(day: date) -> None:
    expected = literal(day.isoformat(), datatype=DATE)
    assert dates.normal(literal(f"{day.day}.{day.month}.{day.year}"))[0] == (expected,)
    assert dates.normal(literal(f"{day.year}{day.month:02}{day.day:02}"))[0] == (expected,)


PIECES = st.lists(
    st.sampled_from(["2024", "24", "01", "1", "31", "13", "-", "/", ".", " ", ":", "T", "Z", "+", "GMT", "Jan", "März", "Mo,", "Uhr"]),
    max_size=12,
).map("".join)
DATATYPES = st.sampled_from(["", DATE, MOMENT, MONTH, YEAR, XSD.integer])


@given(st.text(max_size=30) | PIECES, DATATYPES)
def test_normalising_twice_is_normalising_once_and_the_result_is_valid(text: str, datatype: str) -> None:
    (term,), code, _ = dates.normal(literal(text, datatype=datatype))
    again, code_again, rule_again = dates.normal(term)
    assert again == (term,)
    assert rule_again == ""
    assert code_again == code
    if parts(term)[2] in (DATE, MOMENT, MONTH, YEAR):
        assert pyoxigraph_reads(term)


def pyoxigraph_reads(term: str) -> bool:
    """Whether an independent implementation of XSD can cast the text to the datatype."""
    text, _, datatype = parts(term)
    solutions = pyoxigraph.Store().query(f"SELECT ?y WHERE {{ BIND ({datatype}({literal(text)}) AS ?y) FILTER (BOUND(?y)) }}")
    return bool(list(solutions))  # type: ignore[arg-type]


def test_the_independent_reader_refuses_what_is_no_date() -> None:
    assert pyoxigraph_reads(literal("2024-02-29", datatype=DATE))
    assert not pyoxigraph_reads(literal("2024-02-30", datatype=DATE))
