"""Which reader looks at the values of which property: one dict from property to what becomes of each of its values.

The one table (`federation.dcat.schema`) says what a value is; the few properties that need more are named here. Values are remembered
per source, so that a value met a thousand times is read once.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from federation.dcat.description import Description
from federation.dcat.schema import CLASSES, Kind, Property
from federation.normalise import agents, contacts, dates, namespaces, numbers, statements, texts, upgrades
from federation.normalise.codes import Coded, Normal
from federation.normalise.remarks import Remarks
from federation.terms import ADMS, DCAT, DCATDE, DCTERMS, FOAF, LOCN, RDF, SKOS, TYPE, VCARD, Term, literal, value

Reader = Callable[[Term], Normal]
Step = Callable[[Description, Term, Term, Term, Remarks], None]

_KEPT = 4_096  # values remembered per property: what is unique is soon forgotten again
_LONGEST = 400  # characters of a value that is remembered
_SUPERCLASSES: Mapping[Term, tuple[Term, ...]] = {
    FOAF.Organization: (FOAF.Agent,), FOAF.Person: (FOAF.Agent,), FOAF.Group: (FOAF.Agent,),
    VCARD.Organization: (VCARD.Kind,), VCARD.Individual: (VCARD.Kind,), VCARD.Group: (VCARD.Kind,), VCARD.Location: (VCARD.Kind,),
    DCAT.Download: (DCAT.Distribution,), DCAT.WebService: (DCAT.Distribution,), DCAT.Feed: (DCAT.Distribution,),
}  # fmt: skip


class Outcome(NamedTuple):
    """What becomes of one value. `instead` is the one term that stands in its place, "" where more is to be done: then the property it
    goes to, the terms instead, finding code and its parameters, rule. Where `on` is given, only on nodes of one of these classes. A
    `step` works on the node by itself: a literal or blank node that stands for something else.
    """

    instead: Term
    rule: str
    prop: Term
    terms: tuple[Term, ...]
    code: str = ""
    params: Mapping[str, str] = {}
    on: tuple[Term, ...] = ()
    step: Step | None = None


class Values(dict[Term, Outcome | None]):
    """The outcomes of one property's values, worked out when a value is first met; None where it stays as it is."""

    def __init__(self, said: Term, prop: Term, reader: Reader, rename: str = "", upgrade: upgrades.Upgrade | None = None) -> None:
        super().__init__()
        self._said = said
        self._prop = prop
        self._reader = reader
        self._rename = rename
        self._upgrade = upgrade

    def __missing__(self, term: Term) -> Outcome | None:
        outcome = self._worked_out(term)
        if term[0] != "_" and len(term) < _LONGEST:
            if len(self) >= _KEPT:
                self.clear()
            self[term] = outcome
        return outcome

    def _worked_out(self, term: Term) -> Outcome | None:
        rules = [self._rename] if self._rename else []
        prop, reader = self._prop, self._reader
        on: tuple[Term, ...] = ()
        upgrade = self._upgrade
        if upgrade is not None and upgrade.fits is not None and not upgrade.fits(term):
            prop, reader = upgrade.old, _as_it_was
        elif upgrade is not None:
            on = upgrade.on
            rules.append(upgrade.rule)
        step = _step(prop, reader, term)
        if step is not None:
            return Outcome("", "+".join(rules), prop, (term,), on=on, step=step)
        new, code, rule = reader(term) if term[0] != "_" else ((term,), "", "")
        if rule:
            rules.append(rule)
        if prop == self._said and new == (term,) and not code:
            return None
        params: Mapping[str, str] = {}
        if code.startswith("unknown-") and isinstance(reader, Coded):
            params = {"nearest": reader.nearest(term)}
        simple = prop == self._said and len(new) == 1 and not code
        return Outcome(new[0] if simple else "", "+".join(rules), prop, new, code, params, on)


def _step(prop: Term, reader: Reader, term: Term) -> Step | None:
    """What is done about a value that stands for a node, or a blank node that stands for a value."""
    if term[0] == '"':
        return statements.STEPS.get(prop) if prop in statements.STEPS and statements.is_in_words(prop, term) else None
    return reader.described if term[0] == "_" and isinstance(reader, Coded) else None


