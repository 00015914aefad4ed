"""Configuration: every fault is named by file, line and remedy, in both languages, before anything is read or written."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation import config, vocabulary
from federation.config import LOOKUP_TABLES, FederationConfig, Member, Source
from federation.config.lines import line_of, positions
from federation.errors import ConfigError
from federation.finding import texts
from federation.harvest.connector import options_of
from federation.normalise.codes import TABLES

HEAD = '[catalog]\ntitle = "Region"\nbase_url = "https://daten.region.example"\n'
PLACE = re.compile(r"\{(\w+)\}")
MEMBER = 'title = "Rostock"\nkey = "130030000000"\n[[source]]\nconnector = "dcat"\nurl = "https://rostock.example/feed.rdf"\n'


def workspace(folder: Path, files: dict[str, str | bytes]) -> Path:
    """A workspace with these files; federation.toml and members/rostock.toml are right where nothing else is given."""
    for name, content in ({"federation.toml": HEAD, "members/rostock.toml": MEMBER} | files).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def fault(folder: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        _load_with_options(folder)
    return caught.value


def _load_with_options(folder: Path) -> None:
    for source in config.load(folder).sources():
        options_of(source)


def test_a_right_workspace_is_read_as_written(tmp_path: Path) -> None:
    settings = config.load(workspace(tmp_path, {"lookups/licence.csv": "spelling,code\nfrei,cc-zero\n"}))
    (source,) = settings.sources()
    assert (source.id, source.member, source.key, source.connector) == ("rostock", "rostock", "130030000000", "dcat")
    assert settings.members[0].stage == "preview"
    assert settings.lookups == {"licence": {"frei": "cc-zero"}}
    assert settings.path == tmp_path


# Each: what is written where, then finding code, line, and what cause and remedy name.
FAULTS: dict[str, tuple[dict[str, str | bytes], str, str, list[str]]] = {
    "an unknown key of a table": ({"federation.toml": HEAD + 'licence = "x"\n'}, "config-unknown-key", "4", ["catalog.licence", "license"]),
    "an unknown table": ({"federation.toml": HEAD + '[shop]\nurl = "x"\n'}, "config-unknown-key", "4", ["shop", "store"]),
    "a key of the loader": ({"federation.toml": 'path = "x"\n' + HEAD}, "config-unknown-key", "1", ["path", "catalog"]),
    "an id in a source": (
        {"members/rostock.toml": MEMBER + 'id = "x"\n'}, "config-unknown-key", "6", ["members/rostock.toml", "source.id"],
    ),
    "a typo in the second source": (
        {"members/rostock.toml": MEMBER + 'name = "a"\n[[source]]\nname = "b"\nconnector = "dcat"\n'
         'url = "https://x.example"\nminimum = 3\n'},
        "config-unknown-key", "11", ["source.minimum", "minimum_datasets"],
    ),
    "a typo in a table of the second source": (
        {"members/rostock.toml": MEMBER + 'name = "a"\n\n[[source]]\nname = "b"\nconnector = "dcat"\nurl = "https://x.example"\n'
         '[source.defaults]\n# licence\nlicence = "cc-zero"\n'},
        "config-unknown-key", "14", ["source.defaults.licence", "license"],
    ),
    "a key that fell into the table before it": (
        {"members/rostock.toml": MEMBER + '[source.defaults]\nschedule = "0 4 * * *"\n'}, "config-unknown-key", "7", ["[[source]]"],
    ),
    "a member's key below its source": (
        {"members/rostock.toml": 'title = "A"\n[contact]\nstage = "region"\n'}, "config-unknown-key", "3", ["contact.stage", "[[source]]"],
    ),
    "an inline table": (
        {"members/rostock.toml": 'title = "A"\ncontact = { name = "Amt",\n  mail = "a@b.example" }\n'.replace("\n  ", " ")},
        "config-unknown-key", "2", ["contact.mail", "email"],
    ),
    "an unknown option of the connector": (
        {"members/rostock.toml": MEMBER + '[source.options]\npaging = true\npublishers = "x"\n'},
        "config-unknown-key", "8", ["source.options.publishers", "publisher"],
    ),
    "an option of the wrong kind": (
        {"members/rostock.toml": MEMBER + '[source.options]\nmax_pages = "many"\n'}, "config-wrong-value", "7", ["many"],
    ),
    "an unknown connector": (
        {"members/rostock.toml": MEMBER.replace("dcat", "dkan")}, "connector-unknown", "", ["dkan", "ckan, csw, dcat"],
    ),
    "a missing key": (
        {"members/rostock.toml": 'title = "A"\n\n[[source]]\nconnector = "dcat"\n'}, "config-missing-key", "3", ["source.url"],
    ),
    "a missing table": ({"federation.toml": '[store]\nurl = "sqlite:///x.db"\n'}, "config-missing-key", "-", ["catalog"]),
    "text for a number": (
        {"members/rostock.toml": MEMBER + 'minimum_datasets = "fifty"\n'}, "config-wrong-value", "6", ["fifty", "source.minimum_datasets"],
    ),
    "a number out of range": ({"members/rostock.toml": MEMBER + "maximum_loss = 10\n"}, "config-wrong-value", "6", ["10", "1"]),
    "a stage that there is not": (
        {"members/rostock.toml": 'stage = "public"\n' + MEMBER}, "config-wrong-value", "1", ["public", '"preview", "region", "forward"'],
    ),
    "a single bracket": (
        {"members/rostock.toml": MEMBER.replace("[[source]]", "[source]")}, "config-wrong-value", "3", ["source", "[[source]]"],
    ),
    "a list in a string": ({"federation.toml": HEAD + 'order = "rostock"\n'}, "config-wrong-value", "4", ["catalog.order", "rostock"]),
    "a network that is none": ({"federation.toml": HEAD + '[network]\nallow = ["intern"]\n'}, "config-wrong-value", "5", ["10.1.0.0/16"]),
    "an address without its beginning": (
        {"federation.toml": HEAD.replace("https://", "")}, "config-wrong-value", "3", ["catalog.base_url", "https://"],
    ),
    "a licence of the catalog that nobody knows": (
        {"federation.toml": HEAD + 'license = "frei"\n'}, "config-wrong-value", "4", ["frei", "catalog.license"],
    ),
    "a default licence that nobody knows": (
        {"members/rostock.toml": MEMBER + '[source.defaults]\nlicense = "cc-null"\n'}, "config-wrong-value", "7", ["cc-null", "cc-zero"],
    ),
    "a key without quotation marks": (
        {"members/rostock.toml": MEMBER.replace('"130030000000"', "130030000000")}, "key-not-quoted", "2", ['key = "130030000000"'],
    ),
    "a key with a leading zero and no quotation marks": (
        {"members/rostock.toml": 'title = "Bremen"\nkey = 04011\n'}, "key-not-quoted", "2", ['key = "04011"'],
    ),
    "a key with too few digits": ({"members/rostock.toml": 'title = "A"\nkey = "1300"\n'}, "config-wrong-value", "2", ["1300", "12"]),
    "a key that leads to no municipality": (
        {"members/rostock.toml": MEMBER.replace("130030000000", "130039999999")}, "key-unknown", "2", ["130039999999", '"130030000000"'],
    ),
    "a key that leads to no district": ({"members/rostock.toml": 'title = "A"\nkey = "13999"\n'}, "key-unknown", "2", ["13999"]),
    "a key that leads to no state": ({"members/rostock.toml": 'title = "A"\nkey = "17"\n'}, "key-unknown", "2", ["17"]),
    "no TOML": ({"members/rostock.toml": 'title = "A"\n\nstage = region\n'}, "config-not-toml", "3", ["members/rostock.toml"]),
    "Latin-1": (
        {"members/rostock.toml": 'title = "A"\n[contact]\nname = "Behörde"\n'.encode("latin-1")}, "config-not-utf8", "3", ["UTF-8"],
    ),
    "two sources without a name": (
        {"members/rostock.toml": MEMBER + '[[source]]\nconnector = "dcat"\nurl = "https://x.example"\n'}, "source-unnamed", "3", ["name"],
    ),
    "two sources of one name": (
        {"members/rostock.toml": MEMBER + 'name = "geo"\n[[source]]\nconnector = "dcat"\nname = "geo"\nurl = "https://x.example"\n'},
        "source-twice", "9", ["rostock.geo"],
    ),
    "a name with a blank": ({"members/rostock.toml": MEMBER + 'name = "Geo Daten"\n'}, "config-wrong-value", "6", ["Geo Daten"]),
    "a member file in capitals": ({"members/Rostock.toml": MEMBER}, "member-name", "", ["Rostock.toml"]),
    "a member file with an umlaut": ({"members/köln.toml": MEMBER}, "member-name", "", ["köln.toml"]),
    "a member file with another ending": ({"members/bremen.toml.txt": MEMBER}, "member-name", "", ["bremen.toml.txt", ".toml"]),
    "a table of spellings that there is not": ({"lookups/licences.csv": "spelling,code\n"}, "lookup-table", "1", ["licences", "licence"]),
    "another one in a member's file": (
        {"members/rostock.toml": MEMBER + '[source.lookups.licenz]\nfrei = "cc-zero"\n'}, "lookup-table", "6", ["licenz", "licence"],
    ),
    "a code that is not in the list": (
        {"lookups/licence.csv": "spelling,code\nfrei,cc-zero\nnull,cc-null\n"}, "lookup-code", "3", ["cc-null", "cc-zero"],
    ),
    "another one in a member's second source": (
        {"members/rostock.toml": MEMBER + 'name = "a"\n[[source]]\nname = "b"\nconnector = "dcat"\nurl = "https://x.example"\n'
         '[source.lookups.licence]\nfrei = "cc-zero"\n"ganz frei" = "http://dcat-ap.de/def/licenses/cc-null"\n'},
        "lookup-code", "13", ["cc-null"],
    ),
    "no columns": ({"lookups/licence.csv": "frei,cc-zero\n"}, "lookup-columns", "", ["spelling,code"]),
    "a table in Latin-1": ({"lookups/licence.csv": "spelling,code\nGebühr,cc-zero\n".encode("latin-1")}, "config-not-utf8", "2", ["UTF-8"]),
    "a spelling decided twice": (
        {"lookups/licence.csv": "spelling,code\nFrei,cc-zero\nfrei ,cc-by/4.0\n"}, "lookup-twice", "3", ["frei"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "code", "line", "named"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_named_by_file_line_and_remedy(
    tmp_path: Path, files: dict[str, str | bytes], code: str, line: str, named: list[str]
) -> None:
    error = fault(workspace(tmp_path, files))
    assert error.code == code
    assert error.exit_code == 2
    assert error.params.get("line", "") == line
    finding = error.finding()
    for language in ("de", "en"):
        said = f"{finding.cause(language)} {finding.remedy(language)}"
        assert not [one for one in named if one not in said], said
        assert line in ("", "-") or line in said
    for text in (*texts()[code].cause.values(), *texts()[code].remedy.values()):
        assert set(PLACE.findall(text)) <= {"field", "value", *finding.params}


def test_a_folder_that_is_missing_is_told_from_one_without_a_workspace(tmp_path: Path) -> None:
    assert fault(tmp_path / "nowhere").code == "folder-missing"
    assert fault(tmp_path).code == "workspace-missing"


def test_a_folder_in_the_place_of_a_file_is_unreadable(tmp_path: Path) -> None:
    (workspace(tmp_path, {}) / "members" / "x.toml").mkdir()
    error = fault(tmp_path)
    assert error.code == "config-unreadable"
    assert "members/x.toml" in error.text("de")


def test_what_editors_and_spreadsheets_do_to_files_is_no_fault(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "federation.toml": b"\xef\xbb\xbf" + HEAD.replace("\n", "\r\n").encode(),
        "members/rostock.toml": b"\xef\xbb\xbf" + MEMBER.replace("\n", "\r\n").encode(),
        "members/.#rostock.toml": "no toml",
        "members/README.md": "no toml",
        "lookups/licence.csv": b"\xef\xbb\xbfspelling;code;note\r\nfrei, ohne alles;cc-zero;decided by the office\r\n;;\r\nunklar;;\r\n",
    }
    settings = config.load(workspace(tmp_path, files))
    assert [source.id for source in settings.sources()] == ["rostock"]
    assert settings.lookups == {"licence": {"frei, ohne alles": "cc-zero", "unklar": ""}}


def test_codes_may_be_written_in_any_known_spelling(tmp_path: Path) -> None:
    settings = config.load(workspace(tmp_path, {"federation.toml": HEAD + 'license = "dl-zero-de/2.0"\nlanguage = "de"\n'}))
    assert settings.catalog.license == "http://dcat-ap.de/def/licenses/dl-zero-de/2.0"
    assert settings.catalog.language.endswith("/language/DEU")


def test_an_own_licence_may_be_decided_on_and_be_a_default(tmp_path: Path) -> None:
    own = '[source.defaults]\nlicense = "https://stadt.example/licence"\n[source.lookups.licence]\nfrei = "https://stadt.example/licence"\n'
    (source,) = config.load(workspace(tmp_path, {"members/rostock.toml": MEMBER + own})).sources()
    assert source.defaults.license == source.lookups["licence"]["frei"] == "https://stadt.example/licence"


def test_a_path_starts_in_the_workspace(tmp_path: Path) -> None:
    (source,) = config.load(workspace(tmp_path, {"members/rostock.toml": MEMBER.replace("https://rostock.example", "feeds")})).sources()
    assert source.url == str(tmp_path / "feeds" / "feed.rdf")


def test_the_lines_of_a_file_do_not_count_as_its_content(tmp_path: Path) -> None:
    options = "[source.options]\npaging = false\n"
    first = config.load(workspace(tmp_path, {"members/rostock.toml": MEMBER + options})).digest()
    assert config.load(workspace(tmp_path, {"members/rostock.toml": MEMBER + "# a note\n" + options})).digest() == first


def test_every_table_that_normalising_reads_is_known_to_the_configuration_and_the_other_way_round() -> None:
    assert {name: table.vocabulary for table in TABLES.values() for name in (table.name, table.vocabulary, *table.others)} == LOOKUP_TABLES
    assert set(LOOKUP_TABLES.values()) <= set(vocabulary.names())


def test_a_source_that_there_is_not_names_the_nearest(tmp_path: Path) -> None:
    settings = config.load(workspace(tmp_path, {}))
    with pytest.raises(ConfigError) as caught:
        settings.source("rostok")
    assert "rostock" in caught.value.text("de")


@pytest.mark.parametrize("model", [FederationConfig, Member])
def test_the_schema_has_the_keys_of_the_files_and_none_of_the_loader(model: type[FederationConfig] | type[Member]) -> None:
    schema = model.model_json_schema()
    text = json.dumps(schema)
    assert '"additionalProperties": false' in text
    assert not {"id", "path", "members", "lookups", "lines"} & set(schema["properties"])
    if model is Member:
        source = schema["$defs"]["Source"]
        assert set(source["required"]) == {"connector", "url"}
        assert not {"id", "member", "key", "lines"} & set(source["properties"])


def test_what_the_loader_sets_may_be_given_in_code() -> None:
    assert Source(id="a", member="b", connector="dcat", url="x").id == "a"


# Where a key stands: documents are made with every key on a known line, then looked up.

words = st.text("abcdefghijklmnopqrstuvwxyzäöü0123456789_- .\"'#[]=", min_size=1, max_size=8)
values = st.one_of(
    st.integers(0, 9).map(str), words.map(json.dumps), st.booleans().map(lambda value: str(value).lower()),
    st.lists(words, max_size=3).map(lambda items: "[ # list\n" + "".join(f"  {json.dumps(item)},\n" for item in items) + "]"),
    st.just('"""one\n[two]\nthree = 3 # no comment\n"""'), st.just("'''\n[[source]]\nkey = 1\n'''"),
    st.just('{ a = 1, "b c" = [2, { d = 3 }] }'),
)  # fmt: skip
tables = st.dictionaries(words, values, max_size=4)


