"""The CKAN Action API (https://docs.ckan.org/en/latest/api/) through ckanapi, going through our own network door."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias
from urllib.parse import urlencode

import orjson
from ckanapi import (  # type: ignore[import-untyped]
    CKANAPIError,
    NotAuthorized,
    NotFound,
    RemoteCKAN,
    SearchError,
    SearchIndexError,
    SearchQueryError,
    ServerIncompatibleError,
    ValidationError,
)  # fmt: skip
from ckanapi.common import reverse_apicontroller_action  # type: ignore[import-untyped]

from connectors._ckan_address import public, root_of
from connectors._ckan_values import decoded
from federation.errors import SourceError
from federation.harvest.connector import Stored
from federation.harvest.http import Http

__all__ = ["ACTIONS", "REFUSED", "Answer", "Missing", "NotAuthorized", "NotFound", "Portal"]

Json: TypeAlias = Any
Query: TypeAlias = Iterable[tuple[str, str | int]]

ACTIONS = "api/3/action/"
# What servers answer for an action that they do not have (CKAN itself: 400 "Action name not known").
_NO_ACTION = frozenset(("400", "404", "405", "410", "501"))
REFUSED = (SearchError, SearchIndexError, SearchQueryError, ValidationError)
"""CKAN understood the request and does not accept its parameters."""


class Missing(Exception):
    """The server does not have an action."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one action: address without secrets, raw bytes, parsed result, validators; `unchanged`: the server said that it is as
    it was, and the bytes are the stored ones.
    """

    url: str
    body: bytes
    result: Json
    etag: str = ""
    modified: str = ""
    unchanged: bool = False


class Portal(RemoteCKAN):  # type: ignore[misc]
    """One CKAN. ckanapi's errors say what CKAN answered (NotFound, NotAuthorized ...); anything else is a SourceError."""

    base_url = ACTIONS

    def __init__(self, url: str, http: Http, source: str = "", stored: Mapping[str, Stored] = MappingProxyType({})) -> None:
        super().__init__(root_of(url), get_only=True, session=http.session(source))
        self.root = public(self.address)
        self.source = source
        self._stored = stored

    def call(self, action: str, query: Query = ()) -> Answer:
        """One action by GET. Missing where the server does not have it."""
        address = f"{ACTIONS}{action}" + (f"?{urlencode(list(query))}" if query else "")
        url = f"{self.root}/{address}"
        known = self._stored.get(url, Stored())
        try:
            reply = self.session.get(f"{self.address}/{address}", headers=_conditions(known))
        except SourceError as error:
            if error.params.get("status") in _NO_ACTION:
                raise Missing(action) from error
            raise
        unchanged = reply.status_code == 304
        if reply.status_code < 300 or unchanged:
            body = known.read() if unchanged else reply.content
            parsed = decoded(body, url, self.source)
            if isinstance(parsed, dict) and parsed.get("success", "result" in parsed) and "result" in parsed:
                etag, modified = reply.headers.get("etag", ""), reply.headers.get("last-modified", "")
                if unchanged:
                    etag, modified = etag or known.etag, modified or known.modified
                return Answer(url, body, parsed["result"], etag, modified, unchanged)
        try:
            return Answer(url, reply.content, reverse_apicontroller_action(url, reply.status_code, reply.text))
        except NotFound as error:
            if "id" not in dict(query):
                raise Missing(action) from error
            raise
        except (*REFUSED, NotAuthorized):
            raise
        except (CKANAPIError, ServerIncompatibleError) as error:
            if str(reply.status_code) in _NO_ACTION:
                raise Missing(action) from error
            raise SourceError(
                "ckan-error", source=self.source, url=url, status=reply.status_code, detail=_detail(reply.content)
            ) from error

    def failure(self, error: Exception, url: str = "") -> SourceError:
        """A refusal of CKAN as the error that ends a run."""
        where = url or f"{self.root}/{ACTIONS}"
        if isinstance(error, NotAuthorized):
            return SourceError("ckan-forbidden", source=self.source, url=where, detail=_words(error))
        if isinstance(error, Missing):
            return SourceError("ckan-no-api", source=self.source, url=where, action=str(error))
        if isinstance(error, REFUSED):
            return SourceError("ckan-refused", source=self.source, url=where, detail=_words(error))
        return SourceError("ckan-error", source=self.source, url=where, status="", detail=_words(error))




def _conditions(known: Stored) -> dict[str, str]:
    """The headers that ask for an answer only where it is another one than the stored."""
    named = {"If-None-Match": known.etag, "If-Modified-Since": known.modified}
    return {name: value for name, value in named.items() if value}


def _words(error: Exception) -> str:
    said: Json = getattr(error, "error_dict", None) or getattr(error, "extra_msg", None) or str(error)
    if isinstance(said, Mapping):
        said = said.get("message") or "; ".join(f"{key}: {value}" for key, value in said.items() if key != "__type")
    return str(said)[:300]


def _detail(body: bytes) -> str:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body[:200].decode("utf-8", "replace")
    if isinstance(said, Mapping):
        said = said.get("error") or said.get("message") or said
        said = said.get("message", said) if isinstance(said, Mapping) else said
    return str(said)[:300]
