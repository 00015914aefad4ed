"""Contacts: e-mail and telephone as IRIs; data of persons found and masked. All names and addresses here are invented."""

import gzip
import re

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.dcat.description import Description
from federation.normalise import contacts
from federation.normalise.iris import is_strict
from federation.terms import DCAT, DCTERMS, FOAF, TYPE, VCARD, Term, literal, value
from tests.shared import shared


@pytest.mark.parametrize(
    "said",
    [
        literal("opendata@example.org"),
        literal(" opendata@example.org\n"),
        literal("mailto:opendata@example.org"),
        literal("MAILTO: opendata@example.org"),
        literal("E-Mail: opendata@example.org"),
        literal("Amt für Statistik <opendata@example.org>"),
        literal("opendata(at)example.org"),
        literal("opendata [at] example [dot] org"),
        literal("http://opendata@example.org"),
        "<mailto:mailto:opendata@example.org>",
        "<mailto: opendata@example.org>",
        "<mailto:opendata%40example.org>",
        "<https://portal.example/feed/opendata@example.org>",
        "<opendata@example.org>",
    ],
)
def test_an_email_address_becomes_a_mailto_iri(said: Term) -> None:
    assert contacts.mailto(said) == (("<mailto:opendata@example.org>",), "", "email")


@pytest.mark.parametrize("iri", ["<mailto:opendata@example.org>", "<mailto:info@müller.de?subject=Open%20Data>", "<mailto:a+b@x.de>"])
def test_a_mailto_iri_in_order_stays(iri: Term) -> None:
    assert contacts.mailto(iri) == ((iri,), "", "")


def test_several_email_addresses_become_several_iris() -> None:
    expected = ("<mailto:info@example.org>", "<mailto:gis@example.org>")
    for text in ("info@example.org; gis@example.org", "info@example.org, gis@example.org", "info@example.org und gis@example.org"):
        assert contacts.mailto(literal(text)) == (expected, "", "email-several")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{{orgContactEmail}}", "email-invalid"),
        ("info@", "email-invalid"),
        ("info@localhost", "email-invalid"),
        ("info @example.org", "email-invalid"),
        ("siehe info@example.org bei Fragen zur Karte", "email-invalid"),
        ("Amt für Statistik", "email-invalid"),
        ("https://example.org/kontakt", "email-is-url"),
        ("", "empty-value"),
    ],
)
def test_what_is_no_email_address_stays_and_is_reported(text: str, code: str) -> None:
    assert contacts.mailto(literal(text)) == ((literal(text),), code, "")


def test_a_mailto_iri_that_no_format_could_hold_becomes_a_literal() -> None:
    assert contacts.mailto("<mailto:{{mail}}>") == ((literal("mailto:{{mail}}"),), "email-invalid", "iri-literal")


@pytest.mark.parametrize(
    ("text", "iri", "rule"),
    [
        ("+49 381 381-0", "tel:+49-381-381-0", "tel"),
        ("+49 (0)381 381-0", "tel:+49-381-381-0", "tel"),
        ("+49 (0) 381 / 381 - 0", "tel:+49-381-381-0", "tel"),
        ("+49 0381 381-0", "tel:+49-381-381-0", "tel"),
        ("0049 381 381–0", "tel:+49-381-381-0", "tel"),
        ("+493813810", "tel:+493813810", "tel"),
        ("+39 0766 5901", "tel:+39-0766-5901", "tel"),
        ("Tel.: 0381 381-0", "tel:+49-381-381-0", "tel-germany"),
        ("Telefonnummer 0381/381-0", "tel:+49-381-381-0", "tel-germany"),
        ("(0381) 381-0", "tel:+49-381-381-0", "tel-germany"),
        ("tel:0381-381-0", "tel:+49-381-381-0", "tel-germany"),
        ("115", "tel:115;phone-context=+49", "tel-germany"),
    ],
)
def test_a_telephone_number_becomes_a_tel_iri(text: str, iri: str, rule: str) -> None:
    assert contacts.tel(literal(text)) == ((f"<{iri}>",), "", rule)


@pytest.mark.parametrize("iri", ["<tel:+49-381-381-0>", "<tel:+493813810>", "<tel:+49-381-381;ext=12>", "<tel:115;phone-context=+49>"])
def test_a_tel_iri_in_order_stays(iri: Term) -> None:
    assert contacts.tel(iri) == ((iri,), "", "")


def test_several_telephone_numbers_become_several_iris() -> None:
    assert contacts.tel(literal("0381 381-0, 0381 381-1")) == (("<tel:+49-381-381-0>", "<tel:+49-381-381-1>"), "", "tel-germany")


