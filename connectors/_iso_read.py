"""ISO 19139 (gmd) and ISO 19115-3 (mdb) XML -> Facts.

Elements are told by their local names, which the two encodings largely share; tables say what becomes of each child of an element. A
child that no table knows and that says something is reported as unmapped, by its path.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from connectors._iso_facts import Constraint, Facts, Keywords
from connectors._iso_parts import (
    HREF,
    SPELT,
    Element,
    anchor,
    code,
    dated,
    identifier,
    language_of,
    local,
    more,
    online,
    party,
    period,
    says,
    text,
    texts,
)

Handler: TypeAlias = Callable[[Facts, Element], None]


def is_record(element: Element) -> bool:
    """Whether an element is a metadata record of ISO 19139 (also with a profile of its own) or ISO 19115-3."""
    name = local[element.tag]
    return name == "MD_Metadata" or (name.endswith("_MD_Metadata") and name != "idfMdMetadata")


def facts(record: Element) -> Facts:
    """Everything that a record says."""
    found = Facts()
    for child in record:  # what other parts depend on, wherever it stands
        name = local[child.tag]
        if name in ("language", "defaultLocale"):
            found.language = found.language or language_of(child)
        if name in ("locale", "otherLocale", "defaultLocale"):
            for each in child:
                found.locales[each.get("id") or ""] = language_of(each)
    _walk(record, _METADATA, found, "")
    return found


def _nothing(found: Facts, element: Element) -> None:
    """What describes the metadata record itself and not the data, or only carries other elements."""


def _walk(element: Element, table: Mapping[str, Handler], found: Facts, path: str) -> None:
    for child in element:
        name = local[child.tag]
        handler = table.get(name)
        if handler is not None:
            handler(found, child)
        elif says(child):
            found.unmapped.add(f"{path}{name}")


def _into(table: Mapping[str, Handler], path: str) -> Handler:
    """Goes on inside the object of a property."""

    def handler(found: Facts, element: Element) -> None:
        for each in element:
            _walk(each, table, found, path)

    return handler


def _one(name: str, read: Callable[[Element], str] = text) -> Handler:
    """The first value of a property is that of one of Facts."""

    def handler(found: Facts, element: Element) -> None:
        if not getattr(found, name):
            setattr(found, name, read(element))

    return handler


def _add(name: str, read: Callable[[Element], str] = text) -> Handler:
    """Each value of a property is added to a list of Facts."""

    def handler(found: Facts, element: Element) -> None:
        value = read(element)
        if value:
            getattr(found, name).append(value)

    return handler


def _say(name: str) -> Handler:
    def handler(found: Facts, element: Element) -> None:
        getattr(found, name).extend(texts(found, element))

    return handler


def _lines(found: Facts, element: Element) -> None:
    said = texts(found, element)
    if said:
        found.lineage.append(said)


def sketch(record: Element) -> Facts:
    """As much of a record as the others need to know: what it is called, what it is, where it belongs; of a service everything."""
    found = Facts()
    for child in record:
        handler = _SKETCH.get(local[child.tag])
        if handler is not None:
            handler(found, child)
    if found.service or found.kind == "series":
        return facts(record)
    return found


def _sketched(found: Facts, element: Element) -> None:
    for each in element:
        found.service = found.service or "Service" in local[each.tag]
        for child in each:
            if local[child.tag] == "citation":
                for citation in child:
                    for part in citation:
                        name = local[part.tag]
                        if name == "identifier":
                            _identified(found, part)
                        elif name == "title":
                            _say_title(found, part)
                return


# parts


def _identified(found: Facts, element: Element) -> None:
    made = identifier(element)
    if made[0] and made not in found.codes:
        found.codes.append(made)


def _system(found: Facts, element: Element) -> None:
    made = identifier(element)
    if made[0]:
        found.crs.append(made)


def _date(found: Facts, element: Element) -> None:
    made = dated(element)
    if made[0]:
        found.dates.append(made)


def _stamp(found: Facts, element: Element) -> None:
    """ISO 19115-3: the metadata's date of revision, else that of its creation."""
    value, kind = dated(element)
    if value and (kind == "revision" or not found.stamp):
        found.stamp = value


def _party(found: Facts, element: Element) -> None:
    made = party(found, element)
    if made.organisation or made.person or made.emails or made.urls or made.position:
        found.parties.append(made)


def _transfer(found: Facts, element: Element) -> None:
    for each in element.iter():
        name = local[each.tag]
        if name == "CI_OnlineResource":
            made = online(each)
            if made.url:
                found.onlines.append(made)
        elif name in ("transferSize", "offLine", "unitsOfDistribution") and says(each):
            found.unmapped.add(f"distributionInfo.transferOptions.{name}")


