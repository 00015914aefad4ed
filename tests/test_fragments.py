"""One document cut into its entities: nothing is lost, and the bytes depend on what is said alone."""

import random
from collections import Counter

import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib.compare import isomorphic

from federation.dcat import blanks, fragments
from federation.dcat.fragments import Fragment, Lines, describe, ntriples, split, united
from federation.dcat.parse import parse
from federation.errors import SourceError
from federation.terms import DCAT, DCTERMS, FOAF, HYDRA, SKOS, TYPE, Term
from tests.corpus import FEEDS, feed

DOCUMENT = "<https://portal.example/catalog>"


def lines_of(turtle: str) -> Lines:
    prefixes = "".join(f"@prefix {space.prefix}: <{space.base}> .\n" for space in (DCAT, DCTERMS, FOAF, HYDRA, SKOS))
    return parse((prefixes + "@prefix : <https://portal.example/> .\n" + turtle).encode(), "turtle", "https://portal.example/").lines


def cut(turtle: str) -> list[Fragment]:
    return list(split(lines_of(turtle), DOCUMENT))


def kinds(found: list[Fragment]) -> dict[str, str]:
    return {fragment.root: fragment.kind for fragment in found}


def triples_of(lines: Lines) -> set[tuple[str, str, str]]:
    return {(node, *pair.split(" ", 1)) for node, pairs in lines.items() for pair in pairs}  # type: ignore[misc]


def said(found: list[Fragment]) -> set[tuple[str, str, str]]:
    """All triples of all fragments, with the blank nodes called as in the document again."""
    result = set()
    roots = {fragment.root: fragment.source for fragment in found}
    for fragment in found:
        names = roots | {label: node for node, label in fragment.blanks.items()}
        assert len(set(fragment.blanks.values())) == len(fragment.blanks), "two blank nodes have melted"
        for node, prop, term in describe(fragment.raw).triples():
            result.add((names.get(node, node), prop, names.get(term, term)))
    return result


def shuffled(lines: Lines, seed: int) -> Lines:
    """The same document in another order and with other blank-node labels."""
    chance = random.Random(seed)
    triples = sorted(triples_of(lines))
    names = sorted({term for triple in triples for term in triple if term[0] == "_"})
    fresh = [f"_:n{place}" for place in range(len(names))]
    chance.shuffle(fresh)
    renamed = dict(zip(names, fresh, strict=True))
    chance.shuffle(triples)
    result: Lines = {}
    for node, prop, term in triples:
        result.setdefault(renamed.get(node, node), []).append(f"{prop} {renamed.get(term, term)}")
    return result


def picture(lines: Lines) -> Counter[bytes]:
    return Counter(fragment.raw for fragment in split(lines, DOCUMENT))


def same_bytes(one: Lines, other: Lines) -> bool:
    """Whether two documents give the same bytes, or say that their blank nodes cannot be told apart."""
    found = list(split(one, DOCUMENT))
    unsettled = any(fragment.finding and fragment.finding.code == "blank-nodes-unsettled" for fragment in found)
    return unsettled or Counter(fragment.raw for fragment in found) == picture(other)


# What is an entity


def test_datasets_series_services_catalogs_and_records_are_entities() -> None:
    found = cut("""
        :c a dcat:Catalog ; dcterms:title "C" ; dcat:dataset :d, :s ; dcat:service :v ; dcat:record :r .
        :d a dcat:Dataset ; dcterms:title "D" ; dcat:inSeries :s . :s a dcat:DatasetSeries, dcat:Dataset ; dcterms:title "S" .
        :v a dcat:DataService ; dcterms:title "V" ; dcat:servesDataset :d . :r a dcat:CatalogRecord ; foaf:primaryTopic :d .""")
    names = {root.rpartition("/")[2][:-1]: kind for root, kind in kinds(found).items()}
    assert names == {"c": "catalog", "d": "dataset", "s": "series", "v": "service", "r": "record"}


