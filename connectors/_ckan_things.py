"""The things that several CKAN fields describe together: identifiers, periods, places, licences, files.

Each function takes its parts out of `writer.parts` (thing -> part -> values as they came) and writes them.
"""

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

import orjson

from connectors._ckan_values import dicts, is_translated, items, parsed, said, scalar, text, texts
from connectors._ckan_ways import Writer
from federation.dcat.build import address, temporal, typed
from federation.dcat.schema import Kind
from federation.terms import (
    ADMS,
    DCAT,
    DCATDE,
    DCTERMS,
    GEO,
    LOCN,
    RDFS,
    SKOS,
    SPDX,
    Term,
    literal,
)  # fmt: skip

Json: TypeAlias = Any
Values: TypeAlias = dict[str, list[Json]]

_NO_LICENCE = frozenset(("notspecified", "not-specified", "not specified", "none", "null", "keine", "undefined", "license not specified"))
_ISSUED = frozenset(("veroeffentlicht", "published", "publication", "issued"))
UPDATED = frozenset(("aktualisiert", "updated", "revision", "modified"))
_CREATED = frozenset(("erstellt", "created", "creation"))
_SHAPES = r"(?:MULTI)?(?:POINT|POLYGON|LINESTRING)|ENVELOPE|BOX|GEOMETRYCOLLECTION"
_WKT = re.compile(rf"\s*(?:SRID=\d+;|<[^>]+>)?\s*(?:{_SHAPES})\s*Z?M?\s*\(", re.IGNORECASE)
_NUMBERS = re.compile(r"\s*-?\d+(?:\.\d+)?(?:[,\s]+-?\d+(?:\.\d+)?){1,5}\s*")
_DAY = r"(?:\d{4}(?:-\d\d(?:-\d\d)?)?|\d{1,2}\.\d{1,2}\.\d{4})"
_RANGE = re.compile(rf"\s*({_DAY}(?:T[\d:.]+Z?)?)\s*(?:(?:-|–|/|bis|to|until)\s*({_DAY}(?:T[\d:.]+Z?)?)?)?\s*")
_ALGORITHMS = {32: "md5", 40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}
_HEX = re.compile(r"[0-9A-Fa-f]+")
_PACKED = {"application/zip": DCAT.packageFormat, "application/x-tar": DCAT.packageFormat, "application/gzip": DCAT.compressFormat}


def identity(writer: Writer, root: Term, fields: Mapping[str, Json]) -> None:
    """dcterms:identifier (as ckanext-dcat: `identifier`, else `guid`, else the id) and the other identifiers."""
    parts = writer.parts.pop("identity", {})
    own = next((parts[part] for part in ("identifier", "guid", "id") if part in parts), None) or [fields.get("name") or ""]
    if said(own[0]):
        writer.put(root, DCTERMS.identifier, literal(scalar(own[0])))
    for value in (*own[1:], *parts.get("other", ())):
        for item in items(value):
            term = literal(scalar(item))
            if term not in writer.nodes[root].get(DCTERMS.identifier, ()):
                writer.put(writer.link(root, ADMS.identifier, ADMS.Identifier, "identifier " + term), SKOS.notation, term)


# time


def role_dates(value: Json, roles: frozenset[str]) -> list[str]:
    """Dates of [{role or date_type or type, date or value}] (also as JSON in a string) whose role is one of `roles`."""
    return [
        scalar(item.get("date") or item.get("value") or "") for item in dicts(value)
        if scalar(item.get("role") or item.get("date_type") or item.get("type") or "").lower() in roles
        and said(item.get("date") or item.get("value"))
    ]  # fmt: skip


def other_dates(writer: Writer, root: Term, dates: Values) -> None:
    """The dates that come with a role: of release, of creation, and of collecting (the period that the data are about)."""
    for key in ("dates", "date", "dataset-reference-date"):
        for value in dates.pop(key, ()):
            for found in role_dates(value, _ISSUED)[:1]:
                writer.put(root, DCTERMS.issued, temporal(found))
            for found in role_dates(value, _CREATED):
                writer.put(root, DCTERMS.created, temporal(found))
            for item in dicts(value):
                if scalar(item.get("date_type") or "") == "collected":
                    _period(writer, root, scalar(item.get("date") or ""), scalar(item.get("end_date") or ""))


