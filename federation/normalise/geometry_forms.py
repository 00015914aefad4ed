"""The forms in which sources write a geometry: WKT, GeoJSON, Esri JSON, GML, envelopes, lists of numbers, geo: addresses.

Read without an XML parser and without rounding: the digits of every number are kept. The axis order is that of the declared reference
system; a geo:wktLiteral without one, GeoJSON and a list "west,south,east,north" have the longitude first (GeoSPARQL 1.1, 8.5.1;
RFC 7946, section 4), geo: addresses the latitude (RFC 5870), names such as EPSG:4326 declare nothing that writers agree on.
"""

import json
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from federation.terms import GEO, Term, literal, value

Position = tuple[str, ...]

_LONGEST = 5_000_000  # characters of a geometry that is read at all
_CACHED = 2_000

_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?"
_NUMBERS = re.compile(rf"{_NUMBER}(?:\s*[,;\s]\s*{_NUMBER})+")
_ONE = re.compile(_NUMBER)
_WKT = re.compile(
    r"(?:<([^<>\s]+)>\s*|SRID=(\d+);\s*)?((?:MULTI)?(?:POINT|POLYGON|LINESTRING|CURVE|SURFACE)|GEOMETRYCOLLECTION)\s*(?:ZM|Z|M)?\s*(\(.*\))",
    re.IGNORECASE | re.DOTALL,
)
_BRACKETS = re.compile(r"[(),]+")
_WORDS = re.compile(r"\b(?:MULTI)?(?:POINT|POLYGON|LINESTRING)\b|\bZM?\b|\bM\b", re.IGNORECASE)
_POSITION = re.compile(rf"{_NUMBER}(?:\s+{_NUMBER}){{1,3}}")
_ENVELOPE = re.compile(rf"ENVELOPE\s*\(\s*({_NUMBER})\s*,\s*({_NUMBER})\s*,\s*({_NUMBER})\s*,\s*({_NUMBER})\s*\)", re.IGNORECASE)
_BOX = re.compile(rf"BOX(?:2D)?\s*\(\s*({_NUMBER})\s+({_NUMBER})\s*,\s*({_NUMBER})\s+({_NUMBER})\s*\)", re.IGNORECASE)
_LIMITS = re.compile(rf"(north|south|east|west)(?:limit|boundlatitude|boundlongitude)?\s*[=:]\s*({_NUMBER})", re.IGNORECASE)
_GEO_IRI = re.compile(rf"geo:({_NUMBER}),({_NUMBER})(?:,{_NUMBER})?(?:;crs=wgs84)?(?:;u=[\d.]+)?", re.IGNORECASE)
_GML = re.compile(r"<(?:\w+:)?(Envelope|Box|Point|Polygon|MultiSurface|MultiPolygon|LineString|Curve|MultiCurve)\b([^<>]*)>", re.IGNORECASE)
_GML_NUMBERS = re.compile(r"<(?:\w+:)?(?:lowerCorner|upperCorner|posList|pos|coordinates|coord)\b[^<>]*>([^<>]*)<", re.IGNORECASE)
_GML_RING = re.compile(r"<(?:\w+:)?LinearRing\b", re.IGNORECASE)
_SRS = re.compile(r"""srsName\s*=\s*["']([^"']*)["']""")
_EPSG = re.compile(r"EPSG(?:/[\d.]*/|:[\d.]*:|:|/)(\d+)$", re.IGNORECASE)
_EPSG_IRI = "http://www.opengis.net/def/crs/EPSG/0/"
_DEPTHS = {"point": 0, "linestring": 1, "multipoint": 1, "polygon": 2, "multilinestring": 2, "multipolygon": 3}


class Shape(NamedTuple):
    """A geometry that was read: `kind` is point, box or other; `exact` all of it as a geo:wktLiteral (geo:gmlLiteral for curved GML);
    `bounds` its rectangle as a geo:wktLiteral (for a point the point itself); `code` a finding about it, or "".
    """

    kind: str
    exact: Term
    bounds: Term
    code: str = ""


class _Unread(Exception):
    """Why a text is no geometry: the code of the finding."""


def read(term: Term, latitude_first: bool = False) -> Shape | str:
    """The geometry that a literal or geo: address says, or the code of the finding that tells why none is certain.

    `latitude_first` is for properties whose lists of four numbers begin with the latitude (schema:box).
    """
    return _cached(term, latitude_first) if len(term) < _CACHED else _read(term, latitude_first)


