"""E-mail addresses and telephone numbers as IRIs, and findings for data of persons (never with the full value).

A telephone number with one leading 0 is read as a German one, since the members of a federation are German bodies; the rule
`tel-germany` says so. Role addresses (info@, opendata@, poststelle@) and numbers of a switchboard (381-0) or a hotline (0800) are
not data of persons. Sources: RFC 5322 (dot-atom), RFC 6068 (mailto), RFC 3966 (tel), ITU-T E.164.
"""

import re
from functools import lru_cache

from federation.dcat.description import Description
from federation.dcat.schema import CLASSES, Kind
from federation.finding import Finding
from federation.normalise.iris import is_strict
from federation.terms import FOAF, TYPE, VCARD, Term, literal, prefixed, value

Result = tuple[tuple[Term, ...], str, str]

_LONGEST = 1_000  # characters of a contact field; a longer one is no address
_ATOM = r"[\w!$%&'*+=~-]+"
_DOMAIN = r"(?:\w[\w-]{0,62}\.)+[^\W\d_]{2,24}"
_EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_DOMAIN}")
_MAILTO = re.compile(rf"mailto:{_ATOM}(?:\.{_ATOM})*@{_DOMAIN}(?:\?[^\s<>\"]*)?", re.IGNORECASE)
_RESOLVED = re.compile(rf"[a-z][a-z0-9+.-]*://[^/?#@]*/(?:[^?#@]*/)?({_ATOM}(?:\.{_ATOM})*@{_DOMAIN})", re.IGNORECASE)
_AS_HOST = re.compile(rf"https?://({_ATOM}(?:\.{_ATOM})*@{_DOMAIN})/?", re.IGNORECASE)
_WITH_NAME = re.compile(rf"[^<>@;,]*<\s*(?:mailto:)?\s*({_ATOM}(?:\.{_ATOM})*@{_DOMAIN})\s*>", re.IGNORECASE)
_AT = re.compile(r"\s*[\[({]\s*(?:at|ät|@)\s*[\])}]\s*", re.IGNORECASE)
_DOT = re.compile(r"\s*[\[({]\s*(?:dot|punkt|\.)\s*[\])}]\s*", re.IGNORECASE)
_AROUND = re.compile(r"(?:e-?mail(?:[\s-]?adresse)?|mail|kontakt|contact|mailto|und|oder|and|or)(?![\w@])|[\s:;,|<>/.]+", re.IGNORECASE)
_TO_ESCAPE = re.compile(r"[#%&/?^`{|}\"\\]")

_TEL = re.compile(
    r"tel:(?:\+[().-]*\d[\d().-]*|[\dA-Fa-f*#().-]+;phone-context=[A-Za-z0-9.+()-]+)(?:;[A-Za-z0-9-]+(?:=[A-Za-z0-9%._~!$'()*+:@-]*)?)*",
    re.IGNORECASE,
)
_TEL_LABEL = re.compile(
    r"(?:tel:|(?:tel(?:efon)?(?:nummer|[\s.-]?nr)?|fon|phone|ruf(?:nummer)?|mobil(?:telefon)?|handy|t)(?![^\W\d_]))[\s.:]*", re.IGNORECASE
)
_TEL_NEXT = re.compile(r"\s*(?:[;,|\n]|\b(?:oder|und|or|and)\b)\s*", re.IGNORECASE)
_TEL_NUMBER = re.compile(r"(\+|00(?=[1-9]))?[\d\s()/.-]+")
_DASHES = str.maketrans("‐‑‒–—−\u00a0\u202f", "------  ")
_NATIONWIDE = frozenset({"110", "112", "115", "116116", "116117"})


