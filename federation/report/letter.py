"""The mails to the operator: plain text, one paragraph a source, each with what happened, cause, remedy, since when and which command."""

import platform
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.charset import QP, Charset
from email.header import Header, decode_header, make_header
from email.message import Message
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr, make_msgid
from typing import Any
from urllib.parse import urlsplit

from federation.config import FederationConfig
from federation.log import masked
from federation.report.sentences import mail, moment
from federation.report.verdict import RANK, SYMBOLS

WIDTH = 72
# What the codes of verdicts are told as: changes within one kind and colour are no news. "never" is none: nothing has happened yet.
KINDS: Mapping[str, str] = {
    "ok": "ok", "released": "ok", "held": "held", "late-held": "held", "pinned": "pinned", "late-pinned": "pinned", "failed": "failed",
    "failing": "failed", "late-failed": "failed", "interrupted": "interrupted", "late": "late", "paused": "paused",
    "rejected-all": "rejected", "rejected-some": "rejected", "empty": "empty", "violations": "violations",
}  # fmt: skip
_OWN_WORDS = frozenset({"held", "failed", "failing", "late-held", "late-failed"})  # whose sentence holds the cause, which has its own line
_UTF8 = Charset("utf-8")
_UTF8.body_encoding = QP
_NAMED = 3  # sources in a subject
_SUBJECT = 120  # characters


def changes(config: FederationConfig, report: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], now: datetime) -> Message:
    """The mail about sources (entries of the status) whose state changed."""
    language = config.mail.language
    ordered = sorted(entries, key=lambda one: -RANK[one["verdict"]])
    bad = [one for one in ordered if one["verdict"] != "green"]
    subject = mail("subject", language, title=config.catalog.title, gist=gist(ordered, language))
    intro = "intro.good" if not bad else "intro.one" if len(ordered) == 1 else "intro"
    text = [mail("greeting", language), mail(intro, language)]
    text += [_paragraph(one, config) for one in ordered]
    text.append(_whole(report, language))
    if bad:
        text.append(_asked(bad, language, config.mail.deputy_after_days if config.mail.deputy else 0))
    return _message(config, subject, text, config.mail.to, now)


def unanswered(config: FederationConfig, report: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], now: datetime) -> Message:
    """The mail to the deputy about what nobody has acknowledged; the operator has a copy."""
    language, days = config.mail.language, config.mail.deputy_after_days
    ordered = sorted(entries, key=lambda one: -RANK[one["verdict"]])
    subject = mail("subject.deputy", language, title=config.catalog.title, days=days, gist=gist(ordered, language))
    text = [mail("greeting", language), mail("intro.deputy", language, days=days), *(_paragraph(one, config) for one in ordered)]
    text += [_whole(report, language), _asked(ordered, language)]
    return _message(config, subject, text, [config.mail.deputy], now, copy=config.mail.to)


def trial(config: FederationConfig, report: Mapping[str, Any], now: datetime) -> Message:
    """A mail that only shows that mail arrives."""
    language = config.mail.language
    text = [mail("greeting", language), mail("intro.test", language), _whole(report, language)]
    return _message(config, mail("subject.test", language, title=config.catalog.title), text, config.mail.to, now)


def gist(entries: Sequence[Mapping[str, Any]], language: str) -> str:
    """What happened, short enough for a subject: the sources by name where they are few, else how many of each kind."""
    kinds = [mail(f"kind.{KINDS[one['why']]}", language) for one in entries]
    if len(entries) <= _NAMED:
        named = "; ".join(mail("gist", language, member=_name(one), kind=kind) for one, kind in zip(entries, kinds, strict=True))
        if len(named) <= _SUBJECT:
            return named
    return ", ".join(mail("gist.count", language, count=count, kind=kind) for kind, count in Counter(kinds).most_common())


def _name(entry: Mapping[str, Any]) -> str:
    """A member by its title; with the source's own name where it has one."""
    _, _, own = entry["id"].partition(".")
    return f"{entry['title']} ({own})" if own else str(entry["title"])


