"""The values and the small objects of ISO 19139 and ISO 19115-3: texts, codes, identifiers, dates, periods, parties, links."""

from typing import Any, TypeAlias

from connectors._iso_facts import Facts, Online, Party, Texts

Element: TypeAlias = Any

HREF = "{http://www.w3.org/1999/xlink}href"
SPELT = "codeListValue"


class _Locals(dict[str, str]):
    """Local names of tags, each worked out once."""

    def __missing__(self, tag: str) -> str:
        name = tag.rpartition("}")[2]
        if len(self) < 10_000:
            self[tag] = name
        return name


local = _Locals()


def text(element: Element) -> str:
    """The text of a property: its own, or that of the character string, anchor, code, date or number in it."""
    said = element.text
    if said and (said := said.strip()):
        return str(said)
    for child in element:
        if local[child.tag] == "PT_FreeText":
            continue
        said = child.text
        if said and (said := said.strip()):
            return str(said)
        code = child.get(SPELT)
        if code:
            return str(code).strip()
    return ""


def code(element: Element) -> str:
    """The value of a code list property: its codeListValue, else its text."""
    for child in element:
        value = child.get(SPELT)
        if value and (value := value.strip()):
            return str(value.rpartition("#")[2])
    return text(element)


def texts(found: Facts, element: Element) -> Texts:
    """A text with its translations, each with its language; a text without translations has no language."""
    main = text(element)
    translated: dict[str, str] = {}
    for child in element:
        if local[child.tag] == "PT_FreeText":
            for each in child.iter():
                if local[each.tag] == "LocalisedCharacterString" and each.text and each.text.strip():
                    name = (each.get("locale") or "").lstrip("#")
                    language = found.locales.get(name, "") or name.lower()
                    if language:
                        translated.setdefault(language, each.text.strip())
    if not translated:
        return [(main, "")] if main else []
    if not main:
        return [(said, language) for language, said in translated.items()]
    language = found.language or next((key for key, value in translated.items() if value == main), "")
    translated.pop(language, None)
    return [(main, language), *((said, other) for other, said in translated.items())]


def language_of(element: Element) -> str:
    for each in element.iter():
        if local[each.tag] == "LanguageCode":
            return str(each.get(SPELT) or each.text or "").strip().rpartition("#")[2].lower()
    said = text(element).lower()
    return said if len(said) <= 8 else ""


def anchor(element: Element) -> str:
    """The address of the anchor in a property, "" where there is none."""
    for child in element:
        href = child.get(HREF)
        if href:
            return str(href).strip()
    return ""


def says(element: Element) -> bool:
    """Whether anything is said in an element."""
    return any((each.text and each.text.strip()) or each.get(SPELT) or each.get(HREF) for each in element.iter())


# objects


def identifier(element: Element) -> tuple[str, str]:
    """(code, code space) of the identifier in a property."""
    parts = {"code": "", "codeSpace": ""}
    for each in element.iter():
        name = local[each.tag]
        if name in parts and not parts[name]:
            parts[name] = text(each) or anchor(each)
    return parts["code"], parts["codeSpace"]


def dated(element: Element) -> tuple[str, str]:
    """(date, type) of a CI_Date."""
    value = kind = ""
    for each in element:
        for part in each:
            name = local[part.tag]
            if name == "date":
                value = text(part)
            elif name == "dateType":
                kind = code(part)
    return value, kind


def party(found: Facts, element: Element) -> Party:
    """CI_ResponsibleParty (gmd) or CI_Responsibility (cit) in a property."""
    made = Party()
    for each in element.iter():
        match local[each.tag]:
            case "organisationName":
                made.organisation = made.organisation or texts(found, each)
            case "CI_Organisation":
                for part in each:
                    if local[part.tag] == "name":
                        made.organisation = made.organisation or texts(found, part)
            case "CI_Individual":
                for part in each:
                    if local[part.tag] == "name":
                        made.person = made.person or text(part)
            case "individualName":
                made.person = made.person or text(each)
            case "positionName":
                made.position = made.position or text(each)
            case "electronicMailAddress":
                more(made.emails, text(each))
            case "voice":
                more(made.telephones, text(each))
            case "CI_Telephone":
                _cit_telephone(made, each)
            case "linkage":
                more(made.urls, text(each))
            case "role":
                made.role = made.role or code(each)
            case "deliveryPoint" | "city" | "postalCode" | "country" | "administrativeArea" as name:
                made.address.setdefault(name, text(each))
    return made


def _cit_telephone(made: Party, element: Element) -> None:
    number, kind = "", ""
    for part in element:
        if local[part.tag] == "number":
            number = text(part)
        elif local[part.tag] == "numberType":
            kind = code(part)
    if number and kind in ("", "voice"):
        more(made.telephones, number)


def more(values: list[str], value: str) -> None:
    if value and value not in values:
        values.append(value)


def online(element: Element) -> Online:
    """A CI_OnlineResource."""
    made = Online()
    for part in element:
        match local[part.tag]:
            case "linkage":
                made.url = text(part)
            case "protocol":
                made.protocol = text(part) or anchor(part)
            case "name":
                made.name = text(part)
            case "description":
                made.description = text(part)
            case "function":
                made.function = code(part)
            case "applicationProfile":
                made.profile = text(part) or anchor(part)
    return made


def period(found: Facts, element: Element) -> None:
    begin = end = ""
    for each in element.iter():
        match local[each.tag]:
            case "beginPosition":
                begin = (each.text or "").strip()
            case "endPosition":
                end = (each.text or "").strip()
            case "begin":
                begin = begin or _instant(each)
            case "end":
                end = end or _instant(each)
            case "timePosition" if not begin and not end:
                begin = end = (each.text or "").strip()
    if begin or end:
        found.periods.append((begin, end))


def _instant(element: Element) -> str:
    return next(((each.text or "").strip() for each in element.iter() if local[each.tag] == "timePosition"), "")
