"""Geometry: what sources write, as dcat:bbox and dcat:centroid; nothing rounded, nothing lost."""

import gzip
import json
import time

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.dcat.description import Description
from federation.normalise import geometry
from federation.terms import DCAT, DCTERMS, GEO, LOCN, SCHEMA, TYPE, XSD, Term, literal, value
from tests.shared import shared

WKT = GEO.wktLiteral
GEOJSON = "<https://www.iana.org/assignments/media-types/application/vnd.geo+json>"
PLACE = "_:place"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


def place(*statements: tuple[Term, Term]) -> Description:
    description = Description("<https://portal.example/dataset/1>", "dataset")
    description.say(description.root, DCTERMS.spatial, PLACE)
    for prop, term in statements:
        description.say(PLACE, prop, term)
    return description


def apply(*statements: tuple[Term, Term]) -> tuple[Description, list[str]]:
    """The description after geometry.apply, and the codes; undoing the changes must give the source back, a second time do nothing."""
    description = place(*statements)
    before = set(description.triples())
    codes = [finding.code for finding in geometry.apply(description, PLACE)]
    assert set(description.undone().triples()) == before
    changes = len(description.changes)
    assert [finding.code for finding in geometry.apply(description, PLACE)] == codes
    assert len(description.changes) == changes
    return description, codes


def wkt(text: str) -> Term:
    return literal(text, datatype=WKT)


RING = "((11.9936 54.0486, 11.9936 54.2466, 12.3045 54.2466, 12.3045 54.0486, 11.9936 54.0486))"
JSON_RING = "[[[11.9936, 54.0486], [11.9936, 54.2466], [12.3045, 54.2466], [12.3045, 54.0486], [11.9936, 54.0486]]]"
BOX = wkt("POLYGON ((11.50 53.56, 12.82 53.56, 12.82 54.28, 11.50 54.28, 11.50 53.56))")


def test_the_geojson_rectangles_of_rostock_become_a_bounding_box() -> None:
    for datatype in (GEOJSON, GEO.geoJSONLiteral, XSD.string, ""):
        said = literal(f'{{"type":"Polygon","coordinates":{JSON_RING}}}', datatype=datatype)
        description, codes = apply((LOCN.geometry, said))
        assert description.nodes[PLACE] == {DCAT.bbox: [wkt(f"POLYGON {RING}")]}
        assert codes == []


def test_the_same_rectangle_in_two_encodings_is_one_bounding_box() -> None:
    said = literal(f'{{"type":"Polygon","coordinates":{JSON_RING}}}', datatype=GEOJSON)
    for prop in (LOCN.geometry, DCAT.bbox):
        description, codes = apply((prop, wkt(f"POLYGON {RING}")), (prop, said))
        assert description.nodes[PLACE] == {DCAT.bbox: [wkt(f"POLYGON {RING}")]}
        assert codes == []


@pytest.mark.parametrize(
    "text",
    [
        "POLYGON((2.54 51.51,6.41 51.51,6.41 49.49,2.54 49.49,2.54 51.51))",
        "<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POLYGON((11 54,12 54,12 55,11 55,11 54))",
        f"<{EPSG}4326> POLYGON((54 11,55 11,55 12,54 12,54 11))",
        "MULTIPOLYGON (((11 54,12 54,12 55,11 54)),((8 50,9 50,9 51,8 50)))",
    ],
)
def test_a_wkt_bounding_box_in_order_stays_byte_for_byte(text: str) -> None:
    description, codes = apply((DCAT.bbox, wkt(text)))
    assert description.nodes[PLACE] == {DCAT.bbox: [wkt(text)]}
    assert (description.changes, codes) == ([], [])


