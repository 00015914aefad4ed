"""Texts: titles and keywords as plain text, descriptions in the HTML tags that GovData shows, language tags as BCP 47.

GovData shows a, li, ol, ul, p, br, b, i and u (DCAT-AP.de conventions); everything else would stand there as raw text. A text without
markup stays as it is, byte for byte. Characters that XML 1.0 cannot hold are taken out. Damaged umlauts are reported, not repaired.
Both functions are idempotent: they go on until nothing changes, and leave a text as it was that does not settle.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from html.entities import html5

import nh3

from federation.terms import RDF, Term, literal, value

Result = tuple[tuple[Term, ...], str, str]

LONGEST = 100_000  # characters of a description that is still worked on with an HTML parser
_MOST_TAGS = 4_000  # nested tags cost the HTML parser time by their square
_PASSES = 4
_CACHED = 1_000  # longer texts rarely come twice

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MAY_BE_ILLEGAL = re.compile(r"\\[bfuU]|[\ud800-\udfff\ufffe\uffff]")
_NAMES = frozenset({
    "a", "abbr", "acronym", "address", "article", "aside", "b", "big", "blockquote", "body", "br", "button", "caption", "center",
    "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "embed", "fieldset", "figcaption",
    "figure", "font", "footer", "form", "frame", "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html",
    "i", "iframe", "img", "input", "ins", "kbd", "label", "legend", "li", "link", "main", "map", "mark", "meta", "nav", "noscript",
    "object", "ol", "option", "p", "param", "pre", "q", "s", "samp", "script", "section", "select", "small", "source", "span",
    "strike", "strong", "style", "sub", "summary", "sup", "svg", "table", "tbody", "td", "textarea", "tfoot", "th", "thead",
    "title", "tr", "tt", "u", "ul", "var", "video", "wbr", "o:p", "math", "canvas", "audio", "marquee", "picture", "template",
    "base", "applet", "dialog",
})  # fmt: skip
_TAG_FORM = r"(/?)([A-Za-z][A-Za-z0-9:]{0,14})"
_TOKEN = re.compile(rf"<{_TAG_FORM}([\s/][^<>]*)?>|<!--")
_TOKEN_OR_LESS = re.compile(rf"{_TOKEN.pattern}|<[?!][^<>]*>|<")
_ESCAPED_TOKEN = re.compile(rf"&lt;{_TAG_FORM}([\s/][^<>]{{0,400}}?)?&gt;")
_ATTRIBUTES = re.compile(r"\b(?:on\w+|href|src|style)\s*=", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,31}));")
_CLOSE = {
    "": re.compile("-->"),
    "script": re.compile("</script[^<>]*>", re.IGNORECASE),
    "style": re.compile("</style[^<>]*>", re.IGNORECASE),
}
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "legend", "li", "main",
    "nav", "ol", "option", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "title", "tr", "ul",
})  # fmt: skip
_CELLS = frozenset({"td", "th"})
_HIDDEN = frozenset({"script", "style"})
_SHOWN = frozenset({"a", "li", "ol", "ul", "p", "br", "b", "i", "u"})
_SAME = {"strong": "b", "em": "i"}
_LINKS = ("http://", "https://", "mailto:")
_MOJIBAKE = re.compile("Ã[\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€[\x80-\xbf™œžŸ“”¦¢˜š]|Â[\x80-\xbf]|[\x80-\x9f\ufffd]")

_RUNS = re.compile(r"[ \t]{2,}")

_TAG = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*"
    r"(?:-[a-wyz\d](?:-[a-z\d]{2,8})+)*(?:-x(?:-[a-z\d]{1,8})+)?|x(?:-[a-z\d]{1,8})+",
    re.IGNORECASE,
)
_SHORT = {
    "ger": "de", "deu": "de", "eng": "en", "fra": "fr", "fre": "fr", "ita": "it", "spa": "es", "nld": "nl", "dut": "nl", "pol":
    "pl", "ces": "cs", "cze": "cs", "dan": "da", "swe": "sv", "nor": "no", "nob": "nb", "nno": "nn", "fin": "fi", "est": "et",
    "lav": "lv", "lit": "lt", "slk": "sk", "slo": "sk", "slv": "sl", "hun": "hu", "ron": "ro", "rum": "ro", "bul": "bg", "hrv":
    "hr", "srp": "sr", "bos": "bs", "mkd": "mk", "mac": "mk", "sqi": "sq", "alb": "sq", "ell": "el", "gre": "el", "por": "pt",
    "cat": "ca", "eus": "eu", "baq": "eu", "glg": "gl", "gle": "ga", "cym": "cy", "wel": "cy", "mlt": "mt", "isl": "is", "ice":
    "is", "ltz": "lb", "roh": "rm", "fry": "fy", "rus": "ru", "ukr": "uk", "bel": "be", "tur": "tr", "ara": "ar", "heb": "he",
    "fas": "fa", "per": "fa", "kur": "ku", "zho": "zh", "chi": "zh", "jpn": "ja", "kor": "ko", "vie": "vi", "lat": "la", "epo":
    "eo", "yid": "yi", "kat": "ka", "geo": "ka", "hye": "hy", "arm": "hy", "deutsch": "de", "german": "de", "english": "en",
    "englisch": "en", "french": "fr",
}  # fmt: skip
_TAGS_SEEN: dict[str, tuple[str, str, str]] = {}
_MARKED_UP = frozenset({RDF.HTML, RDF.XMLLiteral})

_cleaner = nh3.Cleaner(
    tags=set(_SHOWN), attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"}, link_rel=None,
    clean_content_tags=set(_HIDDEN),
)


def plain(term: Term) -> Result:
    """A title, keyword or name as plain text: (terms to stand instead, finding code or "", rule).

    Markup is taken out (blocks become line breaks, links keep their address in brackets), entities are resolved, blanks at the ends
    go. Findings: empty-value, text-too-long, text-markup (markup that does not come to an end), language-tag-invalid, mojibake.
    """
    return _plain_cached(term) if len(term) < _CACHED else _normal(term, _without_markup, trim=True)


def rich(term: Term) -> Result:
    """A description with no other tags than GovData shows: (terms to stand instead, finding code or "", rule). Findings as in `plain`."""
    return _rich(term) if len(term) < _CACHED else _normal(term, _shown, trim=False)


def suggested(text: str) -> str:
    """What a text with damaged umlauts probably said, for the remedy of the finding `mojibake`; the same text where nobody can tell."""
    return _MOJIBAKE.sub(_repaired, text)


def language(tag: str) -> tuple[str, str, str]:
    """(BCP 47 tag in lower case, finding code or "", rule) of a language tag; the tag is empty where it is none (RFC 5646).

    Lower case since pyoxigraph and rdflib compare and write it so; the case has no meaning. Three letters become two where two exist.
    """
    return _TAGS_SEEN.get(tag) or _TAGS_SEEN.setdefault(tag, _language(tag)) if len(_TAGS_SEEN) < 10_000 else _language(tag)


def _language(tag: str) -> tuple[str, str, str]:
    first, *others = tag.strip().lower().replace("_", "-").split("-")
    tidy = "-".join([_SHORT.get(first, first), *others])
    if not _TAG.fullmatch(tidy):
        return "", "language-tag-invalid", "language-tag"
    return tidy, "", "" if tidy == tag else "language-tag"


@lru_cache(maxsize=8192)
def _plain_cached(term: Term) -> Result:
    return _normal(term, _without_markup, trim=True)


@lru_cache(maxsize=1024)
def _rich(term: Term) -> Result:
    return _normal(term, _shown, trim=False)


def _normal(term: Term, work: Callable[[str], str | None], trim: bool) -> Result:
    if term[0] != '"':
        return (term,), "text-node", ""
    end = term.rindex('"')
    body, tail = term[1:end], term[end + 1 :]
    new_tail, code, rule = _tail(tail)
    rules = [rule] if rule else []
    if _is_fine(body, trim):
        return ((f'"{body}"{new_tail}' if rules else term),), code, "+".join(rules)
    said = value(term)
    text = _ILLEGAL.sub("", said)
    if text != said:
        rules.append("illegal-characters")
    marked = "<" in text or "&" in text
    if len(text) > LONGEST:
        code = code or "text-too-long"
        work = _without_markup
    new = work(text) if marked else text
    if new is None:
        code, new = code or "text-markup", text
    elif new != text:
        rules.append("html")
    if trim and new != new.strip():
        new = new.strip()
        rules.append("trim")
    if not new.strip():
        code = "empty-value"
    elif not code and _MOJIBAKE.search(new):
        code = "mojibake"
    if not rules:
        return (term,), code, ""
    return (literal(new) + new_tail,), code, "+".join(rules)


def _tail(tail: str) -> tuple[str, str, str]:
    """(what stands behind the text, finding code, rule): a language tag in order, no datatype that says markup."""
    if not tail:
        return "", "", ""
    if tail[0] == "@":
        tag, code, rule = language(tail[1:])
        return (f"@{tag}" if tag else ""), code, rule
    return ("", "", "text-datatype") if tail[2:] in _MARKED_UP else (tail, "", "")


def _is_fine(body: str, trim: bool) -> bool:
    """Whether nothing is to be done for an escaped text: the way of nearly every text, so no more than a few scans in C."""
    if "<" in body or "&" in body or not body or len(body) > LONGEST:
        return False
    if "\\" in body and (trim or _MAY_BE_ILLEGAL.search(body) or not body.strip(" \\nrt")):
        return False
    if body[0].isspace() or body[-1].isspace():
        return False
    return body.isascii() or (
        body.isprintable() and "Ã" not in body and "Â" not in body and "â€" not in body and "\ufffd" not in body
    )  # fmt: skip


def _without_markup(text: str) -> str | None:
    """Plain text; None where it does not settle."""
    for _ in range(_PASSES):
        new = _without_tags(text) if _has(_TOKEN, text) else _ENTITY.sub(_resolved, text)
        if new == text:
            return text
        text = new
    return None


def _shown(text: str) -> str | None:
    """The text with no tags but those that GovData shows; None where it does not settle."""
    if text.count("<") > _MOST_TAGS:
        return _without_markup(text)
    for _ in range(_PASSES):
        if _has(_TOKEN, text):
            new = _cleaner.clean(_prepared(text))
            if _has(_TOKEN, new):
                return new  # the cleaner leaves alone what it wrote itself
            new = _ENTITY.sub(_resolved, new)
        elif _has(_ESCAPED_TOKEN, text):
            new = _ENTITY.sub(_resolved, text)
        else:
            return text
        if new == text:
            return text
        text = new
    return None


def _has(tokens: re.Pattern[str], text: str) -> bool:
    """Whether a text has a tag of HTML (<Name> is none) or a comment."""
    return any(found.group(2) is None or _is_tag(*found.group(2, 3)) for found in tokens.finditer(text))


def _is_tag(name: str, rest: str | None) -> bool:
    """Whether a name between < and > is a tag: one of HTML, or any that has attributes a browser would act on."""
    return name.lower() in _NAMES or bool(rest and _ATTRIBUTES.search(rest))


def _prepared(text: str) -> str:
    """Tags renamed to those that are shown; the others taken out so that words do not melt; a lone < escaped."""
    comments = "-->" in text

    def tag(found: re.Match[str]) -> str:
        closing, name, rest = found.groups()
        if name is None:
            return _other(found.group(), comments)
        if not _is_tag(name, rest):
            return "&lt;" + found.group()[1:]
        name = name.lower()
        if name in _SAME:
            return f"<{closing}{_SAME[name]}>"
        if name in _SHOWN or name in _HIDDEN:
            return f"<{closing}{name}{rest or ''}>"
        return _gap(name)

    return _TOKEN_OR_LESS.sub(tag, text)


def _other(token: str, comments: bool) -> str:
    """What becomes of a < that begins no tag: a comment stays for the HTML parser, where comments end; <?xml ...> goes."""
    if token == "<":
        return "&lt;"
    return token if comments and token == "<!--" else ""


def _without_tags(text: str) -> str:
    """The words of a text with markup: a block is a line, a link keeps its address in brackets, scripts and comments go."""
    result: list[str] = []
    links: list[tuple[str, int]] = []
    ended: set[str] = set()  # what is opened but not closed any more, so that the search for it is not repeated
    at = 0
    while (found := _TOKEN.search(text, at)) is not None:
        result.append(text[at : found.start()])
        at = found.end()
        closing, name, rest = found.groups()
        is_text = name is not None and not _is_tag(name, rest)
        name = (name or "").lower()
        if is_text:
            result.append(found.group())
        elif not name or (name in _HIDDEN and not closing):
            close = _CLOSE[name].search(text, at) if name not in ended else None
            if close is None:
                ended.add(name)
            else:
                at = close.end()
        elif name == "a" and not closing:
            links.append((_address(rest or ""), len(result)))
        elif name == "a" and links:
            address, start = links.pop()
            if address and address not in "".join(result[start:]):
                result.append(f" ({address})")
        else:
            result.append(_gap(name))
    result.append(text[at:])
    lines = (_RUNS.sub(" ", line).strip() for line in "".join(result).split("\n"))
    return "\n".join(line for line in lines if line)


def _gap(name: str) -> str:
    return "\n" if name in _BLOCKS else " " if name in _CELLS else ""


def _address(attributes: str) -> str:
    found = _HREF.search(attributes)
    address = next((part for part in found.groups() if part), "") if found else ""
    return address.strip() if address.strip().lower().startswith(_LINKS) else ""


def _resolved(entity: re.Match[str]) -> str:
    number, hexadecimal, name = entity.groups()
    if name:
        return html5.get(name + ";", entity.group())
    code = int(number) if number else int(hexadecimal, 16)
    letter = chr(code) if code <= 0x10FFFF else ""
    return entity.group() if not letter or _ILLEGAL.search(letter) else letter


def _repaired(found: re.Match[str]) -> str:
    if "\x80" <= found.group() <= "\x9f":
        return found.group().encode("latin-1").decode("cp1252", "replace")
    for codec in ("cp1252", "latin-1"):
        try:
            return found.group().encode(codec).decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
    return found.group()