def point(longitude: str, latitude: str) -> Shape | str:
    """The point with these coordinates (WGS 84, decimal degrees), or the code of a finding."""
    try:
        return _shape("point", [tuple(_checked([longitude.strip(), latitude.strip()]))], "")
    except _Unread as problem:
        return str(problem)


@lru_cache(maxsize=4096)
def _cached(term: Term, latitude_first: bool) -> Shape | str:
    return _read(term, latitude_first)


def _read(term: Term, latitude_first: bool) -> Shape | str:
    if term[0] == "_" or len(term) > _LONGEST:
        return "geometry-unreadable"
    try:
        return _text(value(term).strip(), latitude_first)
    except _Unread as problem:
        return str(problem)


def _text(text: str, latitude_first: bool) -> Shape:
    if text[:1] in ("{", "["):
        return _json(text)
    if (found := _WKT.fullmatch(text)) is not None:
        return _wkt(text, found)
    if (found := _GML.search(text[:2_000])) is not None:
        return _gml(text, found)
    if (found := _ENVELOPE.fullmatch(text)) is not None:
        west, east, north, south = found.groups()
        return _box(west, south, east, north)
    if (found := _BOX.fullmatch(text)) is not None:
        return _box(*found.groups())
    if (found := _GEO_IRI.fullmatch(text)) is not None:
        return _shape("point", [(found.group(2), found.group(1))], "")
    limits = {name.lower(): number for name, number in _LIMITS.findall(text[:1_000])}
    if len(limits) == 4:
        return _box(limits["west"], limits["south"], limits["east"], limits["north"])
    if _NUMBERS.fullmatch(text[:1_000]):
        numbers = _ONE.findall(text)
        if len(numbers) == 4:
            a, b, c, d = numbers
            return _box(b, a, d, c) if latitude_first else _box(a, b, c, d)
        if len(numbers) == 2:
            return _unclear("point", [(numbers[0], numbers[1])])
    raise _Unread("geometry-unreadable")


def _wkt(text: str, found: re.Match[str]) -> Shape:
    system, srid, name, body = found.groups()
    if srid:
        text = text[text.index(";") + 1 :].lstrip()
        if srid != "4326":  # PostGIS writes 4326 with the longitude first, which is what a geo:wktLiteral without a system means
            system = f"{_EPSG_IRI}{srid}"
            text = f"<{system}> {text}"
    parts = [part.strip() for part in _BRACKETS.split(_WORDS.sub(" ", body))]
    positions = [tuple(part.split()) for part in parts if part]
    if not positions or body.count("(") != body.count(")") or not all(_POSITION.fullmatch(part) for part in parts if part):
        raise _Unread("geometry-unreadable")
    name = name.upper()
    kind = "point" if name == "POINT" and len(positions) == 1 else "other"
    if name == "POLYGON" and body.count("(") == 2 and _is_rectangle(positions):
        kind = "box"
        if positions[0] != positions[-1]:
            return _shape(kind, positions, system or "")
    return _shape(kind, positions, system or "", literal(text, datatype=GEO.wktLiteral))


def _gml(text: str, found: re.Match[str]) -> Shape:
    """GML 2 and 3, read without an XML parser: only numbers, the name of the outer element and its reference system matter."""
    srs = _SRS.search(text[:2_000])
    axes = _axes(srs.group(1)) if srs else "unclear"
    numbers = _ONE.findall(" ".join(_GML_NUMBERS.findall(text)))
    width = 3 if 'srsDimension="3"' in text else 2
    if not numbers or len(numbers) % width:
        raise _Unread("geometry-unreadable")
    positions: list[Position] = [tuple(numbers[n : n + 2]) for n in range(0, len(numbers), width)]
    name = found.group(1).lower()
    kind = "point" if len(positions) == 1 else "other"
    if name in ("envelope", "box"):
        kind = "box" if len(positions) == 2 else "other"
    elif name == "polygon" and len(_GML_RING.findall(text)) == 1 and _is_rectangle(positions):
        kind = "box"
    exact = literal(text, datatype=GEO.gmlLiteral) if kind == "other" else ""
    if axes == "unclear":
        return _unclear(kind, positions, exact)
    if axes == "latitude first":
        return _shape(kind, [(x, y) for y, x in positions], "", exact)
    return _shape(kind, positions, srs.group(1) if srs and axes == "projected" else "", exact)