@given(tables, st.dictionaries(words, tables, max_size=3), st.lists(st.tuples(tables, tables), max_size=3), st.randoms())
def test_every_key_is_found_on_its_line(
    top: dict[str, str], named: dict[str, dict[str, str]], several: list[tuple[dict[str, str], dict[str, str]]], chance: Any
) -> None:
    lines: list[str] = []
    expected: dict[tuple[str | int, ...], int] = {}

    def write(text: str) -> int:
        for _ in range(chance.randint(0, 2)):
            lines.append(chance.choice(["", "# a comment = 1", "   "]))
        first = len(lines) + 1
        lines.extend((text + chance.choice(["", "  # note"])).split("\n"))
        return first

    def keys(table: dict[str, str], path: tuple[str | int, ...]) -> None:
        for key, value in table.items():
            expected[(*path, key)] = write(f"{json.dumps(key, ensure_ascii=False)} = {value}")

    named = {f"{name}!": table for name, table in named.items()}
    keys(top, ())
    for name, table in named.items():
        expected[(name,)] = write(f"[{json.dumps(name, ensure_ascii=False)}]")
        keys(table, (name,))
    for number, (first, second) in enumerate(several):
        header = write("[[several!!]]")
        expected.setdefault(("several!!",), header)
        expected[("several!!", number)] = header
        keys(first, ("several!!", number))
        expected[("several!!", number, "inner!")] = write('[ "several!!" . "inner!" ]')
        keys(second, ("several!!", number, "inner!"))
    text = "\n".join(lines).replace("[[several!!]]", '[["several!!"]]')
    tomllib.loads(text)
    assert positions(text) == expected


def test_a_dotted_key_is_found_and_what_stands_nowhere_has_the_line_of_what_is_around_it() -> None:
    found = positions('a.b.c = 1\n\n[x]\ny = { z = 1 }\n')
    assert line_of(("a", "b", "c"), found) == line_of(("a", "b"), found) == "1"
    assert line_of(("x", "y", "z"), found) == "4"
    assert line_of(("x", "missing"), found) == "3"
    assert line_of(("nowhere",), found) == "-"
