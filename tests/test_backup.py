"""Backup while others write, restore without losing anything: a state outlives its machine."""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import insert

from federation.errors import StoreError
from federation.finding import Finding
from federation.store import tables as t
from federation.store.backup import backup, restore
from federation.store.farewells import DepartureRow, ErasureRow, WithdrawalRow
from federation.store.links import LinkRow, Use
from federation.store.store import Store
from federation.store.transactions import Transactions, address
from tests.test_store import body, contents, fill, public, record, url


def publish(store: Store, *numbers: int) -> None:
    with store.write(durable=True) as connection:
        done = connection.execute(insert(t.generation).values(made=t.now(), items=len(numbers)))
        number = (done.inserted_primary_key or (0,))[0]
        for each in numbers:
            row = public(each)
            connection.execute(insert(t.item).values(row))
            connection.execute(insert(t.change).values(generation=number, iri=row["iri"], kind="create", body=row["body"], at=t.now()))


@pytest.fixture
def original(tmp_path: Path) -> Path:
    """A state with something in every table."""
    path = tmp_path / "state.db"
    with Store.open(url(path)) as store:
        fill(store, 300)
        publish(store, *range(200))
        store.claim("sync", "one", 60)
        store.set_setting("base_url", "https://x")
        store.put_uses({("http://x/1", b"d"): [Use("http://x/a", "dcat:accessURL")]}, [LinkRow("http://x/a", "x", "2026-01-31")])
        for found in ([Finding("store-locked")], []):  # came and went
            store.replace_source_findings("town", found, 1)
        store.put_departures([DepartureRow("town", "gone", 1, t.now())])
        store.put_withdrawals([WithdrawalRow("http://x/2", "", "wrong", "office", t.now())])
        store.put_erasures([ErasureRow("http://x/erased", "", "", "", t.now(), "office")])
        with store.write() as connection:
            connection.execute(insert(t.delivery).values(target="land", iri="http://x/1", body=None, remote_id="1", state="ok", error=None))
    assert all(contents(path).values())
    return path


@pytest.mark.parametrize("name", ["backup.db", "backup.db.zst"])
def test_an_empty_database_and_a_backup_give_the_same_rows_in_every_table(original: Path, tmp_path: Path, name: str) -> None:
    target, new = tmp_path / name, tmp_path / "new" / "federation.db"
    new.parent.mkdir()
    with Store.open(url(original)) as store:
        made = backup(store, target)
    Store.open(url(new)).close()  # an empty database is nothing that would be lost
    assert restore(target, url(new)) == made
    assert contents(new) == contents(original)
    assert made.version == t.VERSION
    assert made.rows["record"] == 300
    with Store.open(url(new)) as store:
        assert store.body(body(7).digest) == body(7)
        assert len(list(store.items())) == 200
        assert store.begin_run("town") == 2  # numbers go on
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted(["state.db", name, "new"])  # nothing unfinished stays


def test_a_backup_is_one_moment_though_others_write_meanwhile(tmp_path: Path) -> None:
    path, target = tmp_path / "state.db", tmp_path / "backup.db"
    with Store.open(url(path)) as store:
        run = fill(store, 400, "0")
        stop = threading.Event()
        rounds = 0

        def write() -> None:
            nonlocal rounds
            while not stop.is_set():
                rounds += 1
                bodies = [body(number, str(rounds)) for number in range(400)]
                store.write_batch([record(n, row, stamp=str(rounds)) for n, row in enumerate(bodies)], bodies, {}, [], run)

        thread = threading.Thread(target=write)
        thread.start()
        try:
            for _ in range(3):
                before = rounds
                backup(store, target, progress=lambda _done, _all: time.sleep(0.05))
                with sqlite3.connect(target) as copy:
                    stamps = {row[0] for row in copy.execute("SELECT stamp FROM record")}
                    assert copy.execute("SELECT count(*) FROM record").fetchone() == (400,)
                copy.close()
                assert len(stamps) == 1
                assert rounds > before  # the writer was not held up
        finally:
            stop.set()
            thread.join()


def test_another_process_that_commits_all_the_time_does_not_hold_the_backup_up(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with Store.open(url(path)) as store:
        fill(store, 200)
        program = (
            f"from federation.store.store import Store; s = Store.open({url(path)!r})\n"
            "while True: s.set_setting('a', 'b'); print(flush=True)"
        )
        process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=Path(__file__).resolve().parents[1])
        try:
            assert process.stdout is not None
            process.stdout.readline()
            threading.Thread(target=process.stdout.read, daemon=True).start()
            assert backup(store, tmp_path / "backup.db").rows["record"] == 200
        finally:
            process.kill()
            process.wait()


