"""A CKAN Action API on loopback for tests: `with ckan(packages) as portal: ... portal.url`; it can be edited while it runs.

It answers as CKAN 2.10 and later does (envelope, errors, Solr's form of dates in `fl`, 409 for parameters that it does not know,
private and deleted packages kept from anonymous readers) for package_search, package_list, package_show, organization_show,
organization_list, group_show, group_list and status_show. `portal.trick` misbehaves by script: it sees each request first and may
answer itself or change the portal in between. Of Solr's query language it knows what connectors use; else it is a search error.
"""

import copy
import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

Package: TypeAlias = dict[str, Any]
Answer: TypeAlias = tuple[int, dict[str, str], bytes]
Trick: TypeAlias = Callable[[str, dict[str, list[str]]], "Answer | None"]

_SEARCH = frozenset((
    "q", "fq", "fl", "sort", "rows", "start", "facet", "facet.field", "facet.limit", "facet.mincount", "qf", "include_private",
    "include_drafts", "use_default_schema", "extras",
))  # fmt: skip
_SORTABLE = frozenset(("id", "name", "title_string", "metadata_modified", "metadata_created", "score"))
_CLAUSE = re.compile(r'\s*([+-]?)([\w.\-]+):(\((?:[^()"]|"(?:\\.|[^"\\])*")*\)|\[[^\]]*\]|"(?:\\.|[^"\\])*"|[^\s()]+)')
_TERM = re.compile(r'"((?:\\.|[^"\\])*)"|([^\s"()]+)')
HTML = {"Content-Type": "text/html; charset=utf-8"}


