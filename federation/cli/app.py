"""The command line's frame: the group, what every command shares, and how errors end (exit codes of the design, section 7)."""

import logging
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from rich.console import Console
from rich.text import Text

from federation import __version__, log
from federation.cli import usage
from federation.cli.texts import choose, language, settle, text
from federation.errors import FederationError

if TYPE_CHECKING:
    from federation.config import FederationConfig
    from federation.store.store import Store

F = TypeVar("F", bound=Callable[..., Any])
INTERRUPTED = 130
PATIENCE = 4.0  # seconds
_ENDLESS = 100_000  # off a terminal a line is as long as it is: one row, one line
COMMANDS = {
    "init": "setup", "add": "members", "check": "preview", "sync": "rounds", "publish": "rounds", "export": "rounds", "status": "state",
    "findings": "quality", "mqa": "mqa", "links": "links", "why": "story", "held": "state", "release": "decide", "rollback": "decide",
    "schedule": "clock", "withdraw": "farewell", "remove": "farewell",
    "lookups": "quality", "backup": "safety", "restore": "safety", "connectors": "reference", "vocabularies": "reference",
    "schema": "reference", "demo": "demo", "runs": "watch", "acknowledge": "watch", "health": "watch", "metrics": "watch", "mail": "watch",
}  # fmt: skip


class Workspace:
    """What a command works in: the folder, its configuration and its store, each opened when first asked for."""

    def __init__(self, folder: Path, verbose: int) -> None:
        self.folder = folder
        self.verbose = verbose
        self.stop = threading.Event()
        self._last: threading.Timer | None = None
        self.out = console(sys.stdout)
        self.err = console(sys.stderr)

    @cached_property
    def config(self) -> "FederationConfig":
        """The checked configuration. ConfigError where it is missing or wrong."""
        from federation import config

        return config.load(self.folder)

    @cached_property
    def store(self) -> "Store":
        """The open store; made when there is none yet."""
        from federation.store.store import Store

        return Store.open(self.config.store.url, folder=self.folder)

    @cached_property
    def reading(self) -> "Store":
        """The store for what only reads, also for an account that may not write it. Where there is none yet an empty one stands in for
        it, so that nothing is left behind (by root, for instance, a database that the service could not write).
        """
        from federation.store.migrate import may_write
        from federation.store.store import Store
        from federation.store.transactions import address

        url = address(self.config.store.url, self.folder)
        if url.get_backend_name() != "sqlite" or Path(url.database or "").exists() or not Path(url.database or "").parent.is_dir():
            return self.store if may_write(url) else Store.open(self.config.store.url, folder=self.folder, reading=True)
        self._empty = tempfile.TemporaryDirectory(prefix="federation-")
        return Store.open("sqlite:///empty.db", folder=Path(self._empty.name))

    def close(self) -> None:
        """Closes what was opened."""
        for name in ("store", "reading"):
            if name in self.__dict__:
                self.__dict__[name].close()
        if "_empty" in self.__dict__:
            self._empty.cleanup()
        if self._last is not None:
            signal.setitimer(signal.ITIMER_REAL, 0)
            self._last.cancel()

    def say(self, key: str, **params: object) -> None:
        """A message for the person at the terminal, on stderr."""
        self.err.print(text(key, **params))

    def end_on_signals(self) -> None:
        """SIGTERM and Ctrl-C end a round cleanly: it may finish what it is at, after some seconds it is interrupted wherever it is
        (transactions roll back), and should even that not help, the process ends. A second Ctrl-C interrupts at once.
        """

        def stop(number: int, _frame: object) -> None:
            if self.stop.is_set():
                raise KeyboardInterrupt
            self.stop.set()
            signal.signal(signal.SIGALRM, stop)
            signal.setitimer(signal.ITIMER_REAL, PATIENCE)
            self._last = threading.Timer(2 * PATIENCE, os._exit, (INTERRUPTED,))  # the store stands any end, even this one
            self._last.daemon = True
            self._last.start()

        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, stop)
            signal.signal(signal.SIGINT, stop)


