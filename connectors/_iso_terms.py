"""The constraints of an ISO record: licence, terms of use, restrictions of access, as the agreement of GDI-DE and GovData writes them.

The licence is JSON in an otherConstraints of the constraints of *use*: {"id", "name", "url", "quelle"}. Free words never are one, and
nothing that stands under constraints of access only. Words that forbid are restrictions wherever they stand.
"""

import json
import re
from dataclasses import dataclass
from functools import lru_cache

from connectors._iso_facts import Constraint, Facts
from federation.dcat.openness import MARK, Claim
from federation.vocabulary import vocabulary

NO_LIMITS = "LimitationsOnPublicAccess/noLimitations"
# Codes of MD_RestrictionCode that name a right or nothing. All others (restricted, private, confidential, in-confidence, statutory,
# limitedDistribution ...) say that not everybody may have the data.
_RIGHTS = frozenset((
    "copyright", "patent", "patentPending", "trademark", "license", "licence", "licenseUnrestricted", "licenceUnrestricted",
    "intellectualPropertyRights", "unrestricted", "otherRestrictions", "otherRestictions", "otherConstraints", "none",
))  # fmt: skip
_OTHER = frozenset(("otherRestrictions", "otherRestictions", "otherConstraints"))
_UNCLASSIFIED = frozenset(("", "unclassified", "offen", "none"))
_UNFINISHED = frozenset(("draft", "private", "planned", "required", "pending", "proposed", "tentative", "notAccepted", "withdrawn"))
_NOUN = r"(?:zugriffs|zugangs|nutzungs)?-?(?:be|ein)schränkungen|bedingungen|restriktionen"
_NONE = re.compile(
    rf"(?:(?:zugriffs|zugangs|nutzungs)?(?:be|ein)schränkungen|nutzungsbedingungen|zugriffsbedingungen)?\s*:?\s*"
    rf"(?:es (?:gelten|bestehen|gibt) )?(?:keine?(?: (?:{_NOUN})(?: für den (?:öffentlichen )?(?:zugang|zugriff))?)?|unbeschränkt"
    r"|öffentlich|frei(?: zugänglich)?|none|unrestricted|no (?:limitations?|restrictions?|constraints?|conditions?)"
    r"(?: (?:on|to) public access| apply(?: to access and use)?)?)",
    re.IGNORECASE,
)
_FORBIDS = re.compile(
    r"nicht (?:gestattet|erlaubt|zulässig)|untersagt|dienstgebrauch|dienstlichen? (?:gebrauch|zweck)"
    r"|nur (?:zum |zur |für (?:den |die )?)?intern"
    r"|(?:zugriff|zugang) (?:ist )?(?:beschränkt|eingeschränkt|gesperrt)|(?:be|ein)schränkter (?:zugriff|zugang)|vertraulich|geheim(?!nis)"
    r"|vs-nfd|nicht öffentlich|schutze?s? (?:einer person|personenbezogener)|internal use only|not (?:permitted|allowed)|confidential",
    re.IGNORECASE,
)
_USE = re.compile(r"(?:nutzungs(?:bedingungen|einschränkungen)|quellenvermerk|lizenz|licen[cs]e|namensnennung)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Licence:
    """The JSON of a licence: `said` is what it names (the first of url, id and name that the list of dcat-ap.de knows), `source` its
    attribution text; `contradicts` where id and url mean two licences.
    """

    said: str = ""
    source: str = ""
    contradicts: bool = False


@lru_cache(maxsize=8192)
def licence_of(text: str) -> Licence | None:
    """The licence in an otherConstraints, None where it is no JSON with an id or url."""
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        return None
    try:
        made = json.loads(text[start : end + 1], strict=False)
    except (ValueError, RecursionError):
        return None
    if not isinstance(made, dict):
        return None
    parts = {key.strip().lower(): " ".join(value.split()) for key, value in made.items() if isinstance(value, str) and value.strip()}
    named = [parts[key] for key in ("url", "id", "name") if key in parts]
    if "id" not in parts and "url" not in parts:
        return None
    table = vocabulary("licence")
    meant = [table.resolve(parts[key]) if key in parts else None for key in ("url", "id")]
    said = next((each for each in named if table.resolve(each)), named[0])
    return Licence(said, parts.get("quelle") or parts.get("source", ""), None not in meant and meant[0] != meant[1])


@dataclass(frozen=True, slots=True)
class Terms:
    """All that a record's constraints come to; `public` is how it says that access is open to all ("" where it does not)."""

    licence: Licence | None
    words: tuple[str, ...]
    restrictions: tuple[str, ...]
    classified: str
    public: str


def terms(facts: Facts) -> Terms:
    """Reads the constraints of a record."""
    licence: Licence | None = None
    words: dict[str, None] = {}
    restrictions: dict[str, None] = {}
    classified = public = ""
    for each in facts.constraints:
        if each.classification and each.classification not in _UNCLASSIFIED:
            classified = classified or each.classification
        for restriction in (*each.access, *each.use):
            if restriction not in _RIGHTS:
                restrictions[restriction] = None
        only_access = bool(each.access) and not each.use
        for text, _ in each.other:
            found = None if only_access else licence_of(text)
            if found:
                licence = licence or found
            elif not only_access and text:
                words[text] = None
        for text in each.limitations:
            words[text] = None
        for text in (*each.limitations, *(text for text, _ in each.other)):
            if _FORBIDS.search(text):
                restrictions[text] = None
        if not _OTHER.isdisjoint(each.access):
            found_public, found_limits = _access(each, only_access)
            public = public or found_public
            restrictions |= dict.fromkeys(found_limits)
    worded = sorted(restrictions, key=lambda said: " " not in said)  # what is said in words before codes
    return Terms(licence, tuple(word for word in words if not no_limit(word)), tuple(worded), classified, public)


def _access(each: Constraint, only_access: bool) -> tuple[str, list[str]]:
    """(how "open to all" is said, the restrictions) of constraints of access whose kind stands in words."""
    public, limits, said = "", [], False
    for text, href in each.other:
        if href.endswith(NO_LIMITS) or no_limit(text):
            public, said = public or (href if href.endswith(NO_LIMITS) else text), True
        elif licence_of(text) or (not only_access and _USE.match(text)):
            said = said or not only_access
        elif only_access or href:
            limits.append(text or href)
            said = True
    if not said and not limits:
        named = [text for text in each.limitations if no_limit(text)]
        if named:
            return named[0], []
        if only_access:
            limits.append("otherRestrictions")
    return public, limits


@lru_cache(maxsize=4096)
def no_limit(text: str) -> bool:
    """Whether words say that nothing is restricted."""
    return bool(_NONE.fullmatch(" ".join(text.split()).strip(" .!")))


def claim(facts: Facts, found: Terms) -> Claim:
    """What the record says of its openness."""
    marked = any(word == MARK for group in facts.keywords for said, _ in group.words for word, _ in said)
    kind = "" if facts.kind in ("dataset", "series", "service") or facts.kind in DATASETS else facts.kind
    unfinished = next((status for status in facts.status if status in _UNFINISHED), "")
    licence = found.licence.said if found.licence and not found.licence.contradicts else ""
    return Claim(marked, licence, found.words, found.restrictions, found.classified, unfinished, kind, facts.title)


# Codes of MD_ScopeCode that mean data: what most servers call dataset all the same.
DATASETS = frozenset(("dataset", "series", "nonGeographicDataset", "tile", "feature", "featureType", "collection"))
