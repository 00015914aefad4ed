"""The command why: the story of one dataset, told so that the people of its town understand it."""

from collections.abc import Iterable

import click
from rich.text import Text

from federation.cli import show
from federation.cli.app import Workspace, command, json_option
from federation.cli.texts import language, text
from federation.dcat.description import Change
from federation.report.labels import Wording, grouped, of_class, of_property
from federation.report.rules import explained
from federation.report.why import Story
from federation.report.why import why as report_why
from federation.terms import TYPE, Term, Triple, prefixed

_ALIKE = 2  # nodes of one class (distributions) that are shown
_CHANGES = 3  # of one rule
_RAW = 4_000  # characters of what could never be read


@command("why")
@click.argument("dataset", metavar=text("arg.dataset"))
@click.option("--full", is_flag=True, help=text("opt.full_story"))
@json_option
def why(workspace: Workspace, dataset: str, full: bool, as_json: bool) -> int:
    """Source, run, what was said, each change with its rule, what became of it."""
    stories = report_why(workspace.reading, dataset, workspace.config)
    if as_json:
        show.print_json([story.as_dict(language()) for story in stories])
        return 0
    whole = len({story.iri or story.identifier for story in stories}) == 1
    for number, story in enumerate(stories):
        if number:
            workspace.out.print()
        _Teller(workspace, story, full=full).tell(whole=whole)
    if not whole:
        workspace.err.print("\n" + text("why.several", count=len(stories)))
    return 0


