"""What is wrong in a configuration file, in words: the first fault of a check as a ConfigError with file, line, key and remedy."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticOmit

from federation.config.lines import Path, line_of, positions
from federation.errors import ConfigError
from federation.log import masked

FROM_FILE = "from a file"


class Loaded:
    """Marks a field that the loader sets: no key of a file, and nothing for the JSON Schema."""

    def __get_pydantic_json_schema__(self, core_schema: object, handler: object) -> dict[str, Any]:
        raise PydanticOmit


M = TypeVar("M", bound=BaseModel)

# What is expected, by pydantic's type of error: (German, English). {x} are of the error's own context.
_EXPECTED = {
    "string_type": ("ein Text in Anführungszeichen", "a text in quotation marks"),
    "string_too_short": ("ein Text, der nicht leer ist", "a text that is not empty"),
    "int_type": ("eine ganze Zahl ohne Anführungszeichen", "a whole number without quotation marks"),
    "int_parsing": ("eine ganze Zahl ohne Anführungszeichen", "a whole number without quotation marks"),
    "int_from_float": ("eine ganze Zahl", "a whole number"),
    "float_type": ("eine Zahl ohne Anführungszeichen", "a number without quotation marks"),
    "float_parsing": ("eine Zahl ohne Anführungszeichen", "a number without quotation marks"),
    "bool_type": ("true oder false", "true or false"),
    "bool_parsing": ("true oder false", "true or false"),
    "list_type": ("eine Liste in eckigen Klammern", "a list in square brackets"),
    "tuple_type": ("eine Liste in eckigen Klammern", "a list in square brackets"),
    "dict_type": ("eine Tabelle mit ihrem Namen in eckigen Klammern", "a table with its name in square brackets"),
    "model_type": ("eine Tabelle mit ihrem Namen in eckigen Klammern", "a table with its name in square brackets"),
    "literal_error": ("{expected}", "{expected}"),
    "greater_than": ("mehr als {gt}", "more than {gt}"),
    "greater_than_equal": ("mindestens {ge}", "at least {ge}"),
    "less_than": ("weniger als {lt}", "less than {lt}"),
    "less_than_equal": ("höchstens {le}", "at most {le}"),
    "ip_v4_network": ("ein Netz wie \"10.1.0.0/16\"", "a network such as \"10.1.0.0/16\""),
    "ip_v6_network": ("ein Netz wie \"10.1.0.0/16\"", "a network such as \"10.1.0.0/16\""),
    "credentials_in_url": (
        "eine Adresse ohne Name und Kennwort; beides gehört in [source.credentials]",
        "an address without user and password; these belong in [source.credentials]",
    ),
    "credentials_unclear": (
        "entweder secret_env oder secret_file, und nicht user und header zugleich",
        "either secret_env or secret_file, and not both user and header",
    ),
    "mail_incomplete": ("mit server auch from und to", "from and to beside server"),
    "openness_unagreed": ("mit widen auch agreed_by und agreed_on", "agreed_by and agreed_on beside widen"),
    "cron_wrong": (
        "fünf Angaben wie in einer crontab (Minute Stunde Tag Monat Wochentag), etwa \"15 3 * * *\" für täglich 3:15 Uhr, "
        "\"0 4 * * 1-5\" für Montag bis Freitag, oder \"never\"; falsch ist: {part}",
        "five fields as in a crontab (minute hour day month weekday), such as \"15 3 * * *\" for every day at 3:15, "
        "\"0 4 * * 1-5\" for Monday to Friday, or \"never\"; wrong is: {part}",
    ),
    "zone_unknown": ("eine Zeitzone wie \"Europe/Berlin\"", "a time zone such as \"Europe/Berlin\""),
    "code_unknown": ("ein Code der Liste; ähnlich sind {nearest}", "a code of the list; similar are {nearest}"),
}  # fmt: skip
# Several [[source]] belong to one member, so their table is written in double brackets.
_DOUBLE = ("[[{key}]] in doppelten eckigen Klammern", "[[{key}]] in double square brackets")
_PATTERNS = {
    **dict.fromkeys(("from", "to", "deputy"), ("eine Adresse wie opendata@region.example", "an address such as opendata@region.example")),
    "secret_env": ("der Name einer Umgebungsvariablen wie PORTAL_KEY", "the name of an environment variable such as PORTAL_KEY"),
    "header": ("der Name eines Headers wie X-API-Key", "the name of a header such as X-API-Key"),
    "user": ("ein Name ohne Doppelpunkt", "a name without a colon"),
    "password_env": ("der Name einer Umgebungsvariablen wie MAIL_PASSWORD", "the name of an environment variable such as MAIL_PASSWORD"),
    "server": ("der Name eines Servers wie mail.region.example", "the name of a server such as mail.region.example"),
    "key": ("2, 3, 5, 8, 9 oder 12 Ziffern in Anführungszeichen", "2, 3, 5, 8, 9 or 12 digits in quotation marks"),
    "name": ("Kleinbuchstaben ohne Umlaute, Ziffern und Bindestriche", "small letters without umlauts, digits and hyphens"),
    "": ("eine Adresse, die mit https:// oder http:// beginnt", "an address that begins with https:// or http://"),
}


def at(file: str, line: str | int = "-") -> dict[str, str]:
    """The parameters that say where in the configuration something stands; the line "-" is not known."""
    known = str(line) != "-"
    return {
        "file": file, "line": str(line),
        "at_de": f"{file}, Zeile {line}" if known else file, "at_en": f"{file}, line {line}" if known else file,
    }  # fmt: skip


def nearest(word: str, known: Sequence[str] | Mapping[str, Any]) -> list[str]:
    """The at most three known words that come nearest to one that is not known."""
    return difflib.get_close_matches(word, list(known), n=3, cutoff=0.5)


def did_you_mean(word: str, known: Sequence[str] | Mapping[str, Any]) -> dict[str, str]:
    """The parameters hint_de and hint_en: the nearest of the known words, else all of them."""
    close = nearest(word, known)
    if close:
        return {"hint_de": f"Meinten Sie {', '.join(close)}?", "hint_en": f"Did you mean {', '.join(close)}?"}
    every = ", ".join(known)
    return {"hint_de": f"Erlaubt sind: {every}.", "hint_en": f"Allowed are: {every}."}


def parse(
    model: type[M], data: Mapping[str, Any], file: str, text: str = "", where: str = "", lines: Mapping[str, int] | None = None,
) -> M:  # fmt: skip
    """`data` as a checked model; the first fault becomes a ConfigError with file, line, key and the nearest right word.

    `text` is the whole file; where only a part of it is checked, `where` names that part ("source.options") and `lines` says on which
    line its keys stand.
    """
    try:
        return model.model_validate(data, context=FROM_FILE)
    except ValidationError as error:
        found: dict[Path, int] = {(name,): line for name, line in (lines or {}).items()} if where else positions(text)
        raise _fault(model, data, error.errors()[0], file, where, found) from error


def _fault(
    model: type[BaseModel], data: Mapping[str, Any], fault: ErrorDetails, file: str, where: str, found: Mapping[Path, int],
) -> ConfigError:  # fmt: skip
    path = _path(fault["loc"], data, keep_last=fault["type"] == "missing")
    keys = [part for part in path if isinstance(part, str)]
    key = keys[-1] if keys else where
    place = {"field": ".".join([*([where] if where else []), *keys]), **at(file, line_of(path, found))}
    if fault["type"] == "extra_forbidden":
        return ConfigError("config-unknown-key", **place, **_hint(model, keys))
    if fault["type"] == "missing":
        return ConfigError("config-missing-key", **place)
    value = fault.get("input")
    if key == "key" and isinstance(value, int):
        return ConfigError("key-not-quoted", **place, value=str(value))
    expected = _EXPECTED.get(fault["type"], (fault["msg"], fault["msg"]))
    if fault["type"] == "string_pattern_mismatch":
        expected = _PATTERNS.get(key, _PATTERNS[""])
    elif fault["type"] == "list_type" and isinstance(value, Mapping):
        expected = _DOUBLE
    facts = {"key": key, **fault.get("ctx", {})}
    facts["expected"] = str(facts.get("expected", "")).replace("'", '"').replace(" or ", ", ")
    german, english = (text.format_map(facts) if "{" in text else text for text in expected)
    shown = "[...]" if isinstance(value, list) else "{...}" if isinstance(value, Mapping) else masked(str(value)) or repr("")
    return ConfigError("config-wrong-value", **place, value=shown[:100], expected_de=german, expected_en=english)


def _path(loc: Sequence[str | int], data: Any, *, keep_last: bool) -> Path:
    """The part of pydantic's location that stands in the data: it also names branches of unions, which no file knows."""
    path: Path = ()
    for part in loc:
        known = part in data if isinstance(data, Mapping) else isinstance(data, list) and isinstance(part, int) and part < len(data)
        if not known:
            return (*path, part) if keep_last else path
        data = data[part]
        path = (*path, part)
    return path


