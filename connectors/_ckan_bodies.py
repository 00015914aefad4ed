"""Who stands behind a package: publisher, creators, contributors, custodians and the contact, from CKAN's many ways to name them."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from connectors._ckan_fields import AGENTS
from connectors._ckan_values import dicts, email, is_translated, parsed, said, scalar, texts
from connectors._ckan_ways import Writer, quoted
from federation.dcat.build import address, temporal
from federation.terms import DCAT, DCTERMS, FOAF, GEODCATAP, SCHEMA, VCARD, Term, expanded, literal

Json: TypeAlias = Any
Values: TypeAlias = dict[str, list[Json]]
Names: TypeAlias = tuple[tuple[str, str], ...]
Entries: TypeAlias = tuple[tuple[str, Json], ...]
Described: TypeAlias = tuple[str, Term, tuple[tuple[Term, Term], ...]]

_CLASSES = {"person": FOAF.Person, "organization": FOAF.Organization, "organisation": FOAF.Organization}
_AGENTS = {prefix: expanded(prop) for prefix, prop in AGENTS.items()}
# Parts of a body under other names -> the name here.
_SAME = {"homepage": "url", "mbox": "email", "mail": "email", "phone": "tel", "telephone": "tel", "dcat_type": "type"}
_NAMES = frozenset(("name", "title", "names"))
_ADDRESS_PARTS = {
    "street": VCARD.hasStreetAddress, "city": VCARD.hasLocality, "zip": VCARD.hasPostalCode, "country": VCARD.hasCountryName,
    "address": VCARD["street-address"],
}  # fmt: skip
_AGENT_PARTS = {
    **_ADDRESS_PARTS, "email": FOAF.mbox, "url": FOAF.homepage, "tel": FOAF.phone, "type": DCTERMS.type, "identifier": DCTERMS.identifier,
    "affiliation": SCHEMA.affiliation, "affiliation_02": SCHEMA.affiliation, "affiliation_03": SCHEMA.affiliation,
}  # fmt: skip
_CONTACT_PARTS = {**_ADDRESS_PARTS, "email": VCARD.hasEmail, "url": VCARD.hasURL, "tel": VCARD.hasTelephone}
_WORDS = frozenset(("identifier", "affiliation", "affiliation_02", "affiliation_03", *_ADDRESS_PARTS))
# Roles of `contacts` and `dates` in the OGD metadata structure before DCAT-AP.de.
_ROLES = {
    "veroeffentlichende_stelle": DCTERMS.publisher, "autor": DCTERMS.creator, "ansprechpartner": GEODCATAP.custodian,
    "vertrieb": DCTERMS.contributor,
}  # fmt: skip


def bodies(writer: Writer, root: Term) -> None:
    """Publisher, creators, contributors, originators, custodians; the organization of the package where no publisher is said."""
    parts = writer.parts
    contact: list[Mapping[str, Json]] = []
    if "contacts" in parts:
        for item in (entry for value in parts.pop("contacts")[""] for entry in dicts(value)):
            role = scalar(item.get("role") or "")
            _agent(writer, root, _ROLES.get(role, DCTERMS.contributor), item)
            if role == "ansprechpartner":
                contact.append(item)
    for prefix in [prefix for prefix in AGENTS if prefix in parts]:
        if prefix == "publication":
            _publication(writer, root, parts.pop(prefix))
            continue
        for body in _bodies(parts.pop(prefix)):
            _agent(writer, root, _AGENTS[prefix], body)
            if prefix == "maintainer":
                contact.append(body)
    organizations = parts.pop("organization", {}).get("", ())
    if DCTERMS.publisher not in writer.nodes[root]:
        for organization in organizations:
            if isinstance(organization, dict):
                _organization(writer, root, organization)
    if contact and "contact" not in parts:
        parts["contact"] = {"": [contact]}


def _bodies(parts: Values) -> list[Mapping[str, Json]]:
    """One body a dict: of the dicts (or JSON of them) in the field itself, else of the name there and the parts beside it."""
    singles = {part: values[0] for part, values in parts.items() if part}
    found: list[Mapping[str, Json]] = []
    for value in parts.get("", ()):
        if isinstance(value, str):
            value = parsed(value)
        if isinstance(value, str) or (isinstance(value, dict) and is_translated(value)):
            found.append({"name": value, **singles})
            singles = {}
        else:
            found += [item if isinstance(item, dict) else {"name": item} for item in (value if isinstance(value, list) else [value])]
    return found or ([singles] if singles else [])


def _agent(writer: Writer, root: Term, prop: Term, body: Mapping[str, Json]) -> None:
    _body(writer, root, prop, body, _agent_of)


def _body(writer: Writer, root: Term, prop: Term, body: Mapping[str, Json], kind: Any) -> None:
    """Writes a body; the same ones stand in many packages, so plain ones are worked out once."""
    entries, languages = tuple(body.items()), tuple(writer.languages)
    try:
        found = kind(entries, languages)
    except TypeError:  # a value that is no plain text cannot be a key
        found = kind.__wrapped__(entries, languages)
    if found:
        key, cls, triples = found
        node = writer.link(root, prop, cls, key)
        for predicate, term in triples:
            writer.put(node, predicate, term)


@lru_cache(maxsize=8192)
def _agent_of(entries: Entries, languages: tuple[str, ...]) -> Described | None:
    """(key of the node, class, (property, term) ...) of a foaf:Agent."""
    names, facts = _facts(dict(entries), languages)
    uri, cls = facts.get("uri", ""), _CLASSES.get(facts.get("contacttype", "").lower(), FOAF.Agent)
    if "given_name" in facts and cls == FOAF.Agent:
        cls = FOAF.Person
    key = uri if uri and address(uri)[0] == "<" else "\n".join((uri, *(name for name, _ in names), facts.get("email", "")))
    return (key, cls, _described(FOAF.name, names, facts, _AGENT_PARTS)) if _names_someone(names, facts) else None


@lru_cache(maxsize=8192)
def _contact_of(entries: Entries, languages: tuple[str, ...]) -> Described | None:
    """The same of a vcard:Kind."""
    names, facts = _facts(dict(entries), languages)
    uri = facts.get("uri", "")
    person = facts.get("contacttype", "").lower() == "person" or "given_name" in facts
    reached = (facts.get(part, "") for part in ("email", "url", "tel"))
    key = uri if uri and address(uri)[0] == "<" else "\n".join((*(name for name, _ in names), *reached))
    cls = VCARD.Individual if person else VCARD.Organization
    return (key, cls, _described(VCARD.fn, names, facts, _CONTACT_PARTS)) if _names_someone(names, facts) else None


def _names_someone(names: Names, facts: Mapping[str, str]) -> bool:
    return bool(names) or not facts.keys().isdisjoint(("uri", "email", "url", "tel", "identifier"))


def _facts(body: Mapping[str, Json], languages: tuple[str, ...]) -> tuple[Names, dict[str, str]]:
    """(name, language) of each name, and the other parts of a body that say something, as text."""
    facts = {_SAME.get(part, part): scalar(value) for part, value in body.items() if part not in _NAMES and said(value)}
    if "given_name" in facts:
        return ((" ".join((facts["given_name"], scalar(body.get("name") or ""))).strip(), ""),), facts
    named = texts(body.get("name") or body.get("title"), languages)
    return tuple((each.strip(), language) for each, language in named), facts


def _described(naming: Term, names: Names, facts: Mapping[str, str], table: Mapping[str, Term]) -> tuple[tuple[Term, Term], ...]:
    found = [(naming, literal(name, language)) for name, language in names]
    for part in sorted(facts.keys() & table.keys()):
        if part == "email":
            found += [(table[part], term) for term in email(facts[part])]
        else:
            found.append((table[part], literal(facts[part]) if part in _WORDS else address(facts[part])))
    return tuple(found)


def _organization(writer: Writer, root: Term, organization: Mapping[str, Json]) -> None:
    """The organization that owns the package: in CKAN the body that publishes."""
    name = scalar(organization.get("id") or organization.get("name") or "")
    title = organization.get("title") or organization.get("display_name")
    _agent(writer, root, DCTERMS.publisher, {
        "name": title if title and (isinstance(title, str) or texts(title)) else organization.get("name"), "contacttype": "organization",
        "uri": organization.get("uri") or (f"{writer.portal}/organization/{quoted(name)}" if name else ""),
        **{part: organization[part] for part in ("email", "url", "dcat_type", "identifier") if organization.get(part)},
    })  # fmt: skip


def _publication(writer: Writer, root: Term, parts: Values) -> None:
    for item in (entry for value in parts.get("", ()) for entry in dicts(value)):
        _agent(writer, root, DCTERMS.publisher, {"name": item.get("publisher")})
        if said(item.get("publication_year")):
            writer.put(root, DCTERMS.issued, temporal(scalar(item["publication_year"])))


def contacts(writer: Writer, root: Term) -> None:
    """dcat:contactPoint: the contact fields, else the maintainer (in CKAN and ckanext-dcat the one to ask)."""
    parts = writer.parts.pop("contact", None)
    for body in _bodies(parts) if parts else ():
        _body(writer, root, DCAT.contactPoint, body, _contact_of)
