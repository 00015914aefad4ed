"""The state: what is written stays, what is not wholly written never was, and every failure says what to do."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError

from federation.dcat.description import Change
from federation.dcat.names import content
from federation.errors import ConfigError, FederationError, StoreError
from federation.finding import Finding, Severity, texts
from federation.store import blobs, migrate, transactions
from federation.store import tables as t
from federation.store.findings import Since
from federation.store.rows import BodyRow, RecordRow, ResponseRow, SourceRow
from federation.store.store import Store

CHANGE = Change((("<http://x/1>", "<http://p>", '"a"'),), (("<http://x/1>", "<http://p>", "<http://a>"),), "rule", "field")


def url(path: Path) -> str:
    return f"sqlite:///{path}"


def body(number: int, text: str = "x") -> BodyRow:
    nt = f'<http://x/{number}> <http://purl.org/dc/terms/title> "{text} ä {number}"@de .\n'.encode()
    return BodyRow(content(nt), nt, {"ttl": b"T" + nt, "rdf": b"R" + nt, "jsonld": b"{}"}, f"{text} {number}", "2024-01-31")


def record(number: int, row: BodyRow, source: str = "town", **columns: Any) -> RecordRow:
    iri = f"http://x/{number}"
    made = RecordRow(source, str(number), iri, "dataset", b"f", "v1", "s", b"raw %d" % number, row.digest, [CHANGE], match_keys=["k"])
    return made._replace(**columns)


def finding(*numbers: int) -> dict[tuple[str, str], list[Finding]]:
    return {("town", str(number)): [Finding("store-full", field="dcterms:title", value="v", params={"a": "b"})] for number in numbers}


def public(number: int, kind: str = "dataset") -> dict[str, Any]:
    row = {"iri": f"http://x/{number}", "source": "town", "identifier": str(number), "kind": kind}
    return {**row, "body": body(number).digest, "since": t.now()}


def fill(store: Store, count: int = 5, text: str = "x") -> int:
    store.put_source(SourceRow("town", "town", "feed"))
    run = store.begin_run("town")
    bodies = [body(number, text) for number in range(count)]
    records = [record(number, row) for number, row in enumerate(bodies)]
    page = ResponseRow("feed", "http://x/page1", b"d", "e", "m", "text/turtle", "http://x/page2", ["0", "1"], b"page " * 100)
    store.write_batch(records, bodies, finding(*range(count)), [page], run)
    return run


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, packed values as they are stored."""
    connection = sqlite3.connect(path)
    try:
        return {name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for name in t.metadata.tables}
    finally:
        connection.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(url(tmp_path / "state.db")) as opened:
        yield opened


# tables and migrations


def test_the_migrations_from_empty_give_exactly_the_tables_of_the_code(store: Store) -> None:
    with store.write() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, t.metadata) == []
        assert migrate.version(connection) == t.VERSION


def test_the_version_of_the_code_is_the_newest_migration() -> None:
    from alembic.script import ScriptDirectory

    assert ScriptDirectory.from_config(migrate._alembic()).get_heads() == [t.VERSION]


