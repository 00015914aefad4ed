"""Command line of the build."""

import argparse
import sys
from pathlib import Path

from vocabularies.build.catalogue import TABLES
from vocabularies.build.sources import document, section, sections
from vocabularies.build.tables import HERE, BuildError, check_aliases, check_namespaces, merged, written


def build(originals: Path, target: Path, only: str = "", hand: Path = HERE) -> dict[str, int]:
    """Writes the tables, or the table `only`, into `target` with SOURCES.toml; returns how many codes each written one has.

    `hand` holds additions/ and aliases/. Nothing is written before all is read and checked: BuildError where a hand-kept line
    fits no code, FileNotFoundError where an original is missing.
    """
    check_namespaces({table.name for table in TABLES}, hand / "aliases")
    sources = target / "SOURCES.toml"
    said = sections(sources.read_text(encoding="utf-8")) if only and sources.exists() else {}
    counts: dict[str, int] = {}
    files: dict[str, bytes] = {}
    for table in TABLES:
        if only in ("", table.name):
            rows = merged(table, originals, hand / "additions")
            check_aliases(table, rows, hand / "aliases")
            counts[table.name] = len(rows)
            files[table.name] = written(table.header, rows)
            said[table.name] = section(table, len(rows), table.version(originals))
    for name, content in files.items():
        (target / f"{name}.csv").write_bytes(content)
    sources.write_text(document(said[table.name] for table in TABLES if table.name in said), encoding="utf-8")
    return counts


def main(arguments: list[str] | None = None) -> int:
    """Entry point of `python -m vocabularies.build`: exit code 0, or 2 where the originals or a hand-kept file do not fit."""
    parser = argparse.ArgumentParser(prog="python -m vocabularies.build", description="Makes the tables from their originals.")
    parser.add_argument("originals", type=Path, help="folder with the original publications")
    parser.add_argument("--table", default="", choices=[table.name for table in TABLES], help="write this table only")
    given = parser.parse_args(arguments)
    try:
        counts = build(given.originals, HERE, given.table)
    except (BuildError, FileNotFoundError) as error:
        print(f"nothing is written: {error}", file=sys.stderr)
        return 2
    for name, count in counts.items():
        print(f"{name}: {count}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
