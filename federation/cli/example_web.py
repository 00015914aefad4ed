"""The web servers of the example region: one server on loopback that answers for every example host, asked as an HTTP proxy.

A folder named after a host holds what that host answers: files by their path (`catalog.rdf?page=2` is the file `catalog.page-2.rdf`), or
`ckan.json` with the packages of a CKAN, which is answered through CKAN's Action API. Files are read anew at each request, so that
whoever edits one sees it at the next sync. For browsers, http://127.0.0.1:PORT/HOST/PATH gives the same answers.
"""

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import parse_qs, unquote, urlsplit

Json: TypeAlias = Any
Query: TypeAlias = Mapping[str, list[str]]
Reply: TypeAlias = tuple[int, str, bytes]

ACTIONS = "/api/3/action/"
MEDIA_TYPES = {
    ".rdf": "application/rdf+xml; charset=utf-8", ".ttl": "text/turtle; charset=utf-8", ".jsonld": "application/ld+json; charset=utf-8",
}  # fmt: skip
_JSON = "application/json;charset=utf-8"
_ROWS = 10  # what CKAN gives when it is not told how many
_MOST_ROWS = 1000
_FILTER = re.compile(r'([+-]?)(\w+):(\([^)]*\)|\[[^\]]*\]|"[^"]*"|\S+)')
_WORD = re.compile(r'"([^"]*)"|([^\s()"]+)')


class ExampleWeb:
    """`with ExampleWeb(folder) as web:` answers at `web.address` until the block ends. `port` is tried first, then any free one."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = folder
        try:
            self._server = _Server(("127.0.0.1", port), _handler(folder))
        except OSError:
            self._server = _Server(("127.0.0.1", 0), _handler(folder))
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "ExampleWeb":
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="example web", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """A reader that went away is not worth a word on the terminal."""


def _handler(folder: Path) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, media_type, body = answer(folder, self.path, self.headers.get("Host", ""))
            etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            if status == 200 and self.headers.get("If-None-Match") == etag:
                status, body = 304, b""
            self.send_response_only(status)
            self.send_header("Date", formatdate(usegmt=True))
            self.send_header("Content-Type", media_type)
            if status in (200, 304):
                self.send_header("ETag", etag)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def answer(folder: Path, target: str, host_header: str) -> Reply:
    """What the host in `target` (an address, or a path together with `host_header`) answers: status, media type, body."""
    parts = urlsplit(target)
    host, path = (parts.hostname or host_header.partition(":")[0]).lower(), parts.path
    if host in ("127.0.0.1", "localhost"):
        host, _, path = path.lstrip("/").partition("/")
        path = f"/{path}"
    home = folder / host
    if not host or host.startswith(".") or "/" in host or not home.is_dir():
        return 404, "text/plain; charset=utf-8", b"Diesen Ort gibt es nicht. No such place.\n"
    query = parse_qs(parts.query, keep_blank_values=True)
    if (home / "ckan.json").is_file() and path.startswith(ACTIONS):
        return _action(home, path.removeprefix(ACTIONS), query)
    file = (home / unquote(path).lstrip("/")).resolve()
    page = query.get("page", ["1"])[0]
    if page != "1":
        file = file.with_name(f"{file.stem}.page-{page}{file.suffix}")
    if not file.is_relative_to(home.resolve()) or not file.is_file():
        return 404, "text/plain; charset=utf-8", b"404\n"
    return 200, MEDIA_TYPES.get(file.suffix, "application/octet-stream"), file.read_bytes()


# CKAN's Action API, as far as those ask who read a catalog: https://docs.ckan.org/en/2.11/api/


class _Refused(Exception):
    """CKAN's own way of saying no: status, kind, message."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status, self.error = status, {"__type": kind, "message": message}


def _action(home: Path, name: str, query: Query) -> Reply:
    data = json.loads((home / "ckan.json").read_text(encoding="utf-8"))
    action = _ACTIONS.get(name)
    if action is None:
        return 400, _JSON, json.dumps(f"Bad request - Action name not known: {name}").encode()
    envelope: dict[str, Json] = {"help": f"{data['site']['site_url']}{ACTIONS}help_show?name={name}"}
    try:
        envelope |= {"success": True, "result": action(data, query)}
        status = 200
    except _Refused as error:
        envelope |= {"success": False, "error": error.error}
        status = error.status
    return status, _JSON, json.dumps(envelope, ensure_ascii=False).encode()


