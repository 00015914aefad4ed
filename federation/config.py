"""What the operator decides: `federation.toml` and `members/<id>.toml`, read into checked models.

An unknown key, a wrong type or an unknown municipality is a ConfigError with file, line and the nearest right word.
`schema()` gives the JSON Schema for editors.
"""

import csv
import difflib
import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from federation import vocabulary
from federation.errors import ConfigError

Stage = Literal["preview", "region", "forward"]


class Model(BaseModel):
    """Settings whose unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class CatalogSettings(Model):
    """`[catalog]`: the regional catalog itself. `license` is that of the metadata and must be set before publish."""

    title: str = Field(min_length=1)
    description: str = ""
    base_url: str = Field(pattern=r"^https?://[^\s<>\"{}|\\^`]+$")
    publisher: str = ""
    publisher_url: str = ""
    publisher_type: str = ""
    license: str = ""
    language: str = "http://publications.europa.eu/resource/authority/language/DEU"
    homepage: str = ""
    spatial: list[str] = []
    order: list[str] = ["*"]
    page_size: int = Field(default=100, ge=1, le=1000)
    formats: list[Literal["rdf", "ttl", "jsonld"]] = ["rdf", "ttl", "jsonld"]
    political_geocoding: bool = Field(default=False, description="write the deprecated dcatde:politicalGeocodingURI beside dcterms:spatial")
    html: bool = Field(default=True, description="keep in descriptions the HTML tags that GovData shows; else plain text")


class StoreSettings(Model):
    """`[store]`: where the state lives; a relative SQLite path is relative to the workspace."""

    url: str = "sqlite:///federation.db"
    keep_generations_days: int = Field(default=7, ge=0)
    keep_runs_days: int = Field(default=400, ge=1)


class NetworkSettings(Model):
    """`[network]`: seconds, bytes and counts of the one network door (federation.harvest.http)."""

    allow: list[IPv4Network | IPv6Network] = []
    connect_timeout: float = Field(default=10.0, gt=0)
    read_timeout: float = Field(default=60.0, gt=0)
    total_timeout: float = Field(default=600.0, gt=0)
    max_bytes: int = Field(default=512 * 1024 * 1024, gt=0)
    max_wire_bytes: int = Field(default=256 * 1024 * 1024, gt=0)
    per_host: int = Field(default=2, ge=1, le=16)
    min_interval: float = Field(default=0.0, ge=0)
    retries: int = Field(default=4, ge=0, le=10)
    redirects: int = Field(default=5, ge=0, le=20)
    user_agent_contact: str = ""
    ca_file: str = ""
    proxy: str = ""


class Contact(Model):
    """`[contact]` of a member: a role address, never a person's."""

    name: str = ""
    email: str = ""
    url: str = ""
    telephone: str = ""


class Defaults(Model):
    """`[source.defaults]`: used only where the source is silent, and marked as derived. Access rights, temporal coverage and HVD labels
    have no default on purpose.
    """

    publisher: str = ""
    publisher_url: str = ""
    publisher_type: str = ""
    license: str = ""
    attribution: str = ""
    language: str = ""
    contact_email: str = ""
    contact_url: str = ""
    contact_name: str = ""
    coverage: Literal["", "member"] = ""


class Source(Model):
    """`[[source]]`: one way to a member's data. `id` and `member` are set by the loader; so is `key`, the member's official key."""

    id: str = ""
    member: str = ""
    key: str = ""
    name: str = ""
    connector: str
    url: str
    schedule: str = "15 3 * * *"
    stage: Stage | None = None
    minimum_datasets: int = Field(default=0, ge=0)
    maximum_loss: float = Field(default=0.1, ge=0, le=1, description="share of the public datasets that one run may take away")
    missing_runs: int = Field(default=3, ge=1, description="complete runs that a dataset must be absent from before it leaves")
    maximum_datasets: int = Field(default=200_000, ge=1)
    options: dict[str, Any] = {}
    defaults: Defaults = Defaults()
    lookups: dict[str, dict[str, str]] = {}


class Member(Model):
    """One body that takes part: `members/<id>.toml`. `key` is its official key (2, 3, 5, 8, 9 or 12 digits, quoted)."""

    id: str = ""
    title: str = Field(min_length=1)
    key: str = Field(default="", pattern=r"^(\d{2}|\d{3}|\d{5}|\d{8}|\d{9}|\d{12})?$")
    stage: Stage = "preview"
    contact: Contact = Contact()
    source: list[Source] = []


class FederationConfig(Model):
    """`federation.toml` with the members beside it. `path` is the workspace folder; `lookups` come from lookups/*.csv."""

    catalog: CatalogSettings
    store: StoreSettings = StoreSettings()
    network: NetworkSettings = NetworkSettings()
    targets: dict[str, Any] = {}
    members: list[Member] = []
    path: Path = Path()
    lookups: dict[str, dict[str, str]] = {}

    def sources(self) -> list[Source]:
        """Every source of every member, in the members' order."""
        return [source for member in self.members for source in member.source]

    def source(self, name: str) -> Source:
        """The source with this id. ConfigError with the nearest ids where there is none."""
        by_id = {source.id: source for source in self.sources()}
        if name not in by_id:
            raise ConfigError("source-unknown", value=name, known=", ".join(nearest(name, by_id) or sorted(by_id)))
        return by_id[name]

    def digest(self) -> bytes:
        """What the whole configuration says, as 16 bytes: `schedule` reloads when it changes."""
        return hashlib.blake2b(self.model_dump_json().encode(), digest_size=16).digest()


