"""The network door (design sections 3 and 5): real servers on loopback, real sockets, real certificates."""

import base64
import gzip
import logging
import socket
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation import __version__
from federation.harvest import pace
from federation.harvest.http import Http, Validators
from tests.loopback import Cut, Drip, Raw, Server, cached, door, in_turn, network, outcome, refused, serve, zipped


@pytest.fixture(scope="module")
def http():
    with Http(network()) as opened:
        yield opened


# --- answers


def test_an_answer_carries_body_type_charset_and_final_address(http):
    with serve({"/a": (200, {"Content-Type": 'Text/Turtle; Charset="UTF-8"', "X-One": "1"}, b"<a> <b> <c> .")}) as server:
        answer = http.get(server + "/a?page=1", source="town")
    assert (answer.status, answer.body, answer.media_type, answer.charset) == (200, b"<a> <b> <c> .", "text/turtle", "utf-8")
    assert answer.url == server + "/a?page=1"
    assert answer.headers["x-one"] == "1"
    assert not answer.not_modified


@pytest.mark.parametrize("modified", ["", "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_validators_are_sent_and_304_has_no_body(http, modified):
    with serve({"/a": cached(b"data", "text/turtle", modified)}) as server:
        first = http.get(server + "/a")
        second = http.get(server + "/a", validators=first.validators)
        third = http.get(server + "/a", validators=Validators(modified=modified) if modified else Validators('"other"'))
    assert (first.etag != "", first.modified) == (True, modified)
    assert (second.not_modified, second.body) == (True, b"")
    assert third.not_modified is bool(modified)


def test_304_to_a_question_without_validators_is_an_error(http):
    with serve({"/a": (304, {}, b"")}) as server:
        assert refused(http.get, server + "/a").code == "http-status"


def test_user_agent_names_the_product_and_the_contact():
    with serve({"/a": b"x"}) as server, door(user_agent_contact="opendata@region.example") as http:
        http.get(server + "/a", accept="text/turtle", headers={"X-Api-Key": "k"})
        headers = server.seen[0].headers
    assert headers["user-agent"] == f"open-data-federation/{__version__} (+opendata@region.example)"
    assert (headers["accept"], headers["x-api-key"], headers["accept-encoding"]) == ("text/turtle", "k", "gzip, deflate")


def test_cookies_are_not_kept(http):
    with serve({"/a": (200, {"Set-Cookie": "session=1; Path=/"}, b"x")}) as server:
        http.get(server + "/a")
        http.get(server + "/a")
        assert "cookie" not in server.seen[1].headers


def test_post_sends_json_forms_and_bytes(http):
    with serve({"/p": lambda request: request.body + request.headers.get("content-type", "").encode()}) as server:
        assert http.post(server + "/p", json={"q": "ä"}).body == '{"q":"ä"}application/json'.encode()
        assert http.post(server + "/p", data={"q": "a b"}).body == b"q=a+bapplication/x-www-form-urlencoded"
        assert http.post(server + "/p", data=b"<x/>", headers={"Content-Type": "text/xml"}).body == b"<x/>text/xml"


def test_head_has_status_and_headers_only(http):
    with serve({"/a": (200, {"Content-Length": "5000000000", "Content-Encoding": "gzip"}, b"")}) as server:
        assert http.head(server + "/a").headers["content-length"] == "5000000000"
        assert http.head(server + "/b", any_status=True).status == 404
        assert refused(http.head, server + "/b").code == "http-not-found"


# --- packed answers


def deflated(body: bytes, bits: int) -> bytes:
    stream = zlib.compressobj(wbits=bits)
    return stream.compress(body) + stream.flush()


@pytest.mark.parametrize(
    ("coding", "wire"),
    [
        ("gzip", gzip.compress(b"data" * 50)), ("x-gzip", gzip.compress(b"data" * 50)), ("identity", b"data" * 50), ("gzip", b"data" * 50),
        ("gzip", gzip.compress(b"data" * 20) + gzip.compress(b"data" * 30)), ("gzip", gzip.compress(b"data" * 50) + b"\0\0"),
        ("deflate", deflated(b"data" * 50, 15)), ("deflate", deflated(b"data" * 50, -15)),
    ],
)  # fmt: skip
def test_packed_answers_are_unpacked_also_where_the_server_is_wrong_about_them(http, coding, wire):
    with serve({"/a": (200, {"Content-Encoding": coding}, wire), "/slow": (200, {"Content-Encoding": coding}, Drip(wire, 0))}) as server:
        assert http.get(server + "/a").body == b"data" * 50
        assert http.get(server + "/slow").body == b"data" * 50


def test_an_unknown_coding_and_damaged_gzip_are_said():
    with serve(
        {"/br": (200, {"Content-Encoding": "br"}, b"x"), "/bad": (200, {"Content-Encoding": "gzip"}, b"\x1f\x8b" + b"?" * 90)}
    ) as server, door(retries=2) as http:
        assert refused(http.get, server + "/br").value == "br"
        assert refused(http.get, server + "/bad").code == "http-encoding"
        assert server.count("/bad") == 1


def test_a_gzip_bomb_is_stopped_at_the_limit():
    bomb = gzip.compress(gzip.compress(bytes(60_000_000), 9), 9)
    once = gzip.decompress(bomb)
    with serve({"/bomb": (200, {"Content-Encoding": "gzip"}, once)}) as server, door(max_bytes=1_000_000) as http:
        began = time.perf_counter()
        error = refused(http.get, server + "/bomb")
        assert (error.code, error.params["limit"]) == ("http-too-large", "0.9537 MiB")
        assert time.perf_counter() - began < 1.0


def test_sizes_are_limited_on_the_wire_and_after_unpacking():
    with serve({"/a": b"x" * 3000, "/z": zipped(b"x" * 3000), "/c": (200, {}, Cut(b"x" * 3000, 3000, chunked=True))}) as server:
        with door(max_bytes=2000) as http:
            assert [refused(http.get, server + path).code for path in ("/a", "/z", "/c")] == ["http-too-large"] * 3
        with door(max_wire_bytes=2000) as http:
            assert refused(http.get, server + "/a").code == "http-too-large"
            assert len(http.get(server + "/z").body) == 3000
        with door() as http:
            assert refused(http.get, server + "/a", limit=100).code == "http-too-large"
            assert http.get(server + "/a", limit=3000).body == b"x" * 3000


# --- half answers and transient failures


@pytest.mark.parametrize(
    "broken",
    [
        (200, {}, Cut(b"x" * 1000, 10)), (200, {}, Cut(b"x" * 1000, 10, chunked=True)), Raw(b""), Raw(b"HTTP/1.1 200 OK\r\nContent-Le"),
        (200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(range(256)) * 20)[:-12]),
    ],
)  # fmt: skip
def test_a_truncated_answer_is_asked_for_again_and_never_taken(broken):
    with serve({"/once": in_turn(broken, b"whole"), "/always": broken}) as server, door(retries=2) as http:
        assert http.get(server + "/once").body == b"whole"
        assert refused(http.get, server + "/always").code == "http-incomplete"
        assert server.count("/always") == 3


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
def test_transient_statuses_are_tried_again(status):
    busy = (status, {}, b"busy")
    with serve({"/a": in_turn(busy, busy, b"data"), "/b": busy}) as server, door(retries=3) as http:
        assert http.get(server + "/a").body == b"data"
        error = refused(http.get, server + "/b")
        assert error.code == {408: "http-status", 429: "http-rate-limited"}.get(status, "http-server-error")
        assert server.count("/b") == 4


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "http-status"), (401, "http-unauthorised"), (403, "http-forbidden"), (404, "http-not-found"), (409, "http-status"),
        (410, "http-gone"), (418, "http-status"), (206, "http-status"), (500, "http-server-error"), (501, "http-server-error"),
        (300, "http-status"),
    ],
)  # fmt: skip
def test_lasting_statuses_are_said_at_once(status, code):
    with serve({"/a": (status, {}, b"<html><title>Wartung &amp; mehr</title>")}) as server, door(retries=3) as http:
        error = refused(http.get, server + "/a", source="town")
        assert (error.code, error.source, error.url) == (code, "town", server + "/a")
        assert error.params["status"] == str(status)
        assert "Wartung" in error.text("de")
        assert server.count() == 1