class _Teller:
    """Writes one story to stdout; `full` without leaving anything out."""

    def __init__(self, workspace: Workspace, story: Story, *, full: bool) -> None:
        self.workspace = workspace
        self.out = workspace.out
        self.story = story
        self.full = full
        self.nodes = grouped(story.statements)
        self.words = Wording(language(), self.nodes, text("why.more", count="{count}"), full=full)

    def tell(self, *, whole: bool) -> None:
        """All of it, or only where the dataset comes from and what became of it."""
        story = self.story
        self.out.print(show.heading(story.title or story.iri or story.identifier))
        facts = [("why.address", story.iri), ("col.source", self._source() if story.source else "")]
        if story.identifier != story.iri:
            facts.append(("why.identifier", story.identifier))
        facts.append(("col.state", self._state()))
        if whole and story.run:
            outcome = text(f"outcome.{story.run.outcome}")
            facts.append(("why.read", text("why.run", run=story.run.id, started=show.when(story.run.started), outcome=outcome)))
        for key, said in facts:
            if said:
                self.out.print(show.indented(f"{text(key)}: {said}"))
        for farewell in story.farewells:
            self.out.print(show.indented(farewell.cause(language())))
            self.out.print(show.indented(Text.assemble((f"{text('remedy')}: ", "bold"), farewell.remedy(language())), 4))
        if not whole:
            return
        if story.state == "erased":
            self._became()
            return
        self._chapter("why.said")
        self._said()
        self._chapter("why.changes", count=len(story.changes))
        self._changes()
        self._chapter("why.findings", count=len(story.findings))
        show.findings(self.out, (("", finding) for finding in story.findings))
        self._became()

    def _became(self) -> None:
        if self.story.log:
            self._chapter("why.log")
            for number, kind, at in self.story.log:
                self.out.print(show.indented(f"{show.when(at)}  {text(f'why.{kind}')} ({text('why.generation', number=number)})"))

    def _chapter(self, key: str, **params: object) -> None:
        self.out.print()
        self.out.print(show.heading(text(key, **params)))

    def _source(self) -> str:
        for member in self.workspace.config.members:
            for source in member.source:
                if source.id == self.story.source:
                    return f"{source.id} ({member.title}; {source.connector}, {source.url})"
        return text("why.not_configured", source=self.story.source)

    def _state(self) -> str:
        story = self.story
        state = text(f"state.{story.state}", runs=story.missing_runs)
        if story.state in ("live", "missing") and any(one.code == "story-withdrawn-person" for one in story.farewells):
            return text("state.taken_out")
        if story.state in ("live", "missing") and not story.public:
            state = text("state.preview" if self._stage() == "preview" else "state.waiting")
        elif story.state == "rejected" and story.public == story.source:
            state = text("state.rejected.kept")
        if story.public and story.public != story.source:
            state = text("state.other", owner=story.public)
        return state

    def _stage(self) -> str:
        members = {member.id: member.stage for member in self.workspace.config.members}
        sources = self.workspace.config.sources()
        return next((source.stage or members[source.member] for source in sources if source.id == self.story.source), "")

    # what the source said

    def _said(self) -> None:
        if not self.nodes:
            said = self.story.said
            self.out.print(show.indented(said if self.full or len(said) <= _RAW else f"{said[:_RAW]}… ({len(said)})"))
            return
        alike: dict[str, list[Term]] = {}
        inside = {term for _, _, term in self.story.statements if term[0] == "_"}
        for number, (node, properties) in enumerate(self.nodes.items()):
            if number and node in inside:
                continue  # told where it is mentioned
            kind = of_class(properties.get(TYPE, ()), language())
            same = alike.setdefault(kind, [])
            same.append(node)
            if number and len(same) > _ALIKE and not self.full:
                continue
            if number:
                self.out.print(show.indented(Text(f"{kind} {prefixed(node)}".strip(), style="italic")))
            for line in self.words.statements(properties):
                self.out.print(show.indented(_said_of(line), 4))
        for kind, same in alike.items():
            if len(same) > _ALIKE and not self.full:
                more = text("why.more", count=len(same) - _ALIKE)
                self.out.print(show.indented(Text(f"{kind}: {more}", style="dim")))

    # what was changed in it

    def _changes(self) -> None:
        groups: dict[str, list[Change]] = {}
        for change in self.story.changes:
            groups.setdefault(change.rule, []).append(change)
        if not groups:
            self.out.print(show.indented(text("why.none")))
        for rule, alike in groups.items():
            times = f"  ({len(alike)}×)" if len(alike) > 1 else ""
            self.out.print(show.indented(Text.assemble(f"{explained(rule, language())}{times}  ", (rule, "dim"))))
            said = list(dict.fromkeys(self._told(change) for change in alike))
            shown = said if self.full else said[:_CHANGES]
            for line in shown:
                self.out.print(show.indented(_said_of(line), 4))
            if len(shown) < len(said):
                self.out.print(show.indented(Text(text("why.more", count=len(said) - len(shown)), style="dim"), 4))

    def _told(self, change: Change) -> str:
        was, now = _upper(change.removed), _upper(change.added)
        old, new = self._values(was, change.removed), self._values(now, change.added)
        if old == new and was:
            return f"{_names(was)} → {_names(now)}: {new}"
        field = change.field or ", ".join(dict.fromkeys(of_property(prop, language()) for _, prop, _ in (*now, *was)))
        if was and now:
            return f"{field}: {old} → {new}"
        return f"{field}: {text('why.added', value=new) if now else text('why.removed', value=old)}"

    def _values(self, triples: list[Triple], among: Iterable[Triple]) -> str:
        return self.words.values([term for _, _, term in triples], grouped(among))


def _said_of(line: str) -> Text:
    """"Lizenz (dcterms:license): ..." with its first part dim."""
    name, colon, rest = line.partition(": ")
    return Text.assemble((name + colon, "dim"), rest)


def _upper(triples: Iterable[Triple]) -> list[Triple]:
    """The triples of a change without those about a blank node that another of them mentions: these are told there."""
    mentioned = {term for _, _, term in triples if term[0] == "_"}
    return [triple for triple in triples if triple[0] not in mentioned]


def _names(triples: Iterable[Triple]) -> str:
    return ", ".join(dict.fromkeys(prefixed(prop) for _, prop, _ in triples))