M = TypeVar("M", bound=BaseModel)
_MEMBER_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}\Z")


def load(folder: Path) -> FederationConfig:
    """Reads a workspace: `federation.toml`, `members/*.toml`, `lookups/*.csv`. Nothing is created or changed.

    ConfigError where a file is missing or not TOML, a key unknown, a value of the wrong kind, or an official key leads to no body; it
    names the file and line.
    """
    file = folder / "federation.toml"
    if not file.is_file():
        raise ConfigError("workspace-missing", value=str(folder))
    data, text = _toml(file)
    for name in ("members", "path", "lookups"):
        if name in data:
            raise ConfigError("config-unknown-key", field=name, file=file.name, line=_line(text, name), nearest="catalog, store, network")
    members = [_member(entry) for entry in sorted((folder / "members").glob("*.toml"))]
    head = parse(FederationConfig, data, file.name, text)
    config = head.model_copy(update={"members": members, "path": folder, "lookups": _lookups(folder / "lookups")})
    ids = [source.id for source in config.sources()]
    for name in ids:
        if ids.count(name) > 1:
            raise ConfigError("source-twice", field="name", value=name, file=f"members/{name.partition('.')[0]}.toml")
    return config


def _member(file: Path) -> Member:
    data, text = _toml(file)
    name = f"members/{file.name}"
    if not _MEMBER_ID.match(file.stem):
        raise ConfigError("member-name", value=file.name)
    for key in ("id",):
        if key in data:
            raise ConfigError("config-unknown-key", field=key, file=name, line=_line(text, key), nearest="title, key, stage")
    member = parse(Member, data, name, text)
    if member.key and vocabulary.body_by_key(member.key) is None:
        raise ConfigError("key-unknown", field="key", value=member.key, file=name, line=_line(text, "key"))
    several = len(member.source) > 1
    sources = []
    for source in member.source:
        if several and not source.name:
            raise ConfigError("source-unnamed", field="name", file=name, line=_line(text, "source"))
        source_id = f"{file.stem}.{source.name}" if source.name else file.stem
        sources.append(source.model_copy(update={"id": source_id, "member": file.stem, "key": member.key}))
    return member.model_copy(update={"id": file.stem, "source": sources})


def _toml(file: Path) -> tuple[dict[str, Any], str]:
    try:
        text = file.read_text(encoding="utf-8-sig")
        return tomllib.loads(text), text
    except UnicodeDecodeError as error:
        raise ConfigError("config-not-utf8", file=file.name, value=str(error.start)) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError("config-not-toml", file=file.name, value=str(error)) from error
    except OSError as error:
        raise ConfigError("config-unreadable", file=file.name, value=error.strerror or str(error)) from error


def _lookups(folder: Path) -> dict[str, dict[str, str]]:
    """`lookups/<table>.csv` with the columns spelling and code: what a person decided for the whole region."""
    tables: dict[str, dict[str, str]] = {}
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as rows:
            reader = csv.DictReader(rows)
            if not {"spelling", "code"} <= set(reader.fieldnames or ()):
                raise ConfigError("lookup-columns", file=f"lookups/{file.name}")
            tables[file.stem] = {row["spelling"]: row["code"] for row in reader if row["spelling"] and row["code"]}
    return tables


def parse(model: type[M], data: Mapping[str, Any], file: str, text: str = "", where: str = "") -> M:
    """`data` as a checked model; the first fault becomes a ConfigError with file, line, key and the nearest right word."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise _fault(model, error, file, text, where) from error


def _fault(model: type[BaseModel], error: ValidationError, file: str, text: str, where: str) -> ConfigError:
    first = error.errors()[0]
    path = [part for part in first["loc"] if isinstance(part, str)]
    key = path[-1] if path else where
    field = ".".join([where, *path]) if where else ".".join(path)
    line = _line(text, key)
    if first["type"] == "extra_forbidden":
        known = _fields(model, path[:-1])
        return ConfigError("config-unknown-key", field=field, file=file, line=line, nearest=", ".join(nearest(key, known) or sorted(known)))
    if first["type"] == "missing":
        return ConfigError("config-missing-key", field=field, file=file, line=_line(text, path[-2]) if len(path) > 1 else "-")
    return ConfigError("config-wrong-value", field=field, file=file, line=line, value=str(first.get("input"))[:100], problem=first["msg"])


def _fields(model: type[BaseModel], path: Sequence[str]) -> list[str]:
    """The keys that the table at `path` may have."""
    for part in path:
        field = model.model_fields.get(part)
        inner = _models(field.annotation if field else None)
        if not inner:
            return []
        model = inner[0]
    return [name for name in model.model_fields if name not in ("id", "member")]


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in getattr(annotation, "__args__", ()) for found in _models(part)]


def _line(text: str, key: str) -> str:
    """The line (from 1) on which a key or table is first written, "-" where it cannot be told."""
    found = re.search(rf'^\s*(?:\[+[^\]\n]*\b{re.escape(key)}\b[^\]\n]*\]+|["\']?{re.escape(key)}["\']?\s*[=.])', text, re.MULTILINE)
    return str(text.count("\n", 0, found.start() + len(found.group()) - len(found.group().lstrip())) + 1) if found else "-"


def nearest(word: str, known: Sequence[str] | Mapping[str, Any]) -> list[str]:
    """The at most three known words that come nearest to one that is not known."""
    return difflib.get_close_matches(word, list(known), n=3, cutoff=0.5)
