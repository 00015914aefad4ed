"""Licences: what is inherited, what is only proposed, what is passed on, and the text of attribution."""

import pytest

from federation.terms import iri
from tests.normalising import DATASET, FILE, codes, dataset, normaliser, rules, values

LIST = "http://dcat-ap.de/def/licenses/"
ZERO = f"<{LIST}dl-zero-de/2.0>"
BY = f"<{LIST}dl-by-de/2.0>"
URL = "dcat:accessURL <https://daten.musterstadt.example/baeume.csv>"


@pytest.mark.parametrize(
    "said",
    [
        "<https://www.dcat-ap.de/def/licenses/dl-zero-de/2.0>", f"<{LIST}dl-zero-de/2_0>", f"'{LIST}dl-zero-de/2.0'",
        "<https://www.govdata.de/dl-de/zero-2-0>", "'dl-de-zero-2.0'", "[a dcterms:LicenseDocument ; rdfs:label 'dl-zero-de/2.0']",
    ],
)  # fmt: skip
def test_a_licence_of_the_list_is_its_code_however_it_is_written(said):
    description = dataset(file=f"{URL} ; dcterms:license {said}")
    assert normaliser()(description) == []
    assert values(description, "dcterms:license", FILE) == [ZERO]


def test_a_licence_outside_the_list_is_passed_on_unchanged_with_a_warning():
    description = dataset(file=f"{URL} ; dcterms:license <https://licences.example/own>")
    (finding,) = normaliser()(description)
    assert (finding.code, finding.severity) == ("licence-not-listed", "warning")
    assert values(description, "dcterms:license", FILE) == ["<https://licences.example/own>"]


def test_a_text_that_is_no_known_licence_stays_a_text_with_a_finding():
    description = dataset(file=f"{URL} ; dcterms:license 'Frei nach Rücksprache'")
    (finding,) = normaliser()(description)
    assert finding.code == "unknown-licence"
    assert finding.params["nearest"]
    assert values(description, "dcterms:license", FILE) == ['"Frei nach Rücksprache"']


def test_another_legal_text_is_no_alias_but_a_lookup_may_decide():
    old = f"<{LIST}cc-by-nc-de/4_0>"
    description = dataset(file=f"{URL} ; dcterms:license {old}")
    assert codes(normaliser()(description)) == ["unknown-licence"]
    assert values(description, "dcterms:license", FILE) == [old]
    decided = dataset(file=f"{URL} ; dcterms:license {old}")
    findings = normaliser(lookups={"licence": {old[1:-1]: f"{LIST}cc-by-nc/4.0"}})(decided)
    assert values(decided, "dcterms:license", FILE) == [f"<{LIST}cc-by-nc/4.0>"]
    assert codes(findings) == ["licence-not-open", "missing-attribution"]


def test_the_licence_of_the_dataset_holds_for_a_distribution_without_one():
    description = dataset(f"dcterms:license {ZERO}", file=URL)
    assert normaliser({"license": BY[1:-1]})(description) == []
    assert values(description, "dcterms:license", FILE) == [ZERO]
    assert values(description, "dcterms:license") == [ZERO]
    assert "licence:dataset" in rules(description)


def test_the_default_of_the_source_comes_last_and_is_derived():
    description = dataset(file=URL)
    assert normaliser({"license": "dl-zero-de/2.0"})(description) == []
    assert values(description, "dcterms:license", FILE) == [ZERO]
    (change,) = [each for each in description.changes if each.rule == "default:licence"]
    assert change.removed == ()


def test_an_unknown_text_is_no_silence_so_no_default_replaces_it():
    description = dataset(file=f"{URL} ; dcterms:license 'Sonderlizenz'")
    normaliser({"license": "dl-zero-de/2.0"})(description)
    assert values(description, "dcterms:license", FILE) == ['"Sonderlizenz"']


def test_a_missing_licence_stays_missing():
    description = dataset(file=URL)
    (finding,) = normaliser()(description)
    assert finding.code == "missing-licence"
    assert values(description, "dcterms:license", FILE) == []


def test_two_licences_of_the_dataset_are_not_moved_down():
    description = dataset(f"dcterms:license {ZERO}, {BY}", file=URL)
    assert codes(normaliser({"license": ZERO[1:-1]})(description)) == ["missing-licence"]