def test_waits_between_attempts_are_full_jitter_and_grow():
    with serve({"/a": (502, {}, b"")}) as server, door(retries=8) as http:
        for _ in range(5):
            refused(http.get, server + "/a")
        waits = [http.waits[start::8] for start in range(8)]
    for number, of_attempt in enumerate(waits):
        assert all(0 <= wait <= min(30, 0.5 * 2**number) for wait in of_attempt)
    assert len(set(waits[3])) == 5
    assert max(waits[7]) > 4


@pytest.mark.parametrize("value", ["7", " 7 ", ""])
def test_retry_after_is_obeyed(value):
    value = value or formatdate(time.time() + 7, usegmt=True)
    with serve({"/a": in_turn((503, {"Retry-After": value}, b""), b"data")}) as server, door(retries=1) as http:
        assert http.get(server + "/a").body == b"data"
        assert 5 <= http.waits[0] <= 7.5


@pytest.mark.parametrize("value", ["3600", ""])
def test_a_long_retry_after_ends_the_run_and_says_how_long(value):
    value = value or formatdate(time.time() + 3600, usegmt=True)
    with serve({"/a": (429, {"Retry-After": value}, b"")}) as server, door(retries=4) as http:
        error = refused(http.get, server + "/a")
        assert (error.code, error.params["minutes"]) == ("http-retry-later", "60")
        assert (server.count(), http.waits) == (1, [])


