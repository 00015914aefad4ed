"""What goes through the network door: its settings, what is known of an earlier answer, an answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Protocol

from federation.harvest import addresses


class Network(Protocol):
    """The settings of the door (`config.NetworkSettings`): seconds, bytes, counts; networks in `allow` are reached though not public."""

    @property
    def allow(self) -> Iterable[addresses.Network]: ...
    @property
    def connect_timeout(self) -> float: ...
    @property
    def read_timeout(self) -> float: ...
    @property
    def total_timeout(self) -> float: ...
    @property
    def max_bytes(self) -> int: ...
    @property
    def max_wire_bytes(self) -> int: ...
    @property
    def per_host(self) -> int: ...
    @property
    def min_interval(self) -> float: ...
    @property
    def retries(self) -> int: ...
    @property
    def redirects(self) -> int: ...
    @property
    def user_agent_contact(self) -> str: ...
    @property
    def ca_file(self) -> str: ...
    @property
    def proxy(self) -> str: ...
    @property
    def no_proxy(self) -> Iterable[str]: ...


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave with an earlier answer, for asking "only if changed" (RFC 9110, 13.1): ETag and Last-Modified, as they came."""

    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer: `url` is the final address, `body` unpacked bytes, `media_type` lower-case without parameters, `charset` as declared
    (lower-case, or empty), `headers` with lower-case names.
    """

    url: str
    status: int
    body: bytes
    media_type: str
    charset: str
    etag: str
    modified: str
    headers: Mapping[str, str]

    @property
    def not_modified(self) -> bool:
        """The server says that what the validators stand for is still current; `body` is empty."""
        return self.status == 304

    @property
    def validators(self) -> Validators:
        """For the next request to the same address."""
        return Validators(self.etag, self.modified)


def content_type(value: str) -> tuple[str, str]:
    """(media type, charset) of a Content-Type header, lower-case, empty where they are missing (RFC 9110, 8.3)."""
    if ";" not in value:
        return value.strip().lower(), ""
    message = Message()
    message["content-type"] = value
    charset = message.get_param("charset", "")
    return value.partition(";")[0].strip().lower(), charset.strip().lower() if isinstance(charset, str) else ""