@pytest.mark.parametrize("spelling", [
    "http://www.w3.org/ns/dcat#dataset", "http://vocab.deri.ie/dcat#Dataset", "http://dati.gov.it/onto/dcatapit#Dataset",
])  # fmt: skip
def test_other_spellings_of_the_class_are_datasets(spelling: str) -> None:
    assert kinds(cut(f':d a <{spelling}> ; dcterms:title "D" .')) == {"<https://portal.example/d>": "dataset"}


def test_what_a_catalog_lists_is_a_dataset_without_any_class() -> None:
    assert kinds(cut(':c a dcat:Catalog ; dcat:dataset :d . :d dcterms:title "D" .'))["<https://portal.example/d>"] == "dataset"


def test_a_service_is_known_by_servesDataset_or_accessService_alone() -> None:
    found = kinds(cut(""":v dcat:servesDataset <https://elsewhere.example/d> .
        :x a dcat:Distribution ; dcat:accessService :w . :w dcterms:title "W" ."""))
    assert found["<https://portal.example/v>"] == found["<https://portal.example/w>"] == "service"


def test_a_blank_service_stays_inside_its_dataset() -> None:
    found = cut(':d a dcat:Dataset ; dcat:distribution [ dcat:accessService [ a dcat:DataService ; dcterms:title "V" ] ] .')
    assert [fragment.kind for fragment in found] == ["dataset"]
    assert b'"V"' in found[0].raw


def test_a_blank_service_that_the_catalog_lists_is_an_entity() -> None:
    found = cut(':c a dcat:Catalog ; dcterms:title "C" ; dcat:service [ a dcat:DataService ; dcterms:title "V" ] .')
    assert sorted(fragment.kind for fragment in found) == ["catalog", "service"]


def test_a_blank_dataset_inside_another_is_a_part_of_it() -> None:
    found = cut(':d a dcat:Dataset ; dcterms:source [ a dcat:Dataset ; dcterms:title "older" ] .')
    assert [(fragment.kind, fragment.triples) for fragment in found] == [("dataset", 4)]


def test_a_dataset_that_is_only_declared_gives_no_record() -> None:
    found = cut(':c a dcat:Catalog ; dcterms:title "C" ; dcat:dataset :d, :e . :d a dcat:Dataset .')
    assert [fragment.kind for fragment in found] == ["catalog"]
    assert describe(found[0].raw).values("<https://portal.example/d>", TYPE) == [DCAT.Dataset]


def test_the_class_stands_also_where_the_document_describes_the_class_itself() -> None:
    found = kinds(cut('dcat:Dataset dcterms:title "class" . :d a dcat:Dataset ; dcterms:title "D" .'))
    assert found["<https://portal.example/d>"] == "dataset"


# What a fragment holds


def test_an_agent_of_two_datasets_is_copied_into_each() -> None:
    found = cut(""":d a dcat:Dataset ; dcterms:publisher :a ; dcterms:creator _:b .
        :e a dcat:Dataset ; dcterms:publisher :a ; dcterms:creator _:b .
        :a foaf:name "Stadt" . _:b foaf:name "Amt" .""")
    assert len(found) == 2
    assert all(b'"Stadt"' in fragment.raw and b'"Amt"' in fragment.raw for fragment in found)


def test_another_entity_is_named_and_not_copied() -> None:
    first, second = cut(':d a dcat:Dataset ; dcterms:relation :e . :e a dcat:Dataset ; dcterms:title "E" .')
    assert b"relation> <https://portal.example/e>" in first.raw
    assert b'"E"' not in first.raw
    assert b'"E"' in second.raw


def test_authority_terms_that_a_feed_describes_belong_to_the_rest() -> None:
    theme = "<http://publications.europa.eu/resource/authority/data-theme/TRAN>"
    found = cut(f""":d a dcat:Dataset ; dcat:theme {theme} .
        {theme} a skos:Concept ; skos:prefLabel "Verkehr" ; skos:inScheme [ dcterms:title "T" ] .""")
    assert {fragment.kind: b'"Verkehr"' in fragment.raw for fragment in found} == {"dataset": False, "rest": True}
    assert b'"T"' in found[-1].raw


