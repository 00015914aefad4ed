"""Rows of the bodies of Germany: states, government districts, districts, associations of municipalities, municipalities.

Keys, names and kinds come from the official list of municipalities (GV100AD, fixed columns), boxes and centres from
geometries joined with it. Keys that an earlier list of dcat-ap.de had and this one has not are kept as former keys.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from vocabularies.build.originals import content, original
from vocabularies.build.tables import Row

LIST = "municipalities/GV100AD_*.txt.gz"
BOXES = "municipalities/municipalities-*.csv.gz"
REGIONS = "municipalities/districts-states.csv"
GEOCODING = "http://dcat-ap.de/def/politicalGeocoding/"
BOX = ("west", "south", "east", "north", "lon", "lat")

# Text codes of GV100AD (Statistisches Bundesamt, description of the data set GV100AD).
KINDS = {
    "41": "Kreisfreie Stadt", "42": "Stadtkreis", "43": "Kreis", "44": "Landkreis", "45": "Regionalverband",
    "50": "Verbandsfreie Gemeinde", "51": "Amt", "52": "Samtgemeinde", "53": "Verbandsgemeinde", "54": "Verwaltungsgemeinschaft",
    "55": "Kirchspielslandgemeinde", "56": "Verwaltungsverband", "58": "Erfüllende Gemeinde",
    "60": "Markt", "61": "Kreisfreie Stadt", "62": "Stadtkreis", "63": "Stadt", "64": "Gemeinde",
    "65": "Gemeindefreies Gebiet", "66": "Gemeindefreies Gebiet", "67": "Große Kreisstadt",
}  # fmt: skip
SHORT = {
    "St": "Stadt", "M": "Markt", "GKSt": "Große Kreisstadt", "gemfr. Bezirk": "gemeindefreier Bezirk",
    "gemfr. Gebiet": "gemeindefreies Gebiet", "gemfr. Geb.": "gemeindefreies Gebiet", "gemfr.Geb.": "gemeindefreies Gebiet",
}  # fmt: skip


@cache
def _lines(originals: Path) -> dict[str, list[tuple[str, str, str]]]:
    """kind of line: [(key, name, text code)], the key with its blanks as the list writes it."""
    lines: dict[str, list[tuple[str, str, str]]] = {}
    for line in content(original(originals, LIST)).decode("utf-8").splitlines():
        name = re.sub(r"\s+", " ", line[22:72]).strip().replace(" ,", ",")
        lines.setdefault(line[:2], []).append((line[10:22], name, line[122:124]))
    return lines


@cache
def _boxes(originals: Path) -> dict[str, dict[str, str]]:
    """key of the body: its box and centre in WGS84 degrees with five decimals."""
    boxes: dict[str, dict[str, str]] = {}
    for name, key in ((REGIONS, "key"), (BOXES, "ars")):
        for row in csv.DictReader(io.StringIO(content(original(originals, name)).decode("utf-8"))):
            boxes[row[key]] = {column: row[column] for column in BOX} | {"nuts": row.get("nuts", "")}
    return boxes


def edition(originals: Path) -> str:
    """The day that the list of municipalities is of, as it stands in each of its lines."""
    return content(original(originals, LIST))[2:10].decode("ascii")


@cache
def _around(originals: Path, digits: int) -> dict[str, dict[str, str]]:
    """key of `digits` digits: the box around the boxes of all its municipalities; none where one of them has no box."""
    members: dict[str, list[dict[str, str]]] = {}
    for row in municipalities(originals):
        if row["type"] != "Gemeindefreies Gebiet":
            members.setdefault(row["code"][:digits], []).append(row)
    boxes: dict[str, dict[str, str]] = {}
    for key, rows in members.items():
        if all(row.get("west") for row in rows):
            chosen = (("west", min), ("south", min), ("east", max), ("north", max))
            boxes[key] = {side: choose((row[side] for row in rows), key=float) for side, choose in chosen}
    return boxes


def states(originals: Path) -> Iterator[Row]:
    """The sixteen states; their GeoNames numbers are kept by hand."""
    for key, name, _ in _lines(originals)["10"]:
        code = key[:2]
        yield {"code": code, "label_de": name} | _boxes(originals).get(code, {})


def government_districts(originals: Path) -> Iterator[Row]:
    """Government districts and statistical regions; `former` marks those that the list carries on for statistics only."""
    for key, name, _ in _lines(originals)["20"]:
        former = name.startswith("früher: ")
        label = name.removeprefix("früher: ").replace("Reg.-Bez.", "Regierungsbezirk")
        yield {"code": key[:3], "label_de": label, "former": "yes" if former else ""} | _around(originals, 3).get(key[:3], {})


def districts(originals: Path) -> Iterator[Row]:
    """Districts and district-free cities; a rural district bears its kind in its label, as people write it."""
    for key, name, kind in _lines(originals)["40"]:
        code = key[:5]
        label = f"{KINDS[kind]} {name}" if kind in ("43", "44") and not re.search(r"kreis|Region", name, re.I) else name
        yield {"code": code, "label_de": label, "type": KINDS[kind]} | _boxes(originals).get(code, {})


def associations(originals: Path) -> Iterator[Row]:
    """Associations of municipalities with nine digits; those of a single municipality bear its name."""
    for key, name, kind in _lines(originals)["50"]:
        code = key[:5] + key[8:12]
        yield {"code": code, "label_de": _long(name), "type": KINDS[kind]} | _around(originals, 9).get(code, {})


def municipalities(originals: Path) -> Iterator[Row]:
    """Municipalities by regional key (ARS, 12 digits) with their official key (AGS, 8 digits) and the name without its title."""
    for key, name, kind in _lines(originals)["60"]:
        code = key[:5] + key[8:12] + key[5:8]
        row = {"code": code, "label_de": _long(name), "ags": key[:8], "short": name.split(",")[0], "type": KINDS[kind]}
        yield row | _boxes(originals).get(code, {})


def _long(name: str) -> str:
    place, comma, title = name.partition(", ")
    return place + comma + SHORT.get(title, title)


def former_keys(originals: Path) -> Iterable[Row]:
    """Keys of the list that dcat-ap.de published in 2019 and that the current list of municipalities has no more."""
    current = {row["code"] for rows in (districts, municipalities) for row in rows(originals)}
    text = content(original(originals, "dcat-ap-de/uri-lists-*.ttl.gz")).decode("utf-8")
    for kind, key in re.findall(rf"<{re.escape(GEOCODING)}(districtKey|regionalKey)/(\d{{5}}|\d{{12}})>", text):
        if key not in current:
            yield {"code": f"{kind}/{key}", "label_de": key}
