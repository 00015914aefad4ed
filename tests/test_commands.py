"""The commands, each as its user calls it: what it shows, what it writes, its exit code, in both languages."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from federation import config
from tests.ckan_server import ckan, package
from tests.command import do, run
from tests.loopback import Server, serve
from tests.region import HEAD, Region, dataset, feed, turtle

BASE = "https://stadt.example/dataset/"
COUNTS = ["listed", "new", "changed", "unchanged", "missing", "gone", "held", "rejected"]


@pytest.fixture
def server() -> Iterator[Server]:
    with serve({"/feed.ttl": turtle(feed("a", "b", "c"))}) as running:
        yield running


@pytest.fixture
def region(tmp_path: Path, server: Server) -> Region:
    made = Region(tmp_path / "region")
    made.member("stadt", f"{server.url}/feed.ttl")
    return made


# init

def test_init_makes_a_workspace_that_loads_in_either_language(tmp_path: Path) -> None:
    for lang in ("de", "en"):
        folder = tmp_path / lang / "region"
        result = run("-C", folder, "init", "--title", 'Daten "am" Fluß', "--base-url", "https://daten.fluss.example", lang=lang)
        assert result.code == 0
        assert result.out == ""
        assert f"cd {folder}" in result.err
        settings = config.load(folder)
        assert settings.catalog.title == 'Daten "am" Fluß'
        assert settings.catalog.license
        assert (folder / "members").is_dir()
        assert (folder / "lookups").is_dir()
    assert "Unter dieser Adresse" in (tmp_path / "de" / "region" / "federation.toml").read_text(encoding="utf-8")


def test_init_changes_nothing_that_exists(tmp_path: Path) -> None:
    (tmp_path / "members").mkdir()
    (tmp_path / "members" / "stadt.toml").write_text('title = "Stadt"\n')
    assert run("-C", tmp_path, "init").code == 0
    assert [member.id for member in config.load(tmp_path).members] == ["stadt"]
    before = (tmp_path / "federation.toml").read_bytes()
    result = run("-C", tmp_path, "init", "--title", "Anders", lang="de")
    assert result.code == 2
    assert "gibt es schon" in result.err
    assert (tmp_path / "federation.toml").read_bytes() == before


def test_init_shows_in_a_dry_run_what_it_would_write(tmp_path: Path) -> None:
    result = run("-C", tmp_path / "new", "init", "--dry-run")
    assert tomllib.loads(result.out)["catalog"]["base_url"] == "https://daten.region.example"
    assert not (tmp_path / "new").exists()


def test_init_refuses_a_bad_address_and_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    assert "https://" in run("-C", tmp_path / "new", "init", "--base-url", "daten.region.example").err
    (tmp_path / "file").touch()
    result = run("-C", tmp_path / "file", "init")
    assert result.code == 2
    assert "cannot be written" in result.err
    assert not (tmp_path / "new").exists()


# add

def member_of(region: Region, name: str) -> config.Member:
    return next(member for member in config.load(region.folder).members if member.id == name)


def test_add_finds_a_dcat_feed_and_writes_a_commented_file_at_stage_preview(tmp_path: Path, server: Server) -> None:
    region = Region(tmp_path)
    result = do(region, "add", f"{server.url}/feed.ttl", "--title", "Hansestadt Rügen", lang="de")
    assert "Gefunden: dcat" in result.err
    assert "3 Datensätze" in result.err
    member = member_of(region, "hansestadt-ruegen")
    assert (member.title, member.stage) == ("Hansestadt Rügen", "preview")
    assert (member.source[0].connector, member.source[0].url, member.source[0].minimum_datasets) == ("dcat", f"{server.url}/feed.ttl", 1)
    assert (tmp_path / "members" / "hansestadt-ruegen.toml").read_text(encoding="utf-8").count("\n# ") >= 6
    do(region, "sync")
    assert region.public() == set()


def test_add_finds_a_ckan_and_takes_options_and_key(tmp_path: Path) -> None:
    with ckan([package(number) for number in range(4)]) as portal:
        region = Region(tmp_path)
        options = ["--option", "organization=stadt-a", "--option", "page_size=50", "--key", "130030000000"]
        found = do(region, "add", portal.url, *options, "--json").json()
        assert (found["connector"], found["datasets"], found["written"]) == ("ckan", 4, True)
        member = member_of(region, "stadt-a")
        assert member.title == "Hanse- und Universitätsstadt Rostock"
        assert member.source[0].options["page_size"] == 50
        assert "stadt-a" in member.source[0].options["organization"]


def test_add_offers_the_official_keys_that_fit_the_name(tmp_path: Path, server: Server) -> None:
    result = do(Region(tmp_path), "add", f"{server.url}/feed.ttl", "--title", "Rostock")
    assert 'key = "130030000000"' in result.err


def test_add_writes_nothing_where_nothing_answers_unless_the_connector_is_named(tmp_path: Path, server: Server) -> None:
    region = Region(tmp_path)
    assert "http-not-found" in do(region, "add", f"{server.url}/nothing", code=3).err
    server.routes["/page"] = (200, {"Content-Type": "text/html"}, "<html><title>Rathaus</title></html>")
    result = do(region, "add", f"{server.url}/page", code=2)
    assert "Rathaus" in result.err
    assert "tried: dcat, ckan" in result.err
    assert not list((tmp_path / "members").iterdir())
    result = do(region, "add", f"{server.url}/nothing", "--connector", "ckan", "--member", "spaeter", code=3)
    assert "written all the same" in result.err
    assert member_of(region, "spaeter").source[0].connector == "ckan"


@pytest.mark.parametrize(("arguments", "said"), [
    (["--connector", "dkan"], "no connector dkan"), (["--option", "colour=red"], "source.options.colour"),
    (["--option", "x"], "NAME=VALUE"),
    (["--key", "130039999999"], "130039999999"), (["--member", "Köln!"], "Köln!"), (["--option", "max_pages=few"], "few"),
])  # fmt: skip
def test_add_refuses_what_would_not_load(tmp_path: Path, server: Server, arguments: list[str], said: str) -> None:
    result = do(Region(tmp_path), "add", f"{server.url}/feed.ttl", *arguments, code=2)
    assert said in result.err
    assert not list((tmp_path / "members").iterdir())


def test_add_overwrites_no_member_and_shows_in_a_dry_run_what_it_would_write(tmp_path: Path, server: Server) -> None:
    region = Region(tmp_path)
    result = do(region, "add", f"{server.url}/feed.ttl", "--member", "stadt", "--dry-run")
    assert tomllib.loads(result.out)["stage"] == "preview"
    assert not list((tmp_path / "members").iterdir())
    do(region, "add", f"{server.url}/feed.ttl", "--member", "stadt")
    assert "exists already" in do(region, "add", f"{server.url}/feed.ttl", "--member", "stadt", code=2).err


# check

def test_check_needs_no_workspace_and_stores_nothing(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("check", f"{server.url}/feed.ttl", lang="de")
    assert result.code == 0
    assert "3 Datensätze gelesen" in result.out
    assert "no-theme" in result.out
    (tmp_path / "feed.ttl").write_bytes(feed("a"))
    assert run("check", "feed.ttl", "--json").json()["datasets"][0]["iri"] == f"{BASE}a"
    assert [path.name for path in tmp_path.iterdir()] == ["feed.ttl"]


def test_check_of_a_source_uses_its_settings(region: Region) -> None:
    found = do(region, "check", "stadt", "--limit", "2", "--json").json()
    assert (found["source"], len(found["datasets"]), found["limited"]) == ("stadt", 2, True)
    assert sum(found["rules"].values()) == sum(one["changes"] for one in found["datasets"])
    assert not (region.folder / "federation.db").exists()
    assert "stadt" in do(region, "check", "stadtt", code=2).err


def test_check_names_the_line_of_a_damaged_document(tmp_path: Path) -> None:
    (tmp_path / "feed.ttl").write_bytes(feed("a")[:-50])
    result = run("check", tmp_path / "feed.ttl")
    assert result.code == 3
    assert "rdf-invalid" in result.err
    assert run("check", tmp_path / "missing.ttl").code == 2


# sync, publish, export

def test_sync_tells_what_it_did_on_stdout_and_nothing_on_stderr_off_a_terminal(region: Region) -> None:
    result = do(region, "sync")
    assert result.err == ""
    assert re.search(r"stadt +done +3 +3 +0 +0", result.out)
    assert "Generation 1 is public: 3 entries" in result.out
    assert "\x1b" not in result.out
    assert all(line == line.rstrip() for line in result.out.splitlines())


def test_sync_json_has_stable_keys(region: Region) -> None:
    found = do(region, "sync", "--json").json()
    assert set(found) == {"runs", "busy", "generation"}
    assert {"source", "outcome", "started", "seconds", *COUNTS} <= set(found["runs"][0])
    assert set(found["generation"]) == {"generation", "made", "items", "created", "updated", "deleted"}


def test_sync_of_a_member_reads_all_its_sources_and_no_others(region: Region, server: Server) -> None:
    region.member("dorf", f"{server.url}/feed.ttl", source='name = "a"')
    assert [one["source"] for one in do(region, "sync", "dorf", "--json").json()["runs"]] == ["dorf.a"]
    assert "dorf.a" in do(region, "sync", "dorf.b", code=2).err


def test_sync_says_what_is_not_public_for_its_stage(region: Region, server: Server) -> None:
    region.member("stadt", f"{server.url}/feed.ttl", stage="preview")
    assert "stage preview and therefore not public: stadt" in do(region, "sync").err
    assert "stage preview" in do(region, "why", f"{BASE}a").out


def test_exit_codes_tell_failed_before_held_and_busy_before_both(region: Region, server: Server) -> None:
    do(region, "sync")
    server.routes["/feed.ttl"] = turtle(HEAD + dataset("x"))
    do(region, "sync", code=4)
    region.member("dorf", f"{server.url}/nothing")
    assert "Error: " not in do(region, "sync", code=3).err
    with region.open() as store:
        assert store.claim("sync", "elsewhere:1", 60)
    for command in (["sync"], ["publish"], ["release", "stadt"], ["rollback", "stadt"]):
        assert "elsewhere:1" in do(region, *command, code=75).err


def test_publish_counts_in_a_dry_run_what_it_would_change(region: Region) -> None:
    do(region, "sync", "--no-publish")
    assert "3 entries would be public (3 new" in do(region, "publish", "--dry-run").out
    assert region.public() == set()
    assert do(region, "publish", "--json").json()["created"] == 3
    assert "Nothing new: generation 1" in do(region, "publish").out


def test_publish_where_there_is_nothing_says_so(tmp_path: Path) -> None:
    assert "Noch ist nichts öffentlich" in do(Region(tmp_path), "publish", lang="de").out


@pytest.mark.parametrize("name", ["k.ttl", "k.rdf", "k.jsonld", "k.nt", "k.ttl.gz", "k.xml", "k.json"])
def test_export_writes_every_format_and_keeps_stdout_for_data(region: Region, tmp_path: Path, name: str) -> None:
    do(region, "sync")
    result = do(region, "export", tmp_path / name)
    assert result.out == ""
    assert "3 entries" in result.err
    assert (tmp_path / name).stat().st_size > 500


@pytest.mark.parametrize(("place", "said"), [
    ("missing/k.ttl", "cannot be written"), ("file/k.ttl", "cannot be written"), ("k.doc", ".jsonld"),
])  # fmt: skip
def test_export_to_a_place_that_cannot_be_written_is_the_callers_fault(region: Region, tmp_path: Path, place: str, said: str) -> None:
    do(region, "sync")
    (tmp_path / "file").touch()
    before = sorted(tmp_path.rglob("*"))
    result = do(region, "export", tmp_path / place, code=2)
    assert said in result.err
    assert sorted(tmp_path.rglob("*")) == before


# status, findings, lookups: contracts that other programs rely on

def test_status_json_is_the_contract(region: Region) -> None:
    empty = do(region, "status", "--json").json()["sources"][0]
    assert (empty["state"], empty["datasets"], empty["last_run"]) == ("new", 0, None)
    assert empty["next_run"]
    do(region, "sync")
    report = do(region, "status", "--json").json()
    assert {"sources", "datasets"} <= set(report)
    (source,) = report["sources"]
    assert {"id", "member", "title", "connector", "url", "stage", "state", "datasets", "last_run", "next_run", "findings"} <= set(source)
    assert {"outcome", "started", "seconds", *COUNTS} <= set(source["last_run"])
    assert set(source["findings"]) == {"violation", "warning", "info"}
    assert (source["id"], source["stage"], source["state"], source["datasets"], report["datasets"]) == ("stadt", "region", "ok", 3, 3)
    assert source["last_run"]["outcome"] == "done"


def test_findings_json_is_the_contract_in_the_language_asked_for(region: Region) -> None:
    do(region, "sync")
    found = do(region, "findings", "--json").json()
    keys = ("source", "dataset", "code", "severity", "field", "value", "cause", "remedy", "place", "since")
    assert {tuple(one) for one in found} == {keys}
    assert {one["dataset"] for one in found} == {f"{BASE}{name}" for name in "abc"}
    german = do(region, "findings", "--json", lang="de").json()
    assert [one["code"] for one in german] == [one["code"] for one in found]
    assert german[0]["cause"] != found[0]["cause"]


def test_findings_are_grouped_by_cause_the_gravest_first(region: Region, server: Server) -> None:
    text = HEAD + "".join(dataset(name, extra=f'; dct:language "Sprache {name}" ; dct:issued "gestern"') for name in "abcde")
    server.routes["/feed.ttl"] = turtle(text)
    do(region, "sync")
    result = do(region, "findings", "stadt", lang="de")
    heads = [line for line in result.out.splitlines() if line and not line.startswith(" ")]
    severities = [head.partition(" ")[0] for head in heads]
    assert severities == sorted(severities, key=["Verstoß", "Warnung", "Hinweis"].index)
    assert sum("unknown-language" in head for head in heads) == 1
    assert "Sprache (dcterms:language)" in result.out
    assert "Datensätze: 5" in result.out
    assert "… und 2 weitere Fälle: federation findings stadt --code unknown-language --all" in result.said
    assert do(region, "findings", "--code", "unknown-language", "--all").out.count("unknown-language") == 5
    assert do(region, "findings", "--severity", "info", "--json").json()
    assert {one["severity"] for one in do(region, "findings", "--severity", "info", "--json").json()} == {"info"}
    spellings = do(region, "lookups", "--json").json()
    assert {(one["table"], one["spelling"], one["count"]) for one in spellings} == {("language", f"Sprache {name}", 1) for name in "abcde"}
    assert "Sprache a" in do(region, "lookups").out


def test_the_codes_of_findings_can_be_looked_up() -> None:
    assert "Abhilfe" in run("findings", "--codes", "--code", "http-dns", lang="de").out
    assert [one["code"] for one in run("findings", "--codes", "--code", "http-dns", "--json").json()] == ["http-dns"]


def test_status_and_sync_say_why_a_source_failed_and_what_to_do(region: Region, server: Server) -> None:
    server.routes["/feed.ttl"] = (404, {}, b"gone")
    for command, code in (("sync", 3), ("status", 0)):
        result = do(region, command, lang="de", code=code)
        assert "Unter der Adresse gibt es nichts" in result.said
        assert f"{server.url}/feed.ttl" in result.said
        assert "Abhilfe: " in result.said


# why

def test_why_tells_source_run_statements_changes_and_what_became_of_it(region: Region) -> None:
    do(region, "sync")
    text = do(region, "why", f"{BASE}a", lang="de").out
    order = [
        "Quelle: stadt (Stadt; dcat, ", "Stand: ist öffentlich", "Gelesen: ", "Was die Quelle sagte",
        "Beschreibung (dcterms:description): „Über a“", "Kontakt (dcat:contactPoint): [", "Format (dcterms:format): „CSV“",
        "Was daran geändert wurde", "Dateiformat als Code der europäischen Liste", "code:format",
        "Format (dcterms:format): „CSV“ → CSV (http://publications.europa.eu/resource/authority/file-type/CSV)", "Befunde (",
        "Was daraus geworden ist", "veröffentlicht (Stand 1)",
    ]  # fmt: skip
    places = [text.find(part) for part in order]
    assert -1 not in places, order[places.index(-1)]
    assert places == sorted(places)
    assert "What the source said" in do(region, "why", f"{BASE}a").out


def test_why_finds_a_dataset_by_address_identifier_or_title(region: Region, server: Server) -> None:
    server.routes["/feed.ttl"] = turtle(HEAD + dataset("a", "Bäume am Ring") + dataset("b", "Bäume im Wald") + dataset("c", "Straßen"))
    do(region, "sync")
    assert "Straßen" in do(region, "why", "straß").out
    several = do(region, "why", "Bäume")
    assert "2 datasets fit" in several.err
    assert "What the source said" not in several.out
    assert [story["title"] for story in do(region, "why", "Bäume", "--json").json()] == ["Bäume am Ring", "Bäume im Wald"]
    assert "dataset-unknown" in do(region, "why", "Brücken", code=2).err


def test_why_json_explains_each_rule_and_holds_what_was_said(region: Region) -> None:
    do(region, "sync")
    (story,) = do(region, "why", f"{BASE}a", "--json", lang="de").json()
    assert {"source", "identifier", "iri", "kind", "state", "title", "public", "said", "run", "changes", "findings", "log"} <= set(story)
    assert all(change["explanation"] and change["explanation"] != change["rule"] for change in story["changes"])
    assert "Über a" in story["said"]


def test_why_tells_of_a_dataset_that_left(region: Region, server: Server) -> None:
    region.member("stadt", f"{server.url}/feed.ttl", source="missing_runs = 2")
    do(region, "sync")
    server.routes["/feed.ttl"] = turtle(feed("a", "b"))
    do(region, "sync")
    assert "absent from the source for 1 complete runs" in do(region, "why", f"{BASE}c").said
    server.routes["/feed.ttl"] = turtle(feed("b", "a"))
    do(region, "sync")
    text = do(region, "why", f"{BASE}c", lang="de").said
    assert "ist entfallen: die Quelle führt ihn nicht mehr" in text
    assert "entfallen (Stand 2)" in text


def test_why_cuts_what_is_long_unless_all_is_wanted(region: Region, server: Server) -> None:
    many = "".join(f'; dcat:keyword "Wort {number:03}"' for number in range(100))
    server.routes["/feed.ttl"] = turtle(HEAD + dataset("a", extra=many).replace("Über a", "Über a " * 500))
    do(region, "sync")
    short = do(region, "why", f"{BASE}a").out
    assert "and 95 more" in short
    assert len(short) < 6_000
    assert "Wort 099" in do(region, "why", f"{BASE}a", "--full").out


# held, release, rollback

def test_held_names_what_waits_so_that_a_person_recognises_it(region: Region, server: Server) -> None:
    do(region, "sync")
    assert "Nothing is held" in do(region, "held").out
    server.routes["/feed.ttl"] = turtle(HEAD + dataset("x", "Neue Bäume"))
    do(region, "sync", code=4)
    text = do(region, "held", lang="de", code=4).out
    assert "fehlen 3 von 3" in text
    assert "Neu, warten (1):\n    Neue Bäume\n      https://stadt.example/dataset/x" in text
    assert "Fehlen in der Quelle und bleiben öffentlich (3):" in text
    (item,) = do(region, "held", "--json", code=4).json()
    assert {"source", "reason", "params", "run", "absent", "new", "generation"} <= set(item)
    assert [row["title"] for row in item["new_records"]] == ["Neue Bäume"]
    assert "is held (federation held)" in do(region, "why", f"{BASE}x").out


def test_release_shows_first_and_then_lets_the_new_state_hold(region: Region, server: Server) -> None:
    do(region, "sync")
    server.routes["/feed.ttl"] = turtle(HEAD + dataset("x"))
    do(region, "sync", code=4)
    assert "1 new entries hold and 3 missing ones leave" in do(region, "release", "stadt", "--dry-run").out
    assert len(region.public()) == 3
    found = do(region, "release", "stadt", "--json").json()
    assert (len(found["new"]), len(found["absent"]), found["published"]["items"]) == (1, 3, 1)
    assert region.public() == {f"{BASE}x"}
    assert "not-held" in do(region, "release", "stadt", code=2).err


def test_rollback_holds_until_release(region: Region, server: Server) -> None:
    do(region, "sync")
    before = region.export()
    server.routes["/feed.ttl"] = turtle(HEAD + dataset("a", "Unsinn") + dataset("b") + dataset("c"))
    do(region, "sync")
    assert "would be public again" in do(region, "rollback", "stadt", "--to", "1", "--dry-run").out
    assert b"Unsinn" in region.export()
    do(region, "rollback", "stadt", "--to", "1")
    assert b"Unsinn" not in region.export()
    assert before
    assert "federation release stadt" in do(region, "held", code=4).out
    do(region, "rollback", "stadt", "--to", "99", code=2)
    do(region, "release", "stadt")
    assert b"Unsinn" in region.export()


# backup, restore

def test_backup_and_restore_bring_the_same_catalog_back(region: Region, tmp_path: Path) -> None:
    do(region, "sync")
    before = region.export()
    saved = tmp_path / "saved.db.zst"
    assert "Dry run" in do(region, "backup", saved, "--dry-run").err
    assert not saved.exists()
    assert do(region, "backup", saved, "--json").json()["bytes"] == saved.stat().st_size
    assert "Dry run: the backup" in do(region, "restore", saved, "--dry-run").err
    assert "--force" in do(region, "restore", saved, code=2).err
    (region.folder / "federation.db").unlink()
    do(region, "restore", saved)
    assert region.export() == before


def test_backup_and_restore_name_a_wrong_place(region: Region, tmp_path: Path) -> None:
    do(region, "sync")
    assert "backup-folder-missing" in do(region, "backup", tmp_path / "missing" / "x.db", code=2).err
    assert "restore-missing" in do(region, "restore", tmp_path / "x.db", code=2).err
    (tmp_path / "x.db").write_bytes(b"no database")
    assert "backup-damaged" in do(region, "restore", tmp_path / "x.db", "--force", code=1).err
    assert len(region.public()) == 3
