"""Reports: rules and properties in words, causes of findings, what waits."""

import ast
import csv
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import federation
from federation.config import FederationConfig, Source
from federation.discovery import preview
from federation.errors import SourceError
from federation.finding import Finding, Severity
from federation.harvest.http import Http
from federation.report import labels, rules
from federation.report.causes import causes
from federation.report.labels import Wording, grouped
from tests.shared import shared

SETTINGS = FederationConfig.model_validate({"catalog": {"title": "Region", "base_url": "https://daten.region.example"}})
ROOT = Path(federation.__file__).parents[1]


def test_every_rule_has_words_in_both_languages_once() -> None:
    with (Path(str(files("vocabularies"))) / "texts" / "rules.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["rule"] for row in rows}) == len(rows) > 80
    assert [row for row in rows if not row["de"] or not row["en"] or row["de"] == row["en"]] == []


# Where the calls of a Description have their rule.
_CHANGING = {"change": 2, "replace": 4, "derive": 3, "move": 3, "rename": 2, "remove": 3}


def test_every_rule_that_the_code_names_has_words() -> None:
    named: dict[str, str] = {}
    for path in [*(ROOT / "federation").rglob("*.py"), *(ROOT / "connectors").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGING:
                place = _CHANGING[node.func.attr]
                given_ = [*node.args[place : place + 1], *(one.value for one in node.keywords if one.arg == "rule")]
                for text in (part.value for part in given_ if isinstance(part, ast.Constant) and isinstance(part.value, str)):
                    named.setdefault(text, f"{path.name}:{node.lineno}")
    assert len(named) > 25
    assert {rule: place for rule, place in named.items() if rule and rule.islower() and not rules.known(rule)} == {}


@pytest.mark.parametrize("feed", ["rostock_catalog.rdf.gz", "bremen_catalog.rdf.gz", "es_ua_alicante.rdf.gz", "fr_geonetwork.rdf"])
def test_every_rule_used_on_real_feeds_has_words(feed: str) -> None:
    assert _unknown(shared(f"corpus/dcat-rdf/{feed}")) == set()


def test_every_rule_used_on_the_small_real_feeds_has_words() -> None:
    folder = shared("corpus/dcat-rdf")
    assert set().union(*map(_unknown, sorted(folder.glob("*.rdf")))) == set()


def _unknown(path: Path) -> set[str]:
    with Http(SETTINGS.network) as http:
        try:
            result = preview(SETTINGS, Source(id="check", member="check", connector="dcat", url=str(path)), http)
        except SourceError:
            return set()
    return {rule for rule in result.rules if not rules.known(rule)}


def test_a_rule_of_several_parts_is_told_in_one_sentence_and_one_without_words_by_its_name() -> None:
    assert rules.explained("namespace+code:hash", "de") == "Verfahren der Prüfsumme als Code"
    assert "; " in rules.explained("html+trim", "en")
    assert rules.explained("lookup:licence", "de") == rules.explained("lookup:format", "de")
    assert rules.explained("brand-new", "de") == "brand-new"


def test_a_property_is_called_by_the_name_that_datasets_and_files_have_for_it() -> None:
    assert labels.of_field("dcterms:license", "de") == "Lizenz (dcterms:license)"
    assert labels.of_field("dcterms:title", "en") == "title (dcterms:title)"
    assert labels.of_field("extras.notes", "de") == "extras.notes"
    assert labels.of_property("<https://www.dcat-ap.de/def/dcatde/1.1/contributorID>", "de").endswith("(dcatde:contributorID)")


def test_a_value_is_told_as_people_read_it() -> None:
    nodes = grouped([("<http://x.example/d>", "<http://www.w3.org/ns/dcat#contactPoint>", "_:c"),
                     ("_:c", "<http://www.w3.org/2006/vcard/ns#fn>", '"Amt"'),
                     ("_:c", "<http://www.w3.org/2006/vcard/ns#hasMember>", "_:c")])  # fmt: skip
    words = Wording("de", nodes, "… {count}")
    assert words.value('"Straße"@de') == "„Straße“ [de]"
    assert words.value("<http://publications.europa.eu/resource/authority/language/DEU>").startswith("Deutsch (http")
    assert words.value("<http://x.example/y>") == "http://x.example/y"
    assert "„Amt“" in words.value("_:c")
    assert "[…]" in words.value("_:c")
    assert words.value("_:other") == "[…]"
    assert words.values([f'"{n}"' for n in range(10)]) == "„0“ | „1“ | „2“ | „3“ | „4“ | „5“ | … 4"


@given(st.text())
def test_a_long_text_is_cut_on_one_line_and_a_full_one_never(text: str) -> None:
    assert "\n" not in Wording("de", {}, "").short(text)
    assert len(Wording("de", {}, "").short(text * 50)) < 330
    assert Wording("de", {}, "", full=True).short(text) == text


def test_findings_of_one_kind_are_one_cause_with_its_most_frequent_examples() -> None:
    found = [
        *(("a", Finding("unknown-language", dataset=f"d{number}", field="dcterms:language", value="Deutsh")) for number in range(3)),
        ("a", Finding("unknown-language", dataset="d9", field="dcterms:language", value="Englich")),
        ("b", Finding("unknown-language", dataset="d0", field="dcterms:language", value="Deutsh")),
        *(("a", Finding("no-theme", dataset=f"d{number}", field="dcat:theme")) for number in range(9)),
        ("a", Finding("not-a-code", dataset="d1", field="x", value="v", params={"count": "1"})),
        ("a", Finding("not-a-code", dataset="d2", field="x", value="v", params={"count": "7"})),
    ]
    result = causes(found)
    rank = [Severity.VIOLATION, Severity.WARNING, Severity.INFO]
    assert [rank.index(one.severity) for one in result] == sorted(rank.index(one.severity) for one in result)
    language = next(one for one in result if one.code == "unknown-language" and one.source == "a")
    assert (language.count, language.datasets) == (4, 4)
    assert [(finding.value, count) for finding, count in language.examples] == [("Deutsh", 3), ("Englich", 1)]
    assert len(next(one for one in result if one.code == "not-a-code").examples) == 1
    assert sum(one.count for one in result) == len(found)
