"""Properties of DCAT-AP.de 1.x and 2.0, and of older DCAT and vCard, as those of 3.0 that say the same (spec section 5).

Only exact counterparts are here. What has none stays as it was said (dcatde:qualityProcessURI, a dcatde:legalBasis in words), and the
check of the finished description tells it; political geocoding is in `places`.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from federation.dcat.description import Description
from federation.normalise import numbers
from federation.normalise.codes import Normal
from federation.normalise.remarks import Remarks
from federation.terms import ADMS, DCAT, DCATAP, DCATDE, DCTERMS, GEODCATAP, OWL, SCHEMA, VCARD, Namespace, Term, is_literal, value
from federation.vocabulary import vocabulary

_VCARD_2001 = Namespace("v", "http://www.w3.org/2001/vcard-rdf/3.0#")
COLLECTION = "<http://dcat-ap.de/def/datasetTypes/collection>"
PERIOD = DCTERMS.PeriodOfTime
# The classes of DCAT whose version an owl:versionInfo tells (on an ontology it is the ontology's own).
_VERSIONED = (DCAT.Dataset, DCAT.DatasetSeries, DCAT.DataService, DCAT.Catalog, DCAT.Distribution)


class Upgrade(NamedTuple):
    """`old` becomes `new`: only on nodes of the classes `on` where some are given, and only for values that `fits` accepts."""

    old: Term
    new: Term
    rule: str
    on: tuple[Term, ...] = ()
    fits: Callable[[Term], bool] | None = None


def _is_address(term: Term) -> bool:
    return term[0] == "<" or (is_literal(term) and value(term).strip().startswith(("http://", "https://")))


def _is_duration(term: Term) -> bool:
    return is_literal(term) and not numbers.duration(term)[1]


def _is_size(term: Term) -> bool:
    return is_literal(term) and not numbers.non_negative_integer(term)[1]


UPGRADES: Mapping[Term, Upgrade] = {
    each.old: each
    for each in (
        Upgrade(DCATDE.originator, GEODCATAP.originator, "originator"),
        Upgrade(DCATDE.maintainer, GEODCATAP.custodian, "maintainer"),
        Upgrade(DCATDE.plannedAvailability, DCATAP.availability, "planned-availability"),
        Upgrade(DCATDE.legalBasis, DCATAP.applicableLegislation, "legal-basis", fits=_is_address),
        Upgrade(OWL.versionInfo, DCAT.version, "version-info", _VERSIONED),
        Upgrade(ADMS.version, DCAT.version, "adms-version", _VERSIONED),
        Upgrade(SCHEMA.startDate, DCAT.startDate, "schema-date", (PERIOD,)),
        Upgrade(SCHEMA.endDate, DCAT.endDate, "schema-date", (PERIOD,)),
        Upgrade(DCAT.granularity, DCAT.temporalResolution, "granularity", fits=_is_duration),
        Upgrade(DCAT.size, DCAT.byteSize, "size", fits=_is_size),
        Upgrade(DCAT.bytes, DCAT.byteSize, "size", fits=_is_size),
        Upgrade(VCARD.email, VCARD.hasEmail, "vcard-email"),
        Upgrade(VCARD.tel, VCARD.hasTelephone, "vcard-telephone"),
        Upgrade(VCARD.url, VCARD.hasURL, "vcard-url"),
        Upgrade(VCARD["organisation-name"], VCARD["organization-name"], "vcard-organization"),
        Upgrade(_VCARD_2001.FN, VCARD.fn, "vcard-2001"),
        Upgrade(_VCARD_2001.EMAIL, VCARD.hasEmail, "vcard-2001"),
        Upgrade(_VCARD_2001.TEL, VCARD.hasTelephone, "vcard-2001"),
    )
}

_VERSIONS = ((DCTERMS.hasVersion, DCAT.hasVersion), (DCTERMS.isVersionOf, DCAT.isVersionOf))
_THEMES = "<http://publications.europa.eu/resource/authority/data-theme/"


def apply(description: Description, root: Term, remarks: Remarks, described: Callable[[Term], Normal]) -> None:
    """What needs more than one property of an entity: collections, subjects that are themes, abstracts.
    `described` reads a description.
    """
    properties = description.nodes[root]
    if COLLECTION in properties.get(DCTERMS.type, ()):  # there, hasVersion lists parts of a series
        remarks.say("collection", DCTERMS.type, COLLECTION)
    else:
        for old, new in _VERSIONS:
            if old in properties:
                description.move(root, old, new, "version-relation")
    subjects = [term for term in properties.get(DCTERMS.subject, ()) if term.startswith(_THEMES)]
    for term in subjects:
        description.change([(root, DCTERMS.subject, term)], [(root, DCAT.theme, term)], "subject-theme")
    for term in tuple(properties.get(DCAT.keyword, ())):
        theme = vocabulary("theme").resolve(value(term)) if "/data-theme/" in term else None
        if theme:
            description.change([(root, DCAT.keyword, term)], [(root, DCAT.theme, f"<{theme}>")], "keyword-theme")
    abstract = properties.get(DCTERMS.abstract)
    if abstract and DCTERMS.description not in properties:
        terms = [term for said in abstract if is_literal(said) for term in described(said)[0]]
        description.derive(root, DCTERMS.description, terms, "description:abstract")

