"""The story of the demo, on one screen: what was read, repaired, found, held and published, and what to try next."""

import re
import shlex
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rich.text import Text

from federation.cli import show
from federation.cli.app import Workspace
from federation.cli.texts import language, text
from federation.dcat.description import Change
from federation.finding import Finding, Severity
from federation.publish.generation import sources_in_order
from federation.report.why import told
from federation.schedule import Outcome
from federation.sync.run import RunResult

_SHOWN = 5
_WIDEST = 36  # characters of a value in an example
_WIDEST_PATH = 20

# What rules do, for people: text key, rules that belong to it (the first that fits counts), the rule with the best example; in this order
# they are told.
_REPAIRS = tuple(
    (f"demo.repair.{name}", re.compile(rules), example)
    for name, rules, example in (
        ("upgrade", r"namespace|dcat-ap\.de|schema-date|geocoding|code:(status|availability|hash|geocoding-level)", "code:status"),
        ("codes", r"code:", "code:frequency"),
        ("forms", r"date|number|geometry|email|tel|iri|html|text|duration|checksum|media-type:format-said", "date-format"),
        ("default", r"default:", "default:contact"),
        ("lookup", r"lookup:", ""),
        ("hook", r"hook:", ""),
        ("derived", r"", "media-type:format"),
    )
)  # fmt: skip
_PORTALS = frozenset(("reiherstadt", "ottermuende", "birkenrode", "lindenwerder", "seelinden", "eschenrode"))


class Story:
    """What a round of the demo came to. `seconds` from the first line of the command on."""

    def __init__(self, own: Workspace, outcome: Outcome, seconds: float) -> None:
        self.own = own
        self.outcome = outcome
        self.seconds = seconds
        self.changes: dict[str, list[Change]] = {}
        self.findings: dict[str, list[Finding]] = {}
        for source in own.config.sources():
            names = own.store.known(source.id)
            self.changes[source.id] = [change for name in names for change in own.store.recorded_changes(source.id, name)]
            self.findings[source.id] = [row.finding() for row in own.store.findings(source=source.id)]
        self._titles = {member.id: member.title for member in own.config.members}
        self._chapter = 0

    def tell(self) -> None:
        """Writes it to stdout."""
        self._tell_sources()
        self._tell_repairs()
        self._tell_findings()
        self._tell_held()
        self._tell_published()
        self._tell_next()

    def as_dict(self) -> dict[str, Any]:
        """The keys of `demo --json`, without folder and address."""
        rules = Counter(change.rule for changes in self.changes.values() for change in changes)
        made = self.outcome.generation
        return {
            "seconds": round(self.seconds, 1),
            "sources": [
                {**run.as_dict(), "title": self._title(run), "changes": len(self.changes[run.source]),
                 "findings": Counter(str(finding.severity) for finding in self.findings[run.source])}
                for run in self._runs()
            ],
            "changes": sum(rules.values()), "rules": dict(rules.most_common()), "findings": sum(map(len, self.findings.values())),
            "held": [{"source": run.source, "code": finding.code, "cause": finding.cause(language()), "remedy": finding.remedy(language())}
                     for run, finding in self._reasons()],
            "generation": made.as_dict() if made else None, "feeds": [str(feed) for feed in self._feeds()],
            "next": [line for _, line in self._next()],
        }  # fmt: skip

    def _runs(self) -> list[RunResult]:
        """The runs in the order of federation.toml."""
        by_source = {run.source: run for run in self.outcome.runs}
        return [by_source[source.id] for source in sources_in_order(self.own.config) if source.id in by_source]

    def _title(self, run: RunResult) -> str:
        return self._titles[self.own.config.source(run.source).member]

    def _reasons(self) -> Iterator[tuple[RunResult, Finding]]:
        """The runs that are not simply done, and why."""
        for run in self._runs():
            if run.reason:
                yield run, run.error.finding() if run.error else Finding(run.reason, params={"source": run.source, **run.params})

    def _feeds(self) -> list[Path]:
        return [self.own.folder / "public" / f"catalog.{name}" for name in self.own.config.catalog.formats]

    # the chapters

    def _head(self, key: str, **params: object) -> None:
        self._chapter += 1
        self.own.out.print()
        self.own.out.print(Text(f"{self._chapter}. {text(key, **params)}", style="bold"))

    def _tell_sources(self) -> None:
        rows = []
        for run in self._runs():
            source = self.own.config.source(run.source)
            portal = text(f"demo.portal.{source.member}") if source.member in _PORTALS else source.connector
            rows.append([self._title(run), portal, run.counts.listed, run.counts.new + run.counts.changed, show.state(run.outcome)])
        self._head("demo.read", datasets=sum(run.counts.listed for run in self.outcome.runs))
        columns = [("demo.col.member", False), ("demo.col.portal", False), ("col.datasets", True), ("demo.col.new", True),
                   ("col.state", False)]  # fmt: skip
        self.own.out.print(show.table("", columns, rows))

    def _tell_repairs(self) -> None:
        changes = [change for each in self.changes.values() for change in each]
        groups: dict[str, list[Change]] = {}
        for change in changes:
            groups.setdefault(next(key for key, rules, _ in _REPAIRS if rules.match(change.rule)), []).append(change)
        rows = [[len(groups[key]), text(key), _example(groups[key], best)] for key, _, best in _REPAIRS if key in groups]
        self._head("demo.repaired", count=len(changes))
        self.own.out.print(show.table("", [("col.count", True), ("demo.col.what", False), ("demo.col.example", False)], rows))

    def _tell_findings(self) -> None:
        kinds: dict[str, list[Finding]] = {}
        for finding in (each for found in self.findings.values() for each in found):
            kinds.setdefault(finding.code, []).append(finding)
        ranked = sorted(kinds.values(), key=lambda found: (found[0].severity == Severity.INFO, -len(found), found[0].code))
        self._head("demo.found", count=sum(map(len, ranked)))
        rows = [[len(found), show.state(str(found[0].severity)), found[0].cause(language())] for found in ranked[:_SHOWN]]
        self.own.out.print(show.table("", [("col.count", True), ("col.severity", False), ("demo.col.cause", False)], rows))
        if len(ranked) > _SHOWN:
            self.own.out.print(text("demo.more", kinds=len(ranked) - _SHOWN), style="dim")

    def _tell_held(self) -> None:
        for run, finding in self._reasons():
            self._head(f"demo.{run.outcome}" if run.outcome in ("held", "failed") else "demo.noted", title=self._title(run))
            self.own.out.print(Text(finding.cause(language()) + (f" {text('demo.person')}" if run.outcome == "held" else "")))

    def _tell_published(self) -> None:
        store = self.own.store
        seconds = f"{self.seconds:.1f}"
        self._head(
            "demo.published", datasets=store.count_items("dataset") + store.count_items("series"),
            seconds=seconds.replace(".", ",") if language() == "de" else seconds,
        )  # fmt: skip
        first, *others = self._feeds()
        self.own.out.print(Text(f"{first}   {'   '.join(feed.suffix for feed in others)}"), soft_wrap=True)

    def _tell_next(self) -> None:
        self._head("demo.next")
        for key, line in self._next():
            self.own.out.print(Text(f"# {text(key)}", style="dim"), soft_wrap=True)
            self.own.out.print(Text(line, style="cyan"), soft_wrap=True)

    def _next(self) -> list[tuple[str, str]]:
        """(text key of what it shows, the command as it can be typed here)."""
        own = self.own
        steps = [("demo.next.why", typed(own, "why Denkmalliste")), ("demo.next.findings", typed(own, "findings birkenrode"))]
        steps += [("demo.next.release", typed(own, f"release {run.source}")) for run, _ in self._reasons() if run.outcome == "held"]
        return [*steps, ("demo.next.export", typed(own, "export region.ttl")), ("demo.next.own", f"{_program()} -C my-region init")]


