"""Feeds: static pages of one generation, the entry that names them, and the export of the whole public catalog.

Pages live at `public/catalog/g<generation>/<n>.<ext>`; `public/catalog.<ext>` is a copy of page 1 and is replaced by rename, so that
nobody ever reads a half-written one. All links name the generation: a reader who follows them sees one snapshot. Files are written
after the generation's commit and can be rebuilt from the store at any time.
"""

import gzip
import io
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from federation import clock
from federation.config import FederationConfig
from federation.dcat.write import FEET, HEADS, SEPARATORS
from federation.errors import ConfigError, StoreError
from federation.publish.catalog import Catalog, written
from federation.store.rows import ItemRow
from federation.store.store import Store

_MARKER = "generation.json"
SUFFIXES = {".ttl": "ttl", ".rdf": "rdf", ".xml": "rdf", ".jsonld": "jsonld", ".json": "jsonld", ".nt": "nt"}


def write_feeds(config: FederationConfig, store: Store, public: Path, *, force: bool = False) -> bool:
    """Writes the pages of the generation that is public now; False where they stand already, whole. Older ones than
    `keep_generations_days` are removed. Ended at any moment, it leaves the last good files, and the next call does the rest.
    StoreError where the folder cannot be written.
    """
    number, made, items = store.generation() or (0, "1970-01-01T00:00:00Z", 0)
    stamp, formats = f"g{number}", config.catalog.formats
    folder = public / "catalog" / stamp
    made_from = {"generation": number, "made": made, "catalog": config.catalog.model_dump(mode="json")}
    _sweep(public)
    if not force and _stands(public, folder, made_from, formats):
        return False
    temporary = public / "catalog" / f".{stamp}.{os.getpid()}"
    entries = {public / f"catalog.{name}": public / f".catalog.{name}.{os.getpid()}" for name in formats}
    try:
        temporary.mkdir(parents=True)
        _write_pages(config, store, temporary, stamp, made, store.count_items("dataset"), items)
        pages = {page.name: page.stat().st_size for page in temporary.iterdir()}
        for name, entry in zip(formats, entries.values(), strict=True):
            shutil.copyfile(temporary / f"1.{name}", entry)
        (temporary / _MARKER).write_text(json.dumps({"made_from": made_from, "pages": pages}))
        _put_in_place(temporary, folder)
        for entry, copy in entries.items():
            copy.replace(entry)
        for other in HEADS.keys() - set(formats):
            (public / f"catalog.{other}").unlink(missing_ok=True)
        (temporary / _MARKER).replace(folder / _MARKER)  # the last step: before it, nothing counts as written
        forget_old(public / "catalog", stamp, config.store.keep_generations_days)
    except OSError as error:
        raise StoreError("public-not-writable", value=str(error.filename or public), detail=error.strerror or str(error)) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)  # a full disk would stay full
        for copy in entries.values():
            with suppress(OSError):
                copy.unlink(missing_ok=True)
    return True


def _sweep(public: Path) -> None:
    """Takes away what a process left that was killed while it wrote."""
    for left in [*public.glob("catalog/.g*"), *public.glob(".catalog.*")]:
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            with suppress(OSError):
                left.unlink()