def test_a_state_of_an_older_program_keeps_what_it_has_and_gets_the_new_tables(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    engine = transactions.maintenance_engine(transactions.address(url(path)))
    with engine.begin() as connection:
        config = migrate._alembic()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in (
            "INSERT INTO setting VALUES ('a', 'b')",
            "INSERT INTO source VALUES ('town', 'town', 'feed', '', x'', 'ok', '', NULL, NULL, 0)",
            "INSERT INTO run VALUES (7, 'town', '2025-01-31T03:15:00Z', NULL, NULL, 'done', 0, 0, 0, 0, 0, 0, 0, 0, NULL)",
            "INSERT INTO finding VALUES (1, 'town', '3', 'store-full', 'info', '', '', '{}', 7)",
            "INSERT INTO finding VALUES (2, 'town', '4', 'store-full', 'info', '', '', '{}', 0)",
        ):
            connection.exec_driver_sql(statement)
    engine.dispose()
    with Store.open(url(path)) as store:
        assert (store.setting("a"), store.links()) == ("b", [])
        assert [(row.run, row.since) for row in store.findings()] == [(7, "2025-01-31T03:15:00Z"), (0, "2025-01-31T03:15:00Z")]
        assert store.findings_gone(Since("")) == []


def test_numbers_of_runs_generations_and_changes_are_never_used_again(store: Store) -> None:
    run = fill(store)
    with store.write() as connection:
        connection.execute(t.record.delete())
        connection.execute(t.run.delete())
    assert store.begin_run("town") > run


def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with Store.open(url(path)) as store, store.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError) as caught:
        Store.open(url(path))
    assert caught.value.code == "store-newer"
    assert "9999" in caught.value.text("de")
    assert "9999" in caught.value.text("en")
    assert "newer version" in caught.value.text("en")


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE invoices (number INTEGER)")
    other.close()
    with pytest.raises(StoreError, match="store-foreign"):
        Store.open(url(path))
    other = sqlite3.connect(path)
    assert [row[0] for row in other.execute("SELECT name FROM sqlite_master")] == ["invoices"]
    other.close()


def test_two_processes_that_open_an_empty_database_at_once_both_get_the_same_tables(tmp_path: Path) -> None:
    program = f"from federation.store.store import Store; s = Store.open({url(tmp_path / 'state.db')!r}); print(len(s.sources()))"
    started = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=_root()) for _ in range(3)]
    assert [process.communicate()[0] for process in started] == [b"0\n"] * 3


def test_a_relative_path_starts_in_the_workspace(tmp_path: Path) -> None:
    with Store.open("sqlite:///federation.db", folder=tmp_path) as store:
        assert store.path == tmp_path / "federation.db"
    assert (tmp_path / "federation.db").exists()


def test_closing_leaves_one_file(tmp_path: Path) -> None:
    with Store.open(url(tmp_path / "state.db")) as store:
        fill(store)
        assert store.sources()
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.db"]


# errors: each says what to do


@pytest.mark.parametrize("wrong", ["", "sqlite://", "sqlite:///:memory:", "mysql://u:secret@h/d", "not an address"])
def test_an_address_that_cannot_be_used_is_a_configuration_error(wrong: str) -> None:
    with pytest.raises(ConfigError, match="store-url") as caught:
        Store.open(wrong)
    assert "secret" not in str(caught.value)


def test_a_missing_database_is_only_made_when_wanted(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="store-missing"):
        Store.open(url(tmp_path / "state.db"), create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="store-folder-missing") as caught:
        Store.open(url(tmp_path / "nowhere" / "state.db"))
    assert str(tmp_path / "nowhere") in caught.value.text("de")


@pytest.mark.parametrize("content", [b"<html>no database</html>" * 500, b"SQLite format 3\0" + b"\xff" * 8192])
def test_what_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"store-not-a-database|store-corrupt"):
        Store.open(url(path))
    assert path.read_bytes() == content


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="store-not-a-database"):
        Store.open(url(tmp_path))


