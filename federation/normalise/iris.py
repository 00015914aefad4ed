"""IRIs: what a source writes where an address belongs, as strict IRIs (RFC 3987), or kept as text where it is none.

Umlauts and percent escapes stay as they are; blanks and characters that no IRI may hold are percent-encoded. No scheme is invented,
except for hosts that say themselves that they are web addresses (www.), and then a finding tells it.
"""

import re
from functools import lru_cache

from pyoxigraph import NamedNode

from federation.terms import Term, literal, value

Result = tuple[tuple[Term, ...], str, str]

# Most addresses of real feeds: strict, and nothing in them that could be two addresses.
_IN_ORDER = re.compile(
    r'"(https?://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::\d+)?(?:[/?][A-Za-z0-9._~!$&\'()*+=@/?-]*)?(?:#[A-Za-z0-9._~!$&\'()*+=@/?-]*)?)"'
)
_SCHEMES = frozenset(["http", "https", "ftp", "ftps", "sftp", "mailto", "tel", "urn", "geo", "doi", "info", "hdl"])
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?=.)", re.DOTALL)
_WEB = re.compile(r"(https?|s?ftps?)://([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?", re.IGNORECASE | re.DOTALL)
_HOST = re.compile(r"(?:[^\s@<>\"{}|\\^`\[\]]*@)?(?:[^\s@:<>\"{}|\\^`\[\]]+|\[[0-9A-Fa-f:.]+\])(?::\d*)?")
_NEXT_ADDRESS = re.compile(r"[\s;,|]+(?=(?:https?|ftp)://)", re.IGNORECASE)
_WWW = re.compile(r"www\.[\w-]+(?:\.[\w-]+)+(?:[/?#:].*)?", re.IGNORECASE | re.DOTALL)
_HOST_AS_PATH = re.compile(r"<https?://[^/?#]+/(?:[^?#]*/)?www\.[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,24}/?>")
_EMAIL = re.compile(r"(?:mailto:)?[^\s@:/]+@[^\s@:/]+\.[A-Za-z]{2,}", re.IGNORECASE)
_AGAIN = re.compile(r"(?:https?|ftp)(?::|:?//)", re.IGNORECASE)
_EDGES = " \t\r\n\f\v\u00a0\u200b\u2060\ufeff\u202f"


def is_strict(value: str) -> bool:
    """Whether text is an absolute IRI that every format can hold: what pyoxigraph's strict parsers accept (half a microsecond)."""
    try:
        NamedNode(value)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=16384)
def normal(term: Term) -> Result:
    """The term as one or several IRI terms: (terms to stand instead, finding code or "", rule).

    Findings: empty-value, iri-relative (no scheme), iri-scheme (www. host; http:// was put before it), iri-email (an e-mail address
    where a web address belongs), iri-host-as-path (a forgotten scheme made a path of a host), iri-unreadable (text that is no
    address). A blank node and a strict IRI stay as they are; an IRI term that cannot be repaired becomes a literal with the same
    text, since no format could hold it.
    """
    kind = term[0]
    if kind == "_":
        return (term,), "", ""
    if kind == "<" and is_strict(term[1:-1]):
        if "/www." in term and _HOST_AS_PATH.fullmatch(term):
            return (term,), "iri-host-as-path", ""
        return (term,), "iri-email" if term.startswith("<mailto:") else "", ""
    if (plain := _IN_ORDER.fullmatch(term)) is not None:
        return (f"<{plain.group(1)}>",), "", "iri"
    said = value(term)
    text = _unwrapped(said)
    several = _NEXT_ADDRESS.split(text)
    found = [_address(part.rstrip(";,| ")) if len(several) > 1 else _address(part) for part in several]
    if all(address for address, _ in found):
        terms = tuple(dict.fromkeys(f"<{address}>" for address, _ in found))
        return terms, next((code for _, code in found if code), ""), _rule(kind, said, terms)
    code = "iri-unreadable" if len(found) > 1 else found[0][1]
    return ((literal(said),), code, "iri-literal") if kind == "<" else ((term,), code, "")


def _unwrapped(text: str) -> str:
    text = text.strip(_EDGES)
    while len(text) > 2 and (text[0], text[-1]) in (("<", ">"), ('"', '"'), ("'", "'")):
        text = text[1:-1].strip(_EDGES)
    return text


def _rule(kind: str, said: str, terms: tuple[Term, ...]) -> str:
    if len(terms) > 1:
        return "iri-several"
    if terms[0] == f"<{said}>":
        return "iri" if kind == '"' else ""
    return "iri-scheme" if said.strip(_EDGES)[:4].lower() == "www." else "iri-characters"


def _address(text: str) -> tuple[str, str]:
    """(strict IRI or "", finding code) for one address."""
    if not text:
        return "", "empty-value"
    if _EMAIL.fullmatch(text):
        return (text, "iri-email") if text.startswith("mailto:") and is_strict(text) else ("", "iri-email")
    if _WWW.fullmatch(text) and "\n" not in text:
        address = _encoded("http://" + text)
        return (address, "iri-scheme") if address else ("", "iri-unreadable")
    scheme = _SCHEME.match(text)
    if scheme is None:
        return "", "iri-unreadable" if " " in text else "iri-relative"
    if scheme.group(1).lower() not in _SCHEMES:
        return "", "iri-unreadable"
    address = _encoded(text)
    return (address, "") if address else ("", "iri-unreadable")


def _encoded(text: str) -> str:
    """The address with percent escapes where they are needed; "" where no strict IRI comes of it."""
    web = _WEB.fullmatch(text)
    if web is None:
        if text[:4].lower() in ("http", "ftp:", "ftps", "sftp") or any(letter.isspace() for letter in text):
            return ""
        return text if is_strict(text) else ""
    scheme, host, path, query, fragment = web.groups()
    if not _HOST.fullmatch(host) or _AGAIN.match(host + path):
        return ""
    if is_strict(text):
        return text
    address = f"{scheme}://{host}{_escaped(path)}"
    if query:
        address += "?" + _escaped(query[1:], query=True)
    if fragment:
        address += "#" + _escaped(fragment[1:])
    return address if is_strict(address) else ""


_KEPT = re.compile(r"%[0-9A-Fa-f]{2}|[A-Za-z0-9._~!$&'()*+,;=:@/?-]+")


def _escaped(text: str, query: bool = False) -> str:
    """Percent-encodes each character that may not stand in this part of an IRI (RFC 3987, section 2.2)."""
    result = []
    at = 0
    while at < len(text):
        kept = _KEPT.match(text, at)
        if kept is not None:
            result.append(kept.group())
            at = kept.end()
            continue
        letter = text[at]
        at += 1
        if letter > "\x7f" and is_strict(f"x:?{letter}" if query else f"x:{letter}"):
            result.append(letter)
        else:
            result += [f"%{byte:02X}" for byte in letter.encode("utf-8", "surrogatepass")]
    return "".join(result)
