"""Each component, path and target of SHACL finds what pySHACL finds, on graphs made up at random; patterns are bounded."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.quality.shapes.patterns import compile_pattern
from federation.terms import DCTERMS
from tests.shacl_oracle import ONE_BY_ONE, A, both, checker, nodes, on_a, values

LITERALS = (
    "'x'", "'Straße'@de", "'street'@en-gb", "'Gasse'@de-at", "5", "-3", "5.50", "1e3", "true", "'true'^^xsd:boolean", "'1'^^xsd:boolean",
    "'2024-02-29'^^xsd:date", "'2023-02-29'^^xsd:date", "'2024'^^xsd:gYear", "'2024-05-31T12:00:00'^^xsd:dateTime", "''", "'x'^^ex:own",
    "'2024-05-31T12:00:00Z'^^xsd:dateTime", "'gestern'^^xsd:dateTime", "'ff00'^^xsd:hexBinary", "'ff0'^^xsd:hexBinary",
    "'-1'^^xsd:nonNegativeInteger", "'7'^^xsd:nonNegativeInteger", "'300'^^xsd:byte", "'P1Y'^^xsd:duration", "'12:00:00'^^xsd:time",
    "'abc'^^xsd:integer", "'+5'^^xsd:integer",
)  # fmt: skip
TERMS = (*LITERALS, "ex:b", "ex:c", "<http://f.example/x>", "_:n", "ex:Thing")
# pySHACL ends at a blank node in sh:lessThan, and at literals that rdflib cannot put in order.
ORDERED = (
    "'x'", "'Straße'@de", "5", "-3", "5.50", "1e3", "'2024-02-29'^^xsd:date", "'2024-05-31'^^xsd:date",
    "'2024-05-31T12:00:00'^^xsd:dateTime", "'2024-06-01T12:00:00'^^xsd:dateTime", "ex:b", "ex:c", "<http://f.example/x>",
)  # fmt: skip


@st.composite
def facts(draw: st.DrawFn, terms: tuple[str, ...] = TERMS) -> str:
    """A small graph of four nodes."""
    lines = ["ex:a a ex:Thing ."]
    for node in ("ex:a", "ex:b", "ex:c", "_:n"):
        for prop in ("ex:p", "ex:q"):
            for term in draw(st.lists(st.sampled_from(terms), max_size=3 if node == "ex:a" else 2, unique=True)):
                lines.append(f"{node} {prop} {term} .")
        if draw(st.booleans()):
            lines.append(f"{node} a {draw(st.sampled_from(('ex:Thing', 'ex:Sub', 'ex:Other')))} .")
    return "\n".join(lines)


HIERARCHY = "ex:Sub rdfs:subClassOf ex:Middle . ex:Middle rdfs:subClassOf ex:Thing . ex:c a ex:Sub ; ex:p ex:b ."


@pytest.mark.parametrize("constraint", ONE_BY_ONE)
def test_a_constraint_finds_what_pyshacl_finds(constraint: str) -> None:
    terms = ORDERED if constraint.startswith("sh:lessThan") else TERMS

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
    @given(facts(terms), st.sampled_from(("", HIERARCHY)))
    def compare(data: str, background: str) -> None:
        both(on_a(constraint), data, background)

    compare()


PATHS = (
    "ex:p", "[ sh:inversePath ex:p ]", "( ex:p ex:q )", "( ex:p [ sh:inversePath ex:q ] )", "[ sh:alternativePath ( ex:p ex:q ) ]",
    "[ sh:zeroOrMorePath ex:p ]", "[ sh:oneOrMorePath ex:p ]", "[ sh:zeroOrOnePath ex:q ]", "[ sh:inversePath [ sh:zeroOrMorePath ex:p ] ]",
    "( [ sh:alternativePath ( ex:p ( ex:q ex:p ) ) ] [ sh:zeroOrOnePath ex:p ] )", "[ sh:oneOrMorePath ( ex:p ex:q ) ]",
    "( ex:p rdf:type [ sh:zeroOrMorePath rdfs:subClassOf ] )",
)  # fmt: skip
TARGETS = (
    "sh:targetClass ex:Thing", "sh:targetClass ex:Middle , ex:Other", "sh:targetNode ex:a , ex:z , 'x'", "sh:targetSubjectsOf ex:q",
    "sh:targetObjectsOf ex:p", "sh:targetObjectsOf ex:q ; sh:targetClass ex:Thing ; sh:targetNode ex:b", "a rdfs:Class",
    "sh:targetSubjectsOf ex:p ; sh:targetClass ex:Sub",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_a_path_leads_where_pyshacl_goes(path: str) -> None:
    inner = f"sh:path {path} ; sh:maxCount 0 ; sh:class ex:Thing ; sh:minLength 3"
    shape = f"ex:S a sh:NodeShape ; sh:targetClass ex:Thing ; sh:property [ {inner} ] ."

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
    @given(facts(), st.sampled_from(("", HIERARCHY)))
    def compare(data: str, background: str) -> None:
        both(shape, data, background)

    compare()


@st.composite
def shapes(draw: st.DrawFn, depth: int = 2) -> str:
    """What stands inside a shape: constraints, some of them made of other shapes."""
    plain = [text for text in ONE_BY_ONE if "[" not in text and "Count" not in text and not text.startswith(("sh:less", "sh:unique"))]
    parts = [draw(st.sampled_from(plain))]
    if depth:
        inner = [f"[ {draw(shapes(depth - 1))} ]" for _ in range(draw(st.integers(1, 2)))]
        prop = f"[ sh:path {draw(st.sampled_from(PATHS[:6]))} ; {draw(shapes(depth - 1))} ]"
        apart = "sh:qualifiedValueShapesDisjoint true"
        parts += draw(st.lists(st.sampled_from((
            f"sh:node {inner[0]}", f"sh:not {inner[0]}", f"sh:and ( {' '.join(inner)} )", f"sh:or ( {' '.join(inner)} )",
            f"sh:xone ( {prop} {' '.join(inner)} )", f"sh:property {prop}", f"sh:not {prop}",
            f"sh:property [ sh:path ex:p ; sh:qualifiedValueShape {inner[0]} ; sh:qualifiedMinCount 1 ; {apart} ] "
            f", [ sh:path ex:q ; sh:qualifiedValueShape {prop} ; sh:qualifiedMaxCount 1 ; {apart} ]",
        )), min_size=1, max_size=2, unique_by=lambda text: text.partition(" ")[0]))  # fmt: skip
    return " ; ".join(dict.fromkeys(parts))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(shapes(), st.sampled_from(TARGETS), facts(), st.sampled_from(("", HIERARCHY)))
def test_shapes_within_shapes_find_what_pyshacl_finds(inside: str, target: str, data: str, background: str) -> None:
    both(f"ex:Thing a sh:NodeShape ; {target} ; sh:severity sh:Info ; {inside} .", data, background)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.sampled_from(PATHS[:6]), st.sampled_from(TARGETS), facts())
def test_a_property_shape_may_have_targets_itself(path: str, target: str, data: str) -> None:
    both(f"ex:Thing a sh:PropertyShape ; {target} ; sh:path {path} ; sh:maxCount 1 ; sh:nodeKind sh:Literal .", data, HIERARCHY)


def test_a_class_hierarchy_in_the_data_counts() -> None:
    data = "ex:a a ex:New ; ex:p ex:b . ex:b a ex:New . ex:New rdfs:subClassOf ex:Thing ."
    assert both(on_a("sh:class ex:Thing ; sh:minCount 2"), data)
    assert both(on_a("sh:class ex:Other"), data, "ex:Thing rdfs:subClassOf ex:Middle .")


def test_data_and_background_are_one_graph() -> None:
    rule = on_a("sh:property [ sh:path skos:inScheme ; sh:hasValue ex:list ]")
    focused = {result.focus for result in both(rule, values("ex:b", "ex:c", "'x'"), "ex:b skos:inScheme ex:list .")}
    assert focused == {'"x"', "<http://e.example/c>"}
    assert both(rule, values("ex:b") + "ex:b skos:inScheme ex:list .", "ex:b a skos:Concept .") == []
    assert both(rule, "ex:q a ex:Other .", "ex:a a ex:Thing ; ex:p ex:b .")[0].focus == "<http://e.example/b>"


def test_without_whole_only_the_nodes_themselves_are_told() -> None:
    made = checker(on_a("sh:minCount 1") + "ex:N sh:targetNode ex:z ; sh:class ex:Other .", "ex:known a ex:Thing .")
    facts = nodes("ex:a a ex:Thing .")
    assert [result.focus for result in made.check(facts)] == [A]
    assert sorted(result.focus for result in made.check(facts, whole=True)) == [A, "<http://e.example/known>", "<http://e.example/z>"]


def test_flags_beyond_those_of_pyshacl_count() -> None:
    made = checker(on_a("sh:pattern 'a.b' ; sh:flags 's'"))
    assert made.check(nodes(values("'a\\nb'"))) == []
    assert len(checker(on_a("sh:pattern 'a.b' ; sh:flags 'q'")).check(nodes(values("'axb'", "'a.b'")))) == 1


def test_a_blank_node_is_not_less_than_anything() -> None:
    made = checker(on_a("sh:lessThan ex:q"))
    assert len(made.check(nodes("ex:a a ex:Thing ; ex:p _:n , 1 ; ex:q 2 , _:m ."))) == 3


# patterns

SIMPLE_TEXT = st.text("abc.-@ö\n", max_size=12)
PIECES = ("a", "b+", "c?", ".", "[a-c]*", r"\.", "@", "^", "$", "ö", "(a|b)", "[^a]", r"\s")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=5), SIMPLE_TEXT)
def test_both_engines_for_patterns_agree(pieces: list[str], text: str) -> None:
    pattern = "".join(pieces)
    if "^" in pattern[1:] or "$" in pattern[:-1]:
        return
    long = compile_pattern(f"(?:{pattern})")  # a group is for the engine that is always bounded
    assert compile_pattern(pattern)(text) == long(text)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "(a*)*b", "([a-z]+)*!", "a*a*a*a*a*b", "(x+x+)+y", "a?a?a?a?a?a?a?aaaaaaaa"])
def test_no_expression_runs_away(pattern: str) -> None:
    made = checker(on_a(f"sh:pattern '{pattern}'"))
    began = time.process_time()
    made.check({A: {"<http://e.example/p>": [f'"{"a" * length}!"' for length in (30, 1000, 100_000)], DCTERMS.title: []},
                **nodes("ex:c a ex:Thing ; ex:p '" + "a" * 5000 + "' .")})  # fmt: skip
    assert time.process_time() - began < 2


def test_a_simple_expression_meets_a_long_text_calmly() -> None:
    began = time.process_time()
    for pattern in ("a*b", "^[^@]+@[^@]+$", "[a-z]+[0-9]", ".*x"):
        assert not compile_pattern(pattern)("a" * 200_000)
    assert time.process_time() - began < 2
