"""SOURCES.toml: where each table comes from, written with the tables so that versions and counts cannot differ from them."""

import json
from collections.abc import Iterable

from vocabularies.build.tables import Table

HEAD = """# Written by `python -m vocabularies.build`; what is said here by hand stands in vocabularies/build/catalogue.py.
# iri: what the codes of the table are appended to; spellings: columns that are read as further spellings of a code.
"""


def section(table: Table, count: int, version: str) -> str:
    """What SOURCES.toml says of one table."""
    fields: dict[str, object] = {
        "title": table.title,
        "iri": table.base,
        "origin": table.origin,
        "url": table.url,
        "version": version,
        "date": table.date or _day(version),
        "licence": table.licence,
        "count": count,
        "spellings": list(table.spellings) or "",
        "by_hand": table.by_hand or "",
        "note": table.note,
    }
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in fields.items() if value != ""]
    return f"\n[{table.name}]\n" + "\n".join(lines) + "\n"


def document(sections: Iterable[str]) -> str:
    """The text of SOURCES.toml."""
    return HEAD + "".join(sections)


def sections(text: str) -> dict[str, str]:
    """The sections of a SOURCES.toml by the name of their table."""
    return {part.partition("]")[0]: f"\n[{part.rstrip()}\n" for part in text.split("\n[")[1:]}


def _day(version: str) -> str:
    """The date inside a version such as 20241211, else an empty text."""
    return f"{version[:4]}-{version[4:6]}-{version[6:]}" if len(version) == 8 and version.isdigit() else ""