class Readers(dict[Term, Values | None]):
    """Property -> its values; None for a property that nothing is to be done about. Filled when a property is first met."""

    def __init__(self, coded: Mapping[str, Coded], html: bool) -> None:
        super().__init__()
        self._readers = _readers(coded, texts.rich if html else texts.plain)

    def __missing__(self, said: Term) -> Values | None:
        prop = namespaces.property_term(said)
        upgrade = upgrades.UPGRADES.get(prop)
        target = upgrade.new if upgrade else prop
        reader = self._readers.get(target, _as_it_was if target in _AS_SAID else None)
        found = None
        if reader is not None or target != said or target in statements.STEPS:
            rename = "namespace" if prop != said else ""
            found = Values(said, target, reader or _as_it_was, rename, upgrade)
        if len(self) >= _KEPT:
            self.clear()
        self[said] = found
        return found

    def reader(self, prop: Term) -> Reader:
        """How the values of a property are read."""
        return self._readers.get(prop, _as_it_was)


def _as_it_was(term: Term) -> Normal:
    return (term,), "", ""


def _classes(term: Term) -> Normal:
    """A class in its right name, with the explicit superclass that the shapes ask for."""
    found = namespaces.class_term(term)
    more = _SUPERCLASSES.get(found, ())
    if found == term and not more:
        return (term,), "", ""
    return (found, *more), "", "class" if found == term else "namespace"


def _address_or_words(term: Term) -> Normal:
    """Where words may stand for a node (`statements`): only what is an address becomes one."""
    if term[0] == '"' and not value(term).strip().startswith(("http://", "https://")):
        return (term,), "", ""
    return namespaces.address(term)


def _ours(term: Term) -> Normal:
    """An IRI of dcat-ap.de in its one form; the codes of dcterms:type depend on what the node is and come later."""
    found = namespaces.iri(term)
    return (found,), "", "dcat-ap.de" if found != term else ""


def _identifier(term: Term) -> Normal:
    """dcterms:identifier is a literal that is passed on as it is (convention 25); an IRI becomes its text."""
    return ((literal(value(term)),), "", "identifier-literal") if term[0] == "<" else ((term,), "", "")


_SPECIAL: Mapping[Term, Reader] = {
    TYPE: _classes,
    DCTERMS.identifier: _identifier,
    DCTERMS.type: _ours,
    DCTERMS.rights: _address_or_words,
    DCTERMS.provenance: _address_or_words,
    DCTERMS.conformsTo: _address_or_words,
    DCTERMS.subject: _address_or_words,
    DCATDE.politicalGeocodingURI: _address_or_words,
    DCATDE.licenseAttributionByText: texts.plain,
    LOCN.adminUnitL2: _address_or_words,
    FOAF.mbox: agents.mailbox,
    FOAF.phone: contacts.tel,
    VCARD.hasEmail: agents.mailbox,
    VCARD.hasTelephone: contacts.tel,
    VCARD["organization-name"]: texts.plain,
}
# Read as a whole (formats, classes of agents), by hand of `geometry`, or never touched.
_AS_SAID = frozenset({
    DCTERMS.format, DCAT.mediaType, DCAT.contactPoint, DCATDE.legalBasis, DCATDE.geocodingDescription,
    SKOS.inScheme, RDF.value, ADMS.identifier, LOCN.geometry,
})  # fmt: skip


def _readers(coded: Mapping[str, Coded], rich: Reader) -> dict[Term, Reader]:
    kinds: Mapping[Kind, Reader] = {
        Kind.LITERAL: texts.plain, Kind.TEMPORAL: dates.normal, Kind.DECIMAL: numbers.decimal,
        Kind.INTEGER: numbers.non_negative_integer, Kind.DURATION: numbers.duration, Kind.HEX: numbers.hex_binary,
        Kind.IRI: namespaces.address, Kind.NODE: _address_or_words,
    }  # fmt: skip
    readers: dict[Term, Reader] = {}
    for each in CLASSES.values():
        for prop in each.properties.values():
            found = _reader(prop, kinds, coded)
            if found is not None and prop.term not in _AS_SAID and (isinstance(found, Coded) or prop.term not in readers):
                readers[prop.term] = found
    readers |= _SPECIAL
    readers[DCTERMS.description] = rich
    return readers


def _reader(prop: Property, kinds: Mapping[Kind, Reader], coded: Mapping[str, Coded]) -> Reader | None:
    return coded[prop.vocabulary] if prop.vocabulary in coded else kinds.get(prop.kind)