def test_damaged_pages_are_a_store_error_with_the_way_to_the_backup(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with Store.open(url(path)) as store:
        fill(store, 200)
    size = path.stat().st_size
    with path.open("r+b") as file:  # the pages of records, behind those that say which tables there are
        file.seek(12 * 8192)
        file.write(b"\xff" * (size // 2))
    with pytest.raises(StoreError, match="store-corrupt") as caught, Store.open(url(path)) as store:
        assert not [store.record("town", str(number)) for number in range(200)]
    assert "federation restore" in caught.value.text("de")


def _as_nobody(program: Callable[[], None]) -> str:
    """What a StoreError says when `program` runs under an account without rights (tests may run as root, which may do all)."""
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setuid(65534)
            program()
            said = "no error"
        except FederationError as error:
            said = error.code
        os.write(writable, said.encode())
        os._exit(0)
    os.close(writable)
    with os.fdopen(readable) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


@pytest.fixture
def open_folder() -> Iterator[Path]:
    folder = Path(mkdtemp())
    folder.chmod(0o777)
    yield folder
    folder.chmod(0o777)
    shutil.rmtree(folder)


def test_a_read_only_file_is_named_before_anything_is_done(open_folder: Path) -> None:
    path = open_folder / "state.db"
    Store.open(url(path)).close()
    path.chmod(0o444)
    assert _as_nobody(lambda: Store.open(url(path)).close()) == "store-read-only"


def test_a_read_only_folder_is_named_before_anything_is_done(open_folder: Path) -> None:
    path = open_folder / "state.db"
    Store.open(url(path)).close()
    path.chmod(0o666)
    open_folder.chmod(0o555)
    assert _as_nobody(lambda: Store.open(url(path)).close()) == "store-read-only"
    assert _as_nobody(lambda: Store.open(url(open_folder / "new.db")).close()) == "store-read-only"


def test_a_file_that_becomes_read_only_later_is_a_store_error(store: Store) -> None:
    with store.write() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")  # the same answer of SQLite as from a read-only file system
    with pytest.raises(StoreError, match="store-read-only"):
        store.set_setting("a", "b")


def test_a_locked_database_is_a_store_error_after_the_waiting_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transactions, "BUSY_SECONDS", 0.2)
    path = tmp_path / "state.db"
    with Store.open(url(path)) as store:
        fill(store)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="store-locked") as caught:
            store.set_setting("a", "b")
        assert "Warten Sie" in caught.value.text("de")
        assert len(store.known("town")) == 5  # readers are not held up
        other.execute("ROLLBACK")
        other.close()
        store.set_setting("a", "b")
        assert store.setting("a") == "b"


def test_a_writer_waits_for_another_one(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with Store.open(url(path)) as store:
        other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(0.3, lambda: other.execute("COMMIT")).start()
        store.set_setting("a", "b")
        assert store.setting("a") == "b"
        other.close()


def test_a_full_disk_takes_nothing_of_the_batch_and_the_rest_stays(tmp_path: Path) -> None:
    with Store.open(url(tmp_path / "state.db")) as store:
        run = fill(store, 5)
        before = store.known("town")
        with store.write() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        with store.write() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
        many = [body(number, os.urandom(3000).hex()) for number in range(50)]
        with pytest.raises(StoreError, match="store-full") as caught:
            store.write_batch([record(number, row) for number, row in enumerate(many)], many, {}, [], run)
        assert "Platz" in caught.value.text("de")
        assert store.known("town") == before
        with store.write() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count=1000000")
        store.write_batch([record(number, row) for number, row in enumerate(many)], many, {}, [], run)
        assert len(store.known("town")) == 50


def test_errors_of_the_database_never_show_values(store: Store) -> None:
    with pytest.raises(OperationalError) as caught, store._writer.connect() as connection, connection.begin():
        connection.exec_driver_sql("SELECT * FROM nothing WHERE a = ?", ("someone@example.org",))
    assert "someone" not in str(caught.value)


def test_faults_of_our_own_are_not_called_faults_of_the_disk(store: Store) -> None:
    with pytest.raises(IntegrityError):
        store.begin_run("nobody")


def test_every_code_of_the_store_has_texts_and_is_raised() -> None:
    code = "\n".join(path.read_text() for path in (_root() / "federation" / "store").glob("*.py"))
    ours = {key for key in texts() if key.split("-")[0] in ("store", "backup", "restore")}
    assert len(ours) == 22
    assert [key for key in sorted(ours) if f'"{key}"' not in code] == []


# transactions


def test_an_exception_takes_everything_back(store: Store) -> None:
    fill(store)

    def half() -> None:
        with store.write() as connection:
            connection.execute(t.record.delete())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert len(store.known("town")) == 5


def test_a_read_transaction_sees_one_moment_and_cannot_write(store: Store) -> None:
    fill(store)
    with store.read() as connection:
        before = connection.execute(select(func.count()).select_from(t.record)).scalar()
        with store.write() as writer:
            writer.execute(t.record.delete())
        assert connection.execute(select(func.count()).select_from(t.record)).scalar() == before
    assert store.known("town") == {}
    with pytest.raises(StoreError, match="store-read-only"), store.read() as connection:
        connection.execute(insert(t.setting).values(key="a", value="b"))


def test_write_transactions_do_not_nest(store: Store) -> None:
    with store.write(), pytest.raises(RuntimeError, match="do not nest"):
        store.set_setting("a", "b")
    store.set_setting("a", "c")
    assert store.setting("a") == "c"


def test_only_a_durable_commit_waits_for_the_disk(store: Store) -> None:
    levels = []
    for durable in (False, True, False):
        with store.write(durable=durable) as connection:
            levels.append(connection.exec_driver_sql("PRAGMA synchronous").scalar())
    assert levels == [1, 2, 1]


def test_threads_may_read_and_write_at_the_same_time(store: Store) -> None:
    run = fill(store, 50)
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for _ in range(10):
                assert len(store.known("town")) >= 50
                row = body(1000 + number)
                store.write_batch([record(1000 + number, row)], [row], {}, [], run)
        except BaseException as error:
            errors.append(error)
            raise

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(store.known("town")) == 56


def test_a_process_killed_in_the_middle_of_a_write_leaves_old_or_new_state(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    program = textwrap.dedent(f"""
        from federation.store.store import Store
        from tests.test_store import body, fill, record
        store = Store.open({url(path)!r})
        run = fill(store, 300, "0")
        print("ready", flush=True)
        for round in range(1, 100000):
            bodies = [body(number, str(round)) for number in range(300)]
            rows = [record(number, row, stamp=str(round)) for number, row in enumerate(bodies)]
            store.write_batch(rows, bodies, {{}}, [], run)
    """)
    for pause in (0.01, 0.06, 0.13):
        process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=_root())
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        with Store.open(url(path)) as store:
            known = store.known("town")
            assert len(known) == 300
            assert len({row.stamp for row in known.values()}) == 1  # one batch, whole
            assert all(store.body(row.body or b"") for row in known.values())
            with store.read() as connection:
                assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


# leases


def test_only_one_of_many_processes_gets_a_lease(tmp_path: Path) -> None:
    address = url(tmp_path / "state.db")
    Store.open(address).close()
    program = (
        "import sys; from federation.store.store import Store; s = Store.open(sys.argv[1]); sys.stdin.read(1); "
        "print(sum(s.claim('sync', sys.argv[2], 60, str(slot)) for slot in range(20)))"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", program, address, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=_root())
        for name in ("one", "two")
    ]
    time.sleep(0.5)
    assert sum(int(process.communicate(b"x")[0]) for process in started) == 20


def test_a_lease_is_exclusive_until_it_is_given_back(store: Store) -> None:
    assert store.claim("sync", "one", 60)
    assert not store.claim("sync", "two", 60)
    assert not store.claim("sync", "one", 60)
    held = store.holder("sync")
    assert held is not None
    assert (held.holder, held.done) == ("one", None)
    assert not store.release("sync", "two")
    assert store.release("sync", "one")
    assert store.holder("sync") is None
    assert store.claim("sync", "two", 60)


def test_a_lease_that_ran_out_is_taken_over_and_its_old_holder_told(store: Store) -> None:
    assert store.claim("sync", "one", 0.02)
    time.sleep(0.04)
    assert store.renew("sync", "one", 0.02)  # nobody took it
    time.sleep(0.04)
    assert store.holder("sync") is None
    assert store.claim("sync", "two", 60)
    assert not store.renew("sync", "one", 60)
    assert not store.finish("sync", "", "one")


def test_a_finished_slot_is_never_given_again_but_an_unfinished_one_is(store: Store) -> None:
    assert store.claim("sync", "one", 60, "2025-01-31T03:15Z")
    assert store.finish("sync", "2025-01-31T03:15Z", "one")
    assert not store.claim("sync", "two", 60, "2025-01-31T03:15Z")
    assert store.claim("sync", "two", 60, "2025-02-01T03:15Z")
    assert store.release("sync", "two", "2025-02-01T03:15Z")
    assert store.claim("sync", "three", 60, "2025-02-01T03:15Z")


def test_work_without_slots_may_be_done_again(store: Store) -> None:
    for _ in range(2):
        assert store.claim("publish", "one", 60)
        assert store.finish("publish", "", "one")


# sources and runs


def test_a_source_is_stored_as_a_whole_and_changed_by_column(store: Store) -> None:
    row = SourceRow("town", "town", "feed", "https://x/", b"digest", "ok", "mark", None, None, 0)
    store.put_source(row)
    store.put_source(row._replace(feed="other"))
    store.set_source("town", state="held", held='{"why": 1}', failures=2)
    assert store.sources() == [row._replace(feed="other", state="held", held='{"why": 1}', failures=2)]
    assert store.source("town") == store.sources()[0]
    assert store.source("nobody") is None


def test_a_run_keeps_its_counts_and_its_error(store: Store) -> None:
    store.put_source(SourceRow("town", "town", "feed"))
    first, second = store.begin_run("town"), store.begin_run("town")
    store.finish_run(first, "done", seconds=1.5, listed=10, new=3, changed=2, unchanged=5)
    store.finish_run(second, "failed", error={"code": "http-timeout", "params": {"seconds": 30}})
    newest, oldest = store.runs("town")
    assert (oldest.id, oldest.outcome, oldest.seconds, oldest.listed, oldest.new, oldest.unchanged) == (first, "done", 1.5, 10, 3, 5)
    assert (newest.outcome, newest.error) == ("failed", {"code": "http-timeout", "params": {"seconds": 30}})
    assert newest.seconds is not None
    assert newest.seconds >= 0
    assert store.last_runs() == {"town": newest}
    assert store.run(first) == oldest
    assert store.run(999) is None


def test_runs_whose_process_is_gone_are_marked_interrupted(store: Store) -> None:
    store.put_source(SourceRow("town", "town", "feed"))
    run = store.begin_run("town")
    store.claim("sync", "other", 60)
    assert store.mark_interrupted() == 0  # somebody is at work
    assert store.mark_interrupted(holder="me") == 0
    store.release("sync", "other")
    store.claim("sync", "me", 60)
    assert store.mark_interrupted(holder="me") == 1  # the lease is mine, so whoever began it is gone
    assert [(row.id, row.outcome) for row in store.runs("town")] == [(run, "interrupted")]
    assert store.mark_interrupted() == 0


# what sources say


def test_what_is_written_comes_back(store: Store) -> None:
    run = fill(store)
    known = store.known("town")
    assert list(known) == ["0", "1", "2", "3", "4"]
    assert known["3"] == ("http://x/3", "dataset", b"f", "v1", "s", body(3).digest, "live", 0)
    assert store.raw("town", "3") == b"raw 3"
    assert store.raw("town", "nobody") == b""
    assert store.record("town", "3") == record(3, body(3), changes=[CHANGE], match_keys=["k"])
    assert store.recorded_changes("town", "3") == [CHANGE]
    assert store.body(body(3).digest) == body(3)
    assert store.iri_owner("http://x/3") == [("town", "3")]
    assert store.match_keys("town")["3"] == ["k"]
    assert store.counts_by_state() == {"town": {"live": 5}}
    assert store.response_keys("feed", "http://x/page1") == ["0", "1"]
    assert store.response_body("feed", "http://x/page1") == b"page " * 100
    assert store.responses("feed")["http://x/page1"] == (b"d", "e", "m", "text/turtle", "http://x/page2", None, run)


def test_a_batch_written_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with Store.open(url(path)) as store:
        run = fill(store)
        before = contents(path)
        bodies = [body(number) for number in range(5)]
        store.write_batch([record(number, row) for number, row in enumerate(bodies)], bodies, finding(*range(5)), [], run)
        after = contents(path)
    assert after == before


def test_raw_and_changes_stay_where_the_batch_has_none(store: Store) -> None:
    run = fill(store)
    store.write_batch([record(3, body(3), raw=None, changes=None, map_version="v2")], [], {}, [], run)
    assert store.raw("town", "3") == b"raw 3"
    assert store.recorded_changes("town", "3") == [CHANGE]
    assert store.known("town")["3"].map_version == "v2"
    store.write_batch([record(3, body(3), raw=b"", changes=[])], [], {}, [], run)
    assert store.raw("town", "3") == b""
    assert store.recorded_changes("town", "3") == []


def test_two_sources_with_one_body_keep_their_own_changes(store: Store) -> None:
    run = fill(store)
    store.put_source(SourceRow("other", "other", "feed"))
    store.write_batch([record(3, body(3), source="other", changes=[])], [body(3)], {}, [], run)
    assert store.recorded_changes("town", "3") == [CHANGE]
    assert store.recorded_changes("other", "3") == []
    assert store.iri_owner("http://x/3") == [("other", "3"), ("town", "3")]


def test_a_body_that_is_stored_gets_the_fragments_of_newer_writers(store: Store) -> None:
    run = fill(store)
    newer = body(3)._replace(fragments={"ttl": b"new"})
    store.write_batch([], [newer], {}, [], run)
    assert store.body(newer.digest) == newer


def test_a_page_that_was_only_seen_keeps_its_bytes(store: Store) -> None:
    run = fill(store)
    later = store.begin_run("town")
    store.write_batch([], [], {}, [ResponseRow("feed", "http://x/page1", b"d", "e2", "m", "text/turtle", "")], later)
    assert later > run
    assert store.responses("feed")["http://x/page1"] == (b"d", "e2", "m", "text/turtle", "", None, later)
    assert store.response_body("feed", "http://x/page1") == b"page " * 100
    assert store.response_keys("feed", "http://x/page1") == ["0", "1"]


def test_pages_that_a_complete_run_did_not_meet_are_forgotten(store: Store) -> None:
    run = fill(store)
    pages = [ResponseRow(feed, f"http://x/{name}", b"d", keys=[], body=b"") for feed in ("feed", "another") for name in "ab"]
    store.write_batch([], [], {}, pages, run)
    assert store.forget_responses("feed", ["http://x/a", "http://x/page1"]) == 1
    assert sorted(store.responses("feed")) == ["http://x/a", "http://x/page1"]
    assert len(store.responses("another")) == 2


def test_findings_of_a_batch_replace_those_of_its_records_only(store: Store) -> None:
    run = fill(store)
    store.replace_source_findings("town", [Finding("store-locked")], run)
    store.write_batch([], [], {("town", "1"): [], ("town", "2"): [Finding("store-newer", Severity.INFO)] * 2}, [], run)
    assert [(row.identifier, row.code) for row in store.findings("town")] == [
        ("", "store-locked"), ("0", "store-full"), ("2", "store-newer"), ("2", "store-newer"), ("3", "store-full"), ("4", "store-full"),
    ]  # fmt: skip
    assert store.counts_by_severity() == {"town": {"violation": 4, "info": 2}}
    (found,) = store.findings("town", identifier="3")
    assert found.iri == "http://x/3"
    assert found.finding() == Finding("store-full", None, "http://x/3", "dcterms:title", "v", {"a": "b"})
    assert len(store.findings(severity="info")) == 2
    assert len(store.findings(code="store-full", limit=1)) == 1
    store.replace_source_findings("town", [], run)
    assert store.findings("town", identifier="") == []


def test_a_finding_may_quote_what_no_database_can_store(store: Store) -> None:
    run = fill(store, 1)
    broken = Finding("store-full", field="a\ud800b", value="x\0y\udfff", params={"k": "\ud83d", "umlaut": "ä"})
    store.replace_source_findings("town", [broken], run)
    (row,) = store.findings("town", identifier="")
    assert (row.field, row.value, row.params) == ("a?b", "x�y?", {"k": "?", "umlaut": "ä"})


def test_states_are_set_for_the_named_records_only(store: Store) -> None:
    run = fill(store)
    store.set_states("town", ["1", "3", "nobody"], run, state="missing", missing_runs=2)
    store.set_states("town", ["4"], run, missing_runs=1)
    store.set_states("town", [], run, state="gone")
    assert {key: (row.state, row.missing_runs) for key, row in store.known("town").items()} == {
        "0": ("live", 0), "1": ("missing", 2), "2": ("live", 0), "3": ("missing", 2), "4": ("live", 1),
    }  # fmt: skip
    assert store.counts_by_state() == {"town": {"live": 3, "missing": 2}}


def test_only_bodies_that_nothing_refers_to_are_dropped(store: Store) -> None:
    run = fill(store, 4)
    with store.write() as connection:
        connection.execute(insert(t.generation).values(made=t.now(), items=1))
        connection.execute(insert(t.item).values(public(0)))
        connection.execute(insert(t.change).values(generation=1, iri="i", kind="create", body=body(1).digest, at=t.now()))
        connection.execute(insert(t.change).values(generation=1, iri="i", kind="delete", body=None, at=t.now()))
    newer = [body(number, "new") for number in range(4)]
    store.write_batch([record(number, row) for number, row in enumerate(newer)], newer, {}, [], run)
    assert store.drop_unused_bodies() == 2
    assert [store.body(body(number).digest) is None for number in range(4)] == [False, False, True, True]
    assert all(store.body(row.digest) for row in newer)
    assert store.drop_unused_bodies() == 0


def test_versions_that_were_last_public_long_ago_are_dropped_but_not_what_was_public_then(store: Store) -> None:
    run = fill(store, 5)
    with store.write() as connection:
        connection.execute(insert(t.generation).values(made="2025-01-01T00:00:00Z", items=1))
        for number, day in enumerate(("2025-01-01", "2025-02-01", "2025-06-01", "2025-07-01")):
            at = f"{day}T00:00:00Z"
            connection.execute(insert(t.change).values(generation=1, iri="i", kind="update", body=body(number).digest, at=at))
    newer = [body(number, "new") for number in range(5)]
    store.write_batch([record(number, row) for number, row in enumerate(newer)], newer, {}, [], run)
    assert store.drop_unused_bodies("2025-05-01T00:00:00Z") == 2  # 0 gave way to 1 before; 4 was never public
    assert [store.body(body(number).digest) is None for number in range(5)] == [True, False, False, False, True]


# what is public


def test_items_come_page_by_page_in_the_order_of_iris(store: Store) -> None:
    fill(store, 23)
    with store.write(durable=True) as connection:
        connection.execute(insert(t.generation).values(made="2025-01-31T00:00:00Z", items=23))
        for number in range(23):
            row = public(number, "service" if number % 5 == 0 else "dataset")
            connection.execute(insert(t.item).values(row))
            connection.execute(insert(t.change).values(generation=1, iri=row["iri"], kind="create", body=row["body"], at=t.now()))
    found = list(store.items(page=4))
    assert [row.iri for row in found] == sorted(f"http://x/{number}" for number in range(23))
    assert found == list(store.items()) == list(store.items(page=23))
    assert [row.iri for row in store.items(kind="service", page=2)] == [row.iri for row in found if row.kind == "service"]
    assert list(store.items(after=found[10].iri, page=5)) == found[11:]
    assert store.item("http://x/7") == next(row for row in found if row.identifier == "7")
    assert found[0].fragments == body(int(found[0].identifier)).fragments
    assert found[0].title.startswith("x ")
    assert store.item("http://x/none") is None
    assert (store.count_items(), store.count_items("service")) == (23, 5)
    assert [row.seq for row in store.changes(20)] == [21, 22, 23]
    assert len(store.changes(limit=7)) == 7
    assert store.generation() == (1, "2025-01-31T00:00:00Z", 23)


def test_a_page_of_items_ends_its_transaction_before_it_is_handed_out(store: Store) -> None:
    fill(store, 10)
    with store.write() as connection:
        connection.execute(insert(t.item), [public(number) for number in range(10)])
    open_ones: list[int] = []
    event.listen(store._reader, "begin", lambda _: open_ones.append(1))
    event.listen(store._reader, "rollback", lambda _: open_ones.pop())
    for _ in store.items(page=3):
        assert open_ones == []


def test_settings_are_remembered(store: Store) -> None:
    assert store.setting("base_url", "none yet") == "none yet"
    store.set_setting("base_url", "https://a")
    store.set_setting("base_url", "https://b")
    assert store.setting("base_url") == "https://b"


# PostgreSQL


def test_the_same_holds_on_postgresql() -> None:
    server = os.environ.get("FEDERATION_TEST_POSTGRES")
    if not server:
        pytest.skip("needs FEDERATION_TEST_POSTGRES, the URL of an empty PostgreSQL database")
    pytest.importorskip("psycopg")
    with Store.open(server) as store:
        assert store.sources() == []
        try:
            _all_on_postgresql(store)
        finally:
            with store.write() as connection:
                t.metadata.drop_all(connection)
                connection.exec_driver_sql("DROP TABLE alembic_version")


def _all_on_postgresql(store: Store) -> None:
    with store.write() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), t.metadata) == []
    run = fill(store)
    store.write_batch([record(3, body(3), raw=None)], [body(3)], finding(3), [], run)
    assert store.record("town", "3") == record(3, body(3))
    assert store.body(body(3).digest) == body(3)
    assert store.counts_by_severity() == {"town": {"violation": 5}}
    assert store.claim("sync", "one", 60)
    assert not store.claim("sync", "two", 60)
    assert store.mark_interrupted() == 0
    assert store.finish("sync", "", "one")
    assert store.mark_interrupted() == 1
    store.set_states("town", ["1"], run, state="missing")
    assert store.counts_by_state() == {"town": {"live": 4, "missing": 1}}
    with store.write(durable=True) as connection:
        connection.execute(insert(t.item), [public(number) for number in (10, 9, 2)])
    store.write_batch([], [body(9), body(10)], {}, [], run)
    assert [row.iri for row in store.items(page=1)] == ["http://x/10", "http://x/2", "http://x/9"]  # by code point, as in SQLite
    assert store.forget_responses("feed", []) == 1
    assert store.drop_unused_bodies() == 0
    with pytest.raises(StoreError, match="store-read-only"), store.read() as connection:
        connection.execute(insert(t.setting).values(key="a", value="b"))