def test_a_tel_iri_with_blanks_is_mended() -> None:
    assert contacts.tel("<tel:+49 381 381-0>") == (("<tel:+49-381-381-0>",), "", "tel")
    assert contacts.tel("<tel:+49%20381%20381-0>") == (("<tel:+49-381-381-0>",), "", "tel")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("803902311", "telephone-invalid"),
        ("381-0", "telephone-invalid"),
        ("Fax: 0381 381-99", "telephone-invalid"),
        ("0381 381-0 (Zentrale)", "telephone-invalid"),
        ("0800-ALARM", "telephone-invalid"),
        ("+49", "telephone-invalid"),
        ("0123456789012345678", "telephone-invalid"),
        ("info@example.org", "telephone-invalid"),
        ("", "empty-value"),
    ],
)
def test_what_is_no_telephone_number_stays_and_is_reported(text: str, code: str) -> None:
    assert contacts.tel(literal(text)) == ((literal(text),), code, "")


# Data of persons

DATASET = "<https://portal.example/dataset/1>"


def said(prop: Term, *terms: Term, of: Term = "") -> Description:
    description = Description(DATASET, "dataset")
    for term in terms:
        description.say("_:b1", prop, term)
    if of:
        description.say("_:b1", TYPE, of)
    return description


def codes(description: Description) -> list[str]:
    return [finding.code for finding in contacts.personal(description)]


@pytest.mark.parametrize(
    "local", ["erika.musterfrau", "e.musterfrau", "Erika_Musterfrau", "anna-lena.musterfrau", "max.schulz", "petra.wahl", "j.stadtler"]
)
def test_the_address_of_a_person_is_found_and_masked(local: str) -> None:
    for description in (
        said(VCARD.hasEmail, f"<mailto:{local}@example.org>"),
        said(FOAF.name, literal(f"Amt für Statistik email: {local}@example.org")),
        said(DCTERMS.description, literal(f"<p>Fragen an {local}@example.org.</p>", language="de")),
    ):
        (finding,) = contacts.personal(description)
        assert finding.code == "personal-email"
        assert finding.value == f"{local[0]}…@example.org"
        assert finding.dataset == value(DATASET)
        assert finding.field in ("vcard:hasEmail", "foaf:name", "dcterms:description")


@pytest.mark.parametrize(
    "local",
    [
        "info", "opendata", "open.data", "geodaten.hro", "stadt.rostock", "amt.vermessung", "poststelle", "noreply", "no.reply",
        "gis", "service.gis", "kita.sonnenschein", "transparenzportal.bremen", "umweltamt", "abteilung.statistik",
        "helpdesk.best", "office", "x.y", "v1.2", "protocollo.generale", "stadt_archiv",
    ],
)  # fmt: skip
def test_a_role_address_is_not_personal(local: str) -> None:
    assert codes(said(VCARD.hasEmail, f"<mailto:{local}@example.org>")) == []


@pytest.mark.parametrize(
    "text",
    [
        "Auskunft: Tel. 0381 381-1234", "Telefon: +49 (0)381 3811234", "mobil 0171 1234567", "Rufen Sie an: +49 381 381 12 34",
        "Tel.-Nr.: 0381/3811234",
    ],
)  # fmt: skip
def test_a_telephone_number_in_a_text_is_found_and_masked(text: str) -> None:
    (finding,) = contacts.personal(said(DCTERMS.description, literal(text, language="de")))
    assert finding.code == "personal-telephone"
    assert not re.search(r"1234", finding.value)


@pytest.mark.parametrize(
    "text",
    [
        "Zentrale: Tel. 0381 381-0", "Hotline: Tel. 0800 1234567", "Behördennummer Tel. 115", "Stellenplan 2024: 0381 Stellen",
        "Titel 0123456789", "Stand 01.02.2024",
    ],
)  # fmt: skip
def test_other_numbers_are_not_personal(text: str) -> None:
    assert codes(said(DCTERMS.description, literal(text, language="de"))) == []


def test_a_telephone_number_is_personal_where_the_contact_is_a_person() -> None:
    assert codes(said(VCARD.hasTelephone, "<tel:+49-381-381-1234>", of=VCARD.Organization)) == []
    (finding,) = contacts.personal(said(VCARD.hasTelephone, "<tel:+49-381-381-1234>", of=VCARD.Individual))
    assert finding.code == "personal-telephone"
    assert "1234" not in finding.value


