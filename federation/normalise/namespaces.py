"""Properties, classes and dcat-ap.de IRIs in the one form that DCAT-AP.de 3.0 knows.

Sources write namespaces with https or www, with `r5r#` for `r5r/`, with a version inside (`dcatde/1.1/`), as a bare prefix that was
never expanded (`vcard:Kind`), or a local name in other case (`dcat:accessUrl`). All of that names the same thing, so it is mended;
what belongs to no namespace of ours (`dcatapit:`, `dct` elements of others) is left as it is. Spec section 1.
"""

import re
from functools import lru_cache

from federation.dcat.schema import CLASSES, TYPES
from federation.normalise import iris
from federation.terms import (
    DCAT,
    DCATAP,
    DCATDE,
    DCTERMS,
    FOAF,
    NAMESPACES,
    RDFS,
    SCHEMA,
    SPDX,
    VCARD,
    Namespace,
    Term,
)

_VERSION = re.compile(r"dcat-ap\.de/def/dcatde(?:/v?\d+(?:[._]\d+)*)?")
_HOST = re.compile(r"<https?://(?:www\.)?dcat-ap\.de/def/(?!dcatde/[^/>]+/(?:spec|implRules))", re.IGNORECASE)
_OURS = "<http://dcat-ap.de/def/"

_PREFIXES = {space.prefix: space for space in NAMESPACES} | {"dct": DCTERMS, "sdo": SCHEMA}
# Other addresses under which a namespace is found, without scheme, www and the closing sign.
_ELSEWHERE = {
    "w3.org/tr/vocab-dcat": DCAT,
    "w3.org/ns/dcat/": DCAT,
    "vocab.deri.ie/dcat": DCAT,
    "w3.org/2006/vcard": VCARD,
    "xmlns.com/foaf/0.1/foaf": FOAF,
    "purl.org/dc/terms/dcterms": DCTERMS,
    "data.europa.eu/r5r/dcatap": DCATAP,
    "spdx.org/rdf/terms": SPDX,
}
# Names that no vocabulary ever had, met in real feeds, and what they can only mean.
_MISNAMED = {"<http://www.w3.org/1999/02/22-rdf-syntax-ns#label>": RDFS.label}


def _folded(base: str) -> str:
    key = base.lower().partition("://")
    return (key[2] or key[0]).removeprefix("www.").rstrip("/#")


_BASES = {_folded(space.base): space for space in NAMESPACES} | _ELSEWHERE
_EXACT = {space.base for space in NAMESPACES}


def _spelt(names: set[Term]) -> dict[str, Term]:
    """Term in lower case -> term, for the names of the one table."""
    return {name.lower(): name for name in sorted(names, reverse=True)}


_PROPERTIES = _spelt({prop for each in CLASSES.values() for prop in each.properties})
_CLASSES = _spelt({*TYPES, *(prop.range for each in CLASSES.values() for prop in each.properties.values() if prop.range)})


@lru_cache(maxsize=4096)
def property_term(term: Term) -> Term:
    """The property that `term` means: itself where nothing is known against it."""
    found = known(term)
    return found if found in _PROPERTIES.values() else _PROPERTIES.get(found.lower(), found)


@lru_cache(maxsize=4096)
def class_term(term: Term) -> Term:
    """The class that `term` means: itself where nothing is known against it."""
    found = known(term)
    return found if found in _CLASSES.values() else _CLASSES.get(found.lower(), found)


def iri(term: Term) -> Term:
    """An IRI of dcat-ap.de in its one form (`http://dcat-ap.de/def/...`); pages about the standard and all else as they are."""
    if term[0] != "<" or "dcat-ap.de/def/" not in term or term.startswith(_OURS):
        return term
    return _HOST.sub(_OURS, term, count=1)


def address(term: Term) -> tuple[tuple[Term, ...], str, str]:
    """A term as IRI (see `iris.normal`), that of dcat-ap.de in its one form."""
    terms, code, rule = iris.normal(term)
    ours = tuple([iri(each) for each in terms])
    return (terms, code, rule) if ours == terms else (ours, code, "dcat-ap.de")


def known(term: Term) -> Term:
    """A term of a known namespace with that namespace in its right form; any other term as it is."""
    if term[0] != "<":
        return term
    address = term[1:-1]
    cut = max(address.rfind("#"), address.rfind("/")) + 1
    base, local = address[:cut], address[cut:]
    if not base:
        prefix, _, local = address.partition(":")
        return _PREFIXES[prefix][local] if prefix in _PREFIXES and local else term
    if base in _EXACT or not local:
        return _MISNAMED.get(term, term)
    space = _space(_folded(base))
    return space[local] if space else term


def _space(folded: str) -> Namespace | None:
    if folded.startswith("dcat-ap.de/def/dcatde") and _VERSION.fullmatch(folded):
        return DCATDE
    return _BASES.get(folded)