class Refused(Exception):
    """An error in CKAN's own words."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status, self.kind, self.message = status, kind, message


@dataclass
class Portal:
    """The running CKAN. `cap` is the most rows it gives, `without` the actions that it does not have, `fields` whether it knows `fl`
    ("ignored": it takes it and gives whole packages), `stale` how many packages its index counts but cannot give, `etags` whether it
    gives validators and answers 304.
    """

    url: str = ""
    packages: dict[str, Package] = field(default_factory=dict)
    title: str = "Daten der Stadt"
    cap: int = 1000
    without: set[str] = field(default_factory=set)
    fields: bool | str = True
    stale: int = 0
    paged_list: bool = True
    key: str = ""
    etags: bool = False
    mount: str = ""
    trick: Trick | None = None
    requests: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)
    _changes: int = 0

    def add(self, *packages: Package) -> None:
        """New packages, or new versions of them."""
        for package in packages:
            known = copy.deepcopy(package)
            known.setdefault("state", "active")
            known.setdefault("private", False)
            self.packages[str(known.get("id") or known["name"])] = known

    def change(self, name: str, **fields: Any) -> None:
        """New values for some fields of a package; metadata_modified moves on unless it is given."""
        package = self.packages[name]
        self._changes += 1
        package.update({"metadata_modified": f"2027-01-01T00:00:00.{self._changes:03d}456", **fields})

    def count(self, action: str = "") -> int:
        """How many requests there were, all or for one action."""
        return sum(1 for name, _ in self.requests if not action or name == action)

    def forget(self) -> None:
        """Starts counting anew."""
        self.requests.clear()
        self.headers.clear()
        self.answered.clear()

    # what CKAN answers

    def answer(self, path: str, query: dict[str, list[str]], headers: Mapping[str, str]) -> Answer:
        """The answer to GET."""
        found = re.fullmatch(re.escape(self.mount) + r"/api/(?:3/)?action/(\w+)", path)
        if not found:
            return 404, HTML, b"<!doctype html><html><title>404</title><body>not here</body></html>"
        action = found[1]
        self.requests.append((action, query))
        self.headers.append(dict(headers))
        changed = self.trick(action, query) if self.trick else None
        if changed:
            return changed
        method = getattr(self, f"_{action}", None)
        if method is None or action in self.without:
            return _json(400, f"Bad request - Action name not known: {action}")
        try:
            return _json(200, {"help": f"{self.url}/api/3/action/help_show?name={action}", "success": True, "result": method(query)})
        except Refused as error:
            problem = {"__type": error.kind, "message": error.message}
            return _json(error.status, {"help": "", "success": False, "error": problem})

    def _package_search(self, query: dict[str, list[str]]) -> Any:
        unknown = sorted(set(query) - (_SEARCH if self.fields else _SEARCH - {"fl"}))
        if unknown:
            raise Refused(409, "Search Error", f"Search error: Invalid search parameters: {unknown}")
        found = [package for package in self._public() if _matches(package, _first(query, "fq"))]
        sort = _first(query, "sort")
        if sort:
            key, _, direction = sort.partition(",")[0].partition(" ")
            if key not in _SORTABLE:
                raise Refused(409, "Search Error", f"Search error: sort field {key}")
            found.sort(key=lambda package: str(package.get(key) or ""), reverse=direction == "desc")
        start, rows = int(_first(query, "start") or 0), min(int(_first(query, "rows") or 10), self.cap)
        page = found[start : start + rows]
        names = [name for value in query.get("fl", ()) for name in re.split(r"[,\s]+", value)] if self.fields is True else []
        results = [{name: _stored(package, name) for name in names if package.get(name)} for package in page] if names else page
        facets = json.loads(_first(query, "facet.field") or "[]")
        return {
            "count": len(found) + self.stale, "sort": sort, "facets": {}, "results": results,
            "search_facets": {name: {"title": name, "items": _facet(found, name)} for name in facets},
        }  # fmt: skip

    def _package_list(self, query: dict[str, list[str]]) -> list[str]:
        names = sorted(str(package.get("name") or package["id"]) for package in self._public())
        if not self.paged_list or not _first(query, "limit"):
            return names
        start = int(_first(query, "offset") or 0)
        return names[start : start + int(_first(query, "limit"))]

    def _package_show(self, query: dict[str, list[str]]) -> Package:
        name = _first(query, "id")
        package = self.packages.get(name) or next((each for each in self.packages.values() if each.get("name") == name), None)
        if package is None:
            raise Refused(404, "Not Found Error", "Not found")
        if package["state"] != "active" or package["private"]:
            raise Refused(403, "Authorization Error", f"Access denied: User not authorized to read package {name}")
        return package

    def _organization_show(self, query: dict[str, list[str]]) -> Any:
        return self._thing(query, [package.get("organization") for package in self.packages.values()])

    def _group_show(self, query: dict[str, list[str]]) -> Any:
        return self._thing(query, [group for package in self.packages.values() for group in package.get("groups") or ()])

    def _thing(self, query: dict[str, list[str]], things: Iterable[Any]) -> Any:
        name = _first(query, "id")
        for thing in things:
            if isinstance(thing, dict) and name in (thing.get("id"), thing.get("name")):
                return thing
        raise Refused(404, "Not Found Error", "Not found")

    def _organization_list(self, query: dict[str, list[str]]) -> list[str]:
        return sorted({package["organization"]["name"] for package in self._public() if package.get("organization")})

    def _group_list(self, query: dict[str, list[str]]) -> list[str]:
        return sorted({group["name"] for package in self._public() for group in package.get("groups") or ()})

    def _status_show(self, query: dict[str, list[str]]) -> Any:
        return {"ckan_version": "2.11.0", "site_title": self.title, "site_url": self.url, "extensions": []}

    def _public(self) -> list[Package]:
        return [package for package in self.packages.values() if package["state"] == "active" and not package["private"]]


def _first(query: dict[str, list[str]], name: str) -> str:
    return query.get(name, [""])[0]


def _json(status: int, content: Any) -> Answer:
    return status, {"Content-Type": "application/json;charset=utf-8"}, json.dumps(content).encode()


def _stored(package: Package, name: str) -> Any:
    """A field as Solr gives it back: dates in milliseconds, with a Z."""
    value = package[name]
    if name == "metadata_modified":
        whole, _, fraction = str(value).partition(".")
        return f"{whole}.{fraction[:3]}".rstrip("0").rstrip(".") + "Z"
    return value


def _facet(packages: list[Package], name: str) -> list[dict[str, Any]]:
    titles: dict[str, Any] = {}
    for package in packages:
        for thing in [package.get("organization")] if name == "organization" else package.get(name) or ():
            if isinstance(thing, dict):
                titles[thing["name"]] = thing.get("title") or thing.get("display_name") or thing["name"]
    return [{"name": key, "display_name": title, "count": 1} for key, title in titles.items()]


def _indexed(package: Package, name: str) -> list[str]:
    """What the search index holds under a field."""
    if name == "organization":
        return [package["organization"]["name"]] if package.get("organization") else []
    if name in ("groups", "tags"):
        return [thing["name"] if isinstance(thing, dict) else thing for thing in package.get(name) or ()]
    if name == "dataset_type":
        return [package.get("type") or "dataset"]
    for extra in package.get("extras") or ():
        if isinstance(extra, dict) and extra.get("key") == name.removeprefix("extras_"):
            return [str(extra["value"])]
    return [str(package[name])] if package.get(name) not in (None, "") else []


def _matches(package: Package, query: str) -> bool:
    rest = query.strip()
    while rest:
        grouped = re.match(r"\s*\+?\(([^()]*:[^()]*)\)", rest)
        if grouped:
            if not any(_matches(package, part) for part in grouped[1].split(" OR ")):
                return False
            rest = rest[grouped.end() :].strip().removeprefix("AND ").strip()
            continue
        clause = _CLAUSE.match(rest)
        if not clause:
            raise Refused(400, "Search Query Error", f"Invalid search query: {rest}")
        sign, name, wanted = clause.groups()
        if _clause(_indexed(package, name), wanted) == (sign == "-"):
            return False
        rest = rest[clause.end() :].strip().removeprefix("AND ").strip()
    return True


def _clause(values: list[str], wanted: str) -> bool:
    if wanted[0] == "[":
        low, _, high = wanted[1:-1].partition(" TO ")
        return any((low == "*" or value >= low) and (high == "*" or value <= high) for value in values)
    terms = [found[1].replace('\\"', '"') if found[1] is not None else found[2] for found in _TERM.finditer(wanted)]
    return any(term in values or term == "*" for term in terms if term != "OR")


@contextmanager
def ckan(packages: Iterable[Package] = (), **settings: Any) -> Iterator[Portal]:
    """A CKAN with these packages on a free port for the time of the block; `settings` are fields of Portal."""
    portal = Portal(**settings)
    portal.add(*packages)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = parse_qs(parts.query, keep_blank_values=True)
            status, headers, body = portal.answer(parts.path, query, {name.lower(): value for name, value in self.headers.items()})
            if portal.key and self.headers.get("Authorization") != portal.key:
                problem = {"__type": "Authorization Error", "message": "Access denied: not logged in"}
                status, headers, body = _json(403, {"success": False, "error": problem})
            if portal.etags and status == 200:
                headers = {**headers, "ETag": f'"{hashlib.sha256(body).hexdigest()[:20]}"'}
                if self.headers.get("If-None-Match") == headers["ETag"]:
                    status, body = 304, b""
                portal.answered.append(status)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    portal.url = f"http://127.0.0.1:{server.server_port}{portal.mount}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield portal
    finally:
        server.shutdown()
        server.server_close()


def package(number: int, **fields: Any) -> Package:
    """A package as CKAN answers it, for tests that need many: number 7 is dataset "d0007" with one CSV file."""
    name = f"d{number:04d}"
    made: Package = {
        "id": f"00000000-0000-4000-8000-{number:012d}", "name": name, "title": f"Datensatz {number}", "notes": "Beschreibung.",
        "type": "dataset", "state": "active", "private": False, "license_id": "dl-de-zero-2.0", "owner_org": "stadt",
        "metadata_created": "2026-01-01T08:00:00.000000", "metadata_modified": f"2026-02-01T08:00:00.{number % 1_000_000:06d}",
        "organization": {"id": "11111111-0000-4000-8000-000000000001", "name": "stadt", "title": "Stadt", "type": "organization"},
        "groups": [], "tags": [{"name": "haushalt", "display_name": "haushalt", "state": "active", "vocabulary_id": None}], "extras": [],
        "resources": [{
            "id": f"22222222-0000-4000-8000-{number:012d}", "name": f"{name}.csv", "format": "CSV", "url": f"https://daten.example/{name}.csv",
            "state": "active", "created": "2026-01-01T08:00:00.000000", "last_modified": None,
        }],
    }  # fmt: skip
    made.update(fields)
    return made
