"""The controlled vocabularies: what a code is called, and which code a source means by what it writes.

Tables, aliases and their origins are the files of the package `vocabularies`; they are read when first asked for and kept.
All IRIs here are plain text without angle brackets. `resolve` knows the IRI of a code in every variant of host and namespace,
the code, its labels and the aliases, whatever their case, blanks and hyphens; it never guesses. A spelling that could mean two
codes, or another legal text, is left to a person: it resolves to None.
"""

import csv
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

_PACKAGE = files("vocabularies")
# Blanks and hyphens of every kind, also those of Windows-1252 read as Latin-1 (\x96, \x97), and what cannot be seen.
_IGNORED = {ord(sign): None for sign in " \t\n\r\x96\x97\xa0\xad-_\u2009\u200b\u2010\u2011\u2012\u2013\u2014\u202f\u2060\ufeff"}
_KEPT = 50_000


@dataclass(frozen=True, slots=True)
class Code:
    """One line of a table; `extra` holds the columns that only this table has."""

    code: str
    iri: str
    label_de: str
    label_en: str
    extra: Mapping[str, str]


@cache
def _sources() -> dict[str, dict[str, Any]]:
    return tomllib.loads(_PACKAGE.joinpath("SOURCES.toml").read_text(encoding="utf-8"))


@cache
def _namespaces() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for alias, name, _ in _lines("aliases/namespace.csv"):
        found.setdefault(name, []).append(_without_scheme(alias))
    return found


def _lines(path: str) -> Iterator[list[str]]:
    """The lines of a hand-kept file without its heading; none where there is no such file."""
    file = _PACKAGE.joinpath(path)
    if file.is_file():
        rows = csv.reader(file.read_text(encoding="utf-8").splitlines())
        next(rows)
        yield from rows


def fold(spelling: str) -> str:
    """The key of a text: case, blanks, hyphens and underscores do not count, nor do signs around it."""
    return spelling.strip(" \t\r\n.,;:\"'<>").casefold().translate(_IGNORED)


def _media_type(spelling: str) -> str:
    """The key of a media type: case and parameters do not count (RFC 9110, 8.3.1), hyphens do."""
    return spelling.partition(";")[0].strip(" \t\r\n\"'<>").lower()


def _format(spelling: str) -> str:
    """The key of a format: as a text, without the parameters of a media type ("csv;charset=utf-8")."""
    name, _, parameters = spelling.partition(";")
    return fold(name if "=" in parameters else spelling)


def _without_scheme(iri: str) -> str:
    scheme, _, rest = iri.strip(" \t\r\n\xa0\"'<>").casefold().rpartition("://")
    return rest.removeprefix("www.") if scheme in ("http", "https", "") else ""


def fold_iri(iri: str) -> str:
    """The key of an IRI, with or without its scheme: http or https, `www.`, case and closing slashes do not count.

    A text in which an address stands somewhere is no IRI and has an empty key.
    """
    return _without_scheme(iri).rstrip("/#")


_FOLDS: dict[str, Callable[[str], str]] = {"media-type": _media_type, "file-type": _format}