@pytest.mark.parametrize(
    "text",
    [
        "11.50,53.56,12.82,54.28",
        "11.50 53.56 12.82 54.28",
        "ENVELOPE(11.50, 12.82, 54.28, 53.56)",
        "BOX(11.50 53.56,12.82 54.28)",
        "[11.50, 53.56, 12.82, 54.28]",
        "[[11.50, 53.56], [12.82, 54.28]]",
        '{"type":"envelope","coordinates":[[11.50, 54.28],[12.82, 53.56]]}',
        '{"bbox":[11.50, 53.56, 12.82, 54.28]}',
        '{"xmin":11.50,"ymin":53.56,"xmax":12.82,"ymax":54.28,"spatialReference":{"wkid":4326}}',
        "northlimit=54.28; southlimit=53.56; westlimit=11.50; eastlimit=12.82; units=signed decimal degrees",
        f'<gml:Envelope srsName="{EPSG}4326"><gml:lowerCorner>53.56 11.50</gml:lowerCorner>'
        "<gml:upperCorner>54.28 12.82</gml:upperCorner></gml:Envelope>",
        '<gml:Envelope srsName="urn:ogc:def:crs:EPSG::4258"><gml:lowerCorner>53.56 11.50</gml:lowerCorner>\n'
        "<gml:upperCorner>54.28 12.82</gml:upperCorner></gml:Envelope>",
        '<gml:Envelope srsName="http://www.opengis.net/def/crs/OGC/1.3/CRS84"><gml:lowerCorner>11.50 53.56</gml:lowerCorner>'
        "<gml:upperCorner>12.82 54.28</gml:upperCorner></gml:Envelope>",
        '<gml:Box srsName="EPSG:4326"><gml:coordinates>11.50,53.56 12.82,54.28</gml:coordinates></gml:Box>',
        '<gml:Envelope srsName="EPSG:4326"><gml:lowerCorner>53.56 11.50</gml:lowerCorner>'
        "<gml:upperCorner>54.28 12.82</gml:upperCorner></gml:Envelope>",
        "POLYGON((11.50 53.56, 12.82 53.56, 12.82 54.28, 11.50 54.28))",
    ],
)
def test_every_form_of_a_rectangle_becomes_the_same_bounding_box(text: str) -> None:
    for prop in (LOCN.geometry, DCAT.bbox):
        description, codes = apply((prop, literal(text)))
        assert description.nodes[PLACE] == {DCAT.bbox: [BOX]}
        assert codes == []


def test_the_lower_left_corner_of_a_schema_box_begins_with_the_latitude() -> None:
    description, codes = apply((SCHEMA.box, literal("53.56 11.50 54.28 12.82")))
    assert description.nodes[PLACE] == {DCAT.bbox: [BOX]}
    assert codes == []


@pytest.mark.parametrize(
    "said",
    [
        literal("POINT (12.10 54.09)"),
        literal('{"type": "Point", "coordinates": [12.10, 54.09]}', datatype=GEOJSON),
        literal('{"type":"Feature","geometry":{"type":"Point","coordinates":[12.10, 54.09]},"properties":{}}'),
        literal('{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[12.10,54.09]}]}'),
        "<geo:54.09,12.10>",
        literal("geo:54.09,12.10;crs=wgs84;u=10"),
        literal("54.09, 12.10"),
        literal("12.10 54.09"),
        literal(f'<gml:Point srsName="{EPSG}4326"><gml:pos>54.09 12.10</gml:pos></gml:Point>'),
    ],
)
def test_every_form_of_a_point_becomes_the_centroid(said: Term) -> None:
    description, codes = apply((LOCN.geometry, said))
    assert description.nodes[PLACE] == {DCAT.centroid: [wkt("POINT (12.10 54.09)")]}
    assert codes == []


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        ("<http://www.w3.org/2003/01/geo/wgs84_pos#lat>", "<http://www.w3.org/2003/01/geo/wgs84_pos#long>"),
        (SCHEMA.latitude, SCHEMA.longitude),
    ],
)
def test_latitude_and_longitude_become_the_centroid(latitude: Term, longitude: Term) -> None:
    description, codes = apply((latitude, literal("54.09", datatype=XSD.double)), (longitude, literal("12.10")))
    assert description.nodes[PLACE] == {DCAT.centroid: [wkt("POINT (12.10 54.09)")]}
    assert codes == []


