"""The lease of a process that was killed is free at once, and never that of one that runs: whatever its number, host or container."""

import os
import platform
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from federation.errors import StoreError
from federation.store import presence
from federation.store.presence import gone, myself
from federation.store.store import Store
from tests.loopback import complete


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open("sqlite:///state.db", folder=tmp_path) as opened:
        yield opened


class Other:
    """A process that takes the lease "sync" and keeps it until it is killed."""

    def __init__(self, folder: Path, before: Callable[[], object] = lambda: None) -> None:
        ready, told = os.pipe()
        self.process = os.fork()
        if self.process == 0:  # pragma: no cover
            before()
            taken = Store.open("sqlite:///state.db", folder=folder).take("sync", 3600)
            Store.open("sqlite:///state.db", folder=folder).close()  # that another connection ends is no sign of death
            os.write(told, b"1" if taken else b"0")
            signal.pause()
            os._exit(0)
        os.close(told)
        with os.fdopen(ready, "rb") as pipe:
            assert pipe.read(1) == b"1"

    def kill(self) -> None:
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)


def in_container(number: str, name: str = "federation") -> None:
    """From now on this process has number 1 of a namespace of its own, on a host of this name."""
    presence._system.cache_clear()
    presence._name.cache_clear()
    presence._system = lambda: number  # type: ignore[assignment]
    platform.node = lambda: name
    os.getpid = lambda: 1


def test_a_lease_is_kept_while_its_holder_lives_and_free_as_soon_as_it_was_killed(tmp_path: Path, store: Store) -> None:
    other = Other(tmp_path)
    assert not store.free("sync")
    assert not store.take("sync", 60)
    other.kill()
    assert store.free("sync")
    assert store.take("sync", 60)
    assert store.release("sync", myself())


def test_a_host_that_was_renamed_takes_over_what_it_held(tmp_path: Path, store: Store) -> None:
    other = Other(tmp_path, lambda: setattr(platform, "node", lambda: "old-name"))
    row = store.holder("sync")
    assert row is not None
    assert row.holder.startswith("old-name:")
    assert not store.take("sync", 60)
    other.kill()
    assert store.take("sync", 60)


def test_of_two_containers_that_look_alike_one_never_takes_the_lease_of_the_other(tmp_path: Path, store: Store) -> None:
    other = Other(tmp_path, lambda: in_container("aaaaaaaa"))
    row = store.holder("sync")
    assert row is not None
    assert row.holder.startswith("federation:1:aaaaaaaa.")

    def second() -> str:
        read, write = os.pipe()
        child = os.fork()
        if child == 0:  # pragma: no cover
            in_container("bbbbbbbb")
            os.write(write, str(Store.open("sqlite:///state.db", folder=tmp_path).take("sync", 60)).encode())
            os._exit(0)
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            said = pipe.read().decode()
        os.waitpid(child, 0)
        return said

    assert second() == "False"
    other.kill()
    assert second() == "True"


def test_a_number_that_was_given_to_another_process_does_not_keep_a_lease(tmp_path: Path, store: Store) -> None:
    alive = os.getppid()
    holder = f"{platform.node()}:{alive}:{presence._system()}.12345"
    assert store.claim("sync", holder, 3600)
    assert store.take("sync", 60)


def test_where_no_file_is_shared_only_processes_of_this_very_system_are_judged() -> None:
    host, system = platform.node(), presence._system()
    child = os.fork()
    if child == 0:  # pragma: no cover
        os._exit(0)
    os.waitpid(child, 0)
    parent = os.getppid()
    assert gone(f"{host}:{child}:{system}.77", None)
    assert gone(f"{host}:{parent}:{system}.77", None)
    assert not gone(f"{host}:{parent}:{system}.{presence._start(parent)}", None)
    assert not gone(f"{host}:{child}:00000000.77", None)
    assert not gone(myself(), None)


@pytest.mark.parametrize("holder", ["host:1", "host:1:random", "somebody", "host:x:a.b", ""])
def test_a_holder_of_another_kind_keeps_its_lease_until_it_runs_out(store: Store, holder: str) -> None:
    assert store.claim("sync", holder, 3600)
    assert not store.take("sync", 60)


def test_taking_and_giving_back_leaves_no_file_open(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
    for number in range(5):
        with Store.open(f"sqlite:///{number}.db", folder=tmp_path) as store:
            assert store.take("sync", 60)
            assert store.take("links", 60)
            assert not store.take("links", 60)
            assert store.release("sync", myself())
            assert store.release_all(["links"]) == {"links"}
    assert len(os.listdir("/proc/self/fd")) <= before if before else True


def test_a_process_that_cannot_show_itself_takes_no_lease(tmp_path: Path, store: Store) -> None:
    (tmp_path / "state.db-present").mkdir()
    with pytest.raises(StoreError) as caught:
        store.take("sync", 60)
    assert caught.value.code == "store-read-only"
    complete(caught.value.finding())
    (tmp_path / "state.db-present").rmdir()
    assert store.take("sync", 60)


def test_whoever_may_write_the_database_may_take_its_leases(tmp_path: Path, store: Store) -> None:
    (tmp_path / "state.db").chmod(0o664)
    assert store.take("sync", 60)
    assert (tmp_path / "state.db-present").stat().st_mode & 0o777 == 0o664
