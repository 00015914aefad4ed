"""The territorial bodies of Germany and other places that are in a list: by official key, by name, by IRI.

All IRIs are plain text without angle brackets. The tables are those of `federation.vocabulary`.
"""

from dataclasses import dataclass
from functools import cache, lru_cache

from federation.vocabulary import fold, fold_iri, vocabulary

_KEPT = 50_000
KINDS = {2: "state", 3: "government-district", 5: "district", 8: "municipality", 9: "association", 12: "municipality"}
_LEVELS = {"state": "state", "district": "administrativeDistrict", "municipality": "municipality"}
_GEOCODING = "dcat-ap.de/def/politicalgeocoding/"
_GEONAMES = "http://sws.geonames.org/"
GERMANY = _GEONAMES + "2921044/"


@dataclass(frozen=True, slots=True)
class Body:
    """A territorial body of Germany. `key` is its official key (a municipality's is the ARS with 12 digits), `state` and
    `district` the keys above it, `bbox` west, south, east, north and `centroid` longitude, latitude in WGS84 degrees, `level`
    the IRI of its level of political geocoding (empty for government districts and associations, which have none)."""

    kind: str
    key: str
    name: str
    iri: str
    state: str
    district: str
    bbox: tuple[float, float, float, float] | None
    centroid: tuple[float, float] | None
    level: str


@cache
def _by_ags() -> dict[str, str]:
    return {code.extra["ags"]: code.code for code in vocabulary("municipality").codes.values()}


@lru_cache(maxsize=_KEPT)
def body_by_key(key: str) -> Body | None:
    """The body with this official key: state 2, government district 3, district 5, AGS 8, association 9, ARS 12 digits."""
    kind = KINDS.get(len(key), "") if key.isascii() and key.isdigit() else ""
    if not kind:
        return None
    table = vocabulary(kind)
    code = table.codes.get(_by_ags().get(key, "") if len(key) == 8 else key)
    if code is None:
        return None
    west, south, east, north, lon, lat = (code.extra.get(name, "") for name in ("west", "south", "east", "north", "lon", "lat"))
    return Body(
        kind, code.code, code.label_de, code.iri, code.code[:2], code.code[:5] if len(code.code) > 3 else "",
        (float(west), float(south), float(east), float(north)) if west else None,
        (float(lon), float(lat)) if lon else None,
        vocabulary("geocoding-level").base + _LEVELS[kind] if kind in _LEVELS else "",
    )  # fmt: skip


def bodies_by_name(name: str) -> list[Body]:
    """Every body that bears this name in its long or short form ("Rostock", "Stadt Rostock", "Landkreis Rostock"): for a choice.

    A district-free city and a municipality without association are listed once, as municipality.
    """
    return [body for key in _names().get(fold(name), ()) if (body := body_by_key(key))]


@cache
def _names() -> dict[str, list[str]]:
    keys: dict[str, list[str]] = {}
    for kind in ("state", "government-district", "district", "association", "municipality"):
        for code in vocabulary(kind).codes.values():
            sort = code.extra.get("type", "")
            if kind in ("district", "association") and sort in ("Kreisfreie Stadt", "Stadtkreis", "Verbandsfreie Gemeinde"):
                continue
            for spelling in _names_of(code.label_de, sort):
                keys.setdefault(fold(spelling), []).append(code.code)
    return keys


def _names_of(label: str, sort: str) -> set[str]:
    """"Oldenburg (Oldenburg), Stadt" also as "Oldenburg", "Stadt Oldenburg" and so on."""
    place, _, title = label.partition(", ")
    first, _, rest = place.partition(" ")
    if first in ("Kreis", "Landkreis", "Regierungsbezirk", "Regionalverband"):
        place = rest
    kinds = {"Stadt"} if "tadt" in sort else {"Landkreis", "Kreis"} if "kreis" in sort.lower() else {sort}
    short = {place, place.partition(" (")[0]}
    return {label, *short, *(f"{kind} {name}" for kind in kinds | {title} if kind for name in short)}


def place_iri(spelling: str) -> str | None:
    """The IRI of a place that is in a list, from any variant of its host or closing slash, else None.

    Lists are the EU places, countries and continents, Germany and its states in GeoNames, and the keys of political geocoding.
    """
    plain = fold_iri(spelling)
    if plain.startswith(_GEOCODING):
        return _geocoded(plain[len(_GEOCODING) :])
    if "geonames.org/" in plain:
        number = plain.partition("geonames.org/")[2].partition("/")[0]
        return f"{_GEONAMES}{number}/" if number in _geonames() else None
    if "://" in spelling:
        for name in ("country", "place", "continent"):
            found = vocabulary(name).resolve(spelling)
            if found:
                return found
    return None


@cache
def _geonames() -> frozenset[str]:
    return frozenset({code.extra["geonames"] for code in vocabulary("state").codes.values()} | {"2921044"})


@lru_cache(maxsize=_KEPT)
def _geocoded(tail: str) -> str | None:
    kind, _, key = tail.partition("/")
    body = body_by_key(key)
    former = vocabulary("former-key")
    for name in ("stateKey", "governmentDistrictKey", "districtKey", "municipalAssociationKey", "municipalityKey", "regionalKey"):
        if name.lower() == kind:
            if body and name == "municipalityKey" and len(key) == 8:
                return f"{former.base}{name}/{key}"
            if body and len(body.key) == len(key) and body.iri.endswith(f"/{name}/{key}"):
                return body.iri
            return f"{former.base}{name}/{key}" if f"{former.base}{name}/{key}" in former else None
    return None


def place_iri_known(iri: str) -> bool:
    """Whether this is exactly the IRI of a place in a list (see `place_iri`), a key no longer in force included."""
    return place_iri(iri) == iri


def is_former_key(iri: str) -> bool:
    """Whether this politicalGeocoding IRI was in the list of dcat-ap.de and has no body today."""
    return iri in vocabulary("former-key")
