"""The session object for ckanapi: what `RemoteCKAN(address, session=...)` calls on requests' Session, going through the network door."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from federation.errors import SourceError
from federation.harvest import screen

if TYPE_CHECKING:
    from federation.harvest.http import Answer, Http


class Reply:
    """An answer in the shape of requests.Response, as far as ckanapi looks at it."""

    def __init__(self, answer: "Answer", source: str) -> None:
        self._answer = answer
        self._source = source
        self.status_code = answer.status
        self.content = answer.body
        self.headers = answer.headers
        self.url = answer.url

    @property
    def ok(self) -> bool:
        """Whether the status is one of success."""
        return self.status_code < 400

    @property
    def text(self) -> str:
        """The body as text; what is not UTF-8 is read by the declared charset or repaired."""
        return screen.text(self.content, self._answer.charset)[0].decode()

    def json(self, **_: Any) -> Any:
        """The body as JSON values; SourceError where it is none."""
        return screen.json(self.content, url=self.url, source=self._source)

    def raise_for_status(self) -> None:
        """SourceError where the status is not one of success."""
        if not self.ok:
            raise SourceError("http-status", source=self._source, url=self.url, status=self.status_code, detail=screen.title(self.content))


class Session:
    """Given to `ckanapi.RemoteCKAN(session=...)`; `last` is the last answer with its raw bytes. One for each thread.

    Error statuses with a JSON body are given to ckanapi, which makes NotFound, NotAuthorized and so on of them. Every other failure, and a
    page of HTML where data should be, is a SourceError. A redirected POST keeps its data. ckanapi's own User-Agent is replaced by ours;
    its timeouts give way to the settings of the door.
    """

    def __init__(self, http: "Http", source: str = "", headers: Mapping[str, str] | None = None, repeat: bool = True) -> None:
        self._http = http
        self._source = source
        self._headers = dict(headers or {})
        self._repeat = repeat
        self.last: Answer | None = None

    def get(self, url: str, params: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None, **_: Any) -> Reply:
        """GET with `params` as the query."""
        return self._send("GET", url, headers, {"params": _written(params)} if params else {})

    def post(
        self, url: str, data: bytes | str | Mapping[Any, Any] | None = None, params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None, files: Mapping[str, Any] | None = None, json: Any = None, **_: Any,
    ) -> Reply:  # fmt: skip
        """POST of bytes, of a form, of a form with files, or of JSON."""
        content: dict[str, Any] = {"params": _written(params)} if params else {}
        if json is not None:
            content["json"] = json
        elif isinstance(data, Mapping):
            content["data"] = {_plain(key): _plain(value) for key, value in data.items()}
        elif data is not None:
            content["content"] = data
        if files:
            content["files"] = dict(files)
        return self._send("POST", url, headers, content)

    def _send(self, method: str, url: str, headers: Mapping[str, str] | None, content: dict[str, Any]) -> Reply:
        kept = {name: value for name, value in {**self._headers, **(headers or {})}.items() if name.lower() != "user-agent"}
        answer = self._http.request(
            method, url, source=self._source, headers=kept, content=content, repeat=self._repeat, any_status=True
        )  # fmt: skip
        self.last = answer
        if answer.not_modified and not {"if-none-match", "if-modified-since"}.isdisjoint(map(str.lower, kept)):
            return Reply(answer, self._source)
        if 300 <= answer.status < 400 or answer.status == 206:  # what nobody asked for
            raise self._http.failure(answer, self._source)
        kind = screen.sniff(answer.body)
        if kind not in ("json", "json-ld"):
            if answer.status >= 400:
                raise self._http.failure(answer, self._source)
            screen.refuse(kind, answer.body, url=answer.url, source=self._source)
        return Reply(answer, self._source)

    def close(self) -> None:
        """Forgets the last answer; the connections belong to the door."""
        self.last = None

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _plain(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else value


def _written(params: Mapping[str, Any] | None) -> dict[str, Any]:
    """Query parameters as CKAN reads them: lists and objects as JSON, None left out."""
    return {
        key: json.dumps(value) if isinstance(value, dict | list | bool) else value
        for key, value in (params or {}).items() if value is not None
    }  # fmt: skip
