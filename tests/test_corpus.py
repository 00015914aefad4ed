"""Real feeds, recorded from real portals, through sync over loopback HTTP: arrivals, losses, official shapes, other parsers."""

import gzip
import importlib.util
import io
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from lxml import etree

from federation.dcat.description import Description
from federation.store.store import Store
from federation.sync.decisions import held, release
from federation.terms import prefixed
from tests.loopback import serve
from tests.region import Region
from tests.shared import shared

# file: (datasets that arrive, outcome of the run)
FEEDS = {
    "rostock_catalog.rdf.gz": (100, "held"),  # page 1 of 3 is all we have, and the source says that there are 217
    "bremen_catalog.rdf.gz": (153, "done"),
    "es_ua_alicante.rdf.gz": (258, "done"),
    "fr_geonetwork.rdf": (1, "done"),
    "rostock_single_dataset.rdf": (1, "done"),
    "dataeuropa_survey.rdf": (1, "done"),
    "opendataswiss_single_dataset.rdf": (1, "done"),
    "it_alessandria.rdf": (5, "done"),
    "it_civitavecchia.rdf": (10, "done"),
    "it_brescia_mobilita.rdf": (3, "done"),
    "it_foggia.rdf": (7, "done"),
    "it_lizzano.rdf": (1, "done"),
    "it_giovinazzo_a.rdf": (4, "done"),
    "it_giovinazzo_a_old1.rdf": (2, "done"),
    "it_giovinazzo_a_old2.rdf": (4, "done"),
    "it_giovinazzo_b.rdf": (2, "done"),
    "it_cardarelli.rdf": (10, "done"),
    "it_iuss_pavia.rdf": (10, "done"),
    "it_asrem.rdf": (3, "done"),
    "be_fps_economy.rdf": (2, "done"),
    "be_best_addresses.rdf": (2, "done"),
    "be_smartflanders_summary.ttl": (0, "failed"),
    "fr_oreme_geonetwork.rdf": (1, "done"),
}


def member(name: str) -> str:
    """A member's id for a file."""
    return name.partition(".")[0].replace("_", "-")


@cache
def body(name: str) -> bytes:
    """The unpacked bytes of a feed."""
    data = shared(f"corpus/dcat-rdf/{name}").read_bytes()
    return gzip.decompress(data) if name.endswith(".gz") else data


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Region:
    """All feeds read once; what is held is released, so that everything that arrived is public."""
    shared("corpus/dcat-rdf")
    made = Region(tmp_path_factory.mktemp("corpus"))
    kinds = {name: "text/turtle" if name.endswith(".ttl") else "application/rdf+xml" for name in FEEDS}
    routes = {f"/{name}": (200, {"Content-Type": kind}, body(name)) for name, kind in kinds.items()}
    with serve(routes) as server:
        for name in FEEDS:
            made.member(member(name), f"{server.url}/{name}")
        made.outcome = {run.source: run for run in made.sync().runs}  # type: ignore[attr-defined]
        made.url = server.url  # type: ignore[attr-defined]
    with made.open() as store:
        for item in held(store):
            release(store, item.source)
    made.publish()
    return made


@pytest.mark.parametrize("name", FEEDS)
def test_every_dataset_of_a_real_feed_arrives(region: Region, name: str) -> None:
    datasets, outcome = FEEDS[name]
    run = region.outcome[member(name)]  # type: ignore[attr-defined]
    assert (run.counts.listed, run.counts.rejected, run.outcome) == (datasets, 0, outcome)
    assert len(region.states(member(name))) == datasets


def test_the_salvaged_feed_says_so_and_the_broken_one_is_refused_with_its_line(region: Region) -> None:
    assert "salvaged" in region.codes("fr-geonetwork")
    error = region.outcome["be-smartflanders-summary"].error  # type: ignore[attr-defined]
    assert error.code == "rdf-invalid"
    assert "7" in error.text("en")


def documents(name: str, base: str) -> list[ox.Quad]:
    """The feed read by another way than ours: the parser's lenient mode, or rdflib where that fails too."""
    syntax = ox.RdfFormat.TURTLE if name.endswith(".ttl") else ox.RdfFormat.RDF_XML
    try:
        return list(ox.parse(body(name), syntax, base_iri=base, lenient=True))
    except SyntaxError:
        import rdflib

        before, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
        try:
            graph = rdflib.Graph().parse(data=body(name), format="xml", publicID=base)
        finally:
            rdflib.NORMALIZE_LITERALS = before
        # the only repair of the ladder that this feed needs (finding iri-repaired): blanks in addresses
        terms = [[f"<{term.replace(' ', '%20')}>" if isinstance(term, rdflib.URIRef) else term.n3() for term in triple] for triple in graph]
        return list(ox.parse("".join(f"{s} {p} {o} .\n" for s, p, o in terms), ox.RdfFormat.TURTLE))


def canonical(triples: Iterator[tuple[str, str, str]] | list[tuple[str, str, str]]) -> set[str]:
    """Triples with blank nodes named by RDFC-1.0, so that isomorphic graphs are equal sets."""
    text = "".join(f"{s} {p} {o} .\n" for s, p, o in triples)
    dataset = ox.Dataset(ox.parse(text, ox.RdfFormat.N_QUADS, lenient=True))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


def undone(store: Store, source: str, identifier: str) -> Description:
    """What is published of a record with its Changes undone."""
    record = store.record(source, identifier)
    assert record is not None
    assert record.body is not None
    stored = store.body(record.body)
    assert stored is not None
    public = Description(f"<{record.iri}>", record.kind, changes=list(record.changes or ()))
    for line in stored.nt.decode().split("\n")[:-1]:
        public.say(*line[:-2].split(" ", 2))
    return public.undone()


