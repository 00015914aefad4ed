"""Log lines: one plain line on a terminal, one JSON object per line elsewhere; credentials never appear in either.

Everything logs to `log` (or a child of it) with a short message; facts go into `extra={"source": ..., "seconds": ...}` and become keys
of the JSON object. Masking is done on the finished line, so that arguments and tracebacks are covered too.
"""

import json as _json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import TextIO

log = logging.getLogger("federation")

MASK = "***"
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)
_NAMES = (
    r"authorization|x-ckan-api-key|proxy-authorization|set-cookie|cookie|api[_-]?key|access[_-]?key|(?:access|refresh|id|auth|csrf|bearer)?[_-]?token"
    r"|passw(?:or)?d|passwort|pwd|secret|client[_-]?secret|signature|sig|auth|credentials?|session(?:id)?"
)
_USERINFO = re.compile(r"(?<=://)[^/?#\s\"'<>@]+(?:@[^/?#\s\"'<>@]+)*@")
_QUOTED = re.compile(rf"(?i)([\"'](?:{_NAMES})[\"']\s*[:=,]\s*)([\"'])(?:\\.|(?!\2).)*\2")
_HEADER = re.compile(r"(?i)\b((?:proxy-)?authorization|x-ckan-api-key|(?:set-)?cookie)(\s*[:=]\s*)(?![\"'])[^\r\n\"']+")
_PAIR = re.compile(rf"(?i)(?<![a-z0-9])({_NAMES})=[^&;\s\"'<>\])}},]+")
_SCHEME = re.compile(r"(?i)\b(bearer|basic|digest)\s+[a-z0-9+/._~-]{8,}=*")
_HINT = re.compile(r"(?i)[@=]|key|auth|token|pass|pwd|secret|cookie|credential|bearer|basic|digest|session|signature")
_secrets: set[str] = set()


def conceal(secret: str) -> None:
    """Masks this very text (6 characters or more) in every later log line: for what is read from the environment or a secrets file."""
    if len(secret) >= 6:
        _secrets.add(secret)


def masked(text: str) -> str:
    """`text` without credentials: user and password in addresses, authorization headers, keys and tokens in queries and mappings."""
    for secret in _secrets:
        if secret in text:
            text = text.replace(secret, MASK)
    if _HINT.search(text) is None:
        return text
    text = _USERINFO.sub(MASK + "@", text)
    text = _QUOTED.sub(rf"\1\2{MASK}\2", text)
    text = _HEADER.sub(rf"\1\2{MASK}", text)
    text = _SCHEME.sub(rf"\1 {MASK}", text)
    return _PAIR.sub(rf"\1={MASK}", text)


class _Line(logging.Formatter):
    """For a person: time, level, message, then what `extra` says."""

    def format(self, record: logging.LogRecord) -> str:
        facts = " ".join(f"{key}={value}" for key, value in _facts(record).items())
        time = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        line = f"{time} {record.levelname.lower()} {record.getMessage()}" + (f" ({facts})" if facts else "")
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return masked(line)


class _Json(logging.Formatter):
    """For a machine: one object per line with time (RFC 3339, UTC), level, message and what `extra` says."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        entry: dict[str, object] = {"time": time, "level": record.levelname.lower(), "message": masked(record.getMessage())}
        for key, value in _facts(record).items():
            entry[key] = MASK if _PAIR.fullmatch(f"{key}=x") else _plain(value)
        if record.name != log.name:
            entry["logger"] = record.name
        if record.exc_info:
            entry["exception"] = masked(self.formatException(record.exc_info))
        return _json.dumps(entry, ensure_ascii=False)


def _facts(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in vars(record).items() if key not in _STANDARD}


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | bool) or value is None else masked(str(value))


def setup(json: bool, verbose: int = 0, stream: TextIO | None = None) -> None:
    """Sends log lines to `stream` (standard error by default); `verbose` 0 shows warnings, 1 runs and steps, 2 everything of ours.

    Safe to call again: the last call holds. Libraries are heard from warnings on only; httpx and httpcore would log addresses and
    headers with credentials below that.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Json() if json else _Line())
    root = logging.getLogger()
    for old in [item for item in root.handlers if isinstance(item.formatter, _Line | _Json)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    log.setLevel(_LEVELS[max(0, min(verbose, 2))])
    # On a terminal the commands themselves show how runs ended.
    logging.getLogger("federation.run").setLevel(logging.NOTSET if json or verbose else logging.CRITICAL)
    for name in ("httpx", "httpcore", "alembic", "apscheduler", "sqlalchemy.engine"):
        logging.getLogger(name).setLevel(logging.WARNING)
