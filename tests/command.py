"""The command line for tests: run in this process, or in a forked one on a terminal or a pipe."""

import contextlib
import fcntl
import io
import json
import os
import pty
import struct
import sys
import termios
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from federation.cli import texts
from federation.cli.app import main
from tests.region import Region

PROGRAM = [sys.executable, "-c", "import sys; sys.argv[0] = 'federation'; from federation.cli import main; main()"]


@dataclass(frozen=True)
class Result:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Both streams with single blanks, for what may be wrapped."""
        return " ".join(f"{self.out} {self.err}".split())

    def json(self) -> Any:
        """stdout as one JSON document."""
        return json.loads(self.out)


class _Captured(io.StringIO):
    """Text streams of a process that is not on a terminal."""

    def fileno(self) -> int:
        raise OSError("no file")


@contextlib.contextmanager
def language(name: str) -> Iterator[None]:
    """The language as the environment would settle it; what `--lang` chose is forgotten."""
    before = os.environ.get("FEDERATION_LANG")
    os.environ["FEDERATION_LANG"] = name
    texts.choose("")
    try:
        yield
    finally:
        texts.choose("")
        if before is None:
            del os.environ["FEDERATION_LANG"]
        else:
            os.environ["FEDERATION_LANG"] = before


def run(*arguments: str | Path, lang: str = "en") -> Result:
    """A command line in this process, in a language."""
    out, err = _Captured(), _Captured()
    with language(lang), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    return Result(code, out.getvalue(), err.getvalue())


def do(region: Region, *arguments: str | Path, lang: str = "en", code: int = 0) -> Result:
    """A command in the region's workspace that ends with this exit code."""
    result = run("-C", region.folder, *arguments, lang=lang)
    assert result.code == code, result.said
    assert "Traceback" not in result.said
    return result


def on_terminal(columns: int, *arguments: str | Path, lang: str = "de", **environment: str) -> tuple[int, str]:
    """Exit code and output of a command on a real terminal of this width (in a forked process: starting one costs a second)."""
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        os.environ.pop("COLUMNS", None)
        _ended(arguments, lang, {"TERM": "xterm-256color", **environment})
    pieces = []
    with contextlib.suppress(OSError):
        while piece := os.read(terminal, 65_536):
            pieces.append(piece)
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), b"".join(pieces).decode()


def piped(*arguments: str | Path, size: int = -1, encoding: str = "utf-8") -> Result:
    """A command whose stdout is a pipe that is closed after `size` bytes (-1: at the end)."""
    (out, out_in), (err, err_in) = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover
        os.close(out)
        os.dup2(out_in, 1)
        os.dup2(err_in, 2)
        _ended(arguments, "en", {}, encoding)
    os.close(out_in)
    os.close(err_in)
    with os.fdopen(out, "rb") as stdout:
        said = stdout.read(size)
    with os.fdopen(err, "rb") as stderr:
        told = stderr.read()
    _, status = os.waitpid(child, 0)
    return Result(os.waitstatus_to_exitcode(status), said.decode(), told.decode())


def _ended(arguments: Sequence[str | Path], lang: str, environment: Mapping[str, str], encoding: str = "utf-8") -> NoReturn:
    """Runs a command on file descriptors 1 and 2 and ends the process with its exit code."""
    os.environ.update({"FEDERATION_LANG": lang, **environment})
    texts.choose("")
    sys.stdout, sys.stderr = (os.fdopen(number, "w", encoding=encoding) for number in (1, 2))
    code = -1
    try:
        code = main([str(argument) for argument in arguments])
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)
