"""The regional catalog itself: its metadata, the membership and CatalogRecord of each item, and the hydra controls of a page.

Everything is written as fragments (federation.dcat.write), so that pages and exports are concatenations.
"""

from collections.abc import Mapping
from functools import cached_property

from federation import vocabulary
from federation.config import CatalogSettings
from federation.dcat.description import Nodes
from federation.dcat.names import digest
from federation.dcat.write import FORMATS, Written, write_nodes
from federation.errors import ConfigError
from federation.terms import DCAT, DCTERMS, FOAF, HYDRA, RDF, SKOS, XSD, Term, iri, literal

THEMES = iri("http://publications.europa.eu/resource/authority/data-theme")
_MEMBERSHIP = {"dataset": DCAT.dataset, "series": DCAT.resource, "service": DCAT.service}
_ITEM, _RECORD, _SINCE = "urn:x-federation:item", "urn:x-federation:record", "0000-00-00T00:00:00Z"


def written(root: Term, nodes: Nodes) -> Written:
    """Nodes of our own making in every format. ConfigError where `[catalog]` holds control characters."""
    done = write_nodes(root, nodes, FORMATS)
    if done is None:
        raise ConfigError("catalog-characters", field="[catalog]")
    return done


class Catalog:
    """Writes what stands around the items. `modified` is the time of the generation that is public (ISO 8601, UTC)."""

    def __init__(self, settings: CatalogSettings, modified: str) -> None:
        self.settings = settings
        self.base = settings.base_url.rstrip("/")
        self.root: Term = iri(f"{self.base}/catalog")
        self.modified = modified

    def require_license(self) -> None:
        """ConfigError where `[catalog] license` is not set: without it nobody may reuse the metadata."""
        if not self.settings.license:
            raise ConfigError("catalog-license-missing", field="[catalog] license")

    @cached_property
    def nodes(self) -> Nodes:
        """The catalog's own metadata as nodes (DCAT-AP.de 3.0, class dcat:Catalog)."""
        settings = self.settings
        publisher = iri(settings.publisher_url or f"{self.base}/publisher")
        catalog: dict[Term, list[Term]] = {
            RDF.type: [DCAT.Catalog],
            DCTERMS.title: [literal(settings.title, "de")],
            DCTERMS.description: [literal(settings.description or settings.title, "de")],
            DCTERMS.publisher: [publisher],
            DCTERMS.modified: [literal(self.modified, datatype=XSD.dateTime)],
            DCTERMS.language: [iri(settings.language)],
            DCAT.themeTaxonomy: [THEMES],
        }
        if settings.license:
            catalog[DCTERMS.license] = [iri(settings.license)]
        if settings.homepage:
            catalog[FOAF.homepage] = [iri(settings.homepage)]
        if settings.spatial:
            catalog[DCTERMS.spatial] = [iri(place) for place in settings.spatial]
        agent: dict[Term, list[Term]] = {
            RDF.type: [FOAF.Agent, FOAF.Organization],
            FOAF.name: [literal(settings.publisher or settings.title, "de")],
        }
        if settings.publisher_type:
            known = vocabulary.vocabulary("publisher-type").resolve(settings.publisher_type)
            agent[DCTERMS.type] = [iri(known or settings.publisher_type)]
        return {self.root: catalog, publisher: agent, THEMES: {RDF.type: [SKOS.ConceptScheme]}}

    def head(self, extra: Nodes | None = None) -> Mapping[str, str]:
        """The catalog's metadata in every format, with other nodes (hydra controls) beside it."""
        return written(self.root, {**self.nodes, **(extra or {})}).fragments

    def around(self, item: str, kind: str, since: str, format_name: str) -> str:
        """Membership of one item in the catalog, and its CatalogRecord (modified = when this body became public)."""
        return _filled(self._templates[kind][format_name], format_name, item, self.record(item), since)

    def record(self, item: str) -> str:
        """The IRI of our CatalogRecord about an item."""
        return f"{self.base}/record/{digest(item)}"

    @cached_property
    def _templates(self) -> dict[str, Mapping[str, str]]:
        kinds = (*_MEMBERSHIP, "record")
        return {kind: written(self.root, self.around_nodes(_ITEM, kind, _SINCE, _RECORD)).fragments for kind in kinds}

    def around_nodes(self, item: str, kind: str, since: str, record: str = "") -> Nodes:
        """The nodes that `around` writes. A source's own CatalogRecord gets no record of ours."""
        topic = iri(item)
        if kind == "record":
            return {self.root: {DCAT.record: [topic]}}
        ours = iri(record or self.record(item))
        return {
            self.root: {_MEMBERSHIP[kind]: [topic], DCAT.record: [ours]},
            topic: {RDF.type: [DCAT.Resource]},  # the official shapes know no subclasses of dcat:Resource, and ask for it
            ours: {
                RDF.type: [DCAT.CatalogRecord],
                FOAF.primaryTopic: [topic],
                DCTERMS.modified: [literal(since, datatype=XSD.dateTime)],
            },
        }

    def controls(self, view: str, links: Mapping[str, str], total: int, per_page: int) -> Nodes:
        """Hydra controls of one page in both forms: PartialCollectionView (first, next, previous, last) and the older PagedCollection
        (firstPage, nextPage, previousPage, lastPage, itemsPerPage). `links` maps first/next/previous/last to addresses.
        """
        number = XSD.integer
        page: dict[Term, list[Term]] = {
            RDF.type: [HYDRA.PagedCollection, HYDRA.PartialCollectionView],
            HYDRA.totalItems: [literal(str(total), datatype=number)],
            HYDRA.itemsPerPage: [literal(str(per_page), datatype=number)],
        }
        for name, address in links.items():
            page[HYDRA[name]] = [iri(address)]
            page[HYDRA[f"{name}Page"]] = [iri(address)]
        return {iri(view): page}


def _filled(template: str, format_name: str, item: str, record: str, since: str) -> str:
    if format_name == "rdf" and "&" in item:
        item = item.replace("&", "&amp;")
    return template.replace(_ITEM, item).replace(_RECORD, record).replace(_SINCE, since)