def test_what_the_rights_seem_to_say_is_only_proposed():
    for said in (f"<{LIST}cc-zero>", "'CC0'", "'cc-zero'"):
        description = dataset(file=f"{URL} ; dcterms:rights {said}")
        (finding,) = normaliser()(description)
        assert (finding.code, finding.value) == ("licence-in-rights", f"{LIST}cc-zero")
        assert values(description, "dcterms:license", FILE) == []


def test_the_distribution_stands_where_it_contradicts_its_dataset_or_its_rights():
    description = dataset(f"dcterms:license {BY}", file=f"{URL} ; dcterms:license {ZERO}")
    (finding,) = normaliser()(description)
    assert (finding.code, finding.value, finding.params["other"]) == ("licence-contradiction", ZERO[1:-1], BY[1:-1])
    assert values(description, "dcterms:license", FILE) == [ZERO]
    description = dataset(file=f"{URL} ; dcterms:license {ZERO} ; dcterms:rights <{LIST}cc-zero>")
    assert codes(normaliser()(description)) == ["licence-contradiction"]


def test_rights_that_say_the_same_as_the_licence_are_no_contradiction():
    description = dataset(file=f"{URL} ; dcterms:license {ZERO} ; dcterms:rights <https://www.dcat-ap.de/def/licenses/dl-zero-de/2.0>")
    assert normaliser()(description) == []


@pytest.mark.parametrize("said", [f"<{LIST}cc-by-nc/4.0>", f"<{LIST}other-closed>", f"<{LIST}cc-by-nd/4.0>"])
def test_a_licence_that_is_not_open_passes_and_is_called_so(said):
    description = dataset(file=f"{URL} ; dcterms:license {said} ; dcatde:licenseAttributionByText 'Stadt'")
    assert codes(normaliser()(description)) == ["licence-not-open"]
    assert values(description, "dcterms:license", FILE) == [said]


def test_by_without_attribution_is_a_finding_said_once_for_all_distributions():
    more = f"<baeume> dcat:distribution <baeume/zwei> . <baeume/zwei> {URL} ; dcterms:license {BY} ."
    description = dataset(file=f"{URL} ; dcterms:license {BY}", more=more)
    assert codes(normaliser()(description)) == ["missing-attribution"]


@pytest.mark.parametrize(
    ("about", "file", "rule"),
    [
        ("dcatde:licenseAttributionByText '© Musterstadt'", "", "attribution:dataset"),
        ("schema:creditText '<b>© Musterstadt</b>'", "", "attribution:credit"),
        ("", "; dcterms:rights '© Musterstadt'", "attribution:rights"),
    ],
)
def test_the_attribution_comes_from_what_the_source_says_elsewhere_without_html(about, file, rule):
    description = dataset(about, file=f"{URL} ; dcterms:license {BY} {file}")
    assert normaliser({"attribution": "Wortlaut des Mitglieds"})(description) == []
    assert values(description, "dcatde:licenseAttributionByText", FILE) == ['"© Musterstadt"']
    assert rule in rules(description)


def test_else_it_is_the_wording_of_the_member():
    description = dataset(file=f"{URL} ; dcterms:license {BY}")
    assert normaliser({"attribution": "Hansestadt Musterstadt"})(description) == []
    assert values(description, "dcatde:licenseAttributionByText", FILE) == ['"Hansestadt Musterstadt"']
    assert "default:attribution" in rules(description)


def test_an_own_attribution_text_stays():
    description = dataset(file=f"{URL} ; dcterms:license {BY} ; dcatde:licenseAttributionByText 'Vermessungsamt'")
    assert normaliser({"attribution": "Stadt"})(description) == []
    assert values(description, "dcatde:licenseAttributionByText", FILE) == ['"Vermessungsamt"']


def test_an_empty_licence_gives_way_to_that_of_the_dataset_and_can_be_undone():
    description = dataset(f"dcterms:license {ZERO}", file=f"{URL} ; dcterms:license ''")
    assert codes(normaliser()(description)) == ["empty-value"]
    assert values(description, "dcterms:license", FILE) == [ZERO]
    assert values(description.undone(), "dcterms:license", FILE) == ['""']


def test_the_licence_of_a_sample_or_of_a_dataset_alone_invents_no_distribution():
    description = dataset(f"dcterms:license {ZERO} ; dcat:distribution <https://elsewhere.example/d>")
    assert normaliser({"license": ZERO[1:-1]})(description) == []
    assert list(description.nodes) == [DATASET]
    assert iri("https://elsewhere.example/d") not in description.nodes
