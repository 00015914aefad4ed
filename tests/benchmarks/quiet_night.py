"""A night in which nothing changed, measured: `python -m tests.benchmarks.quiet_night [--sources 50] [--datasets 1000] [--repeat 3]`.

Sources with some datasets each (two real feeds cloned with fresh IRIs; packages for CKAN) answer over loopback from a process of their own:
with 304, with equal bytes and no validators, with the same DCAT in another order and other labels, as CKAN that lists ids and dates, and
as CKAN-like software that only gives whole packages, in another order each time. Measured is the CPU time (user + system, imports
included) of a process that does what `federation sync` does; of --repeat runs the median. Each figure stands beside the check that
nothing was written: no record, item, body, change or generation, and where the bytes are the same no page either. The yardstick is the
CPU time of ten million additions: on a machine whose cores are shared it grows, and the figures with it.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from tests.benchmarks.material import clone, datasets, write_pages
from tests.benchmarks.straight_line import run
from tests.ckan_server import package

TOWN = "ZZtownZZ"  # stands in the material for the number of a source
LIMITS = {"304": 2.0, "bytes": 3.0, "order": 20.0, "ckan": 8.0, "packages": 8.0}
TABLES = ["record", "item", "body", "change", "generation"]
FEDERATION = """
[catalog]
title = "Benchmark"
base_url = "http://bench.example"
publisher = "Region"
license = "http://dcat-ap.de/def/licenses/dl-zero-de/2.0"
[network]
allow = ["127.0.0.0/8"]
"""
MEMBER = """
title = "Town {number}"
stage = "region"
[[source]]
connector = "{connector}"
url = "{url}"
"""
NIGHT = """
import json, sys, time
from pathlib import Path
from federation import config
from federation.schedule import round
from federation.store.store import Store
from federation.sync.run import Round

spent, reading = {}, Round.run
def timed(self, sources):
    start = time.process_time()
    try:
        return reading(self, sources)
    finally:
        spent["sync"] = time.process_time() - start
Round.run = timed
spent["imports"] = time.process_time()
settings = config.load(Path(sys.argv[1]))
with Store.open(settings.store.url, folder=settings.path) as store:
    outcome = round(settings, store, settings.sources())
cpu = time.process_time()
counts = [run.counts for run in outcome.runs]
print(json.dumps({
    **spent, "cpu": cpu, "outcomes": sorted({run.outcome for run in outcome.runs}), "unchanged": sum(each.unchanged for each in counts),
    "listed": sum(each.listed for each in counts), "made": outcome.generation.made,
}))
"""
ROWS = """
import hashlib, json, sys
from pathlib import Path
from sqlalchemy import select
from federation.store import tables as t
from federation.store.store import Store
digests = {}
with Store.open("sqlite:///federation.db", folder=Path(sys.argv[1])) as store, store.read() as connection:
    for name in sys.argv[2:]:
        state = hashlib.sha256()
        for row in connection.execute(select(t.metadata.tables[name])):
            state.update(repr(tuple(row)).encode())
        digests[name] = state.hexdigest()
print(json.dumps(digests))
"""
SERVER = """
import hashlib, http.server, json, os, random, sys
from urllib.parse import parse_qs, urlsplit
folder, town_mark = sys.argv[1], sys.argv[2].encode()
state = {"mode": "304", "turn": 0}
pages = {name: open(os.path.join(folder, name), "rb").read() for name in os.listdir(folder) if name != "packages.json"}
packages = json.load(open(os.path.join(folder, "packages.json")))

def dcat(town, number):
    variant = f"{state['turn'] % 2}" if state["mode"] == "order" else "0"
    return pages[f"{variant}-{number}.rdf"].replace(town_mark, town).replace(b"http://base.invalid", base + b"/" + town)

def search(town, query):
    rows, start = int(query["rows"][0]), int(query.get("start", ["0"])[0])
    if "-harvest" not in query.get("fq", [""])[0] and "+harvest" in query.get("fq", [""])[0]:
        return json.dumps({"success": True, "result": {"count": 0, "results": []}}).encode()
    page = packages[start : start + rows]
    if "fl" in query and state["mode"] == "ckan":
        page = [{"id": each["id"], "metadata_modified": each["metadata_modified"]} for each in page]
    elif state["mode"] == "packages":
        page = [dict(sorted(each.items(), key=lambda item: hash((item[0], state["turn"])))) for each in page]
    return json.dumps({"success": True, "result": {"count": len(packages), "results": page}}).encode().replace(town_mark, town)

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    def do_GET(self):
        parts = urlsplit(self.path)
        _, town, name = parts.path.split("/", 2)
        if town == "mode":
            state["mode"], state["turn"] = name, state["turn"] + 1
            body, kind = b"", "text/plain"
        elif name.endswith(".rdf"):
            body, kind = dcat(town.encode(), name[:-4]), "application/rdf+xml"
        else:
            body, kind = search(town.encode(), parse_qs(parts.query)), "application/json"
        etag = '"' + hashlib.sha256(body).hexdigest()[:20] + '"' if state["mode"] == "304" else ""
        same = etag and self.headers.get("If-None-Match") == etag
        self.send_response(304 if same else 200)
        self.send_header("Content-Type", kind)
        if etag:
            self.send_header("ETag", etag)
        if not same:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not same:
            self.wfile.write(body)
        self.wfile.flush()
    def log_message(self, *args): pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