# packed values

term = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
triple = st.tuples(term, term, term)
triples = st.lists(triple, max_size=3).map(tuple)
changes = st.lists(st.builds(Change, triples, triples, term, term), max_size=4)


@given(st.dictionaries(st.sampled_from(["ttl", "rdf", "jsonld", "nt"]), st.binary(max_size=300)), changes, st.lists(term, max_size=5))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_packing_and_unpacking_give_the_same(fragments: dict[str, bytes], made: list[Change], keys: list[str]) -> None:
    assert blobs.unpack_fragments(blobs.pack_fragments(fragments)) == fragments
    assert blobs.unpack_changes(blobs.pack_changes(made)) == made
    assert blobs.unpack_keys(blobs.pack_keys(keys)) == keys


@given(st.binary(min_size=1, max_size=2000), st.data())
@settings(max_examples=60)
def test_one_wrong_bit_in_a_packed_value_never_gives_another_value(data: bytes, draw: st.DataObject) -> None:
    packed = bytearray(blobs.pack(data))
    position = draw.draw(st.integers(0, len(packed) * 8 - 1))
    packed[position // 8] ^= 1 << (position % 8)
    with suppress(StoreError):
        assert blobs.unpack(bytes(packed)) == data  # a bit that means nothing


def test_a_packed_value_that_announces_too_much_is_refused_before_it_is_unpacked() -> None:
    packed = blobs.pack(bytes(10_000_000))
    with pytest.raises(StoreError, match="store-too-large"):
        blobs.unpack(packed, limit=1_000_000)
    for wrong in (b"", b"no frame", packed[: len(packed) // 2]):
        with pytest.raises(StoreError, match="store-corrupt"):
            blobs.unpack(wrong)


def _root() -> Path:
    return Path(__file__).resolve().parents[1]
