"""CSW, measured: `python -m tests.benchmarks.csw [--records 10000]`.

Records of ISO 19139 in the form of German municipal catalogs (every fifth a service that operates on the one before it), pages of 100
over loopback from a process of its own; fetch, split, map, gate, normalise, check, store. CPU seconds (user + system) of the reading
process. The figure counts datasets; the result is checked, and that a second reading changes nothing.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.straight_line import run, workspace
from tests.csw_server import OPEN, legal, link, operates_on, record

MORE = (
    '<gmd:spatialRepresentationType><gmd:MD_SpatialRepresentationTypeCode codeList="#" codeListValue="vector"/>'
    "</gmd:spatialRepresentationType>"
    '<gmd:language><gmd:LanguageCode codeList="#" codeListValue="ger"/></gmd:language>'
    "<gmd:topicCategory><gmd:MD_TopicCategoryCode>planningCadastre</gmd:MD_TopicCategoryCode></gmd:topicCategory>"
    "<gmd:extent><gmd:EX_Extent><gmd:geographicElement><gmd:EX_GeographicBoundingBox>"
    "<gmd:westBoundLongitude><gco:Decimal>6.77</gco:Decimal></gmd:westBoundLongitude>"
    "<gmd:eastBoundLongitude><gco:Decimal>7.16</gco:Decimal></gmd:eastBoundLongitude>"
    "<gmd:southBoundLatitude><gco:Decimal>50.83</gco:Decimal></gmd:southBoundLatitude>"
    "<gmd:northBoundLatitude><gco:Decimal>51.08</gco:Decimal></gmd:northBoundLatitude>"
    "</gmd:EX_GeographicBoundingBox></gmd:geographicElement></gmd:EX_Extent></gmd:extent>"
)
SERVER = """
import sys, time
from tests.benchmarks.csw import material
from tests.csw_server import csw
with csw(material(int(sys.argv[1])), cap=100) as catalog:
    print(catalog.url, flush=True)
    sys.stdin.read()
"""
OURS = """
import json, resource, sys, time
from pathlib import Path
from federation import config
from federation.harvest.http import Http
from federation.store.store import Store
from federation.sync.run import Round

folder = Path(sys.argv[1])
start = time.process_time()
settings = config.load(folder)
with Store.open(f"sqlite:///{folder}/federation.db") as store:
    results = Round(settings, store, Http(settings.network), full=len(sys.argv) > 2).run(settings.sources())
    services = sum(b"accessService" in (store.body(row.body).nt if row.body else b"") for row in store.known("bench").values())
print(json.dumps({
    "cpu": time.process_time() - start, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "results": [r.as_dict() for r in results], "services": services,
}))
"""


def material(count: int) -> list[str]:
    """So many records."""
    made = []
    for number in range(count):
        name = f"rec-{number:06}"
        if number % 5 == 4:
            target = operates_on(f"https://registry.gdi-de.org/id/de.test/rec-{number - 1:06}", f"rec-{number - 1:06}")
            made.append(record(name, f"Dienst {number}", kind="service", operates_on=target))
            continue
        links = link(f"https://geo.stadt.example/wfs/{name}?SERVICE=WFS&REQUEST=GetCapabilities", "OGC:WFS", name="WFS")
        links += link(f"https://geo.stadt.example/{name}.geojson", "WWW:DOWNLOAD-1.0-http--download", "download", "GeoJSON")
        made.append(record(
            name, f"Bebauungsplan {number}", words=("opendata", "inspireidentifiziert", f"Plan {number % 50}",
            "Bauen"), more=MORE, links=links,
            constraints=legal("Es gelten keine Zugriffsbeschränkungen", access="otherRestrictions", use="") + legal(OPEN),
        ))  # fmt: skip
    return made


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=10_000)
    count = parser.parse_args().records
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    assert server.stdin is not None
    try:
        url = server.stdout.readline().strip()
        with tempfile.TemporaryDirectory() as folder:
            place = workspace(Path(folder), url)
            member = place / "members" / "bench.toml"
            member.write_text(member.read_text().replace('connector = "dcat"', 'connector = "csw"'))
            first, again = run(OURS, folder), run(OURS, folder, "full")
    finally:
        server.stdin.close()
        server.wait()
    datasets = count - count // 5
    listed, second = first["results"][0], again["results"][0]
    assert listed["outcome"] == "done", listed
    assert (listed["listed"], listed["new"], first["services"]) == (datasets, datasets, count // 5), listed
    assert (second["unchanged"], second["changed"], second["new"]) == (datasets, 0, 0), second
    print(json.dumps({
        "datasets": datasets, "cpu": round(first["cpu"], 2), "per_cpu_second": round(datasets / first["cpu"]),
        "peak_mb": round(first["peak_mb"]),
        "again_cpu": round(again["cpu"], 2),
    }))  # fmt: skip


if __name__ == "__main__":
    main()
