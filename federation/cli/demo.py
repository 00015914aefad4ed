"""demo: the example region, served on loopback, harvested over HTTP and published.

The region lies in `examples/region` (in an installed wheel: `federation/examples/region`). It is copied to a folder that stays, so that
every command can be tried on it; only its `proxy` line is set to where the example web answers.
"""

import re
import shutil
import tempfile
import time
from pathlib import Path

import click

import federation
from federation import schedule
from federation.cli import show
from federation.cli.app import Workspace, command, json_option
from federation.cli.demo_story import Story, typed
from federation.cli.example_web import ExampleWeb
from federation.cli.texts import text
from federation.errors import ConfigError, StoreError

INTERRUPTED = 130
FAILED = 3
_PROXY = re.compile(r'^proxy = "http://127\.0\.0\.1:(\d+)"$', re.MULTILINE)
_LEFT_BEHIND = shutil.ignore_patterns("__pycache__", "federation.db*", "public")


@command("demo")
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help=text("opt.keep"))
@click.option("--stay", is_flag=True, help=text("opt.stay"))
@json_option
def demo(workspace: Workspace, keep: Path | None, stay: bool, as_json: bool) -> int:
    """Reads and publishes the example region, then says what to try next."""
    began = time.monotonic()
    folder = prepared(keep)
    own = Workspace(folder, workspace.verbose)
    try:
        with ExampleWeb(folder / "web", _port(folder)) as web:
            _point(folder, web.address)
            return _run(own, web, stay, as_json, began)
    finally:
        own.close()


def example_region() -> Path:
    """Where the example region lies: in the installed package, else in the checkout. ConfigError where it was left out."""
    package = Path(federation.__file__).parent
    for place in (package / "examples" / "region", package.parent / "examples" / "region"):
        if (place / "federation.toml").is_file():
            return place
    raise ConfigError("demo-missing", value=str(package / "examples" / "region"))


def prepared(keep: Path | None) -> Path:
    """The folder to work in: a new copy of the region (in `keep`, else in a temporary folder), or the one of an earlier demo as it was
    left. ConfigError where `keep` holds something else.
    """
    folder = keep or Path(tempfile.mkdtemp(prefix="federation-demo-"))
    if (folder / "federation.toml").is_file() and (folder / "web").is_dir():
        return folder
    if folder.is_dir() and any(folder.iterdir()):
        raise ConfigError("demo-folder-taken", field="--keep", value=str(folder))
    try:
        shutil.copytree(example_region(), folder, ignore=_LEFT_BEHIND, copy_function=shutil.copyfile, dirs_exist_ok=True)
    except OSError as error:
        raise StoreError("public-not-writable", value=str(folder), detail=error.strerror or str(error)) from error
    return folder


def _port(folder: Path) -> int:
    """The port of the demo before, so that a kept folder stays as it is where that port is free."""
    found = _PROXY.search((folder / "federation.toml").read_text(encoding="utf-8"))
    return int(found[1]) if found else 0


def _point(folder: Path, address: str) -> None:
    file = folder / "federation.toml"
    content = file.read_text(encoding="utf-8")
    pointed = _PROXY.sub(f'proxy = "{address}"', content)
    try:
        if pointed != content:
            file.write_text(pointed, encoding="utf-8")
    except OSError as error:
        raise StoreError("public-not-writable", value=str(file), detail=error.strerror or str(error)) from error


def _run(own: Workspace, web: ExampleWeb, stay: bool, as_json: bool, began: float) -> int:
    own.end_on_signals()
    if not as_json:
        own.out.print(text("demo.title", title=own.config.catalog.title, members=len(own.config.members)), style="bold")
        own.out.print(text("demo.invented"))
    with show.Bars(own.err) as bars:
        outcome = schedule.round(own.config, own.store, own.config.sources(), progress=bars, stop=own.stop)
    if own.stop.is_set():
        own.err.print(text("interrupted"))
        return INTERRUPTED
    if outcome.busy:
        own.err.print(text("busy", holder=outcome.busy))
        return schedule.BUSY
    story = Story(own, outcome, time.monotonic() - began)
    if as_json:
        show.print_json({"folder": str(own.folder), "web": web.address, **story.as_dict()})
    else:
        story.tell()
    if stay:
        own.err.print()
        again = text("demo.stay", address=web.address, folder=own.folder, command=typed(own, "sync"))
        own.err.print(again, markup=False, soft_wrap=True)
        while not own.stop.wait(0.5):
            pass
    return FAILED if outcome.exit_code == FAILED else 0