base = f"http://127.0.0.1:{server.server_address[1]}".encode()
print(base.decode(), flush=True)
server.serve_forever()
"""


def material(folder: Path, shared: Path, count: int) -> None:
    """Two variants of the pages of one source, `0-1.rdf` ... and `1-1.rdf` ..., and its packages."""
    base = datasets(shared)
    items = []
    while len(items) < count:
        number = f"{len(items) // len(base)}t{TOWN}"
        items += [(term, clone(lines, number)) for term, lines in base[: count - len(items)]]  # type: ignore[arg-type]
    folder.mkdir()
    for variant in range(2):
        write_pages(folder / "made", items, 100, shuffle=variant)
        for page in (folder / "made").iterdir():
            page.rename(folder / f"{variant}-{page.name}")
    (folder / "made").rmdir()
    (folder / "packages.json").write_text(json.dumps([_package(number) for number in range(count)]))


def _package(number: int) -> dict[str, object]:
    """A package of a town, about as large as real ones."""
    made = package(number)
    made["id"] = f"{number:08d}-0000-4000-8000-{TOWN}"
    made["notes"] = "Die Daten werden halbjährlich fortgeschrieben. " * 8
    made["extras"] = [{"key": f"feld_{n}", "value": f"Wert {number} {n}"} for n in range(8)]
    file = made["resources"][0]
    made["resources"] = [{**file, "id": f"{n}-{number}-{TOWN}", "url": f"https://daten.example/{number}/{n}.csv"} for n in range(4)]
    return made


def workspace(folder: Path, base: str, connector: str, sources: int) -> Path:
    """A workspace with one member for each source."""
    (folder / "members").mkdir(parents=True)
    (folder / "federation.toml").write_text(FEDERATION)
    for number in range(sources):
        url = f"{base}/{number}" + ("/1.rdf" if connector == "dcat" else "")
        (folder / "members" / f"town{number}.toml").write_text(MEMBER.format(number=number, connector=connector, url=url))
    return folder


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The server in a process of its own; gives its address."""
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(folder), TOWN], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


class Bench:
    """Nights of one workspace."""

    def __init__(self, base: str, folder: Path, total: int, repeat: int) -> None:
        self.base, self.folder, self.total, self.repeat = base, folder, total, repeat
        self.ok = True
        self.last: dict[str, float] = {}

    def night(self, mode: str) -> float:
        """One run in a mode; its CPU seconds."""
        with urlopen(f"{self.base}/mode/{mode}"):
            pass
        result = run(NIGHT, str(self.folder))
        self.ok &= result["outcomes"] == ["done"] and result["listed"] == self.total
        self.last = result
        return float(result["cpu"])

    def measure(self, mode: str, *, pages: bool) -> None:
        """Measures quiet nights after one that settles (the mode may differ from the last one's); prints a line."""
        self.night(mode)
        tables = [*TABLES, *(["response"] if pages else [])]
        before = run(ROWS, str(self.folder), *tables)
        seconds = [self.night(mode) for _ in range(self.repeat)]
        same = run(ROWS, str(self.folder), *tables) == before
        limit = LIMITS[mode] * self.total / 50_000
        median = statistics.median(seconds)
        self.ok &= same
        told = " ".join(f"{each:.2f}" for each in seconds)
        parts = f"imports {self.last['imports']:.2f}, reading {self.last['sync']:.2f}"
        print(f"{mode:9} {median:7.2f} CPU-s (of {told}; {parts}; limit {limit:.2f}; yardstick {_yardstick():.2f})  "
              f"{'nothing written' if same else 'WRITTEN'}", flush=True)  # fmt: skip
        if median > limit and self.total >= 50_000:
            self.ok = False


def _yardstick() -> float:
    start, number = time.process_time(), 0
    for each in range(10_000_000):
        number += each
    return time.process_time() - start


def main() -> None:
    """Prints a line for each kind of night; exits 1 where a check fails (limits count from 50,000 datasets on)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", type=int, default=50)
    parser.add_argument("--datasets", type=int, default=1000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--shared", type=Path, default=Path(__file__).resolve().parents[3] / "shared")
    options = parser.parse_args()
    total = options.sources * options.datasets
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        material(root / "pages", options.shared, options.datasets)
        with served(root / "pages") as base:
            dcat = Bench(base, workspace(root / "dcat", base, "dcat", options.sources), total, options.repeat)
            print(f"{options.sources} sources, {total} datasets; first run {dcat.night('304'):.1f} CPU-s", flush=True)
            dcat.measure("304", pages=True)
            dcat.measure("bytes", pages=True)
            dcat.measure("order", pages=False)
            ckan = Bench(base, workspace(root / "ckan", base, "ckan", options.sources), total, options.repeat)
            print(f"CKAN: first run {ckan.night('ckan'):.1f} CPU-s", flush=True)
            ckan.measure("ckan", pages=True)
            ckan.measure("packages", pages=False)
    print("checks:", "ok" if dcat.ok and ckan.ok else "FAILED")
    sys.exit(0 if dcat.ok and ckan.ok else 1)


if __name__ == "__main__":
    main()