def _paragraph(entry: Mapping[str, Any], config: FederationConfig) -> str:
    language, zone = config.mail.language, config.schedule.zone
    code = entry["why"]
    last = entry["last_run"] or {}
    what = entry["sentence"]
    if code in _OWN_WORDS:
        what = mail(f"what.{code}", language, when=moment(last.get("started"), language, zone), failures=entry["failures"])
    if entry["stage"] == "preview":
        what = f"{what} {mail('preview', language)}"
    colour = mail(f"colour.{entry['verdict']}", language).upper()
    head = mail("head", language, symbol=SYMBOLS[entry["verdict"]], colour=colour, member=_flat(_name(entry)), source=entry["id"],
                kind=mail(f"kind.{KINDS[code]}", language))  # fmt: skip
    facts = [("what", what), ("cause", entry["cause"]), ("where", entry["where"]), ("remedy", entry["remedy"]),
             ("since", moment(entry["since"], language, zone) if entry["since"] else ""), ("command", entry["command"])]  # fmt: skip
    lines = [_filled(mail(key, language, text=_flat(text)), indent=11) for key, text in facts if text]
    return "\n".join([head, *(textwrap.indent(line, "  ") for line in lines)])


def _whole(report: Mapping[str, Any], language: str) -> str:
    colour = report["verdict"]
    return _filled(mail("whole", language, symbol=SYMBOLS[colour], colour=mail(f"colour.{colour}", language), sentence=report["sentence"]))


def _asked(entries: Sequence[Mapping[str, Any]], language: str, days: int = 0) -> str:
    """The request to acknowledge; the command stands on a line of its own, so that it can be copied."""
    source = entries[0]["id"] if len(entries) == 1 else mail("arg.source", language)
    deputy = f" {mail('acknowledge.deputy', language, days=days)}" if days else ""
    return f"{_filled(mail('acknowledge', language) + deputy)}\n  {mail('acknowledge.command', language, source=source)}"


def _flat(text: str) -> str:
    return " ".join(text.split())


def _filled(text: str, indent: int = 0) -> str:
    return textwrap.fill(text, WIDTH, subsequent_indent=" " * (indent - 2 if indent else 0), break_long_words=False, break_on_hyphens=False)


def _message(
    config: FederationConfig, subject: str, text: Sequence[str], to: Sequence[str], now: datetime, copy: Sequence[str] = (),
) -> Message:  # fmt: skip
    """A mail with every header that it needs to be taken for what it is (RFC 5322, RFC 3834)."""
    language = config.mail.language
    place = mail("place", language, host=platform.node(), folder=config.path.resolve())
    body = "\n\n".join([*(part if "\n" in part else _filled(part) for part in text), _filled(place), mail("footer", language)])
    message = MIMEText(masked(body) + "\n", "plain", _UTF8)  # type: ignore[arg-type]  # a Charset is welcome
    if config.mail.sender:  # a dry run may be there before [mail] is
        message["From"] = _named(_flat(config.catalog.publisher or config.catalog.title), config.mail.sender)
    for name, addresses in (("To", to), ("Cc", copy)):
        if any(addresses):
            message[name] = ", ".join(address for address in addresses if address)
    short = _flat(masked(subject))
    message["Subject"] = _header("Subject", short if len(short) <= 2 * _SUBJECT else f"{short[: 2 * _SUBJECT]}…")
    message["Date"] = format_datetime(now.astimezone(config.schedule.zone))
    message["Message-ID"] = make_msgid(domain=urlsplit(config.catalog.base_url).hostname or "localhost")
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = language
    return message


def _header(name: str, text: str) -> str:
    """As RFC 2047 has it. The newer way of the library loses blanks between encoded words and sets them side by side."""
    return text if text.isascii() and len(text) <= WIDTH else Header(text, "utf-8", header_name=name).encode()


def _named(name: str, address: str) -> str:
    return formataddr((name, address)) if name.isascii() else f"{_header('From', name)} <{address}>"


def shown(message: Message) -> str:
    """Subject and text as a person reads them."""
    text = message.get_payload(decode=True)
    assert isinstance(text, bytes)
    return f"{make_header(decode_header(message['Subject']))}\n\n{text.decode()}"
