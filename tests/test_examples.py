"""The examples hold what they promise: the region loads, every file parses, nothing in them is about a real town or person."""

import configparser
import csv
import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pyoxigraph
import pytest

from federation import config, territory, vocabulary
from federation.config.cron import Cron
from federation.harvest.connector import options_of
from federation.normalise import hooks
from tests.readme import PLACE, README, table

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
REGION = EXAMPLES / "region"
WEB = REGION / "web"
FEEDS = sorted(file for file in WEB.rglob("*") if file.suffix in (".rdf", ".ttl", ".jsonld"))
CKANS = sorted(WEB.rglob("ckan.json"))
DATASET = pyoxigraph.NamedNode("http://www.w3.org/ns/dcat#Dataset")
TYPE = pyoxigraph.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
# Hosts that name vocabularies and licences, not towns.
KNOWN_HOSTS = frozenset((
    "data.europa.eu", "dcat-ap.de", "publications.europa.eu", "purl.org", "schema.org", "spdx.org", "www.dcat-ap.de", "www.govdata.de",
    "www.iana.org", "www.opengis.net", "www.w3.org", "xmlns.com",
))  # fmt: skip


def test_the_example_region_loads_with_at_least_five_members() -> None:
    region = config.load(REGION)
    assert len(region.members) >= 5
    assert {source.connector for source in region.sources()} == {"dcat", "ckan"}
    for source in region.sources():
        options_of(source)


def test_two_members_share_one_ckan() -> None:
    shared = [source for source in config.load(REGION).sources() if source.url == "http://ckan.kranichland.example"]
    assert {source.options["organization"] for source in shared} == {"lindenwerder", "seelinden"}


def test_every_member_file_and_lookup_is_explained_or_plain() -> None:
    for file in sorted(REGION.glob("**/*.toml")):
        tomllib.loads(file.read_text(encoding="utf-8"))
        assert file.read_text(encoding="utf-8").startswith("# "), f"{file.name} says what it is"
    with (REGION / "lookups" / "licence.csv").open(encoding="utf-8", newline="") as rows:
        licences = vocabulary.vocabulary("licence")
        assert all(licences.resolve(row["code"]) for row in csv.DictReader(rows))


def test_the_hooks_of_the_region_load() -> None:
    found = hooks.load(REGION)
    assert found is not None
    assert set(found.functions) == {"dataset"}


@pytest.mark.parametrize("file", FEEDS, ids=lambda file: str(file.relative_to(WEB)))
def test_every_feed_parses_strictly_and_describes_datasets(file: Path) -> None:
    triples = [each.triple for each in pyoxigraph.parse(path=file, base_iri="http://example.example/")]
    assert sum(1 for each in triples if each.predicate == TYPE and each.object == DATASET) >= 3


@pytest.mark.parametrize("file", CKANS, ids=lambda file: file.parent.name)
def test_every_ckan_holds_packages_with_ids_of_their_own(file: Path) -> None:
    packages = json.loads(file.read_text(encoding="utf-8"))["packages"]
    ids = [package["id"] for package in packages]
    assert len(ids) == len(set(ids)) >= 20
    assert all(package["num_resources"] == len(package["resources"]) for package in packages)


def test_every_member_has_a_portal_and_every_portal_a_member() -> None:
    assert {urlsplit(source.url).hostname for source in config.load(REGION).sources()} == {folder.name for folder in WEB.iterdir()}


@pytest.mark.parametrize("file", sorted(file for file in EXAMPLES.rglob("*") if file.is_file() and "__pycache__" not in file.parts),
                         ids=lambda file: str(file.relative_to(EXAMPLES)))  # fmt: skip
def test_no_example_names_a_real_town_or_person(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    addresses = re.findall(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)", text)
    assert all(address.endswith(".example") for address in addresses), addresses
    if file.is_relative_to(WEB):
        hosts = set(re.findall(r"https?://([\w.-]+)", text)) - KNOWN_HOSTS
        assert all(host.endswith(".example") for host in hosts), hosts


def test_no_example_town_is_a_municipality() -> None:
    for member in config.load(REGION).members:
        name = member.title.split(" ", 1)[1]
        assert not territory.bodies_by_name(name), name
        assert not member.key or len(member.key) == 2


def test_the_service_and_timer_units_are_whole() -> None:
    units = {}
    for file in (EXAMPLES / "systemd").iterdir():
        units[file.name] = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",), comment_prefixes=("#",))
        units[file.name].optionxform = str  # type: ignore[assignment,method-assign]
        units[file.name].read_string(file.read_text(encoding="utf-8"))
    commands = {name: unit["Service"]["ExecStart"].split()[3:] for name, unit in units.items() if name.endswith(".service")}
    assert commands == {"federation.service": ["schedule"], "federation-due.service": ["sync", "--due"]}
    assert units["federation-due.timer"]["Timer"]["OnCalendar"] == "*:0/10"
    for name in commands:
        hardened = units[name]["Service"]
        assert hardened["NoNewPrivileges"] == hardened["PrivateTmp"] == hardened["ProtectHome"] == "yes"
        assert hardened["ProtectSystem"] == "strict"
        assert hardened["ReadWritePaths"] == hardened["WorkingDirectory"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    for file in (EXAMPLES / "systemd").iterdir():
        text = re.sub("(?<=^ExecStart=)[^ ]+", "/bin/true", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
        (tmp_path / file.name).write_text(text.replace("User=federation", "User=root"), encoding="utf-8")
    command = ["systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir()))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if str(tmp_path) in line] == []


def test_the_lines_of_the_crontab_have_five_times_and_a_command() -> None:
    lines = [line for line in (EXAMPLES / "crontab").read_text(encoding="utf-8").splitlines() if re.match(r"[\d*]", line)]
    times, commands = zip(*(re.fullmatch(r"((?:\S+ +){5}) *(.*)", line).groups() for line in lines), strict=True)  # type: ignore[union-attr]
    assert all(Cron.parse(text) for text in times)
    assert [re.findall(r"federation -C \S+ (\w+(?: --\w+)?)", command)[0] for command in commands] == ["sync --due", "links --seconds"]


# README


def test_the_table_of_connectors_in_the_readme_is_that_of_the_connectors() -> None:
    found = PLACE.search(README.read_text(encoding="utf-8"))
    assert found is not None
    assert found[2] == table(), "run: python -m tests.readme"


def test_the_readme_begins_with_one_sentence_and_two_commands_that_ci_runs() -> None:
    text = README.read_text(encoding="utf-8")
    commands = [line.strip() for line in text.splitlines() if line.startswith("    python3 -m venv ")]
    assert [command.rsplit("/", 1)[1] for command in commands] == ["federation demo", "python -m pytest"]
    script = (README.parent / ".ci" / "run").read_text(encoding="utf-8")
    assert 'readme "federation demo"' in script
    assert 'readme "-m pytest"' in script


def test_every_link_of_readme_and_examples_leads_somewhere() -> None:
    for page in (README, *EXAMPLES.glob("*.md")):
        for target in re.findall(r"\]\(([^)#\s]+)\)", page.read_text(encoding="utf-8")):
            assert "://" in target or (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_room_stands_in_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    rooms = [f"federation/{entry.name}" for entry in (README.parent / "federation").iterdir() if (entry / "__init__.py").is_file()]
    assert [room for room in rooms if f"`{room}`" not in text] == []


def test_the_wheel_carries_the_example_region() -> None:
    project = tomllib.loads((README.parent / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"] == {"examples/region": "federation/examples/region"}
    assert wheel["packages"] == ["federation", "connectors", "vocabularies"]
