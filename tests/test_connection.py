"""Certificates and proxies of the network door."""

import base64
import ssl
import subprocess

import pytest

from federation.errors import ConfigError
from federation.harvest.http import Http
from tests.loopback import door, network, refused, resolver, serve


def to(target: str):
    return 302, {"Location": target}, b"moved"


def test_a_proxy_gets_the_whole_address_and_its_own_login():
    def proxy(request):
        return f"{request.headers['host']} {request.headers.get('proxy-authorization', '')}"

    with serve(proxy) as server, door(allow=[], proxy=server.url.replace("http://", "http://u:p@")) as http:
        body = http.get("http://stadt.example/katalog.rdf").body.decode()
        assert body == "stadt.example Basic " + base64.b64encode(b"u:p").decode()
        assert refused(http.get, "http://169.254.169.254/latest/").code == "http-address-refused"


def test_hosts_of_ones_own_are_asked_without_the_proxy_and_judged_as_ever(monkeypatch):
    resolver(monkeypatch, ["127.0.0.1"])
    with serve({}) as server, serve(lambda request: "by the proxy") as proxy:
        server.routes["/a"] = "directly"
        port = server.url.rpartition(":")[2]
        named = {"proxy": proxy.url, "no_proxy": ["geo.stadt.example"]}
        with door(**named) as http:
            assert http.get(f"http://geo.stadt.example:{port}/a").body == b"directly"
            assert http.get(f"http://wms.geo.stadt.example:{port}/a").body == b"directly"
            assert http.get(f"http://mygeo.stadt.example:{port}/a").body == b"by the proxy"
        with door(allow=[], **named) as http:
            assert refused(http.get, f"http://geo.stadt.example:{port}/a").code == "http-address-refused"


@pytest.mark.parametrize("proxy", ["proxy:3128", "socks5://x", "http://", "http://x:port"])
def test_a_wrong_proxy_is_a_configuration_error(proxy):
    with pytest.raises(ConfigError, match="http-proxy-address"):
        Http(network(proxy=proxy))


def test_an_unreadable_ca_file_is_a_configuration_error(tmp_path):
    for path in (tmp_path / "missing.pem", tmp_path):
        with pytest.raises(ConfigError, match="http-ca-file"):
            Http(network(ca_file=str(path)))
    (tmp_path / "bad.pem").write_text("no certificate")
    with pytest.raises(ConfigError, match="http-ca-file"):
        Http(network(ca_file=str(tmp_path / "bad.pem")))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """(context of a server, path of its certificate), valid for 127.0.0.1 only."""
    folder = tmp_path_factory.mktemp("tls")
    key, path = folder / "key.pem", folder / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
               "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(path)]  # fmt: skip
    try:
        subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("needs the openssl command")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, key)
    return context, path


def test_certificates_are_verified_and_own_authorities_can_be_added(certificate):
    context, path = certificate
    with serve({"/a": b"data"}, tls=context) as server:
        with door(retries=3) as http:
            error = refused(http.get, server + "/a")
            assert (error.code, http.waits) == ("http-tls", [])
            assert "self" in error.params["reason"].lower()
        with door(ca_file=str(path)) as http:
            assert http.get(server + "/a").body == b"data"
            assert refused(http.get, server.url.replace("127.0.0.1", "127.0.0.2") + "/a").code in ("http-tls", "http-connect")


def test_a_certificate_for_another_name_is_refused(certificate, monkeypatch):
    context, path = certificate
    with serve({"/a": b"data"}, tls=context) as server, door(ca_file=str(path)) as http:
        resolver(monkeypatch, ["127.0.0.1"])
        assert refused(http.get, f"https://stadt.example:{server.url.rpartition(':')[2]}/a").code == "http-tls"


def test_a_redirect_from_https_to_http_is_refused(certificate):
    context, path = certificate
    with serve({"/a": b"data"}) as plain, serve({"/a": to(plain + "/a")}, tls=context) as server, door(ca_file=str(path)) as http:
        assert refused(http.get, server + "/a").code == "http-redirect-refused"
        assert plain.count() == 0


def test_plain_http_on_a_tls_port_and_tls_on_a_plain_port_are_said(certificate):
    context, _ = certificate
    with serve({"/a": b"data"}) as plain, serve({"/a": b"data"}, tls=context) as secured, door() as http:
        assert refused(http.get, plain.url.replace("http:", "https:") + "/a").code in ("http-tls", "http-connect")
        assert refused(http.get, secured.url.replace("https:", "http:") + "/a").code in ("http-protocol", "http-incomplete")
