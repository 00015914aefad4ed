"""Writing the tables: rows with a code, merged with what is kept by hand, sorted, the same bytes for the same facts."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

Row = dict[str, str]
HERE = Path(__file__).resolve().parents[1]


class BuildError(Exception):
    """A hand-kept file and the originals contradict each other; the text says where and what to change."""


@dataclass(frozen=True, slots=True)
class Table:
    """What is known about one table; `columns` follow code, label_de, label_en; `spellings` are columns that `resolve` reads."""

    name: str
    base: str
    title: str
    origin: str
    url: str
    licence: str
    rows: Callable[[Path], Iterable[Row]]
    version: Callable[[Path], str]
    date: str = ""
    columns: tuple[str, ...] = ()
    spellings: tuple[str, ...] = ()
    english: bool = True
    by_hand: bool = False
    note: str = ""

    @property
    def header(self) -> list[str]:
        """The columns of the CSV file in their order."""
        return ["code", "label_de", *(["label_en"] if self.english else []), *self.columns]


def read(path: Path) -> list[Row]:
    """The lines of a CSV file; an empty list where it does not exist."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written(header: list[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    """A CSV file: UTF-8, comma, line feed, one fact a line."""
    out = io.StringIO()
    writer = csv.DictWriter(out, header, lineterminator="\n", restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def merged(table: Table, originals: Path, additions: Path) -> list[Row]:
    """The rows of a table: what the originals say, then what is kept by hand for codes that the originals have."""
    rows = {row["code"]: row for row in table.rows(originals)}
    for extra in read(additions / f"{table.name}.csv"):
        code = extra.pop("code")
        if code not in rows:
            raise BuildError(f"additions/{table.name}.csv: the originals do not list {code}: correct or delete the line")
        rows[code] |= {column: value for column, value in extra.items() if value and column in table.header}
    for code, row in rows.items():
        if not row.get("label_de"):
            raise BuildError(f"{table.name}: {code} has no German label: add a line to additions/{table.name}.csv")
    return [rows[code] for code in sorted(rows)]


def check_namespaces(names: set[str], aliases: Path) -> None:
    """Every namespace whose ends are read as spellings belongs to a table."""
    for line in read(aliases / "namespace.csv"):
        if line["code"] not in names:
            raise BuildError(f"aliases/namespace.csv: {line['alias']} belongs to {line['code']}, which is no table")


def check_aliases(table: Table, rows: list[Row], aliases: Path) -> None:
    """Every alias leads to a code of the table, or says with an empty code that a person has to decide; none stands twice."""
    codes = {row["code"] for row in rows}
    seen: set[str] = set()
    for line in read(aliases / f"{table.name}.csv"):
        if line["code"] and line["code"] not in codes:
            raise BuildError(f"aliases/{table.name}.csv: {line['alias']} leads to {line['code']}, which is no code of the table")
        if line["alias"] in seen:
            raise BuildError(f"aliases/{table.name}.csv: {line['alias']} stands twice: delete one of the lines")
        seen.add(line["alias"])
