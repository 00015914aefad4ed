"""The command line as a whole: help and wrong calls in both languages, workspaces, terminals, pipes, faults of our own."""

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from federation import config
from federation.cli import texts
from federation.cli.app import COMMANDS
from federation.cli.texts import language
from federation.errors import ConfigError
from federation.harvest.connector import registry
from tests.command import PROGRAM, do, on_terminal, piped, run
from tests.loopback import Server, serve
from tests.region import HEAD, Region, dataset, feed, turtle

BASE = "https://stadt.example/dataset/"
# All tables of sentences, one a room.
TABLES = [room.TEXTS for room in texts.ROOMS]
SENTENCES = {key: pair for table in TABLES for key, pair in table.items()}


@pytest.fixture
def server() -> Iterator[Server]:
    with serve({"/feed.ttl": turtle(feed("a", "b", "c"))}) as running:
        yield running


@pytest.fixture
def region(tmp_path: Path, server: Server) -> Region:
    made = Region(tmp_path / "region")
    made.member("stadt", f"{server.url}/feed.ttl")
    return made


# texts

def test_every_sentence_is_there_in_both_languages_with_the_same_placeholders() -> None:
    assert len(SENTENCES) == sum(map(len, TABLES)) > 200
    for key, (german, english) in SENTENCES.items():
        assert german, key
        assert english, key
        assert set(re.findall(r"\{(\w+)\}", german)) == set(re.findall(r"\{(\w+)\}", english)), key


