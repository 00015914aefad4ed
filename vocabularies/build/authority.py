"""Rows of the code lists that the Publications Office of the EU, ADMS, SPDX and dcat-ap.de publish as RDF."""

from collections.abc import Callable, Iterable
from pathlib import Path

from vocabularies.build.originals import SKOS, Concept, concepts, original, version
from vocabularies.build.tables import Row

EU = "http://publications.europa.eu/resource/authority/"
BNA = "http://data.europa.eu/bna/"
ELI = "http://data.europa.eu/eli/"
CONTRIBUTORS = "http://dcat-ap.de/def/contributors/"
LEVELS = "http://dcat-ap.de/def/politicalGeocoding/Level/"
PUBLISHERS = "http://purl.org/adms/publishertype/"
CHECKSUMS = "http://spdx.org/rdf/terms#checksumAlgorithm_"
IDENTIFIER = "http://purl.org/dc/elements/1.1/identifier"
DE_PUBLISHERS = {"LocalAuthority", "RegionalAuthority", "NationalAuthority", "SupraNationalAuthority"}
DE_ACCESS = {"PUBLIC", "RESTRICTED", "NON_PUBLIC"}

Rows = Callable[[Path], Iterable[Row]]
Version = Callable[[Path], str]


def labelled(originals: Path, base: str, *files: str) -> dict[str, Row]:
    """code, label_de, label_en of every code that one of `files` lists under `base`; the first file that has a label wins.

    A later file gives a German label only where it differs from the English one (older lists repeat the English label as a
    stopgap).
    """
    rows: dict[str, Row] = {}
    for place, name in enumerate(files):
        for code, concept in concepts(original(originals, name), base):
            if not (concept.labels or IDENTIFIER in concept.values):
                continue
            row = rows.setdefault(code, {"code": code, "label_de": "", "label_en": ""})
            german, english = concept.labels.get("de", ""), concept.labels.get("en", "")
            if not row["label_de"] and (place == 0 or german != english):
                row["label_de"] = german
            row["label_en"] = row["label_en"] or english
    return rows


def plain(base: str, *files: str) -> Rows:
    """Rows of a table that needs codes and labels only."""
    return lambda originals: labelled(originals, base, *files).values()


def names(base: str, *files: str) -> Rows:
    """Rows of a table of proper names, which stay as they are where nobody has a German form."""

    def rows(originals: Path) -> Iterable[Row]:
        for row in labelled(originals, base, *files).values():
            yield row | {"label_de": row["label_de"] or row["label_en"] or row["code"]}

    return rows


def stated(*files: str) -> Version:
    """The version of a table: the newest that its files state."""
    return lambda originals: max(version(original(originals, name)) for name in files)


def fixed(text: str) -> Version:
    """The version of a table whose original states none inside the file."""
    return lambda originals: text


def with_fact(rows: Rows, column: str, fact: Callable[[str], str]) -> Rows:
    """`rows` with one more column, told from the code."""
    return lambda originals: ({**row, column: fact(row["code"])} for row in rows(originals))


def flag(chosen: set[str]) -> Callable[[str], str]:
    """"yes" for the codes in `chosen`."""
    return lambda code: "yes" if code in chosen else ""


def _broader(concept: Concept) -> str:
    return concept.one(SKOS + "broader").removeprefix(BNA)


def hvd_categories(originals: Path) -> Iterable[Row]:
    """The concepts of the scheme of high-value dataset categories with the code one step up."""
    for code, concept in concepts(original(originals, "eu/high-value-dataset-category.rdf.gz"), BNA):
        if code.startswith("c_") and concept.labels:
            yield {
                "code": code, "label_de": concept.labels.get("de", ""), "label_en": concept.labels.get("en", ""),
                "broader": _broader(concept), "order": concept.one("http://publications.europa.eu/ontology/euvoc#order"),
            }  # fmt: skip


def legislation(originals: Path) -> Iterable[Row]:
    """Acts that make authorities keep or open data; `title_en` is the full title, the label the short number."""
    for code, concept in concepts(original(originals, "eu/eu-applicable-legislation.rdf"), ELI):
        if concept.labels:
            title = concept.languages.get(SKOS + "scopeNote", {}).get("en", "")
            yield {"code": code, "label_de": concept.labels["en"], "label_en": concept.labels["en"], "title_en": title}


def hashes(originals: Path) -> Iterable[Row]:
    """Checksum algorithms of SPDX; their label is the usual spelling of the name (SHA-256, BLAKE2b-256)."""
    comment = "http://www.w3.org/2000/01/rdf-schema#comment"
    for code, concept in concepts(original(originals, "spdx/spdx-ontology.owl.xml"), CHECKSUMS):
        said = concept.one(comment).rstrip(".")
        if "algorithm used was " in said:
            label = _hash_label(said.rsplit(" ", 1)[1])
            yield {"code": code, "label_de": label, "label_en": label}


def _hash_label(name: str) -> str:
    if name.startswith("SHA") and "-" not in name:
        return f"SHA-{name[3:]}"
    return name
