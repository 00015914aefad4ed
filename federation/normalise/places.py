"""Spatial coverage: political geocoding keys and places as dcterms:spatial, levels, and the member's own area as a default.

DCAT-AP.de 3.0 puts the key IRI into dcterms:spatial (convention 11); politicalGeocodingURI stays beside it only where the region wants
it. geocodingDescription, which has no successor, becomes the label of a dcterms:Location, so that no word is lost. A place name is never
turned into a key: 926 German municipalities share a name with another one.
"""

import re
from functools import cache

from federation.config import Member
from federation.dcat.description import Description
from federation.normalise import geometry, namespaces, texts
from federation.normalise.codes import Lookups
from federation.normalise.remarks import Remarks
from federation.terms import DCATDE, DCTERMS, FOAF, LOCN, SKOS, TYPE, Term, is_literal, literal, value
from federation.territory import body_by_key, place_iri
from federation.vocabulary import vocabulary

SPATIAL = DCTERMS.spatial
KEY = DCATDE.politicalGeocodingURI
LEVEL = DCATDE.politicalGeocodingLevelURI
WORDS = DCATDE.geocodingDescription
LOCATION = DCTERMS.Location
_GEOCODING = "<http://dcat-ap.de/def/politicalGeocoding/"
_LEVEL = _GEOCODING + "Level/"
_DIGITS = re.compile(r"\d{2,12}")
_SHAPE = re.compile(r"\s*(?:\{|(?:<[^>]*>\s*)?(?:SRID=\d+;\s*)?(?:MULTI)?(?:POLYGON|POINT|LINESTRING|ENVELOPE|GEOMETRYCOLLECTION)\b|"
                    r"-?\d+(?:\.\d+)?[\s,]+-?\d+(?:\.\d+)?)", re.IGNORECASE)  # fmt: skip
_FULL_KEYS = (8, 9, 12)  # digits; five could be a postcode
_KEPT = 4_096
_MARKED = frozenset({TYPE, SKOS.prefLabel})
_OF_KIND = {
    "stateKey": "state", "governmentDistrictKey": "administrativeDistrict", "districtKey": "administrativeDistrict",
    "municipalAssociationKey": "municipality", "municipalityKey": "municipality", "regionalKey": "municipality",
}  # fmt: skip