def _format(found: Facts, element: Element) -> None:
    """The name of an MD_Format (19115-3: of the citation of its specification)."""
    for each in element.iter():
        if local[each.tag] in ("name", "title"):
            more(found.formats, text(each))
            return


def _distributor(found: Facts, element: Element) -> None:
    for each in element:
        for part in each:
            match local[part.tag]:
                case "distributorContact":
                    _party(found, part)
                case "distributorTransferOptions":
                    _transfer(found, part)
                case "distributorFormat":
                    _format(found, part)
                case name if says(part):
                    found.unmapped.add(f"distributionInfo.distributor.{name}")


def _constraint(found: Facts, element: Element) -> None:
    for each in element:
        made = Constraint()
        for part in each:
            match local[part.tag]:
                case "useLimitation":
                    more(made.limitations, text(part))
                case "accessConstraints":
                    more(made.access, code(part))
                case "useConstraints":
                    more(made.use, code(part))
                case "otherConstraints":
                    said = (text(part), anchor(part))
                    if any(said) and said not in made.other:
                        made.other.append(said)
                case "classification":
                    made.classification = code(part)
                case name if says(part):
                    found.unmapped.add(f"resourceConstraints.{name}")
        found.constraints.append(made)


def _keywords(found: Facts, element: Element) -> None:
    for each in element:
        made = Keywords()
        for part in each:
            match local[part.tag]:
                case "keyword":
                    said = texts(found, part)
                    if said:
                        made.words.append((said, anchor(part)))
                case "thesaurusName":
                    for inner in part.iter():
                        if local[inner.tag] == "title" and not made.thesaurus:
                            made.thesaurus, made.thesaurus_url = text(inner), anchor(inner)
        if made.words:
            found.keywords.append(made)


def _topic(found: Facts, element: Element) -> None:
    for each in element:
        more(found.topics, code(element) if each.get(SPELT) else (each.text or "").strip())


def _resolution(found: Facts, element: Element) -> None:
    for each in element.iter():
        if local[each.tag] in ("Distance", "Measure") and each.text and each.text.strip():
            found.resolutions.append((each.text.strip(), (each.get("uom") or "").rpartition("#")[2]))
        elif local[each.tag] == "denominator" and says(each):
            found.unmapped.add("identificationInfo.spatialResolution.equivalentScale")


def _extent(found: Facts, element: Element) -> None:
    for each in element.iter():
        match local[each.tag]:
            case "EX_GeographicBoundingBox":
                sides = {local[part.tag]: text(part) for part in each}
                box = tuple(sides.get(name, "") for name in _SIDES)
                if all(box):
                    found.boxes.append(box)  # type: ignore[arg-type]
            case "geographicIdentifier":
                made = identifier(each)
                if any(made):
                    found.places.append(made)
            case "EX_TemporalExtent":
                period(found, each)
            case "EX_Extent":
                said = next((text(part) for part in each if local[part.tag] == "description"), "")
                more(found.extents, said)
            case "EX_BoundingPolygon" | "EX_VerticalExtent" as name if says(each):
                found.unmapped.add(f"identificationInfo.extent.{name}")


_SIDES = ("westBoundLongitude", "southBoundLatitude", "eastBoundLongitude", "northBoundLatitude")


def _maintenance(found: Facts, element: Element) -> None:
    for each in element:
        for part in each:
            match local[part.tag]:
                case "maintenanceAndUpdateFrequency":
                    found.frequency = found.frequency or code(part)
                case name if says(part):
                    found.unmapped.add(f"identificationInfo.resourceMaintenance.{name}")


def _quality(found: Facts, element: Element) -> None:
    for each in element:
        for part in each:
            match local[part.tag]:
                case "scope":
                    pass
                case "lineage":
                    _lineage(found, part)
                case "report":
                    _report(found, part)
                case name if says(part):
                    found.unmapped.add(f"dataQualityInfo.{name}")


def _lineage(found: Facts, element: Element) -> None:
    for each in element:
        for part in each:
            match local[part.tag]:
                case "statement":
                    _lines(found, part)
                case "scope":
                    pass
                case name if says(part):
                    found.unmapped.add(f"dataQualityInfo.lineage.{name}")


