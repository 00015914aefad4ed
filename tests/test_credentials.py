"""Credentials of a source: named in the member's file, kept elsewhere, told to its own server only, written nowhere."""

import base64
import io
import logging
from pathlib import Path

import pytest

from federation import config
from federation.errors import ConfigError
from federation.harvest.credentials import Access
from federation.harvest.http import Http
from federation.log import log, setup
from tests.loopback import complete, network, refused, serve
from tests.region import HEAD, Region, dataset, turtle

SECRET = "geheim-4711"


def header(url: str, name: str = "authorization", source: str = "stadt", folder: Path = Path(), **credentials: str):
    kept = config.Credentials(**credentials)
    return Access([config.Source(id="stadt", connector="dcat", url="http://stadt.example/feed", credentials=kept)], folder).headers(
        source, url
    ).get(name)


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    monkeypatch.setenv("STADT_KEY", f"{SECRET}\n")


def test_a_secret_is_sent_as_password_header_or_token():
    here = "http://stadt.example/feed?page=2"
    assert header(here, user="region", secret_env="STADT_KEY") == "Basic " + base64.b64encode(f"region:{SECRET}".encode()).decode()
    assert header(here, "x-api-key", header="X-API-Key", secret_env="STADT_KEY") == SECRET
    assert header(here, secret_env="STADT_KEY") == f"Bearer {SECRET}"


def test_a_secret_may_stand_in_a_file_of_the_workspace(tmp_path):
    (tmp_path / "stadt.key").write_text(f" {SECRET}\n")
    assert header("http://stadt.example/", folder=tmp_path, secret_file="stadt.key") == f"Bearer {SECRET}"


@pytest.mark.parametrize(
    "url", ["http://anders.example/feed", "https://stadt.example/feed", "http://stadt.example:8080/feed", "http://stadt.example.evil/"]
)
def test_no_other_server_is_told_the_secret(url):
    assert header(url, secret_env="STADT_KEY") is None


def test_no_other_source_uses_the_secret():
    assert header("http://stadt.example/feed", source="dorf", secret_env="STADT_KEY") is None


@pytest.mark.parametrize("value", ["", "  ", "zwei\nZeilen", "Schlüssel"])
def test_a_secret_that_is_missing_or_unfit_ends_this_source_with_a_remedy(monkeypatch, tmp_path, value):
    monkeypatch.setenv("STADT_KEY", value)
    for credentials in ({"secret_env": "STADT_KEY"}, {"secret_env": "NOBODY_SET_THIS"}, {"secret_file": "missing.key"}):
        error = refused(header, "http://stadt.example/", folder=tmp_path, **credentials)
        assert error.code == "credentials-missing"
        assert not value.strip() or value not in str(error)


def test_a_redirect_to_another_server_does_not_carry_the_secret():
    asked = []

    def other(request):
        asked.append(request.headers)
        return "there"

    with serve(other) as elsewhere, serve({"/feed": lambda request: (302, {"Location": f"{elsewhere}/x"}, b"")}) as server:
        kept = config.Credentials(header="X-API-Key", secret_env="STADT_KEY")
        access = Access([config.Source(id="stadt", connector="dcat", url=f"{server}/feed", credentials=kept)])
        with Http(network(), access=access) as http:
            assert http.get(f"{server}/feed", source="stadt").body == b"there"
        assert server.seen[0].headers["x-api-key"] == SECRET
    assert "x-api-key" not in asked[0]


def walled(server):
    """Gives the feed to whoever knows the password."""
    login = "Basic " + base64.b64encode(f"region:{SECRET}".encode()).decode()
    return lambda request: turtle(HEAD + dataset("a")) if request.headers.get("authorization") == login else (401, {}, b"")