def test_a_concept_of_the_town_itself_stays_with_its_dataset() -> None:
    found = cut(':d a dcat:Dataset ; dcat:theme :t . :t a skos:Concept ; skos:prefLabel "Verkehr" .')
    assert len(found) == 1


def test_what_no_record_reaches_forms_one_rest() -> None:
    found = cut(""":d a dcat:Dataset ; dcterms:creator _:a . _:a foaf:name "A" .
        :p a hydra:PagedCollection ; hydra:nextPage "x" . :q foaf:maker _:a .""")
    rest = found[-1]
    assert (rest.kind, rest.root, rest.triples) == ("rest", DOCUMENT, 4)


def test_a_fragment_is_its_root_and_kind_and_then_its_nodes_in_order() -> None:
    fragment = cut(':d a dcat:Dataset ; dcterms:title "ä\\n\\nb", "b" ; dcat:distribution :x . :x dcat:accessURL :file .')[0]
    head, *nodes = fragment.raw.decode().split("\n\n")
    assert head == "<https://portal.example/d> dataset"
    assert [node.split("\n")[0] for node in nodes] == ["<https://portal.example/d>", "<https://portal.example/x>"]
    assert all(lines == sorted(lines) for lines in (node.split("\n")[1:] for node in nodes))


def test_a_fragment_can_be_told_as_sorted_ntriples() -> None:
    text = ntriples(cut(':d a dcat:Dataset ; dcterms:title "ä", "b" ; dcat:distribution [ dcat:accessURL :file ] .')[0].raw)
    assert text.splitlines() == sorted(text.splitlines())
    assert len(rdflib.Graph().parse(data=text, format="nt")) == 5


def test_a_dataset_on_two_pages_is_united() -> None:
    one = cut(':d a dcat:Dataset ; dcterms:title "a", "b" .')[0]
    other = cut(':d a dcat:Dataset ; dcterms:title "b", "c" ; dcat:theme :t .')[0]
    whole = cut(':d a dcat:Dataset ; dcterms:title "a", "b", "c" ; dcat:theme :t .')[0]
    assert united(one.raw, other.raw) == united(other.raw, one.raw) == whole.raw
    assert united(one.raw, one.raw) == one.raw
    assert united(cut(':e a dcat:Dataset ; dcterms:title "E" .')[0].raw, one.raw) == one.raw


def test_describing_gives_every_triple_of_the_raw_bytes() -> None:
    fragment = cut(':d a dcat:Dataset ; dcterms:title "a . \\n b"@de, "x\\\\" ; dcat:distribution [ dcat:accessURL :file ] .')[0]
    description = describe(fragment.raw)
    assert (description.root, description.kind) == ("<https://portal.example/d>", "dataset")
    assert description.values(description.root, DCTERMS.title) == ['"a . \\n b"@de', '"x\\\\"']
    assert sum(1 for _ in description.triples()) == fragment.triples == 5


def test_a_dataset_beyond_the_limit_is_refused_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fragments, "MAX_TRIPLES", 20)
    many = " , ".join(f'"{place}"' for place in range(30))
    first, second = cut(f':d a dcat:Dataset ; dcat:keyword {many} . :e a dcat:Dataset ; dcterms:title "E" .')
    assert first.finding is not None
    assert first.finding.code == "fragment-too-large"
    assert first.raw == b"<https://portal.example/d> dataset"
    assert second.finding is None


def test_a_large_thing_that_every_dataset_shares_does_not_multiply_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fragments, "MAX_COPIED", 1000)
    lines: Lines = {"<https://portal.example/a>": [f'{FOAF.name} "{place}"' for place in range(2000)]}
    for place in range(500):
        lines[f"<https://portal.example/d{place}>"] = [f"{TYPE} {DCAT.Dataset}", f"{DCTERMS.publisher} <https://portal.example/a>"]
    with pytest.raises(SourceError) as caught:
        list(split(lines, DOCUMENT))
    assert caught.value.code == "fragments-overlap"


# Blank nodes


def test_equal_blank_nodes_stay_two() -> None:
    fragment = cut(':d a dcat:Dataset ; dcat:distribution [ dcterms:title "X" ], [ dcterms:title "X" ] .')[0]
    assert len(describe(fragment.raw).values(fragment.root, DCAT.distribution)) == 2


