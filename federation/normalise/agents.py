"""Agents (publisher, creator, originator, custodian ...) and contact points: literals as nodes, classes by place, names and addresses.

A publisher that is only an address gets no name of our making; the operator's default may supply it, marked as derived. Spec section 2
(foaf:Agent, vcard:Kind), conventions 01, 36 and 37.
"""

import re
from functools import lru_cache

from federation.config import Defaults
from federation.dcat.description import Description
from federation.normalise import contacts, namespaces, texts
from federation.normalise.codes import Coded, Normal
from federation.normalise.remarks import Remarks
from federation.terms import (
    DCAT,
    DCTERMS,
    FOAF,
    GEODCATAP,
    RDF,
    RDFS,
    SCHEMA,
    SKOS,
    TYPE,
    VCARD,
    Term,
    is_literal,
    literal,
    parts,
    value,
)

PUBLISHER = DCTERMS.publisher
CONTACT = DCAT.contactPoint
AGENTS = (PUBLISHER, DCTERMS.creator, DCTERMS.contributor, DCTERMS.rightsHolder, GEODCATAP.originator, GEODCATAP.custodian)
NAME = FOAF.name
_AGENT_NAMES = (SKOS.prefLabel, RDFS.label, VCARD.fn, SCHEMA.name, DCTERMS.title)
_CONTACT_NAMES = (VCARD["organization-name"], NAME, SKOS.prefLabel, RDFS.label, SCHEMA.name)
_WAYS = ((VCARD.hasEmail, FOAF.mbox), (VCARD.hasTelephone, FOAF.phone), (VCARD.hasURL, FOAF.homepage))
_INSIDE = (VCARD.value, VCARD.hasValue, RDF.value)
_GLUED = re.compile(r"(.*\S)\s*e-?mail:\s*(\S+@\S+)\s*", re.IGNORECASE | re.DOTALL)
_BESIDE_FEED = re.compile(r"<https?://[^@?#]*/([^@/<>?#]+@[^@/<>?#]+\.[A-Za-z]{2,})>")


@lru_cache(maxsize=8192)
def mailbox(term: Term) -> Normal:
    """An e-mail address as mailto: IRI; also one that was written as a reference without its scheme, so that reading the feed put
    the feed's own address before it (https://portal.example/info@city.example).
    """
    beside = _BESIDE_FEED.fullmatch(term)
    terms, code, rule = contacts.mailto(literal(beside.group(1)) if beside else term)
    return ((term,), code, "") if beside and code else (terms, code, rule)


