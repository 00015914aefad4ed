"""What is erased is nowhere: not in the database and its side files, not in the public folder, not after a restore or a re-harvest."""

import csv
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import zstandard

from federation.errors import ConfigError
from federation.store import erasure
from federation.store import tables as t
from federation.store.farewells import Erased, ErasureRow
from federation.store.store import Store
from federation.store.upkeep import optimise
from tests.ckan_server import ckan, package
from tests.command import do
from tests.loopback import Server, serve
from tests.region import HEAD, Region, dataset, turtle

CITY = "https://stadt.example"
# Everything that only the dataset "geheim" says. Its IRI stays.
SECRETS = (
    "Schattenhaushalt", "Vertrauliche", "opendata-geheim@stadt.example", "geheim-ablage.csv", "Stichwortgeheim", "Amt für Verborgenes",
)  # fmt: skip


def secret(name: str = "geheim", city: str = CITY) -> str:
    return f"""<{city}/dataset/{name}> a dcat:Dataset ; dct:title "Schattenhaushalt"@de ; dct:description "Vertrauliche Angaben" ;
  dct:identifier "{name}" ; dcat:keyword "Stichwortgeheim" ;
  dct:publisher [ a foaf:Organization ; foaf:name "Amt für Verborgenes" ] ;
  dcat:contactPoint [ a vcard:Organization ; vcard:fn "Amt für Verborgenes" ; vcard:hasEmail <mailto:opendata-geheim@stadt.example> ] ;
  dcat:distribution [ a dcat:Distribution ; dcat:accessURL <https://files.example/geheim-ablage.csv> ; dct:format "CSV" ] .
"""


def page(server: Server, number: int, *datasets: str, last: int = 3) -> None:
    here, there = f"{server.url}/feed?page={number}", f"{server.url}/feed?page={number + 1}"
    follows = f" ; hydra:next <{there}>" if number < last else ""
    body = HEAD + "".join(datasets) + f"<{here}> a hydra:PartialCollectionView{follows} ."
    server.routes[f"/p{number}"] = turtle(body)


@contextmanager
def dcat() -> Iterator[Server]:
    """A feed of three pages; the secret dataset stands on the second."""
    with serve({}) as server:
        page(server, 1, dataset("a"), dataset("b"))
        page(server, 2, dataset("c"), secret(), dataset("d", extra=f"; dct:relation <{CITY}/dataset/geheim>"))
        page(server, 3, dataset("e"))
        server.routes["/feed"] = lambda request: server.routes[f"/p{request.query.get('page', '1')}"]
        yield server


def secret_package(number: int = 3) -> dict[str, Any]:
    return package(
        number, title="Schattenhaushalt", notes="Vertrauliche Angaben", maintainer="Amt für Verborgenes",
        maintainer_email="opendata-geheim@stadt.example", tags=[{"name": "Stichwortgeheim", "display_name": "Stichwortgeheim"}],
        resources=[{"id": "r", "name": "Datei", "format": "CSV", "url": "https://files.example/geheim-ablage.csv", "state": "active"}],
    )  # fmt: skip


@pytest.fixture(params=["dcat", "ckan"])
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Region, str, Callable[[], None]]]:
    """(a region that has read and published the secret dataset twice, its IRI, what makes its source change the page it is on)."""
    region = Region(tmp_path / "region")
    if request.param == "dcat":
        with dcat() as server:
            region.member("stadt", f"{server.url}/feed")
            region.sync()
            page(server, 2, dataset("c"), secret().replace("Angaben", "Auskunft"), dataset("d"))
            region.sync()
            yield region, f"{CITY}/dataset/geheim", lambda: page(server, 2, dataset("c", "neu"), secret(), dataset("d"))
        return
    with ckan([package(0), package(1), package(2), secret_package(), package(4)], cap=2) as portal:
        region.member("stadt", portal.url, connector="ckan")
        region.sync()
        portal.change(secret_package()["id"], notes="Vertrauliche Auskunft")
        region.sync()
        iri = f"{portal.url}/dataset/{secret_package()['id']}"
        yield region, iri, lambda: portal.change(secret_package()["id"], notes="Vertrauliche Neuigkeit")


