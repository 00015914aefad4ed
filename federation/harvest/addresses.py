"""Which addresses the network door may connect to.

A source's address, or a redirect, may name a machine inside the office's own network (server-side request forgery): metadata services of
clouds, printers, databases. So a host is resolved once, every address it has is judged here, and the door connects to the judged address
itself; no second look-up can answer differently. Judged after the IANA special-purpose address registries (RFC 6890 and later).
"""

import socket
import threading
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_IPV4 = [(IPv4Network(network), kind) for network, kind in (
    ("0.0.0.0/8", "unspecified"), ("10.0.0.0/8", "private"), ("100.64.0.0/10", "carrier-grade NAT"), ("127.0.0.0/8", "loopback"),
    ("168.63.129.16/32", "cloud metadata"), ("169.254.0.0/16", "link-local"), ("172.16.0.0/12", "private"), ("192.0.0.0/24", "reserved"),
    ("192.0.2.0/24", "documentation"), ("192.88.99.0/24", "6to4 relay"), ("192.168.0.0/16", "private"), ("198.18.0.0/15", "benchmarking"),
    ("198.51.100.0/24", "documentation"), ("203.0.113.0/24", "documentation"), ("224.0.0.0/4", "multicast"), ("240.0.0.0/4", "reserved"),
)]  # fmt: skip
_IPV6 = [(IPv6Network(network), kind) for network, kind in (
    ("::/128", "unspecified"), ("::1/128", "loopback"), ("64:ff9b:1::/48", "local NAT64"), ("fc00::/7", "private"),
    ("fe80::/10", "link-local"), ("fec0::/10", "site-local"), ("ff00::/8", "multicast"), ("2001::/32", "Teredo"),
    ("2001::/23", "reserved"), ("2001:db8::/32", "documentation"), ("2002::/16", "6to4"), ("3fff::/20", "documentation"),
)]  # fmt: skip
_GLOBAL = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_TRIED = 6


class Refused(Exception):
    """A host with no address that the door may connect to; `kind` says what its (first) address is."""

    def __init__(self, host: str, address: str, kind: str) -> None:
        super().__init__(f"{host} is {address} ({kind})")
        self.host, self.address, self.kind = host, address, kind


class Unresolved(Exception):
    """A name that has no address; `again` says whether asking later may help."""

    def __init__(self, host: str, reason: str, again: bool) -> None:
        super().__init__(f"{host}: {reason}")
        self.host, self.reason, self.again = host, reason, again


def kind(address: Address) -> str:
    """What makes an address unfit for connecting to ("private", "loopback", ...), or an empty text for a public one.

    IPv6 forms that carry an IPv4 address (mapped, and the well-known NAT64 prefix that IPv6-only networks need) are judged by it.
    """
    if isinstance(address, IPv6Address):
        inner = _carried(address)
        if inner is not None:
            return kind(inner)
        for network, name in _IPV6:
            if address in network:
                return name
        return "" if address in _GLOBAL else "reserved"
    for network4, name in _IPV4:
        if address in network4:
            return name
    return ""


def _carried(address: IPv6Address) -> IPv4Address | None:
    return address.ipv4_mapped or (IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None)


class Addresses:
    """The judge: refuses what is not public, unless a network of `allow` ([network] allow in federation.toml) holds it."""

    def __init__(self, allow: Iterable[Network] = ()) -> None:
        self._allow = list(allow)

    def allowed(self, address: Address) -> bool:
        """Whether the operator listed the address."""
        forms: list[Address] = [address]
        if isinstance(address, IPv6Address) and (inner := _carried(address)) is not None:
            forms.append(inner)
        return any(form in network for form in forms for network in self._allow if form.version == network.version)

    def vetted(self, host: str, port: int, seconds: float) -> list[str]:
        """The addresses of `host` (a name or a literal) that may be connected to, in the order the system prefers, at most six.

        Raises Unresolved (no address, or no answer within `seconds`) or Refused (addresses, but none that is fit).
        """
        found = [literal] if (literal := self.literal(host)) is not None else _resolve(host, port, seconds)
        fit = [address for address in dict.fromkeys(found) if not kind(address) or self.allowed(address)]
        if not fit:
            raise Refused(host, str(found[0]), kind(found[0]))
        return [str(address) for address in fit[:_TRIED]]

    def check_literal(self, host: str) -> None:
        """Raises Refused for a literal address that is not fit: all that can be judged where a proxy looks names up."""
        address = self.literal(host)
        if address is not None and kind(address) and not self.allowed(address):
            raise Refused(host, str(address), kind(address))

    def literal(self, host: str) -> Address | None:
        """The address that `host` writes out, or None for a name."""
        try:
            return ip_address(host.strip("[]"))
        except ValueError:
            return None


def _resolve(host: str, port: int, seconds: float) -> list[Address]:
    """Asks the system's resolver in a thread of its own: getaddrinfo itself knows no timeout."""
    answers: list[Address] = []
    failure: list[Exception] = []

    def ask() -> None:
        try:
            answers.extend(ip_address(str(entry[4][0])) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, ValueError) as error:
            failure.append(error)

    worker = threading.Thread(target=ask, name="resolve", daemon=True)
    worker.start()
    worker.join(seconds)
    if worker.is_alive():
        raise Unresolved(host, f"no answer within {seconds:g} s", again=True)
    if failure:
        error = failure[0]
        again = isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN
        raise Unresolved(host, str(error.args[-1] if error.args else error), again) from error
    if not answers:
        raise Unresolved(host, "no address", again=False)
    return answers
