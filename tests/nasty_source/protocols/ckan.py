"""The CKAN Action API: package_search in capped pages, package_show; or package_list and package_show where there is no search."""

import json
from functools import lru_cache
from typing import Any

from tests.ckan_server import Portal
from tests.nasty_source.catalog import Dataset
from tests.nasty_source.protocols import Asked, Page, View
from tests.nasty_source.wire import Reply, Request

NAME = "ckan"
CONNECTOR = "ckan"
SAYS = "CKAN Action API v3"
FORMS = {"search": "package_search", "list": "package_list and package_show only"}


def url(base: str, form: str) -> str:
    """The root of the portal."""
    return base


def asked(request: Request) -> Asked:
    """A page of package_search (counted in rows: how many it is asked for depends), or a single package."""
    if request.path.endswith("package_show"):
        return Asked(record=request.first("id"))
    return Asked(1 + int(request.first("start") or 0))


def reply(request: Request, view: View, form: str) -> Reply:
    """CKAN's own answer; a page of the listing passes the fault's hand."""
    action = request.path.rpartition("/")[2]
    portal = Portal(url=view.base, mount="/" + view.base.rpartition("/")[2], cap=view.size)
    if form == "list":
        portal.without = {"package_search"}
    shown = view.held if action == "package_show" else view.listed
    portal.packages = {str(found.get("id") or found["name"]): found for found in (dict(package(dataset)) for dataset in shown)}
    status, headers, body = portal.answer(request.path, request.query, request.headers)
    if action == "package_search" and status == 200 and request.first("rows") != "0":
        body = _spoiled(body, request, view)
    return Reply(status, headers, body)


def _spoiled(body: bytes, request: Request, view: View) -> bytes:
    answer = json.loads(body)
    result, start = answer["result"], int(request.first("start") or 0)
    number = start // view.size + 1
    listing = "id:(" not in request.first("fq")
    everything = result["results"] if not start else []
    page = Page(result["results"], number, result["count"], number + 1, everything or list(map(dict, map(package, view.listed))))
    if listing:
        page = view.page(page)
    return json.dumps({**answer, "result": {**result, "results": list(page.items), "count": page.total}}).encode()


@lru_cache(maxsize=4096)
def package(dataset: Dataset) -> tuple[tuple[str, Any], ...]:
    """A dataset as CKAN writes it, as items of a dict."""
    if dataset.package:
        return tuple({"state": "active", "private": False, **json.loads(dataset.package)}.items())
    return tuple({
        "id": dataset.uuid, "name": dataset.key, "title": dataset.name, "notes": dataset.text, "type": "dataset", "state": "active",
        "private": False, "license_id": "dl-de-zero-2.0", "url": f"https://stadt.example/{dataset.token}",
        "metadata_created": "2026-01-01T08:00:00.000000", "metadata_modified": f"{dataset.modified}.000000",
        "organization": {"id": "11111111-0000-4000-8000-000000000001", "name": "stadt", "title": "Stadt", "type": "organization"},
        "groups": [], "tags": [{"name": "haushalt", "display_name": "haushalt", "state": "active"}], "extras": [],
        "resources": [{"id": f"{dataset.uuid[:-4]}ffff", "name": "CSV", "format": "CSV", "url": dataset.address, "state": "active"}],
    }.items())  # fmt: skip