def _status_show(data: Json, query: Query) -> Json:
    return data["site"]


def _public(data: Json) -> Iterator[Json]:
    yield from (each for each in data["packages"] if each["state"] == "active" and not each["private"])


def _package_list(data: Json, query: Query) -> Json:
    names = sorted(each["name"] for each in _public(data))
    start = int(query.get("offset", ["0"])[0])
    return names[start : start + int(query.get("limit", [str(len(names))])[0])]


def _package_show(data: Json, query: Query) -> Json:
    wanted = query.get("id", [""])[0]
    for each in data["packages"]:
        if wanted in (each["id"], each["name"]) and each["state"] != "deleted":
            if each["private"] or each["state"] != "active":
                raise _Refused(403, "Authorization Error", f"Access denied: User  not authorized to read package {each['id']}")
            return each
    raise _Refused(404, "Not Found Error", "Not found")


def _organizations(data: Json) -> dict[str, Json]:
    return {each["organization"]["name"]: each["organization"] for each in _public(data)}


def _organization_list(data: Json, query: Query) -> Json:
    found = _organizations(data)
    return [found[name] if query.get("all_fields") else name for name in sorted(found)]


def _organization_show(data: Json, query: Query) -> Json:
    wanted = query.get("id", [""])[0]
    for name, each in _organizations(data).items():
        if wanted in (name, each["id"]):
            return each
    raise _Refused(404, "Not Found Error", "Not found")


def _package_search(data: Json, query: Query) -> Json:
    known = {"q", "fq", "rows", "start", "sort", "fl", "facet", "facet.field", "facet.limit"}
    if unknown := query.keys() - known:
        raise _Refused(409, "Validation Error", f"Search Query is invalid: Invalid search parameters: {sorted(unknown)}")
    tests = [test for text in query.get("fq", []) for test in _filters(text)]
    found = [each for each in _public(data) if all(test(each) for test in tests)]
    key, _, direction = query.get("sort", ["metadata_modified desc"])[0].partition(" ")
    found.sort(key=lambda each: str(each.get(key, "")), reverse=direction == "desc")
    start, rows = int(query.get("start", ["0"])[0]), min(int(query.get("rows", [str(_ROWS)])[0]), _MOST_ROWS)
    page = found[start : start + rows]
    if fields := query.get("fl"):
        page = [{name: each[name] for name in fields if name in each} for each in page]
    return {"count": len(found), "facets": {}, "results": page, "sort": f"{key} {direction}", "search_facets": {}}


def _filters(text: str) -> Iterator[Callable[[Json], bool]]:
    """The conditions of a filter query: `+organization:("a" OR "b") -harvest_source_id:[* TO *] id:(x OR y)`."""
    for sign, field, wanted in _FILTER.findall(text):
        words = {first or second for first, second in _WORD.findall(wanted)} - {"OR"}
        anything = wanted in ("[* TO *]", "*")

        def test(package: Json, field: str = field, words: set[str] = words, anything: bool = anything, sign: str = sign) -> bool:
            indexed = _indexed(package, field)
            return (bool(indexed) if anything else not words.isdisjoint(indexed)) != (sign == "-")

        yield test


def _indexed(package: Json, field: str) -> set[str]:
    """What CKAN's index holds of one field of a package."""
    if field == "organization":
        return {package["organization"]["name"]}
    if field in ("tags", "groups"):
        return {each["name"] for each in package[field]}
    if field == "dataset_type":
        return {package["type"]}
    values = [package.get(field), *(each["value"] for each in package["extras"] if each["key"] == field)]
    return {str(value) for value in values if value}


_ACTIONS: dict[str, Callable[[Json, Query], Json]] = {
    "status_show": _status_show, "package_list": _package_list, "package_show": _package_show, "package_search": _package_search,
    "organization_list": _organization_list, "organization_show": _organization_show,
}  # fmt: skip