def _stands(public: Path, folder: Path, made_from: dict[str, Any], formats: Sequence[str]) -> bool:
    """Whether these very pages and their entries are there with the sizes that were written: a power cut or a hand may have taken some."""
    try:
        marker = json.loads((folder / _MARKER).read_bytes())
        pages: dict[str, int] = marker["pages"]
        return bool(
            marker["made_from"] == made_from
            and all((folder / name).stat().st_size == size for name, size in pages.items())
            and all((public / f"catalog.{name}").stat().st_size == pages[f"1.{name}"] for name in formats)
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _put_in_place(temporary: Path, folder: Path) -> None:
    """Pages where none of this generation are yet come all at once; else one replaces the other, and nobody finds one missing or half."""
    written = [page for page in temporary.iterdir() if page.name != _MARKER]
    if not folder.exists():
        fresh = temporary / folder.name
        fresh.mkdir()
        for page in written:
            page.rename(fresh / page.name)
        fresh.rename(folder)
        _superseded(folder)
        return
    (folder / _MARKER).unlink(missing_ok=True)
    for page in written:
        page.replace(folder / page.name)
    names = {page.name for page in written}
    for page in folder.iterdir():
        if page.name not in names:
            page.unlink()


def _superseded(folder: Path) -> None:
    """The generation before ends now, however old its pages are: readers who are amid it may follow its links for some days."""
    now = clock.now().timestamp()
    others = [entry for entry in folder.parent.iterdir() if entry.name[:1] == "g" and entry.name[1:].isdigit() and entry != folder]
    if others:
        os.utime(max(others, key=lambda entry: int(entry.name[1:])), (now, now))


def _write_pages(config: FederationConfig, store: Store, folder: Path, stamp: str, made: str, datasets: int, items: int) -> None:
    catalog = Catalog(config.catalog, made)
    size = config.catalog.page_size
    last = max(1, -(-items // size))
    pages = item_pages(store, size)
    for number in range(1, last + 1):
        rows = next(pages, [])
        links = {"first": 1, "previous": number - 1, "next": number + 1, "last": last}
        for name in config.catalog.formats:
            address = f"{catalog.base}/catalog/{stamp}/%d.{name}"
            there = {rel: address % n for rel, n in links.items() if 1 <= n <= last}
            controls = catalog.controls(address % number, there, datasets, size)
            with (folder / f"{number}.{name}").open("wb") as page:
                page.write((HEADS[name] + catalog.head(controls)[name]).encode())
                for row in rows:
                    page.write(_item(catalog, row, name))
                page.write(FEET[name].encode())


def item_pages(store: Store, size: int) -> Iterator[list[ItemRow]]:
    """The public items in the order of IRIs, `size` at a time."""
    rows: list[ItemRow] = []
    for row in store.items(page=min(size, 500)):
        rows.append(row)
        if len(rows) == size:
            yield rows
            rows = []
    if rows:
        yield rows


def _item(catalog: Catalog, row: ItemRow, name: str) -> bytes:
    separator = SEPARATORS[name].encode()
    around = catalog.around(row.iri, row.kind, row.since, name).encode()
    return separator + row.fragments[name] + separator + around


def forget_old(folder: Path, current: str, days: int) -> None:
    """Removes the pages of generations but the current one ("g12") that are older than so many days, and what was left half-written."""
    limit = clock.now().timestamp() - days * 86_400
    for entry in folder.iterdir():
        old = entry.name.startswith("g") and entry.name != current and entry.stat().st_mtime < limit
        if old or entry.name.startswith(".g"):
            shutil.rmtree(entry, ignore_errors=True)


def export(config: FederationConfig, store: Store, target: Path) -> int:
    """Writes the whole public catalog to one file and tells how many items it has. The suffix says the format: .ttl .rdf .jsonld .nt,
    each also with .gz. The bytes depend on the public state alone. ConfigError for another suffix.
    """
    packed = target.suffix == ".gz"
    suffix = target.with_suffix("").suffix if packed else target.suffix
    name = SUFFIXES.get(suffix)
    if name is None:
        raise ConfigError("export-format", field="FILE", value=target.name, known=", ".join(sorted(SUFFIXES)))
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as raw:
            if packed:
                with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as out, io.BufferedWriter(out) as buffered:
                    count = _write_whole(config, store, buffered, name)
            else:
                count = _write_whole(config, store, raw, name)
        temporary.replace(target)
    except OSError as error:
        raise StoreError("public-not-writable", value=str(target), detail=error.strerror or str(error)) from error
    finally:
        temporary.unlink(missing_ok=True)
    return count


def _write_whole(config: FederationConfig, store: Store, out: BinaryIO | io.BufferedWriter, name: str) -> int:
    count = 0
    for chunk, items in whole(config, store, name):
        out.write(chunk)
        count += items
    return count


def whole(config: FederationConfig, store: Store, name: str) -> Iterator[tuple[bytes, int]]:
    """The whole public catalog in one format, piece by piece: (bytes, items in this piece)."""
    catalog = Catalog(config.catalog, (store.generation() or (0, "1970-01-01T00:00:00Z", 0))[1])
    if name == "nt":
        yield from _whole_nt(catalog, store)
        return
    yield (HEADS[name] + catalog.head()[name]).encode(), 0
    for rows in item_pages(store, 500):
        yield b"".join(_item(catalog, row, name) for row in rows), len(rows)
    yield FEET[name].encode(), 0


def _whole_nt(catalog: Catalog, store: Store) -> Iterator[tuple[bytes, int]]:
    yield written(catalog.root, catalog.nodes).nt, 0
    for rows in item_pages(store, 500):
        pieces: list[bytes] = []
        for row in rows:
            body = store.body(row.body)
            pieces.append(body.nt if body else b"")
            pieces.append(written(catalog.root, catalog.around_nodes(row.iri, row.kind, row.since)).nt)
        yield b"".join(pieces), len(rows)

