"""Pages of earlier generations that hold what was erased: they go, since a generation is never changed."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from federation.errors import StoreError
from federation.store.farewells import Erased, ErasureRow


def holding(public: Path, iris: Iterable[str], current: int = 0) -> tuple[list[Path], list[Path]]:
    """(what `forget` may remove: folders and left-overs of other generations than `current`; files that somebody else put there)."""
    erased = Erased([ErasureRow(iri, "", "", "", "", "") for iri in iris])
    ours: list[Path] = []
    others: list[Path] = []
    for entry in _entries(public):
        if entry.name == f"g{current}" or (entry.parent == public and entry.name.startswith("catalog.")):
            continue
        if _holds(entry, erased):
            mine = entry.parent == public / "catalog" or entry.name.startswith(".catalog.")
            (ours if mine else others).append(entry)
    return ours, others


def forget(paths: Iterable[Path]) -> None:
    """Removes folders and files. StoreError where that is not allowed."""
    for path in paths:
        try:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError("public-not-writable", value=str(path), detail=error.strerror or str(error)) from error


def _entries(public: Path) -> Iterator[Path]:
    """The generations, and whatever else lies in the public folder."""
    for entry in sorted(public.iterdir()) if public.is_dir() else ():
        yield from sorted(entry.iterdir()) if entry == public / "catalog" and entry.is_dir() else (entry,)


def _holds(path: Path, erased: Erased) -> bool:
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    return any(erased.stands_in(file.read_bytes()) for file in files)
