"""Finding: the one shape for every problem with data, and the place where its texts come from.

The texts live in `vocabularies/findings/*.csv` (columns code, severity, cause_de, cause_en, remedy_de, remedy_en; one code a
line, in one file only). A text may name `{field}`, `{value}`, `{dataset}` and any key of `params` in braces.
"""

import csv
import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files


class Severity(StrEnum):
    """How bad: a violation of a rule that is a MUST, of a SHOULD, or something worth knowing."""

    VIOLATION = "violation"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Text:
    """Severity and texts of one code, as the tables say them."""

    severity: Severity
    cause: dict[str, str]
    remedy: dict[str, str]


@cache
def texts() -> dict[str, Text]:
    """Every code with its texts. A code that stands in two files, or twice, is a ValueError (a fault of ours)."""
    table: dict[str, Text] = {}
    for entry in sorted(files("vocabularies").joinpath("findings").iterdir(), key=lambda item: item.name):
        if not entry.name.endswith(".csv"):
            continue
        for row in csv.DictReader(entry.read_text(encoding="utf-8").splitlines()):
            if row["code"] in table:
                raise ValueError(f"finding code {row['code']} stands twice, the second time in {entry.name}")
            table[row["code"]] = Text(
                Severity(row["severity"]),
                {"de": row["cause_de"], "en": row["cause_en"]},
                {"de": row["remedy_de"], "en": row["remedy_en"]},
            )
    return table


class _Params(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem with one dataset (or, where `dataset` is empty, with its source).

    `code` is a key of `texts()`; `dataset` an IRI or the source's identifier; `field` a property in prefix form
    ("dcterms:license"), a CKAN field or a configuration key; `value` what stood there (at most 200 characters are kept);
    `params` fill the placeholders of the texts. A severity of None means the one of the table.
    """

    code: str
    severity: Severity | None = None
    dataset: str = ""
    field: str = ""
    value: str = ""
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.severity is None:
            known = texts().get(self.code)
            object.__setattr__(self, "severity", known.severity if known else Severity.WARNING)
        if len(self.value) > 200:
            object.__setattr__(self, "value", self.value[:199] + "…")

    def cause(self, language: str = "en") -> str:
        """What is wrong, in `language` ("de" or "en")."""
        known = texts().get(self.code)
        return self._fill(known.cause, language) if known else self.code

    def remedy(self, language: str = "en") -> str:
        """What to do about it, in `language` ("de" or "en")."""
        known = texts().get(self.code)
        return self._fill(known.remedy, language) if known else ""

    def _fill(self, template_by_language: dict[str, str], language: str) -> str:
        template = template_by_language.get(language) or template_by_language["en"]
        return template.format_map(_Params({**self.params, "field": self.field, "value": self.value, "dataset": self.dataset}))