def test_a_member_file_names_the_secret_and_a_run_uses_it(tmp_path):
    region = Region(tmp_path / "r")
    with serve({}) as server:
        server.routes["/feed.ttl"] = walled(server)
        table = '[source.credentials]\nuser = "region"\nsecret_env = "STADT_KEY"'
        region.member("stadt", f"{server}/feed.ttl", more=table)
        region.member("dorf", f"{server}/feed.ttl")
        runs = {run.source: run for run in region.sync().runs}
        assert (runs["stadt"].outcome, runs["dorf"].reason) == ("done", "http-unauthorised"), "they do not share a reading"
    for file in region.folder.rglob("*"):
        assert file.is_dir() or SECRET.encode() not in file.read_bytes()


def test_a_server_that_hides_its_records_from_strangers_does_not_lose_them(tmp_path):
    """GET of an absent dataset asks with the credentials, too: to strangers this server says 404."""
    login = "Basic " + base64.b64encode(f"region:{SECRET}".encode()).decode()
    names = ["a", "b"]

    def hidden(request):
        if request.headers.get("authorization") != login:
            return 404, {}, b""
        if request.path == "/feed.ttl":
            return turtle(HEAD + "".join(dataset(name, city=str(server)) for name in names))
        return 200, {}, b"here"

    region = Region(tmp_path / "r")
    with serve(hidden) as server:
        region.member("stadt", f"{server}/feed.ttl", more='[source.credentials]\nuser = "region"\nsecret_env = "STADT_KEY"')
        assert region.sync().runs[0].outcome == "done"
        names.remove("b")
        assert [region.sync().runs[0].outcome for _ in range(4)] == ["done"] * 4
        assert region.public() == {f"{server}/dataset/a", f"{server}/dataset/b"}
        assert any(request.path == "/dataset/b" for request in server.seen), "it was asked for"


def test_a_missing_secret_leaves_the_other_sources_alone(tmp_path):
    region = Region(tmp_path / "r")
    with serve({"/feed.ttl": turtle(HEAD + dataset("a"))}) as server:
        region.member("stadt", f"{server}/feed.ttl", more='[source.credentials]\nsecret_file = "no.key"')
        region.member("dorf", f"{server}/feed.ttl")
        outcome = region.sync()
        runs = {run.source: run for run in outcome.runs}
        assert (runs["stadt"].reason, runs["dorf"].outcome, outcome.exit_code) == ("credentials-missing", "done", 3)
        assert runs["stadt"].error is not None
        complete(runs["stadt"].error.finding())


@pytest.mark.parametrize(
    "table", ["", 'user = "x"', 'secret_env = "A"\nsecret_file = "b"', 'user = "x"\nheader = "Y"\nsecret_env = "A"', 'secret_env = "A B"',
              'header = "A: b"\nsecret_env = "A"', 'secret = "x"'],
)  # fmt: skip
def test_credentials_that_name_no_or_two_ways_are_a_configuration_error(tmp_path, table):
    region = Region(tmp_path / "r")
    region.member("stadt", "http://stadt.example/feed", more=f"[source.credentials]\n{table}")
    with pytest.raises(ConfigError) as caught:
        assert region.config
    assert "members/stadt.toml" in str(caught.value)


def test_a_password_in_an_address_is_refused_and_not_shown(tmp_path):
    region = Region(tmp_path / "r")
    region.member("stadt", f"https://region:{SECRET}@stadt.example/feed")
    with pytest.raises(ConfigError) as caught:
        assert region.config
    for language in ("de", "en"):
        said = caught.value.text(language)
        assert "[source.credentials]" in said
        assert SECRET not in said


def test_a_secret_that_was_read_is_masked_wherever_it_is_logged():
    stream = io.StringIO()
    header("http://stadt.example/", secret_env="STADT_KEY")
    try:
        setup(True, 2, stream)
        log.warning("answer was %s", f"hello {SECRET}!")
    finally:
        setup(True, 0, io.StringIO())
        logging.getLogger().handlers = [each for each in logging.getLogger().handlers if getattr(each, "stream", None) is not stream]
    assert SECRET not in stream.getvalue()
    assert "hello ***!" in stream.getvalue()
