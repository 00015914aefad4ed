"""CKAN: the Action API of CKAN 2 and of systems that answer like it."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import orjson

from connectors._ckan_address import chosen as chosen_address
from connectors._ckan_address import public, root_of
from connectors._ckan_fields import FILE_TECHNICAL, SERIES, TECHNICAL
from connectors._ckan_map import description, fields_of, modified_of, unmapped
from connectors._ckan_packages import CkanOptions, chosen, foreign, identifier, is_dataset, packages, withdrawn
from connectors._ckan_values import decoded
from federation.config import Source
from federation.dcat.description import Description
from federation.errors import RecordError, SourceError
from federation.finding import Finding
from federation.harvest.connector import Candidate, Connector, Gone, Listed, Record, Response, State
from federation.harvest.http import Http

_SORTED = orjson.OPT_SORT_KEYS


class Ckan(Connector[CkanOptions]):
    """CKAN 2 through its Action API v3 (https://docs.ckan.org/en/latest/api/; tried with CKAN 2.11), DKAN and others that answer like it.

    Reads package_search page by page in a stable order; from the second time on only a listing of ids and dates, and what changed in
    it; package_list and package_show where there is no search. Packages that are private, drafts or deleted are never read; those that
    the CKAN itself harvested from elsewhere only with `include_foreign`. Limits: package_search lists what its index holds, so an
    index that lags behind shows as an incomplete listing.
    """

    id = "ckan"
    title = "CKAN"
    protocol = "CKAN Action API v3"
    options = CkanOptions

    def fetch(self, source: Source, options: CkanOptions, http: Http, state: State) -> Iterator[Response | Listed | Gone]:
        """All pages, or (with stamps of an earlier run) a listing and what changed in it."""
        from connectors._ckan_api import Portal
        from connectors._ckan_fetch import Reader

        return Reader(Portal(source.url, http, source.id, state.responses), options, state).read()

    def split(self, response: Response, options: CkanOptions) -> Iterator[Record]:
        """One record for each package that is public, describes data, is chosen by the options and is this portal's own."""
        if "&fl=" in response.url:  # ids and dates only
            return
        portal = public(root_of(response.url))
        answer = decoded(response.body, response.url)
        if isinstance(answer, dict) and "result" in answer:
            answer = answer["result"]
        for package in packages(answer):
            if withdrawn(package) or not is_dataset(package) or not chosen(package, options):
                continue
            fields = fields_of(package)
            origin = foreign(fields, portal)
            if origin and not options.include_foreign:
                continue
            yield _record(portal, package, fields, origin, options)

    def map(self, record: Record, options: CkanOptions) -> Description:
        """What the package says; the tables are in `connectors/_ckan_fields.py`. RecordError for one that cannot be used."""
        content = record.content if record.content is not None else orjson.loads(record.raw)
        if content.get("refused"):
            raise RecordError("ckan-too-deep", value=record.identifier)
        return description(content, options.languages, options.mapping)

    def shared(self, source: Source, options: CkanOptions) -> str:
        """Sources in one CKAN share its reading unless they filter by a query of their own."""
        return "" if options.fq else root_of(source.url)

    def shared_options(self, options: Sequence[CkanOptions]) -> CkanOptions:
        """The organizations (groups, tags) of all together; no filter by what one of them does not filter by."""
        wanted = {
            kind: tuple(dict.fromkeys(name for each in options for name in getattr(each, kind)))
            if all(getattr(each, kind) for each in options) else ()
            for kind in ("organization", "group", "tag")
        }  # fmt: skip
        return options[0].model_copy(update={
            **wanted, "include_foreign": any(each.include_foreign for each in options),
            "page_size": min(each.page_size for each in options),
            "mapping": {field: prop for each in options for field, prop in each.mapping.items()},
        })  # fmt: skip

    def selects(self, record: Record, options: CkanOptions) -> bool:
        """By the names of the package's organization, groups and tags; foreign packages only where they are wanted."""
        content = record.content if record.content is not None else orjson.loads(record.raw)
        package = content["package"]
        return chosen(package, options) and (options.include_foreign or not foreign(fields_of(package), content["portal"]))

    def address(self, identifier: str, url: str, options: CkanOptions) -> str:
        """package_show of the package."""
        return f"{root_of(url)}/api/3/action/package_show?{urlencode({'id': identifier})}"

    def detect(self, url: str, http: Http) -> Candidate | None:
        """package_search at the address, else at the root of its host; the title of the site."""
        from connectors._ckan_api import REFUSED, Missing, NotAuthorized, Portal

        parts = chosen_address(url)
        root = root_of(url)
        scheme, _, rest = root.partition("://")
        for place in dict.fromkeys((root, f"{scheme}://{rest.partition('/')[0]}")):
            portal = Portal(place, http)
            query = [("fq", f'+{"groups" if kind == "group" else kind}:("{names[0]}")') for kind, names in parts.items()]
            try:
                count = portal.call("package_search", [("rows", 0), *query]).result["count"]
            except (Missing, NotAuthorized, SourceError, KeyError, TypeError, *REFUSED):
                continue
            return Candidate(self.id, portal.root, int(count), self._site_title(portal), parts)
        return None

    def _site_title(self, portal: Any) -> str:
        from connectors._ckan_api import REFUSED, Missing, NotAuthorized

        try:
            return str(portal.call("status_show").result.get("site_title") or "")
        except (Missing, NotAuthorized, SourceError, AttributeError, *REFUSED):
            return ""


def _record(portal: str, package: Mapping[str, Any], fields: Mapping[str, Any], origin: str, options: CkanOptions) -> Record:
    name = identifier(package)
    content = {"portal": portal, "package": package}
    findings = []
    if origin:
        findings.append(Finding("ckan-foreign", dataset=name, value=origin))
    names = unmapped(fields, options.mapping)
    if names:
        findings.append(Finding("ckan-unmapped-fields", dataset=name, value=", ".join(names), params={"fields": ", ".join(names)}))
    kind, stamp = "series" if package.get("type") in SERIES else "dataset", str(package.get("metadata_modified") or "")
    try:
        raw, fingerprint = orjson.dumps(content, option=_SORTED), _fingerprint(portal, fields)
    except orjson.JSONEncodeError:  # nested deeper than anybody writes: this package cannot be used, the others can
        plain = {key: value for key, value in package.items() if value.__class__ is str}
        return Record(name, kind, orjson.dumps({"portal": portal, "package": plain, "refused": True}, option=_SORTED), stamp)
    return Record(name, kind, raw, stamp, fingerprint, findings, {**content, "fields": fields})


def _fingerprint(portal: str, fields: Mapping[str, Any]) -> bytes:
    """A digest of what is mapped: views, counters, harvest runs and other bookkeeping of the portal do not count."""
    kept = {key: value for key, value in fields.items() if value and key not in TECHNICAL}
    kept["type"] = fields.get("type") in SERIES
    if modified_of(fields)[1] != "metadata_modified":
        kept.pop("metadata_modified", None)
    if fields.get("resources"):
        kept["resources"] = [_file(resource) for resource in fields["resources"] if isinstance(resource, dict)]
    organization = fields.get("organization")
    if isinstance(organization, dict):
        kept["organization"] = [organization.get(key) for key in _ORGANIZATION]
    for key in ("groups", "tags"):
        if isinstance(fields.get(key), list):
            kept[key] = [
                [item.get("name"), item.get("title"), item.get("display_name")] if isinstance(item, dict) else item for item in fields[key]
            ]  # fmt: skip
    return hashlib.blake2b(orjson.dumps([portal, kept], option=_SORTED), digest_size=16).digest()


_ORGANIZATION = ("id", "name", "title", "display_name", "uri", "email", "url", "dcat_type", "identifier")
_FILE_NAMES = ("id", "uri", "state")


def _file(resource: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in resource.items() if value and (key not in FILE_TECHNICAL or key in _FILE_NAMES)}
    if kept.get("modified") or kept.get("last_modified"):
        kept.pop("metadata_modified", None)
    return kept
