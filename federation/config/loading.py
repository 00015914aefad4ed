"""Reading a workspace: `federation.toml`, `members/*.toml` and `lookups/*.csv`, with every fault named by file and line."""

import csv
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from federation import territory, vocabulary
from federation.config.faults import at, did_you_mean, parse
from federation.config.lines import line_of, positions
from federation.config.models import ID, FederationConfig, Member, Source
from federation.errors import ConfigError

# What a table of decided spellings may be called, and the vocabulary whose codes it names (federation.normalise.codes reads them).
LOOKUP_TABLES = {
    "licence": "licence", "license": "licence", "language": "language", "frequency": "frequency", "theme": "theme", "category": "theme",
    "status": "distribution-status", "distribution-status": "distribution-status", "hash": "hash", "access-right": "access-right",
    "access_right": "access-right", "access": "access-right", "availability": "availability", "geocoding-level": "geocoding-level",
    "geocoding_level": "geocoding-level", "level": "geocoding-level", "dataset-type": "dataset-type", "dataset_type": "dataset-type",
    "publisher-type": "publisher-type", "publisher_type": "publisher-type", "contributor": "contributor", "format": "file-type",
    "file-type": "file-type", "media-type": "media-type", "media_type": "media-type", "hvd-category": "hvd-category",
    "hvd_category": "hvd-category",
}  # fmt: skip
# Where an address of anybody's own may be decided on, too.
_FREE = frozenset({"licence", "contributor"})
_MEMBER_ID = re.compile(rf"{ID}\Z")
_AT_LINE = re.compile(r"line (\d+), column \d+")
_BARE_KEY = re.compile(r"\s*key\s*=\s*(\d[\d ]*)")


def load(folder: Path) -> FederationConfig:
    """Reads a workspace. Nothing is created or changed.

    ConfigError where the folder or a file is missing or not TOML, a key unknown, a value of the wrong kind, or an official key leads to
    no body; it names the file and line.
    """
    file = folder / "federation.toml"
    if not folder.is_dir():
        raise ConfigError("folder-missing", value=str(folder))
    if not file.exists():
        raise ConfigError("workspace-missing", value=str(folder.resolve()))
    data, text = _toml(file, file.name)
    head = parse(FederationConfig, data, file.name, text)
    members = [_member(entry, folder) for entry in _member_files(folder / "members")]
    return head.model_copy(update={"members": members, "path": folder, "lookups": _lookups(folder / "lookups")})


def _member_files(folder: Path) -> list[Path]:
    files = []
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        name = file.name.lower()
        if name.startswith(".") or not name.endswith((".toml", ".toml.txt")):
            continue
        if file.suffix != ".toml" or not _MEMBER_ID.match(file.stem):
            raise ConfigError("member-name", value=file.name)
        files.append(file)
    return files


def _member(file: Path, folder: Path) -> Member:
    name = f"members/{file.name}"
    data, text = _toml(file, name)
    member = parse(Member, data, name, text)
    lines = positions(text)
    _check_key(member, name, line_of(("key",), lines))
    sources: list[Source] = []
    for number, source in enumerate(member.source):
        here = at(name, line_of(("source", number, "name"), lines))
        if len(member.source) > 1 and not source.name:
            raise ConfigError("source-unnamed", field="name", **here)
        source_id = f"{file.stem}.{source.name}" if source.name else file.stem
        if source_id in {other.id for other in sources}:
            raise ConfigError("source-twice", field="name", value=source_id, **here)
        for table, rows in source.lookups.items():
            path = ("source", number, "lookups", table)
            _check_lookups(table, [(*row, line_of((*path, row[0]), lines)) for row in rows.items()], name, line_of(path, lines))
        options = {key: int(line_of(("source", number, "options", key), lines)) for key in source.options}
        update = {"id": source_id, "member": file.stem, "key": member.key, "lines": options, "url": _address(source.url, folder)}
        sources.append(source.model_copy(update=update))
    return member.model_copy(update={"id": file.stem, "source": sources})


