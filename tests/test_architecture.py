"""The house stands as it was drawn: who may import whom, one network door, no oversized rooms, a text for every finding."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from federation.finding import texts

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("federation", "connectors", "vocabularies")
LONGEST = 420

# The network door: the client, how it connects, and which addresses it lets through; and the way out for mail, to the one server that the
# operator names.
DOOR = {
    "federation/harvest/http.py", "federation/harvest/connection.py", "federation/harvest/addresses.py", "federation/harvest/smtp.py",
}  # fmt: skip
NETWORK = re.compile(r"(httpx|socket|ssl|requests|urllib3|http\.client|ftplib|smtplib|aiohttp|urllib\.request)(\.|$)")
# Reading XML is for the screen, which takes the sting out of it first.
XML = re.compile(r"(xml|lxml|defusedxml)(\.|$)")

FOR_CONNECTORS = re.compile(
    r"federation\.(harvest\.(connector|http|screen)|dcat(\.\w+)?|config|vocabulary|terms|finding|errors|log)$|connectors\._\w+$"
)


def modules(*packages: str) -> list[Path]:
    return sorted(path for package in packages or PACKAGES for path in (ROOT / package).rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it; `from a import b` counts as a and, where b is a module of ours, as a.b."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                ours = ROOT / inner.replace(".", "/")
                yield inner if ours.with_suffix(".py").exists() or ours.is_dir() or node.module == "urllib" else node.module


def test_imports_lead_only_downwards() -> None:
    # in a process of its own: it configures logging, which switches off the loggers of whoever runs it
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(config_filename='.importlinter', no_cache=True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", modules("connectors"), ids=name)
def test_a_connector_sees_only_what_connectors_may_see(path: Path) -> None:
    ours = {module for module in imports(path) if module.startswith(("federation", "connectors"))}
    assert not {module for module in ours if not FOR_CONNECTORS.match(module)}


def test_the_network_has_one_door() -> None:
    assert {name(path) for path in modules() if any(NETWORK.match(module) for module in imports(path))} <= DOOR


def test_xml_is_read_in_the_harvest_room_only() -> None:
    readers = {name(path) for path in modules("federation", "connectors") if any(XML.match(module) for module in imports(path))}
    assert {path for path in readers if not path.startswith("federation/harvest/")} == set()


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = re.compile(r"_?(utils?|helpers?|common|base|misc|managers?)$")
    assert [name(path) for path in modules() if drawers.match(path.stem) or drawers.match(path.parent.name)] == []


@pytest.mark.parametrize("path", modules(), ids=name)
def test_no_file_is_longer_than_a_room(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


def project_files() -> Iterator[Path]:
    for entry in sorted(ROOT.iterdir()):
        if entry.is_file():
            yield entry
        elif entry.name in (*PACKAGES, "tests", "examples", ".ci"):
            yield from (path for path in sorted(entry.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)


def test_no_file_names_a_path_of_the_machine_that_it_was_written_on() -> None:
    machine = re.compile(rb"(?<![\w.:/}-])/(?:work|root|Users|home/[a-z]+)/|/tmp/[a-z]/")
    assert [name(path) for path in project_files() if machine.search(path.read_bytes())] == []


# findings: code and tables agree

_RAISED = re.compile(r"Finding|(Config|Source|Record|Store|Federation)Error|say")
_CODE = re.compile(r"[a-z]+(-[a-z0-9]+)*")


@cache
def said() -> tuple[frozenset[str], dict[str, str], list[re.Pattern[str]]]:
    """What the code says: every string in it; the finding codes that it raises, each with its place; the forms of codes that it puts
    together (f"unknown-{table}").
    """
    strings: set[str] = set()
    raised: dict[str, str] = {}
    forms: list[re.Pattern[str]] = []
    for path in modules("federation", "connectors"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                strings.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                form = "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[a-z0-9-]+" for part in node.values)
                if re.fullmatch(r"[a-z\\-]{4,}\[a-z0-9-\]\+", form):
                    forms.append(re.compile(form))
            elif isinstance(node, ast.Call) and node.args:
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                first = node.args[0]
                if _RAISED.fullmatch(called) and isinstance(first, ast.Constant) and _CODE.fullmatch(str(first.value)):
                    raised.setdefault(str(first.value), f"{name(path)}:{node.lineno}")
    for path in sorted((ROOT / "vocabularies" / "shapes").glob("*.ttl")):  # a rule of ours is named after the finding that tells it
        for code in re.findall(r"^rule:([a-z0-9-]+)", path.read_text(encoding="utf-8"), re.MULTILINE):
            strings.add(code)
            raised.setdefault(code, name(path))
    return frozenset(strings), raised, forms


def test_every_finding_that_is_raised_has_its_texts() -> None:
    _, raised, _ = said()
    assert len(raised) > 20
    assert {code: place for code, place in raised.items() if code not in texts()} == {}


def test_every_text_belongs_to_a_finding_that_is_raised() -> None:
    strings, _, forms = said()
    assert [code for code in texts() if code not in strings and not any(form.fullmatch(code) for form in forms)] == []


def test_every_text_is_there_in_both_languages_and_says_what_to_do() -> None:
    for code, text in texts().items():
        for part in (text.cause, text.remedy):
            for language in ("de", "en"):
                assert len(part[language] or "") > 10, (code, language)
        assert _CODE.fullmatch(code), code


@pytest.mark.parametrize("path", sorted((ROOT / "vocabularies" / "findings").glob("*.csv")), ids=lambda path: path.name)
def test_every_table_of_findings_has_the_six_columns(path: Path) -> None:
    import csv

    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["code", "severity", "cause_de", "cause_en", "remedy_de", "remedy_en"]
    assert {len(row) for row in rows} == {6}