def test_a_shape_that_is_no_rectangle_stays_whole_in_a_geometry_node_and_its_bounds_are_derived() -> None:
    text = "POLYGON((11.5 54,12 54.10,12.50 55,11.5 54))"
    description, codes = apply((LOCN.geometry, literal(text)))
    (node,) = description.nodes[PLACE][LOCN.geometry]
    assert node.startswith("_:")
    assert description.nodes[node] == {TYPE: [LOCN.Geometry], GEO.asWKT: [wkt(text)]}
    assert description.nodes[PLACE][DCAT.bbox] == [wkt("POLYGON ((11.5 54, 12.50 54, 12.50 55, 11.5 55, 11.5 54))")]
    assert codes == []
    assert [change.rule for change in description.changes] == ["geometry-node", "geometry-bounds"]
    assert description.changes[1].removed == ()


def test_geojson_that_is_no_rectangle_is_written_as_wkt_with_its_digits() -> None:
    said = '{"type":"MultiPolygon","coordinates":[[[[11.50,54.0],[12,54],[12,55.10],[11.50,54.0]]],[[[8,50],[9,50],[9,51],[8,50]]]]}'
    description, _ = apply((LOCN.geometry, literal(said, datatype=GEOJSON)))
    (node,) = description.nodes[PLACE][LOCN.geometry]
    assert description.nodes[node][GEO.asWKT] == [
        wkt("MULTIPOLYGON (((11.50 54.0, 12 54, 12 55.10, 11.50 54.0)), ((8 50, 9 50, 9 51, 8 50)))")
    ]


def test_gml_that_is_no_rectangle_stays_gml() -> None:
    text = (
        f'<gml:Polygon srsName="{EPSG}4326"><gml:exterior><gml:LinearRing><gml:posList>54 11.5 54.1 12 55 12.5 54 11.5</gml:posList>'
        "</gml:LinearRing></gml:exterior></gml:Polygon>"
    )
    description, _ = apply((LOCN.geometry, literal(text, datatype=GEO.gmlLiteral)))
    (node,) = description.nodes[PLACE][LOCN.geometry]
    assert description.nodes[node][GEO.asGML] == [literal(text, datatype=GEO.gmlLiteral)]
    assert description.nodes[PLACE][DCAT.bbox] == [wkt("POLYGON ((11.5 54, 12.5 54, 12.5 55, 11.5 55, 11.5 54))")]


def test_a_geometry_beside_another_bounding_box_is_not_lost() -> None:
    description, codes = apply((DCAT.bbox, BOX), (LOCN.geometry, literal(f"POLYGON {RING}")))
    (node,) = description.nodes[PLACE][LOCN.geometry]
    assert description.nodes[node][GEO.asWKT] == [wkt(f"POLYGON {RING}")]
    assert description.nodes[PLACE][DCAT.bbox] == [BOX]
    assert codes == []


def test_a_serialised_geometry_on_the_location_stays_and_its_bounds_are_derived() -> None:
    description, codes = apply((GEO.asWKT, wkt(f"POLYGON {RING}")))
    assert description.nodes[PLACE] == {GEO.asWKT: [wkt(f"POLYGON {RING}")], DCAT.bbox: [wkt(f"POLYGON {RING}")]}
    assert codes == []