class Vocabulary:
    """One table. `name` as in SOURCES.toml, `base` the IRI that its codes are appended to (empty where a code is an IRI or a word)."""

    def __init__(self, name: str) -> None:
        source = _sources().get(name)
        if source is None:
            raise KeyError(f"no vocabulary is called {name}; there are {', '.join(_sources())}")
        self.name = name
        self.base: str = source.get("iri", "")
        self._source = source
        self._resolved: dict[str, str | None] = {}
        self._near: dict[str, list[str]] = {}
        self._fold = _FOLDS.get(name, fold)
        file = _PACKAGE.joinpath(f"{name}.csv").read_text(encoding="utf-8")
        rows = csv.reader(file.splitlines())
        self._header = next(rows)
        self._rows: dict[str, list[str]] = {self.base + row[0]: row for row in rows}

    def __contains__(self, iri: str) -> bool:
        """Whether this is exactly the IRI of a listed code."""
        return iri in self._rows

    def __iter__(self) -> Iterator[str]:
        """The IRIs of all codes in the order of the table."""
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def source(self) -> Mapping[str, Any]:
        """What SOURCES.toml says: title, iri, origin, url, version, date, licence, count."""
        return self._source

    @cached_property
    def codes(self) -> Mapping[str, Code]:
        """Every code of the table with its labels and further columns."""
        return {code.code: code for code in (self._code(iri, row) for iri, row in self._rows.items())}

    def code(self, iri: str) -> Code | None:
        """The line of the code with exactly this IRI."""
        row = self._rows.get(iri)
        return None if row is None else self._code(iri, row)

    def _code(self, iri: str, row: list[str]) -> Code:
        fields = dict(zip(self._header, row, strict=True))
        code, german = fields.pop("code"), fields.pop("label_de")
        return Code(code, iri, german, fields.pop("label_en", german), fields)

    def label(self, iri: str, language: str = "de") -> str:
        """What a code is called in `language` ("de", else English); the IRI itself where it is no code of this table."""
        code = self.code(iri)
        if code is None:
            return iri
        return code.label_de if language == "de" else code.label_en

    def resolve(self, spelling: str) -> str | None:
        """The IRI of the one code that `spelling` means, else None. Idempotent; never an IRI of another vocabulary."""
        if spelling in self._rows:
            return spelling
        try:
            return self._resolved[spelling]
        except KeyError:
            found = self._found(spelling)
            if len(self._resolved) < _KEPT and len(spelling) < 500:
                self._resolved[spelling] = found
            return found

    def _found(self, spelling: str) -> str | None:
        texts, addresses = self._keys
        if "://" not in spelling:
            key = self._fold(spelling)
            if key in texts or "/" not in key:
                return texts.get(key)
        address = fold_iri(spelling)
        if address in addresses:
            return addresses[address]
        for namespace in self._spaces:
            if address.startswith(namespace):
                return self._within(namespace, address[len(namespace) :])
        return None

    def _within(self, namespace: str, tail: str) -> str | None:
        texts, addresses = self._keys
        if namespace.startswith("creativecommons.org/"):  # the deed and the full text, in any language, are the same licence
            head, _, page = tail.rpartition("/")
            return addresses.get(namespace + head) if page.startswith(("deed", "legalcode")) else None
        return texts.get(self._fold(tail))

    @cached_property
    def _spaces(self) -> tuple[str, ...]:
        return (*([_without_scheme(self.base)] if self.base.endswith("/") else []), *_namespaces().get(self.name, []))

    @cached_property
    def _keys(self) -> tuple[dict[str, str | None], dict[str, str | None]]:
        """Keys of texts and of addresses. A code comes before an alias, an alias before labels; two labels alike mean none."""
        texts: dict[str, str | None] = {}
        addresses: dict[str, str | None] = {}
        for iri, row in self._rows.items():
            addresses[fold_iri(iri)] = iri
            texts[self._fold(row[0])] = iri
        for alias, code, _ in _lines(f"aliases/{self.name}.csv"):
            keys, key = (addresses, fold_iri(alias)) if "://" in alias else (texts, self._fold(alias))
            keys.setdefault(key, self.base + code if code else None)
        firm = set(texts), set(addresses)
        for iri, spelling in self._spellings():
            keys, key = (addresses, fold_iri(spelling)) if "://" in spelling else (texts, self._fold(spelling))
            if key not in (firm[1] if keys is addresses else firm[0]):
                keys[key] = iri if keys.get(key, iri) == iri else None
        return texts, addresses

    def _spellings(self) -> Iterator[tuple[str, str]]:
        labels = [place for place, column in enumerate(self._header) if column.startswith("label_")]
        lists = [self._header.index(column) for column in self._source.get("spellings", ())]
        for iri, row in self._rows.items():
            for place in labels:
                yield iri, row[place]
            for place in lists:
                for spelling in row[place].split():
                    yield iri, spelling

    def nearest(self, spelling: str, n: int = 3) -> list[str]:
        """The `n` codes whose spellings share most groups of three letters with `spelling`, best first: to show a person."""
        near = spelling[-80:] if "://" in spelling[:20] else spelling[:80]
        if near not in self._near:
            if len(self._near) >= _KEPT:
                self._near.clear()
            self._near[near] = self._ranked(near)
        return self._near[near][:n]

    def _ranked(self, spelling: str) -> list[str]:
        wanted = _threes(self._fold(spelling))
        common: dict[int, int] = {}
        names, index = self._grams
        for gram in wanted:
            for place in index.get(gram, ()):
                common[place] = common.get(place, 0) + 1
        ranked = sorted(common, key=lambda place: (-2 * common[place] / (names[place][1] + len(wanted)), names[place][0]))
        return list(dict.fromkeys(names[place][0] for place in ranked[:60]))

    @cached_property
    def _grams(self) -> tuple[list[tuple[str, int]], dict[str, list[int]]]:
        names: list[tuple[str, int]] = []
        index: dict[str, list[int]] = {}
        for key, iri in self._keys[0].items():
            if iri is not None:
                grams = _threes(key)
                for gram in grams:
                    index.setdefault(gram, []).append(len(names))
                names.append((self._rows[iri][0], len(grams)))
        return names, index


