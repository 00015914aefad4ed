"""Dates and times: the four datatypes that DCAT-AP.de 3.0 allows (section 2, TEMPORAL), read from what sources really write.

A text is read only where it can mean one thing; the day of 01.02.2024 is the first, that of 01/02/2024 is not known. What cannot be
read keeps its text; a datatype that the text does not fulfil is dropped, since it would make parsers stumble. Never our own time.
Sources: ISO 8601, XML Schema 1.1 part 2 (sections 3.3.7 to 3.3.12), RFC 5322 (section 3.3).
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

from federation.terms import XSD, Term, literal, parts

Result = tuple[tuple[Term, ...], str, str]
Match = re.Match[str]

_SEVERAL = "?"  # what a reader says of a text with more than one reading
_TEMPORAL = {XSD.date, XSD.dateTime, XSD.gYear, XSD.gYearMonth}
_DAYS = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_ZONE = r"(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)?"
_CLOCK = r"(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"
_YEAR = r"(-?(?:[1-9]\d{3,}|0\d{3}))"
_LEXICAL = {
    XSD.dateTime: re.compile(rf"{_YEAR}-(\d\d)-(\d\d)T{_CLOCK}{_ZONE}"),
    XSD.date: re.compile(rf"{_YEAR}-(\d\d)-(\d\d){_ZONE}"),
    XSD.gYearMonth: re.compile(rf"{_YEAR}-(\d\d){_ZONE}"),
    XSD.gYear: re.compile(rf"{_YEAR}{_ZONE}"),
}

# Most dates of real feeds, as a whole term: year, month, day of a typed date or time.
_IN_ORDER = re.compile(
    rf'"([12]\d{{3}})-(\d\d)-(\d\d)(?:T{_CLOCK}{_ZONE}"\^\^{re.escape(XSD.dateTime)}|"\^\^{re.escape(XSD.date)})'
)

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januar jänner jaenner jan january", "februar feber feb february", "märz maerz mrz mär mar march", "april apr", "mai may",
            "juni jun june", "juli jul july", "august aug", "september sep sept", "oktober okt oct october", "november nov",
            "dezember dez dec december",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_ZONES = {
    "z": "Z", "utc": "Z", "gmt": "Z", "ut": "Z", "cet": "+01:00", "mez": "+01:00", "cest": "+02:00", "mesz": "+02:00",
}  # fmt: skip
_ZONE_NAME = r"(?:Z|UTC|GMT|UT|CES?T|MES?Z|[+-]\d\d(?::?\d\d)?)"
_TIME = rf"(?:(\d{{1,2}})[:.](\d\d)(?:[:.](\d\d)(?:[.,](\d+))?)?\s*(?:Uhr)?\s*({_ZONE_NAME})?)"
_MONTH = r"([^\W\d_]+)\.?"


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_ISO = _form(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}})(?:(?:T|,?\s+){_TIME})?")
_ZONE_FIRST = _form(rf"(\d{{4}})-(\d\d)-(\d\d)\s+({_ZONE_NAME})\s+(\d\d):(\d\d):(\d\d)(?:\.(\d+))?")
_BASIC = _form(rf"(\d{{4}})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(?:[.,](\d+))?({_ZONE_NAME})?)?")
_DAY_FIRST = _form(rf"(\d{{1,2}})(\.|/|-)\s?(\d{{1,2}})\2\s?(\d{{4}})(?:,?\s+(?:um\s+)?{_TIME})?")
_DAY_NAMED = _form(rf"(\d{{1,2}})(?:\.|st|nd|rd|th)?[\s-]*(?:of\s+)?{_MONTH}[\s,-]+(\d{{4}})(?:,?\s+(?:um\s+)?{_TIME})?")
_NAMED_DAY = _form(rf"{_MONTH}\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})(?:,?\s+{_TIME})?")
_UNIX = _form(rf"{_MONTH}\s+(\d{{1,2}})\s+{_TIME}\s+(\d{{4}})")
_MONTH_NAMED = _form(rf"{_MONTH},?[\s-]+(\d{{4}})")
_MONTH_NUMBER = re.compile(r"(\d{1,2})[./](\d{4})")
_YEAR_ONLY = re.compile(r"[12]\d{3}")
_MILLISECONDS = re.compile(r"\d{13}")
_WEEKDAY = _form(
    r"(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs?)?|Fri|Sat(?:ur)?|Sun)(?:day)?\.?,?\s+"
    r"|(?:Mo|Di|Mi|Do|Fr|Sa|So|(?:Mon|Diens|Donners|Frei|Sams|Sonn)tag|Mittwoch|Sonnabend)\.?,?\s+"
)
_COULD_BE_SEVERAL = _form(
    rf"\d{{1,2}}[./-]\s?\d{{1,2}}[./-]\s?\d{{2}}(?:\s.*)?|\d{{1,2}}\.?[\s-]*{_MONTH}[\s-]+\d{{2}}(?:\s.*)?|\d{{6}}|\d{{4}}/\d\d"
)
_LAST_MILLISECOND = 4_102_444_800_000  # 2100-01-01: a change date cannot lie beyond


@lru_cache(maxsize=16384)
def normal(term: Term) -> Result:
    """The term as xsd:date, xsd:dateTime, xsd:gYearMonth or xsd:gYear: (terms to stand instead, finding code or "", rule).

    Findings: empty-value, date-invalid (not readable, or not in the calendar), date-ambiguous (more than one reading), date-implausible (a
    placeholder such as 9999-12-31; it stays). Valid typed terms stay as they are, whatever their zone.
    """
    found = _IN_ORDER.fullmatch(term)
    if found is not None and found.group(1) < "2900" and _in_calendar(found):
        return (term,), "", ""
    if term[0] != '"':
        return (term,), "date-invalid", ""
    text, _, datatype = parts(term)
    valid = _LEXICAL.get(datatype)
    if valid is not None:
        found = valid.fullmatch(text)
        if found is not None and _in_calendar(found):
            return (term,), _plausible(found.group(1)), ""
    tidy = " ".join(text.split())
    new, code = _read(tidy) if tidy else ("", "empty-value")
    if new:
        return (new,), code, "date-format" if parts(new)[0] != text else "date-datatype"
    if datatype in _TEMPORAL:
        return (literal(text),), code, "date-untyped"
    return (term,), code, ""


def _in_calendar(found: Match) -> bool:
    groups = found.groups()
    if len(groups) == 1:
        return True
    month = int(groups[1])
    if not 1 <= month <= 12:
        return False
    return len(groups) == 2 or _is_day(int(groups[0]), month, int(groups[2]))


def _is_day(year: int, month: int, day: int) -> bool:
    if not (1 <= month <= 12 and 1 <= day <= _DAYS[month]):
        return False
    return month != 2 or day < 29 or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))


def _plausible(year: str) -> str:
    """A finding for the years that stand for "unknown" and "for ever" in databases."""
    return "date-implausible" if int(year) in (0, 1) or int(year) >= 2900 else ""


def _read(text: str) -> tuple[Term, str]:
    """(typed literal or "", finding code) of a text in one of the forms that can mean one thing only."""
    weekday = _WEEKDAY.match(text)
    if weekday is not None:
        text = text[weekday.end() :]
    for datatype, lexical in _LEXICAL.items():
        found = lexical.fullmatch(text)
        if found is not None and _in_calendar(found) and (datatype != XSD.gYear or _YEAR_ONLY.fullmatch(text)):
            return literal(text, datatype=datatype), _plausible(found.group(1))
    for form, reader in _READERS:
        found = form.fullmatch(text)
        if found is not None:
            new = reader(found)
            if new == _SEVERAL:
                return "", "date-ambiguous"
            return new, _plausible(new[1:5]) if new else "date-invalid"
    return "", "date-ambiguous" if _COULD_BE_SEVERAL.fullmatch(text) else "date-invalid"


def _moment(year: str, month: int, day: int, clock: Sequence[str | None]) -> Term:
    """A date, or a time where `clock` (hour, minute, second, fraction, zone) has an hour; "" where the calendar has no such day."""
    if not _is_day(int(year), month, day):
        return ""
    date = f"{year}-{month:02}-{day:02}"
    hour, minute, second, fraction, zone = clock
    if hour is None or minute is None:
        return literal(date, datatype=XSD.date)
    if int(hour) > 23 or int(minute) > 59 or int(second or 0) > 59:
        return ""
    offset = _offset(zone or "")
    if offset is None:
        return ""
    parted = f".{fraction}" if fraction else ""
    return literal(f"{date}T{int(hour):02}:{minute}:{second or '00'}{parted}{offset}", datatype=XSD.dateTime)


def _offset(zone: str) -> str | None:
    if not zone:
        return ""
    known = _ZONES.get(zone.lower())
    if known is not None:
        return known
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return f"{zone[0]}{digits[:2]}:{digits[2:]}" if digits <= "1400" and digits[2:] < "60" else None


def _month_of(year: str, month: int) -> Term:
    return literal(f"{year}-{month:02}", datatype=XSD.gYearMonth) if 1 <= month <= 12 else ""


def _iso(found: Match) -> Term:
    year, _, month, day, *clock = found.groups()
    return _moment(year, int(month), int(day), clock)


def _zone_first(found: Match) -> Term:
    year, month, day, zone, *clock = found.groups()
    return _moment(year, int(month), int(day), [*clock, zone])


def _basic(found: Match) -> Term:
    year, month, day, *clock = found.groups()
    return _moment(year, int(month), int(day), clock) if "1500" <= year <= "2999" else ""


def _day_first(found: Match) -> Term:
    first, separator, second, year, *clock = found.groups()
    day, month = int(first), int(second)
    if separator != "." and day != month:
        if day <= 12 and month <= 12:
            return _SEVERAL
        if month > 12:
            day, month = month, day
    return _moment(year, month, day, clock)


def _day_named(found: Match) -> Term:
    day, month, year, *clock = found.groups()
    return _moment(year, _MONTHS.get(month.lower(), 0), int(day), clock)


def _named_day(found: Match) -> Term:
    month, day, year, *clock = found.groups()
    return _moment(year, _MONTHS.get(month.lower(), 0), int(day), clock)


def _unix(found: Match) -> Term:
    month, day, *clock, year = found.groups()
    return _moment(year, _MONTHS.get(month.lower(), 0), int(day), clock)


def _month_named(found: Match) -> Term:
    return _month_of(found.group(2), _MONTHS.get(found.group(1).lower(), 0))


def _month_number(found: Match) -> Term:
    return _month_of(found.group(2), int(found.group(1)))


def _milliseconds(found: Match) -> Term:
    number = int(found.group())
    if number >= _LAST_MILLISECOND:
        return ""
    moment = datetime.fromtimestamp(number // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return literal(f"{moment}.{number % 1000:03}Z" if number % 1000 else f"{moment}Z", datatype=XSD.dateTime)


_READERS = (
    (_ISO, _iso), (_BASIC, _basic), (_DAY_FIRST, _day_first), (_MONTH_NUMBER, _month_number), (_DAY_NAMED, _day_named),
    (_MONTH_NAMED, _month_named), (_NAMED_DAY, _named_day), (_MILLISECONDS, _milliseconds), (_ZONE_FIRST, _zone_first), (_UNIX, _unix),
)  # fmt: skip
