"""A region's own hooks.py works on the rdflib Graph, and what it does is recorded."""

from pathlib import Path

import pytest

from federation.dcat.description import Description
from federation.errors import ConfigError
from federation.normalise.hooks import Hooks, load
from federation.terms import DCAT, DCTERMS, FOAF, RDF, XSD, literal

ROOT = "<http://a.example/dataset/1>"
HEAD = "from rdflib import BNode, Literal, URIRef\nfrom rdflib.namespace import DCAT, DCTERMS, FOAF\n"


@pytest.fixture
def description() -> Description:
    found = Description(ROOT, "dataset")
    for node, prop, term in [
        (ROOT, RDF.type, DCAT.Dataset), (ROOT, DCTERMS.title, '"Bäume"@de'),
        (ROOT, DCAT.keyword, '"intern"'), (ROOT, DCAT.keyword, '"Baum"'),
        (ROOT, DCTERMS.issued, literal("2021-13-99", datatype=XSD.date)), (ROOT, DCAT.distribution, "_:b1"), ("_:b1", DCTERMS.title, '"x"'),
    ]:  # fmt: skip
        found.say(node, prop, term)
    return found


def hooks(folder: Path, code: str) -> Hooks:
    (folder / "hooks.py").write_text(HEAD + code, encoding="utf-8")
    found = load(folder)
    assert found
    return found


def test_a_workspace_without_the_file_has_no_hooks(tmp_path: Path) -> None:
    assert load(tmp_path) is None


def test_what_a_hook_does_is_recorded_one_change_for_each_subject_and_property(tmp_path: Path, description: Description) -> None:
    mine = hooks(tmp_path, """
def dataset(graph, iri, source):
    graph.set((URIRef(iri), DCTERMS.title, Literal("Bäume von " + source, lang="de")))
    graph.add((URIRef(iri), DCAT.keyword, Literal("Stadtgrün")))
""")
    assert mine.apply(description, "rostock") == []
    assert [(change.rule, change.field) for change in description.changes] == [
        ("hook:dataset", "dcterms:title"), ("hook:dataset", "dcat:keyword"),
    ] or [(change.rule, change.field) for change in description.changes] == [
        ("hook:dataset", "dcat:keyword"), ("hook:dataset", "dcterms:title"),
    ]  # fmt: skip
    assert description.values(ROOT, DCTERMS.title) == ['"Bäume von rostock"@de']
    assert '"Stadtgrün"' in description.values(ROOT, DCAT.keyword)


def test_a_hook_may_take_something_away_and_it_can_be_undone(tmp_path: Path, description: Description) -> None:
    before = set(description.triples())
    hooks(tmp_path, "def dataset(graph, iri, source):\n    graph.remove((None, DCAT.keyword, Literal('intern')))\n").apply(description, "x")
    (change,) = description.changes
    assert (change.rule, change.removed, change.added) == ("hook:dataset", ((ROOT, DCAT.keyword, '"intern"'),), ())
    assert set(description.undone().triples()) == before


def test_what_a_hook_leaves_alone_is_not_touched(tmp_path: Path, description: Description) -> None:
    before = {node: dict(properties) for node, properties in description.nodes.items()}
    same = "graph.set((URIRef(iri), DCTERMS.title, graph.value(URIRef(iri), DCTERMS.title)))"
    hooks(tmp_path, f"def dataset(graph, iri, source):\n    {same}\n").apply(description, "x")
    assert (description.nodes, description.changes) == (before, [])


@pytest.mark.parametrize(("body", "error", "line"), [
    ("    x = 1\n    return 1 / 0\n", "ZeroDivisionError: division by zero", "5"),
    ("    graph.remove((None, None, None))\n    inner()\n", "NameError: name 'inner' is not defined", "5"),
    ("    graph.add((URIRef(iri), DCTERMS.relation, URIRef('not an iri')))\n", "ValueError: ", "?"),
    ("    graph.add((URIRef(iri), BNode(), Literal('x')))\n", "", "?"),
])  # fmt: skip
def test_a_hook_that_fails_changes_nothing_and_is_told_with_file_and_line(
    tmp_path: Path, description: Description, body: str, error: str, line: str
) -> None:
    before = set(description.triples())
    (finding,) = hooks(tmp_path, "def dataset(graph, iri, source):\n" + body).apply(description, "x")
    assert (finding.code, finding.dataset, finding.field) == ("hook-failed", "http://a.example/dataset/1", "dataset")
    assert finding.value.startswith(error)
    assert dict(finding.params) == {"file": "hooks.py", "line": line}
    assert "hooks.py" in finding.cause("de")
    assert (set(description.triples()), description.changes) == (before, [])


def test_new_blank_nodes_get_the_same_names_in_every_run(tmp_path: Path, description: Description) -> None:
    mine = hooks(tmp_path, """
def dataset(graph, iri, source):
    for name in ("Amt A", "Amt B", "Amt B"):
        agent = BNode()
        graph.add((URIRef(iri), DCTERMS.creator, agent))
        graph.add((agent, FOAF.name, Literal(name)))
""")
    again = description.copy()
    mine.apply(description, "x")
    mine.apply(again, "x")
    assert set(description.triples()) == set(again.triples())
    assert [len(description.values(ROOT, DCTERMS.creator)), len(description.of_type(DCAT.Dataset))] == [3, 1]
    names = sorted(description.value(agent, FOAF.name) for agent in description.values(ROOT, DCTERMS.creator))
    assert names == ['"Amt A"', '"Amt B"', '"Amt B"']


def test_each_kind_has_its_own_function(tmp_path: Path, description: Description) -> None:
    mine = hooks(tmp_path, "def service(graph, iri, source):\n    raise ValueError\n")
    assert mine.apply(description, "x") == []
    (finding,) = mine.apply(Description(ROOT, "service"), "x")
    assert finding.field == "service"


def test_the_digest_follows_the_file(tmp_path: Path) -> None:
    code = "def dataset(graph, iri, source):\n    pass\n"
    first, same, other = hooks(tmp_path, code), hooks(tmp_path, code), hooks(tmp_path, code + "# new\n")
    assert first.digest == same.digest != other.digest


@pytest.mark.parametrize(("code", "error", "line"), [
    ("def dataset(:\n", "SyntaxError", "3"), ("\nimport nonsense_module\n", "ModuleNotFoundError", "4"),
])  # fmt: skip
def test_a_file_that_cannot_be_run_is_an_error_of_configuration(tmp_path: Path, code: str, error: str, line: str) -> None:
    with pytest.raises(ConfigError, match="hooks-broken") as raised:
        hooks(tmp_path, code)
    assert raised.value.params["line"] == line
    assert raised.value.value.startswith(error)
    assert raised.value.exit_code == 2


def test_a_file_without_any_of_the_functions_is_an_error_and_not_silence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="hooks-empty"):
        hooks(tmp_path, "def datasets(graph, iri, source):\n    pass\n")


def test_no_cache_file_is_left_in_the_workspace(tmp_path: Path) -> None:
    hooks(tmp_path, """
from dataclasses import dataclass
@dataclass
class Rule:
    name: "str"
def dataset(graph, iri, source):
    pass
""")
    assert [entry.name for entry in tmp_path.iterdir()] == ["hooks.py"]