@pytest.mark.parametrize("value", ["", "soon", "-5", "Wed, 99 Foo 2015"])
def test_an_unreadable_retry_after_is_no_wait_of_its_own(value):
    with serve({"/a": in_turn((503, {"Retry-After": value}, b""), b"data")}) as server, door(retries=1) as http:
        assert http.get(server + "/a").body == b"data"
        assert http.waits[0] <= 0.5


def test_retry_after_holds_for_every_thread():
    times = []

    def route(_):
        times.append(time.monotonic())
        return (429, {"Retry-After": "1"}, b"") if len(times) == 1 else b"data"

    with serve(route) as server, Http(network(retries=1)) as http, ThreadPoolExecutor(2) as threads:
        first = threads.submit(http.get, server + "/a")
        time.sleep(0.2)
        second = threads.submit(http.get, server + "/b")
        assert first.result().body == second.result().body == b"data"
    assert times[1] - times[0] >= 0.9


def test_what_must_not_happen_twice_is_repeated_only_where_it_did_not_happen():
    with serve(
        {"/502": (502, {}, b""), "/cut": Raw(b""), "/503": in_turn((503, {}, b""), b"ok"), "/429": in_turn((429, {}, b""), b"ok")}
    ) as server, door(retries=3) as http:
        assert refused(http.post, server + "/502", json={}, repeat=False).code == "http-server-error"
        assert refused(http.post, server + "/cut", json={}, repeat=False).code == "http-incomplete"
        assert http.post(server + "/503", json={}, repeat=False).body == b"ok"
        assert http.post(server + "/429", json={}, repeat=False).body == b"ok"
        assert (server.count("/502"), server.count("/cut")) == (1, 1)


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_a_server_that_is_down_is_tried_again_and_named():
    with door(retries=2) as http:
        error = refused(http.get, f"http://127.0.0.1:{closed_port()}/x?token=secret-token")
        assert (error.code, len(http.waits)) == ("http-connect", 2)
        assert "refused" in error.params["reason"]
        assert "secret-token" not in error.text("de")


# --- slow servers


def test_a_silent_server_ends_by_the_read_timeout():
    with serve({"/a": lambda _: time.sleep(2) or b"late"}) as server, door(read_timeout=0.2) as http:
        began = time.perf_counter()
        error = refused(http.get, server + "/a")
        assert (error.code, error.params["seconds"]) == ("http-timeout", "0.2")
        assert time.perf_counter() - began < 1


