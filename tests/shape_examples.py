"""Datasets in Turtle for the tests of shapes, profiles and points: one that breaks no rule, and what breaks just one."""

from federation.dcat.description import Description
from federation.quality.shapes.graph import read
from federation.terms import DCAT, TYPE

PREFIXES = """@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcatap: <http://data.europa.eu/r5r/> .
@prefix dcatde: <http://dcat-ap.de/def/dcatde/> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix locn: <http://www.w3.org/ns/locn#> .
@prefix spdx: <http://spdx.org/rdf/terms#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@base <http://a.example/> .
"""

# name: the statement about the dataset <d>, its file <f>, its contact <k> and its publisher <p>
GOOD = {
    "type": "<d> a dcat:Dataset .",
    "title": '<d> dct:title "Bäume"@de .',
    "description": '<d> dct:description "Alle Bäume der Stadt."@de .',
    "identifier": '<d> dct:identifier "baeume" .',
    "publisher": '<d> dct:publisher <p> . <p> a foaf:Agent , foaf:Organization .',
    "publisher-name": '<p> foaf:name "Stadt Musterstadt" .',
    "keyword": '<d> dcat:keyword "Baum" .',
    "theme": "<d> dcat:theme <http://publications.europa.eu/resource/authority/data-theme/ENVI> .",
    "contact": "<d> dcat:contactPoint <k> . <k> a vcard:Kind , vcard:Organization ; vcard:hasEmail <mailto:opendata@a.example> .",
    "temporal": '<d> dct:temporal <t> . <t> a dct:PeriodOfTime ; dcat:startDate "2024-01-01"^^xsd:date .',
    "spatial": "<d> dct:spatial <http://dcat-ap.de/def/politicalGeocoding/municipalityKey/13003000> .",
    "level": "<d> dcatde:politicalGeocodingLevelURI <http://dcat-ap.de/def/politicalGeocoding/Level/municipality> .",
    "contributor": "<d> dcatde:contributorID <http://dcat-ap.de/def/contributors/berlinOpenData> .",
    "access-rights": "<d> dct:accessRights <http://publications.europa.eu/resource/authority/access-right/PUBLIC> .",
    "modified": '<d> dct:modified "2024-02-29"^^xsd:date .',
    "distribution": "<d> dcat:distribution <f> . <f> a dcat:Distribution .",
    "access-url": "<f> dcat:accessURL <http://a.example/x.csv> .",
    "download-url": "<f> dcat:downloadURL <http://a.example/x.csv> .",
    "licence": "<f> dct:license <http://dcat-ap.de/def/licenses/dl-zero-de/2.0> .",
    "format": "<f> dct:format <http://publications.europa.eu/resource/authority/file-type/CSV> .",
    "media-type": "<f> dcat:mediaType <https://www.iana.org/assignments/media-types/text/csv> .",
    "rights": "<f> dct:rights <http://a.example/rechte> .",
    "byte-size": '<f> dcat:byteSize "12"^^xsd:nonNegativeInteger .',
    "issued": '<f> dct:issued "2024-01-01"^^xsd:date .',
    "file-modified": '<f> dct:modified "2024-02-29"^^xsd:date .',
}
HVD = {
    "law": "<d> dcatap:applicableLegislation <http://data.europa.eu/eli/reg_impl/2023/138/oj> .",
    "category": "<d> dcatap:hvdCategory <http://data.europa.eu/bna/c_06b1eec4> .",
    "file-law": "<f> dcatap:applicableLegislation <http://data.europa.eu/eli/reg_impl/2023/138/oj> .",
    "api": "<d> dcat:distribution <f2> . <f2> a dcat:Distribution ; dcat:accessURL <http://a.example/wfs> ; "
    "dct:license <http://dcat-ap.de/def/licenses/dl-zero-de/2.0> ; "
    "dct:format <http://publications.europa.eu/resource/authority/file-type/WFS_SRVC> .",
    "documentation": "<d> foaf:page <http://a.example/doku> .",
}


def dataset(*without: str, more: str = "", hvd: bool = False, base: str = "http://a.example/", **instead: str) -> Description:
    """The good dataset without some of its statements, with others instead of them (`licence="<f> dct:license ..."`), and with more."""
    parts = {**GOOD, **(HVD if hvd else {})}
    for name in without:
        del parts[name]
    parts |= {name.replace("_", "-"): text for name, text in instead.items()}
    text = "\n".join([PREFIXES.replace("@base <http://a.example/>", f"@base <{base}>"), *parts.values(), more])
    nodes = read([text.encode()])
    kinds = nodes[f"<{base}d>"][TYPE]
    return Description(f"<{base}d>", "series" if DCAT.DatasetSeries in kinds else "dataset", nodes)