@pytest.mark.parametrize(
    "name", ["Herr Mustermann", "Frau Dr. Erika Musterfrau", "Dr. Erika Musterfrau", "Prof. Dr. Max Mustermann", "Frau M. Muster"]
)
def test_a_name_with_a_form_of_address_is_found_and_masked(name: str) -> None:
    (finding,) = contacts.personal(said(FOAF.name, literal(name), of=FOAF.Organization))
    assert finding.code == "personal-name"
    assert "uster" not in finding.value


@pytest.mark.parametrize(("prop", "kind"), [(FOAF.name, FOAF.Person), (VCARD.fn, VCARD.Individual)])
def test_two_words_are_a_name_only_where_the_agent_is_a_person(prop: Term, kind: Term) -> None:
    assert codes(said(prop, literal("Erika Musterfrau"), of=kind)) == ["personal-name"]
    assert codes(said(prop, literal("Erika Musterfrau"), of=FOAF.Organization)) == []
    assert codes(said(prop, literal("Stadt Rostock"), of=kind)) == []
    assert codes(said(prop, literal("Open Data"), of=kind)) == []


def test_a_contact_person_in_a_text_is_found() -> None:
    text = literal("Ansprechpartnerin: Frau Dr. Musterfrau, Amt für Statistik", language="de")
    assert codes(said(DCTERMS.description, text)) == ["personal-name"]
    assert codes(said(DCTERMS.title, literal("Kita Frau Holle"))) == []


def test_the_same_address_is_reported_once_for_each_property() -> None:
    description = said(DCTERMS.description, literal("max.muster@example.org und max.muster@example.org", language="de"))
    description.say("_:b2", DCTERMS.description, literal("an max.muster@example.org"))
    assert codes(description) == ["personal-email"]


def test_an_address_at_the_beginning_of_a_line_is_found() -> None:
    (finding,) = contacts.personal(said(DCTERMS.description, literal("Auskunft:\nmax.muster@example.org")))
    assert finding.value == "m…@example.org"


def test_a_language_tag_and_an_address_with_an_at_sign_are_no_email() -> None:
    assert codes(said(DCAT.keyword, literal("Verkehr", language="de"), literal("@rathaus"), literal("a@b"))) == []


def test_a_text_of_at_signs_takes_bounded_time() -> None:
    for text in ("@" * 50_000, "a.b@" * 20_000, "Tel. 0" * 20_000, "x" * 1_000_000 + "@"):
        assert len(codes(said(DCTERMS.description, literal(text)))) < 5


@pytest.mark.parametrize(("feed", "persons"), [("rostock_catalog.rdf.gz", 0), ("bremen_catalog.rdf.gz", 0), ("it_alessandria.rdf", 1)])
def test_real_feeds_hold_as_many_personal_addresses_as_were_counted_by_hand(feed: str, persons: int) -> None:
    """Of the addresses with a dot, all but one name a role (opendata.x@, helpdesk.x@). No value leaves this test."""
    body = shared(f"corpus/dcat-rdf/{feed}").read_bytes()
    body = gzip.decompress(body) if feed.endswith(".gz") else body
    description = Description("<https://example.org/all>", "rest")
    for quad in pyoxigraph.parse(body, format=pyoxigraph.RdfFormat.RDF_XML, base_iri="https://example.org/", lenient=True):
        prop, term = str(quad.predicate), str(quad.object)
        description.say(str(quad.subject), prop, contacts.mailto(term)[0][0] if prop == VCARD.hasEmail else term)
    found = {finding.value for finding in contacts.personal(description) if finding.code == "personal-email"}
    assert len(found) == persons
    assert all(re.fullmatch(r".…@[\w.-]+", masked) for masked in found)


# Laws

PIECES = st.lists(
    st.sampled_from([
        "info", "@", "example", ".", "org", "mailto:", "E-Mail:", " ", ";", ",", "<", ">", "(at)", "[dot]", "und", "http://", "/",
        "?subject=", "%40", "%", "tel:", "Tel.", "+49", "0049", "0381", "381", "-", "(0)", "115", ";ext=", "Fax", "ä", "\n", "0", "#", "&",
    ]),
    max_size=10,
).map("".join)  # fmt: skip


@given(st.text(max_size=20) | PIECES, st.booleans())
@pytest.mark.parametrize("normal", [contacts.mailto, contacts.tel])
def test_the_result_is_strict_and_normalising_twice_is_normalising_once(normal, text: str, as_iri: bool) -> None:  # type: ignore[no-untyped-def]
    terms, code, rule = normal(f"<{text}>" if as_iri else literal(text))
    for term in terms:
        again = normal(term)
        assert (again[0], again[2]) == ((term,), "")
        assert again[1] == code
        assert term[0] == '"' or is_strict(term[1:-1])
    assert rule or terms == (f"<{text}>" if as_iri else literal(text),)