def test_a_geometry_node_and_other_statements_stay() -> None:
    for term in ("_:geometry", "<http://example.org/geometry/1>"):
        description, codes = apply((LOCN.geometry, term), (TYPE, DCTERMS.Location))
        assert (description.changes, codes) == ([], [])
    assert geometry.apply(place(), PLACE) == []


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (wkt("POLYGON((54 11,55 11,55 12,54 12,54 11))"), "geometry-axes-swapped"),
        (wkt("POINT(54.09 12.10)"), "geometry-axes-swapped"),
        (literal("53.56,11.50,54.28,12.82"), "geometry-axes-swapped"),
        (literal('{"type":"Point","coordinates":[54.09,12.10]}', datatype=GEOJSON), "geometry-axes-swapped"),
        (wkt(f"<{EPSG}4326> POINT(12.10 54.09)"), "geometry-axes-swapped"),
        (literal("40.7, 20.1"), "geometry-axes-unclear"),
        (literal('<gml:Point srsName="EPSG:4326"><gml:pos>40.7 20.1</gml:pos></gml:Point>'), "geometry-axes-unclear"),
        (literal("280371.07,5235855.82,919932.92,6120635.98"), "geometry-out-of-range"),
        (wkt("POINT(280371 5235855)"), "geometry-out-of-range"),
        (wkt("POINT(1e999 5)"), "geometry-out-of-range"),
        (literal("Rostock"), "geometry-unreadable"),
        (literal("{{extent:computeSpatialProperty}}"), "geometry-unreadable"),
        (literal(""), "geometry-unreadable"),
        (literal("POLYGON EMPTY"), "geometry-unreadable"),
        (literal("POLYGON((1 2,3 4"), "geometry-unreadable"),
        (literal("POINT(a b)"), "geometry-unreadable"),
        (literal("12.82,53.56,11.50,54.28"), "geometry-unreadable"),
        (literal('{"type":"Polygon","coordinates":[]}'), "geometry-unreadable"),
        (literal('{"type":"Polygon","coordinates":[[["a","b"]]]}'), "geometry-unreadable"),
        (literal('{"type":"Topology"}'), "geometry-unreadable"),
        (literal("[" * 100_000), "geometry-unreadable"),
        (literal('{"a":' * 20_000), "geometry-unreadable"),
    ],
)
def test_what_is_not_certain_stays_where_it_was_and_is_reported(said: Term, code: str) -> None:
    for prop in (LOCN.geometry, DCAT.bbox):
        description, codes = apply((prop, said))
        assert description.nodes[PLACE] == {prop: [said]}
        assert codes == [code]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (f"<{EPSG}25832> POINT(280371.07 5235855.8)", f"<{EPSG}25832> POINT(280371.07 5235855.8)"),
        ("SRID=25833;POINT(280371.07 5235855.8)", f"<{EPSG}25833> POINT(280371.07 5235855.8)"),
        (
            '{"type":"Point","coordinates":[280371.07,5235855.8],"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::25832"}}}',
            f"<{EPSG}25832> POINT (280371.07 5235855.8)",
        ),
        (
            '<gml:Point srsName="urn:ogc:def:crs:EPSG::31467"><gml:pos>3280371 5235855</gml:pos></gml:Point>',
            f"<{EPSG}31467> POINT (3280371 5235855)",
        ),
    ],
)
def test_a_declared_system_in_metres_is_kept_with_its_name_and_reported(said: str, expected: str) -> None:
    description, codes = apply((LOCN.geometry, literal(said)))
    assert description.nodes[PLACE] == {DCAT.centroid: [wkt(expected)]}
    assert codes == ["geometry-projected"]


def test_postgis_writes_4326_with_the_longitude_first() -> None:
    description, codes = apply((LOCN.geometry, literal("SRID=4326;POINT(12.10 54.09)")))
    assert description.nodes[PLACE] == {DCAT.centroid: [wkt("POINT(12.10 54.09)")]}
    assert codes == []


def test_two_different_bounding_boxes_stay_and_are_reported() -> None:
    other = wkt("POLYGON((11 54,12 54,12 55,11 55,11 54))")
    description, codes = apply((DCAT.bbox, BOX), (DCAT.bbox, other))
    assert description.nodes[PLACE] == {DCAT.bbox: [BOX, other]}
    assert codes == ["geometry-several"]


def test_a_finding_names_dataset_property_and_value() -> None:
    (finding,) = geometry.apply(place((LOCN.geometry, literal("Rostock"))), PLACE)
    assert (finding.dataset, finding.field, finding.value) == ("https://portal.example/dataset/1", "locn:geometry", "Rostock")