def test_equal_blank_nodes_of_different_parents_keep_their_parents() -> None:
    document = ":d a dcat:Dataset ; dcat:distribution %s . %s"
    parts = [f':x{place} dcterms:title "{place}" ; dcterms:rights [ foaf:name "R" ] .' for place in range(6)]
    names = [f":x{place}" for place in range(6)]
    expected = picture(lines_of(document % (", ".join(names), " ".join(parts))))
    assert expected == picture(lines_of(document % (", ".join(names[::-1]), " ".join(parts[::-1]))))


def test_one_blank_label_never_serves_two_datasets() -> None:
    found = cut(':d a dcat:Dataset ; dcterms:creator _:a . :e a dcat:Dataset ; dcterms:creator _:a . _:a foaf:name "A" .')
    assert not set(found[0].blanks.values()) & set(found[1].blanks.values())


def test_the_catalog_names_blank_datasets_as_they_name_themselves() -> None:
    found = cut(""":c a dcat:Catalog ; dcterms:title "C" ;
        dcat:dataset [ a dcat:Dataset ; dcterms:title "1" ], [ a dcat:Dataset ; dcterms:title "2" ] .""")
    (catalog,) = [fragment for fragment in found if fragment.kind == "catalog"]
    listed = describe(catalog.raw).values(catalog.root, DCAT.dataset)
    assert set(listed) == {fragment.root for fragment in found if fragment.kind == "dataset"}


def test_equal_blank_datasets_are_told_apart_by_what_refers_to_them() -> None:
    lines = lines_of("""
        :c a dcat:Catalog ; dcat:dataset _:a, _:b ; dcat:record :r1, :r2 .
        :r1 a dcat:CatalogRecord ; foaf:primaryTopic _:a . :r2 a dcat:CatalogRecord ; foaf:primaryTopic _:b .
        _:a a dcat:Dataset ; dcterms:title "same" . _:b a dcat:Dataset ; dcterms:title "same" .""")
    assert picture(shuffled(lines, 1)) == picture(shuffled(lines, 2)) == picture(shuffled(lines, 3))


def test_cycles_of_blank_nodes_get_stable_labels() -> None:
    ring = " ".join(f"_:n{place} dcterms:relation _:n{(place + 1) % 7} ." for place in range(7))
    lines = lines_of(f":d a dcat:Dataset ; dcterms:relation _:n0, _:n3 . {ring}")
    assert len({frozenset(picture(shuffled(lines, seed)).items()) for seed in range(10)}) == 1


def test_beyond_the_bound_of_the_search_a_finding_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blanks, "FRAGMENT_BOUND", 10)
    rings = " ".join(f"_:r{ring}n{place} dcterms:relation _:r{ring}n{(place + 1) % 5} ." for ring in range(4) for place in range(5))
    starts = ", ".join(f"_:r{ring}n{place}" for ring in range(4) for place in range(5))
    fragment = cut(f":d a dcat:Dataset ; dcterms:relation {starts} . {rings}")[0]
    assert fragment.finding is not None
    assert fragment.finding.code == "blank-nodes-unsettled"


def test_thousands_of_equal_trees_are_numbered_fast() -> None:
    lines: Lines = {"<https://portal.example/d>": [f"{TYPE} {DCAT.Dataset}"]}
    for place in range(3000):
        lines["<https://portal.example/d>"].append(f"{DCAT.distribution} _:x{place}")
        lines[f"_:x{place}"] = [f"{DCTERMS.rights} _:y{place}"]
        lines[f"_:y{place}"] = [f'{FOAF.name} "R"']
    assert picture(shuffled(lines, 1)) == picture(shuffled(lines, 2))


def test_a_list_of_thousands_of_blank_nodes_is_no_recursion() -> None:
    lines: Lines = {"<https://portal.example/d>": [f"{TYPE} {DCAT.Dataset}", f"{DCTERMS.relation} _:n0"]}
    for place in range(5000):
        lines[f"_:n{place}"] = [f"{DCTERMS.relation} _:n{place + 1}"]
    assert next(split(lines, DOCUMENT)).triples == 5002


