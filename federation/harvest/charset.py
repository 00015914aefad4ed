"""Encodings: every body becomes UTF-8, whatever was declared; what had to be guessed or replaced is a Finding."""

import codecs
import re
import threading
from collections.abc import Iterator

from federation.finding import Finding

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"), (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_USABLE = re.compile(
    r"utf-?(8|16|32)(-?[lb]e)?|us-?ascii|ascii|iso-?8859-?\d{1,2}|latin-?[19]|(windows-|cp)(125\d|850|437)|macintosh|mac-?roman|koi8-[ru]"
)
_WESTERN = re.compile(r"iso-?8859-?1|latin-?1|us-?ascii|ascii|(windows-|cp)1252")
_DECLARATION = re.compile(rb"<\?xml\s[^<>]{0,200}?\?>")
_ENCODING = re.compile(rb"(\sencoding\s*=\s*)([\"'])([A-Za-z][\w.:-]{0,40})\2")
_VERSION = re.compile(rb"(\sversion\s*=\s*)([\"'])1\.[1-9]\2")
_MARKUP = re.compile(rb"\s*<(?:[A-Za-z_][\w.-]*(?::[\w.-]+)?[\s/>]|!--|!DOCTYPE|\?xml)")
_CONTROLS = [bytes((code,)) for code in range(32) if code not in (9, 10, 13)]
_SPACES = bytes(32 if code < 32 and code not in (9, 10, 13) else code for code in range(256))
_NONCHARACTER = re.compile(rb"\xef\xbf[\xbe\xbf]")
_REFERENCE = re.compile(rb"&#(?:x([0-9A-Fa-f]+)|([0-9]+));")
_BLOCK = 1 << 20
_MENDED = 50_000
_CP1252 = "".join(bytes((code,)).decode("cp1252", "ignore") or chr(code) for code in range(256))


class _Budget(threading.local):
    left = 0


_budget = _Budget()