def _check_key(member: Member, file: str, line: str) -> None:
    if not member.key or territory.body_by_key(member.key) is not None:
        return
    bodies = ", ".join(f'"{body.key}" ({body.name})' for body in territory.bodies_by_name(member.title)[:5])
    raise ConfigError(
        "key-unknown", field="key", value=member.key, **at(file, line),
        hint_de=f"Zum Namen {member.title} passen: {bodies}." if bodies else "",
        hint_en=f"The name {member.title} fits: {bodies}." if bodies else "",
    )  # fmt: skip


def _address(url: str, folder: Path) -> str:
    """A path starts in the workspace, wherever the command was called."""
    return url if "://" in url else str((folder / url).absolute())


def _toml(file: Path, name: str) -> tuple[dict[str, Any], str]:
    text = _text(file, name)
    try:
        return tomllib.loads(text), text
    except tomllib.TOMLDecodeError as error:
        told = _AT_LINE.search(str(error))
        line = int(told[1]) if told else text.count("\n") + 1
        bare = _BARE_KEY.match((text.splitlines() or [""])[min(line, text.count("\n") + 1) - 1])
        if bare:
            raise ConfigError("key-not-quoted", field="key", value=bare[1].strip(), **at(name, line)) from error
        raise ConfigError("config-not-toml", value=str(error), **at(name, line)) from error


def _text(file: Path, name: str) -> str:
    try:
        content = file.read_bytes()
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ConfigError("config-not-utf8", **at(name, content.count(b"\n", 0, error.start) + 1)) from error
    except OSError as error:
        raise ConfigError("config-unreadable", file=name, value=error.strerror or str(error)) from error


def _lookups(folder: Path) -> dict[str, dict[str, str]]:
    """`lookups/<table>.csv` with the columns spelling and code: what a person decided for the whole region. A spreadsheet's semicolons
    will do. An empty code says that the spelling stays as it is.
    """
    tables: dict[str, dict[str, str]] = {}
    for file in sorted(folder.glob("[!.]*.csv")):
        name = f"lookups/{file.name}"
        rows = list(_rows(_text(file, name), name))
        _check_lookups(file.stem, rows, name, "1")
        tables[file.stem] = {spelling: code for spelling, code, _ in rows}
    return tables


def _rows(text: str, file: str) -> Iterator[tuple[str, str, str]]:
    """(spelling, code, line) of each row that decides something."""
    head = text.partition("\n")[0]
    reader = csv.DictReader(text.splitlines(keepends=True), delimiter=";" if head.count(";") > head.count(",") else ",")
    try:
        if not {"spelling", "code"} <= set(reader.fieldnames or ()):
            raise ConfigError("lookup-columns", file=file)
        for row in reader:
            spelling, code = (row["spelling"] or "").strip(), (row["code"] or "").strip()
            if spelling:
                yield spelling, code, str(reader.line_num)
    except csv.Error as error:
        raise ConfigError("lookup-unreadable", value=str(error), **at(file, reader.line_num)) from error


def _check_lookups(table: str, rows: Iterable[tuple[str, str, str]], file: str, line: str) -> None:
    """ConfigError for a table that there is not, a code that its vocabulary has not, and a spelling that means two things."""
    if table not in LOOKUP_TABLES:
        raise ConfigError("lookup-table", value=table, **at(file, line), **did_you_mean(table, LOOKUP_TABLES))
    codes = vocabulary.vocabulary(LOOKUP_TABLES[table])
    decided: dict[str, str] = {}
    for spelling, code, place in rows:
        free = codes.name in _FREE and code.startswith(("http://", "https://")) and "dcat-ap.de/" not in code
        if code and codes.resolve(code) is None and not free:
            raise ConfigError("lookup-code", value=code, table=table, nearest=", ".join(codes.nearest(code)) or "-", **at(file, place))
        if decided.setdefault(" ".join(spelling.split()).casefold(), code) != code:
            raise ConfigError("lookup-twice", value=spelling, **at(file, place))