@pytest.mark.parametrize("name", [name for name, (datasets, _) in FEEDS.items() if datasets])
def test_nothing_that_a_source_said_is_lost_and_nothing_is_unexplained(region: Region, name: str) -> None:
    source = member(name)
    said: dict[str, list[tuple[str, str, str]]] = {}
    for quad in documents(name, f"{region.url}/{name}"):  # type: ignore[attr-defined]
        said.setdefault(str(quad.subject), []).append((str(quad.subject), str(quad.predicate), str(quad.object)))
    with region.open() as store:
        records = {key: undone(store, source, key) for key in store.known(source)}
    everything = {triple for triples in said.values() for triple in triples}
    got = {triple for record in records.values() for triple in record.triples()}
    plain = {triple for triple in everything if "_:" not in (triple[0][:2], triple[2][:2])}
    assert not {triple for triple in got if "_:" not in (triple[0][:2], triple[2][:2])} ^ plain
    roots = {node for node, triples in said.items() if any(t[2] == "<http://www.w3.org/ns/dcat#Dataset>" for t in triples)}
    entities = {record.root for record in records.values() if record.root[0] == "<" and record.kind != "rest"} | roots
    # terms of controlled vocabularies that a feed describes belong to no dataset: they stand in the `rest` record
    described = {node for record in records.values() if record.kind != "rest" for node in record.nodes}
    entities |= {node for record in records.values() if record.kind == "rest" for node in record.nodes if node[0] == "<"} - described
    wanted = sorted(len(canonical(_reachable(said, root, entities))) for root in roots)
    assert wanted == sorted(len(canonical(list(record.triples()))) for record in records.values() if record.kind == "dataset")
    for root in roots:
        if root[0] == "<":
            assert canonical(_reachable(said, root, entities)) == canonical(list(records[root[1:-1]].triples())), root
    if any(root[0] == "_" for root in roots):
        theirs = {frozenset(canonical(_reachable(said, root, entities))) for root in roots}
        assert theirs == {frozenset(canonical(list(record.triples()))) for record in records.values() if record.kind == "dataset"}


def _reachable(said: dict[str, list[tuple[str, str, str]]], root: str, entities: set[str]) -> list[tuple[str, str, str]]:
    found, waiting, met = [], [root], {root}
    while waiting:
        for triple in said.get(waiting.pop(), ()):
            found.append(triple)
            term = triple[2]
            if term in said and term not in met and term not in entities:
                met.add(term)
                waiting.append(term)
    return found


@pytest.fixture(scope="module")
def exports(region: Region) -> dict[str, bytes]:
    return {form: region.export(form) for form in ("ttl", "rdf", "jsonld", "nt")}


def test_the_export_parses_strictly_everywhere_and_says_the_same_in_each_format(exports: dict[str, bytes]) -> None:
    formats = {"ttl": ox.RdfFormat.TURTLE, "rdf": ox.RdfFormat.RDF_XML, "jsonld": ox.RdfFormat.JSON_LD, "nt": ox.RdfFormat.N_TRIPLES}
    sets = {form: {str(triple) for triple in ox.parse(exports[form], kind)} for form, kind in formats.items()}
    assert len(sets["nt"]) > 20_000
    assert all(found == sets["nt"] for found in sets.values())
    tree = etree.parse(io.BytesIO(exports["rdf"]), etree.XMLParser(resolve_entities=False, recover=False))
    assert len(tree.getroot()) > 500


def test_rdflib_reads_the_export_without_a_complaint(exports: dict[str, bytes], caplog: pytest.LogCaptureFixture) -> None:
    import rdflib

    graph = rdflib.Graph().parse(data=exports["ttl"], format="turtle")
    assert len(graph) == len(set(exports["nt"].split(b"\n")[:-1]))
    assert [record.getMessage() for record in caplog.records if "not look like a valid URI" in record.getMessage()] == []


def test_jena_finds_no_fault_in_any_format(exports: dict[str, bytes], tmp_path: Path) -> None:
    jena = shared("lab/jena")
    for form in ("ttl", "rdf", "nt"):  # that Jena cannot read any JSON-LD (its Debian package lacks a library)
        (tmp_path / f"all.{form}").write_bytes(exports[form])
        done = subprocess.run([str(jena), "riot", "--validate", str(tmp_path / f"all.{form}")], capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr[-2000:]
        assert "ERROR" not in done.stderr


@pytest.mark.parametrize(("source", "most"), [("rostock-catalog", 35), ("bremen-catalog", 7)])
def test_the_official_shapes_find_only_what_the_source_does_not_state(region: Region, source: str, most: int, tmp_path: Path) -> None:
    oracle = importlib.util.spec_from_file_location("oracle", shared("spec/validate.py"))
    assert oracle is not None
    assert oracle.loader is not None
    validate = importlib.util.module_from_spec(oracle)
    oracle.loader.exec_module(validate)
    only = Region(tmp_path / "only")
    for file in (region.folder / "federation.db",):
        (only.folder / file.name).write_bytes(file.read_bytes())
    (only.folder / "members" / f"{source}.toml").write_bytes((region.folder / "members" / f"{source}.toml").read_bytes())
    only.generation()
    file = tmp_path / "export.ttl"
    file.write_bytes(only.export())
    rows, _ = validate.results("v30_de_spec", file)
    violations = [row for row in rows if row[0] == "Violation"]
    assert len(violations) <= most, violations[:5]
    with region.open() as store:
        found = {row.field for row in store.findings(source=source) if row.identifier}
    assert {prefixed(f"<{path}>") for _, _, _, path, *_ in violations} <= found
