"""Connector: what every kind of catalog software is read by. One file per kind in `connectors/`, found by itself.

fetch does I/O only and runs in a thread; split and map are pure and run in the one worker. What map writes is what the source
said; normalising replaces it later and logs each Change.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from federation.config import Source, parse
from federation.dcat.description import Description
from federation.dcat.names import content
from federation.dcat.openness import Claim
from federation.errors import ConfigError
from federation.finding import Finding
from federation.harvest.http import Http


class Options(BaseModel):
    """`[source.options]` of a connector: subclasses add fields with a description each. An unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


O = TypeVar("O", bound=Options)  # noqa: E741


@dataclass(frozen=True, slots=True)
class Response:
    """One answer of a source: the bytes of a page, a document or a record.

    `url` names it in the store; `body` is as received (split screens it); `media_type` may carry `;charset=`; `etag`/`modified` are
    the validators for the next time; `digest` names the bytes (computed by the engine where empty); `unchanged` means that the source
    said so (304) or that the digest is the stored one, and body is empty: the engine uses what it has stored under this URL.
    `following` is the address of the next page ("" where there is none), `total` what the source claims to have in all.
    `complete` is False where the source itself says that something is left out.
    """

    url: str
    body: bytes = b""
    media_type: str = ""
    etag: str = ""
    modified: str = ""
    unchanged: bool = False
    following: str = ""
    total: int | None = None
    complete: bool = True
    findings: Sequence[Finding] = ()
    digest: bytes = b""


@dataclass(frozen=True, slots=True)
class Listed:
    """Identifiers that the source lists and that fetch leaves unread since their stamps are the stored ones."""

    identifiers: Sequence[str]


@dataclass(frozen=True, slots=True)
class Gone:
    """The source says outright that a record is no longer public (deleted, private, withdrawn); `reason` is its own word."""

    identifier: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a reading came; a connector that reads incrementally gives one, anywhere in its fetch.

    `watermark` is what State.watermark shall be next time: a moment of the *source's* clock (ISO 8601 in UTC, or a date), or any text that
    the connector understands. `partial` says that only what changed since State.watermark was asked for: absence says nothing then. The
    engine keeps the watermark only when the run comes to its end, complete and not held.
    """

    watermark: str
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """One entity as a source gave it.

    `identifier` is the source's own and stable ("" for what is no record and only carries findings about the response); `kind` one of
    dataset, service, series, catalog, record, rest; `raw` what is stored and mapped again later (bytes of a deterministic form);
    `stamp` the source's change mark (metadata_modified, ETag ...) for incremental reading. Two records with equal `fingerprint` map to
    the same Description.
    """

    identifier: str
    kind: str
    raw: bytes
    stamp: str = ""
    fingerprint: bytes = b""
    findings: Sequence[Finding] = ()
    content: Any = field(default=None, compare=False)  # already parsed form of raw, so that map need not parse it again

    def digest(self) -> bytes:
        """The fingerprint; computed from kind and raw where split gave none."""
        return self.fingerprint or content(self.kind.encode() + b"\0" + self.raw)


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store remembers of one URL: validators, digest of the bytes, the following page, the total that it claimed; `read` gives
    the bytes, for a connector that has to look into a page again that the server calls unchanged.
    """

    etag: str = ""
    modified: str = ""
    digest: bytes = b""
    following: str = ""
    total: int | None = None
    read: Callable[[], bytes] = field(default=bytes, compare=False)

    def same(self, body: bytes) -> bool:
        """Whether these are the bytes of last time."""
        return bool(self.digest) and content(body) == self.digest


@dataclass(frozen=True, slots=True)
class State:
    """What fetch may know of earlier runs: an argument, not a look-up. `full` asks for a listing without shortcuts.

    `watermark` is "" where everything is to be read: the first time, with `--full`, every `full_every` days, and after a held run. Else it
    is what an earlier run reached, less the connector's `overlap`.
    """

    responses: Mapping[str, Stored] = field(default_factory=dict)
    stamps: Mapping[str, str] = field(default_factory=dict)
    watermark: str = ""
    full: bool = False