class Places:
    """What one source's entities get. `keep_keys` keeps politicalGeocodingURI; `coverage` asks for the member's area as a default."""

    def __init__(self, member: Member | None, keep_keys: bool, coverage: bool, lookups: Lookups) -> None:
        self.keep_keys = keep_keys
        self._lookups = lookups
        body = body_by_key(member.key) if member and member.key and coverage else None
        self._coverage = f"<{body.iri}>" if body else ""
        self._own = member.title if member else ""
        self._memo: dict[Term, tuple[Term, str]] = {}

    def key(self, term: Term) -> tuple[Term, str]:
        """(IRI of the place, "") for an address, an official key in digits or a decided spelling; (term, "unknown-place") for others."""
        found = self._memo.get(term)
        if found is None:
            decided = self._lookups.decided("place", term)
            found = _key(term) if decided is None else _key(literal(decided)) if decided else (term, "")
            if len(self._memo) >= _KEPT:
                self._memo.clear()
            self._memo[term] = found
        return found

    def apply(self, description: Description, root: Term, remarks: Remarks) -> None:
        """Puts every statement about the area into dcterms:spatial and describes the locations."""
        properties = description.nodes[root]
        if KEY in properties:
            self._keys(description, root, remarks)
        for term in tuple(properties.get(WORDS, ())):
            node = description.fresh_blank(root, WORDS, term)
            added = [(root, SPATIAL, node), (node, TYPE, LOCATION), (node, SKOS.prefLabel, texts.plain(term)[0][0])]
            description.change([(root, WORDS, term)], added, "geocoding-description")
        for term in tuple(properties.get(SPATIAL, ())):
            self._place(description, root, term, remarks)
        if LEVEL not in properties and description.kind == "dataset":
            self._level(description, root)

    def default(self, description: Description, root: Term, publisher: Term) -> None:
        """The member's area where the source says nothing about an area, its title and its publisher name no other one, and the
        member allows it (`coverage = "member"`). Another one: a state, Germany, Europe, a district or region by its word, unless the
        member's own title says it too.
        """
        if not self._coverage or description.values(root, SPATIAL):
            return
        named = [*description.values(root, DCTERMS.title), *description.values(publisher, FOAF.name)]
        if not any(elsewhere(value(term), self._own) for term in named):
            description.derive(root, SPATIAL, (self._coverage,), "default:coverage")
            _typed(description, self._coverage)

    def _keys(self, description: Description, root: Term, remarks: Remarks) -> None:
        for term in tuple(description.values(root, KEY)):
            place, code = self.key(term)
            if code and not place.startswith(_GEOCODING):  # of a key that moves on `_place` speaks
                remarks.say(code, KEY, term)
            if place[0] != "<":
                continue
            if self.keep_keys:
                if place != term:
                    description.replace(root, KEY, term, (place,), "geocoding")
                description.derive(root, SPATIAL, (place,), "geocoding:spatial")
            else:
                description.change([(root, KEY, term)], [(root, SPATIAL, place)], "geocoding")

    def _place(self, description: Description, root: Term, term: Term, remarks: Remarks) -> None:
        if is_literal(term):
            self._words(description, root, term, remarks)
            return
        if term in description.nodes:
            self._located(description, root, term, remarks)
            return
        if term[0] == "<":
            place, code = self.key(term)
            if code and _GEOCODING in term:
                remarks.say(code, SPATIAL, term)
            if place != term:
                description.replace(root, SPATIAL, term, (place,), "place")
            _typed(description, place)

    def _words(self, description: Description, root: Term, term: Term, remarks: Remarks) -> None:
        """A literal: an address or key, a shape, or a name, which becomes the label of a location."""
        text = value(term)
        if not text.strip():
            remarks.say("empty-value", SPATIAL, term)
            return
        decided = self._lookups.decided("place", term)
        place, code = self.key(term) if decided or len(text.strip()) in _FULL_KEYS or "://" in text else (term, "unknown-place")
        if not code and place[0] == "<":
            description.replace(root, SPATIAL, term, (place,), "place")
            _typed(description, place)
            return
        node = description.fresh_blank(root, SPATIAL, term)
        shape = bool(_SHAPE.match(text))
        prop = LOCN.geometry if shape else SKOS.prefLabel
        added = [(root, SPATIAL, node), (node, TYPE, LOCATION), (node, prop, term if shape else texts.plain(term)[0][0])]
        description.change([(root, SPATIAL, term)], added, "location")
        if shape:
            self._located(description, root, node, remarks)

    def _located(self, description: Description, root: Term, node: Term, remarks: Remarks) -> None:
        """A described location: typed, its geometry in place, and a key in locn:adminUnitL2 said in dcterms:spatial as well."""
        properties = description.nodes[node]
        if LOCATION not in properties.get(TYPE, ()):
            _typed(description, node)
        if not properties.keys() <= _MARKED:
            remarks.findings += geometry.apply(description, node)
            for term in description.values(node, LOCN.adminUnitL2):
                place, code = self.key(term)
                if not code and place.startswith(_GEOCODING):
                    description.derive(root, SPATIAL, (place,), "geocoding:admin-unit")
                    _typed(description, place)

    def _level(self, description: Description, root: Term) -> None:
        """The level of political geocoding, from the keys that the source gave."""
        levels = dict.fromkeys(level for term in description.values(root, SPATIAL) if (level := level_of(term)))
        if levels and not _derived(description, root):
            description.derive(root, LEVEL, levels, "geocoding:level")


def _derived(description: Description, root: Term) -> bool:
    """Whether the area is not the source's own statement, so that nothing more may be read from it."""
    return any(change.rule == "default:coverage" and change.added[0][0] == root for change in description.changes)


def _typed(description: Description, node: Term) -> None:
    description.derive(node, TYPE, (LOCATION,), "class:place")


def level_of(term: Term) -> Term:
    """The level that a geocoding key is on, "" for other terms. A regional key that ends in seven zeros is a district-free city, which
    is on the level of districts.
    """
    if not term.startswith(_GEOCODING) or term.startswith(_LEVEL):
        return ""
    kind, _, key = term[len(_GEOCODING) : -1].partition("/")
    level = "administrativeDistrict" if kind == "regionalKey" and key.endswith("0000000") else _OF_KIND.get(kind, "")
    return f"{_LEVEL}{level}>" if level else ""


def _key(term: Term) -> tuple[Term, str]:
    text = value(term).strip().strip("/")
    found = place_iri(text)
    if found is None and _DIGITS.fullmatch(text):
        body = body_by_key(text)
        found = body.iri if body else None
    return (f"<{found}>", "") if found else (namespaces.iri(term), "unknown-place")


_KINDS = re.compile(
    r"\b(?:Landkreise?s?|Kreis(?:es)?|Regierungsbezirks?|Metropolregion|Region|Bundesland(?:es)?|bundesweit\w*|landesweit\w*)\b"
)


def elsewhere(text: str, own: str) -> bool:
    """Whether a text names an area that the member's own title does not name."""
    words = set(_KINDS.findall(text)) | {name for name in _areas() if name in text}
    return any(word not in own for word in words)


@cache
def _areas() -> tuple[str, ...]:
    states = vocabulary("state")
    return (*(states.label(iri).partition(",")[0] for iri in states), "Deutschland", "Bundesrepublik", "Europa")

