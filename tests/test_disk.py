"""Disk full, database locked, damaged, deleted, not writable: a clear error, nothing half-written, and a plain sync heals what it left."""

import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph
import pytest

from federation.errors import StoreError
from federation.store import transactions
from federation.store.store import Store
from federation.sync.run import LEASE
from tests.command import Result, do, run
from tests.loopback import Request, Server, complete, serve
from tests.region import Region, dataset, feed, turtle

NOBODY = 65534
NAMES = [f"d{number}" for number in range(30)]


@pytest.fixture
def server() -> Iterator[Server]:
    with serve({"/feed.ttl": turtle(feed(*NAMES))}) as running:
        yield running


@pytest.fixture
def region(tmp_path: Path, server: Server) -> Region:
    made = Region(tmp_path / "region")
    made.member("stadt", f"{server.url}/feed.ttl")
    return made


@pytest.fixture
def small_disk(tmp_path: Path, server: Server) -> Iterator[Region]:
    """A region on a disk of its own of 8 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if os.getuid() or subprocess.run(mounted, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a disk")
    try:
        made = Region(folder / "region")
        made.member("stadt", f"{server.url}/feed.ttl")
        yield made
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def ends(region: Region, code: str, *arguments: str) -> Result:
    """The command fails by our fault, says this code's cause and remedy, and shows no traceback."""
    result = run("-C", region.folder, *arguments)
    assert result.code == 1, result.said
    assert code in result.said, result.said
    assert "Remedy" in result.said
    assert "Traceback" not in result.said
    return result


def files(region: Region) -> dict[str, bytes]:
    """All public files."""
    public = region.folder / "public"
    return {str(path.relative_to(public)): path.read_bytes() for path in public.rglob("*") if path.is_file()}


def whole(region: Region) -> None:
    """What is public is complete: the entry names a generation whose pages stand, and all is one with the store."""
    with region.open() as store:
        number, _, _ = store.generation() or (0, "", 0)
        assert store.free(LEASE)
        assert {row.iri.encode() for row in store.items(kind="dataset")}
    entry = (region.folder / "public/catalog.ttl").read_bytes()
    assert entry == (region.folder / f"public/catalog/g{number}/1.ttl").read_bytes()
    for iri in region.public():
        assert any(iri.encode() in body for name, body in files(region).items() if name.startswith(f"catalog/g{number}/"))


# a full disk


def test_a_full_disk_ends_the_sync_and_a_sync_after_room_was_made_does_the_rest(small_disk: Region, server: Server) -> None:
    region = small_disk
    do(region, "sync")
    before = files(region)
    server.routes["/feed.ttl"] = turtle(feed(*NAMES, *(f"e{n}" for n in range(200))))
    ballast = region.folder / "ballast"
    left = shutil.disk_usage(region.folder).free
    ballast.write_bytes(b"x" * (left - 200_000))
    said = ends(region, "store-full", "sync")
    assert "disk" in said.said
    assert files(region) == before
    assert len(region.public()) == 30
    ballast.unlink()
    do(region, "sync")
    assert len(region.public()) == 230
    whole(region)


def test_a_disk_that_is_full_when_pages_are_written_keeps_the_old_ones_and_no_ballast(small_disk: Region, server: Server) -> None:
    region = small_disk
    do(region, "sync")
    before = files(region)
    server.routes["/feed.ttl"] = turtle(feed(*NAMES, *(f"e{n}" for n in range(120))))
    do(region, "sync", "--no-publish")
    region.generation()
    (region.folder / "ballast").write_bytes(b"x" * (shutil.disk_usage(region.folder).free - 60_000))
    said = ends(region, "public-not-writable", "publish")
    assert "No space left" in said.said
    assert files(region) == before
    assert not list((region.folder / "public").rglob(".*"))
    (region.folder / "ballast").unlink()
    do(region, "publish")
    whole(region)
    assert len(region.public()) == 150


# a locked database