class Connector(ABC, Generic[O]):
    """One kind of catalog software. The class docstring names protocol, specification, servers known and limits."""

    id: ClassVar[str]
    title: ClassVar[str]
    protocol: ClassVar[str] = ""
    overlap: ClassVar[timedelta | None] = None
    """How far an incremental reading reaches back behind its watermark, since clocks and indexes lag; None: it always reads everything."""
    gate: ClassVar[bool] = False
    """Whether records pass the openness gate: for geo catalogs, which list more than a body wants to give to everybody."""
    options: type[O]

    @abstractmethod
    def fetch(self, source: Source, options: O, http: Http, state: State) -> Iterator[Response | Listed | Gone | Reached]:
        """Reads the source: I/O only, lazily, page after page. A SourceError ends the run of this source; the engine counts on
        nothing but a normal end to call a listing complete. A path (no scheme) is read as a local file or folder. Where the pages show
        that the listing moved while it was read, the engine calls fetch again (see sync/reading.py)."""

    def split(self, response: Response, options: O) -> Iterator[Record]:
        """The entities in one response; pure and deterministic. Default: the whole response is one dataset record."""
        yield Record(response.url, "dataset", response.body)

    @abstractmethod
    def map(self, record: Record, options: O) -> Description:
        """What the record says, in DCAT terms, nothing left out; pure. RecordError where it cannot be used."""

    def claim(self, record: Record, options: O) -> Claim:
        """What the record says of its own openness; asked for where `gate` is set."""
        return Claim()

    def shared(self, source: Source, options: O) -> str:
        """Sources that give the same non-empty text here are read by one fetch (of the first), each keeping what `selects` says."""
        return ""

    def shared_options(self, options: Sequence[O]) -> O:
        """The options for that one fetch: wide enough for all of them. Only called where `shared` is not empty."""
        return options[0]

    def selects(self, record: Record, options: O) -> bool:
        """Whether a record that was fetched belongs to a source with these options. Default: every one."""
        return True

    def merge(self, first: Record, second: Record) -> Record:
        """One record of two that came under one identifier in one listing, with different content. Default: the later one."""
        return second

    def address(self, identifier: str, url: str, options: O) -> str:
        """Where one record of the source at `url` answers for itself, so that 404 or 410 there says that it is gone; "" for nowhere."""
        return ""

    def detect(self, url: str, http: Http) -> "Candidate | None":
        """Whether this software answers at an address, in at most three polite requests; None where it does not."""
        return None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A way to read what was found at an address: connector id, the URL to configure, datasets seen (None: unknown), options."""

    connector: str
    url: str
    datasets: int | None = None
    title: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


@cache
def registry() -> Mapping[str, Connector[Any]]:
    """Every connector by id: the modules of `connectors` whose name has no leading underscore, then those that installed packages
    offer as entry points of the group `federation.connectors`. Two with one id are a ConfigError.
    """
    classes: list[type[Connector[Any]]] = []
    package = import_module("connectors")
    for module in iter_modules(package.__path__):
        if not module.name.startswith("_"):
            classes += _connectors_in(import_module(f"connectors.{module.name}"))
    classes += [point.load() for point in entry_points(group="federation.connectors")]
    found: dict[str, Connector[Any]] = {}
    for each in dict.fromkeys(classes):
        if each.id in found:
            raise ConfigError("connector-twice", value=each.id)
        found[each.id] = each()
    return dict(sorted(found.items()))


def _connectors_in(module: Any) -> list[type[Connector[Any]]]:
    return [
        item for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, Connector) and item.__module__ == module.__name__ and hasattr(item, "id")
    ]


def connector(name: str) -> Connector[Any]:
    """The connector with this id. ConfigError with the known ones where there is none."""
    known = registry()
    if name not in known:
        raise ConfigError("connector-unknown", field="connector", value=name, known=", ".join(known))
    return known[name]


def options_of(source: Source) -> Any:
    """`[source.options]` as the connector's checked model. ConfigError names file and key."""
    file = f"members/{source.member}.toml"
    return parse(connector(source.connector).options, source.options, file, where="source.options", lines=source.lines)
