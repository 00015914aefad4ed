"""The command why: the story of one dataset, told so that the people of its town understand it."""

from collections.abc import Iterable, Sequence

import click
from rich.text import Text

from federation.cli import show
from federation.cli.app import Workspace, command, json_option
from federation.cli.texts import language, text
from federation.dcat.description import Change
from federation.dcat.schema import TYPES
from federation.report.rules import explained
from federation.report.why import Story
from federation.report.why import why as report_why
from federation.terms import TYPE, Term, Triple, parts, prefixed

_VALUES = 6  # of one property
_CHANGES = 3  # of one rule
_LONGEST = 300  # characters of a value


@command("why")
@click.argument("dataset", metavar=text("arg.dataset"))
@click.option("--full", is_flag=True, help=text("opt.full_story"))
@json_option
def why(workspace: Workspace, dataset: str, full: bool, as_json: bool) -> int:
    """Source, run, what was said, each change with its rule, what became of it."""
    stories = report_why(workspace.reading, dataset)
    if as_json:
        show.print_json([story.as_dict(language()) for story in stories])
        return 0
    whole = len({story.iri or story.identifier for story in stories}) == 1
    for number, story in enumerate(stories):
        if number:
            workspace.out.print()
        _Teller(workspace, full=full).tell(story, whole=whole)
    if not whole:
        workspace.err.print("\n" + text("why.several", count=len(stories)))
    return 0


class _Teller:
    """Writes stories to stdout; `full` without leaving anything out."""

    def __init__(self, workspace: Workspace, *, full: bool) -> None:
        self.workspace = workspace
        self.out = workspace.out
        self.full = full

    def tell(self, story: Story, *, whole: bool) -> None:
        """One story, or only where the dataset comes from and what became of it."""
        self.out.print(show.heading(story.title or story.iri or story.identifier))
        facts = [("why.address", story.iri), ("col.source", self._source(story))]
        if story.identifier != story.iri:
            facts.append(("why.identifier", story.identifier))
        facts.append(("col.state", self._state(story)))
        if whole and story.run:
            outcome = text(f"outcome.{story.run.outcome}")
            facts.append(("why.read", text("why.run", run=story.run.id, started=show.when(story.run.started), outcome=outcome)))
        for key, said in facts:
            if said:
                self.out.print(show.indented(f"{text(key)}: {said}"))
        if not whole:
            return
        self._chapter("why.said")
        self._said(story)
        self._chapter("why.changes", count=len(story.changes))
        self._changes(story.changes)
        self._chapter("why.findings", count=len(story.findings))
        show.findings(self.out, (("", finding) for finding in story.findings))
        if story.log:
            self._chapter("why.log")
            for number, kind, at in story.log:
                self.out.print(show.indented(f"{show.when(at)}  {text(f'why.{kind}')} ({text('why.generation', number=number)})"))

    def _chapter(self, key: str, **params: object) -> None:
        self.out.print()
        self.out.print(show.heading(text(key, **params)))

    def _source(self, story: Story) -> str:
        for member in self.workspace.config.members:
            for source in member.source:
                if source.id == story.source:
                    return f"{story.source} ({member.title}; {source.connector}, {source.url})"
        return text("why.not_configured", source=story.source)

    def _state(self, story: Story) -> str:
        state = text(f"state.{story.state}", runs=story.missing_runs)
        if story.state in ("live", "missing") and not story.public:
            state = text("state.preview" if self._stage(story.source) == "preview" else "state.waiting")
        elif story.state == "rejected":
            state = text("state.rejected.kept" if story.public == story.source else "state.rejected")
        if story.public and story.public != story.source:
            state += "; " + text("state.other", owner=story.public)
        return state

    def _stage(self, name: str) -> str:
        members = {member.id: member.stage for member in self.workspace.config.members}
        return next((source.stage or members[source.member] for source in self.workspace.config.sources() if source.id == name), "")

    # what the source said

    def _said(self, story: Story) -> None:
        if not story.statements:
            self.out.print(show.indented(self._short(story.said, 4_000)))
            return
        nodes: dict[Term, dict[Term, list[Term]]] = {}
        for node, prop, term in story.statements:
            nodes.setdefault(node, {}).setdefault(prop, []).append(term)
        names = {node: _name(node, number) for number, node in enumerate(nodes)}
        for node, properties in nodes.items():
            if node != story.statements[0][0]:
                kind = next((TYPES[term] for term in properties.get(TYPE, ()) if term in TYPES), None)
                what = f"{kind.de if language() == 'de' else kind.en} " if kind else ""
                self.out.print(show.indented(Text(f"{what}{names[node]}", style="italic")))
            for prop, terms in properties.items():
                if prop != TYPE:
                    self._property(prop, [self._value(term, names) for term in terms])

    def _property(self, prop: Term, values: Sequence[str]) -> None:
        shown = values if self.full else values[:_VALUES]
        label = show.label(prefixed(prop))
        line = Text.assemble((f"{label}: ", "dim"), " | ".join(shown))
        if len(shown) < len(values):
            line.append(f" | {text('why.more', count=len(values) - len(shown))}", style="dim")
        self.out.print(show.indented(line, 4))

    def _value(self, term: Term, names: dict[Term, str]) -> str:
        if term in names:
            return names[term]
        if term[0] != '"':
            return prefixed(term)
        value, tag, _ = parts(term)
        return f"„{self._short(value)}“" + (f" [{tag}]" if tag else "")

    def _short(self, value: str, longest: int = _LONGEST) -> str:
        flat = " ".join(value.split()) if longest == _LONGEST else value
        return flat if self.full or len(flat) <= longest else f"{flat[:longest]}… ({len(value)})"

    # what was changed in it

    def _changes(self, changes: Iterable[Change]) -> None:
        groups: dict[str, list[Change]] = {}
        for change in changes:
            groups.setdefault(change.rule, []).append(change)
        if not groups:
            self.out.print(show.indented(text("why.none")))
        for rule, alike in groups.items():
            words = explained(rule, language())
            times = f"  ({len(alike)}×)" if len(alike) > 1 else ""
            self.out.print(show.indented(Text.assemble(f"{words}{times}  ", (rule, "dim"))))
            said = list(dict.fromkeys(self._told(change) for change in alike))
            shown = said if self.full else said[:_CHANGES]
            for line in shown:
                self.out.print(show.indented(line, 4))
            if len(shown) < len(said):
                self.out.print(show.indented(Text(text("why.more", count=len(said) - len(shown)), style="dim"), 4))

    def _told(self, change: Change) -> str:
        field = change.field or ", ".join(dict.fromkeys(show.label(prefixed(one[1])) for one in (*change.added, *change.removed)))
        was, now = self._terms(change.removed), self._terms(change.added)
        if change.removed and change.added:
            return f"{field}: {was} → {now}"
        return f"{field}: {text('why.added' if change.added else 'why.removed', value=now or was)}"

    def _terms(self, triples: Sequence[Triple]) -> str:
        return ", ".join(dict.fromkeys(self._value(term, {}) for _, _, term in triples[: None if self.full else _VALUES]))


def _name(node: Term, number: int) -> str:
    return f"[{number}]" if node[0] == "_" else node[1:-1]
