"""Commands that watch: runs, acknowledge, health, metrics, mail."""

from pathlib import Path

import click
from rich.text import Text

from federation import clock
from federation.cli import show
from federation.cli.app import Workspace, command, dry_option, json_option
from federation.cli.texts import language, text
from federation.errors import ConfigError
from federation.finding import Finding
from federation.report import health as report_health
from federation.report import letter, metrics, notice, watch
from federation.report.plan import plans
from federation.report.sentences import size
from federation.report.status import status
from federation.schedule.timetable import Timetable
from federation.store.rows import RunRow

UNHEALTHY = 1
_COUNTS = ("listed", "new", "changed", "unchanged", "missing", "gone", "held", "rejected")
_ALWAYS = ("listed", "new", "changed", "unchanged")


@command("runs")
@click.argument("source", required=False, metavar=text("arg.source_or_all"))
@click.option("--limit", type=click.IntRange(1), default=30, metavar=text("arg.number"), help=text("opt.runs_limit"))
@json_option
def runs(workspace: Workspace, source: str | None, limit: int, as_json: bool) -> int:
    """The history of runs, newest first."""
    store = workspace.reading
    if source is not None and store.source(source) is None:
        workspace.config.source(source)  # a name that is not known at all is an error, a source that was never read is not
    found = store.runs(source, limit=limit)
    if as_json:
        show.print_json([_as_dict(run) for run in found])
    elif not found:
        workspace.out.print(text("runs.none"))
    else:
        counted = [name for name in _COUNTS if name in _ALWAYS or any(getattr(run, name) for run in found)]
        rows = [
            [show.when(run.started), *([] if source else [run.source]), show.state(run.outcome), *(getattr(run, name) for name in counted),
             "-" if run.seconds is None else f"{run.seconds:.1f}", _reason(run)]
            for run in found
        ]  # fmt: skip
        columns = [("col.started", False), *([] if source else [("col.source", False)]), ("col.state", False)]
        columns += [(f"col.{name}", True) for name in counted] + [("col.seconds", True), ("col.reason", False)]
        workspace.out.print(show.table("", columns, rows, optional=["col.unchanged", "col.seconds", "col.reason"]))
        _explain(workspace, found)
    return 0


def _explain(workspace: Workspace, found: list[RunRow]) -> None:
    """What the reasons in the table mean, each by its newest example."""
    causes = {_reason(run): _cause(run) for run in reversed(found) if run.error}
    if causes:
        workspace.out.print()
    for code, cause in causes.items():
        workspace.out.print(Text.assemble((f"{code}: ", "bold"), cause))


def _as_dict(run: RunRow) -> dict[str, object]:
    row = run._asdict()
    row["reason"] = (run.error or {}).get("code", "")
    row["cause"] = _cause(run)
    return row


def _reason(run: RunRow) -> str:
    return str((run.error or {}).get("code", ""))


def _cause(run: RunRow) -> str:
    if not run.error:
        return ""
    return Finding(run.error["code"], params={"source": run.source, **run.error.get("params", {})}).cause(language())


@command("acknowledge")
@click.argument("source", metavar=text("arg.source"))
@click.option("--by", required=True, metavar=text("arg.name"), help=text("opt.by"))
@click.option("--note", default="", metavar=text("arg.text"), help=text("opt.note"))
@dry_option
def acknowledge(workspace: Workspace, source: str, by: str, note: str, dry: bool) -> int:
    """Somebody takes care of a source that is yellow or red."""
    config, store, now = workspace.config, workspace.reading if dry else workspace.store, clock.now()
    config.source(source)
    if not by.strip():
        raise ConfigError("name-missing", field="--by")
    report = status(config, store, now, language=language(), plans=plans(config, store, now, Timetable(config.schedule)))
    entry = next(one for one in report["sources"] if one["id"] == source)
    if entry["verdict"] == "green":
        raise ConfigError("nothing-to-acknowledge", value=source)
    if not dry:
        watch.take(store, source, by, note, clock.stamp())
    workspace.say("acknowledge.would" if dry else "acknowledge.done", source=source, by=by)
    return 0


@command("health")
@json_option
def health(workspace: Workspace, as_json: bool) -> int:
    """Whether this instance can go on; exit code 1 where it cannot."""
    config, store, now = workspace.config, workspace.reading, clock.now()
    last = report_health.last_round(store)
    since = {source.id: last for source in config.sources()} if last else {}
    report = report_health.health(config, store, now, plans(config, store, now, Timetable(config.schedule), since))
    if as_json:
        show.print_json(report)
        return 0 if report["ok"] else UNHEALTHY
    for name in ("database", "round", "disk", "clock"):
        part = report[name]
        colour = "green" if part["ok"] else "red"
        sign = Text(f"{'✓' if part['ok'] else '✗'} ", style=f"bold {colour}")
        code = "wrong" if not part["ok"] else "none" if name == "round" and part["last"] is None else "ok"
        facts = {
            "free": size(report["disk"]["free_bytes"] or 0), "last": show.when(report["round"]["last"] or ""),
            "cause": Finding(report["database"]["code"] or "store-failed", value=store.where).cause(language()),
            "now": show.when(report["clock"]["now"]), "latest": show.when(report["clock"]["latest_record"] or ""),
        }  # fmt: skip
        workspace.out.print(Text.assemble(sign, text(f"health.{name}.{code}", **facts)))
    return 0 if report["ok"] else UNHEALTHY


@command("metrics")
@click.option("--file", type=click.Path(path_type=Path, dir_okay=False), metavar=text("arg.file"), help=text("opt.metrics_file"))
def metrics_(workspace: Workspace, file: Path | None) -> int:
    """Metrics for Prometheus, on stdout or in a file."""
    config, store, now = workspace.config, workspace.reading, clock.now()
    rendered = metrics.render(store, config, now, plans(config, store, now, Timetable(config.schedule)))
    if file is None:
        click.echo(rendered, nl=False)
    else:
        metrics.write(file, rendered)
    return 0


@command("mail")
@dry_option
def mail(workspace: Workspace, dry: bool) -> int:
    """Sends a mail that shows that mail arrives; dry: shows what the next one would say."""
    config, store, now = workspace.config, workspace.reading, clock.now()
    if not dry and not config.mail.server:
        raise ConfigError("mail-not-set-up", field="[mail] server")
    planned = plans(config, store, now, Timetable(config.schedule))
    if dry:
        waiting = notice.messages(config, notice.due(config, store, now, planned), now)
        for message in waiting:
            click.echo(letter.shown(message))
        workspace.say("mail.waiting" if waiting else "mail.nothing", to=", ".join(config.mail.to) or "-")
        return 0
    report = status(config, store, now, language=config.mail.language, plans=planned, zone=config.schedule.zone)
    notice.send(config, letter.trial(config, report, now))
    workspace.say("mail.sent", to=", ".join(config.mail.to))
    return 0
