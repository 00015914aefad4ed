"""What a source says about how open a record is, and which addresses lead nowhere but into an office's own network.

A geo catalog is no open data catalog: it lists everything that a body measures, for its own use, too. So its connector gives, beside the
description, a Claim: whether the record is marked as open, under which licence, and what restricts its use. The gate
(`federation.normalise.openness`) judges it.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from federation.vocabulary import is_open

MARK = "opendata"
"""The keyword by which German geo catalogs say "this is open data" (agreement of GDI-DE and GovData); written exactly so."""

_LOCAL_HOSTS = ("intern", "internal", "intranet", "local", "lan", "corp", "home", "localdomain", "home.arpa")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # two letters at least: "C:" is a drive
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a record says of its own openness.

    `marked`: it has the keyword `opendata`; `licence`: the licence that it names in a form for machines ("" where there is none);
    `terms`: its terms of use in free words, which only a lookup of the operator turns into a licence; `restrictions`: what restricts
    access or passing on, in the source's words; `classified`: its security class where that is not "unclassified"; `unfinished`: draft,
    private, planned, withdrawn; `kind`: what it is where it is no dataset at all.
    """

    marked: bool = False
    licence: str = ""
    terms: tuple[str, ...] = ()
    restrictions: tuple[str, ...] = ()
    classified: str = ""
    unfinished: str = ""
    kind: str = ""
    title: str = ""


def closed(claim: Claim, licence: str, *, unmarked: bool = False) -> tuple[str, str]:
    """(finding code, what stood there) of why a record is not federated; ("", "") where it is open.

    `licence` is the IRI of the licence in the list of dcat-ap.de that `claim.licence` (or a lookup of its terms) means, "" where it means
    none. `unmarked`: the body agreed that its records need no keyword. What restricts access is never widened.
    """
    if claim.kind:
        return "not-federated-kind", claim.kind
    if claim.restrictions:
        return "not-federated-restricted", "; ".join(claim.restrictions)
    if claim.classified:
        return "not-federated-classified", claim.classified
    if claim.unfinished:
        return "not-federated-unfinished", claim.unfinished
    if not claim.marked and not unmarked:
        return "not-federated-unmarked", ""
    if not licence:
        return "not-federated-unlicensed", claim.licence or "; ".join(claim.terms)
    return ("", "") if is_open(licence) else ("not-federated-licence", licence)


Inside = Literal["", "loopback", "network", "file"]


@lru_cache(maxsize=65536)
def inside(address: str) -> Inside:
    """Why an address (or what stands in the place of one) is of use only inside an office: "file" for file:, UNC and local paths,
    "loopback" for the own machine, "network" for private ranges, names without a domain, `*.intern`, `*.local`, `verwalt-*` and the
    like; "" for an address that anybody may reach, and for words that are no address at all.
    """
    text = address.strip()
    if text[:5].lower() == "file:" or text.startswith(("\\\\", "//", "/", "./", "../")) or _DRIVE.match(text):
        return "file"
    if not _SCHEME.match(text):
        return ""
    try:
        host = (urlsplit(text).hostname or "").rstrip(".")
    except ValueError:
        return ""
    return _host(host) if host else ""


@lru_cache(maxsize=8192)
def _host(host: str) -> Inside:
    if host == "localhost" or host.endswith(".localhost"):
        return "loopback"
    try:
        number = ip_address(host)
    except ValueError:
        pass
    else:
        return "loopback" if number.is_loopback else "" if number.is_global else "network"
    labels = host.split(".")
    if len(labels) == 1 or host.endswith(tuple(f".{name}" for name in _LOCAL_HOSTS)):
        return "network"
    return "network" if any(label.startswith("verwalt-") for label in labels) else ""
