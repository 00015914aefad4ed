"""Rows of the file types (EU) and the media types (IANA)."""

from collections.abc import Iterable
from pathlib import Path

from vocabularies.build.authority import EU, labelled
from vocabularies.build.originals import concepts, document, original, subjects
from vocabularies.build.tables import Row

FILE_TYPES = f"{EU}file-type/"
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
FILES = ("eu/file-type.rdf", "eu/filetypes-gap.ttl", "eu/filetypes.extract.ttl")
NOTATION = "http://publications.europa.eu/ontology/euvoc#xlNotation"
VAGUE = ("application/octet-stream", "multipart/")
CODIFICATION = "http://publications.europa.eu/ontology/euvoc#xlCodification"


def file_types(originals: Path) -> Iterable[Row]:
    """All editions of the EU table together, with the media types it names and the two lists of the MQA.

    `media_type` is the usual one where it is registered with IANA and says more than that there are bytes, `named` are all that
    the table names, `suffixes` the usual endings of file names. The suffixes are kept by hand, and so is `media_type` where the
    table names several or none that is registered.
    """
    machine_readable = set(subjects(original(originals, "mqa/edp-machine-readable-format.rdf")))
    non_proprietary = set(subjects(original(originals, "mqa/edp-non-proprietary-format.rdf")))
    notations = _notations(originals)
    registered = set(document(original(originals, "iana/iana-media-types.json")))
    for code, row in labelled(originals, FILE_TYPES, *FILES).items():
        named = notations.get(code, [])
        yield row | {
            "label_de": row["label_de"] or row["label_en"],
            "media_type": named[0] if len(named) == 1 and named[0] in registered and not named[0].startswith(VAGUE) else "",
            "machine_readable": "yes" if FILE_TYPES + code in machine_readable else "",
            "non_proprietary": "yes" if FILE_TYPES + code in non_proprietary else "",
            "named": " ".join(named),
        }


def _notations(originals: Path) -> dict[str, list[str]]:
    nodes = subjects(original(originals, "eu/filetypes.extract.ttl"))
    named: dict[str, list[str]] = {}
    for code, concept in concepts(original(originals, "eu/filetypes.extract.ttl"), FILE_TYPES):
        found = {nodes[node].one(CODIFICATION).lower() for node in concept.values.get(NOTATION, [])}
        named[code] = sorted(name for name in found if "/" in name)
    return named


def media_types(originals: Path) -> Iterable[Row]:
    """The media types registered with IANA and the endings of file names in use for them; their label is their name."""
    for name, suffixes in document(original(originals, "iana/iana-media-types.json")).items():
        yield {"code": name, "label_de": name, "suffixes": " ".join(suffixes)}
