"""Facts of an ISO record -> Description, as the agreement of GDI-DE and GovData maps it; GeoDCAT-AP only where that is silent.

What is written is what the record says; repairing spellings is for normalise. Two things are derived, each a Change with its rule: a
publisher that no party is named as (`publisher-from-owner`, `publisher-from-contact`).
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from connectors._iso_coupling import Service, endpoint, kind_of_service, plain, protocol_of
from connectors._iso_facts import Facts, Online, Party, Texts
from connectors._iso_terms import Terms
from federation.dcat.build import Builder, address, temporal
from federation.dcat.description import Description
from federation.dcat.names import digest
from federation.terms import DCTERMS, FOAF, GEO, RDFS, SKOS, TYPE, XSD, Term, iri, literal
from federation.vocabulary import vocabulary

# Keywords of registers: they steer, and say nothing of what the data are about.
REGISTER = frozenset(("opendata", "inspireidentifiziert", "hvd", "high-value dataset", "high value dataset", "advmis"))
_TOPICS = "http://inspire.ec.europa.eu/metadata-codelist/TopicCategory/"
_THEMES = "http://inspire.ec.europa.eu/theme/"
_HVD = "http://data.europa.eu/bna/"
_ELI = "http://data.europa.eu/eli/"
_GEOCODING = "http://dcat-ap.de/def/politicalGeocoding/"
_CRS = "http://www.opengis.net/def/crs/EPSG/0/"
_EPSG = re.compile(r"(?:^|EPSG\D{0,8}?(?:/0/|/\d+(?:\.\d+)*/)?)(\d{4,6})(?!\d)", re.IGNORECASE)
_TOPIC = re.compile(r"[A-Za-z]+")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE]-?\d+)?")
_LANGUAGES = {
    "ger": "de", "deu": "de", "eng": "en", "fre": "fr", "fra": "fr", "ita": "it", "dut": "nl", "nld": "nl", "pol": "pl", "cze": "cs",
    "ces": "cs", "dan": "da", "spa": "es", "roh": "rm", "por": "pt", "swe": "sv", "tur": "tr", "rus": "ru", "ukr": "uk", "lux": "lb",
}  # fmt: skip
# Roles of parties as properties; pointOfContact and publisher are read apart. An author is a creator.
_ROLES = {
    "author": "dcterms:creator", "originator": "geodcatap:originator", "custodian": "geodcatap:custodian",
    "owner": "dcterms:rightsHolder", "distributor": "geodcatap:distributor", "resourceProvider": "geodcatap:resourceProvider",
    "principalInvestigator": "geodcatap:principalInvestigator", "processor": "geodcatap:processor", "user": "geodcatap:user",
}  # fmt: skip
_DOWNLOADS = ("WWW:DOWNLOAD", "FTP", "FILE:", "DOWNLOAD")
_METRES = frozenset(("m", "metre", "meter", "metres", "meters", "urn:ogc:def:uom:EPSG::9001", "http://standards.iso.org/iso/19139/resources/uom/ML_gmxUom.xml#m"))


def description(facts: Facts, said: Terms, services: Sequence[Service], *, kind: str = "dataset") -> Description:
    """The Description of a dataset or series, under the terms that its constraints say, with the services that give access to it."""
    writer = Builder("", kind)
    root = writer.root
    _named(writer, root, facts)
    _dates(writer, root, facts)
    _bodies(writer, root, facts)
    _subjects(writer, root, facts)
    _coverage(writer, root, facts)
    _statements(writer, root, facts)
    if said.public:
        writer.add(root, "dcterms:accessRights", said.public)
    if kind == "dataset":
        _access(writer, root, facts, services, said)
    return writer.description


def unmapped(facts: Facts) -> list[str]:
    """Paths of what a record says and nothing is made of."""
    found = set(facts.unmapped)
    if any(kind not in ("publication", "creation") for _, kind in facts.dates):
        found.add("identificationInfo.citation.date (revision)")
    if facts.parent:
        found.add("parentIdentifier")
    if facts.status:
        found.add("identificationInfo.status")
    if any(unit not in _METRES for _, unit in facts.resolutions) or len(facts.resolutions) > 1:
        found.add("identificationInfo.spatialResolution")
    if any(passed.lower() not in ("true", "1") for _, _, passed in facts.conformity):
        found.add("dataQualityInfo.report (not conformant)")
    if len(facts.formats) > 1:
        found.add("distributionInfo.distributionFormat")
    for party in facts.parties:
        if party.address:
            found.add("identificationInfo.pointOfContact.address")
        if party.person and party.organisation:
            found.add("identificationInfo.pointOfContact.individualName")
        if party.position and party.organisation:
            found.add("identificationInfo.pointOfContact.positionName")
        if party.role not in _ROLES and party.role not in _CONTACTS and party.role != "publisher":
            found.add(f"identificationInfo.pointOfContact ({party.role})")
    return sorted(found)


# names and dates


def _texts(writer: Builder, node: Term, name: str, said: Texts) -> None:
    for text, language in said:
        writer.add(node, name, text, _LANGUAGES.get(language, language))


def _named(writer: Builder, root: Term, facts: Facts) -> None:
    _texts(writer, root, "dcterms:title", facts.titles)
    _texts(writer, root, "dcterms:description", facts.abstracts)
    for text, language in facts.alternatives:
        writer.say(root, "dcterms:alternative", literal(text, _LANGUAGES.get(language, language)))
    writer.add(root, "dcterms:identifier", facts.identifier)
    for code, space in facts.codes:
        node = writer.node(root, "adms:identifier", key=f"{space} {code}")
        writer.say(node, "skos:notation", literal(code, datatype=XSD.anyURI if "://" in code else ""))
        if space:
            writer.say(node, "adms:schemaAgency", literal(space))
    writer.add(root, "dcat:version", facts.edition)


def _dates(writer: Builder, root: Term, facts: Facts) -> None:
    """modified is the date of the metadata (convention 40)."""
    writer.add(root, "dcterms:modified", facts.stamp)
    for date, kind in facts.dates:
        if kind == "publication" and not writer.has(root, "dcterms:issued"):
            writer.add(root, "dcterms:issued", date)
        elif kind == "creation":
            writer.say(root, "dcterms:created", temporal(date))


# who


_CONTACTS = ("pointOfContact", "")


def _bodies(writer: Builder, root: Term, facts: Facts) -> None:
    by_role: dict[str, list[Party]] = {}
    for party in facts.parties:
        by_role.setdefault(party.role, []).append(party)
    for party in by_role.get("publisher", ()):
        _organisation(writer, root, "dcterms:publisher", party)
    for role, name in _ROLES.items():
        for party in by_role.get(role, ()):
            _organisation(writer, root, name, party)
    contacts = [party for role in _CONTACTS for party in by_role.get(role, ())]
    for party in contacts:
        _contact(writer, root, party)
    if not writer.has(root, "dcterms:publisher"):
        _derived_publisher(writer, root, by_role.get("owner", ()), contacts)


def _organisation(writer: Builder, root: Term, name: str, party: Party) -> None:
    """An organisation in a role; a person alone is never written as one."""
    if not party.organisation:
        return
    node = _agent(root, party)
    writer.say(root, name, node)
    for prop, term in _agent_facts(party):
        writer.description.say(node, prop, term)


def _agent(root: Term, party: Party) -> Term:
    return f"_:a{digest(root, party.organisation[0][0])}"


def _agent_facts(party: Party) -> list[tuple[Term, Term]]:
    names = [(FOAF.name, literal(text, _LANGUAGES.get(language, language))) for text, language in party.organisation]
    return [(TYPE, FOAF.Agent), (TYPE, FOAF.Organization), *names]


def _derived_publisher(writer: Builder, root: Term, owners: Iterable[Party], contacts: Iterable[Party]) -> None:
    for parties, rule in ((owners, "publisher-from-owner"), (contacts, "publisher-from-contact")):
        for party in parties:
            if party.organisation:
                node = _agent(root, party)
                triples = [(root, DCTERMS.publisher, node), *((node, prop, term) for prop, term in _agent_facts(party))]
                writer.description.change((), triples, rule, f"pointOfContact[{party.role}]")
                return


def _contact(writer: Builder, root: Term, party: Party) -> None:
    names = party.organisation or ([(party.position, "")] if party.position else [(party.person, "")] if party.person else [])
    person = not party.organisation and not party.position and party.person
    key = " ".join((names[0][0] if names else "", *party.emails, *party.urls))
    node = writer.node(root, "dcat:contactPoint", "vcard:Individual" if person else "vcard:Organization", key)
    _texts(writer, node, "vcard:fn", names)
    for email in party.emails:
        writer.add(node, "vcard:hasEmail", email)
    for number in party.telephones:
        writer.add(node, "vcard:hasTelephone", number)
    for url in party.urls:
        writer.add(node, "vcard:hasURL", url)


# what about


def _subjects(writer: Builder, root: Term, facts: Facts) -> None:
    for topic in facts.topics:
        if _TOPIC.fullmatch(topic):
            writer.say(root, "dcat:theme", f"<{_TOPICS}{topic}>")
    for group in facts.keywords:
        inspire = "inspire theme" in group.thesaurus.casefold()
        valuable = "high-value" in group.thesaurus.casefold() or "hvd" in group.thesaurus.casefold()
        for said, href in group.words:
            theme = _inspire(href or said[0][0]) if inspire or _THEMES in href else ""
            if theme:
                writer.say(root, "dcat:theme", iri(theme))
            if href.startswith(_ELI):
                writer.iri(root, "dcatap:applicableLegislation", href)
            category = _category(href or said[0][0]) if valuable or href.startswith(_HVD) else ""
            if category:
                writer.say(root, "dcatap:hvdCategory", iri(category))
            for text, language in said:
                if text.casefold() not in REGISTER:
                    writer.add(root, "dcat:keyword", text, _LANGUAGES.get(language, language))
    for language in facts.languages:
        writer.add(root, "dcterms:language", language)


@lru_cache(maxsize=2048)
def _inspire(said: str) -> str:
    return vocabulary("inspire-theme").resolve(said) or ""


@lru_cache(maxsize=2048)
def _category(said: str) -> str:
    return vocabulary("hvd-category").resolve(said) or ""


def _coverage(writer: Builder, root: Term, facts: Facts) -> None:
    for box in facts.boxes:
        if all(_NUMBER.fullmatch(side) for side in box):
            west, south, east, north = box
            node = writer.node(root, "dcterms:spatial", key=f"box {' '.join(box)}")
            ring = f"{west} {south},{east} {south},{east} {north},{west} {north},{west} {south}"
            writer.add(node, "dcat:bbox", f"POLYGON(({ring}))", datatype=GEO.wktLiteral)
    for code, space in facts.places:
        place = _place(code) or _place(space)
        if place:
            writer.say(root, "dcterms:spatial", place)
        else:
            _labelled(writer, root, code or space)
    for text in facts.extents:
        _labelled(writer, root, text)
    for begin, end in facts.periods:
        node = writer.node(root, "dcterms:temporal", key=f"period {begin} {end}")
        writer.add(node, "dcat:startDate", begin)
        writer.add(node, "dcat:endDate", end)


def _labelled(writer: Builder, root: Term, text: str) -> None:
    node = writer.node(root, "dcterms:spatial", key=f"place {text}")
    writer.description.say(node, SKOS.prefLabel, literal(text))


@lru_cache(maxsize=8192)
def _place(said: str) -> Term:
    """The place that an official key (8 or 12 digits) or an address names; "" for other words."""
    if said.isascii() and said.isdigit() and len(said) in (8, 12):
        if vocabulary("municipality").resolve(said) or len(said) == 8:
            return f"<{_GEOCODING}{'municipalityKey' if len(said) == 8 else 'regionalKey'}/{said}>"
        return ""
    term = address(said) if "://" in said else ""
    return term if term[:1] == "<" else ""


def _statements(writer: Builder, root: Term, facts: Facts) -> None:
    writer.add(root, "dcterms:accrualPeriodicity", facts.frequency)
    if len(facts.resolutions) == 1 and facts.resolutions[0][1] in _METRES:
        writer.add(root, "dcat:spatialResolutionInMeters", facts.resolutions[0][0])
    for code, space in facts.crs:
        system = _system(code, space)
        if system[0] == "<":
            writer.say(root, "dcterms:conformsTo", system)
        else:
            writer.description.say(writer.node(root, "dcterms:conformsTo", key=f"crs {code}"), RDFS.label, system)
    for title, date, passed in facts.conformity:
        if passed.lower() in ("true", "1"):
            node = writer.node(root, "dcterms:conformsTo", key=f"standard {title}")
            writer.description.say(node, DCTERMS.title, literal(title))
            if date:
                writer.description.say(node, DCTERMS.issued, temporal(date))
    for said in facts.lineage:
        node = writer.node(root, "dcterms:provenance", key=f"lineage {said[0][0]}")
        for text, language in said:
            writer.description.say(node, RDFS.label, literal(text, _LANGUAGES.get(language, language)))


@lru_cache(maxsize=2048)
def _system(code: str, space: str) -> Term:
    """The address of a coordinate reference system of EPSG; any other as its name."""
    if "EPSG" in code.upper() or "EPSG" in space.upper():
        found = _EPSG.search(code)
        if found:
            return f"<{_CRS}{found[1]}>"
    return address(code) if "://" in code else literal(code)


# access


def _access(writer: Builder, root: Term, facts: Facts, services: Sequence[Service], said: Terms) -> None:
    """Services first, then what can be fetched; other links lead to pages (of information, else the one that the data are got from)."""
    taken: set[str] = set()
    for service in services:
        taken.add(plain(endpoint(service["endpoint"])))
        _service(writer, root, service, said)
    for link in facts.onlines:
        kind = protocol_of(link)
        key = plain(endpoint(link.url) if kind else link.url)
        if key in taken:
            continue
        if kind or is_download(link):
            taken.add(key)
            _file(writer, root, link, kind, facts, said)
        elif address(link.url)[0] == "<":
            writer.add(root, "foaf:page" if link.function in ("information", "search") else "dcat:landingPage", link.url)
    if not writer.has(root, "dcat:distribution"):
        _licensed(writer, root, said)


def is_download(link: Online) -> bool:
    """Whether a link leads to the data themselves: by its function or its protocol."""
    return "download" in link.function.casefold() or link.protocol.upper().startswith(_DOWNLOADS)


def _file(writer: Builder, root: Term, link: Online, kind: str, facts: Facts, said: Terms) -> None:
    node = writer.node(root, "dcat:distribution", key=f"link {link.url}")
    writer.add(node, "dcat:accessURL", link.url)
    if not kind:
        writer.add(node, "dcat:downloadURL", link.url)
        if len(facts.formats) == 1:
            writer.add(node, "dcterms:format", facts.formats[0])
    else:
        writer.add(node, "dcterms:format", kind)
    writer.add(node, "dcterms:title", link.name)
    if link.description != link.name:
        writer.add(node, "dcterms:description", link.description)
    if link.profile:
        writer.say(node, "dcterms:conformsTo", address(link.profile))
    _licensed(writer, node, said)


def _licensed(writer: Builder, node: Term, said: Terms) -> None:
    if said.licence:
        _licence(writer, node, said.licence.said, said.licence.source)
    _rights(writer, node, said.words)


def _licence(writer: Builder, node: Term, licence: str, source: str) -> None:
    writer.add(node, "dcterms:license", licence)
    if source:
        writer.say(node, "dcatde:licenseAttributionByText", literal(source))


def _rights(writer: Builder, node: Term, words: Sequence[str]) -> None:
    """The terms of use in free words, as one statement: dcterms:rights may stand once."""
    if words:
        statement = writer.node(node, "dcterms:rights", key="rights")
        writer.description.say(statement, RDFS.label, literal("\n".join(words)))


def _service(writer: Builder, root: Term, service: Service, said: Terms) -> None:
    """A Distribution with its DataService (convention 41: the access address is the service's). Without a licence of its own it is
    under that of its data (convention 32).
    """
    node = writer.node(root, "dcat:distribution", key=f"service {service['id']}")
    inner = writer.node(node, "dcat:accessService", key=f"service {service['id']}")
    kind = vocabulary("file-type").resolve(kind_of_service(service)) or ""
    for each in (node, inner):
        writer.add(each, "dcterms:title", service["title"])
        writer.add(each, "dcterms:description", service["abstract"])
        writer.add(each, "dcterms:format", kind)
        if service["licence"]:
            writer.add(each, "dcterms:license", service["licence"])
        elif said.licence:
            writer.add(each, "dcterms:license", said.licence.said)
    writer.add(node, "dcat:accessURL", service["endpoint"])
    source = service["source"] if service["licence"] else said.licence.source if said.licence else ""
    if source:
        writer.say(node, "dcatde:licenseAttributionByText", literal(source))
    _rights(writer, node, service["words"])
    writer.add(inner, "dcat:endpointURL", service["endpoint"])
    writer.add(inner, "dcat:endpointDescription", service["capabilities"])
    writer.say(inner, "dcat:servesDataset", root)
    if service["publisher"]:
        party = Party(organisation=[(service["publisher"], "")])
        agent = _agent(root, party)
        writer.say(inner, "dcterms:publisher", agent)
        for prop, term in _agent_facts(party):
            writer.description.say(agent, prop, term)
    else:
        for agent in writer.description.values(root, DCTERMS.publisher)[:1]:
            writer.say(inner, "dcterms:publisher", agent)

