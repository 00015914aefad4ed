"""What a package says of its place in the portal: its id, whether it is public, a dataset, harvested from elsewhere, whose it is."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, Field, field_validator

from connectors._ckan_address import host
from connectors._ckan_fields import NOT_DATASETS
from connectors._ckan_values import said, scalar, text
from federation.harvest.connector import Options
from federation.terms import expanded

Json: TypeAlias = Any
Names: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)]

_HARVESTED = ("harvest_source_title", "harvest_source_id", "harvest_object_id", "metadata_harvested_portal")
_ELSEWHERE = ("guid", "metadata_original_portal")


class CkanOptions(Options):
    """Options of the connector `ckan`. Names, ids and titles of organizations and groups are understood; several mean any of them."""

    organization: Names = Field(default=(), description="only packages of these organizations (name, id or title)")
    group: Names = Field(default=(), description="only packages in these groups (name, id or title)")
    tag: Names = Field(default=(), description="only packages with one of these tags")
    fq: str = Field(default="", description="filter query as in CKAN's package_search, for what the others cannot say")
    include_foreign: bool = Field(default=False, description="also packages that this CKAN harvested from other portals")
    languages: tuple[str, ...] = Field(default=("de", "en"), description="order in which texts of several languages are written")
    mapping: dict[str, str] = Field(default={}, description="fields of this portal -> DCAT properties, as kuerzel = 'dcterms:identifier'")
    page_size: int = Field(default=100, ge=1, le=1000, description="packages asked for in one request")

    @field_validator("mapping")
    @classmethod
    def _known_properties(cls, value: dict[str, str]) -> dict[str, str]:
        for name in value.values():
            expanded(name)
        return value


def packages(result: Json) -> Iterator[Mapping[str, Json]]:
    """The packages in the result of package_search, package_show, or a group with its packages."""
    if isinstance(result, dict):
        inner = result.get("results", result.get("packages"))
        rows = inner if isinstance(inner, list) else [result] if "title" in result or "resources" in result else []
    else:
        rows = result if isinstance(result, list) else []
    yield from (row for row in rows if isinstance(row, dict))


def identifier(package: Mapping[str, Json]) -> str:
    """The package's own id; its name where a portal has no ids."""
    return scalar(package.get("id") or package.get("name") or "")


def withdrawn(package: Mapping[str, Json]) -> str:
    """Why a package is not public, in CKAN's own words ("deleted", "draft", "private"); "" where it is."""
    state = package.get("state") or "active"
    if state != "active":
        return str(state)
    return "private" if package.get("private") in (True, "true", "True") else ""


def is_dataset(package: Mapping[str, Json]) -> bool:
    """Whether a package describes data: harvest sources, showcases and the like are packages, too."""
    return str(package.get("type") or "").lower() not in NOT_DATASETS


def foreign(fields: Mapping[str, Json], portal: str) -> str:
    """Where this CKAN harvested a package from, as far as its fields (`fields_of`) say; "" for its own packages."""
    for key in _HARVESTED:
        if key in fields and said(fields[key]):
            return scalar(fields[key])
    for key in _ELSEWHERE:
        there = host(scalar(fields[key])) if key in fields and said(fields[key]) else ""
        if there and there != host(portal):
            return there
    return ""


def chosen(package: Mapping[str, Json], options: CkanOptions) -> bool:
    """Whether a package is in the organizations, groups and tags of the options."""
    if options.organization and not _names(package.get("organization"), package.get("owner_org")) & set(options.organization):
        return False
    if options.group and not _names(*(package.get("groups") or ())) & set(options.group):
        return False
    return not options.tag or not _names(*(package.get("tags") or ())).isdisjoint(options.tag)


def _names(*things: Json) -> set[str]:
    """Every name that a thing goes by: id, name, title in each language."""
    found: set[str] = set()
    for thing in things:
        if isinstance(thing, dict):
            for key in ("id", "name", "title", "display_name"):
                value = thing.get(key)
                if isinstance(value, dict):
                    found |= {item for item in value.values() if isinstance(item, str)}
                elif value:
                    found.add(text(value))
        elif thing:
            found.add(scalar(thing))
    return found
