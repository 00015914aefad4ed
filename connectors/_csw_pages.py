"""Pages of a CSW as bytes: what changes with every answer taken out, each record on its own, and what other records say of it added.

A dataset's access is described in the records of its services, on other pages. So fetch ends each page with a processing instruction
(XML 1.0, 2.6) that holds, as JSON, the services of the page's datasets and which series have children:
`<?federation {"services": {id: {...}}, "of": {position: [id]}, "children": [position]}?>`. With it the page says everything that split and
map need, its digest changes when a service of one of its datasets does, and it is stored and mapped again like any other.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from connectors._iso_coupling import Couplings, Service, protocol_of
from connectors._iso_facts import Facts
from connectors._iso_map import is_download
from connectors._iso_parts import Element, local, text
from connectors._iso_read import facts, is_record
from connectors._iso_terms import DATASETS, Terms, terms
from federation.dcat.names import digest
from federation.errors import SourceError
from federation.harvest import screen

_MARK = b"<?federation "
_STATUS = re.compile(rb"(<(?:[\w.-]+:)?SearchStatus\b[^<>]*?)\s+timestamp\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_ELAPSED = re.compile(rb"(<(?:[\w.-]+:)?SearchResults\b[^<>]*?)\s+elapsedTime\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_BEGIN = re.compile(rb"<((?:[A-Za-z_][\w.-]*:)?(?:\w+_)?MD_Metadata)(?=[\s/>])")
_SPACES = re.compile(rb"\sxmlns(?::[\w.-]+)?\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_HIDDEN = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>", re.DOTALL)
_ENDS = (b">", b"/", b" ", b"\n", b"\r", b"\t")
_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>'
_RESULTS = frozenset(("SearchResults", "GetRecordByIdResponse"))


class Entry(NamedTuple):
    """One ISO record of a page: what it says, its constraints, its own bytes as a document, the services of its data, whether it is a
    series with parts.
    """

    facts: Facts
    terms: Terms
    raw: bytes
    services: Sequence[Service]
    parted: bool


class Page(NamedTuple):
    """The root of an answer: `records` are its ISO records, `others` how many entries of other kinds stand beside them."""

    root: Element
    records: Sequence[Element]
    others: int

    def number(self, name: str) -> int | None:
        """A count among the attributes of SearchResults; None where it is missing or no number."""
        for each in self.root.iter():
            if local[each.tag] == "SearchResults":
                value = (each.get(name) or "").strip()
                return int(value) if value.isdigit() and len(value) < 12 else None
        return None


def page(body: bytes, url: str = "", source: str = "") -> Page:
    """Reads a screened answer. SourceError "xml-invalid" where it is not well-formed."""
    root = screen.xml(body, url=url, source=source)
    if is_record(root):
        return Page(root, [root], 0)
    holders = [each for each in root.iter() if local[each.tag] in _RESULTS] or [root]
    entries = [child for holder in holders for child in holder]
    records = [child for child in entries if is_record(child)]
    others = sum(1 for child in entries if not is_record(child)) if holders[0] is not root or local[root.tag] in _RESULTS else 0
    return Page(root, records, others)


def screened(body: bytes, charset: str, url: str, source: str) -> tuple[bytes, str]:
    """(an answer in UTF-8 without DOCTYPE and without the time of the search, that time). SourceError for what is no XML."""
    body, _ = screen.text(screen.unpack(body, url=url, source=source), charset)
    kind = screen.sniff(body)
    screen.refuse(kind, body, url=url, source=source)
    if kind not in ("xml", "rdf-xml"):
        raise SourceError("csw-not-xml", source=source, url=url, value=kind)
    return neutral(screen.xml_safe(body, url=url, source=source) if b"<!DOCTYPE" in body[:65536] else body)


def neutral(body: bytes) -> tuple[bytes, str]:
    """(the answer without the time and duration of the search, that time)."""
    found = _STATUS.search(body, 0, 8192)
    if found:
        body = body[: found.start()] + found[1] + body[found.end() :]
    spent = _ELAPSED.search(body, 0, 8192)
    if spent:
        body = body[: spent.start()] + spent[1] + body[spent.end() :]
    return body, ((found[2] or found[3] or b"") if found else b"").decode("ascii", "replace")


def joined(body: bytes, said: Sequence[Facts], couplings: Couplings, parents: Iterable[str] = ()) -> bytes:
    """The page with what other records say of its own. `parents` are the identifiers of records that others name as theirs."""
    services: dict[str, Service] = {}
    of: dict[str, list[str]] = {}
    children = []
    known = set(parents)
    for position, each in enumerate(said):
        if each.kind == "service":
            continue
        found = couplings.of(each)
        if found:
            of[str(position)] = [service["id"] for service in found]
            services |= {service["id"]: service for service in found}
        elif each.kind == "series" and each.identifier in known and not has_access(each):
            children.append(position)
    return body + _written({"services": services, "of": of, "children": children})


def is_dataset(said: Facts) -> bool:
    """Whether a record describes data; not a service, an application, a feature type or whatever else catalogs list."""
    return said.kind in DATASETS


def identifier(said: Facts) -> str:
    """A record's own name: fileIdentifier, else its MD_Identifier, else a digest of its title."""
    return said.identifier or (said.codes[0][0] if said.codes else "") or f"untitled-{digest(said.title)}"


