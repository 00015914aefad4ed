"""Which addresses the door may reach (issue 4, point 5), and that it connects to what was checked."""

import socket
import time
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.config import NetworkSettings
from federation.harvest import addresses
from federation.harvest.http import Http
from tests.loopback import door, network, refused, resolver, serve


@pytest.fixture(scope="module")
def http():
    with Http(network()) as opened:
        yield opened


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("8.8.8.8", ""), ("193.17.232.1", ""), ("2a00:1450:4001::1", ""), ("2001:4860:4860::8888", ""), ("::ffff:8.8.8.8", ""),
        ("64:ff9b::8.8.8.8", ""), ("172.15.255.255", ""), ("172.32.0.0", ""), ("100.63.255.255", ""), ("100.128.0.0", ""),
        ("0.0.0.0", "unspecified"), ("0.1.2.3", "unspecified"), ("10.0.0.1", "private"), ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.168.1.1", "private"), ("100.64.0.1", "carrier-grade NAT"), ("100.127.255.255", "carrier-grade NAT"),
        ("127.0.0.1", "loopback"),
        ("127.255.255.254", "loopback"), ("169.254.169.254", "link-local"), ("168.63.129.16", "cloud metadata"), ("192.0.0.8", "reserved"),
        ("192.0.2.1", "documentation"), ("198.51.100.1", "documentation"), ("203.0.113.1", "documentation"), ("198.18.0.1", "benchmarking"),
        ("192.88.99.1", "6to4 relay"), ("224.0.0.1", "multicast"), ("239.255.255.255", "multicast"), ("240.0.0.1", "reserved"),
        ("255.255.255.255", "reserved"), ("::", "unspecified"), ("::1", "loopback"), ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:10.1.2.3", "private"),
        ("::127.0.0.1", "reserved"), ("64:ff9b::127.0.0.1", "loopback"), ("64:ff9b::a9fe:a9fe", "link-local"),
        ("64:ff9b:1::1", "local NAT64"),
        ("fe80::1", "link-local"), ("fe80::1%eth0", "link-local"), ("fec0::1", "site-local"), ("fc00::1", "private"),
        ("fd00:ec2::254", "private"),
        ("ff02::1", "multicast"), ("2001::1", "Teredo"), ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "Teredo"), ("2001:10::1", "reserved"),
        ("2001:db8::1", "documentation"), ("2002:7f00:1::1", "6to4"), ("2002:808:808::1", "6to4"), ("3fff::1", "documentation"),
        ("100::1", "reserved"), ("4000::1", "reserved"), ("5f00::1", "reserved"),
    ],
)  # fmt: skip
def test_only_public_addresses_are_fit(address, kind):
    assert addresses.kind(ip_address(address)) == kind


@given(st.ip_addresses(v=4))
def test_no_private_address_hides_in_an_ipv6_form(address):
    for form in (f"::ffff:{address}", f"64:ff9b::{address}"):
        assert addresses.kind(ip_address(form)) == addresses.kind(address)
    assert addresses.kind(ip_address(f"::{address}"))
    if not address.is_global and address not in addresses.IPv4Network("192.0.0.0/24"):
        assert addresses.kind(address)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "localhost", "LOCALHOST",
        "localhost.", "0",
        "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "127.0.0.1.", "１２７.0.0.1",
    ],
)  # fmt: skip
def test_no_spelling_of_loopback_is_reached(host):
    with serve({"/": b"secret"}) as server, door(allow=[]) as http:
        error = refused(http.get, f"http://{host}:{server.url.rpartition(':')[2]}/")
        assert error.code in ("http-address-refused", "http-dns", "http-url-invalid")
        assert server.count() == 0


@pytest.mark.parametrize(
    "address", ["10.0.0.5", "169.254.169.254", "::1", "fd00::1", "::ffff:192.168.0.1", "64:ff9b::10.0.0.1", "2002:a00:1::1"]
)
def test_names_that_lead_inside_are_refused(monkeypatch, address):
    resolver(monkeypatch, [address])
    with door(allow=["203.0.113.0/24"]) as http:
        error = refused(http.get, "http://intern.example/")
        assert (error.code, error.params["host"]) == ("http-address-refused", "intern.example")


def test_a_name_is_looked_up_once_and_connected_to_as_checked(monkeypatch):
    with serve({"/a": lambda request: request.headers["host"]}) as server:
        asked = resolver(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])
        port = server.url.rpartition(":")[2]
        with door(allow=["127.0.0.1/32"]) as http:
            assert http.get(f"http://stadt.example:{port}/a").body.decode() == f"stadt.example:{port}"
        assert asked == ["stadt.example"]


def test_of_several_addresses_only_the_fit_ones_are_tried(monkeypatch):
    with serve({"/a": b"data"}) as server:
        resolver(monkeypatch, ["10.0.0.1", "::1", "127.0.0.3", "127.0.0.1"])
        with door(allow=["127.0.0.0/8"]) as http:
            assert http.get(f"http://stadt.example:{server.url.rpartition(':')[2]}/a").body == b"data"


def test_listed_networks_are_reached_in_every_form():
    judge = addresses.Addresses(NetworkSettings(allow=["10.1.0.0/16"]).allow)
    assert [judge.allowed(ip_address(text)) for text in ("10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::10.1.2.3", "10.2.0.1", "::1")] == [
        True, True, True, False, False,
    ]  # fmt: skip


def test_an_unknown_name_is_said_at_once_and_a_failing_resolver_is_asked_again(monkeypatch):
    asked = resolver(monkeypatch, socket.gaierror(socket.EAI_NONAME, "Name or service not known"))
    with door(retries=3) as http:
        error = refused(http.get, "http://weg.example/")
        assert (error.code, error.params["host"], len(asked)) == ("http-dns", "weg.example", 1)
    asked = resolver(monkeypatch, socket.gaierror(socket.EAI_AGAIN, "Temporary failure"))
    with door(retries=3) as http:
        assert refused(http.get, "http://weg.example/").code == "http-dns"
        assert len(asked) == 4


def test_a_resolver_that_hangs_ends_by_the_connect_timeout(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(1) or [])
    with door(connect_timeout=0.2) as http:
        began = time.perf_counter()
        assert refused(http.get, "http://weg.example/").code == "http-dns"
        assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "stadt.example",
        "ftp://stadt.example/",
        "file:///etc/passwd",
        "http://",
        "http://[::1",
        "http://a b/",
        "//x/y",
        "http://x:99999/",
        "http://xn--/",
        "http://" + "a" * 300 + ".de/",
        "http://stadt.example\x00/",
        "mailto:x@y.z",
    ],
)
def test_what_is_no_address_is_said(url):
    with door() as http:
        assert refused(http.get, url).code in ("http-url-invalid", "http-dns")


def test_umlauts_and_blanks_in_paths_are_written_as_rfc_3986_wants(http):
    with serve({"/B%C3%BCcher%20a": b"data"}) as server:
        assert http.get(server + "/Bücher a").body == b"data"
