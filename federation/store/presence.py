"""Presence: whether the holder of a lease is still running, told by the operating system and not by a clock.

Each process that takes a lease locks one byte of the file `<database>-present`, at a place that follows from its name. The system lets go
of the lock when the process ends, however it ends. All who use one SQLite file run under one kernel (WAL shares memory), so this holds
among containers as well, where every process may be number 1, when a number is given again, after a restart, and under a new host name.
Where there is no such file (PostgreSQL) or no such lock, only a process of this very system (boot, process namespace) can be judged.
"""

import errno
import hashlib
import os
import platform
import threading
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from federation.errors import StoreError

try:
    import fcntl
except ImportError:  # pragma: no cover  no POSIX: leases are taken over when they run out
    fcntl = None  # type: ignore[assignment]

_SUFFIX = "-present"
_lock = threading.Lock()
_files: dict[Path, int] = {}  # one descriptor for a process and file: closing any other one would let go of all its locks
_leases: dict[Path, set[tuple[str, str]]] = {}  # what they are kept open for


def _forget() -> None:
    """A forked child has none of its parent's leases."""
    global _lock
    _lock = threading.Lock()
    for number in _files.values():
        os.close(number)
    _files.clear()
    _leases.clear()


os.register_at_fork(after_in_child=_forget)


def myself() -> str:
    """The name under which this process holds leases, "host:process:system.start": no other process ever has the same."""
    return _name(os.getpid())


@lru_cache(maxsize=2)
def _name(process: int) -> str:
    return f"{platform.node()}:{process}:{_system()}.{_start(process)}"


def show(database: Path | None, name: str, slot: str) -> None:
    """From now on others see that this process, which is about to take a lease, is there. StoreError where that is not possible: they
    would take the lease away."""
    if database is None or fcntl is None:
        return
    with _lock:
        try:
            fcntl.lockf(_opened(database), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _place(myself()))
        except OSError as error:
            code = "store-full" if error.errno == errno.ENOSPC else "store-read-only"
            raise StoreError(code, value=str(database) + _SUFFIX, detail=error.strerror or str(error)) from error
        _leases.setdefault(database.absolute(), set()).add((name, slot))


def hide(database: Path | None, name: str, slot: str | None = None) -> None:
    """This process has the lease (None: of any slot) no more; where it was the last one of this database, others need not see it."""
    with _lock:
        path = database.absolute() if database is not None else Path()
        leases = _leases.get(path, set())
        leases -= {lease for lease in leases if lease[0] == name and slot in (None, lease[1])}
        if not leases and path in _files:
            os.close(_files.pop(path))


def gone(holder: str, database: Path | None) -> bool:
    """Whether it is certain that the holder runs no more."""
    _, _, mark = holder.partition(":")
    process, _, made = mark.partition(":")
    if holder == myself() or not process.isdigit() or "." not in made:
        return False
    if database is not None and fcntl is not None:
        with _lock, suppress(OSError):
            return _unlocked(database, _place(holder))
    system, _, start = made.partition(".")
    return system == _system() and _start(int(process)) != start


def _unlocked(database: Path, place: int) -> bool:
    known = database.absolute() in _files
    number = _opened(database)
    try:
        fcntl.lockf(number, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        fcntl.lockf(number, fcntl.LOCK_UN, 1, place)
    except (BlockingIOError, PermissionError):
        return False
    finally:
        if not known:
            os.close(_files.pop(database.absolute()))
    return True


def _opened(database: Path) -> int:
    path = database.absolute()
    if path not in _files:
        place = path.with_name(path.name + _SUFFIX)
        number = _files[path] = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with suppress(OSError):  # whoever may write the database may take leases, whichever account made this file
            as_database = path.stat()
            os.fchmod(number, as_database.st_mode & 0o666)
            os.fchown(number, -1, as_database.st_gid)
    return _files[path]


def _place(holder: str) -> int:
    return int.from_bytes(hashlib.sha256(holder.encode()).digest()[:7])


@lru_cache(maxsize=1)
def _system() -> str:
    """This boot of this machine, and the namespace that process numbers belong to."""
    facts = [platform.node()]
    with suppress(OSError):
        facts = [Path("/proc/sys/kernel/random/boot_id").read_text().strip(), str(Path("/proc/self/ns/pid").readlink())]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:8]


def _start(process: int) -> str:
    """When a process began, in ticks since the start of the system; "gone" where there is none, "0" where that cannot be told."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        if Path("/proc/self/stat").exists():
            return "gone"
    except OSError:
        return "0"
    else:
        return "gone" if fields[0] in "ZX" else fields[19]
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return "gone"
    except OSError:
        return "0"
    return "0"