def _hint(model: type[BaseModel], keys: Sequence[str]) -> dict[str, str]:
    """What a key that is not known may be: one of another table, or a misspelling."""
    own = _at(model, keys[:-1])
    others = [table for table, names in _tables(model, "") if table and keys[-1] in names]
    if others and not nearest(keys[-1], own):
        return {"hint_de": f"Er gehört in {' oder '.join(others)}.", "hint_en": f"It belongs in {' or '.join(others)}."}
    return did_you_mean(keys[-1], own)


def _at(model: type[BaseModel], path: Sequence[str]) -> list[str]:
    """The keys that the table at `path` may have."""
    for part in path:
        field = model.model_fields.get(part)
        inner = _models(field.annotation if field else None)
        if not inner:
            return []
        model = inner[0]
    return known_keys(model)


def known_keys(model: type[BaseModel]) -> list[str]:
    """The keys that a model's table may have in a file; what the loader sets is none of them."""
    return [field.alias or name for name, field in model.model_fields.items() if not loaded(field)]


def loaded(field: FieldInfo) -> bool:
    """Whether the loader sets this field."""
    return any(isinstance(one, Loaded) for one in field.metadata)


def _tables(model: type[BaseModel], name: str) -> Iterator[tuple[str, list[str]]]:
    """(header, keys) of a model's table and of every table in it."""
    yield name, known_keys(model)
    above = name.strip("[]")
    for key, field in model.model_fields.items():
        if loaded(field):
            continue
        annotation = field.annotation
        for inner in _models(annotation):
            path = f"{above}.{key}" if above else key
            yield from _tables(inner, f"[{path}]" if annotation is inner else f"[[{path}]]")


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in getattr(annotation, "__args__", ()) for found in _models(part)]