def periods(writer: Writer, root: Term) -> None:
    """dcterms:temporal of start and end, of lists of them, of "2010 - 2020"; other words as the label of the period."""
    parts = writer.parts.pop("period", None)
    if not parts:
        return
    _period(writer, root, *(scalar(parts[part][0]) if part in parts else "" for part in ("start", "end")))
    for value in parts.get("list", ()):
        for item in items(value):
            if isinstance(item, dict):
                start, end = (item.get(key) or item.get(f"{key}_date") or item.get(f"{key}Date") or "" for key in ("start", "end"))
                _period(writer, root, scalar(start or item.get("from") or ""), scalar(end or item.get("to") or ""))
                continue
            found = _RANGE.fullmatch(scalar(item))
            if found:
                single = not re.search(r"[-–/]\s*$|bis\s*$", found[0]) and not found[2]
                _period(writer, root, found[1], found[1] if single else found[2] or "")
            else:
                node = writer.link(root, DCTERMS.temporal, DCTERMS.PeriodOfTime, f"period {scalar(item)}")
                writer.put(node, RDFS.label, literal(scalar(item)))


def _period(writer: Writer, root: Term, start: str, end: str) -> None:
    if start or end:
        node = writer.link(root, DCTERMS.temporal, DCTERMS.PeriodOfTime, f"period {start}/{end}")
        if start:
            writer.put(node, DCAT.startDate, temporal(start))
        if end:
            writer.put(node, DCAT.endDate, temporal(end))


# space


def places(writer: Writer, root: Term) -> None:
    """dcterms:spatial: addresses as they are, one place for label and geometry, one for each entry of `spatial_coverage`."""
    parts = writer.parts.pop("place", None)
    if not parts:
        return
    for value in parts.pop("reference", ()):
        for item in dicts(value):
            _reference(writer, root, item, parts)
    for value in parts.pop("list", ()):
        for item in dicts(value):
            _place(writer, root, {part: [item[part]] for part in ("uri", "text", "geom", "bbox", "centroid") if said(item.get(part))})
    _place(writer, root, parts)


def _place(writer: Writer, root: Term, parts: Values) -> None:
    for value in parts.get("uri", ()):
        for item in items(value):
            writer.put(root, DCTERMS.spatial, address(scalar(item)))
    facts: list[tuple[Term, Term]] = []
    for value in parts.get("text", ()):
        facts += [(SKOS.prefLabel, literal(each, language)) for each, language in texts(value, writer.languages)]
    for part, prop in (("geom", LOCN.geometry), ("bbox", DCAT.bbox), ("centroid", DCAT.centroid)):
        for value in parts.get(part, ()):
            facts += _geometry(writer, root, prop, value)
    corners = [scalar(parts[side][0]) for side in ("west", "south", "east", "north") if side in parts]
    if len(corners) == 4 and "geom" not in parts:
        west, south, east, north = corners
        ring = f"POLYGON(({west} {south},{east} {south},{east} {north},{west} {north},{west} {south}))"
        facts.append((DCAT.bbox, literal(ring, datatype=GEO.wktLiteral)))
    if facts:
        node = writer.link(root, DCTERMS.spatial, DCTERMS.Location, "place " + "\n".join(term for _, term in facts))
        for prop, term in facts:
            writer.put(node, prop, term)


def _geometry(writer: Writer, root: Term, prop: Term, value: Json) -> list[tuple[Term, Term]]:
    """A geometry as GeoJSON, WKT or a list of numbers; an address is the place itself, any other word is its label."""
    listed = DCAT.bbox if prop == LOCN.geometry else prop
    if isinstance(value, dict) and not is_translated(value):
        return [(prop, literal(orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode(), datatype=GEO.geoJSONLiteral))]
    if isinstance(value, str):
        if value.lstrip()[:1] == "{" and isinstance(parsed(value), dict):
            return [(prop, literal(value, datatype=GEO.geoJSONLiteral))]
        if _WKT.match(value):
            return [(prop, literal(value, datatype=GEO.wktLiteral))]
        if _NUMBERS.fullmatch(value):
            return [(listed, literal(value))]
        term = address(value.strip())
        if term[0] == "<":
            writer.put(root, DCTERMS.spatial, term)
            return []
    if isinstance(value, list) and value and all(isinstance(item, int | float) for item in value):
        return [(listed, literal(",".join(map(str, value))))]
    return [(SKOS.prefLabel, literal(each, language)) for each, language in texts(value, writer.languages)]


