"""The operator's defaults (`[source.defaults]`): only where the source is silent, each marked as derived by a rule `default:...`.

Publisher, contact, language and the member's area have one; the licence's is in `licences`. Access rights, temporal coverage and HVD
labels have none on purpose: they are statements of the holder of the data (design section 8).
"""

from federation.config import Defaults, Source
from federation.dcat.description import Description
from federation.normalise import agents, contacts, namespaces, texts
from federation.normalise.codes import Coded
from federation.normalise.places import Places
from federation.terms import DCTERMS, FOAF, TYPE, VCARD, Term, is_literal, literal

_SILENT = '"default"'


class Silence:
    """What is said for a source where it says nothing itself."""

    def __init__(self, source: Source, places: Places, language: Coded, publisher_type: Coded) -> None:
        given = source.defaults
        self._places = places
        self._language = _code(given.language, language)
        self._publisher = _publisher(given, publisher_type)
        self._contact = _contact(given)

    def apply(self, description: Description, root: Term) -> None:
        """Fills what a dataset, series or service leaves open."""
        properties = description.nodes[root]
        if self._publisher[1] and agents.PUBLISHER not in properties:
            self._node(description, root, agents.PUBLISHER, *self._publisher, rule="default:publisher")
        if self._contact and agents.CONTACT not in properties:
            self._node(description, root, agents.CONTACT, "", self._contact, rule="default:contact")
        if self._language and DCTERMS.language not in properties:
            description.derive(root, DCTERMS.language, (self._language,), "default:language")

    def coverage(self, description: Description, root: Term) -> None:
        """The member's area, where `coverage = "member"` allows it."""
        publisher = next((term for term in description.values(root, agents.PUBLISHER) if not is_literal(term)), "")
        self._places.default(description, root, publisher)

    def _node(self, description: Description, root: Term, prop: Term, name: Term, said: list[tuple[Term, Term]], rule: str) -> None:
        node = name or description.fresh_blank(root, prop, _SILENT)
        description.change((), [(root, prop, node), *((node, part, term) for part, term in said)], rule)


def _code(text: str, coded: Coded) -> Term:
    """The code that a default names, "" where it names none."""
    terms, code, _ = coded(literal(text)) if text else ((), "", "")
    return terms[0] if terms and not code else ""


def _publisher(given: Defaults, types: Coded) -> tuple[Term, list[tuple[Term, Term]]]:
    """(IRI of the publisher or "", what is said about it); nothing where no name is configured."""
    if not given.publisher.strip():
        return "", []
    said = [(TYPE, FOAF.Agent), (agents.NAME, texts.plain(literal(given.publisher))[0][0])]
    kind = _code(given.publisher_type, types)
    if kind:
        said.append((DCTERMS.type, kind))
    address = namespaces.address(literal(given.publisher_url)) if given.publisher_url else ((), "", "")
    return (address[0][0] if address[0] and address[0][0][0] == "<" else ""), said


def _contact(given: Defaults) -> list[tuple[Term, Term]]:
    """What is said about the configured contact; nothing where it has no way to reach it."""
    ways: list[tuple[Term, Term]] = []
    mail = (given.contact_email, VCARD.hasEmail, contacts.mailto)
    for text, prop, normal in (mail, (given.contact_url, VCARD.hasURL, namespaces.address)):
        if text.strip():
            term = normal(literal(text.strip()))[0][0]
            ways += [(prop, term)] if term[0] == "<" else []
    if not ways:
        return []
    name = [(VCARD.fn, texts.plain(literal(given.contact_name))[0][0])] if given.contact_name.strip() else []
    return [(TYPE, VCARD.Kind), *name, *ways]
