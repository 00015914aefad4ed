"""Material for the benchmarks: two real feeds cloned with fresh IRIs and blank-node labels, cut into hydra pages, served on loopback."""

import gzip
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox

FEEDS = ("corpus/dcat-rdf/rostock_catalog.rdf.gz", "corpus/dcat-rdf/bremen_catalog.rdf.gz")
DATASET = "<http://www.w3.org/ns/dcat#Dataset>"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
HYDRA = "http://www.w3.org/ns/hydra/core#"
PREFIXES = {
    "dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/", "foaf": "http://xmlns.com/foaf/0.1/", "hydra": HYDRA,
    "vcard": "http://www.w3.org/2006/vcard/ns#", "adms": "http://www.w3.org/ns/adms#", "spdx": "http://spdx.org/rdf/terms#",
}  # fmt: skip

Lines = list[tuple[str, str, str]]


def datasets(shared: Path) -> list[tuple[str, Lines]]:
    """(root term, triples) of every dataset of the two feeds: all that is reachable from it, other datasets excepted."""
    found = []
    for name in FEEDS:
        body = gzip.decompress((shared / name).read_bytes())
        quads = ox.parse(body, ox.RdfFormat.RDF_XML, base_iri="http://feed.invalid/", rename_blank_nodes=True)
        text = ox.serialize(quads, format=ox.RdfFormat.N_QUADS).decode()
        nodes: dict[str, list[tuple[str, str]]] = {}
        for line in text.splitlines():
            subject, prop, term = line[:-2].split(" ", 2)
            nodes.setdefault(subject, []).append((prop, term))
        roots = [node for node, pairs in nodes.items() if (TYPE, DATASET) in pairs]
        others = set(roots)
        for root in roots:
            triples: Lines = []
            waiting, met = [root], {root}
            while waiting:
                node = waiting.pop()
                for prop, term in nodes[node]:
                    triples.append((node, prop, term))
                    if term in nodes and term not in met and term not in others:
                        met.add(term)
                        waiting.append(term)
            found.append((root, triples))
    return found


def clone(triples: Lines, number: int) -> Lines:
    """The same with another IRI for dataset and distributions, and other blank-node labels."""

    def renamed(term: str) -> str:
        if term.startswith("_:"):
            return f"{term}x{number}"
        if "/dataset/" in term or "/datensatz/" in term:
            return f"{term[:-1].replace('/dataset/', f'/dataset/c{number}-').replace('/datensatz/', f'/datensatz/c{number}-')}>"
        return term

    return [(renamed(s), p, renamed(o) if o[0] in "<_" else o) for s, p, o in triples]


def write_pages(folder: Path, items: list[tuple[str, Lines]], per_page: int, *, shuffle: int | None = None) -> int:
    """Writes RDF/XML pages 1.rdf ... n.rdf with hydra controls of both forms; `@BASE@` stands for the server's address. Tells how many
    triples there are. `shuffle` seeds another order of the nodes, of the triples of each, and other labels.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pages = -(-len(items) // per_page)
    count = 0
    for number in range(1, pages + 1):
        triples = [triple for _, lines in items[(number - 1) * per_page : number * per_page] for triple in lines]
        triples = list(dict.fromkeys(triples))
        count += len(triples)
        view = f"<http://base.invalid/{number}.rdf>"
        triples += [(view, TYPE, f"<{HYDRA}PagedCollection>"),
                    (view, f"<{HYDRA}totalItems>", f'"{len(items)}"^^<http://www.w3.org/2001/XMLSchema#integer>')]  # fmt: skip
        if number < pages:
            triples.append((view, f"<{HYDRA}nextPage>", f"<http://base.invalid/{number + 1}.rdf>"))
        if shuffle is not None:
            chance = random.Random(shuffle + number)
            chance.shuffle(triples)
            places = {node: chance.random() for node, _, _ in triples}
            triples.sort(key=lambda triple: places[triple[0]])  # as serialisers do: node by node, in no order
            triples = [tuple(f"{t}s{shuffle}" if t.startswith("_:") else t for t in triple) for triple in triples]  # type: ignore[misc]
        text = "\n".join(" ".join(triple) + " ." for triple in triples)
        body = ox.serialize(ox.parse(text, ox.RdfFormat.N_TRIPLES), format=ox.RdfFormat.RDF_XML, prefixes=PREFIXES)
        (folder / f"{number}.rdf").write_bytes(body)
    return count


SERVER = """
import http.server, os, sys
folder = sys.argv[1]
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        path = os.path.join(folder, os.path.basename(self.path))
        if not os.path.isfile(path):
            self.send_error(404); return
        base = f"http://127.0.0.1:{self.server.server_address[1]}".encode()
        body = open(path, "rb").read().replace(b"http://base.invalid", base)
        self.send_response(200)
        self.send_header("Content-Type", "application/rdf+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
"""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serves a folder from a process of its own (its CPU is not ours); gives the base address."""
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(folder)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.terminate()
        process.wait()
