"""Where a property stands in the software of a source: the CKAN field, the ISO 19139 element, the column of a table."""

import csv
from dataclasses import replace
from functools import cache
from importlib.resources import files

from federation.dcat.schema import CLASSES, TYPES
from federation.finding import Finding
from federation.terms import DCAT, expanded

# Connectors whose sources are filled in fields of their own: the column of the table, and what stands before the field.
_SOFTWARE = {"ckan": ("ckan", "CKAN: "), "csw": ("iso", "ISO 19139: ")}
_TABLES = frozenset({"table"})


@cache
def _places() -> dict[tuple[str, str, str], str]:
    rows = csv.DictReader(files("vocabularies").joinpath("quality", "places.csv").read_text(encoding="utf-8").splitlines())
    found: dict[tuple[str, str, str], str] = {}
    for row in rows:
        for column in ("ckan", "iso"):
            found[row["class"], row["property"], column] = row[column]
            found.setdefault(("", row["property"], column), row[column])
    return found


@cache
def place(field: str, connector: str = "", cls: str = "", language: str = "de") -> str:
    """Where a person mends `field` (prefix form, "dcterms:license") of a class ("dcat:Dataset"; "" for any) in a source that this
    connector reads: "CKAN: license_id", "ISO 19139: gmd:abstract", "Spalte „Lizenz“" (or, in English, "column"); the property itself
    where nothing else is known. What is no property (a CKAN field, a key of the configuration) is its own place.
    """
    if connector in _TABLES:
        row = _label(field, cls)
        return f"{'Spalte' if language == 'de' else 'column'} „{row}“" if row else field
    column, before = _SOFTWARE.get(connector, ("", ""))
    found = (_places().get((cls, field, column)) or _places().get(("", field, column))) if column else ""
    return f"{before}{found}" if found else field


def _label(field: str, cls: str) -> str:
    try:
        prop, wanted = expanded(field), expanded(cls) if cls else DCAT.Dataset
    except ValueError:
        return ""
    classes = [TYPES[wanted]] if wanted in TYPES else []
    return next((each.properties[prop].de for each in (*classes, *CLASSES.values()) if prop in each.properties), "")


def placed(finding: Finding, connector: str, language: str = "de") -> Finding:
    """The same finding, its remedy naming the place in the software of this connector's sources (`{place}`, the parameter "place")."""
    where = place(finding.field, connector, finding.params.get("class", ""), language)
    return replace(finding, params={**finding.params, "place": where})
