"""Which service gives access to which dataset (data-service coupling of INSPIRE and GDI-DE).

A service names the resources it operates on by address or by identifier; a dataset has its MD_Identifier and its fileIdentifier. Both are
compared in a plain form (no scheme, case, closing slash), a reference that is a GetRecordById address by its id, and, where that leads
nowhere, without separators (real servers drop a slash) and by the UUID in it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

from connectors._iso_facts import Facts, Online
from connectors._iso_terms import claim, terms
from federation.dcat.openness import closed
from federation.vocabulary import vocabulary

Service: TypeAlias = Mapping[str, Any]
"""What a distribution needs of a service, as JSON: id, title, abstract, type, versions, endpoint, capabilities, licence, source, words,
publisher, stamp."""

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_SEPARATORS = str.maketrans("", "", "/#:?&=;|")
_LOOSE = 20
_KVP = frozenset(("service", "request", "version", "acceptversions"))


@lru_cache(maxsize=65536)
def plain(reference: str) -> str:
    """A reference in the form in which it is compared."""
    text = unquote(reference.strip()).casefold()
    scheme, found, rest = text.partition("://")
    text = rest if found and scheme in ("http", "https") else text
    return text.removeprefix("www.").rstrip("/#")


@lru_cache(maxsize=65536)
def keys(reference: str) -> tuple[str, ...]:
    """The keys under which a reference looks for its dataset, the surest first."""
    text = plain(reference)
    if not text:
        return ()
    found = [text]
    named = _record_id(reference)
    if named:
        found.append(plain(named))
    if len(text) >= _LOOSE:
        found.append("~" + text.translate(_SEPARATORS))
    uuid = _UUID.findall(named.casefold() if named else text)
    if uuid:
        found.append("#" + uuid[-1].replace("-", ""))
    return tuple(dict.fromkeys(found))


def _record_id(reference: str) -> str:
    """The id that a GetRecordById address asks for."""
    if "getrecordbyid" not in reference.casefold():
        return ""
    try:
        query = parse_qsl(urlsplit(reference).query)
    except ValueError:
        return ""
    return next((value for name, value in query if name.casefold() == "id"), "")


def keys_of(facts: Facts) -> set[str]:
    """Every key by which a dataset is found."""
    names = [facts.identifier] if facts.identifier else []
    for code, space in facts.codes:
        names.append(code)
        if space:
            names += [f"{space}/{code}", f"{space}#{code}", space + code]
    return {key for name in names for key in keys(name)}


class Couplings:
    """The services of one reading, and the datasets that they operate on."""

    def __init__(self, services: Iterable[Facts], widen: Sequence[str] = ()) -> None:
        self._by_key: dict[str, dict[str, None]] = {}
        self._services: dict[str, Service] = {}
        self._references: dict[str, list[tuple[str, list[tuple[str, ...]]]]] = {}
        self._met: dict[str, set[str]] = {}
        for facts in services:
            name = facts.identifier
            if not name or name in self._references:
                continue
            self._references[name] = [(href or uuid, [keys(each) for each in (href, uuid) if each]) for href, uuid in facts.operates_on]
            for _, reference in self._references[name]:
                for each in reference:
                    for key in each:
                        self._by_key.setdefault(key, {})[name] = None
            if is_open(facts, widen):
                made = service(facts)
                if made["endpoint"]:
                    self._services[name] = made

    def of(self, facts: Facts) -> list[Service]:
        """The open services that operate on a dataset; notes that the dataset was met."""
        own = keys_of(facts)
        names: dict[str, None] = {}
        for key in sorted(own & self._by_key.keys()):
            for name in self._by_key[key]:
                names[name] = None
                self._met.setdefault(f"{name}\n{key}", set()).add(facts.identifier)
        return [self._services[name] for name in sorted(names) if name in self._services]

    def loose_ends(self) -> Iterator[tuple[str, str, str]]:
        """(code, service, reference or datasets) of each coupling that leads nowhere or to several datasets, after all were met."""
        for name, references in self._references.items():
            for said, reference in references:
                met = [self._met.get(f"{name}\n{key}", set()) for each in reference for key in each]
                datasets = set().union(*met) if met else set()
                if not datasets and any(reference):
                    yield "csw-coupling-dangling", name, said
                elif len(datasets) > 1:
                    yield "csw-coupling-ambiguous", name, ", ".join(sorted(datasets))

    def names(self) -> set[str]:
        """The identifiers of all services."""
        return set(self._references)


def is_open(facts: Facts, widen: Sequence[str] = ()) -> bool:
    """Whether a service may be shown with a dataset: it passes the same gate."""
    made = claim(facts, terms(facts))
    licence = vocabulary("licence").resolve(made.licence) or "" if made.licence else ""
    return not closed(made, licence, unmarked="keyword" in widen)[0]


def service(facts: Facts) -> dict[str, Any]:
    """What a dataset's record keeps of a service."""
    found = terms(facts)
    capabilities, endpoint = _endpoint(facts)
    publisher = next(
        (party.organisation[0][0] for role in ("publisher", "owner", "pointOfContact") for party in facts.parties
         if party.role == role and party.organisation), "",
    )  # fmt: skip
    return {
        "id": facts.identifier, "title": facts.title, "abstract": facts.abstracts[0][0] if facts.abstracts else "",
        "type": facts.service_type, "versions": facts.versions, "endpoint": endpoint, "capabilities": capabilities,
        "licence": found.licence.said if found.licence else "", "source": found.licence.source if found.licence else "",
        "words": found.words, "publisher": publisher, "stamp": facts.stamp,
    }  # fmt: skip


