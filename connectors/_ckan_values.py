"""How CKAN portals write values: lists as lists or as JSON in a string, texts as strings or `{de, en}` dicts (also as JSON in a string).

Everything here is pure and forgiving: what cannot be taken apart is the text that stands there. Empty strings, nulls, empty lists and
the word "null" say nothing.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import orjson

from federation.dcat.build import address
from federation.errors import SourceError
from federation.terms import Term, literal

Json: TypeAlias = Any

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_](?:[A-Za-z]{4}|[A-Za-z]{2}|t-[A-Za-z0-9-]+))?")
_HALF_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_NOTHING = frozenset(("null", "none", "None", "undefined", "[]", "{}", '""'))
_LONGEST_NOTHING = max(map(len, _NOTHING))


def decoded(body: bytes, url: str = "", source: str = "") -> Json:
    """The JSON of an answer. Servers also send what JSON does not have: NaN is read as null, half surrogate pairs as U+FFFD, control
    characters in texts as they are. SourceError for what is no JSON.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        try:
            text = _HALF_PAIR.sub("\\\\ufffd", body.decode("utf-8-sig"))
            return orjson.loads(orjson.dumps(json.loads(text, strict=False, parse_constant=lambda _: None)))
        except (ValueError, RecursionError, orjson.JSONEncodeError):
            reason = SourceError("json-invalid", source=source, url=url, reason=error.msg, line=error.lineno, column=error.colno)
            raise reason from error


def parsed(text: str) -> Json:
    """The JSON value that a string holds ("[...]" or "{...}"); the string itself where it holds none."""
    start = text.lstrip()[:1]
    if start != "[" and start != "{":
        return text
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def said(value: Json) -> bool:
    """Whether a value says anything."""
    if value.__class__ is str:
        return bool(value) and (len(value) > _LONGEST_NOTHING or value not in _NOTHING) and not value.isspace()
    return bool(value)


def items(value: Json, commas: bool = False) -> list[Json]:
    """The single values of a field that may hold several: a list, JSON of one in a string, the old `{a,b}` form, one value.

    `commas` also takes "a, b" apart (only for fields whose values never hold a comma).
    """
    if isinstance(value, str):
        value = parsed(value)
        if isinstance(value, str):
            text = value.strip()
            if text.startswith("{") and text.endswith("}") and ":" not in text.partition("://")[0]:
                text, commas = text[1:-1], True
            parts = text.split(",") if commas else [text]
            return [part for part in (part.strip(" \t\r\n\"'") if commas else part for part in parts) if said(part)]
    if isinstance(value, list):
        return [item for item in value if said(item)]
    return [value] if said(value) else []


def texts(value: Json, languages: Sequence[str] = ()) -> list[tuple[str, str]]:
    """(text, language tag) of each text of a field; the tag is "" where none is said. `languages` come first, in their order."""
    if isinstance(value, str):
        if value[:1] == "{":
            value = parsed(value)
        if isinstance(value, str):
            return [(value, "")] if said(value) else []
    if isinstance(value, dict):
        return _translations(value, languages) if is_translated(value) else []
    if isinstance(value, list):
        return [pair for item in value for pair in texts(item, languages)]
    return [(str(value), "")] if said(value) else []


def is_translated(value: Mapping[str, Json]) -> bool:
    """Whether all keys of a dict are language codes."""
    return bool(value) and all(_LANGUAGE.fullmatch(key) for key in value)


def _translations(value: Mapping[str, Json], languages: Sequence[str]) -> list[tuple[str, str]]:
    order = [key for key in languages if key in value]
    found = []
    for key in [*order, *sorted(key for key in value if key not in order)]:
        for text in value[key] if isinstance(value[key], list) else [value[key]]:
            if isinstance(text, str) and said(text):
                found.append((text, key.replace("_", "-")))
    return found


def text(value: Json, languages: Sequence[str] = ("de", "en")) -> str:
    """One text of a field, of the first language that it has."""
    found = texts(value, languages)
    return found[0][0] if found else ""


def dicts(value: Json) -> Iterator[Mapping[str, Json]]:
    """The dicts of a field that holds one, several, or JSON of them."""
    for item in items(value):
        item = parsed(item) if isinstance(item, str) else item
        if isinstance(item, dict):
            yield item


def scalar(value: Json) -> str:
    """One value as text: the address or label of a dict, JSON of any other structure (nothing that was said is lost)."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, dict):
        for key in ("uri", "url", "@id", "id", "name", "value", "label", "title"):
            if said(value.get(key)):
                return scalar(value[key]) if not isinstance(value[key], dict) else text(value[key])
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def email(value: str) -> list[Term]:
    """mailto: addresses of a field that holds one or several ("a@x.de; b@x.de"); the text itself where it is none."""
    parts = [part for part in re.split(r"[;,\s]+", value.strip()) if part]
    if parts and all("@" in part for part in parts):
        return [address(part if part.lower().startswith("mailto:") else f"mailto:{part}") for part in parts]
    return [literal(value)]