def test_a_database_that_another_process_keeps_locked_is_said_to_be(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    do(region, "sync")
    monkeypatch.setattr(transactions, "BUSY_SECONDS", 0.2)
    monkeypatch.setattr(transactions, "_TRY_SECONDS", 0.1)
    other = sqlite3.connect(region.folder / "federation.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    ends(region, "store-locked", "sync")
    other.execute("ROLLBACK")
    other.close()
    do(region, "sync")
    whole(region)


def test_who_waits_for_a_lock_gets_it(region: Region) -> None:
    with region.open() as store:
        other = sqlite3.connect(region.folder / "federation.db", isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(1.3, lambda: other.execute("COMMIT"))  # longer than one attempt
        timer.start()
        store.set_setting("a", "b")
        timer.join()
        assert store.setting("a") == "b"


# a database that is deleted, replaced or damaged


def amid(server: Server, act: Callable[[], object]) -> None:
    """Does something while the source is read."""
    body = server.routes["/feed.ttl"]

    def answer(_: Request) -> object:
        act()
        return body

    server.routes["/feed.ttl"] = answer  # type: ignore[assignment]


def test_a_database_that_is_deleted_amid_a_sync_is_noticed(region: Region, server: Server) -> None:
    amid(server, (region.folder / "federation.db").unlink)
    ends(region, "store-replaced", "sync")
    server.routes["/feed.ttl"] = turtle(feed("a"))
    for name in ("-wal", "-shm"):
        (region.folder / f"federation.db{name}").unlink(missing_ok=True)
    do(region, "sync")
    whole(region)


def test_a_database_that_is_replaced_amid_a_sync_is_not_written_to(region: Region, server: Server, tmp_path: Path) -> None:
    do(region, "sync")
    do(region, "backup", str(tmp_path / "b.db"))
    kept = (tmp_path / "b.db").read_bytes()
    server.routes["/feed.ttl"] = turtle(feed("a"))
    amid(server, lambda: os.replace(tmp_path / "b.db", region.folder / "federation.db"))
    ends(region, "store-replaced", "sync")
    assert (region.folder / "federation.db").read_bytes() == kept


def test_a_damaged_database_is_said_to_be_and_not_written_on(region: Region) -> None:
    do(region, "sync")
    before = files(region)
    path = region.folder / "federation.db"
    body = bytearray(path.read_bytes())
    for start in range(8192, len(body), 8192):
        body[start : start + 4000] = os.urandom(4000)
    path.write_bytes(bytes(body))
    for command in ("sync", "status"):
        ends(region, "store-corrupt", command)
    path.write_bytes(b"no database at all, but a letter" * 1000)
    for command in ("sync", "status"):
        ends(region, "store-not-a-database", command)
    assert files(region) == before


# no right to write


def as_nobody(act: Callable[[], None]) -> None:
    """Does something in a forked process of an account without any rights; what it asserts is asserted here."""
    if os.getuid():
        pytest.skip("needs the right to be somebody else")
    read, write = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover
        told = b""
        try:
            signal.alarm(30)
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            act()
        except BaseException as error:  # noqa: BLE001
            told = f"{type(error).__name__}: {error}".encode()
        finally:
            os.write(write, told or b"well")
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(child, 0)
    assert said == "well", said


@pytest.fixture
def open_region(server: Server) -> Iterator[Region]:
    """A region whose files everybody may read."""
    folder = Path(tempfile.mkdtemp())  # below tmp_path only its owner may look
    folder.chmod(0o755)
    try:
        made = Region(folder / "region")
        made.member("stadt", f"{server.url}/feed.ttl")
        yield made
    finally:
        shutil.rmtree(folder)


READING = (["status"], ["status", "--json"], ["findings"], ["held"], ["lookups"], ["sync", "--dry-run"], ["publish", "--dry-run"])


def test_who_may_only_read_sees_how_things_stand(open_region: Region) -> None:
    region = open_region
    do(region, "sync")
    before = sorted(path.name for path in region.folder.iterdir())

    def look() -> None:
        for arguments in READING:
            result = run("-C", region.folder, *arguments)
            assert result.code == 0, (arguments, result.said)
        assert run("-C", region.folder, "status", "--json").json()["sources"][0]["datasets"] == 30
        result = run("-C", region.folder, "sync")
        assert result.code == 1, result.said
        assert "store-read-only" in result.said, result.said

    as_nobody(look)
    assert sorted(path.name for path in region.folder.iterdir()) == before


def test_who_may_only_read_sees_what_others_write_meanwhile(open_region: Region) -> None:
    region = open_region
    do(region, "sync")
    (seen, told), (ready, go) = os.pipe(), os.pipe()

    def look() -> None:
        with Store.open("sqlite:///federation.db", folder=region.folder, reading=True) as store:
            assert store.setting("later") == ""
            os.write(told, b".")
            os.read(ready, 1)
            assert store.setting("later") == "yes"
            with pytest.raises(StoreError) as caught:
                store.set_setting("later", "no")
            assert caught.value.code == "store-read-only"
            os.write(told, b".")
            os.read(ready, 1)
            assert store.setting("later") == "yes"

    def write() -> None:
        os.read(seen, 1)
        with region.open() as store:
            store.set_setting("later", "yes")
            os.write(go, b".")
            os.read(seen, 1)
        os.write(go, b".")  # and the writer is gone again

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    as_nobody(look)
    writer.join(5)


def test_a_public_folder_that_may_not_be_written_keeps_what_is_there(region: Region, server: Server) -> None:
    do(region, "sync")
    before = files(region)
    server.routes["/feed.ttl"] = turtle(feed(*NAMES, "b"))
    public = region.folder / "public"
    if os.getuid():  # root may write wherever the file system lets it
        public.chmod(0o555)
        (public / "catalog").chmod(0o555)
    elif subprocess.run(["mount", "--bind", "-o", "ro", public, public], capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount")
    try:
        ends(region, "public-not-writable", "sync")
        assert files(region) == before
    finally:
        if os.getuid():
            public.chmod(0o755)
            (public / "catalog").chmod(0o755)
        else:
            subprocess.run(["umount", public], check=True)
    do(region, "sync")
    whole(region)


# pages


def test_pages_that_somebody_took_away_or_cut_come_back_with_the_next_sync(region: Region) -> None:
    do(region, "sync")
    before = files(region)
    for name, kept in (("catalog/g1/1.ttl", None), ("catalog.rdf", None), ("catalog/g1/1.rdf", 100)):
        path = region.folder / "public" / name
        path.unlink() if kept is None else os.truncate(path, kept)
        do(region, "sync")
        assert files(region) == before


def test_whoever_reads_while_pages_are_written_never_sees_a_half_one(region: Region, server: Server) -> None:
    do(region, "sync")
    ended = threading.Event()
    seen: set[bytes] = set()

    def read() -> None:
        while not ended.is_set():
            body = (region.folder / "public/catalog.ttl").read_bytes()
            named = body.partition(b"/catalog/g")[2].partition(b"/")[0].decode()
            seen.update((body, (region.folder / f"public/catalog/g{named}/1.ttl").read_bytes()))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    for number in range(3):
        server.routes["/feed.ttl"] = turtle(feed(*NAMES, more=dataset(f"more{number}")))
        do(region, "sync")
        text = (region.folder / "federation.toml").read_text()
        (region.folder / "federation.toml").write_text(text.replace("Offene Daten", f"Daten {number} der"))
        do(region, "publish")  # the same generation with other words on its pages
    ended.set()
    reader.join(5)
    assert not reader.is_alive()
    assert len(seen) >= 4
    for body in seen:
        assert len([*pyoxigraph.parse(body, format=pyoxigraph.RdfFormat.TURTLE)]) > 30 * 10
    whole(region)


def test_the_pages_before_stay_for_readers_however_old_they_are(region: Region, server: Server) -> None:
    do(region, "sync")
    os.utime(region.folder / "public/catalog/g1", (0, 0))
    server.routes["/feed.ttl"] = turtle(feed(*NAMES, "b"))
    do(region, "sync")
    assert (region.folder / "public/catalog/g1/1.ttl").is_file()


def test_every_error_here_has_its_texts() -> None:
    for code in ("store-full", "store-locked", "store-replaced", "store-read-only", "public-not-writable"):
        complete(StoreError(code, value="x", detail="y").finding())