def _threes(key: str) -> set[str]:
    padded = f" {key} "
    return {padded[place : place + 3] for place in range(len(padded) - 2)}


@cache
def vocabulary(name: str) -> Vocabulary:
    """The vocabulary of that name; KeyError names those there are."""
    return Vocabulary(name)


def names() -> list[str]:
    """The names of all vocabularies in the order of SOURCES.toml."""
    return list(_sources())


@cache
def digest() -> str:
    """SHA-256 over all tables, aliases, shapes and profiles, in hexadecimal: a part of the map version."""
    total = sha256()
    for folder in ("", "aliases", "shapes", "profiles"):
        for file in sorted(_PACKAGE.joinpath(folder).iterdir(), key=lambda item: item.name):
            if file.name.endswith((".csv", ".ttl", ".toml")):
                total.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return total.hexdigest()


def media_type_of(file_type: str) -> str | None:
    """The IANA IRI of the media type that files of this EU file type usually have."""
    code = vocabulary("file-type").code(file_type)
    usual = code.extra["media_type"] if code else ""
    return vocabulary("media-type").base + usual if usual else None


def file_type_of(media_type: str) -> str | None:
    """The EU file type that a media type (IANA IRI or `type/subtype`) means, where it means one only."""
    named = media_type[media_type.lower().rfind("/media-types/") + 13 :] if "/media-types/" in media_type.lower() else media_type
    return vocabulary("file-type").resolve(_media_type(named)) if "/" in named else None


def file_type_of_suffix(suffix: str) -> str | None:
    """The EU file type of a file name's ending ("csv", ".shp.zip"), without the packing where an inner one is known."""
    return _suffixes().get(suffix.strip().lstrip(".").lower())


@cache
def _suffixes() -> dict[str, str]:
    table = vocabulary("file-type")
    return {suffix: code.iri for code in table.codes.values() for suffix in code.extra["suffixes"].split()}


@cache
def _flagged(name: str, column: str) -> frozenset[str]:
    return frozenset(code.iri for code in vocabulary(name).codes.values() if code.extra[column] == "yes")


def is_machine_readable(file_type: str) -> bool:
    """Whether the MQA of data.europa.eu counts this EU file type as machine-readable."""
    return file_type in _flagged("file-type", "machine_readable")


def is_non_proprietary(file_type: str) -> bool:
    """Whether the MQA of data.europa.eu counts this EU file type as non-proprietary."""
    return file_type in _flagged("file-type", "non_proprietary")


def is_open(licence: str) -> bool:
    """Whether GovData calls this licence of the dcat-ap.de list open."""
    return licence in _flagged("licence", "open")


def needs_attribution(licence: str) -> bool:
    """Whether this licence of the dcat-ap.de list asks for dcatde:licenseAttributionByText (convention 35)."""
    return licence in _flagged("licence", "attribution")


def is_known_licence(licence: str) -> bool:
    """Whether the MQA of data.europa.eu knows this licence: its own list and what is the same as its concepts, or the EU table."""
    return licence in vocabulary("known-licence") or licence in vocabulary("eu-licence")


@lru_cache(maxsize=_KEPT)
def themes_of(category: str) -> tuple[str, ...]:
    """IRIs of the EU data themes of a category: CKAN group, INSPIRE theme (IRI or name), ISO topic category, OGD category.

    Empty where the category is not known or fits no theme.
    """
    themes = vocabulary("theme")
    direct = themes.resolve(category)
    if direct:
        return (direct,)
    for name in ("category", "topic-category", "inspire-theme"):
        table = vocabulary(name)
        code = table.code(table.resolve(category) or "")
        if code:
            return tuple(themes.base + theme for theme in code.extra["themes"].split())
    return ()