def test_a_dripping_body_ends_by_the_total_timeout():
    with serve({"/a": (200, {}, Drip(b"x" * 100, 0.05))}) as server, door(read_timeout=0.3, total_timeout=0.6, retries=3) as http:
        began = time.perf_counter()
        error = refused(http.get, server + "/a")
        assert (error.code, error.params["seconds"]) == ("http-timeout", "0.6")
        assert time.perf_counter() - began < 1.2


def test_dripping_headers_end_by_the_total_timeout():
    def drip(listener):
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            for byte in b"HTTP/1.1 200 OK\r\nX-Very-Long: " + b"x" * 1000:
                try:
                    connection.send(bytes((byte,)))
                except OSError:
                    return
                time.sleep(0.05)

    with socket.create_server(("127.0.0.1", 0)) as listener, door(read_timeout=0.3, total_timeout=0.6) as http:
        threading.Thread(target=drip, args=(listener,), daemon=True).start()
        began = time.perf_counter()
        assert refused(http.get, f"http://127.0.0.1:{listener.getsockname()[1]}/").code == "http-timeout"
        assert time.perf_counter() - began < 1.2


def test_retries_end_by_the_total_timeout():
    with serve({"/a": (503, {"Retry-After": "2"}, b"")}) as server, door(retries=9, total_timeout=1.0) as http:
        assert refused(http.get, server + "/a").code == "http-server-error"
        assert server.count() == 1


def test_closing_the_door_ends_what_is_under_way_in_other_threads():
    with serve({"/slow": lambda _: time.sleep(5) or b"late", "/busy": (503, {"Retry-After": "60"}, b"")}) as server:
        http = Http(network(retries=3, per_host=1))
        with ThreadPoolExecutor(3) as threads:
            calls = [threads.submit(http.get, server + path) for path in ("/slow", "/busy", "/slow")]
            time.sleep(0.3)
            began = time.perf_counter()
            http.close()
            assert {refused(call.result).code for call in calls} == {"http-stopped"}
            assert time.perf_counter() - began < 2
        assert refused(http.get, server + "/slow").code == "http-stopped"


# --- redirects


def to(target: str, status: int = 302):
    return status, {"Location": target}, b"moved"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_to_the_final_address(http, status):
    with serve({"/old/a": to("../new?x=1", status), "/new": b"data"}) as server:
        answer = http.get(server + "/old/a")
        assert (answer.body, answer.url) == (b"data", server + "/new?x=1")
        assert http.head(server + "/old/a").status == 200


@pytest.mark.parametrize(("status", "method"), [(301, "POST"), (302, "POST"), (307, "POST"), (308, "POST"), (303, "GET")])
def test_a_redirected_post_keeps_its_data(http, status, method):
    with serve({"/old": to("/new", status), "/new": lambda request: f"{request.method} {request.body.decode()}"}) as server:
        assert http.post(server + "/old", json=[1]).body.decode().strip() == (f"{method} [1]" if method == "POST" else "GET")


def test_a_location_with_umlauts_is_followed(http):
    with serve({"/a": to("/B\xc3\xbccher"), "/b": to("/B\xfccher"), "/B%C3%BCcher": b"data"}) as server:
        assert http.get(server + "/a").body == http.get(server + "/b").body == b"data"


def test_a_redirect_circle_ends():
    with serve({"/a": to("/b"), "/b": to("/a")}) as server, door(redirects=5, retries=3) as http:
        error = refused(http.get, server + "/a")
        assert (error.code, error.params["count"], server.count()) == ("http-redirect-loop", "5", 6)


@pytest.mark.parametrize("target", ["ftp://127.0.0.1/x", "file:///etc/passwd", "gopher://x", "http://[::1", "javascript:alert(1)"])
def test_redirects_to_other_protocols_are_refused(http, target):
    with serve({"/a": to(target)}) as server:
        assert refused(http.get, server + "/a").code == "http-redirect-refused"


def test_a_redirect_into_the_own_network_is_refused():
    with serve({"/secret": b"secret"}, host="127.0.0.2") as inside, serve({"/a": to(inside + "/secret")}) as outside:
        with door(allow=["127.0.0.1/32"]) as http:
            error = refused(http.get, outside + "/a")
            assert (error.code, error.params["address"], error.params["kind"]) == ("http-address-refused", "127.0.0.2", "loopback")
        assert inside.count() == 0