def everything(region: Region) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of each file of the workspace but the configuration, and each value of the database as it is and unpacked."""
    for path in sorted(region.folder.rglob("*")):
        if path.is_file() and path.suffix != ".toml":
            yield str(path), path.read_bytes()
    unpacker = zstandard.ZstdDecompressor()
    connection = sqlite3.connect(region.folder / "federation.db")
    for name in t.metadata.tables:
        for row in connection.execute(f"SELECT * FROM {name}"):
            for value in row:
                if isinstance(value, bytes) and value.startswith(b"\x28\xb5\x2f\xfd"):
                    yield name, unpacker.decompress(value, max_output_size=1 << 28)
                else:
                    yield name, str(value).encode()
    connection.close()


def traces(region: Region, *words: str) -> set[tuple[str, str]]:
    """(word, place) of everything that only the secret dataset says, wherever it stands."""
    wanted = words or SECRETS
    return {(word, place) for place, content in everything(region) for word in wanted if word.encode() in content}


def test_the_search_of_these_tests_finds_what_is_there(case: tuple[Region, str, Callable[[], None]]) -> None:
    found = traces(case[0])
    assert {word for word, _ in found} == set(SECRETS)
    assert {"body", "record", "response", "link"} <= {place for _, place in found}
    assert any("public" in place for _, place in found)


def test_nothing_but_the_iri_is_left_also_after_a_restore_and_a_new_harvest(case: tuple[Region, str, Callable[[], None]]) -> None:
    region, iri, change = case
    do(region, "backup", region.folder.parent / "before.db.zst")
    others = region.public() - {iri}

    would = do(region, "withdraw", iri, "--erase", "--dry-run", "--json").json()
    assert traces(region)
    found = do(region, "withdraw", iri, "--erase", "--by", "Datenschutz", "--json").json()
    counts = {name: count for name, count in found["cleared"].items() if name != "generations"}
    assert counts == {name: count for name, count in would["cleared"].items() if name in counts}
    assert counts["records"] == 1
    assert min(counts["bodies"], counts["pages"], counts["changes"]) > 0
    assert traces(region) == set()
    assert region.public() == others

    for _ in range(2):  # its source goes on listing it, and changes it
        outcome = region.sync(full=True)
        assert outcome.exit_code == 0
        assert traces(region) == set()
        region.sync()
        assert traces(region) == set()
        change()
    assert region.public() == others

    do(region, "restore", region.folder.parent / "before.db.zst", "--force")
    assert traces(region) == set()
    do(region, "publish")
    assert region.public() == others
    region.sync()
    assert traces(region) == set()
    assert region.public() == others
    told = do(region, "why", iri, lang="de").out
    assert "Datenschutz hat den Datensatz am" in told
    assert "wurde endgültig gelöscht" in told
    assert "erased-for-good" in do(region, "withdraw", iri, "--undo", code=2).err


def test_samples_that_the_query_planner_keeps_are_cleared_too(case: tuple[Region, str, Callable[[], None]]) -> None:
    region, iri, _ = case
    with region.open() as store:
        optimise(store)
    with sqlite3.connect(region.folder / "federation.db") as connection:
        connection.execute("ANALYZE")
    do(region, "withdraw", iri, "--erase")
    assert traces(region) == set()


def test_the_change_log_keeps_iri_kind_and_time(case: tuple[Region, str, Callable[[], None]]) -> None:
    region, iri, _ = case
    do(region, "withdraw", iri, "--erase")
    with region.open() as store:
        kept = [(row.kind, row.body) for row in store.changes() if row.iri == iri]
        assert kept == [("create", None), ("update", None), ("delete", None)]
        assert all(row.body for row in store.changes() if row.iri != iri)


def test_the_protocol_says_what_was_cleared_and_nothing_of_the_content(case: tuple[Region, str, Callable[[], None]]) -> None:
    region, iri, _ = case
    path = do(region, "withdraw", iri, "--erase", "--by", "Datenschutz", "--json").json()["protocol"]
    assert path.startswith("protocols/erase-")
    words = (region.folder / path).read_text(encoding="utf-8")
    assert iri in words
    assert "Veranlasst von: Datenschutz" in words
    assert "Datensätze in der Datenbank: 1" in words
    again = do(region, "withdraw", iri, "--erase", "--json").json()  # may be given again
    assert again["cleared"]["records"] == 0
    assert again["protocol"] != path


def test_a_page_with_something_erased_is_read_anew_each_time_and_the_others_are_not(tmp_path: Path) -> None:
    with dcat() as server:
        region = Region(tmp_path)
        region.member("stadt", f"{server.url}/feed")
        region.sync()
        do(region, "withdraw", f"{CITY}/dataset/geheim", "--erase")
        for _ in range(2):
            outcome = region.sync()
            with region.open() as store:
                assert {url.rpartition("=")[2] for url in store.responses(store.sources()[0].feed)} == {f"{server.url}/feed", "3"}
        assert outcome.runs[0].counts.unchanged == 5


def test_an_erased_dataset_is_refused_under_another_connector_too(tmp_path: Path) -> None:
    with dcat() as server:
        region = Region(tmp_path)
        region.member("stadt", f"{server.url}/feed")
        region.sync()
        do(region, "withdraw", f"{CITY}/dataset/geheim", "--erase")
        region.member("land", f"{server.url}/p2", source="minimum_datasets = 0")
        region.sync()
        assert traces(region) == set()
        assert f"{CITY}/dataset/geheim" not in region.states("land")


def test_what_another_source_says_of_the_same_iri_is_erased_as_well(tmp_path: Path) -> None:
    with dcat() as server:
        region = Region(tmp_path)
        region.member("stadt", f"{server.url}/feed")
        region.member("land", f"{server.url}/p2")
        region.sync()
        found = do(region, "withdraw", f"{CITY}/dataset/geheim", "--erase", "--json").json()
        assert found["cleared"]["records"] == 2
        assert traces(region) == set()


def test_a_title_that_serves_as_identifier_is_not_kept(tmp_path: Path) -> None:
    with serve({}) as server:
        region = Region(tmp_path)
        region.member("stadt", f"{server.url}/feed")
        long = "Schattenhaushalt " * 12
        server.routes["/feed"] = turtle(HEAD + dataset("a") + f'[] a dcat:Dataset ; dct:title "{long}" .')
        region.sync()
        iri = next(each for each in region.public() if "stadt.example/dataset/a" not in each)
        do(region, "withdraw", iri, "--erase")
        assert traces(region, "Schattenhaushalt") == set()
        region.sync()
        assert traces(region, "Schattenhaushalt") == set()


def test_the_list_outside_the_database_is_enough_and_so_is_the_one_inside(tmp_path: Path) -> None:
    with dcat() as server:
        region = Region(tmp_path)
        region.member("stadt", f"{server.url}/feed")
        region.sync()
        older = (region.folder / "federation.db").read_bytes()
        do(region, "withdraw", f"{CITY}/dataset/geheim", "--erase")
        listed = (region.folder / "erased.csv").read_text(encoding="utf-8")
        assert {row["iri"] for row in csv.DictReader(listed.splitlines())} == {f"{CITY}/dataset/geheim"}
        (region.folder / "federation.db").write_bytes(older)  # put back by hand, past `restore`
        region.sync()
        assert traces(region) == set()
        (region.folder / "erased.csv").unlink()
        region.sync()
        assert (region.folder / "erased.csv").read_text(encoding="utf-8") == listed


def test_a_list_that_cannot_be_read_is_not_passed_over(tmp_path: Path) -> None:
    region = Region(tmp_path)
    (region.folder / "erased.csv").write_bytes(b"\xff\xfe;;;")
    with region.open() as store, pytest.raises(ConfigError) as caught:
        erasure.agree(store, region.folder / "erased.csv")
    assert caught.value.code == "erased-list-broken"
    for broken in ("iri,at\nx,y\n", "iri,member,source,identifier,at,person\nx,y\n", ""):
        (region.folder / "erased.csv").write_text(broken)
        assert "erased-list-broken" in do(region, "publish", code=2).err, broken


def test_erasing_is_immediate_or_not_at_all(case: tuple[Region, str, Callable[[], None]]) -> None:
    region, iri, _ = case
    assert "erase-options" in do(region, "withdraw", iri, "--erase", "--no-publish", code=2).err
    assert "erase-options" in do(region, "withdraw", iri, "--erase", "--undo", code=2).err
    assert iri in region.public()


def test_it_is_said_where_another_process_keeps_the_old_state_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "BUSY_SECONDS", 0.3)
    with dcat() as server:
        region = Region(tmp_path)
        region.member("stadt", f"{server.url}/feed")
        region.sync()
        reader = sqlite3.connect(region.folder / "federation.db", isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM record").fetchone()
        assert "erase-unfinished" in do(region, "withdraw", f"{CITY}/dataset/geheim", "--erase", code=1).err
        reader.close()
        do(region, "withdraw", f"{CITY}/dataset/geheim", "--erase")
        assert traces(region) == set()


def test_a_database_put_aside_by_a_restore_is_named(case: tuple[Region, str, Callable[[], None]]) -> None:
    region, iri, _ = case
    do(region, "backup", region.folder.parent / "b.db")
    do(region, "restore", region.folder.parent / "b.db", "--force")
    found = do(region, "withdraw", iri, "--erase", "--json").json()
    assert [Path(path).name for path in found["look_at"]] == ["federation.db.before-restore"]
    (region.folder / "federation.db.before-restore").unlink()
    assert traces(region) == set()


def test_a_dataset_that_was_never_published_can_be_erased(tmp_path: Path) -> None:
    with dcat() as server:
        region = Region(tmp_path)
        region.member("stadt", f"{server.url}/feed", stage="preview")
        (region.folder / "federation.toml").write_text(
            '[catalog]\ntitle = "T"\nbase_url = "https://d.example"\n[network]\nallow = ["127.0.0.0/8"]\n'
        )
        do(region, "sync", "--no-publish")
        do(region, "withdraw", f"{CITY}/dataset/geheim", "--erase")
        assert traces(region) == set()


def test_an_erasure_that_ended_half_way_is_finished_by_the_next_round(case: tuple[Region, str, Callable[[], None]]) -> None:
    region, iri, _ = case
    with region.open() as store:  # killed after its first step
        erasure.agree(store, region.folder / "erased.csv", erasure.rows_for(store, [iri], t.now(), "P"))
    assert traces(region)
    region.sync()
    assert iri not in region.public()
    assert traces(region) == set()


# members


def test_a_member_can_be_erased_and_stays_so(tmp_path: Path) -> None:
    with dcat() as server:
        region = Region(tmp_path / "region")
        region.member("stadt", f"{server.url}/feed")
        region.member("kreis", f"{server.url}/kreis")
        server.routes["/kreis"] = turtle(HEAD + dataset("k", city="https://kreis.example"))
        region.sync()
        do(region, "backup", tmp_path / "before.db")
        words = (*SECRETS, "Über c", "stadt.example/c.csv")
        found = do(region, "remove", "stadt", "--erase", "--by", "Amt", "--json").json()
        assert found["cleared"]["records"] >= 6
        assert region.public() == {"https://kreis.example/dataset/k"}
        assert traces(region, *words) == set()
        do(region, "restore", tmp_path / "before.db", "--force")
        region.sync()
        assert traces(region, *words) == set()
        assert region.public() == {"https://kreis.example/dataset/k"}
        assert "erased-for-good" in do(region, "remove", "stadt", "--undo", code=2).err
        assert "endgültig gelöscht" in do(region, "why", f"{CITY}/dataset/c", lang="de").out
        region.member("stadt", f"{server.url}/feed")  # put back by mistake
        region.sync()
        assert traces(region, *words) == set()
        assert "member-was-erased" in region.codes("stadt")


def test_what_another_member_says_of_the_same_dataset_stays_when_a_member_is_erased(tmp_path: Path) -> None:
    with serve({}) as server:
        region = Region(tmp_path)
        region.member("stadt", f"{server.url}/stadt")
        region.member("land", f"{server.url}/land")
        server.routes["/stadt"] = turtle(HEAD + secret("beide") + dataset("a"))
        server.routes["/land"] = turtle(HEAD + dataset("beide", "Vom Land"))
        region.sync()
        do(region, "remove", "stadt", "--erase")
        assert region.public() == {f"{CITY}/dataset/beide"}
        assert traces(region) == set()
        assert b"Vom Land" in region.export()
        region.sync()
        assert region.public() == {f"{CITY}/dataset/beide"}


def test_pages_that_several_members_share_do_not_keep_what_was_erased(tmp_path: Path) -> None:
    with serve({}) as server:
        region = Region(tmp_path)
        for name, publisher in (("stadt", "Amt für Verborgenes"), ("land", "Stadt Beispiel")):
            region.member(name, f"{server.url}/feed", options=f'publisher = "{publisher}"')
        server.routes["/feed"] = turtle(HEAD + secret() + dataset("a"))
        region.sync()
        assert len(region.public()) == 2
        do(region, "remove", "stadt", "--erase")
        assert traces(region) == set()
        region.sync()
        assert traces(region) == set()
        assert region.public() == {f"{CITY}/dataset/a"}


# the laws behind


def test_every_table_is_known_to_the_erasure() -> None:
    assert set(t.metadata.tables) == erasure.CLEARED | erasure.SILENT


def test_what_is_banned_depends_on_who_says_it() -> None:
    row = ErasureRow("https://x.example/1", "", "", "", "2026", "P")
    everywhere = Erased([row])
    assert everywhere.bans("m", "s", "other", "https://x.example/1")
    assert everywhere.bans("m", "s", "https://x.example/1")
    of_one = Erased([row._replace(member="m", source="s", identifier="name-of-it")])
    assert of_one.bans("m", "s", "name-of-it")
    assert of_one.bans("m", "s", "other", "https://x.example/1")
    assert not of_one.bans("m", "t", "name-of-it", "https://x.example/1")
    whole = Erased([ErasureRow("", "m", "", "", "2026", "P")])
    assert whole.bans("m", "s", "anything")
    assert not whole.bans("n", "s", "anything")
    assert not Erased([])


def test_erasing_what_is_not_there_does_nothing(tmp_path: Path) -> None:
    with Store.open("sqlite:///state.db", folder=tmp_path) as store:
        erasure.agree(store, tmp_path / "erased.csv", [ErasureRow("https://x.example/1", "", "", "", "2026", "P")])
        assert not erasure.keep_erased(store, tmp_path / "erased.csv")
        assert not any(erasure.plan(store, store.erased()).counts().values())
