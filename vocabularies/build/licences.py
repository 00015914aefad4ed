"""Rows of the licence tables: the dcat-ap.de list, the EU licence table, the list that the MQA of data.europa.eu knows."""

from collections.abc import Iterable
from pathlib import Path

from vocabularies.build.authority import EU, labelled
from vocabularies.build.originals import concepts, document, original, subjects
from vocabularies.build.tables import Row

LICENCES = "http://dcat-ap.de/def/licenses/"
OPEN = "http://govdata.de/mqa/#isOpenLicense"
HOMEPAGE = "http://xmlns.com/foaf/0.1/homepage"
SAME_AS = "http://www.w3.org/2002/07/owl#sameAs"
LIST = "dcat-ap-de/licenses-*-with-open-flag.rdf"
KNOWN = "mqa/edp-licences-skos.rdf"


def licences(originals: Path) -> Iterable[Row]:
    """The list of dcat-ap.de: open flag and text of GovData, identifier of the old OGD schema, IRIs of list 1.0.

    Which of them ask for attribution, their EU counterparts and English labels are kept by hand.
    """
    listed = document(original(originals, "dcat-ap-de/dcat_license_mapping.json"))["list"]
    ogd: dict[str, str] = {entry["URI"].removeprefix(LICENCES): entry["OGDLizenzcode"] for entry in listed}
    for code, concept in concepts(original(originals, LIST), LICENCES):
        if concept.labels:
            yield {
                "code": code, "label_de": concept.labels["de"], "open": "yes" if concept.one(OPEN) == "true" else "",
                "text": concept.one(HOMEPAGE), "ogd": ogd.get(code, ""), "former": " ".join(_former(originals, code)),
            }  # fmt: skip


def _former(originals: Path, code: str) -> list[str]:
    upgrades: dict[str, str] = document(original(originals, "dcat-ap-de/dcat_licenses_upgrade.json"))
    return sorted(old for old, new in upgrades.items() if new == LICENCES + code and old != new)


def eu_licences(originals: Path) -> Iterable[Row]:
    """The EU licence table; German labels stand in an older edition for some, the others keep the name of the licence."""
    deprecated = {
        code: "yes" if concept.one("http://publications.europa.eu/ontology/authority/deprecated") == "true" else ""
        for code, concept in concepts(original(originals, "eu/licences.extract.ttl"), f"{EU}licence/")
    }
    for row in labelled(originals, f"{EU}licence/", "eu/licences.extract.ttl", "eu/licence-2019.rdf").values():
        yield row | {"label_de": row["label_de"] or row["label_en"], "deprecated": deprecated.get(row["code"], "")}


def known_licences(originals: Path) -> Iterable[Row]:
    """Every licence IRI that the MQA counts as known: its concepts and what they are the same as."""
    known: dict[str, str] = {}
    for iri, concept in subjects(original(originals, KNOWN)).items():
        label = concept.labels.get("de") or concept.labels.get("en") or next(iter(concept.labels.values()), "")
        for same in (iri, *concept.values.get(SAME_AS, [])):
            known[same] = known.get(same) or label or same
    return [{"code": iri, "label_de": label} for iri, label in known.items()]
