"""Hydra paging in RDF documents: which page follows, and how many items there are, in both forms that catalogs use
(`hydra:PartialCollectionView` with `hydra:next`, and the older `hydra:PagedCollection` with `hydra:nextPage`).

`scan` reads them from the bytes, which costs nothing beside a parse; where the bytes leave a doubt, `controls` reads the parsed document.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from json import JSONDecodeError, loads

from federation.terms import HYDRA, value

SPACE = b"http://www.w3.org/ns/hydra/core#"

_PREFIX = re.compile(rb"(?i)prefix\s+([\w.-]*):\s*<http://www\.w3\.org/ns/hydra/core#>")
_DECLARED = re.compile(rb"""xmlns(?::([\w.-]+))?\s*=\s*["']\Z""")
_CONTROL = re.compile(rb"(next|nextPage|totalItems)(?=[\s>=/])")
_BEFORE = (b"<", b" ", b"\n", b"\t", b"\r")
_ELEMENT = re.compile(rb"""[^<>]*?(?:[\w.-]+:resource\s*=\s*(?:"([^"<]*)"|'([^'<]*)')[^<>]*>|(?<!/)>([^<>]*)</)""")
_JSON_STRING = rb'"(?:[^"\\]|\\.)*"'
_JSON_TERMS = rb'"(?:[\w.-]*:|http://www\.w3\.org/ns/hydra/core#)?(?:%s)"\s*:\s*'
_JSON_VALUE = rb"(?:\[\s*)?(?:\{\s*(?:\"@type\"\s*:\s*" + _JSON_STRING + rb"\s*,\s*)?\"@(?:id|value)\"\s*:\s*)?(" + _JSON_STRING + rb"|\d+)"
# A term of a context that stands for one of ours ("following": "hydra:next").
_JSON_DEFINED = re.compile(rb':\s*"(?:hydra:|http://www\.w3\.org/ns/hydra/core#)(?:next|nextPage|totalItems)"')


@dataclass(frozen=True, slots=True)
class Controls:
    """`following`: the address of the next page as written, "" where there is none; `total` items in all pages, None where not told;
    `unclear`: several next pages are named and none of them for this page.
    """

    following: str = ""
    total: int | None = None
    unclear: bool = False


def scan(body: bytes, syntax: str) -> Controls | None:
    """The controls in a document as it came over the wire; None where the bytes leave a doubt, so that it has to be parsed."""
    if SPACE not in body and b"hydra" not in body:
        return None if b"\0" in body[:64] else Controls()
    following, total = {"rdf-xml": _scan_xml, "json-ld": _scan_json}.get(syntax, _scan_turtle)(body)
    if following is None or len(following) > 1 or total is None or len(total) > 1:
        return None
    return Controls(next(iter(following), ""), next(map(int, total), None))


def _scan_xml(body: bytes) -> tuple[set[str] | None, set[str] | None]:
    """What elements of the hydra namespace name as next page and as total; None where the bytes leave a doubt."""
    found: dict[bytes, set[str]] = {b"next": set(), b"nextPage": set(), b"totalItems": set()}
    for prefix in _xml_prefixes(body):
        if not prefix:
            return None, None
        for start in _places(body, prefix + b":"):
            local = _CONTROL.match(body, start)
            before = body[start - len(prefix) - 2 : start - len(prefix) - 1]
            if not local or before not in _BEFORE:
                continue
            read = _ELEMENT.match(body, local.end())
            if before != b"<" or not read:
                return None, None  # a property written as an attribute, or an element with another inside
            found[local[1]].add(unescape((read[1] or read[2] or read[3] or b"").strip().decode()))
    following, total = found[b"next"] | found[b"nextPage"], found[b"totalItems"]
    if (following or total) and (b"<!--" in body or b"<![CDATA[" in body):
        return None, None
    if not all(each.isdigit() for each in total) or (b"xml:base" in body if any(":" not in each for each in following) else False):
        return None, None
    return following, total


def _xml_prefixes(body: bytes) -> set[bytes]:
    """The prefixes that stand for the hydra namespace; an empty one where it is the default or hidden in an entity."""
    prefixes = {b""} if b"<!DOCTYPE" in body[:65_536] else set()
    for start in _places(body, SPACE):
        declared = _DECLARED.search(body, max(0, start - len(SPACE) - 80), start - len(SPACE))
        if declared:
            prefixes.add(declared[1] or b"")
    return prefixes


def _places(body: bytes, word: bytes) -> Iterator[int]:
    """Where each occurrence of a word ends."""
    at = body.find(word)
    while at >= 0:
        yield at + len(word)
        at = body.find(word, at + len(word))


def _scan_turtle(body: bytes) -> tuple[set[str] | None, set[str] | None]:
    names = [rb"<http://www\.w3\.org/ns/hydra/core#%s>"]
    names += [rb"(?<![\w.-])" + re.escape(prefix) + rb":%s(?![\w-])" for prefix in set(_PREFIX.findall(body))]
    following: set[str] = set()
    total: set[str] = set()
    for name in names:
        term = name % b"(?:next|nextPage)"
        read = re.findall(term + rb"""\s+(?:<([^<>"\\\s]*)>|"([^"\\\s]*)")\s*(?:\^\^[^\s;.]+)?\s*[;.\]}]""", body)
        if len(read) != len(re.findall(term, body)):
            return None, None
        following |= {(first or second).decode() for first, second in read}
        term = name % b"totalItems"
        read = re.findall(term + rb"""\s+["']?(\d+)["']?""", body)
        if len(read) != len(re.findall(term, body)):
            return None, None
        total |= {each.decode() for each in read}
    relative = any(":" not in each for each in following)
    return (None, None) if relative and re.search(rb"(?i)@?base\s+<", body) else (following, total)


def _scan_json(body: bytes) -> tuple[set[str] | None, set[str] | None]:
    if _JSON_DEFINED.search(body) or b'"@base"' in body:
        return None, None
    found: list[set[str]] = []
    for names in (b"next|nextPage", b"totalItems"):
        term = _JSON_TERMS % names
        read = re.findall(term + _JSON_VALUE, body)
        if len(read) != len(re.findall(term, body)):
            return None, None
        try:
            found.append({str(loads(each)) for each in read})
        except JSONDecodeError:
            return None, None
    following, total = found
    return following, total if all(each.isdigit() for each in total) else None


def controls(lines: Mapping[str, list[str]], base: str) -> Controls:
    """The controls of a parsed document: of the view that is this very page, else of all views together."""
    views = {node: pairs for node, pairs in lines.items() if any(pair.startswith(f"<{HYDRA.base}") for pair in pairs)}
    following = {node: _terms(pairs, (HYDRA.next, HYDRA.nextPage)) for node, pairs in views.items()}
    total = [int(each) for pairs in views.values() for each in _terms(pairs, (HYDRA.totalItems,)) if each.isdigit()]
    all_next = {each for terms in following.values() for each in terms}
    if len(all_next) > 1:
        all_next = following.get(f"<{base}>", all_next)
    return Controls(next(iter(all_next), "") if len(all_next) == 1 else "", max(total, default=None), len(all_next) > 1)


def _terms(pairs: Iterable[str], props: tuple[str, ...]) -> set[str]:
    found = set()
    for pair in pairs:
        prop, _, term = pair.partition(" ")
        if prop in props and term[0] != "_":
            found.add(value(term))
    return found
