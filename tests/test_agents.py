"""Agents and contact points: literals as nodes, names, classes and addresses."""

import pytest

from federation.normalise.agents import mailbox, unglued
from federation.terms import DCAT, DCTERMS, FOAF, TYPE, VCARD
from tests.normalising import CITY, DATASET, codes, dataset, normaliser, values


def test_a_name_where_an_agent_belongs_becomes_one():
    for prop in ("dcterms:publisher", "dcterms:creator", "dcatde:originator"):
        description = dataset(f"{prop} 'Stadt &amp; Land'@de")
        before = sorted(description.triples())
        assert normaliser()(description) == []
        (agent,) = [term for terms in description.nodes[DATASET].values() for term in terms if term in description.nodes]
        assert description.nodes[agent] == {TYPE: [FOAF.Agent], FOAF.name: ['"Stadt & Land"@de']}
        assert sorted(description.undone().triples()) == before


def test_an_address_as_text_becomes_the_agent_itself():
    description = dataset("dcterms:publisher 'https://stadt.example/'")
    assert codes(normaliser()(description)) == ["missing-publisher-name"]
    assert values(description, "dcterms:publisher") == ["<https://stadt.example/>"]


def test_a_name_is_taken_from_what_the_agent_says_elsewhere_and_never_made_up():
    description = dataset("dcterms:publisher <stadt>", more="<stadt> schema:name '<b>Stadt</b>' .")
    assert normaliser()(description) == []
    assert values(description, "foaf:name", CITY) == ['"Stadt"']
    nameless = dataset("dcterms:publisher <stadt> ; dcterms:creator <stadt>")
    (finding,) = normaliser()(nameless)
    assert (finding.code, finding.value) == ("missing-publisher-name", CITY[1:-1])
    assert values(nameless, "rdf:type", CITY) == [FOAF.Agent]


def test_a_person_as_publisher_is_a_finding():
    description = dataset("dcterms:publisher [a foaf:Person ; foaf:name 'Amt']")
    assert codes(normaliser()(description)) == ["publisher-is-person"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Statistikamtemail: info@stadt.example", "Statistikamt"),
        ("Statistikamt, E-Mail: info@stadt.example", "Statistikamt,"),
        ("email: info@stadt.example", ""),
        ("Statistikamt", ""),
        ("Statistikamt email: keine", ""),
    ],
)
def test_an_address_glued_to_a_name_is_taken_off(text, name):
    assert unglued(text) == ((name, "<mailto:info@stadt.example>") if name else ("", ""))


def test_the_glued_address_is_the_agents_mailbox():
    description = dataset("dcatde:originator [a foaf:Person ; foaf:name 'Statistikamtemail: info@stadt.example']")
    normaliser()(description)
    (agent,) = values(description, "geodcatap:originator")
    assert values(description, "foaf:name", agent) == ['"Statistikamt"']
    assert values(description, "foaf:mbox", agent) == ["<mailto:info@stadt.example>"]


def test_an_address_without_scheme_that_became_one_beside_the_feed_is_a_mailto_again():
    assert mailbox("<https://portal.example/katalog/info@stadt.example>")[0] == ("<mailto:info@stadt.example>",)
    assert mailbox('"info@stadt.example"')[0] == ("<mailto:info@stadt.example>",)
    assert mailbox("<https://portal.example/kontakt>")[0] == ("<https://portal.example/kontakt>",)


@pytest.mark.parametrize(
    ("said", "prop", "meant"),
    [
        ("'opendata@stadt.example'", VCARD.hasEmail, "<mailto:opendata@stadt.example>"),
        ("<mailto:opendata@stadt.example>", VCARD.hasEmail, "<mailto:opendata@stadt.example>"),
        ("'https://stadt.example/kontakt'", VCARD.hasURL, "<https://stadt.example/kontakt>"),
        ("'Geodatenstelle'", VCARD.fn, '"Geodatenstelle"'),
    ],
)
def test_a_contact_in_words_becomes_a_described_one(said, prop, meant):
    description = dataset(f"dcat:contactPoint {said}")
    before = sorted(description.triples())
    normaliser()(description)
    (contact,) = values(description, "dcat:contactPoint")
    assert description.nodes[contact] == {TYPE: [VCARD.Kind], prop: [meant]}
    assert sorted(description.undone().triples()) == before


@pytest.mark.parametrize(
    "said",
    [
        "vcard:hasEmail 'opendata@stadt.example'", "vcard:hasEmail [a vcard:Work ; vcard:value <mailto:opendata@stadt.example>]",
        "vcard:hasEmail [vcard:hasValue 'opendata@stadt.example']", "foaf:mbox 'opendata@stadt.example'",
        "vcard:email 'opendata@stadt.example'",
        "vcard:hasEmail <https://daten.musterstadt.example/katalog/opendata@stadt.example>",
    ],
)  # fmt: skip
def test_a_contacts_address_is_a_mailto_however_it_is_written(said):
    description = dataset(f"dcat:contactPoint [a vcard:Organization ; vcard:fn 'Amt' ; {said}]")
    before = sorted(description.triples())
    assert normaliser()(description) == []
    (contact,) = values(description, "dcat:contactPoint")
    assert values(description, "vcard:hasEmail", contact) == ["<mailto:opendata@stadt.example>"]
    assert values(description, "rdf:type", contact) == sorted((VCARD.Kind, VCARD.Organization))
    assert sorted(description.undone().triples()) == before


def test_an_email_node_that_says_more_than_its_value_stays():
    description = dataset("dcat:contactPoint [vcard:fn 'Amt' ; vcard:hasEmail [vcard:value 'a@stadt.example' ; vcard:note 'vormittags']]")
    normaliser()(description)
    (contact,) = values(description, "dcat:contactPoint")
    assert values(description, "vcard:hasEmail", contact)[0].startswith("_:")


def test_a_contact_that_is_an_agent_too_has_both_names():
    description = dataset("dcat:contactPoint [a foaf:Organization ; foaf:name 'Amt' ; foaf:mbox <mailto:opendata@stadt.example>]")
    normaliser()(description)
    (contact,) = values(description, "dcat:contactPoint")
    assert values(description, "vcard:fn", contact) == ['"Amt"']
    other = dataset("dcat:contactPoint [a foaf:Organization ; vcard:fn 'Amt' ; vcard:hasURL <https://stadt.example>]")
    normaliser()(other)
    (contact,) = values(other, "dcat:contactPoint")
    assert values(other, "foaf:name", contact) == ['"Amt"']


def test_an_address_as_contact_that_nothing_describes_stays_as_it_is():
    description = dataset("dcat:contactPoint <https://stadt.example/kontakt>")
    normaliser()(description)
    assert list(description.nodes) == [DATASET]
    assert description.values(DATASET, DCAT.contactPoint) == ["<https://stadt.example/kontakt>"]
    assert description.values(DATASET, DCTERMS.publisher) == []
