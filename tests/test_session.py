"""ckanapi through our own door, and robots.txt."""

from io import BytesIO

import pytest
from ckanapi import NotFound, RemoteCKAN

from federation.harvest.http import Http
from tests.loopback import door, network, refused, serve


def to(target: str, status: int):
    return status, {"Location": target}, b"moved"


@pytest.fixture(scope="module")
def http():
    with Http(network()) as opened:
        yield opened


def ckan(routes) -> dict:
    return {f"/api/action/{name}": reply for name, reply in routes.items()}


JSON = {"Content-Type": "application/json;charset=utf-8"}


@pytest.mark.parametrize("get_only", [False, True])
def test_ckanapi_reads_through_the_door(http, get_only):
    def search(request):
        asked = request.query if get_only else request.json()
        assert (asked["fq"], str(asked["rows"])) == ("organization:stadt", "10")
        return 200, JSON, '{"success": true, "result": {"count": 1, "results": [{"title": "Bäume"}]}}'

    with serve(ckan({"package_search": search})) as server, http.session("town") as session:
        remote = RemoteCKAN(server.url, session=session, get_only=get_only)
        assert remote.action.package_search(fq="organization:stadt", rows=10)["results"][0]["title"] == "Bäume"
        assert session.last.body.startswith(b'{"success"')
        assert server.seen[0].headers["user-agent"].startswith("open-data-federation/")


def test_ckan_errors_stay_ckan_errors_and_everything_else_is_a_source_error(http):
    missing = '{"success": false, "error": {"__type": "Not Found Error", "message": "Nicht gefunden"}}'
    page = {"Content-Type": "text/html"}
    routes = {
        "package_show": (404, JSON, missing),
        "wall": (403, page, "<!DOCTYPE html><title>Just a moment...</title>"),
        "login": (200, page, "<html><title>Anmeldung</title>"),
        "nothing": (200, JSON, ""),
        "crash": (500, {}, "Internal"),
    }
    with serve(ckan(routes)) as server:
        remote = RemoteCKAN(server.url, session=http.session("town"))
        with pytest.raises(NotFound):
            remote.action.package_show(id="x")
        assert [refused(remote.call_action, name).code for name in ("wall", "login", "nothing", "crash")] == [
            "http-forbidden", "html-instead-of-data", "empty-answer", "http-server-error",
        ]  # fmt: skip
        assert "Just a moment" in refused(remote.call_action, "wall").text("de")


def test_ckanapi_keys_redirects_and_uploads_work(http):
    def create(request):
        assert request.headers["authorization"] == "key-1"
        assert b'name="upload"' in request.body
        assert b"a;b" in request.body
        return 200, JSON, '{"success": true, "result": "made"}'

    with serve(
        {
            **ckan({"resource_create": create}),
            "/old/api/action/status_show": to("/api/action/status_show", 301),
            "/api/action/status_show": lambda request: (200, JSON, f'{{"success": true, "result": "{request.method}"}}'),
        }
    ) as server:
        remote = RemoteCKAN(server.url, apikey="key-1", session=http.session("town", repeat=False))
        assert remote.action.resource_create(package_id="x", upload=("a.csv", BytesIO(b"a;b"))) == "made"
        assert RemoteCKAN(server + "/old", session=http.session("town")).action.status_show() == "POST"


# --- robots.txt


def test_robots_txt_is_read_once_and_obeyed():
    rules = b"\xef\xbb\xbfUser-agent: open-data-federation\nDisallow: /intern/\nCrawl-delay: 3\n\nUser-agent: *\nDisallow: /\n"
    with serve({"/robots.txt": rules, "/a": b"x"}) as server, door() as http:
        assert http.allowed(server + "/katalog")
        assert not http.allowed(server + "/intern/a")
        assert server.count("/robots.txt") == 1
        http.get(server + "/a")
        http.get(server + "/a")
        assert 2 < sum(http.waits) <= 6


@pytest.mark.parametrize("status", [404, 410, 403, 401, 400])
def test_a_site_without_robots_txt_allows_all(http, status):
    with serve({"/robots.txt": (status, {}, b"")}) as server:
        assert http.allowed(server + "/a")


def test_a_site_that_is_down_does_not_look_like_one_that_forbids_all(http):
    with serve({"/robots.txt": (500, {}, b"")}) as server:
        assert refused(http.allowed, server + "/a").code == "http-server-error"
