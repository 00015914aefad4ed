"""Commands that tell how things stand: status, held."""

from collections.abc import Mapping
from typing import Any

from federation.cli import show
from federation.cli.app import Workspace, command, json_option
from federation.cli.texts import text
from federation.finding import Finding
from federation.report.status import status as report_status
from federation.report.waiting import Waiting, waiting
from federation.sync import decisions

HELD = 4
_SHOWN = 10


@command("status")
@json_option
def status(workspace: Workspace, as_json: bool) -> int:
    """Every source on a line."""
    report = report_status(workspace.config, workspace.reading)
    if as_json:
        show.print_json(report)
        return 0
    if not report["sources"]:
        workspace.say("sync.none")
        return 0
    rows = []
    for source in report["sources"]:
        last = source["last_run"]
        counts = source["findings"]
        rows.append(
            [source["id"], source["title"], show.state(source["state"]), source["stage"], source["datasets"],
             show.when(last["started"] if last else ""), f"{counts['violation']} / {counts['warning']} / {counts['info']}"]
        )  # fmt: skip
    columns = [("col.source", False), ("col.title", False), ("col.state", False), ("col.stage", False), ("col.datasets", True),
               ("col.last", False), ("col.findings", True)]  # fmt: skip
    workspace.out.print(show.table("", columns, rows, optional=["col.stage", "col.title"]))
    for source in report["sources"]:
        finding = _reason(workspace, source)
        if finding is not None:
            workspace.out.print()
            show.reason(workspace.out, source["id"], finding)
    if report["generation"]:
        public = text("status.public", generation=report["generation"], at=show.when(report["published"]), datasets=report["public"])
        workspace.out.print(f"\n{public}")
    return 0


def _reason(workspace: Workspace, source: Mapping[str, Any]) -> Finding | None:
    """Why a source is held or its last run failed: the finding about the source as a whole, which names address and value, too."""
    error = source["last_run"] and source["last_run"]["error"]
    if source["state"] not in ("held", "failed") or not error:
        return None
    stored = workspace.reading.findings(source=source["id"], identifier="", code=error["code"], limit=1)
    return stored[0].finding() if stored else Finding(error["code"], params={"source": source["id"], **error["params"]})


@command("held")
@json_option
def held(workspace: Workspace, as_json: bool) -> int:
    """What waits for a decision; exit code 4 when something does."""
    store = workspace.reading
    items = [(item, waiting(store, item.source, item.absent), waiting(store, item.source, item.new)) for item in decisions.held(store)]
    if as_json:
        show.print_json(
            [{**item.as_dict(), "absent_records": [row._asdict() for row in absent], "new_records": [row._asdict() for row in new]}
             for item, absent, new in items]
        )  # fmt: skip
    elif not items:
        workspace.out.print(text("held.none"))
    else:
        for number, (item, absent, new) in enumerate(items):
            if number:
                workspace.out.print()
            show.reason(workspace.out, item.source, Finding(item.reason, params={"source": item.source, **item.params}))
            _list(workspace, "held.absent", absent)
            _list(workspace, "held.new", new)
    return HELD if items else 0


def _list(workspace: Workspace, key: str, rows: list[Waiting]) -> None:
    if not rows:
        return
    workspace.out.print(show.indented(show.heading(text(key, count=len(rows)))))
    for row in rows[:_SHOWN]:
        workspace.out.print(show.indented(row.title or row.iri or row.identifier, 4))
        if row.title and row.iri:
            workspace.out.print(show.indented(row.iri, 6), style="dim")
    if len(rows) > _SHOWN:
        workspace.out.print(show.indented(text("held.more", count=len(rows) - _SHOWN), 4))
