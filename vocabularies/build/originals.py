"""Reading the original publications: SKOS in RDF/XML or Turtle, JSON and text, gzipped or not."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyoxigraph as ox

SKOS = "http://www.w3.org/2004/02/skos/core#"
VERSION = "http://www.w3.org/2002/07/owl#versionInfo"


@dataclass(frozen=True, slots=True)
class Concept:
    """One subject of an original. `labels` maps a language tag to the preferred label, `values` a property IRI to its values."""

    iri: str
    labels: dict[str, str] = field(default_factory=dict)
    values: dict[str, list[str]] = field(default_factory=dict)
    languages: dict[str, dict[str, str]] = field(default_factory=dict)

    def one(self, property_iri: str) -> str:
        """The first value of a property in alphabetical order, else an empty text."""
        return min(self.values.get(property_iri, [""]))


def original(folder: Path, name: str) -> Path:
    """The one file below `folder` of that name; `*` stands for the date in it. FileNotFoundError where none or several fit."""
    found = sorted(folder.glob(name))
    if len(found) != 1:
        raise FileNotFoundError(f"{name} in {folder}: there must be exactly one such file, and there are {len(found)}")
    return found[0]


def content(path: Path) -> bytes:
    """The bytes of an original, unpacked where its name ends in .gz."""
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def document(path: Path) -> Any:
    """A JSON original."""
    return json.loads(content(path))


def subjects(path: Path) -> dict[str, Concept]:
    """Every subject of an RDF original by its IRI (or blank node label), with all its values."""
    turtle = ".ttl" in path.suffixes
    found: dict[str, Concept] = {}
    for quad in ox.parse(content(path), ox.RdfFormat.TURTLE if turtle else ox.RdfFormat.RDF_XML, base_iri="http://original.invalid/"):
        subject, value = quad.subject, quad.object
        if isinstance(subject, ox.Triple) or isinstance(value, ox.Triple):
            continue
        concept = found.setdefault(subject.value, Concept(subject.value))
        name = quad.predicate.value
        concept.values.setdefault(name, []).append(value.value)
        if isinstance(value, ox.Literal) and value.language:
            text = " ".join(value.value.split())
            concept.languages.setdefault(name, {})[value.language] = text
            if name == SKOS + "prefLabel":
                concept.labels[value.language] = text
    return found


def concepts(path: Path, base: str) -> Iterator[tuple[str, Concept]]:
    """(code, concept) of every subject whose IRI is `base` and a code, in the order of codes."""
    for iri, concept in sorted(subjects(path).items()):
        if iri.startswith(base) and len(iri) > len(base):
            yield iri[len(base) :], concept


def version(path: Path) -> str:
    """What the original states as owl:versionInfo of its scheme ("20241211" of "20241211-0"); empty where it says nothing."""
    stated = {text.split("-")[0] for concept in subjects(path).values() for text in concept.values.get(VERSION, [])}
    return max(stated, default="")
