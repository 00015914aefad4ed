"""The straight line, measured: `python -m tests.benchmarks.straight_line [--clones 40] [--peer-clones 2]`.

Two real feeds (Rostock, Bremen) cloned with fresh IRIs and labels, RDF/XML, hydra pages of 100 over loopback; fetch, map, normalise,
check, store, publish RDF/XML and Turtle. CPU seconds (user + system) of a process of its own; the server's are not counted. Beside
it, in the same run, the rdflib way on the same material: parse, one graph a dataset, both outputs. Each figure stands beside the
check that the result is right.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.material import clone, datasets, served, write_pages

FEDERATION = """
[catalog]
title = "Benchmark"
base_url = "http://bench.example"
publisher = "Region"
license = "http://dcat-ap.de/def/licenses/dl-zero-de/2.0"
formats = ["rdf", "ttl"]
[network]
allow = ["127.0.0.0/8"]
"""
MEMBER = """
title = "Bench"
stage = "region"
[[source]]
connector = "dcat"
url = "{url}"
"""
OURS = """
import json, sys, time
from pathlib import Path
from federation import config
from federation.harvest.http import Http
from federation.publish.feeds import write_feeds
from federation.publish.generation import generation
from federation.store.store import Store
from federation.sync.run import Round

folder = Path(sys.argv[1])
start = time.process_time()
settings = config.load(folder)
with Store.open(f"sqlite:///{folder}/federation.db") as store:
    http = Http(settings.network)
    results = Round(settings, store, http).run(settings.sources())
    synced = time.process_time()
    made = generation(settings, store)
    write_feeds(settings, store, folder / "public")
end = time.process_time()
print(json.dumps({
    "cpu": end - start, "sync": synced - start, "publish": end - synced,
    # not ru_maxrss, which a process inherits from the one that started it
    "peak_mb": int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024,
    "results": [r.as_dict() for r in results], "generation": made.as_dict(),
}))
"""
PEER = """
import json, resource, sys, time, urllib.request
import rdflib
from rdflib.namespace import DCAT, RDF
rdflib.NORMALIZE_LITERALS = False
HYDRA = rdflib.Namespace("http://www.w3.org/ns/hydra/core#")
start = time.process_time()
url, datasets, out = sys.argv[1], 0, 0
while url:
    page = rdflib.Graph()
    page.parse(data=urllib.request.urlopen(url).read(), format="xml")
    result = rdflib.Graph()
    roots = set(page.subjects(RDF.type, DCAT.Dataset))
    for root in sorted(roots):
        graph = rdflib.Graph()
        waiting, met = [root], {root}
        while waiting:
            node = waiting.pop()
            for triple in page.triples((node, None, None)):
                graph.add(triple)
                if triple[2] not in met and triple[2] not in roots and (triple[2], None, None) in page:
                    met.add(triple[2])
                    waiting.append(triple[2])
        datasets += 1
        result += graph
    out += len(result.serialize(format="xml")) + len(result.serialize(format="turtle"))
    following = page.value(None, HYDRA.nextPage)
    view = next(page.subject_objects(HYDRA.nextPage), None)
    url = str(view[1]) if view else None
print(json.dumps({"cpu": time.process_time() - start, "datasets": datasets, "bytes": out,
                  "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def run(code: str, *args: str) -> dict:  # type: ignore[type-arg]
    """Runs code in a process of its own and reads the JSON line that it prints."""
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    result: dict = json.loads(done.stdout.splitlines()[-1])  # type: ignore[type-arg]
    return result


def workspace(folder: Path, url: str) -> Path:
    """A workspace with one source."""
    (folder / "members").mkdir(parents=True)
    (folder / "federation.toml").write_text(FEDERATION)
    (folder / "members" / "bench.toml").write_text(MEMBER.format(url=url))
    return folder


def export_digest(folder: Path) -> str:
    """The whole public catalog of a workspace as one digest, to prove that nothing changed."""
    code = """
import hashlib, json, sys
from pathlib import Path
from federation import config
from federation.publish.feeds import whole
from federation.store.store import Store
folder = Path(sys.argv[1]); settings = config.load(folder); state = hashlib.sha256()
with Store.open(f"sqlite:///{folder}/federation.db") as store:
    for chunk, _ in whole(settings, store, "ttl"): state.update(chunk)
print(json.dumps({"digest": state.hexdigest()}))
"""
    return str(run(code, str(folder))["digest"])


def main() -> None:
    """Prints a table; exits 1 where an equality check fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clones", type=int, default=40)
    parser.add_argument("--peer-clones", type=int, default=2)
    parser.add_argument("--shared", type=Path, default=Path(__file__).resolve().parents[3] / "shared")
    options = parser.parse_args()
    base = datasets(options.shared)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        items = [(term, clone(lines, n)) for n in range(options.clones) for term, lines in base]
        triples = write_pages(root / "pages", items, 100)
        write_pages(root / "shuffled", items, 100, shuffle=7)
        peer_items = items[: len(base) * options.peer_clones]
        peer_triples = write_pages(root / "peer", peer_items, 100)
        total = len(items)
        print(f"{total} datasets, {triples} triples on {-(-total // 100)} pages")
        ok = True
        with served(root / "pages") as address:
            folder = workspace(root / "w", f"{address}/1.rdf")
            first = run(OURS, str(folder))
            ok &= first["results"][0]["new"] == total == first["generation"]["items"]
            print(f"first run        {first['cpu']:7.2f} CPU-s  {triples / first['cpu']:9.0f} triples/CPU-s  "
                  f"{total / first['cpu']:7.0f} datasets/CPU-s  peak {first['peak_mb']:.0f} MB  "
                  f"(sync {first['sync']:.2f}, publish {first['publish']:.2f})")  # fmt: skip
            digest = export_digest(folder)
            again = run(OURS, str(folder))
            ok &= again["results"][0]["unchanged"] == total and not again["generation"]["made"] and export_digest(folder) == digest
            print(f"equal bytes      {again['cpu']:7.2f} CPU-s  {total / again['cpu']:9.0f} datasets/CPU-s")
        with served(root / "shuffled") as address:
            settings = folder / "members" / "bench.toml"
            settings.write_text(MEMBER.format(url=f"{address}/1.rdf"))
            third = run(OURS, str(folder))
            ok &= third["results"][0]["unchanged"] + third["results"][0]["changed"] == total
            fourth_folder = root / "shuffled2"
            write_pages(fourth_folder, items, 100, shuffle=8)
        with served(fourth_folder) as address:
            settings.write_text(MEMBER.format(url=f"{address}/1.rdf"))
            fourth = run(OURS, str(folder))
            ok &= fourth["results"][0]["unchanged"] == total and not fourth["generation"]["made"] and export_digest(folder) == digest
            print(f"reordered        {fourth['cpu']:7.2f} CPU-s  {total / fourth['cpu']:9.0f} datasets/CPU-s")
        with served(root / "peer") as address:
            peer = run(PEER, f"{address}/1.rdf")
            ok &= peer["datasets"] == len(peer_items)
            ours = triples / first["cpu"]
            theirs = peer_triples / peer["cpu"]
            print(f"rdflib way       {peer['cpu']:7.2f} CPU-s  {theirs:9.0f} triples/CPU-s  ({len(peer_items)} datasets)  "
                  f"ours is {ours / theirs:.1f} times as fast")  # fmt: skip
        print("equality checks:", "ok" if ok else "FAILED")
        sys.exit(0 if ok else 1)


if __name__ == "__main__":
    main()