@lru_cache(maxsize=4096)
def mailto(term: Term) -> Result:
    """The term as mailto: IRIs, one for each address in it: (terms to stand instead, finding code or "", rule).

    Reads "E-Mail: info@x.de", "Name <info@x.de>", "info(at)x.de", and an address that a parser took for a relative one
    (<https://portal/info@x.de>). Findings: empty-value, email-invalid, email-is-url (a web address where an e-mail address belongs).
    """
    if term[0] == "_":
        return (term,), "", ""
    said = value(term)
    if term[0] == "<" and _MAILTO.fullmatch(said) and is_strict(said):
        return (term,), "", ""
    text = said.strip().replace("\u200b", "").replace("%40", "@")
    if not text:
        return _kept(term, said, "empty-value")
    found = _addresses(text, term[0] == "<") if len(text) <= _LONGEST else []
    terms = tuple(dict.fromkeys(f"<mailto:{address}>" for address in found))
    if terms and all(is_strict(each[1:-1]) for each in terms):
        return terms, "", "email" if len(terms) == 1 else "email-several"
    code = "email-is-url" if text.lower().startswith(("http://", "https://")) else "email-invalid"
    return _kept(term, said, code)


def _addresses(text: str, is_iri: bool) -> list[str]:
    """The addresses of a text that holds nothing else but labels and separators; else none."""
    whole = _AS_HOST.fullmatch(text) or _WITH_NAME.fullmatch(text) or (_RESOLVED.fullmatch(text) if is_iri else None)
    if whole is not None:
        return [_escaped(whole.group(1))]
    if _MAILTO.fullmatch(text):
        address, mark, query = text[7:].partition("?")
        return [_escaped(address) + mark + query.replace(" ", "%20")]
    if "://" in text:
        return []
    plain = _DOT.sub(".", _AT.sub("@", text))
    if _AROUND.sub("", _EMAIL.sub(" ", plain)):
        return []
    return [_escaped(re.sub(r"^mailto:", "", address, flags=re.IGNORECASE)) for address in _EMAIL.findall(plain)]


def _escaped(address: str) -> str:
    name, _, domain = address.rpartition("@")
    return _TO_ESCAPE.sub(lambda found: f"%{ord(found.group()):02X}", name) + "@" + domain


@lru_cache(maxsize=4096)
def tel(term: Term) -> Result:
    """The term as tel: IRIs, one for each number in it: (terms to stand instead, finding code or "", rule).

    +49 (0)381 381-0, 0049 381 3810 and 0381/381-0 all begin with +49 then; blanks, strokes and brackets become hyphens. Numbers such as
    115 get the country as context. Findings: empty-value, telephone-invalid (a fax number, a number without area, words).
    """
    if term[0] == "_":
        return (term,), "", ""
    said = value(term)
    if term[0] == "<" and _TEL.fullmatch(said) and is_strict(said):
        return (term,), "", ""
    text = said.strip().translate(_DASHES).replace("%20", " ")
    if not text:
        return _kept(term, said, "empty-value")
    if len(text) > _LONGEST or (term[0] == "<" and is_strict(said) and said[:4].lower() != "tel:"):
        return _kept(term, said, "telephone-invalid")
    if _TEL.fullmatch(text):
        return (f"<{text}>",), "", "tel"
    numbers = [_number(part) for part in _TEL_NEXT.split(text) if part]
    if not numbers or not all(number for number, _ in numbers):
        return _kept(term, said, "telephone-invalid")
    german = any(is_german for _, is_german in numbers)
    return tuple(dict.fromkeys(f"<tel:{number}>" for number, _ in numbers)), "", "tel-germany" if german else "tel"