def _reference(writer: Writer, root: Term, item: Mapping[str, Json], parts: Values) -> None:
    """`spatial_reference` of the OGD structure: official keys, an address, words."""
    base = "http://dcat-ap.de/def/politicalGeocoding/"
    for part, scheme, digits in (("ags", "municipalityKey", 8), ("rs", "regionalKey", 12)):
        key = scalar(item.get(part) or "").replace(" ", "")
        if key:
            known = key.isdigit() and len(key) == digits
            writer.put(root, DCATDE.politicalGeocodingURI, address(f"{base}{scheme}/{key}" if known else key))
    if said(item.get("uri")):
        parts.setdefault("uri", []).append(item["uri"])
    if said(item.get("text")):
        writer.put(root, DCATDE.geocodingDescription, literal(scalar(item["text"])))


def navigation(writer: Writer, root: Term) -> None:
    """dcat:prev, dcat:first and dcat:last of ckanext-dataset-series."""
    for value in writer.parts.pop("navigation", {}).get("", ()):
        for item in dicts(value):
            for key, prop in (("previous", DCAT.prev), ("first", DCAT.first), ("last", DCAT.last)):
                if said(item.get(key)):
                    target = item[key]
                    name = scalar(target.get("id") or target.get("name") or "") if isinstance(target, dict) else scalar(target)
                    writer.put(root, prop, address(writer.dataset(name)))


# files


def licence(parts: Values) -> tuple[str, str]:
    """(licence, attribution text) as said: an address where there is one that names the version, else the id, else the title."""
    for value in parts.pop("terms", ()):
        for item in dicts(value):
            for key, part in (("license_id", "id"), ("license_url", "url"), ("attribution_text", "attribution")):
                if said(item.get(key)):
                    parts.setdefault(part, []).append(item[key])
    found = {
        part: value.strip() if value.__class__ is str and value[0] not in "{[" else text(value).strip() or scalar(value)
        for part, (value, *_) in parts.items() if said(value)
    }  # fmt: skip
    name, url = found.get("id", ""), found.get("url", "")
    attribution = found.get("attribution", "")
    if name.lower() in _NO_LICENCE:
        name = ""
        found.pop("title", None)
    if name.startswith("http"):
        return name, attribution
    if url and address(url)[0] == "<" and not (name and "opendefinition.org/" in url):
        return url, attribution
    return name or found.get("title", "") or url, attribution


def links(writer: Writer, node: Term, parts: Values) -> None:
    """`url` is dcat:accessURL where no field says that one; of a file uploaded into the CKAN it is dcat:downloadURL, too."""
    url = scalar(parts["url"][0]) if "url" in parts else ""
    if not url:
        return
    term, properties = address(url), writer.nodes[node]
    if DCAT.accessURL not in properties or term not in properties.get(DCAT.downloadURL, ()):
        writer.put(node, DCAT.accessURL, term)
    if "kind" in parts and parts["kind"][0] == "upload" and DCAT.downloadURL not in properties:
        writer.put(node, DCAT.downloadURL, term)


def media_types(writer: Writer, node: Term, parts: Values) -> None:
    """The media type of the data; that of the container beside it where the portal says both."""
    outer, inner = (next((scalar(value) for value in parts.get(part, ()) if said(value)), "") for part in ("outer", "inner"))
    if inner and outer in _PACKED and inner != outer:
        writer.put(node, _PACKED[outer], literal(outer))
        outer = inner
    if outer or inner:
        writer.put(node, DCAT.mediaType, address(outer or inner))


def checksum(writer: Writer, node: Term, parts: Values) -> None:
    """spdx:checksum; the algorithm as said, as "md5:..." says it, or (a Change) as only one has values of that length."""
    value, algorithm = (scalar(parts[part][0]) if part in parts else "" for part in ("value", "algorithm"))
    if not value:
        return
    head, colon, tail = value.partition(":")
    if colon and not algorithm and _HEX.fullmatch(tail):
        algorithm, value = head, tail
    made = writer.link(node, SPDX.checksum, SPDX.Checksum, f"{node} checksum")
    writer.put(made, SPDX.checksumValue, typed(Kind.HEX, value))
    if algorithm:
        writer.put(made, SPDX.algorithm, address(algorithm))
    elif len(value) in _ALGORITHMS and _HEX.fullmatch(value):
        term = SPDX["checksumAlgorithm_" + _ALGORITHMS[len(value)]]
        writer.description.derive(made, SPDX.algorithm, [term], "hash-algorithm-from-length", "resources.hash")
