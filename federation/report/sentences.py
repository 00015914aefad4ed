"""The sentences of verdicts (vocabularies/texts/verdicts.csv) and of mail (notice.csv), filled, and times as people here read them."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said of one code: text and remedy by language, and the command that helps ("" where none does)."""

    text: dict[str, str]
    remedy: dict[str, str]
    command: str


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(files("vocabularies").joinpath("texts", name).read_text(encoding="utf-8").splitlines()))


@cache
def sentences() -> dict[str, Sentence]:
    """Every verdict's sentence by its code."""
    return {
        row["code"]: Sentence({"de": row["de"], "en": row["en"]}, {"de": row["remedy_de"], "en": row["remedy_en"]}, row["command"])
        for row in _rows("verdicts.csv")
    }


@cache
def _mail() -> dict[str, dict[str, str]]:
    return {row["key"]: {"de": row["de"], "en": row["en"]} for row in _rows("notice.csv")}


class _Filled(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "?"


def said(code: str, language: str, facts: Mapping[str, object]) -> str:
    """The sentence of a code."""
    return sentences()[code].text[language].format_map(_Filled(facts))


def remedy(code: str, language: str, facts: Mapping[str, object]) -> str:
    """What to do about it; "" where nothing needs doing."""
    return sentences()[code].remedy[language].format_map(_Filled(facts))


def command(code: str, facts: Mapping[str, object]) -> str:
    """The command that helps."""
    return sentences()[code].command.format_map(_Filled(facts))


def mail(key: str, language: str, **facts: object) -> str:
    """A phrase of the mail to the operator."""
    return _mail()[key][language].format_map(_Filled(facts))


def moment(at: datetime | str | None, language: str, zone: tzinfo | None = None) -> str:
    """A time in a zone (else the local one of this machine), to the minute; "-" for none."""
    if not at:
        return "-"
    known = datetime.fromisoformat(at) if isinstance(at, str) else at
    return known.astimezone(zone).strftime("%d.%m.%Y %H:%M" if language == "de" else "%Y-%m-%d %H:%M")


def size(count: float) -> str:
    """Bytes for people."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