class _Trimmed:
    """A stream without the blanks that a table leaves at the end of its lines."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, written: str) -> int:
        self._stream.write("\n".join(line.rstrip(" ") for line in written.split("\n")))
        return len(written)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Console(Console):
    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console(stream: Any) -> Console:
    """Where people read: coloured and wrapped on a terminal, plain and unwrapped elsewhere (COLUMNS wraps there, too). Markup is off:
    what sources and files say may hold brackets.
    """
    width = None if stream.isatty() or os.environ.get("COLUMNS") else _ENDLESS
    file: Any = stream if stream.isatty() else _Trimmed(stream)
    return _Console(file=file, highlight=False, markup=False, emoji=False, width=width)


@click.group(
    cls=usage.Group, modules=COMMANDS, help=text("app"), epilog=text("app.end"),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)  # fmt: skip
@click.option("-C", "folder", type=click.Path(path_type=Path), default=Path(), metavar=text("usage.dir"), help=text("opt.dir"))
@click.option("--lang", type=click.Choice(["de", "en"]), help=text("opt.lang"))
@click.option("-v", "--verbose", count=True, help=text("opt.verbose"))
@click.version_option(__version__, prog_name="federation", message="%(prog)s %(version)s", help=text("opt.version"))
@click.pass_context
def app(context: click.Context, folder: Path, lang: str | None, verbose: int) -> None:
    """The group; its help text is set above in the language of the moment."""
    if lang:
        choose(lang)
    log.setup(json=not sys.stderr.isatty(), verbose=verbose)
    context.obj = Workspace(folder, verbose)
    context.call_on_close(context.obj.close)


def command(name: str) -> Callable[[F], click.Command]:
    """A command whose body gets the Workspace first; its return value is the exit code."""

    def made(body: F) -> click.Command:
        @wraps(body)
        @click.pass_obj
        def run(workspace: Workspace, /, **arguments: Any) -> int:
            try:
                code: int = body(workspace, **arguments)
                sys.stdout.flush()
            except BrokenPipeError:  # whoever read the output has seen enough
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                return 0
            return code

        settings = {"help": text(f"help.{name}"), "short_help": text(f"cmd.{name}"), "options_metavar": text("usage.some_options")}
        return app.command(name, cls=usage.Command, **settings)(run)

    return made


json_option = click.option("--json", "as_json", is_flag=True, help=text("opt.json"))
dry_option = click.option("--dry-run", "dry", is_flag=True, help=text("opt.dry"))


def main(arguments: list[str] | None = None) -> int:
    """Runs a command line and gives its exit code. No traceback is shown unless asked for by -vv."""
    err = console(sys.stderr)
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that temporary files and leases are given back
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that is not UTF-8 shows a ? and goes on
    try:
        code = app.main(args=settle(sys.argv[1:] if arguments is None else arguments), prog_name="federation", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except FederationError as error:
        show_error(err, error)
        return error.exit_code
    except click.ClickException as error:
        show_usage(err, error)
        return 2
    except (click.Abort, KeyboardInterrupt):
        err.print(text("interrupted"))
        return INTERRUPTED
    except Exception as error:  # a traceback shown to a user is a bug; -vv asks for it
        logging.getLogger("federation").debug("unexpected", exc_info=True)
        err.print(_labelled("error", "red", text("broken", error=log.masked(f"{type(error).__name__}: {error}"))))
        return 1


def show_error(err: Console, error: FederationError) -> None:
    """What happened, remedy, and where, on stderr."""
    finding = error.finding()
    cause, remedy = finding.cause(language()), finding.remedy(language())
    err.print(_labelled("error", "red", cause))
    if remedy:
        err.print(_labelled("remedy", "bold", remedy))
    where = [("col.code", error.code), ("col.source", error.source), ("where.url", error.url), ("where.field", error.field)]
    said = [f"{text(key)}: {item}" for key, item in where if item and item not in f"{cause} {remedy}"]
    err.print("   ".join(said), style="dim")


def show_usage(err: Console, error: click.ClickException) -> None:
    """What is wrong with the command line and where help is, on stderr."""
    context: click.Context | None = getattr(error, "ctx", None)
    if isinstance(error, click.UsageError) and type(error).__name__ == "NoArgsIsHelpError":
        err.print(error.format_message())
        return
    err.print(_labelled("error", "red", usage.told(error)))
    err.print(text("usage.help", command=f"{context.command_path if context else 'federation'} -h"))


def _labelled(key: str, style: str, words: str) -> Text:
    return Text.assemble((f"{text(key)}: ", style), words)
