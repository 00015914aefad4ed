"""What a source has: datasets, generated, edited, or read from a recorded catalog."""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from zlib import crc32

import pyoxigraph as ox

DCAT = "http://www.w3.org/ns/dcat#"
DCT = "http://purl.org/dc/terms/"
_DATASET = ox.NamedNode(f"{DCAT}Dataset")
_A = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_TITLE, _IDENTIFIER = ox.NamedNode(f"{DCT}title"), ox.NamedNode(f"{DCT}identifier")
_BELONGS = {ox.NamedNode(f"{DCAT}{name}") for name in ("distribution", "contactPoint", "accessService")} | {
    ox.NamedNode(f"{DCT}{name}") for name in ("publisher", "creator", "temporal", "spatial")
}


@dataclass(frozen=True)
class Dataset:
    """One dataset of the truth. `key` is the source's identifier, `token` stays when the identifier changes, `version` grows with each
    edit; `nt` (N-Triples) and `package` (CKAN's JSON) are set where it was read from a recorded catalog of that kind.
    """

    key: str
    token: str
    title: str
    version: int = 1
    text: str = "Beschreibung"
    iri: str = ""
    nt: str = ""
    package: str = ""

    @property
    def name(self) -> str:
        """The title as it stands in the catalog: the version is part of it, so that a reader can tell what it sees."""
        return self.title if self.version == 1 else f"{self.title} (Fassung {self.version})"

    @property
    def address(self) -> str:
        """The address of its only file; it stays when the identifier changes."""
        return f"https://daten.example/{self.token}.csv"

    @property
    def modified(self) -> str:
        """When it was last changed: another moment for each content."""
        seconds = crc32(repr((self.title, self.version, self.text, self.token, self.package)).encode()) % (28 * 86_400)
        return (datetime(2026, 2, 1) + timedelta(seconds=seconds)).isoformat()

    @property
    def uuid(self) -> str:
        """Its id in systems that give each record a UUID."""
        return str(uuid5(NAMESPACE_URL, self.key))


def generated(count: int, name: str = "d", start: int = 1) -> list[Dataset]:
    """`count` datasets, numbered from `start`."""
    return [Dataset(f"{name}-{number:04d}", f"{name}-{number:04d}", f"Datensatz {name} {number}") for number in range(start, start + count)]


def read(file: Path) -> list[Dataset]:
    """The datasets of a recorded catalog: RDF in any syntax, or CKAN's JSON; also packed with gzip."""
    body = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    name = file.name.removesuffix(".gz")
    if name.endswith(".json"):
        return [_of_package(package) for package in _packages(json.loads(body))]
    return list(_of_rdf(body, name))


def _packages(answer: Any) -> list[Any]:
    for key in ("result", "results", "packages"):
        if isinstance(answer, dict) and key in answer:
            return _packages(answer[key])
    return answer if isinstance(answer, list) else [answer]


def _of_package(package: dict[str, Any]) -> Dataset:
    title = package.get("title") or package.get("name") or "?"
    said = title if isinstance(title, str) else next((str(value) for value in title.values() if value), "?")
    key = str(package.get("id") or package.get("name") or said)
    return Dataset(key, key, said, package=json.dumps(package))


def _of_rdf(body: bytes, name: str) -> Iterator[Dataset]:
    form = ox.RdfFormat.from_extension(name.rpartition(".")[2]) or ox.RdfFormat.RDF_XML
    store = ox.Store()
    store.extend(ox.Quad(*quad.triple) for quad in ox.parse(body, form, base_iri="https://portal.example/catalog", lenient=True))
    for quad in sorted(store.quads_for_pattern(None, _A, _DATASET), key=lambda found: str(found.subject)):
        node: Any = quad.subject
        title = next(_values(store, node, _TITLE), "?")
        key = next(_values(store, node, _IDENTIFIER), str(node.value))
        iri = node.value if isinstance(node, ox.NamedNode) else ""
        triples = sorted({f"{found.triple} ." for found in _reached(store, node)})
        yield Dataset(key, key, title, iri=iri, nt="\n".join(triples))


def _values(store: ox.Store, node: Any, prop: ox.NamedNode) -> Iterator[str]:
    for found in store.quads_for_pattern(node, prop, None):
        term: Any = found.object
        yield str(term.value)


def _reached(store: ox.Store, node: Any) -> Iterator[ox.Quad]:
    """The statements about a node, its blank nodes, and what belongs to it."""
    waiting, seen = [node], {node}
    while waiting:
        for quad in store.quads_for_pattern(waiting.pop(), None, None):
            yield quad
            inner = isinstance(quad.object, ox.BlankNode) or quad.predicate in _BELONGS
            if inner and quad.object not in seen and not isinstance(quad.object, ox.Literal):
                seen.add(quad.object)
                waiting.append(quad.object)


def renamed(datasets: Sequence[Dataset], ending: str = "-neu") -> list[Dataset]:
    """The same datasets under other identifiers."""
    return [_copy(dataset, key=f"{dataset.key}{ending}", iri="", nt="") for dataset in datasets]


def edited(dataset: Dataset) -> Dataset:
    """The dataset after an edit."""
    return _copy(dataset, version=dataset.version + 1)


def _copy(dataset: Dataset, **changes: Any) -> Dataset:
    return Dataset(**{**dataset.__dict__, **changes})


@lru_cache(maxsize=4096)
def escaped(text: str) -> str:
    """A text as it stands between the quotes of N-Triples."""
    return str(ox.Literal(text))[1:-1]