def typed(own: Workspace, words: str) -> str:
    """A command on the demo's folder as it can be typed here."""
    return f"{_program()} -C {shlex.quote(str(own.folder))} {words}"


def _program() -> str:
    """How this very program was called: its name where the search path finds it, else its path."""
    called = sys.argv[0] if Path(sys.argv[0]).name == "federation" else "federation"
    found = shutil.which("federation")
    return "federation" if found and Path(found).resolve() == Path(called).resolve() else shlex.quote(called)


def _example(changes: list[Change], best: str) -> str:
    """"was → now" of one change, of the best rule if there is one of it."""
    pairs = {change: told(change)[1:] for change in changes}
    change = min(changes, key=lambda each: (each.rule != best, not all(pairs[each]), "://" in pairs[each][0], len("".join(pairs[each]))))
    was, now = (each.split(", ")[-1] for each in pairs[change])  # of several values the last: the others name nodes and classes
    shown = [_short(was), _short(now)]
    if shown[0] == shown[1]:
        shown = [urlsplit(was).hostname or was, urlsplit(now).hostname or now]
    return " → ".join(filter(None, shown))


def _short(term: str) -> str:
    """The last parts of a code's address say all that a reader needs."""
    if len(term) <= _WIDEST:
        return term
    if "://" not in term:
        return term[: _WIDEST - 1] + "…"
    ends = ["/".join(term.rstrip("/").split("/")[-parts:]) for parts in (2, 1)]
    return "…/" + next((end for end in ends if len(end) <= _WIDEST_PATH), ends[-1][-_WIDEST_PATH:])