def _number(text: str) -> tuple[str, bool]:
    """(number in the form of RFC 3966 or "", whether it was read as a German one)."""
    text = _TEL_LABEL.sub("", text, count=1) if _TEL_LABEL.match(text) else text
    text = text.strip()
    found = _TEL_NUMBER.fullmatch(text)
    if found is None:
        return "", False
    prefix = found.group(1) or ""
    body = text[len(prefix) :]
    if not prefix and body in _NATIONWIDE:
        return f"{body};phone-context=+49", True
    if prefix and not body.lstrip(" (").startswith("39"):
        body = re.sub(r"\(\s*0\s*\)", " ", body)
    groups = re.findall(r"\d+", body)
    german = not prefix
    if not prefix:
        if not groups or groups[0][0] != "0" or groups[0][:2] == "00":
            return "", False
        groups = ["49", groups[0][1:], *groups[1:]]
    elif groups[:1] == ["49"] and len(groups) > 1 and groups[1][0] == "0":
        groups[1] = groups[1][1:]
    number = "-".join(group for group in groups if group)
    digits = sum(len(group) for group in groups)
    return (f"+{number}", german) if 7 <= digits <= 15 and number[0] != "0" else ("", False)


def _kept(term: Term, said: str, code: str) -> Result:
    """The term as it was; an IRI that no format can hold becomes a literal with the same text."""
    if term[0] == "<" and not is_strict(said):
        return (literal(said),), code, "iri-literal"
    return (term,), code, ""


# Data of persons

# Words that make the part before the @ a role and not a person: whole words, and beginnings and endings that no surname has.
_ROLES = frozenset({
    "info", "kontakt", "contact", "post", "mail", "email", "office", "data", "geo", "gis", "gdi", "web", "admin", "team", "it", "edv",
    "kita", "vhs", "amt", "bau", "dsb", "ogd", "presse", "support", "hilfe", "help", "desk", "no", "reply", "open", "kreis", "stadt",
    "gemeinde", "markt", "region", "kultur", "sport", "schule", "schulen", "wahlen", "zentrale", "legal", "pec", "comune", "urp",
    "staff", "press", "hotline", "rathaus", "landkreis", "stadtrat", "landrat", "kreistag",
})  # fmt: skip
_ROLE_BEGINS = (
    "opendata", "open-data", "opengov", "offenedaten", "offene-daten", "geodat", "geodienst", "geoinfo", "geoport", "geobas",
    "poststelle", "postmaster", "statisti", "verwaltung", "redaktion", "webmaster", "administrat", "vermess", "kataster",
    "liegensch", "umwelt", "verkehr", "planung", "ordnung", "bauleit", "hochbau", "tiefbau", "bibliothek", "buecherei", "museum",
    "archiv", "feuerwehr", "datenschutz", "daten", "metadat", "transparen", "buerger", "bürger", "digital", "smartcity",
    "smart-city", "noreply", "no-reply", "service", "support", "helpdesk", "kontakt", "contact", "info", "kommunikation",
    "oeffentlich", "öffentlich", "tourist", "wirtschaft", "finanz", "kaemmerei", "kämmerei", "jugend", "sozial", "gesundheit",
    "portal", "abteilung", "referat", "fachbereich", "fachdienst", "dezernat", "sachgebiet", "sekretariat", "vorzimmer", "protocol",
    "ufficio", "segreter", "direzion", "catalog", "katalog", "inspire", "lizenz", "licens", "licenc",
)  # fmt: skip
_ROLE_ENDS = (
    "amt", "stelle", "dienst", "dienste", "zentrum", "verwaltung", "daten", "data", "archiv", "bibliothek", "buero", "büro", "service",
    "planung", "entwicklung", "werke", "wesen", "leitung", "marketing", "management", "schutz", "betrieb", "betriebe", "recht",
)  # fmt: skip
_BODIES = frozenset({
    "stadt", "amt", "gemeinde", "landkreis", "kreis", "land", "region", "verband", "zweckverband", "verein", "gmbh", "ag",
    "eigenbetrieb", "abteilung", "referat", "fachbereich", "fachdienst", "dezernat", "sachgebiet", "team", "service", "support",
    "redaktion", "verwaltung", "ministerium", "senat", "senator", "institut", "universität", "hochschule", "museum", "archiv",
    "bibliothek", "open", "data", "daten", "geodaten", "portal", "the", "of", "und", "and", "der", "für", "office", "council",
    "city", "comune", "ufficio", "kontakt", "contact", "dienst", "stelle", "zentrale", "werke", "betriebe", "landesamt",
    "bundesamt", "helpdesk", "desk", "help", "info", "department",
})  # fmt: skip