def _by_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Reads bytes that are no UTF-8 as Windows-1252, its five undefined ones as ISO 8859-1; gives up when there are too many."""
    assert isinstance(error, UnicodeDecodeError)
    _budget.left -= 1
    if _budget.left < 0:
        raise error
    return "".join(_CP1252[code] for code in error.object[error.start : error.end]), error.end


codecs.register_error("federation-cp1252", _by_cp1252)


def text(body: bytes, charset: str = "") -> tuple[bytes, list[Finding]]:
    """(the body in UTF-8 without BOM, what was repaired). `charset` is what the Content-Type says, or empty.

    Order of belief: a BOM; bytes that are valid UTF-8; the XML declaration; `charset`; Windows-1252 for what is left. The XML
    declaration is rewritten to fit. In XML, characters that XML 1.0 forbids (raw or as references) become spaces. Never fails.
    """
    findings: list[Finding] = []
    named, body = _marked(body)
    if named != "utf-8":
        body, findings = _decoded(body, named, charset)
    body, xml = _declaration(body)
    if xml:
        body = _allowed(body, findings)
    return body, findings


def settled(body: bytes) -> bool:
    """Whether the start of an XML document says UTF-8 or nothing, in bytes that can be read as ASCII; else it must pass `text` first."""
    if body[:1] in (b"\xef", b"\xff", b"\xfe") or b"\x00" in body[:64]:
        return False
    said = _said(body)
    return not said or _means_utf8(said)


def _marked(body: bytes) -> tuple[str, bytes]:
    """(encoding that a BOM or zero bytes at the start tell, body without BOM)."""
    for bom, name in _BOMS:
        if body.startswith(bom):
            rest = body[len(bom) :]
            return ("utf-8" if name == "utf-8" and _is_utf8(rest) else "" if name == "utf-8" else name), rest
    start = body[:4]
    if len(start) == 4 and 0 in start:
        zeros = "".join("0" if byte == 0 else "x" for byte in start)
        known = {"x0x0": "utf-16-le", "0x0x": "utf-16-be", "x000": "utf-32-le", "000x": "utf-32-be"}
        return known.get(zeros, ""), body
    return "", body


def _blocks(body: bytes) -> Iterator[memoryview]:
    view = memoryview(body)
    for start in range(0, len(body), _BLOCK):
        yield view[start : start + _BLOCK]


def _is_utf8(body: bytes) -> bool:
    if body.isascii():
        return True
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for block in _blocks(body):
            decoder.decode(block)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _decoded(body: bytes, named: str, charset: str) -> tuple[bytes, list[Finding]]:
    if named:
        return _strict(body, named, named)
    said = _said(body)
    if _is_utf8(body):
        wrong = next((name for name in (charset, said) if name and not _means_utf8(name)), "")
        return body, [_repaired(wrong, "utf-8")] if wrong and not body.isascii() else []
    for name in (said, charset):
        if name and not _means_utf8(name) and _USABLE.fullmatch(name):
            return _strict(body, "cp1252" if _WESTERN.fullmatch(name) else name, name)
    return _mended(body).encode(), [_repaired(charset or said or "utf-8", "windows-1252")]


def _strict(body: bytes, encoding: str, name: str) -> tuple[bytes, list[Finding]]:
    """Decodes by `encoding`; where that fails, by the same with what cannot be read replaced, and a Finding."""
    try:
        return body.decode(encoding).encode(), []
    except (UnicodeError, LookupError):
        pass
    if encoding == "cp1252":
        return "".join(_by_byte(block) for block in _blocks(body)).encode(), []
    try:
        decoded = body.decode(encoding, "replace").encode("utf-8", "replace")
    except LookupError:
        decoded = _mended(body).encode()
    return decoded, [_repaired(name, encoding)]


def _mended(body: bytes) -> str:
    """UTF-8 with single bytes of Windows-1252 among it (two systems wrote one file), or Windows-1252 throughout."""
    _budget.left = _MENDED
    try:
        return body.decode("utf-8", "federation-cp1252")
    except UnicodeDecodeError:
        return "".join(_by_byte(block) for block in _blocks(body))


def _by_byte(block: memoryview) -> str:
    return codecs.charmap_decode(block, "strict", _CP1252)[0]


def _said(body: bytes) -> str:
    """The encoding that the XML declaration names, lower-case."""
    start = _DECLARATION.match(body.lstrip()[:300])
    found = _ENCODING.search(start.group()) if start else None
    return found.group(3).decode().lower() if found else ""


def _means_utf8(name: str) -> bool:
    return name.replace("-", "").replace("_", "") in ("utf8", "utf8mb4", "usascii", "ascii")


def _repaired(declared: str, used: str) -> Finding:
    return Finding("charset-repaired", field="charset", value=declared, params={"used": used})


def _declaration(body: bytes) -> tuple[bytes, bool]:
    """(body whose XML declaration says XML 1.0 in UTF-8 or nothing, at its very start; whether it is XML)."""
    if body[:1].isspace():
        bare = body.lstrip()
        if bare.startswith(b"<?xml"):
            body = bare
    start = _DECLARATION.match(body)
    if start is None:
        return body, _MARKUP.match(body) is not None
    was = start.group()
    found = _ENCODING.search(was)
    now = was if found is None or found.group(3).lower() == b"utf-8" else _ENCODING.sub(rb"\1\2UTF-8\2", was)
    now = _VERSION.sub(rb"\g<1>\g<2>1.0\g<2>", now)
    return (body if now == was else now + body[len(was) :]), True


def _allowed(body: bytes, findings: list[Finding]) -> bytes:
    """XML text in which only characters of XML 1.0 (section 2.2) stand."""
    count = 0
    if any(control in body for control in _CONTROLS):
        clean = body.translate(_SPACES)
        count = sum(body.count(control) for control in _CONTROLS)
        body = clean
    if b"\xef" in body and (found := len(_NONCHARACTER.findall(body))):
        body = _NONCHARACTER.sub(b"\xef\xbf\xbd", body)
        count += found
    if b"&#" in body:
        forbidden = 0

        def judged(match: re.Match[bytes]) -> bytes:
            nonlocal forbidden
            if _legal(match.group(1), match.group(2)):
                return match.group()
            forbidden += 1
            return b" "

        clean = _REFERENCE.sub(judged, body)
        if forbidden:
            body, count = clean, count + forbidden
    if count:
        findings.append(Finding("control-characters", value=str(count), params={"count": str(count)}))
    return body


def _legal(hexadecimal: bytes | None, decimal: bytes | None) -> bool:
    digits = (hexadecimal or decimal or b"").lstrip(b"0")
    if len(digits) > 7:
        return False
    code = int(digits or b"0", 16 if hexadecimal else 10)
    if code < 32:
        return code in (9, 10, 13)
    return code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF and code not in (0xFFFE, 0xFFFF)
