"""The check of every run and the shapes of the default profile find the same, on real feeds and on spoilt examples; where they differ, it
is explained here. So nothing that `check --profile region` calls a violation or a warning escapes a plain sync.
"""

from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.config import FederationConfig, Source
from federation.dcat.description import Description
from federation.finding import Finding, Severity
from federation.harvest.connector import Response, connector, options_of
from federation.quality.check import check
from federation.quality.profile import Profile, load
from federation.sync.pipeline import Pipeline, Prepared
from federation.terms import DCAT, DCATDE, DCTERMS, TYPE, VCARD, iri
from tests.corpus import BROKEN, FEEDS, feed
from tests.shape_examples import dataset
from tests.test_own_shapes import BROKEN as EXAMPLES

MEDIA_TYPES = {"rdf-xml": "application/rdf+xml", "json-ld": "application/ld+json", "turtle": "text/turtle"}
ATTRIBUTION = Finding("missing-attribution", field="dcatde:licenseAttributionByText")  # of normalising, where that does not run
MOST = 60  # datasets of a feed in this test

# What only the shapes say, by code: what a sync says of the same fact: (code, field) of the check or of normalising.
SAME_FACT = {
    "licence-not-listed": (("not-a-code", "dcterms:license"), ("unknown-licence", "dcterms:license")),  # the shapes name it apart
    "missing-attribution": (("missing-attribution", "dcatde:licenseAttributionByText"),),  # normalising looks for the text, then says so
    "contact-unreachable": (("contact-unreachable", "vcard:Kind"),),  # of several properties one is missing: the check names the class
    "period-empty": (("period-empty", "dcterms:PeriodOfTime"),),
    "geometry-encoding": (("without-datatype", ""), ("not-an-address", "")),  # one fact, told once; the field is the same
}
# What only the check says: (code, class, field): why.
ONLY_CHECK = {
    ("not-a-code", "dcterms:license"): "the shapes call an address outside the list licence-not-listed, and ask nothing of a dataset's own",
}


@cache
def load_region() -> Profile:
    return load("region")


def graver(found: list[Finding]) -> dict[tuple[str, str], Finding]:
    return {(one.code, one.field): one for one in found if one.severity is not Severity.INFO}


def unexplained(description: Description, told: list[Finding]) -> list[tuple[str, str]]:
    """What the profile objects to and a sync does not say: neither the check nor normalising (`told`)."""
    said = {(one.code, one.field) for one in (*check(description), *told)}
    return [
        (code, field) for code, field in graver(load_region().findings(description))
        if (code, field) not in said and not any((same, where or field) in said for same, where in SAME_FACT.get(code, ()))
    ]  # fmt: skip


def beyond(description: Description) -> list[tuple[str, str]]:
    """What the check says and the profile does not."""
    known = graver(load_region().findings(description))
    return [key for key in graver(check(description)) if key not in known and key not in ONLY_CHECK]


def prepared(name: str) -> Iterator[Prepared]:
    """The first datasets, series and services of a feed as a sync prepares them."""
    body, syntax = feed(name)
    config = FederationConfig.model_validate({"catalog": {"title": "x", "base_url": "https://r.example"}})
    source = Source(id="x", member="x", connector="dcat", url=f"https://x.example/{name}")
    kind, options = connector("dcat"), options_of(source)
    line = Pipeline(config, None, source, kind, options)
    number = 0
    for record in kind.split(Response(source.url, body, MEDIA_TYPES[syntax]), options):
        if record.identifier and record.kind in ("dataset", "series", "service"):
            yield line.prepare(record)
            number += 1
            if number == MOST:
                return


@pytest.mark.parametrize("name", [name for name in FEEDS if name != BROKEN])
def test_a_sync_says_what_the_default_profile_says(name: str) -> None:
    met = 0
    for one in prepared(name):
        met += 1
        assert unexplained(one.description, one.findings) == [], one.iri
        assert beyond(one.description) == [], one.iri
        both = graver(check(one.description)), graver(load_region().findings(one.description))
        for key in both[0].keys() & both[1].keys():
            assert both[0][key].severity == both[1][key].severity, (key, one.iri)
    assert met


@pytest.mark.parametrize(("name", "code"), EXAMPLES)
def test_every_rule_of_the_profile_that_is_broken_is_said_in_a_sync(name: str, code: str) -> None:
    if name not in ("land-sh", "govdata"):
        assert unexplained(EXAMPLES[name, code], [ATTRIBUTION]) == []


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_they_agree_however_a_dataset_is_spoilt(data: st.DataObject) -> None:
    description = dataset(hvd=data.draw(st.booleans()))
    nodes = description.nodes
    more = {DCTERMS.source, DCATDE.contributorID, DCTERMS.references, VCARD.hasTelephone, DCAT.accessService, DCAT.downloadURL}
    for _ in range(data.draw(st.integers(1, 4))):
        node = data.draw(st.sampled_from(sorted(nodes)))
        prop = data.draw(st.sampled_from(sorted(set(nodes[node]) - {TYPE} | more)))
        change = data.draw(st.sampled_from(["gone", '"x"', '"y"@de', '"z"@de', iri("http://a.example/y"), iri("http://a.example/s")]))
        if change == "gone":
            nodes[node].pop(prop, None)
        elif change not in nodes[node].setdefault(prop, []):
            nodes[node][prop].append(change)
    assert unexplained(description, [ATTRIBUTION]) == []