def test_an_existing_backup_is_replaced_only_by_a_complete_one(original: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup.db"
    target.write_bytes(b"the old one")
    with Store.open(url(original)) as store:
        with store.write() as connection:
            connection.execute(t.body.delete().where(t.body.c.digest == body(7).digest))
        with pytest.raises(StoreError, match="backup-damaged") as caught:
            backup(store, target)
        assert "1 bodies of record are missing" in caught.value.text()
        assert target.read_bytes() == b"the old one"
        store.write_batch([], [body(7)], {}, [], 1)
        backup(store, target)
    assert target.read_bytes().startswith(b"SQLite format 3")


def test_a_body_that_is_not_what_its_digest_says_is_found(original: Path, tmp_path: Path) -> None:
    with Store.open(url(original)) as store:
        store.write_batch([], [body(7)._replace(nt=b"something else")], {}, [], 1)
        with pytest.raises(StoreError, match="backup-damaged") as caught:
            backup(store, tmp_path / "backup.db")
    assert body(7).digest.hex() in caught.value.text()
    assert not (tmp_path / "backup.db").exists()


def test_a_backup_needs_a_folder_and_another_file(original: Path, tmp_path: Path) -> None:
    with Store.open(url(original)) as store:
        with pytest.raises(StoreError, match="backup-folder-missing"):
            backup(store, tmp_path / "nowhere" / "backup.db")
        for wrong in (original, tmp_path):
            with pytest.raises(StoreError, match="backup-onto-itself"):
                backup(store, wrong)


def test_a_database_that_holds_something_is_only_replaced_by_force_and_kept(original: Path, tmp_path: Path) -> None:
    target, other = tmp_path / "backup.db", tmp_path / "other.db"
    with Store.open(url(original)) as store:
        backup(store, target)
    with Store.open(url(other)) as store:
        fill(store, 3)
    before = contents(other)
    with pytest.raises(StoreError, match="restore-not-empty") as caught:
        restore(target, url(other))
    assert "--force" in caught.value.text("de")
    assert contents(other) == before
    for aside in ("other.db.before-restore", "other.db.before-restore-2"):
        restore(target, url(other), force=True)
        assert contents(other) == contents(original)
        assert (tmp_path / aside).exists()
    assert contents(tmp_path / "other.db.before-restore") == before


def test_a_damaged_database_is_replaced_by_force_and_kept_with_its_side_files(original: Path, tmp_path: Path) -> None:
    target, broken = tmp_path / "backup.db", tmp_path / "broken.db"
    with Store.open(url(original)) as store:
        backup(store, target)
    broken.write_bytes(b"no database at all" * 1000)
    (tmp_path / "broken.db-wal").write_bytes(b"wal")
    with pytest.raises(StoreError, match="restore-not-empty"):
        restore(target, url(broken))
    restore(target, url(broken), force=True)
    assert contents(broken) == contents(original)
    assert (tmp_path / "broken.db.before-restore").read_bytes() == b"no database at all" * 1000
    assert (tmp_path / "broken.db.before-restore-wal").read_bytes() == b"wal"


def test_a_database_in_use_is_not_replaced(original: Path, tmp_path: Path) -> None:
    target, used = tmp_path / "backup.db", tmp_path / "used.db"
    with Store.open(url(original)) as store:
        backup(store, target)
    with Store.open(url(used)) as store:
        fill(store, 3)
        with pytest.raises(StoreError, match="store-locked"):
            restore(target, url(used), force=True)
        assert len(store.known("town")) == 3
    restore(target, url(used), force=True)


@pytest.mark.parametrize("name", ["backup.db", "backup.db.zst"])
def test_a_damaged_backup_replaces_nothing(original: Path, tmp_path: Path, name: str) -> None:
    target, new = tmp_path / name, tmp_path / "new.db"
    with Store.open(url(original)) as store:
        backup(store, target)
    whole = target.read_bytes()
    middle = len(whole) // 2
    for damaged in (whole[:middle], whole[:middle] + os.urandom(5000) + whole[middle + 5000 :], b"", b"no backup", b"SQLite format 3\0"):
        target.write_bytes(damaged)
        with pytest.raises(StoreError, match="backup-damaged"):
            restore(target, url(new), force=True)
        assert not new.exists()


def test_a_backup_of_a_newer_program_or_of_another_one_is_refused(original: Path, tmp_path: Path) -> None:
    newer, other = tmp_path / "newer.db", tmp_path / "other.db"
    with Store.open(url(original)) as store, store.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    shutil.copyfile(original, newer)
    connection_to_other = sqlite3.connect(other)
    connection_to_other.execute("CREATE TABLE invoices (number INTEGER)")
    connection_to_other.close()
    with pytest.raises(StoreError, match="restore-newer") as caught:
        restore(newer, url(tmp_path / "new.db"))
    assert "9999" in caught.value.text("de")
    with pytest.raises(StoreError, match="backup-damaged"):
        restore(other, url(tmp_path / "new.db"))
    with pytest.raises(StoreError, match="restore-missing"):
        restore(tmp_path / "nothing", url(tmp_path / "new.db"))
    with pytest.raises(StoreError, match="store-folder-missing"):
        restore(newer, url(tmp_path / "nowhere" / "new.db"))
    with pytest.raises(StoreError, match="backup-onto-itself"):
        restore(newer, url(newer))
    assert not (tmp_path / "new.db").exists()


def test_a_restored_database_keeps_owner_and_rights_of_the_one_before(original: Path, tmp_path: Path) -> None:
    target, new = tmp_path / "backup.db", tmp_path / "new.db"
    with Store.open(url(original)) as store:
        backup(store, target)
    Store.open(url(new)).close()
    new.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(new, 65534, 65534)
    before = new.stat()
    restore(target, url(new))
    after = new.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


def test_for_postgresql_its_own_tool_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = "postgresql://somebody:secret@localhost/federation"
    with pytest.raises(StoreError, match="backup-postgres") as caught:
        restore(tmp_path / "x", server)
    assert "pg_restore" in caught.value.text("de")
    store = Store.__new__(Store)
    monkeypatch.setattr(Transactions, "path", None)
    store.url = address(server)
    with pytest.raises(StoreError, match="pg_dump"):
        backup(store, tmp_path / "backup.db")
