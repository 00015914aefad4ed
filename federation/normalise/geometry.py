"""Geometry of a dcterms:Location as dcat:bbox and dcat:centroid (DCAT-AP.de 3.0, section 2; conventions 04 to 07).

What a source writes (WKT, GeoJSON, GML, envelopes, lists of four numbers, geo: addresses, latitude and longitude) becomes a
geo:wktLiteral: a rectangle dcat:bbox, a point dcat:centroid. Any other geometry, for which DCAT has no property, goes whole to a
locn:Geometry node with geo:asWKT, and dcat:bbox is derived from it. Digits stay as written, nothing is rounded or reprojected.

A geo:wktLiteral without a reference system is CRS84: longitude, then latitude (GeoSPARQL 1.1, 8.5.1). Axes are turned only where the
declared system puts latitude first; axes that merely look turned are a finding, and the value stays as it was.
"""

from federation.dcat.description import Description
from federation.finding import Finding
from federation.normalise.geometry_forms import Shape, point, read
from federation.terms import DCAT, GEO, LOCN, SCHEMA, TYPE, Term, Triple, prefixed, value

_W3C = "http://www.w3.org/2003/01/geo/wgs84_pos#"
_PAIRS = (
    (f"<{_W3C}lat>", f"<{_W3C}long>"),
    (SCHEMA.latitude, SCHEMA.longitude),
    ("<https://schema.org/latitude>", "<https://schema.org/longitude>"),
)
_BOXES = (SCHEMA.box, "<https://schema.org/box>")
_SERIALISED = (GEO.asWKT, GEO.asGeoJSON, GEO.asGML)
_CONCERNED = frozenset({LOCN.geometry, DCAT.bbox, DCAT.centroid, *_BOXES, *_SERIALISED, *(name for pair in _PAIRS for name in pair)})


def apply(description: Description, node: Term) -> list[Finding]:
    """Puts the geometry of a dcterms:Location node in its place. Findings name the property and the value as it stood.

    Codes: geometry-unreadable, geometry-axes-swapped, geometry-axes-unclear, geometry-out-of-range, geometry-projected (a system in
    metres, kept with its name), geometry-several (more than one rectangle or centre where one is allowed).
    """
    properties = description.nodes.get(node)
    if not properties or _CONCERNED.isdisjoint(properties):
        return []
    found: list[tuple[str, Term, str]] = []
    for prop in (DCAT.bbox, DCAT.centroid):
        for term in tuple(description.values(node, prop)):
            _tidy(description, node, prop, term, found)
    for prop in (LOCN.geometry, *_BOXES):
        for term in tuple(description.values(node, prop)):
            if term[0] == '"' or term.startswith("<geo:"):
                _place(description, node, prop, term, found)
    for latitude, longitude in _PAIRS:
        _join(description, node, latitude, longitude, found)
    for prop in _SERIALISED:
        for term in tuple(description.values(node, prop)):
            shape = _read_or_say(prop, term, found)
            if shape is not None:
                _derive(description, node, shape)
    for prop in (DCAT.bbox, DCAT.centroid):
        if len(description.values(node, prop)) > 1:
            found.append(("geometry-several", prop, value(description.values(node, prop)[1])))
    root = value(description.root)
    return [Finding(code, dataset=root, field=prefixed(prop), value=said) for code, prop, said in dict.fromkeys(found)]


def _target(shape: Shape) -> Term:
    return DCAT.centroid if shape.kind == "point" else DCAT.bbox


def _whole(geometry: Term, shape: Shape) -> list[Triple]:
    serialised = GEO.asGML if shape.exact.endswith(GEO.gmlLiteral) else GEO.asWKT
    return [(geometry, TYPE, LOCN.Geometry), (geometry, serialised, shape.exact)]


def _read_or_say(prop: Term, term: Term, found: list[tuple[str, Term, str]]) -> Shape | None:
    shape = read(term, latitude_first=prop in _BOXES)
    if isinstance(shape, str):
        found.append((shape, prop, value(term)))
        return None
    if shape.code:
        found.append((shape.code, prop, value(term)))
    return shape


def _tidy(description: Description, node: Term, prop: Term, term: Term, found: list[tuple[str, Term, str]]) -> None:
    """dcat:bbox and dcat:centroid as geo:wktLiteral."""
    shape = _read_or_say(prop, term, found)
    if shape is not None and shape.exact != term:
        description.replace(node, prop, term, [shape.exact], "geometry-datatype" if value(shape.exact) == value(term) else "geometry-form")


def _place(description: Description, node: Term, prop: Term, term: Term, found: list[tuple[str, Term, str]]) -> None:
    """A geometry that stands in a property of its own: to dcat:bbox or dcat:centroid, else to a locn:Geometry node."""
    shape = _read_or_say(prop, term, found)
    if shape is None:
        return
    target = _target(shape)
    there = description.values(node, target)
    if shape.kind != "other" and (not there or shape.exact in there):
        description.change([(node, prop, term)], [(node, target, shape.exact)], "geometry")
        return
    geometry = description.fresh_blank(node, LOCN.geometry, term)
    description.change([(node, prop, term)], [(node, LOCN.geometry, geometry), *_whole(geometry, shape)], "geometry-node")
    _derive(description, node, shape)


def _join(description: Description, node: Term, latitude: Term, longitude: Term, found: list[tuple[str, Term, str]]) -> None:
    """Latitude and longitude in two properties: one dcat:centroid."""
    ys, xs = description.values(node, latitude), description.values(node, longitude)
    if len(xs) != 1 or len(ys) != 1:
        return
    shape = point(value(xs[0]), value(ys[0]))
    if isinstance(shape, str):
        found.append((shape, latitude, f"{value(ys[0])} {value(xs[0])}"))
        return
    there = description.values(node, DCAT.centroid)
    if not there or shape.exact in there:
        description.change([(node, latitude, ys[0]), (node, longitude, xs[0])], [(node, DCAT.centroid, shape.exact)], "geometry")


def _derive(description: Description, node: Term, shape: Shape) -> None:
    """The rectangle (of a point: the centre) of a geometry that stays elsewhere, where the location has none."""
    if not description.values(node, _target(shape)):
        description.derive(node, _target(shape), [shape.bounds], "geometry-bounds")
