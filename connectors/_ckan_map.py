"""A CKAN package -> a Description, by the tables of `_ckan_fields`: what the portal says, in DCAT terms, as it says it.

Repairing spellings (licences, formats, dates, languages, themes) is for normalise. Only what the portal does not say of the data itself
is a Change with a rule of its own: `modified-from-resource`, `modified-from-metadata`, `hash-algorithm-from-length`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from connectors import _ckan_things as things
from connectors._ckan_bodies import bodies, contacts
from connectors._ckan_fields import FILE_ISSUED, FILE_KNOWN, FILE_MODIFIED, ISSUED, KNOWN, MODIFIED, SERIES
from connectors._ckan_values import said, scalar, text
from connectors._ckan_ways import Way, Writer, quoted, tables
from federation.dcat.build import address, temporal
from federation.dcat.description import Description
from federation.errors import RecordError
from federation.terms import DCAT, DCATDE, DCTERMS, Term, literal

Json: TypeAlias = Any

# Keys of a package that an extra of the same name must not stand in for.
_STRUCTURE = frozenset(("id", "name", "state", "private", "type", "organization", "owner_org", "resources", "groups", "tags", "extras"))


def description(
    content: Mapping[str, Json], languages: Sequence[str] = ("de", "en"), mapping: Mapping[str, str] | None = None,
) -> Description:  # fmt: skip
    """The Description of a package. `content` is {"portal": root URL of the CKAN, "package": the package} (and "fields", what
    `fields_of` gives, where it is known), `languages` the order in which texts of several languages are written, `mapping` the
    operator's own fields -> properties ("resources.x" for those of a resource). RecordError for a package without id and name.
    """
    package = content["package"]
    fields = content.get("fields") or fields_of(package)
    portal = content["portal"]
    root = package_iri(portal, fields)
    writer = Writer(root, "series" if package.get("type") in SERIES else "dataset", portal, languages)
    ways, file_ways = tables(tuple(sorted((mapping or {}).items())))
    writer.write_all(writer.root, fields, ways)
    _whole(writer, fields, file_ways)
    return writer.description


def fields_of(package: Mapping[str, Json]) -> Mapping[str, Json]:
    """The fields of a package (or resource) with its extras among them; a field of its own comes before an extra of that name."""
    extras = package.get("extras") or package.get("__extras")
    if not extras:
        return package
    pairs: Iterable[tuple[str, Json]] = extras.items() if isinstance(extras, dict) else [
        (extra.get("key", ""), extra.get("value")) for extra in extras if isinstance(extra, dict)
    ]  # fmt: skip
    merged = dict(package)
    for key, value in pairs:
        if key not in _STRUCTURE and not merged.get(key):
            merged[key] = value
    return merged


def package_iri(portal: str, fields: Mapping[str, Json]) -> str:
    """The IRI of a package: its `uri` where that is one of http(s), else `<portal>/dataset/<id>`."""
    uri = fields.get("uri")
    if isinstance(uri, str) and uri[:4] == "http" and address(uri.strip())[0] == "<":
        return uri.strip()
    name = fields.get("id") or fields.get("name")
    if not name:
        raise RecordError("ckan-no-id", value=text(fields.get("title")))
    return f"{portal}/dataset/{quoted(str(name))}"


def modified_of(fields: Mapping[str, Json]) -> tuple[str, str]:
    """(date, field): when the data were last changed, as far as the portal says; the field says how well it knows.

    The package's own date first, then the newest date of a file, then that of the metadata record ("" where there is none).
    """
    for key in MODIFIED:
        value = fields.get(key)
        if value and said(value):
            return scalar(value), key
    updated = things.role_dates(fields.get("dates"), things.UPDATED) if fields.get("dates") else []
    if updated:
        return updated[0], "dates"
    newest = max((date for resource in resources_of(fields) for date in _comparable(resource)), default="")
    if newest:
        return newest, "resources.last_modified"
    value = fields.get("metadata_modified")
    return (scalar(value), "metadata_modified") if value else ("", "")


def resources_of(fields: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    """The resources that are not deleted."""
    for resource in fields.get("resources") or ():
        if isinstance(resource, dict) and resource.get("state", "active") in ("active", None, ""):
            yield resource


def unmapped(fields: Mapping[str, Json], mapping: Mapping[str, str]) -> list[str]:
    """Names of the fields that say something and that no table knows; "resources.x" for those of resources."""
    found = [key for key, value in fields.items() if value and key not in KNOWN and key not in mapping and said(value)]
    of_files: dict[str, None] = {}
    for resource in resources_of(fields):
        for key, value in resource.items():
            if value and key not in FILE_KNOWN and said(value) and f"resources.{key}" not in mapping:
                of_files[f"resources.{key}"] = None
    return sorted(found) + sorted(of_files)


def _comparable(resource: Mapping[str, Json]) -> Iterator[str]:
    """The dates of a file that can be compared as texts (ISO 8601)."""
    for key in ("modified", "last_modified"):
        value = resource.get(key)
        if isinstance(value, str) and value[:4].isdigit() and value[4:5] in ("", "-"):
            yield value


# what several fields say together


def _whole(writer: Writer, fields: Mapping[str, Json], file_ways: Mapping[str, Way]) -> None:
    root = writer.root
    things.identity(writer, root, fields)
    bodies(writer, root)
    contacts(writer, root)
    things.periods(writer, root)
    things.places(writer, root)
    things.navigation(writer, root)
    _dates(writer, root, fields)
    inherited = things.licence(writer.parts.pop("licence", {}))
    used: set[str] = set()
    for number, resource in enumerate(resources_of(fields)):
        _distribution(writer, number, fields_of(resource), file_ways, inherited, used)
    if not used and inherited[0]:
        writer.put(root, DCTERMS.license, address(inherited[0]))
    _said_twice(writer.nodes[root], _TEXTS)


def _dates(writer: Writer, root: Term, fields: Mapping[str, Json]) -> None:
    dates = writer.parts.pop("date", {})
    things.other_dates(writer, root, dates)
    if not writer.nodes[root].get(DCTERMS.issued):
        for key in ISSUED:
            if key in dates:
                writer.put(root, DCTERMS.issued, temporal(scalar(dates[key][0])))
                break
    value, key = modified_of(fields)
    if key in MODIFIED or key == "dates":
        writer.put(root, DCTERMS.modified, temporal(value))
    elif key and DCTERMS.modified not in writer.nodes[root]:
        rule = "modified-from-metadata" if key == "metadata_modified" else "modified-from-resource"
        writer.description.derive(root, DCTERMS.modified, [temporal(value)], rule, key)


def _distribution(
    writer: Writer, number: int, fields: Mapping[str, Json], ways: Mapping[str, Way], inherited: tuple[str, str], used: set[str],
) -> None:  # fmt: skip
    root = writer.root
    node = writer.link(root, DCAT.distribution, DCAT.Distribution, _file_key(root, number, fields, used))
    writer.write_all(node, fields, ways)
    parts = writer.parts
    licence = (things.licence(parts.pop("file-licence"))[0] if "file-licence" in parts else "") or inherited[0]
    if licence:
        writer.put(node, DCTERMS.license, address(licence))
    if inherited[1] and DCATDE.licenseAttributionByText not in writer.nodes[node]:
        writer.put(node, DCATDE.licenseAttributionByText, literal(inherited[1]))
    things.links(writer, node, parts.pop("file-address", {}))
    if "file-media" in parts:
        things.media_types(writer, node, parts.pop("file-media"))
    if "file-checksum" in parts:
        things.checksum(writer, node, parts.pop("file-checksum"))
    if "file-date" in parts:
        _file_dates(writer, node, parts.pop("file-date"))
    _said_twice(writer.nodes[node], _TEXTS)


def _file_dates(writer: Writer, node: Term, dates: Mapping[str, list[Json]]) -> None:
    for key in FILE_ISSUED:
        if key in dates:
            writer.put(node, DCTERMS.issued, temporal(scalar(dates[key][0])))
            break
    for key in FILE_MODIFIED:
        if key in dates:
            term = temporal(scalar(dates[key][0]))
            if key == "metadata_modified":
                writer.description.derive(node, DCTERMS.modified, [term], "modified-from-metadata", "resources.metadata_modified")
            else:
                writer.put(node, DCTERMS.modified, term)
            break


def _file_key(root: Term, number: int, fields: Mapping[str, Json], used: set[str]) -> str:
    """The IRI of a distribution: its `uri`, else `<IRI of the dataset>/resource/<id>`; a key of its own where it has neither."""
    uri, name = fields.get("uri"), fields.get("id")
    made = uri.strip() if isinstance(uri, str) and uri[:4] == "http" and address(uri.strip())[0] == "<" else ""
    if not made or made in used:
        made = f"{root[1:-1].rstrip('/')}/resource/{quoted(str(name))}" if name else f"resource {number}"
    used.add(made)
    return made


_TEXTS = (DCTERMS.title, DCTERMS.description, DCAT.keyword)


def _said_twice(properties: Mapping[Term, list[Term]], props: Iterable[Term]) -> None:
    """A text without language that stands there with one, too, is the same statement (`title` beside `title_translated`)."""
    for prop in props:
        terms = properties.get(prop)
        if terms and len(terms) > 1:
            tagged = {term[: term.rindex('"') + 1] for term in terms if term[-1] != '"'}
            if tagged:
                terms[:] = [term for term in terms if term[-1] != '"' or term not in tagged]