def _endpoint(facts: Facts) -> tuple[str, str]:
    """(address of the capabilities, address of the service): of the operation GetCapabilities, else of the first, else of a link."""
    links = [each.url for each in facts.onlines if protocol_of(each)]
    named = [url for name, url in facts.points if "getcapabilities" in name.casefold()]
    urls = named + [url for _, url in facts.points] + links
    asking = next((url for url in urls if "getcapabilities" in url.casefold()), "")
    return asking, endpoint(named[0] if named else urls[0]) if urls else ""


def endpoint(url: str) -> str:
    """The address of a service without the parameters that ask it for its capabilities."""
    head, mark, query = url.partition("?")
    if not mark:
        return url
    kept = [part for part in query.split("&") if part and part.partition("=")[0].casefold() not in _KVP]
    return f"{head}?{'&'.join(kept)}" if kept else head


_NAMED = re.compile(r"\b(wms|wmts|wfs|wcs|sos|atom)\b|ogc[ :_-]?api|oapif?", re.IGNORECASE)


@lru_cache(maxsize=8192)
def _protocol(protocol: str, url: str) -> str:
    found = _NAMED.search(protocol.replace("_", " "))
    if found:
        return (found[1] or "OGC API").upper()
    if protocol and not protocol.upper().startswith(("WWW", "HTTP")):
        return ""
    asked = {name.casefold(): value for name, _, value in (part.partition("=") for part in url.partition("?")[2].split("&"))}
    service = asked.get("service", "").upper()
    return service if service in ("WMS", "WMTS", "WFS", "WCS", "SOS") else ""


def protocol_of(link: Online) -> str:
    """The kind of service that a link leads to ("WMS", "WFS" ...), by its protocol, else by what its address asks for; "" for others."""
    return _protocol(link.protocol, link.url)


def kind_of_service(service: Service) -> str:
    """"WMS", "WFS" ...: by the versions that a service names, what its address asks for, else by the words in its address."""
    said = _protocol(" ".join(service["versions"]), service["capabilities"] or service["endpoint"])
    found = None if said else _NAMED.search(urlsplit(service["endpoint"]).path.replace("_", " "))
    return said or (found[1].upper() if found and found[1] else "")