def _json(text: str) -> Shape:
    """GeoJSON, Esri JSON, and bare lists of numbers; the digits of the numbers are kept."""
    try:
        said = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        raise _Unread("geometry-unreadable") from None
    if isinstance(said, list):
        return _list(said)
    system = ""
    crs = said.get("crs")
    if isinstance(crs, dict) and isinstance(crs.get("properties"), dict):
        name = str(crs["properties"].get("name", ""))
        system = name if _axes(name) == "projected" else ""
    reference = said.get("spatialReference")
    if isinstance(reference, dict):
        wkid = str(reference.get("latestWkid") or reference.get("wkid") or "")
        system = "" if wkid == "4326" else f"{_EPSG_IRI}{wkid}"
    if {"xmin", "ymin", "xmax", "ymax"} <= said.keys():
        return _list([said["xmin"], said["ymin"], said["xmax"], said["ymax"]], system)
    if "rings" in said:
        said = {"type": "Polygon", "coordinates": said["rings"]}
    if str(said.get("type", "")).lower() == "envelope":
        return _list(said.get("coordinates"), system)
    geometries = list(_geometries(said))
    if not geometries:
        return _list(said.get("bbox"), system)
    return _geojson(geometries, system)


def _geometries(said: Any, depth: int = 0) -> Iterable[tuple[str, Any]]:
    """(type in lower case, coordinates) of each geometry in a GeoJSON object."""
    if not isinstance(said, dict) or depth > 4:
        return
    kind = str(said.get("type", "")).lower()
    if kind in _DEPTHS:
        yield kind, said.get("coordinates")
    elif kind == "feature":
        yield from _geometries(said.get("geometry"), depth + 1)
    elif kind in ("featurecollection", "geometrycollection"):
        inner = said.get("features" if kind == "featurecollection" else "geometries")
        for each in inner if isinstance(inner, list) else ():
            yield from _geometries(each, depth + 1)


def _geojson(geometries: Sequence[tuple[str, Any]], system: str) -> Shape:
    positions: list[Position] = []
    written = [_written(kind, coordinates, positions) for kind, coordinates in geometries]
    if len(geometries) == 1:
        kind, coordinates = geometries[0]
        if kind == "point":
            return _shape("point", positions, system)
        if kind == "polygon" and len(coordinates) == 1 and _is_rectangle(positions):
            return _shape("box", positions, system)
    text = written[0] if len(written) == 1 else f"GEOMETRYCOLLECTION ({', '.join(written)})"
    return _shape("other", positions, system, literal(_prefix(system) + text, datatype=GEO.wktLiteral))


def _written(kind: str, coordinates: Any, positions: list[Position]) -> str:
    """The WKT of one GeoJSON geometry; its positions are added to the list."""
    depth = _DEPTHS[kind]
    before = len(positions)
    inner = _nested(coordinates, depth, positions)
    mark = " Z" if len(positions) > before and len(positions[before]) > 2 else ""
    return f"{kind.upper()}{mark} {inner if depth else f'({inner})'}"


def _nested(coordinates: Any, depth: int, positions: list[Position]) -> str:
    if not isinstance(coordinates, list) or not coordinates:
        raise _Unread("geometry-unreadable")
    if depth == 0:
        position = tuple(_checked(coordinates[:3]))
        if len(position) < 2:
            raise _Unread("geometry-unreadable")
        positions.append(position)
        return " ".join(position)
    return f"({', '.join([_nested(each, depth - 1, positions) for each in coordinates])})"


def _list(said: Any, system: str = "") -> Shape:
    """[west, south, east, north], or two corners."""
    if isinstance(said, list) and len(said) == 2 and all(isinstance(each, list) and len(each) == 2 for each in said):
        x1, y1, x2, y2 = _checked([*said[0], *said[1]])
        return _shape("box", [(x1, y1), (x2, y2)], system)
    if isinstance(said, list) and len(said) == 4:
        west, south, east, north = _checked(said)
        return _box(west, south, east, north, system)
    if isinstance(said, list) and len(said) == 2:
        x, y = _checked(said)
        return _unclear("point", [(x, y)])
    raise _Unread("geometry-unreadable")


def _checked(numbers: Sequence[Any]) -> list[str]:
    if not all(isinstance(number, str) and _ONE.fullmatch(number) for number in numbers):
        raise _Unread("geometry-unreadable")
    return list(numbers)


# Building and judging