def test_credentials_do_not_follow_to_another_host(http):
    def echo(request):
        return request.headers.get("authorization", "none")

    with (
        serve({"/other": echo}, host="127.0.0.2") as other,
        serve({"/same": to("/echo"), "/echo": echo, "/away": to(other + "/other")}) as server,
    ):
        headers = {"Authorization": "key-1234"}
        assert http.get(server + "/same", headers=headers).body == b"key-1234"
        assert http.get(server + "/away", headers=headers).body == b"none"
        assert http.get((server + "/away").replace("http://", "http://user:pass@")).body == b"none"


# --- credentials


def test_user_and_password_become_a_header_and_never_a_text(caplog):
    caplog.set_level(logging.DEBUG)
    with serve({"/a": lambda request: request.headers["authorization"], "/b": (503, {}, b"")}) as server, door(retries=1) as http:
        url = server.url.replace("http://", "http://user:geheim%21@")
        answer = http.get(url + "/a")
        assert base64.b64decode(answer.body.split()[1]) == b"user:geheim!"
        assert answer.url == server + "/a"
        error = refused(http.get, url + "/b?apikey=abc123&x=1")
        assert error.url == server + "/b?apikey=***&x=1"
    assert "geheim" not in caplog.text
    assert "abc123" not in "".join(
        record.getMessage() + str(vars(record)) for record in caplog.records if record.name.startswith("federation")
    )


# --- politeness


def test_one_host_gets_at_most_two_requests_at_once():
    with serve(lambda _: time.sleep(0.05) or b"x") as server, Http(network()) as http, ThreadPoolExecutor(8) as threads:
        assert all(answer.body == b"x" for answer in threads.map(http.get, [server + f"/{n}" for n in range(16)]))
        assert server.busiest == 2


def test_two_hosts_do_not_wait_for_each_other():
    with (
        serve(lambda _: time.sleep(0.1) or b"x") as one,
        serve(lambda _: time.sleep(0.1) or b"x") as two,
        Http(network(per_host=1)) as http,
    ):
        began = time.perf_counter()
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(http.get, [one + "/1", two + "/1", one + "/2", two + "/2"]))
        assert time.perf_counter() - began < 0.36


def test_starts_to_one_host_are_an_interval_apart():
    with serve(lambda _: b"x") as server, Http(network(min_interval=0.1, per_host=4)) as http, ThreadPoolExecutor(4) as threads:
        list(threads.map(http.get, [server + f"/{n}" for n in range(5)]))
        assert all(later - earlier > 0.08 for earlier, later in pairwise(sorted(server.times)))


def test_the_wait_for_a_turn_is_not_counted_as_slowness():
    settings = network(per_host=1, total_timeout=0.8)
    with serve(lambda _: time.sleep(0.3) or b"x") as server, Http(settings) as http, ThreadPoolExecutor(4) as threads:
        assert [answer.status for answer in threads.map(http.get, [server + f"/{n}" for n in range(4)])] == [200] * 4


def test_a_small_request_costs_less_than_a_three_hundredth_of_a_second(http):
    with serve({"/a": (200, {"Content-Type": "application/json"}, b"{}")}) as server:
        http.get(server + "/a")
        began = time.thread_time()
        for _ in range(300):
            http.get(server + "/a")
        assert 300 / (time.thread_time() - began) > 300


@given(st.integers(0, 40))
def test_backoff_stays_in_its_bounds(attempt):
    assert 0 <= pace.backoff(attempt) <= 30


# --- laws


@pytest.fixture(scope="module")
def echo():
    with serve(lambda _: echo_reply[0]) as server:
        yield server


echo_reply: list = [Raw()]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=200), st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b"])
)
def test_whatever_a_server_sends_ends_as_an_answer_or_a_source_error(echo: Server, data, start):
    echo_reply[0] = Raw(start + data)
    with Http(network(read_timeout=0.5, total_timeout=2)) as http:
        outcome(http.get, echo + "/a")
