"""The demo as a newcomer meets it: a process of its own, real HTTP on loopback, nothing else on the network."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest

from federation.cli.demo import example_region
from federation.cli.example_web import ExampleWeb

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = [sys.executable, "-c", "import sys; sys.argv[0] = 'federation'; from federation.cli import main; main()"]
DATASETS = {"reiherstadt": 24, "ottermuende": 19, "birkenrode": 20, "lindenwerder": 9, "seelinden": 10, "eschenrode": 3}


def run(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PROGRAM, *words], cwd=folder, env=environment(), capture_output=True, text=True, timeout=120, check=False)


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "FEDERATION_LANG": "en", "http_proxy": "http://127.0.0.1:9"}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    folder = tmp_path_factory.mktemp("demo")
    done = run("demo", "--keep", "region", "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    shutil.copytree(folder / "region", folder / "untouched")
    return json.loads(done.stdout), folder


@pytest.fixture
def kept(told: tuple[dict[str, Any], Path], tmp_path: Path) -> Path:
    """A folder with the region as the demo left it."""
    shutil.copytree(told[1] / "untouched", tmp_path / "region")
    return tmp_path


def test_every_example_town_is_read_to_the_last_dataset(told: tuple[dict[str, Any], Path]) -> None:
    assert {source["source"]: source["listed"] for source in told[0]["sources"]} == DATASETS
    assert {source["source"]: source["rejected"] for source in told[0]["sources"]} == dict.fromkeys(DATASETS, 0)


def test_one_town_is_held_and_the_demo_still_succeeds(told: tuple[dict[str, Any], Path]) -> None:
    outcomes = {source["source"]: source["outcome"] for source in told[0]["sources"]}
    assert outcomes == {**dict.fromkeys(DATASETS, "done"), "eschenrode": "held"}
    assert [(one["source"], one["code"]) for one in told[0]["held"]] == [("eschenrode", "listing-below-minimum")]


def test_what_is_not_held_is_published_in_three_formats_that_parse(told: tuple[dict[str, Any], Path]) -> None:
    dataset = pyoxigraph.NamedNode("http://www.w3.org/ns/dcat#Dataset")
    kind = pyoxigraph.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    public = sum(DATASETS.values()) - DATASETS["eschenrode"]
    for feed in told[0]["feeds"]:
        triples = {each.triple for each in pyoxigraph.parse(path=told[1] / feed)}
        found = {each.subject for each in triples if each.predicate == kind and each.object == dataset}
        assert len(found) == public, feed


def test_no_blank_node_belongs_to_two_datasets(told: tuple[dict[str, Any], Path]) -> None:
    owners: dict[str, set[str]] = {}
    for each in pyoxigraph.parse(path=told[1] / "region" / "public" / "catalog.ttl"):
        if isinstance(each.object, pyoxigraph.BlankNode) and isinstance(each.subject, pyoxigraph.NamedNode):
            owners.setdefault(each.object.value, set()).add(each.subject.value)
    assert len(owners) > 100
    assert {node: names for node, names in owners.items() if len(names) > 1} == {}


def test_each_way_of_repair_is_seen(told: tuple[dict[str, Any], Path]) -> None:
    rules = told[0]["rules"]
    expected = {"code:licence", "code:frequency", "code:theme", "date-format", "geometry", "number-whole", "email", "schema-date", "html",
                "default:coverage", "default:attribution", "default:contact", "lookup:licence", "hook:dataset", "iri-scheme"}  # fmt: skip
    assert expected <= rules.keys()
    assert told[0]["changes"] == sum(rules.values()) > 800


def test_the_flaws_of_the_towns_are_found(told: tuple[dict[str, Any], Path]) -> None:
    listed = json.loads(run("-C", "region", "findings", "--json", folder=told[1]).stdout)
    codes = {finding["code"] for finding in listed}
    assert {"missing-licence", "unknown-licence", "unknown-format", "unknown-frequency", "date-invalid", "personal-email",
            "missing-attribution", "contact-unreachable", "hvd-without-category", "missing-description",
            "ckan-foreign-left-out"} <= codes  # fmt: skip
    assert not any("record-failed" in code or "unmapped" in code for code in codes)


def test_the_commands_it_proposes_work_as_they_stand(told: tuple[dict[str, Any], Path]) -> None:
    for line in told[0]["next"]:
        done = run(*shlex.split(line)[1:], folder=told[1])
        assert done.returncode == 0, f"{line}: {done.stderr}"
    assert (told[1] / "region.ttl").stat().st_size > 100_000
    status = json.loads(run("-C", "region", "status", "--json", folder=told[1]).stdout)
    assert status["public"] == sum(DATASETS.values())  # the series counts, as it does for its source


def test_the_next_demo_in_a_kept_folder_finds_nothing_new(told: tuple[dict[str, Any], Path], kept: Path) -> None:
    settings = (kept / "region" / "federation.toml").read_text(encoding="utf-8")
    again = json.loads(run("demo", "--keep", "region", "--json", folder=kept).stdout)
    assert all(source["new"] == source["changed"] == 0 for source in again["sources"])
    assert again["generation"] == {**told[0]["generation"], "made": False, "created": 0}
    assert (kept / "region" / "federation.toml").read_text(encoding="utf-8") == settings or again["web"] != told[0]["web"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", ("Gelesen: 85 Datensätze", "Repariert:", " → …/frequency/", "Gefunden:", "Zurückgehalten: Gemeinde Eschenrode",
                "Veröffentlicht: 82 Datensätze in DCAT-AP.de 3.0", "release eschenrode")),
        ("en", ("Read: 85 datasets", "Repaired:", "birkenrode-frei → …/dl-zero-de/2.0", "Found:", "Held: Gemeinde Eschenrode",
                "Published: 82 datasets in DCAT-AP.de 3.0", "release eschenrode")),
    ],
)  # fmt: skip
def test_it_tells_its_story_in_german_and_english(language: str, said: tuple[str, ...], kept: Path) -> None:
    done = run("--lang", language, "demo", "--keep", "region", folder=kept)
    assert done.returncode == 0, done.stderr
    places = [done.stdout.find(words) for words in said]
    assert -1 not in places, dict(zip(said, places, strict=True))
    assert places == sorted(places)


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear town", encoding="utf-8")
    done = run("demo", "--keep", "mine", folder=tmp_path)
    assert done.returncode == 2
    assert "already holds something else" in done.stderr.replace("\n", " ")
    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_whoever_reads_only_the_first_lines_gets_no_error(kept: Path) -> None:
    command = [*PROGRAM, "demo", "--keep", "region"]
    reading = subprocess.Popen(command, cwd=kept, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert reading.stdout is not None
    assert reading.stderr is not None
    reading.stdout.readline()
    reading.stdout.close()
    assert "Error" not in reading.stderr.read()
    reading.stderr.close()
    reading.wait(timeout=60)


def test_while_it_stays_a_town_may_change_its_file_and_ctrl_c_ends_it(kept: Path) -> None:
    staying = subprocess.Popen(
        [*PROGRAM, "demo", "--keep", "region", "--stay"], cwd=kept, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        assert staying.stderr is not None
        next(line for line in staying.stderr if "Ctrl-C" in line)
        file = kept / "region" / "web" / "www.eschenrode.example" / "opendata" / "catalog.jsonld"
        file.write_text(file.read_text(encoding="utf-8").replace("Freie Baugrundstücke", "Freie Bauplätze"), encoding="utf-8")
        again = json.loads(run("-C", "region", "sync", "eschenrode", "--json", folder=kept).stdout)
        assert (again["runs"][0]["changed"], again["runs"][0]["unchanged"]) == (1, 2)
        staying.send_signal(signal.SIGINT)
        assert staying.wait(timeout=20) == 0
    finally:
        staying.kill()
        staying.communicate()


# the web of the example towns


@pytest.fixture(scope="module")
def web() -> Iterator[ExampleWeb]:
    with ExampleWeb(example_region() / "web") as server:
        yield server


def ask(web: ExampleWeb, address: str, **headers: str) -> tuple[int, str, bytes]:
    """What the example web says as a proxy."""
    door = urllib.request.build_opener(urllib.request.ProxyHandler({"http": web.address}))
    try:
        with door.open(urllib.request.Request(address, headers=headers), timeout=10) as reply:
            return reply.status, reply.headers["Content-Type"], reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read()


def action(web: ExampleWeb, words: str, host: str = "ckan.kranichland.example") -> tuple[int, Any]:
    status, _, body = ask(web, f"http://{host}/api/3/action/{words}")
    return status, json.loads(body)


def test_a_town_answers_for_its_own_host_only(web: ExampleWeb) -> None:
    assert ask(web, "http://opendata.reiherstadt.example/catalog.rdf")[:2] == (200, "application/rdf+xml; charset=utf-8")
    assert ask(web, "http://opendata.reiherstadt.example/dcat/catalog.ttl")[0] == 404
    assert ask(web, "http://www.somewhere.example/")[0] == 404


def test_nothing_outside_a_towns_folder_is_answered(web: ExampleWeb) -> None:
    for path in ("../../federation.toml", "%2e%2e/%2e%2e/federation.toml", "../daten.birkenrode.example/ckan.json"):
        assert ask(web, f"http://opendata.reiherstadt.example/{path}")[0] == 404
    assert ask(web, "http://../federation.toml")[0] == 404


def test_pages_follow_each_other_and_an_unchanged_one_is_not_sent_again(web: ExampleWeb) -> None:
    assert b"?page=3" in ask(web, "http://opendata.reiherstadt.example/catalog.rdf?page=2")[2]
    assert ask(web, "http://opendata.reiherstadt.example/catalog.rdf?page=4")[0] == 404
    with urllib.request.urlopen(f"{web.address}/opendata.reiherstadt.example/catalog.rdf", timeout=10) as reply:
        etag = reply.headers["ETag"]
    assert ask(web, "http://opendata.reiherstadt.example/catalog.rdf", **{"If-None-Match": etag})[0] == 304


def test_the_shared_ckan_searches_pages_and_filters_like_ckan(web: ExampleWeb) -> None:
    everything = action(web, "package_search?rows=1000&sort=id+asc")[1]["result"]
    assert everything["count"] == len(everything["results"]) == 22
    pages = [action(web, f"package_search?rows=10&start={start}&sort=id+asc")[1]["result"]["results"] for start in (0, 10, 20)]
    assert [each["id"] for page in pages for each in page] == [each["id"] for each in everything["results"]]
    town = action(web, "package_search?rows=0&fq=%2Borganization:(%22lindenwerder%22)")[1]["result"]
    assert (town["count"], town["results"]) == (9, [])
    own = action(web, "package_search?fq=organization:seelinden+-harvest_source_id:[*+TO+*]&fl=id&fl=metadata_modified")[1]["result"]
    assert own["count"] == 10
    assert {frozenset(row) for row in own["results"]} == {frozenset(("id", "metadata_modified"))}


def test_private_and_deleted_packages_are_refused_as_ckan_does(web: ExampleWeb) -> None:
    data = json.loads((example_region() / "web" / "ckan.kranichland.example" / "ckan.json").read_text(encoding="utf-8"))
    ids = {package["name"]: package["id"] for package in data["packages"]}
    status, said = action(web, f"package_show?id={ids['lw-grundstuecke']}")
    assert (status, said["success"], said["error"]["__type"]) == (403, False, "Authorization Error")
    status, said = action(web, f"package_show?id={ids['lw-baumkataster-alt']}")
    assert (status, said["error"]["__type"]) == (404, "Not Found Error")
    assert action(web, f"package_show?id={ids['lw-radwege']}")[1]["result"]["title"] == "Radwege"
    assert action(web, "package_search?colour=red")[0] == 409
    assert action(web, "package_dance")[0] == 400
