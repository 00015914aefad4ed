"""What the German conventions and practice ask beyond the one table, for the check of every dataset in every run.

The same facts as the rules of severity violation and warning in `vocabularies/shapes/conventions.ttl`, `practice.ttl` and `hvd-3.0.0.ttl`
(which a receiver's profile runs); tests/test_check_and_profile.py proves that the two find the same. They are looked for only where a
property that they are about is there, so that they cost next to nothing.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache

from federation.dcat.description import Description, Nodes
from federation.dcat.schema import Class
from federation.finding import Finding
from federation.quality.profile import Profile, load
from federation.terms import DCAT, DCATDE, DCTERMS, FOAF, LOCN, TYPE, VCARD, Term

GEOMETRIES = frozenset({DCAT.bbox, DCAT.centroid, LOCN.geometry})
_GEOMETRY_TYPES = tuple(
    f'"^^<{name}>' for name in (
        "http://www.opengis.net/ont/geosparql#wktLiteral", "http://www.opengis.net/ont/geosparql#gmlLiteral",
        "http://www.opengis.net/ont/geosparql#kmlLiteral", "http://www.opengis.net/ont/geosparql#geoJSONLiteral",
        "https://www.iana.org/assignments/media-types/application/vnd.geo+json",
        "http://www.iana.org/assignments/media-types/application/vnd.geo+json",
        "https://www.iana.org/assignments/media-types/application/geo+json",
    )
)  # fmt: skip
_CONTRIBUTORS = "<http://dcat-ap.de/def/contributors/"
_SAMPLE_DATASET = "<https://musterdatenkatalog.de/def/musterdatensatz/"
_TEXTS = frozenset({DCAT.Dataset, DCAT.DatasetSeries, DCAT.DataService, DCAT.Distribution})
_Properties = Mapping[Term, Sequence[Term]]
_Say = Callable[[str, Term, Term], None]


def by_presence(cls: Class, properties: Collection[Term]) -> list[tuple[str, Term]]:
    """(finding code, property) for what shows by which properties a node has."""
    found = []
    if cls.term == VCARD.Kind and VCARD.hasTelephone in properties and not {VCARD.hasEmail, VCARD.hasURL}.intersection(properties):
        found.append(("contact-only-telephone", VCARD.hasEmail))
    if DCAT.accessService in properties and DCAT.downloadURL in properties:
        found.append(("download-beside-service", DCAT.downloadURL))
    return found


def second_look(cls: Class, prop: Term) -> float | None:
    """With more than how many values a property gets a `look`; None where there is nothing to look for."""
    if prop in (DCTERMS.title, DCTERMS.description):
        return 1 if cls.term in _TEXTS else None
    if cls.term == DCAT.Dataset and prop == DCATDE.contributorID:
        return 1
    if cls.term == DCAT.Dataset and prop == DCTERMS.source:
        return 0
    return 0 if prop in (DCTERMS.references, DCAT.accessService) else None


def look(say: _Say, prop: Term, properties: _Properties, nodes: Nodes) -> None:
    """What is to be said about the values of a property: `say` takes the code, the property and a value."""
    terms = properties[prop]
    if prop in (DCTERMS.title, DCTERMS.description):
        _languages(say, prop, terms)
    elif prop == DCATDE.contributorID:
        listed = [term for term in terms if term.startswith(_CONTRIBUTORS)]
        if len(listed) > 1:
            say("contributor-several", prop, listed[0])
    elif prop == DCTERMS.source:
        say("source-used", prop, terms[0])
    elif prop == DCTERMS.references:
        for term in terms:
            if "musterdatenkatalog.de/" in term and not _names_sample(term):
                say("musterdatensatz-form", prop, term)
    elif prop == DCAT.accessService and DCTERMS.license in properties:
        for term in terms:
            service = nodes.get(term, {})
            if DCAT.DataService in service.get(TYPE, ()) and DCTERMS.license not in service:
                say("service-licence-missing", prop, term)


def _languages(say: _Say, prop: Term, terms: Sequence[Term]) -> None:
    tags = [term.rpartition('"')[2].lower() for term in terms]
    tagged = [tag for tag in tags if tag[:1] == "@"]
    if len(set(tagged)) < len(tagged):
        say("language-twice", prop, terms[0])
    if len(tagged) < len(tags):
        say("language-untagged", prop, terms[0])


def _names_sample(term: Term) -> bool:
    return term.startswith(_SAMPLE_DATASET) and term[len(_SAMPLE_DATASET)] not in "/>"


def is_geometry(term: Term) -> bool:
    """Whether a literal is of one of the encodings of geometries."""
    return term.endswith(_GEOMETRY_TYPES)


def person_publishes(root: _Properties, nodes: Nodes) -> Term:
    """The publisher that is a person; "" where it is a body, as it should be."""
    return next((node for node in root.get(DCTERMS.publisher, ()) if FOAF.Person in nodes.get(node, {}).get(TYPE, ())), "")


def high_value(description: Description, told: Iterable[str]) -> list[Finding]:
    """What DCAT-AP HVD asks of a dataset or service that its holder marked, but for the codes that are told already: by the shapes
    themselves, since few datasets are marked.
    """
    known = set(told)
    return [finding for finding in _shapes().findings(description) if finding.code not in known]


@cache
def _shapes() -> Profile:
    return load("hvd")  # compiled when the first marked dataset comes
