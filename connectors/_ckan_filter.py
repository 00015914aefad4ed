"""What part of a CKAN is wanted: organizations, groups and tags of the options as a filter query of its search."""

import re
from collections.abc import Mapping

from connectors._ckan_api import REFUSED, Missing, NotAuthorized, NotFound, Portal
from connectors._ckan_packages import CkanOptions
from federation.errors import SourceError

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_SLUG = re.compile(r"[a-z0-9_-]+")
_FIELDS = {"organization": "organization", "group": "groups"}


class Filter:
    """Of one portal and one set of options."""

    def __init__(self, portal: Portal, options: CkanOptions) -> None:
        self._portal = portal
        self._options = options

    def query(self) -> str:
        """The options as a filter query of CKAN."""
        options = self._options
        parts = [f"({options.fq})" if " OR " in options.fq else options.fq] if options.fq else []
        for kind, names in (("organization", options.organization), ("group", options.group)):
            if names:
                parts.append(f"+{_FIELDS[kind]}:({' OR '.join(quoted(self._name(kind, name)) for name in names)})")
        if options.tag:
            parts.append(f"+tags:({' OR '.join(map(quoted, options.tag))})")
        return " ".join(parts)

    def _name(self, kind: str, name: str) -> str:
        """The name that CKAN's index knows; an id or a title is looked up."""
        if _SLUG.fullmatch(name) and not _UUID.fullmatch(name):
            return name
        try:
            found = self._portal.call(f"{kind}_show", [("id", name)]).result
            return str(found["name"])
        except (Missing, NotFound, NotAuthorized, KeyError, TypeError, *REFUSED):
            names = self._facets(kind)
            for known, title in names.items():
                if title.casefold() == name.casefold():
                    return known
            if not names:
                return name
            raise self._unknown(kind, name, names) from None

    def check(self) -> None:
        """No package at all: is it because the organization or group is not there?"""
        for kind, wanted in (("organization", self._options.organization), ("group", self._options.group)):
            for name in wanted:
                try:
                    self._portal.call(f"{kind}_show", [("id", self._name(kind, name))])
                except NotFound:
                    raise self._unknown(kind, name, self._facets(kind)) from None
                except (Missing, NotAuthorized, *REFUSED):
                    continue

    def _facets(self, kind: str) -> dict[str, str]:
        """Names and titles of the organizations or groups that have packages."""
        asked: list[tuple[str, str | int]] = [("rows", 0), ("facet.field", f'["{_FIELDS[kind]}"]'), ("facet.limit", -1)]
        try:
            found = self._portal.call("package_search", asked).result["search_facets"][_FIELDS[kind]]["items"]
            return {str(item["name"]): str(item["display_name"]) for item in found}
        except (Missing, NotFound, NotAuthorized, KeyError, TypeError, *REFUSED):
            return {}

    def _unknown(self, kind: str, name: str, names: Mapping[str, str]) -> SourceError:
        known = ", ".join(sorted(names)[:20]) or "?"
        return SourceError("ckan-filter-unknown", source=self._portal.source, url=self._portal.root, field=kind, value=name, known=known)


def quoted(text: str) -> str:
    """A text as one term of a query."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
