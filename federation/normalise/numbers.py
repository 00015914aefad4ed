"""Numbers, durations and checksums: xsd:decimal, xsd:nonNegativeInteger, xsd:duration and xsd:hexBinary (DCAT-AP.de 3.0, section 2).

Converted only where number and unit can mean one thing: 1.234 may be a thousand or a fraction, and a MB may be 1,000,000 or 1,048,576
bytes; such values keep their text and become findings. A datatype that the text does not fulfil is dropped.
Source: XML Schema 1.1 part 2 (sections 3.3.3, 3.3.6, 3.3.15, 3.4.20), IEC 80000-13 (KiB, MiB).
"""

import re
from decimal import Decimal
from functools import lru_cache

from federation.terms import XSD, Term, literal, parts

Result = tuple[tuple[Term, ...], str, str]

_DECIMAL = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")
_WHOLE = re.compile(r"\+?\d+")
_SCIENTIFIC = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?")
_ONE_SEPARATOR = re.compile(r"([+-]?)(\d+)([.,])(\d+)")
_POINT_GROUPS = re.compile(r"([+-]?\d{1,3}(?:\.\d{3})+)(?:,(\d+))?")
_COMMA_GROUPS = re.compile(r"([+-]?\d{1,3}(?:,\d{3})+)(?:\.(\d+))?")
_SPACE_GROUPS = re.compile("([+-]?\\d{1,3}(?:[ '’\u00a0\u2009\u202f]\\d{3})+)(?:[.,](\\d+))?")
_WITH_UNIT = re.compile(r"(.*?\d)\s*([A-Za-z]+)\.?")
_DURATION = re.compile(r"-?P(?=.)(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?")
_WEEKS = re.compile(r"(-?)P(\d{1,6})W")
_HEX = re.compile(r"(?:0[xX]|(?:md5|sha-?\d{1,3}(?:[-_/]\d{3})?)[:=]\s*)?((?:[0-9A-Fa-f]{2})+)", re.IGNORECASE)
_COLONS = re.compile(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})+")

# Most sizes and checksums of real feeds, as whole terms: "6776.0"^^xsd:decimal (the range of DCAT-AP.de 2.0), and what is in order.
_OLD_SIZE = re.compile(rf'"(\d{{1,18}})(?:\.0*)?"\^\^{re.escape(XSD.decimal)}')
_HEX_IN_ORDER = re.compile(rf'"([0-9a-f]+)"\^\^{re.escape(XSD.hexBinary)}')

