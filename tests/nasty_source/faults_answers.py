"""Faults of the answer as a whole: statuses, pages for people, redirects, validators."""

from email.utils import formatdate
from time import time
from urllib.parse import urlencode

from tests.nasty_source.faults import Instead, Moment, add
from tests.nasty_source.wire import Reply

HTML = {"Content-Type": "text/html; charset=utf-8"}
_PAGE = "<!doctype html><html><head><title>{}</title></head><body><h1>{}</h1></body></html>"
CLOSED = "http://127.0.0.1:1"


def page_for_people(title: str, status: int = 200) -> Reply:
    """An HTML page."""
    return Reply(status, dict(HTML), _PAGE.format(title, title).encode())


def _always(reply: Reply) -> Instead:
    return lambda moment: Reply(reply.status, dict(reply.headers), reply.body)


def _first(reply: Reply) -> Instead:
    """Only the first time that an address is asked for."""
    return lambda moment: Reply(reply.status, dict(reply.headers), reply.body) if moment.turn == 1 else None


def _once(reply: Reply) -> Instead:
    """Only the first request of all."""
    return lambda moment: Reply(reply.status, dict(reply.headers), reply.body) if len(moment.scene.served) == 1 else None


def _to(target: str, status: int = 302) -> Instead:
    return _always(Reply(status, {"Location": target}))


def _in_circles(moment: Moment) -> Reply:
    turn = int(moment.request.first("turn", "0")) + 1
    return Reply(302, {"Location": f"{moment.request.path}?turn={turn % 3}"})


def _to_bad_certificate(moment: Moment) -> Reply:
    return Reply(301, {"Location": moment.scene.server.elsewhere["bad-certificate"] + moment.request.path})


def _moved(moment: Moment) -> Reply | None:
    if moment.request.headers.get("host", "").startswith("localhost"):
        return None
    query = urlencode(moment.request.query, doseq=True)
    port = moment.scene.server.url.rpartition(":")[2]
    return Reply(308, {"Location": f"http://localhost:{port}{moment.request.path}" + (f"?{query}" if query else "")})


def _login(moment: Moment) -> Reply:
    if "login" in moment.request.query:
        return page_for_people("Anmeldung")
    return Reply(302, {"Location": f"{moment.request.path}?login=1"})


def _in_an_hour(moment: Moment) -> Reply:
    return Reply(429, {"Retry-After": formatdate(time() + 3600, usegmt=True)})


def _stuck(moment: Moment) -> Reply | None:
    return Reply(304, {"ETag": '"always"'}) if moment.request.headers.get("if-none-match") else None


def _other_etag(moment: Moment, reply: Reply) -> Reply:
    reply.headers["ETag"] = f'"{len(moment.scene.served)}"'
    return reply


def _part(moment: Moment, reply: Reply) -> Reply:
    half = len(reply.body) // 2
    return Reply(206, {**reply.headers, "Content-Range": f"bytes 0-{half - 1}/{len(reply.body)}"}, reply.body[:half])


add("html-200", "a maintenance page for people, with status 200", instead=_always(page_for_people("Wartungsarbeiten")))
add("bot-wall-200", "a JavaScript check against robots, with status 200", instead=_always(page_for_people("Just a moment...")))
add("bot-wall-403", "a wall against robots: 403 with HTML", instead=_always(page_for_people("Access denied", 403)))
add("login-redirect", "every address leads to a login page", instead=_login)
add("unauthorised-401", "wants a password", instead=_always(Reply(401, {"WWW-Authenticate": "Basic realm=x"})))
add("not-found-404", "knows the address no more", instead=_always(page_for_people("Seite nicht gefunden", 404)))
add("gone-410", "says that the address is gone for good", instead=_always(Reply(410)))
add("rate-limited", "429 for ever, without a Retry-After", instead=_always(Reply(429)))
add("rate-limited-once", "429 with Retry-After of one second, then well", instead=_once(Reply(429, {"Retry-After": "1"})))
add("rate-limited-an-hour", "429 with a Retry-After that is a date in an hour", instead=_in_an_hour)
add("server-error-500", "an error of its own", instead=_always(page_for_people("Internal Server Error", 500)))
add("storm-502", "502 for ever: the proxy lives, the application does not", instead=_always(page_for_people("Bad Gateway", 502)))
add("storm-503", "503 for ever", instead=_always(Reply(503)))
add("storm-passes", "503 at the first request of each address, then well", instead=_first(Reply(503)))
add("maintenance-a-day", "503 with a Retry-After of a day", instead=_always(Reply(503, {"Retry-After": "86400"})))
add("teapot-418", "a status that nobody expects", instead=_always(Reply(418)))
add("no-content-204", "success without content", instead=_always(Reply(204)))
add("partial-206", "half of the answer, as a partial one that nobody asked for", after=_part)
add("not-modified-unasked", "304 though nobody asked for changes", instead=lambda moment: Reply(304))
add("etag-stuck", "always 304, though the content changes", instead=_stuck, protocols=("dcat",))
add("etag-random", "another ETag with each answer, though the content does not change", after=_other_etag, protocols=("dcat",))
add("redirect-moved", "every address moved for good, to one that works", instead=_moved)
add("redirect-loop", "redirects in circles", instead=_in_circles)
add("redirect-private", "redirects into a private network", instead=_to("http://10.0.0.1/catalog"))
add("redirect-mapped", "redirects into a private network by an IPv4-mapped address", instead=_to("http://[::ffff:10.0.0.1]/catalog"))
add("redirect-nat64", "redirects to the loopback address by NAT64", instead=_to("http://[64:ff9b::a00:1]/catalog"))
add("redirect-metadata", "redirects to a cloud's metadata service", instead=_to("http://169.254.169.254/latest/meta-data"))
add("redirect-file", "redirects to a local file", instead=_to("file:///etc/passwd"))
add("redirect-nonsense", "redirects to what is no address", instead=_to("http://[oops"))
add("redirect-empty", "a redirect without a target", instead=_always(Reply(302)))
add("dns-failure", "redirects to a name that does not exist", instead=_to("http://portal.invalid/catalog"))
add("connection-refused", "redirects to where nobody listens", instead=_to(CLOSED))
add("bad-certificate", "moved to https with a certificate that nobody signed", instead=_to_bad_certificate)