_TITLED = re.compile(
    r"(?:(?:Herrn?|Frau|Hr\.|Fr\.|Mrs?\.|Sig(?:\.|nora|nor))\s+(?:(?:Dr|Prof|Dipl|Ing)[.-]\S*\s+)*|(?:Dr|Prof)\.\s?(?:\S+\.\s)*)"
    r"(?:[A-ZÄÖÜ]\.\s*)*[A-ZÄÖÜ][\w'-]+(?:\s+[A-ZÄÖÜ][\w'-]+){0,3}"
)
_NAME = r"[A-ZÄÖÜ][a-zäöüßéèáàóòñç]+(?:-[A-ZÄÖÜ][a-zäöüßéèáàóòñç]+)?"
_TWO_NAMES = re.compile(rf"{_NAME}(?:\s+(?:[A-Z]\.|van|von|de|di|del|zu))*,?\s+{_NAME}")
_PERSON_AFTER = re.compile(
    r"(?:Ansprechp(?:artner(?:in)?|erson)|Kontaktperson|Sachbearbeiter(?:in)?|Bearbeiter(?:in)?)\W{1,4}(?:ist\s+)?"
    r"((?:Herrn?|Frau)\s+(?:Dr\.\s+|Prof\.\s+)*[A-ZÄÖÜ][\w'-]+(?:\s+[A-ZÄÖÜ][\w'-]+)?)"
)
_CALL = re.compile(
    r"(?:\b(?:tel(?:efon\w*)?|fon|phone|mobil\w*|handy|durchwahl|rufnummer)\b\W{0,4}(?:(?:nr|nummer)\W{0,4})?((?:\+|\(?0)[\d\s/()–-]{5,22}\d)"
    r"|((?:\+49|\b0049)[\d\s/()–-]{6,22}\d))",
    re.IGNORECASE,
)
_NOT_PERSONAL = re.compile(r"(?:(?:\+|00)49|0)(?:800|180|700|900|137)")
_LOCAL_BEFORE = re.compile(r"[\w.+-]{1,64}$")
_DOMAIN_AFTER = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_PARTS = re.compile(r"[._]")
_PERSONS = frozenset({FOAF.Person, VCARD.Individual})
_AGENT_NAMES = frozenset({FOAF.name, VCARD.fn})
_OF_PERSONS = frozenset({*_AGENT_NAMES, FOAF.givenName, FOAF.familyName, FOAF.firstName, FOAF.surname, VCARD.hasTelephone})
_KINDS = [prop for each in CLASSES.values() for prop in each.properties.values()]
# Properties that hold no words: dates, numbers, addresses, nodes. Most triples are of these, so they are passed over first.
_WORDLESS = frozenset({prop.term for prop in _KINDS if prop.kind is not Kind.LITERAL} | {TYPE}) - (
    frozenset({prop.term for prop in _KINDS if prop.kind is Kind.LITERAL}) | _OF_PERSONS | {VCARD.hasEmail, FOAF.mbox}
)


def personal(description: Description) -> list[Finding]:
    """Findings for what looks like data of persons in texts, names and contacts: personal-email, personal-telephone, personal-name.

    The value of each is masked ("m…@stadt.de"). `dataset` is the IRI (or label) of the description, `field` the property.
    """
    found: dict[tuple[str, str, str], None] = {}
    for properties in description.nodes.values():
        for prop, terms in properties.items():
            if prop in _WORDLESS:
                continue
            for term in terms:
                for code, hidden in _in_term(term) if len(term) < _LONGEST else _in_term.__wrapped__(term):
                    found[code, prop, hidden] = None
            if prop in _OF_PERSONS:
                for code, hidden in _in_person(properties, prop, terms):
                    found[code, prop, hidden] = None
    if not found:
        return []
    dataset = value(description.root)
    return [Finding(code, dataset=dataset, field=prefixed(prop), value=hidden) for code, prop, hidden in found]


