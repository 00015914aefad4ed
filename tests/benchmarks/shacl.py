"""The SHACL compiler, measured: `python -m tests.benchmarks.shacl [--clones 8] [--rostock]`.

With the official DCAT-AP.de 3.0 shapes and the vocabularies that they import: how long reading and compiling take (the index of the
vocabularies is given, as a process reads it once); how many descriptions of real datasets (Rostock, Bremen) are checked per CPU second,
as their towns sent them and after normalising, each one fresh from its text so that nothing is remembered about its own strings; and
pySHACL in the same run, on the same triples, whole feeds and dataset by dataset. Only checking is counted, not parsing or copying.
CPU seconds of this process. Each figure stands beside the check that both found the same; the exit code is that check's.
"""

import argparse
import gc
import statistics
import sys
import time
from collections.abc import Callable, Iterator

import pyshacl
import rdflib

from federation.dcat.description import Description, Nodes
from federation.dcat.fragments import describe, split
from federation.dcat.parse import parse
from federation.quality.shacl import Checker, Result
from federation.quality.shapes.graph import read
from federation.quality.shapes.report import from_report
from federation.terms import iri
from tests.benchmarks.material import clone, datasets
from tests.normalising import FEED, normaliser
from tests.shacl_oracle import catalog, counted, graph, graphs, official_files, profile
from tests.shared import ROOT

PROFILE = "v30_de_spec"
RATE, RATIO, COMPILE = 5000, 50, 0.05  # what is asked for: descriptions per CPU second, times pySHACL, seconds


def timed(work: Callable[[], object]) -> float:
    """CPU seconds of a piece of work."""
    gc.collect()
    began = time.process_time()
    work()
    return time.process_time() - began


def verdict(good: bool) -> str:
    return "met" if good else "MISSED"


def compiling() -> None:
    """Reading the shape files and compiling them."""
    files, (_, background) = official_files(PROFILE), profile(PROFILE)
    each = [timed(lambda: Checker(read(files), background)) for _ in range(9)]
    alone = [timed(lambda: Checker(profile(PROFILE)[0], background)) for _ in range(9)]
    whole, part = statistics.median(each), statistics.median(alone)
    print(f"compile          {whole * 1000:6.1f} ms with reading {len(files)} files, {part * 1000:.1f} ms without (median of 9; "
          f"at most {COMPILE * 1000:.0f} ms: {verdict(whole <= COMPILE)})")  # fmt: skip


def fresh(clones: int, normalised: bool) -> Iterator[list[Description]]:
    """Batches of descriptions, new strings in each."""
    base = datasets(ROOT)
    for number in range(clones):
        text = "\n".join(" ".join(triple) + " ." for _, lines in base for triple in clone(lines, number)).encode()
        fragments = split(parse(text, "n-triples", FEED).lines, iri(FEED))
        batch = [describe(fragment.raw) for fragment in fragments if fragment.kind == "dataset"]
        if normalised:
            repair = normaliser()
            for description in batch:
                repair(description)
        yield batch


def checking(clones: int) -> bool:
    """Descriptions one by one; the sum of their results has to be the same in every batch."""
    good = True
    for normalised in (False, True):
        checker = Checker(*profile(PROFILE))
        spent = told = 0.0
        count = triples = 0
        sums = set()
        for batch in fresh(clones, normalised):
            results: list[int] = []
            spent += timed(lambda: results.extend(len(checker.check(d.nodes)) for d in batch))  # noqa: B023
            told += timed(lambda: [checker.findings(d) for d in batch])  # noqa: B023
            sums.add(sum(results))
            count += len(batch)
            triples += sum(1 for description in batch for _ in description.triples())
        good &= len(sums) == 1
        print(f"{'normalised' if normalised else 'as sent':16} {count / spent:6.0f} descriptions/CPU-s "
              f"({triples / count:.0f} triples, {next(iter(sums)) * clones / count:.1f} results each; at least {RATE}: "
              f"{verdict(count / spent >= RATE)}), as findings {count / told:.0f}")  # fmt: skip
    return good


def validated(nodes: Nodes) -> tuple[float, list[Result]]:
    """CPU seconds of pySHACL for nodes beside the background, whose graph is given, and its results."""
    shapes, background = graphs(PROFILE)
    made: list[rdflib.Graph] = []

    def work() -> None:
        _, report, _ = pyshacl.validate(background, shacl_graph=shapes, inference="none", allow_warnings=True, inplace=True)
        made.append(report)

    added = [triple for triple in graph(nodes) if triple not in background]
    for triple in added:
        background.add(triple)
    spent = timed(work)
    for triple in added:
        background.remove(triple)
    return spent, from_report(made[0])


def beside_pyshacl(name: str, nodes: Nodes, count: int) -> bool:
    """Ours (cold: everything is judged for the first time) and pySHACL on a whole feed."""
    checker = Checker(*profile(PROFILE))
    ours: list[Result] = []
    own = timed(lambda: ours.extend(checker.check(nodes, whole=True)))
    other, theirs = validated(nodes)
    return compared(name, own / count, other / count, counted(ours) == counted(theirs), f"{len(theirs)} results")


def one_by_one(limit: int) -> bool:
    """Ours (cold) and pySHACL on single datasets."""
    checker = Checker(*profile(PROFILE))
    batch = next(fresh(1, False))
    chosen = batch[:: len(batch) // limit][:limit]
    own = timed(lambda: [checker.check(d.nodes) for d in chosen])
    other, same = 0.0, True
    for description in chosen:
        spent, theirs = validated(description.nodes)
        other += spent
        same &= counted(checker.check(description.nodes, whole=True)) == counted(theirs)
    return compared("one by one", own / limit, other / limit, same, f"{limit} datasets")


def compared(name: str, own: float, other: float, same: bool, what: str) -> bool:
    """Prints one line; tells whether results are the same."""
    outcome = "the same results" if same else "DIFFERENT RESULTS"
    print(f"{name:16} {own * 1000:6.2f} ms a dataset, pySHACL {other * 1000:.1f} ms: {other / own:.0f} times "
          f"(at least {RATIO}: {verdict(other / own >= RATIO)}); {what}: {outcome}")  # fmt: skip
    return same


def main() -> None:
    """Prints a table; exits 1 where results differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clones", type=int, default=8)
    parser.add_argument("--rostock", action="store_true", help="the large feed beside pySHACL too")
    options = parser.parse_args()
    compiling()
    good = checking(options.clones)
    good &= one_by_one(20)
    good &= beside_pyshacl("Bremen", catalog("bremen_catalog.rdf.gz"), 153)
    if options.rostock:
        good &= beside_pyshacl("Rostock", catalog("rostock_catalog.rdf.gz"), 100)
    rdflib.NORMALIZE_LITERALS = True
    print("equality checks:", "ok" if good else "FAILED")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
