"""Log lines: readable on a terminal, JSON elsewhere, and never with a credential."""

import io
import json
import logging
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation import log
from federation.log import conceal, masked, setup

SECRET = "S3cr3t-Wert"


@pytest.fixture(autouse=True)
def restored():
    root, ours = logging.getLogger(), log.log
    before = (root.level, list(root.handlers), ours.level)
    yield
    root.setLevel(before[0])
    root.handlers[:] = before[1]
    ours.setLevel(before[2])


def logged(json_lines: bool, verbose: int = 2) -> tuple[logging.Logger, io.StringIO]:
    stream = io.StringIO()
    setup(json_lines, verbose, stream)
    return log.log, stream


@pytest.mark.parametrize(
    "text",
    [
        f"GET https://user:{SECRET}@stadt.example/a", f"https://{SECRET}@stadt.example/", f"ftp://a:b@{SECRET}@stadt.example/x",
        f"GET https://x.example/a?token={SECRET}&page=2", f"https://x/?apikey={SECRET}", f"?api_key={SECRET}",
        f"?access_token={SECRET};b=1",
        f"?password={SECRET}", f"?sig={SECRET}", f"Authorization: {SECRET}", f"authorization: Bearer {SECRET}",
        f"Authorization: Basic {SECRET}=", f"X-CKAN-API-Key: {SECRET}", f"{{'Authorization': '{SECRET}'}}",
        f'{{"apikey": "{SECRET}", "page": 2}}',
        f"('authorization', '{SECRET}')",
        f"Cookie: a=1; session={SECRET}", f"Set-Cookie: s={SECRET}; Path=/", f"sent Bearer {SECRET} along", f"client_secret={SECRET}",
        f'{{"token":"with \\" quote {SECRET}"}}', f"TOKEN={SECRET}", f"Passwort={SECRET}",
    ],
)  # fmt: skip
def test_credentials_are_masked_in_every_shape(text):
    assert SECRET not in masked(text)
    assert "***" in masked(text)
    assert masked(masked(text)) == masked(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://stadt.example/dataset?q=a&page=2", "opendata@stadt.example antwortet nicht", "mailto:opendata@stadt.example",
        "12 datasets, 3 held",
        "https://stadt.example/@profil", "Schlüssel=5", "monkey=5", "https://x/?format=json&design=2", "https://x/a?keyword=Wald",
        "the basic fact",
    ],
)  # fmt: skip
def test_what_is_no_credential_stays(text):
    assert masked(text) == text


def test_what_was_read_from_the_environment_is_masked_wherever_it_stands():
    conceal("geheimes-wort")
    conceal("kurz")
    assert masked("https://x/geheimes-wort/kurz") == "https://x/***/kurz"


def test_json_lines_carry_message_and_facts():
    ours, stream = logged(True)
    ours.info("run ended %s", "well", extra={"source": "stadt", "seconds": 1.5, "url": f"https://a:{SECRET}@x/", "apikey": SECRET})
    try:
        raise ValueError(f"token={SECRET}")
    except ValueError:
        ours.exception("failed")
    first, second = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert (first["level"], first["message"], first["source"], first["seconds"]) == ("info", "run ended well", "stadt", 1.5)
    assert first["time"].endswith("Z")
    assert "ValueError" in second["exception"]
    assert SECRET not in stream.getvalue()


def test_a_terminal_gets_one_plain_line():
    ours, stream = logged(False)
    ours.warning("held", extra={"source": "stadt", "apikey": SECRET})
    assert stream.getvalue().rstrip().endswith("warning held (source=stadt apikey=***)")


@pytest.mark.parametrize(("verbose", "levels"), [(0, ["warning"]), (1, ["info", "warning"]), (2, ["debug", "info", "warning"]),
(9, ["debug", "info", "warning"])])
def test_verbosity_says_what_is_shown(verbose, levels):
    ours, stream = logged(True, verbose)
    ours.debug("a")
    ours.info("b")
    ours.getChild("sync").warning("c")
    for name in ("httpx", "httpcore.connection", "apscheduler"):
        logging.getLogger(name).info("GET https://x/?token=1")
    assert [json.loads(line)["level"] for line in stream.getvalue().splitlines()] == levels


def test_setting_up_twice_writes_once():
    logged(True)
    ours, stream = logged(True)
    ours.info("once")
    assert stream.getvalue().count("\n") == 1


@given(st.text(max_size=200))
def test_masking_never_fails(text):
    assert masked(masked(text)) == masked(text)


@pytest.mark.parametrize("text", ["@" * 50_000, "://" + "a@" * 20_000, "token=" * 20_000, '"token":"' * 5_000, "auth" * 20_000])
def test_masking_takes_no_time(text):
    began = time.process_time()
    masked(text)
    assert time.process_time() - began < 1