def _in_person(properties: dict[Term, list[Term]], prop: Term, terms: list[Term]) -> list[tuple[str, str]]:
    """What a name or a telephone number of a node says about a person."""
    is_person = not _PERSONS.isdisjoint(properties.get(TYPE, ()))
    if prop == VCARD.hasTelephone:
        return [("personal-telephone", masked(value(term))) for term in terms if is_person and not value(term).endswith("-0")]
    if prop not in _AGENT_NAMES:
        return [("personal-name", masked(value(term))) for term in terms if is_person]
    return [("personal-name", masked(value(term))) for term in terms if _is_name(term, is_person)]


@lru_cache(maxsize=4096)
def _is_name(term: Term, is_person: bool) -> bool:
    text = value(term).strip()
    if _TITLED.match(text):
        return True
    return is_person and _TWO_NAMES.fullmatch(text) is not None and _BODIES.isdisjoint(re.split(r"[\s-]+", text.lower()))


@lru_cache(maxsize=8192)
def _in_term(term: Term) -> tuple[tuple[str, str], ...]:
    """(code, masked value) of each e-mail address, telephone number and named contact in a literal or mailto: IRI."""
    if term[0] != '"':
        return tuple(_emails(term[8:-1])) if term.startswith("<mailto:") else ()
    text = term[1 : term.rindex('"')]
    emails, calls, names = "@" in text, _may_call(text), "Frau " in text or "Herr" in text
    if not (emails or calls or names):
        return ()
    text = value(term)
    found = _emails(text) if emails else []
    if calls:
        for call in _CALL.finditer(text):
            number = call.group(1) or call.group(2)
            if not _NOT_PERSONAL.match(re.sub(r"[^\d+]", "", number)) and not number.endswith("-0"):
                found.append(("personal-telephone", masked(number)))
    if names:
        found += [("personal-name", masked(name.group(1))) for name in _PERSON_AFTER.finditer(text)]
    return tuple(found)


def _may_call(text: str) -> bool:
    """Whether a text may hold a telephone number: a cheap look before the expensive one."""
    if "+49" in text or "0049" in text:
        return True
    return "0" in text and (
        "Tel" in text or "TEL" in text or "tel." in text or "tel:" in text or "telefon" in text or "phone" in text or "Fon" in text
        or "fon:" in text or "obil:" in text or "obil " in text or "Handy" in text or "urchwahl" in text or "ufnummer" in text
    )  # fmt: skip


def _emails(text: str) -> list[tuple[str, str]]:
    found = []
    at = text.find("@")
    while at >= 0:
        before = _LOCAL_BEFORE.search(text, max(0, at - 64), at)
        after = _DOMAIN_AFTER.match(text, at + 1)
        if before and after and is_personal(before.group()):
            found.append(("personal-email", masked(f"{before.group()}@{after.group()}")))
        at = text.find("@", at + 1)
    return found


def is_personal(local: str) -> bool:
    """Whether the part before the @ looks like a person's: first.last, f.last, first_last, but no word of a role or an office."""
    words = [word for word in _PARTS.split(local.lower()) if word]
    if len(words) < 2 or not all(word.replace("-", "").isalpha() for word in words) or max(map(len, words)) < 3:
        return False
    return not any(word in _ROLES or word.startswith(_ROLE_BEGINS) or word.endswith(_ROLE_ENDS) for word in words)


def masked(text: str) -> str:
    """An e-mail address, a number or a name that can be found again in its place but not be read from a list."""
    if "@" in text:
        local, _, domain = text.rpartition("@")
        return f"{local[:1]}…@{domain}"
    if any(letter.isdigit() for letter in text):
        return f"{text.strip()[:4]}…"
    return " ".join(f"{word[:1]}…" for word in text.split())
