"""The scenario table: every fault of the nasty source on every connector that it can happen to, over real HTTP.

Each scenario is a source of its own in one region: a healthy night, one or two nights with the fault (while the town edits one dataset
and adds another), a night when all is well again. Lost 0, wrongly deleted 0, duplicates 0, hangs 0; and what is not done says why and
what to do.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from federation.finding import texts
from federation.sync.run import RunResult
from tests import command, nasty_source
from tests.loopback import complete
from tests.nasty_source.catalog import Dataset, edited, generated
from tests.nasty_source.certificate import selfmade
from tests.nasty_source.faults import FAULTS
from tests.nasty_source.scene import Scene
from tests.region import Region

WAYS = (("dcat", "rdf-view"), ("dcat", "ttl-whole"), ("ckan", "search"), ("ckan", "list"))
NETWORK = """connect_timeout = 1
read_timeout = 1.5
total_timeout = 3
max_bytes = 16777216
max_wire_bytes = 8388608
per_host = 16
retries = 2
"""
COUNT = 6
LONGEST = 30.0
"""Seconds that a run may take on a machine that is busy with other things; what hangs here hangs for wire.LONGEST, twice as long."""

# What a run with the fault comes to. What is not named here is refused: the run fails, nothing is taken over.
DONE = frozenset((
    "rate-limited-once", "storm-passes", "hang-up-once", "truncated-once", "slow", "redirect-moved", "etag-stuck", "etag-random", "bom",
    "nul-inside", "control-characters", "charset-wrong", "charset-unknown", "charset-lies", "wrong-content-type", "no-content-type",
    "gzip-lie", "shrunken-by-one", "shrunken-behind-wall", "shrunken-behind-error", "poisoned-huge", "poisoned-long",
    "poisoned-nameless", "poisoned-text", "poisoned-deep", "poisoned-address",
))  # fmt: skip
HELD = frozenset((
    "empty", "shrunken", "foreign-catalog", "growing-while-paged", "shrinking-while-paged", "total-too-big", "pages-short", "pages-stop",
    "later-page-empty", "page-repeated", "pages-in-circles",
))  # fmt: skip
# Where connector and form decide, or where several ends are right as long as nothing is lost.
ANY = frozenset((
    "not-modified-unasked", "utf-16", "document-twice", "length-too-small", "half-document", "deep-turtle", "renamed", "case-changed",
    "identifier-shared", "repeated", "shuffled", "total-too-small", "total-zero", "pages-endless", "pages-endless-empty",
))  # fmt: skip
# Forms without pages and totals: here only the faults that they answer in another way.
ONLY = {
    "ttl-whole": frozenset((
        "truncated", "length-too-small", "etag-stuck", "nul-inside", "utf-16", "charset-lies", "half-document", "deep-turtle", "shrunken",
        "renamed", "identifier-shared", "poisoned-address",
    )),
    "list": frozenset((
        "bot-wall-403", "storm-passes", "truncated", "empty", "shrunken", "shrunken-by-one", "renamed", "poisoned-huge", "poisoned-deep",
    )),
}  # fmt: skip
SCENARIOS = [
    (protocol, form, name) for protocol, form in WAYS for name, fault in FAULTS.items()
    if protocol in (fault.protocols or (protocol,)) and name in ONLY.get(form, FAULTS)
]  # fmt: skip


def expected(name: str) -> tuple[str, ...]:
    """The outcomes that are right."""
    return ("done",) if name in DONE else ("held",) if name in HELD else ("done", "held", "failed") if name in ANY else ("failed",)


@dataclass
class Played:
    """What one scenario came to: the runs night by night, the public datasets {IRI: title} after each, and the truth at the end."""

    scene: Scene
    source: str
    truth: list[Dataset]
    runs: list[RunResult] = field(default_factory=list)
    public: list[dict[str, str]] = field(default_factory=list)
    findings: list[list[Any]] = field(default_factory=list)

    @property
    def healthy(self) -> dict[str, str]:
        """The public datasets before the fault."""
        return self.public[0]


class Nights:
    """A region with one source for each scenario."""

    def __init__(self, folder: Path, server: nasty_source.Server, names: list[tuple[str, str, str]]) -> None:
        self.region = Region(folder)
        file = folder / "federation.toml"
        file.write_text(file.read_text(encoding="utf-8").replace("retries = 0\n", NETWORK), encoding="utf-8")
        self.played: dict[tuple[str, str, str], Played] = {}
        for number, (protocol, form, fault) in enumerate(names):
            scene = server.add(f"t{number}", protocol, generated(COUNT, f"t{number}"), form, size=2)
            source = f"t{number}"
            self.region.member(source, scene.url, connector=scene.connector, options="max_pages = 40" if protocol == "dcat" else "")
            self.played[protocol, form, fault] = Played(scene, source, list(scene.datasets))

    def night(self, *names: str) -> int:
        """One round over all sources, or those that are named; the exit code."""
        outcome = self.region.sync(*names)
        runs = {run.source: run for run in outcome.runs}
        public: dict[str, dict[str, str]] = {}
        with self.region.open() as store:
            for item in store.items(kind="dataset"):
                public.setdefault(item.source, {})[item.iri] = item.title
            for one in (each for each in self.played.values() if each.source in runs):
                one.runs.append(runs[one.source])
                one.public.append(public.get(one.source, {}))
                one.findings.append([row.finding() for row in store.findings(source=one.source)])
        return outcome.exit_code

    def play(self) -> None:
        """The four nights."""
        assert self.night() == 0
        for (_, _, fault), one in self.played.items():
            first, *others = one.truth
            one.truth = one.scene.datasets = [edited(first), *others, *generated(1, f"{one.source}-neu")]
            one.scene.fault = fault
        self.codes = [self.night()]
        self.said = {lang: command.run("-C", self.region.folder, "findings", "--json", lang=lang) for lang in ("de", "en")}
        self.status = command.run("-C", self.region.folder, "status", lang="de")
        # Where nothing was taken over, a second night has nothing to go on from.
        again = [one.source for one in self.played.values() if one.runs[1].outcome != "failed" or one.runs[1].counts.listed]
        self.codes.append(self.night(*again))
        for one in self.played.values():
            one.scene.fault = ""
        self.codes.append(self.night())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[nasty_source.Server]:
    with nasty_source.serve(selfmade(tmp_path_factory.mktemp("tls"))) as running:
        yield running


@pytest.fixture(scope="module")
def nights(request: pytest.FixtureRequest, server: nasty_source.Server, tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """The nights of the scenarios that were asked for."""
    calls = [getattr(item, "callspec", None) for item in request.session.items]
    asked = {call.params["scenario"] for call in calls if call is not None and "scenario" in call.params}
    if shutil.which("openssl") is None:
        asked = {scenario for scenario in asked if scenario[2] != "bad-certificate"}
    played = Nights(tmp_path_factory.mktemp("nights"), server, [scenario for scenario in SCENARIOS if scenario in asked] or SCENARIOS[:3])
    played.play()
    return played


@pytest.fixture
def one(nights: Nights, scenario: tuple[str, str, str]) -> Played:
    if scenario not in nights.played:
        pytest.skip("needs the openssl command")
    return nights.played[scenario]


@pytest.mark.parametrize("scenario", SCENARIOS, ids="-".join)
def test_nothing_is_lost_deleted_doubled_or_hung(one: Played, scenario: tuple[str, str, str]) -> None:
    assert len(one.healthy) == COUNT
    right = expected(scenario[2])
    for run, public in zip(one.runs[1:-1], one.public[1:-1], strict=True):
        assert run.outcome in right, (run.outcome, run.reason)
        assert run.seconds < LONGEST
        assert one.healthy.keys() <= public.keys(), "lost"
        added = {title for iri, title in public.items() if iri not in one.healthy}
        assert added <= {one.truth[-1].name}, "invented or doubled"
        if scenario[2] != "identifier-shared":  # there the source itself gives two datasets one identifier
            assert len(set(public.values())) == len(public), "two with one title"
    assert one.runs[-1].outcome == "done", (one.runs[-1].reason, one.runs[-1].params)
    assert sorted(one.public[-1].values()) == sorted(dataset.name for dataset in one.truth), "not the truth again"
    assert one.healthy.keys() <= one.public[-1].keys(), "another address"


@pytest.mark.parametrize("scenario", SCENARIOS, ids="-".join)
def test_what_is_not_done_says_why_and_what_to_do(one: Played, scenario: tuple[str, str, str]) -> None:
    for run, findings in zip(one.runs[1:-1], one.findings[1:-1], strict=True):
        if run.outcome == "done":
            assert not run.reason
            continue
        assert run.reason in texts()
        said = [finding for finding in findings if finding.code == run.reason]
        assert said, "the reason is no finding"
        complete(said[0])
        for language in ("de", "en"):
            assert len(said[0].cause(language)) > 20
            assert len(said[0].remedy(language)) > 20
            if run.error:
                assert f"source: {one.source}" in run.error.text(language)
        assert said[0].params["source"] == one.source


def test_the_exit_code_says_that_a_source_failed(nights: Nights) -> None:
    outcomes = {one.runs[1].outcome for one in nights.played.values()}
    assert nights.codes[0] == (3 if "failed" in outcomes else 4 if "held" in outcomes else 0)
    assert nights.codes[-1] == 0


def test_the_command_line_names_each_source_with_cause_and_remedy(nights: Nights) -> None:
    for language, said in nights.said.items():
        told = {(entry["source"], entry["code"]): entry for entry in said.json()}
        for one in nights.played.values():
            run = one.runs[1]
            if run.outcome != "done":
                assert told[one.source, run.reason]["cause"], language
                assert told[one.source, run.reason]["remedy"], language
                assert one.source in nights.status.out


def test_a_source_in_trouble_leaves_the_others_alone(nights: Nights) -> None:
    for one in nights.played.values():
        if one.runs[1].outcome == "done" and one.scene.protocol == "dcat":
            assert len(one.public[1]) >= COUNT


def test_there_are_at_least_forty_named_faults_on_both_connectors() -> None:
    assert min(len({name for protocol, _, name in SCENARIOS if protocol == each}) for each in ("dcat", "ckan")) >= 40
    assert all(fault.says for fault in FAULTS.values())
