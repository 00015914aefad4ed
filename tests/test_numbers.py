"""Numbers, durations and checksums: exact conversions only."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.normalise import numbers
from federation.terms import XSD, Term, literal, parts

SIZE = XSD.nonNegativeInteger


def size(text: str) -> Term:
    return literal(text, datatype=SIZE)


@pytest.mark.parametrize(
    ("said", "new"),
    [
        (literal("6776.0", datatype=XSD.decimal), "6776"),
        (literal("13800", datatype=XSD.decimal), "13800"),
        (literal("1024", datatype=XSD.integer), "1024"),
        (literal("1e6", datatype=XSD.double), "1000000"),
        (literal("1.234E3", datatype=XSD.double), "1234"),
        (literal("1024"), "1024"),
        (literal("6776.0"), "6776"),
        (literal("1.234.567"), "1234567"),
        (literal("1,234,567"), "1234567"),
        (literal("1 234 567 Bytes"), "1234567"),
        (literal("512 B"), "512"),
        (literal("1.5 KiB"), "1536"),
        (literal("2 MiB", language="de"), "2097152"),
    ],
)
def test_a_size_that_is_certain_becomes_a_number_of_bytes(said: Term, new: str) -> None:
    terms, code, rule = numbers.non_negative_integer(said)
    assert (terms, code) == ((size(new),), "")
    assert rule


def test_a_size_in_order_stays_as_it_is() -> None:
    assert numbers.non_negative_integer(size("6776")) == ((size("6776"),), "", "")
    assert numbers.non_negative_integer(size("0")) == ((size("0"),), "", "")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1,5 MB", "number-unit"),
        ("300 kB", "number-unit"),
        ("1.234 kB", "number-ambiguous"),
        ("1.234", "number-ambiguous"),
        ("1,234", "number-ambiguous"),
        ("-1", "number-negative"),
        ("1.5", "number-invalid"),
        ("12 Seiten", "number-invalid"),
        ("unbekannt", "number-invalid"),
        ("1e999", "number-invalid"),
        ("NaN", "number-invalid"),
        ("", "empty-value"),
    ],
)
def test_a_size_that_is_not_certain_keeps_its_text_and_is_reported(text: str, code: str) -> None:
    assert numbers.non_negative_integer(literal(text)) == ((literal(text),), code, "")


def test_a_datatype_that_the_text_does_not_fulfil_is_dropped() -> None:
    assert numbers.non_negative_integer(size("-1")) == ((literal("-1"),), "number-negative", "number-untyped")
    assert numbers.non_negative_integer(size("groß")) == ((literal("groß"),), "number-invalid", "number-untyped")
    negative = literal("-1", datatype=XSD.decimal)
    assert numbers.non_negative_integer(negative) == ((negative,), "number-negative", "")


def test_a_huge_exponent_costs_nothing() -> None:
    huge = literal("1e999999999", datatype=XSD.double)
    assert numbers.non_negative_integer(huge) == ((huge,), "number-invalid", "")


@pytest.mark.parametrize(
    ("said", "new"),
    [
        (literal("10"), "10"),
        (literal("0,5"), "0.5"),
        (literal("0.125"), "0.125"),
        (literal("10 m"), "10"),
        (literal("2,5 Meter"), "2.5"),
        (literal("10.0", datatype=XSD.double), "10.0"),
        (literal("1e-3", datatype=XSD.double), "0.001"),
        (literal("1.234", datatype=XSD.float), "1.234"),
        (literal("1.234,5"), "1234.5"),
        (literal("30", datatype=XSD.integer), "30"),
    ],
)
def test_a_length_in_metres_becomes_a_decimal(said: Term, new: str) -> None:
    assert numbers.decimal(said)[:2] == ((literal(new, datatype=XSD.decimal),), "")


@pytest.mark.parametrize(
    ("text", "code"), [("1:5000", "number-invalid"), ("10 km", "number-invalid"), ("1.234", "number-ambiguous"), ("", "empty-value")]
)
def test_a_length_that_is_not_certain_keeps_its_text(text: str, code: str) -> None:
    assert numbers.decimal(literal(text)) == ((literal(text),), code, "")


@pytest.mark.parametrize("text", ["P1D", "PT15M", "P1Y2M3DT4H5M6.7S", "-P1D", "PT0.5S"])
def test_a_duration_is_typed(text: str) -> None:
    typed = literal(text, datatype=XSD.duration)
    assert numbers.duration(typed) == ((typed,), "", "")
    assert numbers.duration(literal(text)) == ((typed,), "", "duration-datatype")
    assert numbers.duration(literal(text, datatype=XSD.dayTimeDuration)) == ((typed,), "", "duration-datatype")


def test_weeks_are_days() -> None:
    assert numbers.duration(literal("P2W")) == ((literal("P14D", datatype=XSD.duration),), "", "duration-format")
    assert numbers.duration(literal(" p1d ")) == ((literal("P1D", datatype=XSD.duration),), "", "duration-format")


@pytest.mark.parametrize("text", ["P", "PT", "P1DT", "täglich", "15 Minuten", "R/P1D", "1D", "P1.5D", "P1H"])
def test_what_is_no_duration_keeps_its_text(text: str) -> None:
    assert numbers.duration(literal(text)) == ((literal(text),), "duration-invalid", "")
    assert numbers.duration(literal(text, datatype=XSD.duration)) == ((literal(text),), "duration-invalid", "number-untyped")


DIGEST = "9d839391284f5b263074b7dfa3c7e5d0"


COLONS = ":".join(DIGEST[n : n + 2] for n in range(0, 32, 2))


@pytest.mark.parametrize("text", [DIGEST.upper(), f"0x{DIGEST}", f"md5:{DIGEST}", f"MD5: {DIGEST}", f" {DIGEST}\n", COLONS])
def test_a_checksum_is_lower_case_hexadecimal(text: str) -> None:
    expected = literal(DIGEST, datatype=XSD.hexBinary)
    assert numbers.hex_binary(literal(text)) == ((expected,), "", "checksum-format")
    assert numbers.hex_binary(expected) == ((expected,), "", "")
    assert numbers.hex_binary(literal(DIGEST)) == ((expected,), "", "checksum-datatype")


@pytest.mark.parametrize(("text", "code"), [("abc", "checksum-invalid"), ("n/a", "checksum-invalid"), ("", "empty-value")])
def test_what_is_no_checksum_keeps_its_text(text: str, code: str) -> None:
    assert numbers.hex_binary(literal(text)) == ((literal(text),), code, "")


def test_an_empty_checksum_as_real_feeds_have_it_is_reported() -> None:
    empty = literal("", datatype=XSD.hexBinary)
    assert numbers.hex_binary(empty) == ((empty,), "empty-value", "")


@given(st.integers(0, 10**15), st.sampled_from(["{}", "{}.0", "{:,}", "{} B", "{}.000000"]))
def test_every_whole_number_keeps_its_value(number: int, form: str) -> None:
    text = form.format(number)
    terms, code, _ = numbers.non_negative_integer(literal(text))
    if code == "number-ambiguous":
        assert terms == (literal(text),)
    else:
        assert terms == (size(str(number)),)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9))
def test_every_typed_decimal_keeps_its_value(number: Decimal) -> None:
    term = numbers.decimal(literal(str(number), datatype=XSD.double))[0][0]
    assert Decimal(parts(term)[0]) == number


PIECES = st.lists(st.sampled_from([*"0123456789.,-+ eEPTDHMWSxabc:", "KiB", "MB", " B", "sha256:", "m"]), max_size=10).map("".join)
DATATYPES = st.sampled_from(["", XSD.decimal, SIZE, XSD.duration, XSD.hexBinary, XSD.double])


@given(st.text(max_size=20) | PIECES, DATATYPES)
@pytest.mark.parametrize("normal", [numbers.decimal, numbers.non_negative_integer, numbers.duration, numbers.hex_binary])
def test_normalising_twice_is_normalising_once(normal, text: str, datatype: str) -> None:  # type: ignore[no-untyped-def]
    (term,), code, _ = normal(literal(text, datatype=datatype))
    assert normal(term) == ((term,), code, "")
