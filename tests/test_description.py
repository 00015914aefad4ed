"""Nothing a town said is lost: a Description with its changes undone is what came in."""

from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.dcat.description import REMOVALS, Change, Description
from federation.terms import DCAT, DCTERMS, RDF

Step: TypeAlias = tuple[Any, ...]
ROOT = "<http://a.example/dataset/1>"
OTHER = "<http://a.example/r/1>"

nodes = st.sampled_from([ROOT, OTHER, "_:b1", "_:b2"])
props = st.sampled_from([DCTERMS.title, DCTERMS.license, DCAT.distribution])
terms = st.sampled_from(['"a"', '"a"@de', '"b"', ROOT, OTHER, "_:b1", "_:b2"])
triples = st.tuples(nodes, props, terms)
steps = st.one_of(
    st.tuples(st.just("change"), st.lists(triples, max_size=3), st.lists(triples, max_size=3)),
    st.tuples(st.just("replace"), triples, st.lists(terms, max_size=3)),
    st.tuples(st.just("derive"), nodes, props, st.lists(terms, max_size=2)),
    st.tuples(st.just("move"), nodes, props, props),
    st.tuples(st.just("remove"), triples),
    st.tuples(st.just("rename"), nodes, st.sampled_from(["_:new", "<http://a.example/new>", "_:b2"])),
)


def described(statements: list[tuple[str, str, str]]) -> Description:
    description = Description(ROOT, "dataset")
    for statement in statements:
        description.say(*statement)
    return description


def do(description: Description, step: Step) -> None:
    name, *rest = step
    if name == "change":
        description.change(rest[0], rest[1], "rule")
    elif name == "replace":
        (node, prop, old), new = rest
        if old in description.values(node, prop):
            description.replace(node, prop, old, new, "rule")
    elif name == "derive":
        description.derive(rest[0], rest[1], rest[2], "rule")
    elif name == "move":
        description.move(rest[0], rest[1], rest[2], "rule")
    elif name == "remove":
        node, prop, term = rest[0]
        description.remove(node, prop, term, "duplicate")
    else:
        description.rename(rest[0], rest[1], "rule", melt=True)


@given(st.lists(triples, max_size=10), st.lists(steps, max_size=12))
def test_undoing_every_change_gives_back_what_was_said(statements: list[tuple[str, str, str]], todo: list[Step]) -> None:
    description = described(statements)
    before = set(description.triples())
    for step in todo:
        do(description, step)
    after = set(description.triples())
    undone = description.undone()
    assert set(undone.triples()) == before
    assert undone.changes == []
    assert set(description.triples()) == after


@given(st.lists(triples, max_size=10), st.lists(steps, max_size=12))
def test_no_value_stands_twice_and_nothing_empty_is_left(statements: list[tuple[str, str, str]], todo: list[Step]) -> None:
    description = described(statements)
    for step in todo:
        do(description, step)
    for properties in description.nodes.values():
        assert properties
        for values in properties.values():
            assert values
            assert len(values) == len(set(values))


@given(st.lists(triples, max_size=6), st.lists(steps, max_size=6))
def test_every_effect_is_a_change_and_a_change_without_effect_is_none(statements: list[tuple[str, str, str]], todo: list[Step]) -> None:
    description = described(statements)
    for step in todo:
        before, count = set(description.triples()), len(description.changes)
        do(description, step)
        after, new = set(description.triples()), description.changes[count:]
        assert before == after or new
        if new:
            assert after - before <= {triple for change in new for triple in change.added}
            assert before - after <= {triple for change in new for triple in change.removed}


def test_a_replacement_stands_where_the_old_value_stood() -> None:
    description = described([(ROOT, DCTERMS.title, '"a"'), (ROOT, DCTERMS.title, '"b"'), (ROOT, DCTERMS.title, '"c"')])
    description.replace(ROOT, DCTERMS.title, '"b"', ['"x"', '"y"'], "rule", "title")
    assert description.values(ROOT, DCTERMS.title) == ['"a"', '"x"', '"y"', '"c"']
    assert description.changes == [
        Change(((ROOT, DCTERMS.title, '"b"'),), ((ROOT, DCTERMS.title, '"x"'), (ROOT, DCTERMS.title, '"y"')), "rule", "title")
    ]


def test_a_value_that_would_come_twice_is_told_as_a_duplicate() -> None:
    description = described([(ROOT, DCTERMS.title, '"a"'), (ROOT, DCTERMS.title, '"b"')])
    description.replace(ROOT, DCTERMS.title, '"b"', ['"a"'], "text")
    assert description.changes[0].rule == "text+duplicate"


def test_only_a_closed_list_of_rules_may_take_something_away() -> None:
    description = described([(ROOT, DCTERMS.title, '"a"')])
    with pytest.raises(ValueError, match="rule tidy may not take a triple away"):
        description.remove(ROOT, DCTERMS.title, '"a"', "tidy")
    for rule in REMOVALS:
        description.copy().remove(ROOT, DCTERMS.title, '"a"', rule)


def test_a_region_s_own_hook_may_take_something_away_and_it_can_be_undone() -> None:
    description = described([(ROOT, DCTERMS.title, '"a"'), (ROOT, RDF.type, DCAT.Dataset)])
    description.change([(ROOT, DCTERMS.title, '"a"')], (), "hook:dataset")
    assert description.changes[0].rule == "hook:dataset"
    assert description.value(ROOT, DCTERMS.title) == ""
    assert description.undone().value(ROOT, DCTERMS.title) == '"a"'


def test_two_nodes_never_melt_by_mistake() -> None:
    description = described([(ROOT, DCTERMS.title, '"a"'), (OTHER, DCTERMS.title, '"b"')])
    with pytest.raises(ValueError, match="already a node"):
        description.rename(OTHER, ROOT, "rule")


def test_a_copy_is_independent() -> None:
    description = described([(ROOT, DCTERMS.title, '"a"')])
    copy = description.copy()
    copy.derive(ROOT, DCTERMS.title, ['"b"'], "rule")
    assert (description.values(ROOT, DCTERMS.title), description.changes) == (['"a"'], [])


def test_the_same_input_gives_a_new_blank_node_the_same_name() -> None:
    first, second = described([]), described([])
    assert first.fresh_blank(ROOT, DCTERMS.title, '"a"') == second.fresh_blank(ROOT, DCTERMS.title, '"a"')
    assert first.fresh_blank(ROOT, DCTERMS.title, '"a"') != first.fresh_blank(ROOT, DCTERMS.title, '"b"')
