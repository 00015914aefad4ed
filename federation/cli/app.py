"""The command line's frame: the group, what every command shares, and how errors end (exit codes of the design, section 7)."""

import logging
import signal
import sys
import threading
from collections.abc import Callable
from functools import cached_property, wraps
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console

from federation import __version__, config, log
from federation.cli.texts import choose, language, text
from federation.errors import FederationError
from federation.store.store import Store

F = TypeVar("F", bound=Callable[..., Any])


class Workspace:
    """What a command works in: the folder, its configuration and its store, each opened when first asked for."""

    def __init__(self, folder: Path, verbose: int) -> None:
        self.folder = folder
        self.verbose = verbose
        self.stop = threading.Event()
        self.out = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
        self.err = Console(stderr=True, highlight=False)

    @cached_property
    def config(self) -> config.FederationConfig:
        """The checked configuration. ConfigError where it is missing or wrong."""
        return config.load(self.folder)

    @cached_property
    def store(self) -> Store:
        """The open store; made when there is none yet."""
        return Store.open(self.config.store.url, folder=self.folder)

    def close(self) -> None:
        """Closes what was opened."""
        if "store" in self.__dict__:
            self.store.close()

    def end_on_signals(self) -> None:
        """SIGTERM and Ctrl-C end a round cleanly; a second Ctrl-C at once."""

        def stop(number: int, _frame: object) -> None:
            if self.stop.is_set():
                raise KeyboardInterrupt
            self.stop.set()

        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, stop)
            signal.signal(signal.SIGINT, stop)


@click.group(help=text("app"), context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("-C", "folder", type=click.Path(path_type=Path, file_okay=False), default=Path(), metavar="DIR", help=text("opt.dir"))
@click.option("--lang", type=click.Choice(["de", "en"]), help=text("opt.lang"))
@click.option("-v", "--verbose", count=True, help=text("opt.verbose"))
@click.version_option(__version__, prog_name="federation")
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
        def run(workspace: Workspace, /, **arguments: Any) -> None:
            code = body(workspace, **arguments)
            if code:
                raise SystemExit(code)

        return app.command(name, help=text(f"cmd.{name}"), short_help=text(f"cmd.{name}"))(run)

    return made


json_option = click.option("--json", "as_json", is_flag=True, help=text("opt.json"))
dry_option = click.option("--dry-run", "dry", is_flag=True, help=text("opt.dry"))


def main(arguments: list[str] | None = None) -> int:
    """Runs a command line and gives its exit code. No traceback is shown unless asked for by -vv."""
    console = Console(stderr=True, highlight=False)
    given = sys.argv[1:] if arguments is None else arguments
    try:
        app.main(args=given, prog_name="federation", standalone_mode=False)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except FederationError as error:
        show_error(console, error)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        console.print(text("interrupted"))
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception as error:  # noqa: BLE001  a traceback shown to a user is a bug; -vv asks for it
        logging.getLogger("federation").debug("unexpected", exc_info=True)
        console.print(f"[red]{text('error')}:[/] ", end="")
        console.print(text("broken", error=f"{type(error).__name__}: {error}"), markup=False)
        return 1
    return 0


def show_error(console: Console, error: FederationError) -> None:
    """What happened, remedy, and where, on stderr."""
    finding = error.finding()
    console.print(f"[red]{text('error')}:[/] ", end="")
    console.print(finding.cause(language()), markup=False)
    if finding.remedy(language()):
        console.print(f"[bold]{text('remedy')}:[/] ", end="")
        console.print(finding.remedy(language()), markup=False)
    where = [f"{name}: {item}" for name, item in (("source", error.source), ("url", error.url), ("field", error.field)) if item]
    if where:
        console.print(f"{text('where')}: {', '.join(where)} ({error.code})", markup=False, style="dim")