def test_every_sentence_that_commands_say_is_there_and_none_is_left_over() -> None:
    said: set[str] = set()
    forms: list[str] = []
    for file in (Path(config.__file__).parents[1] / "cli").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                said.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                forms.append("".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[\w.]+" for part in node.values))
            elif isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in ("text", "say") and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    assert first.value in SENTENCES, f"{file.name}:{node.lineno}"
    assert [key for key in SENTENCES if key not in said and not any(re.fullmatch(form, key) for form in forms if len(form) > 7)] == []
    assert {name for name in COMMANDS if f"cmd.{name}" not in SENTENCES or f"help.{name}" not in SENTENCES} == set()


# help and usage

PAGES = """
import sys
from federation.cli.texts import settle
settle(["--lang", sys.argv[1]])
from federation.cli.app import COMMANDS, main
for name in ["", *COMMANDS]:
    print("#", name)
    assert main([*([name] if name else []), "-h"]) == 0
"""


@pytest.mark.parametrize(("lang", "own", "foreign"), [
    ("de", ["Aufruf: federation", "Optionen:", "Befehle:", "Diese Hilfe zeigen."],
     ["Usage", "Options", "Commands", "Show", "default", "SOURCE", "FILE"]),
    ("en", ["Usage: federation", "Options:", "Commands:", "Show this help."],
     ["Aufruf", "Optionen", "Befehle", "Zeigen", "QUELLE", "DATEI"]),
])  # fmt: skip
def test_help_pages_are_wholly_in_one_language(lang: str, own: list[str], foreign: list[str]) -> None:
    done = subprocess.run([PROGRAM[0], "-c", PAGES, lang], capture_output=True, text=True, check=True, timeout=60)
    pages = done.stdout.split("\n# ")
    assert len(pages) == len(COMMANDS) + 1
    assert [word for word in own if word not in done.stdout] == []
    assert [word for word in foreign if re.search(rf"\b{word}\b", done.stdout)] == []
    for page in pages[1:]:
        name = page.partition("\n")[0]
        assert len(page.split("\n\n")[1].strip()) > 40, f"{name} says too little"
        assert max(map(len, page.splitlines())) <= 100


def test_help_costs_no_second() -> None:
    result = subprocess.run(
        [PROGRAM[0], "-X", "importtime", *PROGRAM[1:], "--help"], capture_output=True, text=True, check=True, timeout=60
    )
    assert "Commands:" in result.stdout or "Befehle:" in result.stdout
    assert not re.search(r"\| +(sqlalchemy|rdflib|pyoxigraph|pydantic|httpx)$", result.stderr, re.MULTILINE)


@pytest.mark.parametrize(("line", "german", "english"), [
    ("snyc", "Den Befehl snyc gibt es nicht. Meinten Sie sync?", "There is no command snyc. Did you mean sync?"),
    ("sync --no-publsh", "Die Option --no-publsh gibt es hier nicht. Meinten Sie --no-publish?",
     "There is no option --no-publsh here. Did you mean --no-publish?"),
    ("why", "DATENSATZ fehlt.", "DATASET is missing."),
    ("status now", "Das ist zu viel: now", "This is too much: now"),
    ("check x --limit many", "Der Wert von --limit passt nicht. Erwartet: eine Zahl", "value of --limit does not fit. Expected: a number"),
    ("findings --severity bad", "Erwartet: eines von violation, warning, info", "Expected: one of violation, warning, info"),
    ("findings --code", "Die Option --code braucht einen Wert.", "The option --code needs a value."),
    ("export .", "Erwartet: eine Datei, kein Ordner", "Expected: a file, not a folder"),
    ("schema all", "Erwartet: eines von federation, member", "Expected: one of federation, member"),
    ("status --lang fr", "Erwartet: eines von de, en", "Expected: one of de, en"),
])  # fmt: skip
def test_a_wrong_call_says_what_is_wrong_and_where_help_is(line: str, german: str, english: str) -> None:
    for lang, said in (("de", german), ("en", english)):
        result = run(*line.split(), lang=lang)
        assert result.code == 2
        assert result.out == ""
        assert said in result.err
        assert {"de": "Hilfe: federation", "en": "Help: federation"}[lang] in result.err


def test_without_a_command_the_help_is_shown_as_a_wrong_call() -> None:
    result = run()
    assert result.code == 2
    assert "sync" in result.err


def test_the_language_may_stand_anywhere_and_comes_from_the_environment_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for line in (["--lang", "de", "status"], ["status", "--lang", "de"], ["status", "--lang=de"]):
        assert "Fehler" in run("-C", tmp_path, *line).err
    places = (("LC_ALL", "de_DE.UTF-8", "de"), ("LC_ALL", "en_GB.UTF-8", "en"), ("LANG", "de_AT", "de"), ("LANG", "C", "en"))
    for name, value, expected in places:
        for other in ("FEDERATION_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
            monkeypatch.delenv(other, raising=False)
        monkeypatch.setenv(name, value)
        assert language() == expected


# workspaces

READING = [
    ["status"], ["findings"], ["held"], ["lookups"], ["publish", "--dry-run"], ["sync", "--dry-run"], ["export", "x.ttl", "--dry-run"],
]  # fmt: skip
NEEDING = [
    *READING, ["sync"], ["publish"], ["export", "x.ttl"], ["why", "x"], ["release", "x"], ["rollback", "x"], ["add", "http://127.0.0.1:9"],
    ["backup", "x.db"], ["restore", "x.db"],
]  # fmt: skip


@pytest.mark.parametrize("command", NEEDING, ids=" ".join)
def test_a_folder_without_workspace_is_said_to_be_one(tmp_path: Path, command: list[str]) -> None:
    for lang, said in (("de", "federation init"), ("en", "no file federation.toml")):
        result = run("-C", tmp_path, *command, lang=lang)
        assert result.code == 2
        assert said in result.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_what_only_reads_leaves_nothing_behind(tmp_path: Path, server: Server, command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    region = Region(tmp_path / "region")
    do(region, *command)
    region.member("stadt", f"{server.url}/feed.ttl")
    before = sorted(tmp_path.rglob("*"))
    do(region, *command)
    assert sorted(tmp_path.rglob("*")) == before


def test_connectors_vocabularies_and_schema_need_no_workspace(tmp_path: Path) -> None:
    assert {one["id"] for one in run("-C", tmp_path / "x", "connectors", "--json").json()} == set(registry())
    assert "licence" in run("-C", tmp_path / "x", "vocabularies", "--json").json()
    assert run("-C", tmp_path / "x", "vocabularies", "--json", "dl-zero-de/2.0").json() == {
        "licence": "http://dcat-ap.de/def/licenses/dl-zero-de/2.0"
    }
    assert "Kategorie" not in run("vocabularies", "no such word").out


def test_every_option_of_our_connectors_is_described_in_german() -> None:
    german = {one["id"]: one["options"] for one in run("connectors", "--json", lang="de").json()}
    english = {one["id"]: one["options"] for one in run("connectors", "--json").json()}
    same = [(name, key) for name in english for key, said in english[name].items() if german[name][key] in (said, "")]
    assert same == []


def _checked(schema: Any, defs: Any) -> None:
    if isinstance(schema, list):
        for one in schema:
            _checked(one, defs)
    if isinstance(schema, dict):
        if "$ref" in schema:
            assert schema["$ref"].removeprefix("#/$defs/") in defs
        if isinstance(schema.get("pattern"), str):
            re.compile(schema["pattern"])
        if isinstance(schema.get("type"), str):
            assert schema["type"] in ("object", "array", "string", "integer", "number", "boolean", "null")
        if isinstance(schema.get("properties"), dict):
            assert set(schema.get("required", ())) <= set(schema["properties"])
        for one in schema.values():
            _checked(one, defs)


def test_the_schema_is_a_json_schema_with_the_options_of_each_connector() -> None:
    for kind in ("federation", "member"):
        schema = run("schema", kind).json()
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        _checked(schema, schema["$defs"])
    source = run("schema", "member").json()["$defs"]["Source"]
    assert set(source["properties"]["connector"]["enum"]) == set(registry())
    options = {one["if"]["properties"]["connector"]["const"]: one["then"]["properties"]["options"] for one in source["allOf"]}
    assert "organization" in options["ckan"]["properties"]
    assert options["dcat"]["additionalProperties"] is False


# terminals, pipes, faults of our own

@pytest.mark.parametrize("columns", [80, 120])
def test_tables_fit_the_terminal_and_are_coloured_there(region: Region, server: Server, columns: int) -> None:
    region.member("grosskreutz-an-der-havel-mit-langem-namen", f"{server.url}/nothing")
    do(region, "sync", code=3)
    for command in (["status"], ["findings"], ["why", f"{BASE}a"]):
        code, text = on_terminal(columns, "-C", region.folder, *command)
        assert code == 0
        assert "\x1b[3" in text
        plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)
        assert max(len(line) for line in plain.splitlines()) <= columns


def test_a_terminal_shows_bars(region: Region) -> None:
    code, text = on_terminal(80, "-C", region.folder, "sync")
    assert code == 0
    assert "━" in text


def test_no_color_is_respected(region: Region) -> None:
    do(region, "sync")
    _, text = on_terminal(100, "-C", region.folder, "status", NO_COLOR="1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", text)


def test_a_pipe_that_closes_early_is_no_fault(region: Region) -> None:
    do(region, "sync")
    result = piped("-C", region.folder, "vocabularies", "--json", size=10)
    assert (result.code, len(result.out), result.err) == (0, 10, "")
    result = piped("-C", region.folder, "findings", "--codes", size=10)
    assert (result.code, result.err) == (0, "")


def test_a_terminal_that_is_not_utf8_loses_signs_and_no_more(region: Region) -> None:
    do(region, "sync")
    result = piped("-C", region.folder, "why", f"{BASE}a", encoding="ascii")
    assert result.code == 0
    assert "?ber a" in result.out


def test_a_fault_of_ours_shows_no_traceback_and_says_that_the_last_state_stays(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("password=geheim123")

    monkeypatch.setattr("federation.config.load", broken)
    result = do(region, "status", lang="de", code=1)
    assert "Fehler dieses Programms" in result.err
    assert "geheim123" not in result.err
    assert "Traceback" in run("-vv", "-C", region.folder, "status").err


def test_names_of_sources_and_values_are_never_read_as_markup(region: Region, server: Server) -> None:
    server.routes["/feed.ttl"] = turtle(HEAD + dataset("a", "[red]Titel[/red] [/] :smile:") + dataset("b") + dataset("c"))
    do(region, "sync")
    assert "[red]Titel[/red] [/] :smile:" in do(region, "why", f"{BASE}a").out


def test_errors_carry_their_code_so_that_they_can_be_looked_up(tmp_path: Path) -> None:
    result = run("-C", tmp_path, "status")
    assert "workspace-missing" in result.err
    with pytest.raises(ConfigError):
        config.load(tmp_path)
    assert json.loads(run("findings", "--codes", "--code", "workspace-missing", "--json").out)