def has_access(said: Facts) -> bool:
    """Whether a record itself says where its data can be got."""
    return any(protocol_of(link) or is_download(link) for link in said.onlines)


def _written(content: Any) -> bytes:
    return _MARK + orjson.dumps(content, option=orjson.OPT_SORT_KEYS).replace(b"?>", b"?\\u003e") + b"?>"


def _parted(body: bytes) -> tuple[bytes, Any]:
    """(the page as it came, what fetch added)."""
    at = body.rfind(_MARK)
    if at < 0 or not body.endswith(b"?>"):
        return body, {}
    try:
        return body[:at], orjson.loads(body[at + len(_MARK) : -2])
    except orjson.JSONDecodeError:
        return body, {}


def entries(body: bytes, url: str = "") -> Iterator[Entry]:
    """The ISO records of a page that fetch gave."""
    plain, added = _parted(body)
    found = page(plain, url)
    if not found.records:
        return
    pieces = _pieces(plain, len(found.records), url)
    services: Mapping[str, Service] = added.get("services", {})
    of: Mapping[str, Sequence[str]] = added.get("of", {})
    children = frozenset(added.get("children", ()))
    for position, (element, piece) in enumerate(zip(found.records, pieces, strict=True)):
        own = [services[name] for name in of.get(str(position), ())]
        parted = position in children
        tail = _written({"services": own, "parted": parted}) if own or parted else b""
        said = facts(element)
        yield Entry(said, terms(said), piece + tail, own, parted)


def entry(raw: bytes) -> Entry:
    """A record from its stored bytes."""
    plain, added = _parted(raw)
    said = facts(screen.xml(plain))
    return Entry(said, terms(said), raw, added.get("services", ()), bool(added.get("parted")))


def _pieces(body: bytes, count: int, url: str) -> list[bytes]:
    """The bytes of each record as a document of its own: with the namespaces that elements around it declare."""
    first = _BEGIN.search(body)
    spans = list(_spans(body, first[1])) if first else []
    if first is None or len(spans) != count:  # several profiles on one page, or what looks like a record in a comment
        body = _HIDDEN.sub(b"", body)
        spans = sorted(span for name in {each[1] for each in _BEGIN.finditer(body)} for span in _spans(body, name))
        if len(spans) != count:
            raise SourceError("csw-odd-page", url=url)
    around = dict.fromkeys(each[0] for each in _SPACES.finditer(body, 0, spans[0][0]))
    return [_piece(body[start:end], around) for start, end in spans]


def _spans(markup: bytes, name: bytes) -> Iterator[tuple[int, int]]:
    """Where the elements of a name begin and end, none of which stands in another."""
    opening, closing, at = b"<" + name, b"</" + name, 0
    while (start := markup.find(opening, at)) >= 0:
        at = start + len(opening)
        if markup[at : at + 1] not in _ENDS:
            continue
        close = markup.find(b">", at)
        if markup[close - 1 : close] == b"/":
            end = close + 1
        else:
            end = markup.find(closing, close)
            while end >= 0 and markup[end + len(closing) : end + len(closing) + 1] not in _ENDS:
                end = markup.find(closing, end + 1)
            end = markup.find(b">", end) + 1
        if end <= 0:
            return
        yield start, end
        at = end


def _piece(markup: bytes, around: Iterable[bytes]) -> bytes:
    """One record as a document: the declarations around it are added to those of its own start tag."""
    head = markup[: markup.find(b">") + 1]
    named = len(head.split(None, 1)[0].rstrip(b"/>"))
    missing = b"".join(each for each in around if each.partition(b"=")[0].strip() + b"=" not in head)
    return _HEAD + markup[:named] + missing + markup[named:]


def exception(root: Element) -> str:
    """The text of an ExceptionReport (OWS) or ServiceExceptionReport, "" for any other document."""
    if local[root.tag] not in ("ExceptionReport", "ServiceExceptionReport"):
        return ""
    said = []
    for each in root.iter():
        if local[each.tag] in ("Exception", "ServiceException"):
            said += [each.get("exceptionCode") or each.get("code") or "", each.get("locator") or ""]
        if local[each.tag] in ("ExceptionText", "ServiceException") and each.text:
            said.append(" ".join(each.text.split()))
    return ": ".join(part for part in said if part)[:300] or "ExceptionReport"


def first_entry(root: Element) -> str:
    """The name of what an answer holds instead of ISO records."""
    return next((str(local[child.tag]) for each in root.iter() if local[each.tag] in _RESULTS for child in each), local[root.tag])


def is_answer(root: Element) -> bool:
    """Whether a document is the answer to GetRecords or GetRecordById."""
    return local[root.tag] in ("GetRecordsResponse", "GetRecordByIdResponse")


def catalog_title(root: Element) -> str | None:
    """The title in the capabilities of a CSW; None for any other document."""
    if local[root.tag] != "Capabilities" or "/csw" not in root.tag:
        return None
    return next((text(each) for each in root.iter() if local[each.tag] == "Title"), "")