def test_every_geometry_of_the_real_feeds_finds_its_place() -> None:
    for feed, boxes in (("rostock_catalog.rdf.gz", 100), ("rostock_single_dataset.rdf", 1), ("be_best_addresses.rdf", 1)):
        body = shared(f"corpus/dcat-rdf/{feed}").read_bytes()
        body = gzip.decompress(body) if feed.endswith(".gz") else body
        description = Description("<https://example.org/all>", "rest")
        for quad in pyoxigraph.parse(body, format=pyoxigraph.RdfFormat.RDF_XML, base_iri="https://example.org/", lenient=True):
            description.say(str(quad.subject), str(quad.predicate), str(quad.object))
        codes = [finding.code for node in tuple(description.nodes) for finding in geometry.apply(description, node)]
        assert codes == []
        assert not [term for node in description.nodes for term in description.values(node, LOCN.geometry) if term[0] == '"']
        assert sum(len(description.values(node, DCAT.bbox)) for node in description.nodes) == boxes


def test_a_very_large_real_geometry_is_kept_whole_and_takes_bounded_time() -> None:
    body = gzip.decompress(shared("corpus/dcat-us/us_large_spatial.json.gz").read_bytes())
    text = json.loads(body)["dataset"][0]["spatial"]
    begun = time.process_time()
    description = place((LOCN.geometry, literal(text)))
    assert geometry.apply(description, PLACE) == []
    assert time.process_time() - begun < 10
    (node,) = description.nodes[PLACE][LOCN.geometry]
    assert value(description.nodes[node][GEO.asWKT][0]) == text
    assert len(description.nodes[PLACE][DCAT.bbox]) == 1


@pytest.mark.parametrize(
    "piece", ["(", "1 ", "1,", "POLYGON((", "<gml:pos>1 2</gml:pos>", "[1,", "-", "1e", ".", " ", "<gml:Point>", "north=1 "]
)
def test_hostile_geometry_takes_bounded_time(piece: str) -> None:
    for text in (piece * (300_000 // len(piece)), "POLYGON(" + piece * (300_000 // len(piece)), "<gml:Point>" + piece * 30_000 + ")"):
        begun = time.process_time()
        geometry.apply(place((LOCN.geometry, literal(text))), PLACE)
        assert time.process_time() - begun < 10


# Laws

DEGREES = st.decimals(min_value=-90, max_value=90, places=4).map(str)


@given(st.lists(st.tuples(DEGREES, DEGREES), min_size=3, max_size=8))
def test_every_polygon_keeps_its_digits_or_stays_where_it_was(points: list[tuple[str, str]]) -> None:
    text = json.dumps({"type": "Polygon", "coordinates": [[[0.5, 1.5]]]}).replace("[0.5, 1.5]", ", ".join(f"[{x}, {y}]" for x, y in points))
    description, codes = apply((LOCN.geometry, literal(text, datatype=GEOJSON)))
    written = " ".join(value(term) for _, _, term in description.triples())
    if not codes:
        assert all(f"{x} {y}" in written for x, y in points)
    else:
        assert description.changes == []


PIECES = st.lists(
    st.sampled_from([
        "POLYGON", "POINT", "MULTI", "(", "((", "))", ")", ",", " ", "1", "54.1", "11.9", "-", "[", "]", "{", "}", '"type":"Point"',
        '"coordinates":', "Z", "<gml:Point>", "<gml:pos>", "</gml:pos>", f"<{EPSG}4326>", f"<{EPSG}25832>", "SRID=4326;", "ENVELOPE",
        "e9", "north=", "a",
    ]),
    max_size=14,
).map("".join)  # fmt: skip


@given(st.text(max_size=20) | PIECES, st.sampled_from(["", WKT, GEOJSON]))
@pytest.mark.parametrize("prop", [LOCN.geometry, DCAT.bbox, DCAT.centroid, SCHEMA.box, GEO.asWKT])
def test_nothing_is_lost_and_twice_is_once(prop: Term, text: str, datatype: str) -> None:
    apply((prop, literal(text, datatype=datatype)))
