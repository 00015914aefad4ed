"""The real DCAT feeds beside the project, by file name: bytes unpacked, the syntax they are in, how many datasets they describe."""

import gzip

from tests.shared import shared

DATASETS = {
    "be_best_addresses.rdf": 2, "be_fps_economy.rdf": 2, "bremen_catalog.rdf.gz": 153, "dataeuropa_survey.rdf": 1,
    "es_ua_alicante.rdf.gz": 258, "fr_geonetwork.rdf": 1, "fr_oreme_geonetwork.rdf": 1, "it_alessandria.rdf": 5, "it_asrem.rdf": 3,
    "it_brescia_mobilita.rdf": 3, "it_cardarelli.rdf": 10, "it_civitavecchia.rdf": 10, "it_foggia.rdf": 7, "it_giovinazzo_a.rdf": 4,
    "it_giovinazzo_a_old1.rdf": 2, "it_giovinazzo_a_old2.rdf": 4, "it_giovinazzo_b.rdf": 2, "it_iuss_pavia.rdf": 10, "it_lizzano.rdf": 1,
    "opendataswiss_single_dataset.rdf": 1, "rostock_catalog.rdf.gz": 100, "rostock_single_dataset.rdf": 1,
    "edinburgh_dcat_ap.jsonld": 44, "highland_dcat_ap.jsonld": 22, "north_ayrshire_dcat_ap.jsonld.gz": 126,
}  # fmt: skip
BROKEN = "be_smartflanders_summary.ttl"
FEEDS = tuple(DATASETS)


def path(name: str) -> str:
    """Where a feed lies, under the shared folder."""
    return ("corpus/arcgis-hub/" if "jsonld" in name else "corpus/dcat-rdf/") + name


def feed(name: str) -> tuple[bytes, str]:
    """(bytes, syntax) of a feed; skips the test where the corpus is absent."""
    body = shared(path(name)).read_bytes()
    syntax = "json-ld" if "jsonld" in name else "turtle" if ".ttl" in name else "rdf-xml"
    return gzip.decompress(body) if name.endswith(".gz") else body, syntax
