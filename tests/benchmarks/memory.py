"""Peak memory, measured: `python -m tests.benchmarks.memory [--clones 40] [--more 200] [--single 40]`.

Hydra pages of 100 datasets (at most 300 MB, flat from `clones` to `more` times 253 datasets), one single document (at most 600 MB for
10,000 datasets), and one beyond the stated limit, which has to end as a SourceError that names it. Each in a process of its own.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.material import clone, datasets, served, write_pages
from tests.benchmarks.straight_line import OURS, run, workspace


def measure(root: Path, base: list, clones: int, per_page: int, name: str) -> dict:  # type: ignore[type-arg]
    """Harvests `clones` times the two feeds and tells peak memory and what arrived."""
    folder = root / name
    items = [(term, clone(lines, n)) for n in range(clones) for term, lines in base]
    triples = write_pages(folder / "pages", items, per_page)
    total = len(items)
    del items
    with served(folder / "pages") as address:
        result = run(OURS, str(workspace(folder / "w", f"{address}/1.rdf")))
    one = result["results"][0]
    print(f"{name:28s} {total:7d} datasets {triples:9d} triples  peak {result['peak_mb']:6.0f} MB  {one['outcome']} {one['reason']} "
          f"({one['listed']} listed)")  # fmt: skip
    subprocess.run(["rm", "-rf", str(folder)], check=True)
    return {"peak": result["peak_mb"], "run": one, "total": total}


def main() -> None:
    """Prints a line per case; exits 1 where a bound or an arrival is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clones", type=int, default=40)
    parser.add_argument("--more", type=int, default=200)
    parser.add_argument("--single", type=int, default=40)
    parser.add_argument("--beyond", type=int, default=70)
    parser.add_argument("--shared", type=Path, default=Path(__file__).resolve().parents[3] / "shared")
    options = parser.parse_args()
    base = datasets(options.shared)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        pages = measure(root, base, options.clones, 100, "pages")
        more = measure(root, base, options.more, 100, "pages, more")
        single = measure(root, base, options.single, 10**9, "one document")
        beyond = measure(root, base, options.beyond, 10**9, "one document beyond the limit")
    checks = {
        "pages at most 300 MB": pages["peak"] <= 300,
        "flat": more["peak"] <= max(300, pages["peak"] * 1.25),
        "one document at most 600 MB": single["peak"] <= 600,
        "all arrived": all(case["run"]["listed"] == case["total"] for case in (pages, more, single)),
        "beyond the limit: a SourceError that names it": beyond["run"]["reason"] == "document-too-large",
    }
    print(json.dumps(checks, indent=1))
    sys.exit(0 if all(checks.values()) else 1)


if __name__ == "__main__":
    main()
