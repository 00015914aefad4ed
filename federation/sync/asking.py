"""Asking: whether a dataset that its listing lacks is really gone, asked at its own address, politely and at the end of a run only."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urljoin

from federation.errors import SourceError
from federation.harvest.http import Http

MOST = 50  # questions to one source in a run; who is not asked stays, and is asked in the next
GONE = frozenset((404, 410))
OUTRIGHT = 410  # "gone" is a statement (RFC 9110, 15.5.11); said twice it is believed without waiting
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_BUSY = frozenset((429, 503))  # who says so is left alone until the next run
_HOPS = 5
_SECONDS = 20.0  # for one exchange
_ALL_SECONDS = 180.0  # for all questions of a feed
_SILENT = 3  # servers that do not answer so often in a row are left alone


class Question(NamedTuple):
    """One dataset of a source, and where it can be asked for."""

    source: str
    identifier: str
    url: str


@dataclass(frozen=True, slots=True)
class Answers:
    """{(source, identifier): status of HTTP, 0 where none came}; who is not in it was not asked."""

    statuses: Mapping[tuple[str, str], int] = field(default_factory=dict)


def ask(http: Http, questions: list[Question], stop: threading.Event, *, seconds: float = _ALL_SECONDS) -> Answers:
    """Asks one after the other through the network door; ends early when `stop` is set, after `seconds`, or where nobody answers."""
    ends = time.monotonic() + min(seconds, _ALL_SECONDS)
    found: dict[tuple[str, str], int] = {}
    silent = 0
    for question in questions:
        if stop.is_set() or time.monotonic() > ends or silent >= _SILENT:
            break
        status = _status(http, question)
        found[question.source, question.identifier] = status
        silent = 0 if status else silent + 1
        if status in _BUSY:
            break
    return Answers(found)


def _status(http: Http, question: Question) -> int:
    """The status of GET after redirects; 0 where there is no answer, or no end of redirects."""
    url = question.url
    for _ in range(_HOPS):
        try:
            answer = http.probe("GET", url, seconds=_SECONDS, source=question.source)
        except SourceError:
            return 0
        if answer.status not in _REDIRECTS or not answer.headers.get("location"):
            return answer.status
        url = urljoin(url, answer.headers["location"])
    return 0
