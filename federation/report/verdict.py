"""Green, yellow or red: what one source, and the region, come to. Pure rules on facts; `status` gathers the facts.

Red: nothing has worked for longer than three slots of the schedule, three runs in a row failed, nothing that came could be read, or the
database is in trouble. Yellow: somebody should look, the last good state is public. Green: the last run did what it was there for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

Colour = Literal["green", "yellow", "red"]
SYMBOLS: Mapping[str, str] = {"green": "✓", "yellow": "!", "red": "✗"}
RANK: Mapping[str, int] = {"green": 0, "yellow": 1, "red": 2}

FAILURES = 3  # in a row, before a source is red
LATE_SLOTS = 3  # without a complete run, before a source is red
GRACE = timedelta(hours=1)  # how long the run of a slot may take before the slot counts as missed
UNPLANNED = timedelta(days=3)  # what counts as late where no schedule says it
REJECTED_SHARE = 0.1  # of the datasets listed, from which on a source is yellow
MORE_VIOLATIONS = 5  # and a tenth more than in the week before: from then on they are news


@dataclass(frozen=True, slots=True)
class Plan:
    """What the schedule says of one source: when it is read next (None: never by itself), until when it pauses, and since when it is late
    when nothing worked since its last complete run (None: nobody knows). `by_hand`: it has no schedule, so it is never late.
    """

    next_run: datetime | None = None
    paused_until: datetime | None = None
    late_at: datetime | None = None
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one source. `outcome` is that of its last run that ended ("" where there is none), `reason` its finding code;
    `held` whether a decision is waited for, `pinned` whether a rollback keeps an earlier state public; `succeeded` when the last complete
    run began; `violations_before` the fewest of the last seven days (None: nothing to compare with).
    """

    outcome: str = ""
    reason: str = ""
    held: bool = False
    pinned: bool = False
    failures: int = 0
    listed: int = 0
    rejected: int = 0
    violations: int = 0
    violations_before: int | None = None
    succeeded: datetime | None = None
    plan: Plan = field(default_factory=Plan)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`code` names the sentence (vocabularies/texts/verdicts.csv)."""

    colour: Colour
    code: str

    @property
    def symbol(self) -> str:
        """A sign that says the same without colour."""
        return SYMBOLS[self.colour]


def judge(facts: Facts, now: datetime) -> Verdict:
    """The verdict on one source: the first rule that fits, the gravest first."""
    if not facts.outcome:
        return Verdict("yellow", "never")
    if facts.listed and facts.rejected >= facts.listed and facts.outcome in ("done", "held"):
        return Verdict("red", "rejected-all")
    if facts.failures >= FAILURES:
        return Verdict("red", "failing")
    if _late(facts, now):
        return Verdict("red", "late-pinned" if facts.pinned else "late-held" if facts.held else _of_outcome("late", facts.outcome))
    if facts.pinned:
        return Verdict("yellow", "pinned")
    if facts.held:
        return Verdict("yellow", "held")
    if facts.outcome in ("failed", "interrupted"):
        return Verdict("yellow", facts.outcome)
    if facts.plan.paused_until and facts.plan.paused_until > now:
        return Verdict("yellow", "paused")
    if facts.rejected and facts.rejected >= REJECTED_SHARE * facts.listed:
        return Verdict("yellow", "rejected-some")
    if facts.reason == "source-empty":
        return Verdict("yellow", "empty")
    if news(facts.violations, facts.violations_before):
        return Verdict("yellow", "violations")
    return Verdict("green", "released" if facts.outcome == "held" else "ok")


def _of_outcome(code: str, outcome: str) -> str:
    return f"{code}-failed" if outcome == "failed" else code


def _late(facts: Facts, now: datetime) -> bool:
    """Whether nothing worked for longer than three slots. A source that never worked is judged by its failures alone."""
    if facts.succeeded is None or facts.plan.by_hand:
        return False
    late_at = facts.plan.late_at or facts.succeeded + UNPLANNED
    return now > late_at + GRACE


def news(violations: int, before: int | None) -> bool:
    """Whether there are so many more violations than before that somebody should know."""
    return before is not None and violations - before >= max(MORE_VIOLATIONS, before / 10)


@dataclass(frozen=True, slots=True)
class Region:
    """The verdict on the whole: `code` names the sentence, `red` and `yellow` the sources that count, `preview` those that do not because
    nothing of theirs is public, `removed` those that the configuration no longer has.
    """

    colour: Colour
    code: str
    green: int
    yellow: list[str]
    red: list[str]
    preview: list[str]
    removed: list[str]

    @property
    def symbol(self) -> str:
        """A sign that says the same without colour."""
        return SYMBOLS[self.colour]


def region(verdicts: Iterable[tuple[str, Colour, str]], removed: Iterable[str] = (), *, trouble: str = "", concern: bool = False) -> Region:
    """The verdict on the region from (source, colour, stage). `trouble` is a sentence code that makes it red whatever the sources are
    (the database cannot be written); a `concern` (mail is not delivered) makes it yellow at least.
    """
    red: list[str] = []
    yellow: list[str] = []
    preview: list[str] = []
    green = 0
    for source, colour, stage in verdicts:
        if stage == "preview":
            preview.append(source)
        elif colour == "green":
            green += 1
        else:
            (red if colour == "red" else yellow).append(source)
    counted = green + len(red) + len(yellow)
    code = trouble or ("region-some" if red or yellow else "region-all" if counted else "region-preview" if preview else "region-none")
    colour_: Colour = "red" if trouble or red else "yellow" if concern or yellow or not counted else "green"
    return Region(colour_, code, green, yellow, red, preview, list(removed))