IRIS = [f"<https://portal.example/{name}>" for name in "abcd"] + ["<http://publications.europa.eu/resource/authority/x/A>"]
BLANKS = [f"_:{name}" for name in "uvwxyz"]
NODES = st.sampled_from(IRIS + BLANKS)
PROPS = st.sampled_from([
    DCAT.dataset, DCAT.distribution, DCAT.accessService, DCTERMS.relation, FOAF.primaryTopic, DCAT.servesDataset, DCTERMS.title,
])  # fmt: skip
CLASSES = st.sampled_from([DCAT.Dataset, DCAT.Catalog, DCAT.DataService, DCAT.CatalogRecord, DCAT.Distribution])
TRIPLES = st.one_of(
    st.tuples(NODES, PROPS, st.one_of(NODES, st.sampled_from(['"1"', '"2"@de']))), st.tuples(NODES, st.just(TYPE), CLASSES)
)


def built(triples: "list[tuple[Term, Term, Term]]") -> Lines:
    lines: Lines = {}
    for node, prop, term in triples:
        lines.setdefault(node, []).append(f"{prop} {term}")
    return lines


@settings(max_examples=400, deadline=None)
@given(st.lists(TRIPLES, max_size=25))
def test_the_fragments_together_are_the_document(triples: "list[tuple[Term, Term, Term]]") -> None:
    lines = built(triples)
    expected = triples_of(lines)
    assert said(list(split(lines, DOCUMENT))) == expected


@settings(max_examples=400, deadline=None)
@given(st.lists(TRIPLES, max_size=25), st.integers(0, 1000))
def test_order_and_labels_do_not_change_the_bytes(triples: "list[tuple[Term, Term, Term]]", seed: int) -> None:
    lines = built(triples)
    assert same_bytes(shuffled(lines, seed), lines)


@pytest.mark.parametrize("name", FEEDS)
def test_a_real_feed_is_whole_in_its_fragments(name: str) -> None:
    body, syntax = feed(name)
    lines = parse(body, syntax, "https://portal.example/x").lines
    expected = triples_of(lines)
    found = list(split(lines, DOCUMENT))
    assert said(found) == expected
    assert len(expected) <= sum(fragment.triples for fragment in found)


@pytest.mark.parametrize("name", FEEDS)
def test_a_real_feed_shuffled_and_relabelled_gives_the_same_bytes(name: str) -> None:
    body, syntax = feed(name)
    lines = parse(body, syntax, "https://portal.example/x").lines
    assert picture(shuffled(lines, 7)) == picture(lines)


@pytest.mark.parametrize("name", ["be_fps_economy.rdf", "be_best_addresses.rdf", "opendataswiss_single_dataset.rdf"])
def test_the_fragments_of_a_feed_are_isomorphic_to_what_rdflib_reads(name: str) -> None:
    body, syntax = feed(name)
    rdflib.NORMALIZE_LITERALS = False
    try:
        ours = rdflib.Graph()
        for fragment in split(parse(body, syntax, "https://portal.example/x").lines, DOCUMENT):
            ours.parse(data=ntriples(fragment.raw), format="nt")
        theirs = rdflib.Graph().parse(data=body, format={"rdf-xml": "xml"}.get(syntax, syntax), publicID="https://portal.example/x")
    finally:
        rdflib.NORMALIZE_LITERALS = True
    assert isomorphic(ours, theirs)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(*map(st.sampled_from, (BLANKS, [DCTERMS.relation, DCAT.distribution], BLANKS))), max_size=14), st.integers(0, 99))
def test_any_tangle_of_blank_nodes_gives_the_same_bytes(triples: "list[tuple[Term, Term, Term]]", seed: int) -> None:
    lines = built([("<https://portal.example/a>", TYPE, DCAT.Dataset), ("<https://portal.example/a>", DCTERMS.relation, "_:u"), *triples])
    assert same_bytes(shuffled(lines, seed), lines)
