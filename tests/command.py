"""The command line for tests: run in this process, or in one of its own where the process itself matters."""

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from federation.cli import texts
from federation.cli.app import main

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


def program(*arguments: str | Path, **environment: str) -> Result:
    """The same in a process of its own."""
    done = subprocess.run(
        [*PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, "LC_ALL": "C.UTF-8", "FEDERATION_LANG": "en", **environment},
    )  # fmt: skip
    return Result(done.returncode, done.stdout, done.stderr)