def _report(found: Facts, element: Element) -> None:
    """Conformity with a specification: (its title, its date, whether the data conform as written)."""
    met = False
    for each in element.iter():
        if local[each.tag] == "DQ_ConformanceResult":
            met = True
            title, date, passed = "", "", ""
            for part in each.iter():
                match local[part.tag]:
                    case "title":
                        title = title or text(part)
                    case "CI_Date":
                        date = date or next((text(inner) for inner in part if local[inner.tag] == "date"), "")
                    case "pass":
                        passed = text(part)
            if title:
                found.conformity.append((title, date, passed))
    if not met and says(element):
        found.unmapped.add("dataQualityInfo.report")


def _operates_on(found: Facts, element: Element) -> None:
    made = ((element.get(HREF) or "").strip(), (element.get("uuidref") or "").strip())
    if not any(made):
        made = ("", identifier(element)[0])
    if any(made) and made not in found.operates_on:
        found.operates_on.append(made)


def _coupled(found: Facts, element: Element) -> None:
    for each in element:
        for part in each:
            if local[part.tag] == "identifier" and text(part):
                made = ("", text(part))
                if made not in found.operates_on:
                    found.operates_on.append(made)


def _operation(found: Facts, element: Element) -> None:
    for each in element:
        name = next((text(part) for part in each if local[part.tag] == "operationName"), "")
        for part in each.iter():
            if local[part.tag] == "CI_OnlineResource":
                made = online(part)
                if made.url:
                    found.points.append((name, made.url))


def _identification(found: Facts, element: Element) -> None:
    for each in element:
        found.service = found.service or "Service" in local[each.tag]
        _walk(each, _IDENTIFICATION, found, "identificationInfo.")


_CITATION: Mapping[str, Handler] = {
    "title": _say("titles"), "alternateTitle": _say("alternatives"), "date": _date, "identifier": _identified,
    "edition": _one("edition"), "citedResponsibleParty": _party,
}  # fmt: skip
_IDENTIFICATION: Mapping[str, Handler] = {
    "citation": _into(_CITATION, "identificationInfo.citation."), "abstract": _say("abstracts"), "pointOfContact": _party,
    "status": _add("status", code), "resourceMaintenance": _maintenance, "descriptiveKeywords": _keywords,
    "resourceConstraints": _constraint, "restrictions": _constraint, "language": _add("languages", language_of),
    "defaultLocale": _add("languages", language_of), "topicCategory": _topic, "extent": _extent, "spatialResolution": _resolution,
    "characterSet": _nothing, "resourceFormat": _format, "serviceType": _one("service_type"), "serviceTypeVersion": _add("versions"),
    "couplingType": _nothing, "operatesOn": _operates_on, "coupledResource": _coupled, "containsOperations": _operation,
}  # fmt: skip
_say_title = _say("titles")
_DISTRIBUTION: Mapping[str, Handler] = {"distributionFormat": _format, "distributor": _distributor, "transferOptions": _transfer}
_SYSTEM: Mapping[str, Handler] = {"referenceSystemIdentifier": _system}
_SCOPE: Mapping[str, Handler] = {"resourceScope": _add("scopes", code), "name": _nothing}
# `contact` is the metadata's, not the data's. dateStamp, standard and character set are the record's own.
_METADATA: Mapping[str, Handler] = {
    "fileIdentifier": _one("identifier"), "metadataIdentifier": _one("identifier", lambda element: identifier(element)[0]),
    "language": _nothing, "defaultLocale": _nothing, "otherLocale": _nothing, "locale": _nothing, "characterSet": _nothing,
    "parentIdentifier": _one("parent"),
    "parentMetadata": _one("parent", lambda element: identifier(element)[0] or element.get("uuidref", "")),
    "hierarchyLevel": _add("scopes", code), "hierarchyLevelName": _nothing, "metadataScope": _into(_SCOPE, "metadataScope."),
    "contact": _nothing, "dateStamp": _one("stamp"), "dateInfo": _stamp, "metadataStandardName": _nothing,
    "metadataStandardVersion": _nothing, "metadataStandard": _nothing, "metadataProfile": _nothing, "metadataMaintenance": _nothing,
    "metadataLinkage": _nothing, "referenceSystemInfo": _into(_SYSTEM, "referenceSystemInfo."), "identificationInfo": _identification,
    "distributionInfo": _into(_DISTRIBUTION, "distributionInfo."), "dataQualityInfo": _quality, "resourceLineage": _lineage,
}  # fmt: skip
_SKETCH: Mapping[str, Handler] = {
    name: _METADATA[name] for name in (
        "fileIdentifier", "metadataIdentifier", "parentIdentifier", "parentMetadata", "hierarchyLevel", "metadataScope", "dateStamp",
        "dateInfo",
    )
} | {"identificationInfo": _sketched}  # fmt: skip