class Agents:
    """What one source's agents and contact points get."""

    def __init__(self, types: Coded, defaults: Defaults) -> None:
        self._types = types
        self._name = texts.plain(literal(defaults.publisher))[0][0] if defaults.publisher.strip() else ""
        self._address = namespaces.address(literal(defaults.publisher_url))[0][0] if defaults.publisher_url else ""

    def apply(self, description: Description, node: Term, remarks: Remarks) -> None:
        """Every agent of a node as a described foaf:Agent."""
        properties = description.nodes[node]
        nodes = description.nodes
        for prop in AGENTS:
            terms = properties.get(prop)
            if terms is None:
                continue
            for term in tuple(terms):
                if term[0] == '"':
                    self._described(description, node, prop, term, remarks)
                    continue
                known = nodes.get(term)
                if known is None or NAME not in known or FOAF.Agent not in known.get(TYPE, ()):
                    self._agent(description, term, prop, remarks)
                    known = nodes[term]
                if prop == PUBLISHER and FOAF.Person in known.get(TYPE, ()):
                    remarks.say("publisher-is-person", PUBLISHER)
                if DCTERMS.type in known:
                    self._coded_type(description, term, remarks)
                self._split_names(description, term, known)

    def _described(self, description: Description, node: Term, prop: Term, term: Term, remarks: Remarks) -> None:
        """A name where a node belongs; an address in the text becomes the node itself."""
        text = value(term).strip()
        if not text:
            remarks.say("empty-value", prop, term)
            return
        if text.startswith(("http://", "https://")) and not namespaces.address(term)[1]:
            agent = namespaces.address(term)[0][0]
            description.replace(node, prop, term, (agent,), "agent-iri")
            self._agent(description, agent, prop, remarks)
            return
        agent = description.fresh_blank(node, prop, term)
        added = [(node, prop, agent), (agent, TYPE, FOAF.Agent), (agent, NAME, texts.plain(term)[0][0])]
        description.change([(node, prop, term)], added, "agent-node")
        self._split_names(description, agent, description.nodes[agent])

    def _agent(self, description: Description, agent: Term, prop: Term, remarks: Remarks) -> None:
        """Class and name of an agent that lacks one."""
        description.derive(agent, TYPE, (FOAF.Agent,), "class:place")
        known = description.nodes[agent]
        if NAME in known:
            return
        for source in _AGENT_NAMES:
            names = [term for term in known.get(source, ()) if is_literal(term) and value(term).strip()]
            if names:
                description.derive(agent, NAME, [texts.plain(term)[0][0] for term in names], "agent-name")
                return
        if prop == PUBLISHER and self._name and self._address in ("", agent):
            description.derive(agent, NAME, (self._name,), "default:publisher")
            return
        if prop == PUBLISHER:
            remarks.say("missing-publisher-name", PUBLISHER, agent if agent[0] == "<" else "")

    def _coded_type(self, description: Description, agent: Term, remarks: Remarks) -> None:
        for term in tuple(description.values(agent, DCTERMS.type)):
            if term[0] == "_":
                continue
            new, code, rule = self._types(term)
            if code:
                remarks.say(code, DCTERMS.type, term, nearest=self._types.nearest(term))
            if new != (term,):
                description.replace(agent, DCTERMS.type, term, new, rule)

    def _split_names(self, description: Description, agent: Term, known: dict[Term, list[Term]]) -> None:
        """A name with an e-mail address glued to it ("Statistikamtemail: info@stadt.example") as name and mailbox."""
        for term in tuple(known.get(NAME, ())):
            if "@" not in term:
                continue
            said, language, _ = parts(term)
            name, address = unglued(said)
            if name and address:
                added = [(agent, NAME, literal(name, language)), (agent, FOAF.mbox, address)]
                description.change([(agent, NAME, term)], added, "agent-name-and-email")

    def contacts(self, description: Description, node: Term, remarks: Remarks) -> None:
        """Every contact point of a node as a described vcard:Kind with a way to reach it."""
        for term in tuple(description.values(node, CONTACT)):
            contact = term
            if term[0] == '"' or term.startswith("<mailto:"):
                if not value(term).strip():
                    remarks.say("empty-value", CONTACT, term)
                    continue
                contact = self._new_contact(description, node, term)
            known = description.nodes.get(contact)
            if known is None:
                continue
            if VCARD.Kind not in known.get(TYPE, ()):
                description.derive(contact, TYPE, (VCARD.Kind,), "class:place")
            self._reachable(description, contact, known)

    def _new_contact(self, description: Description, node: Term, term: Term) -> Term:
        """A literal or mailto: address where a node belongs: an e-mail address, a web address or a name."""
        contact = description.fresh_blank(node, CONTACT, term)
        prop, found = VCARD.fn, texts.plain(term)[0][0] if is_literal(term) else term
        mail, code, _ = mailbox(term)
        if not code and mail[0].startswith("<mailto:"):
            prop, found = VCARD.hasEmail, mail[0]
        elif value(term).strip().startswith(("http://", "https://", "www.")) and namespaces.address(term)[0][0][0] == "<":
            prop, found = VCARD.hasURL, namespaces.address(term)[0][0]
        added = [(node, CONTACT, contact), (contact, TYPE, VCARD.Kind), (contact, prop, found)]
        description.change([(node, CONTACT, term)], added, "contact-node")
        return contact

    def _reachable(self, description: Description, contact: Term, known: dict[Term, list[Term]]) -> None:
        """Addresses out of the nodes that hold them, name and addresses from what the node says as an agent."""
        for prop, normal in ((VCARD.hasEmail, mailbox), (VCARD.hasTelephone, contacts.tel), (VCARD.hasURL, namespaces.address)):
            for term in tuple(known.get(prop, ())):
                if term in description.nodes:
                    _unwrap(description, contact, prop, term, normal(_inside(description, term))[0])
        for prop, other in _WAYS:
            if other in known and prop not in known:
                description.derive(contact, prop, [term for term in known[other] if term[0] == "<"], "contact-from-agent")
        if VCARD.fn not in known:
            for source in _CONTACT_NAMES:
                names = [term for term in known.get(source, ()) if is_literal(term) and value(term).strip()]
                if names:
                    description.derive(contact, VCARD.fn, texts.plain(names[0])[0], "contact-name")
                    break
        elif NAME not in known and FOAF.Agent in known.get(TYPE, ()):
            description.derive(contact, NAME, known[VCARD.fn], "agent-name")


def _inside(description: Description, node: Term) -> Term:
    """What a vcard:Email or vcard:Voice node holds, else the node."""
    for prop in _INSIDE:
        held = description.values(node, prop)
        if held:
            return held[0]
    return node


def _unwrap(description: Description, contact: Term, prop: Term, node: Term, new: tuple[Term, ...]) -> None:
    """`vcard:hasEmail [vcard:value <mailto:...>]` as DCAT-AP.de wants it. A node that says more than class and value stays."""
    properties = description.nodes[node]
    if new == (node,) or new[0][0] != "<" or any(held not in _INSIDE and held != TYPE for held in properties):
        return
    gone = [(node, held, term) for held, terms in properties.items() for term in terms] if node[0] == "_" else []
    description.change([(contact, prop, node), *gone], [(contact, prop, term) for term in new], "contact-value")


@lru_cache(maxsize=8192)
def unglued(text: str) -> tuple[str, Term]:
    """(name, mailto: IRI) of a text that ends in "email: address", both empty for any other text."""
    found = _GLUED.fullmatch(text)
    if found is None:
        return "", ""
    terms, code, _ = contacts.mailto(literal(found.group(2)))
    return (found.group(1).strip(), terms[0]) if not code and terms[0][0] == "<" else ("", "")