# Datatypes in which the point is the decimal point, whatever stands before and after it.
_NUMERIC = {
    XSD[name] for name in ("decimal", "double", "float", "integer", "int", "long", "short", "nonNegativeInteger", "positiveInteger",
                           "unsignedLong", "unsignedInt", "unsignedShort", "negativeInteger", "nonPositiveInteger", "byte")
}  # fmt: skip
_METRES = {"m", "meter", "metre", "metres", "meters", "metern"}
_BYTES = {"b", "byte", "bytes"}
_BINARY = {"kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}
_DECIMAL_UNITS = {"kb", "mb", "gb", "tb", "k", "kbyte", "mbyte", "gbyte", "kilobyte", "megabyte", "gigabyte"}
_SEVERAL = "number-ambiguous"
_NONE = "number-invalid"


@lru_cache(maxsize=1024)
def decimal(term: Term) -> Result:
    """The term as xsd:decimal, for lengths in metres: (terms to stand instead, finding code or "", rule)."""
    if term[0] != '"':
        return (term,), _NONE, ""
    text, _, datatype = parts(term)
    if datatype == XSD.decimal and _DECIMAL.fullmatch(text):
        return (term,), "", ""
    number, unit, code = _quantity(text, datatype if datatype != XSD.decimal else "")
    if number is None or (unit and unit not in _METRES):
        return _refused(term, text, datatype, XSD.decimal, code or _NONE)
    return (literal(f"{number:f}", datatype=XSD.decimal),), "", "number-unit" if unit else "number-decimal"


@lru_cache(maxsize=8192)
def non_negative_integer(term: Term) -> Result:
    """The term as xsd:nonNegativeInteger, for sizes in bytes: (terms to stand instead, finding code or "", rule)."""
    if term[0] != '"':
        return (term,), _NONE, ""
    if (found := _OLD_SIZE.fullmatch(term)) is not None:
        return (f'"{int(found.group(1))}"^^{XSD.nonNegativeInteger}',), "", "number-whole"
    text, _, datatype = parts(term)
    if datatype == XSD.nonNegativeInteger and _WHOLE.fullmatch(text):
        return (term,), "", ""
    number, unit, code = _quantity(text, datatype if datatype != XSD.nonNegativeInteger else "")
    if number is not None:
        if unit in _BINARY:
            number *= _BINARY[unit]
        elif unit and unit not in _BYTES:
            number, code = None, "number-unit" if unit in _DECIMAL_UNITS else _NONE
    if number is not None and number < 0:
        number, code = None, "number-negative"
    if number is None or number != number.to_integral_value():
        return _refused(term, text, datatype, XSD.nonNegativeInteger, code or _NONE)
    return (literal(str(int(number)), datatype=XSD.nonNegativeInteger),), "", "number-unit" if unit else "number-whole"


@lru_cache(maxsize=1024)
def duration(term: Term) -> Result:
    """The term as xsd:duration: (terms to stand instead, finding code or "", rule). Weeks become days, which is exact."""
    if term[0] != '"':
        return (term,), "duration-invalid", ""
    text, _, datatype = parts(term)
    if _DURATION.fullmatch(text):
        return ((term,), "", "") if datatype == XSD.duration else ((literal(text, datatype=XSD.duration),), "", "duration-datatype")
    tidy = text.strip().upper()
    weeks = _WEEKS.fullmatch(tidy)
    if weeks is not None:
        tidy = f"{weeks.group(1)}P{int(weeks.group(2)) * 7}D"
    if _DURATION.fullmatch(tidy):
        return (literal(tidy, datatype=XSD.duration),), "", "duration-format"
    return _refused(term, text, datatype, XSD.duration, "duration-invalid")


@lru_cache(maxsize=1024)
def hex_binary(term: Term) -> Result:
    """The term as xsd:hexBinary in lower case: (terms to stand instead, finding code or "", rule). "0x", "sha256:" are taken off."""
    if (found := _HEX_IN_ORDER.fullmatch(term)) is not None and len(found.group(1)) % 2 == 0:
        return (term,), "", ""
    if term[0] != '"':
        return (term,), "checksum-invalid", ""
    text, _, datatype = parts(term)
    tidy = text.strip()
    if _COLONS.fullmatch(tidy):
        tidy = tidy.replace(":", "")
    found = _HEX.fullmatch(tidy)
    if not tidy:
        return (term,), "empty-value", ""
    if found is None:
        return _refused(term, text, datatype, XSD.hexBinary, "checksum-invalid")
    new = found.group(1).lower()
    if new == text and datatype == XSD.hexBinary:
        return (term,), "", ""
    return (literal(new, datatype=XSD.hexBinary),), "", "checksum-datatype" if new == text else "checksum-format"


def _refused(term: Term, text: str, datatype: Term, wanted: Term, code: str) -> Result:
    """The term as it was; without its datatype where that is the wanted one, which the text does not fulfil."""
    if not text.strip():
        code = "empty-value"
    return ((literal(text),), code, "number-untyped") if datatype == wanted else ((term,), code, "")


def _quantity(text: str, datatype: Term) -> tuple[Decimal | None, str, str]:
    """(number or None, unit in lower case or "", finding code) of a text; a numeric datatype says that the point is the decimal point."""
    text = text.strip()
    if datatype in _NUMERIC and _SCIENTIFIC.fullmatch(text):
        return Decimal(text), "", ""
    unit = ""
    found = _WITH_UNIT.fullmatch(text)
    if found is not None:
        text, unit = found.group(1), found.group(2).lower()
    number, code = _number(text)
    return number, unit, code


def _number(text: str) -> tuple[Decimal | None, str]:
    """(number or None, finding code) of digits with point, comma or blanks between them, German or English."""
    found = _ONE_SEPARATOR.fullmatch(text)
    if found is not None:
        sign, before, _, after = found.groups()
        if len(after) == 3 and len(before) <= 3 and before.strip("0"):
            return None, _SEVERAL
        return Decimal(f"{sign}{before}.{after}"), ""
    for form in (_POINT_GROUPS, _COMMA_GROUPS, _SPACE_GROUPS):
        found = form.fullmatch(text)
        if found is not None:
            whole = re.sub(r"[^\d+-]", "", found.group(1))
            return Decimal(f"{whole}.{found.group(2) or '0'}") if found.group(2) else Decimal(whole), ""
    return (Decimal(text), "") if _SCIENTIFIC.fullmatch(text) else (None, _NONE)
