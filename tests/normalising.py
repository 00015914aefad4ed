"""What the tests of normalising share: descriptions from Turtle or from real feeds, and a normaliser of a made-up city."""

import gzip
from typing import Any

from federation.config import CatalogSettings, Defaults, FederationConfig, Member, Source
from federation.dcat.description import Description
from federation.dcat.fragments import describe, split
from federation.dcat.parse import parse
from federation.finding import Finding
from federation.normalise.normaliser import Normaliser
from federation.terms import Term, expanded, iri
from tests.shared import shared

FEED = "https://daten.musterstadt.example/katalog/feed.rdf"
DATASET = iri("https://daten.musterstadt.example/dataset/baeume")
FILE = iri("https://daten.musterstadt.example/dataset/baeume/csv")
CITY = iri("https://daten.musterstadt.example/dataset/stadt")
PREFIXES = """
@prefix adms: <http://www.w3.org/ns/adms#> . @prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dcatap: <http://data.europa.eu/r5r/> .
@prefix dcatde: <http://dcat-ap.de/def/dcatde/> . @prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix locn: <http://www.w3.org/ns/locn#> . @prefix schema: <http://schema.org/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix spdx: <http://spdx.org/rdf/terms#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
EU = "http://publications.europa.eu/resource/authority/"


def described(turtle: str, kind: str = "dataset") -> Description:
    """The one entity of this kind in a Turtle text; `<baeume>` is the dataset and `<baeume/csv>` its file."""
    base = f"@base <{DATASET[1:-7]}> .\n" + PREFIXES
    fragments = split(parse((base + turtle).encode(), "turtle", FEED).lines, iri(FEED))
    return next(describe(each.raw) for each in fragments if each.kind == kind)


def dataset(statements: str = "", file: str = "", more: str = "") -> Description:
    """A dataset with further statements about it and about its one distribution (none where `file` is empty)."""
    turtle = f"<baeume> a dcat:Dataset ; dcterms:title 'Bäume' {'; ' + statements if statements else ''} .\n{more}\n"
    if file:
        turtle += f"<baeume> dcat:distribution <baeume/csv> . <baeume/csv> a dcat:Distribution ; {file} .\n"
    return described(turtle)


def normaliser(
    defaults: dict[str, Any] | None = None, lookups: dict[str, dict[str, str]] | None = None,
    regional: dict[str, dict[str, str]] | None = None, member: Member | None = None, **catalog: Any,
) -> Normaliser:  # fmt: skip
    """A normaliser of a source with these settings."""
    settings = CatalogSettings(title="Region", base_url="https://daten.region.example", **catalog)
    source = Source(connector="dcat", url=FEED, defaults=Defaults(**(defaults or {})), lookups=lookups or {})
    city = Member(title="Hansestadt Musterstadt", key="130030000000")
    return Normaliser(FederationConfig(catalog=settings, lookups=regional or {}), member or city, source)


def values(description: Description, prop: str, node: Term = DATASET) -> list[str]:
    """The terms of a property in prefix form, sorted."""
    return sorted(description.values(node, expanded(prop)))


def codes(findings: list[Finding]) -> list[str]:
    """The codes of findings, sorted."""
    return sorted(finding.code for finding in findings)


def rules(description: Description) -> set[str]:
    """The rules that changed something."""
    return {change.rule for change in description.changes}


def feed(name: str) -> list[Description]:
    """Every entity of a real RDF/XML feed."""
    path = shared(f"corpus/dcat-rdf/{name}")
    body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    base = FEED
    return [describe(fragment.raw) for fragment in split(parse(body, "rdf-xml", base).lines, iri(base))]
