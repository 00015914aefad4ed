"""What a receiver would refuse, for the command `check --profile NAME --shapes PATH`."""

from pathlib import Path

from rich.text import Text

from federation.cli import show
from federation.cli.app import Workspace
from federation.cli.texts import language, text
from federation.finding import Severity
from federation.quality import profile
from federation.report.quality import Objection, Refusal

_EXAMPLES = 3


def chosen(workspace: Workspace, name: str | None, shapes: tuple[str, ...]) -> Refusal | None:
    """A report still without datasets on the profile of that name, the shapes of these files and folders, or both; None for neither.
    ConfigError for a name, file or rule that is not there.
    """
    paths = [Path(path) for path in shapes]
    if name:
        return Refusal(profile.load(name, workspace.folder, paths))
    return Refusal(profile.only(paths)) if paths else None


def told(workspace: Workspace, refusal: Refusal) -> None:
    """The answer to "what would they refuse": how many datasets, then rule by rule with remedy; hints last."""
    out = workspace.out
    for notice in refusal.profile.notices:
        workspace.err.print(notice.cause(language()))
    out.print(show.heading(text("profile.head", title=refusal.profile.title[language()])))
    refused, datasets = len(refusal.refused), refusal.datasets
    out.print(text("profile.refused" if refused else "profile.taken", refused=refused, datasets=datasets))
    if refusal.before != refused:
        out.print(text("profile.before", before=refusal.before))
    objections = refusal.objections()
    if objections:
        columns = [("col.severity", False), ("col.said", True), ("col.published", True), ("col.code", False), ("col.place", False)]
        rows = [
            [show.state(str(each.finding.severity)), each.before, len(each.datasets), each.finding.code, each.finding.params["place"]]
            for each in objections
        ]  # fmt: skip
        out.print(show.table("", columns, rows))
    for each in refusal.objections(Severity.WARNING):
        if not each.datasets:
            continue  # mended by our repairs
        out.print()
        _objection(workspace, each)


def _objection(workspace: Workspace, each: Objection) -> None:
    out = workspace.out
    finding = each.finding
    concerned = text("findings.datasets", count=len(each.datasets))
    out.print(Text.assemble(show.state(str(finding.severity)), f"  {concerned}  ", (finding.code, "dim")))
    out.print(show.indented(finding.cause(language())))
    out.print(show.indented(Text.assemble((f"{text('remedy')}: ", "bold"), finding.remedy(language()))))
    if finding.params.get("origin"):
        out.print(show.indented(Text(text("profile.source", source=finding.params["origin"]), "dim")))
    for dataset in each.datasets[:_EXAMPLES]:
        out.print(show.indented(dataset, 4))
    if len(each.datasets) > _EXAMPLES:
        out.print(show.indented(text("profile.more", count=len(each.datasets) - _EXAMPLES), 4))