def _box(west: str, south: str, east: str, north: str, system: str = "") -> Shape:
    shape = _shape("box", [(west, south), (east, north)], system)
    if float(west) > float(east) or float(south) > float(north):
        raise _Unread("geometry-unreadable")
    return shape


def _corners(x1: str, y1: str, x2: str, y2: str) -> list[Position]:
    """The closed ring around two opposite corners, from the lower left one against the clock."""
    west, east = sorted((x1, x2), key=float)
    south, north = sorted((y1, y2), key=float)
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


def _shape(kind: str, positions: Sequence[Position], system: str, exact: Term = "") -> Shape:
    """A shape of positions in the axis order of `system` ("" is CRS84, longitude first), once they are plausible there."""
    axes = _axes(system)
    if axes == "unclear":
        raise _Unread("geometry-axes-unclear")
    if kind == "box" and len(positions) == 2:
        positions = _corners(*positions[0], *positions[1])
    if axes != "projected":
        places = [(float(position[0]), float(position[1])) for position in positions]
        _judge([(y, x) for x, y in places] if axes == "latitude first" else places)
    prefix = _prefix(system)
    if not exact:
        ring = list(positions) if positions[0] == positions[-1] else [*positions, positions[0]]
        inner = ", ".join([" ".join(position) for position in ring])
        exact = literal(f"{prefix}POINT ({inner})" if kind == "point" else f"{prefix}POLYGON (({inner}))", datatype=GEO.wktLiteral)
    bounds = exact
    if kind == "other":
        xs = sorted({position[0] for position in positions}, key=float)
        ys = sorted({position[1] for position in positions}, key=float)
        inner = ", ".join([" ".join(position) for position in _corners(xs[0], ys[0], xs[-1], ys[-1])])
        bounds = literal(f"{prefix}POLYGON (({inner}))", datatype=GEO.wktLiteral)
    return Shape(kind, exact, bounds, "geometry-projected" if axes == "projected" else "")


def _unclear(kind: str, positions: Sequence[Position], exact: Term = "") -> Shape:
    """A shape whose axis order nobody declared: taken only where one of both orders is impossible, or lies in Germany."""
    turned = [(y, x) for x, y in positions]
    if all(_in_germany(float(x), float(y)) for x, y in positions) or any(abs(float(x)) > 90 for x, _ in positions):
        return _shape(kind, positions, "", exact)
    if all(_in_germany(float(x), float(y)) for x, y in turned) or any(abs(float(x)) > 90 for x, _ in turned):
        return _shape(kind, turned, "", exact)
    raise _Unread("geometry-axes-unclear")


def _judge(places: Sequence[tuple[float, float]]) -> None:
    if not all(-180 <= x <= 180 and -90 <= y <= 90 for x, y in places):
        raise _Unread("geometry-out-of-range")
    if all(_in_germany(y, x) for x, y in places):
        raise _Unread("geometry-axes-swapped")


def _in_germany(x: float, y: float) -> bool:
    """Whether a place lies in the rectangle around Germany; with the axes turned that rectangle lies in the Indian Ocean."""
    return 5.5 <= x <= 15.3 and 47.0 <= y <= 55.2


def _is_rectangle(positions: Sequence[Position]) -> bool:
    """Whether a ring (closed or not) is a rectangle along the axes."""
    ring = [(float(position[0]), float(position[1])) for position in positions if len(position) == 2]
    if len(ring) == 5 and ring[0] == ring[4]:
        ring.pop()
    if len(ring) != 4 or len(positions) > 5:
        return False
    if len({x for x, _ in ring}) != 2 or len({y for _, y in ring}) != 2 or len(set(ring)) != 4:
        return False
    return all((ring[n][0] == ring[n - 1][0]) != (ring[n][1] == ring[n - 1][1]) for n in range(4))


def _prefix(system: str) -> str:
    if not system:
        return ""
    code = _EPSG.search(system)
    return f"<{_EPSG_IRI}{code.group(1)}> " if code and not system.startswith("http") else f"<{system}> "


@lru_cache(maxsize=256)
def _axes(system: str) -> str:
    """The axis order that the name of a reference system declares: "longitude first", "latitude first", "projected" or "unclear"."""
    if not system or system.rstrip("/").upper().endswith(("CRS84", "CRS:84")):
        return "longitude first"
    code = _EPSG.search(system)
    if code is None or code.group(1) not in ("4326", "4258"):
        return "unclear" if "4326" in system or "4258" in system else "projected"
    return "latitude first" if "def" in system else "unclear"
