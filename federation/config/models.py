"""The models of `federation.toml` and `members/<id>.toml`: which keys there are, what their values may be, and what holds without them."""

import hashlib
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from federation import vocabulary
from federation.config.faults import FROM_FILE, Loaded, known_keys, nearest
from federation.errors import ConfigError

Stage = Literal["preview", "region", "forward"]
ID = r"[a-z0-9][a-z0-9_-]{0,62}"


class Model(BaseModel):
    """Settings whose unknown keys are errors. What the loader sets (`Loaded`) is unknown in a file, too."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @field_validator("*", mode="before")
    @classmethod
    def _may_stand_in_a_file(cls, value: Any, info: ValidationInfo) -> Any:
        if info.context == FROM_FILE and info.field_name not in known_keys(cls):
            raise PydanticCustomError("extra_forbidden", "set by the loader")
        return value


def _code_of(table: str) -> AfterValidator:
    """A value of a vocabulary: its IRI in the place of whatever spelling is known for it. Other bodies' licences are IRIs, too."""

    def check(value: str, info: ValidationInfo) -> str:
        if info.context != FROM_FILE or not value:
            return value
        codes = vocabulary.vocabulary(table)
        found = codes.resolve(value)
        if found is None and not (table == "licence" and value.startswith(("http://", "https://")) and "dcat-ap.de/" not in value):
            raise PydanticCustomError("code_unknown", "no such code", {"nearest": ", ".join(codes.nearest(value))})
        return found or value

    return AfterValidator(check)


Address = Annotated[str, Field(pattern=r"^(https?://[^\s<>\"{}|\\^`]+)?$")]
Licence = Annotated[str, _code_of("licence")]
Language = Annotated[str, _code_of("language")]
PublisherType = Annotated[str, _code_of("publisher-type")]


class CatalogSettings(Model):
    """`[catalog]`: the regional catalog itself. `license` is that of the metadata and must be set before publish."""

    title: str = Field(min_length=1, description="title of the regional catalog")
    description: str = ""
    base_url: str = Field(
        pattern=r"^https?://[^\s<>\"{}|\\^`]+$", description="address that own IRIs are minted under; settled by the first publication"
    )
    publisher: str = Field(default="", description="name of the body that publishes the regional catalog")
    publisher_url: Address = ""
    publisher_type: PublisherType = ""
    license: Licence = Field(default="", description="licence of the metadata, not of the data; has to be set before anything is published")
    language: Language = "http://publications.europa.eu/resource/authority/language/DEU"
    homepage: Address = ""
    spatial: list[Address] = []
    order: list[str] = Field(default=["*"], description="who comes first where two sources describe one IRI; \"*\" are all others")
    page_size: int = Field(default=100, ge=1, le=1000, description="datasets on a page of the feeds")
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

    allow: list[IPv4Network | IPv6Network] = Field(default=[], description="private networks that may be reached all the same")
    connect_timeout: float = Field(default=10.0, gt=0)
    read_timeout: float = Field(default=60.0, gt=0)
    total_timeout: float = Field(default=600.0, gt=0)
    max_bytes: int = Field(default=512 * 1024 * 1024, gt=0)
    max_wire_bytes: int = Field(default=256 * 1024 * 1024, gt=0)
    per_host: int = Field(default=2, ge=1, le=16)
    min_interval: float = Field(default=0.0, ge=0)
    retries: int = Field(default=4, ge=0, le=10)
    redirects: int = Field(default=5, ge=0, le=20)
    user_agent_contact: str = Field(default="", description="address that operators of sources may write to")
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
    publisher_url: Address = ""
    publisher_type: PublisherType = ""
    license: Licence = ""
    attribution: str = ""
    language: Language = ""
    contact_email: str = ""
    contact_url: Address = ""
    contact_name: str = ""
    coverage: Literal["", "member"] = ""


class Source(Model):
    """`[[source]]`: one way to a member's data. The loader sets `id`, `member`, the member's official `key`, and `lines`: the line of
    each key of `[source.options]`, for the messages of the connector's own check.
    """

    id: Annotated[str, Loaded()] = ""
    member: Annotated[str, Loaded()] = ""
    key: Annotated[str, Loaded()] = ""
    lines: Annotated[dict[str, int], Loaded()] = Field(default={}, exclude=True, repr=False)
    name: str = Field(default="", pattern=f"^({ID})?$", description="tells the sources of one member apart")
    connector: str = Field(min_length=1, description="what software it is: one of `federation connectors`")
    url: str = Field(min_length=1, description="address, or path of a file or folder (relative to the workspace)")
    schedule: str = "15 3 * * *"
    stage: Stage | None = None
    minimum_datasets: int = Field(default=0, ge=0, description="should fewer arrive, the run is held")
    maximum_loss: float = Field(default=0.1, ge=0, le=1, description="share of the public datasets that one run may take away")
    missing_runs: int = Field(default=3, ge=1, description="complete runs that a dataset must be absent from before it leaves")
    maximum_datasets: int = Field(default=200_000, ge=1)
    options: dict[str, Any] = Field(default={}, description="the connector's own")
    defaults: Defaults = Defaults()
    lookups: dict[str, dict[str, str]] = Field(default={}, description="decided spellings: table, then spelling = code")


class Member(Model):
    """One body that takes part: `members/<id>.toml`. `key` is its official key (2, 3, 5, 8, 9 or 12 digits, quoted)."""

    id: Annotated[str, Loaded()] = ""
    title: str = Field(min_length=1, description="name of the body")
    key: str = Field(default="", pattern=r"^(\d{2}|\d{3}|\d{5}|\d{8}|\d{9}|\d{12})?$", description="official key, in quotation marks")
    stage: Stage = Field(default="preview", description="preview: not public; region: in the regional catalog; forward: handed on as well")
    contact: Contact = Contact()
    source: list[Source] = []


class FederationConfig(Model):
    """`federation.toml` with the members beside it. `path` is the workspace folder; `lookups` come from lookups/*.csv."""

    catalog: CatalogSettings
    store: StoreSettings = StoreSettings()
    network: NetworkSettings = NetworkSettings()
    targets: dict[str, Any] = {}
    members: Annotated[list[Member], Loaded()] = []
    path: Annotated[Path, Loaded()] = Path()
    lookups: Annotated[dict[str, dict[str, str]], Loaded()] = {}

    def sources(self) -> list[Source]:
        """Every source of every member, in the members' order."""
        return [source for member in self.members for source in member.source]

    def source(self, name: str) -> Source:
        """The source with this id. ConfigError with the nearest ids where there is none."""
        by_id = {source.id: source for source in self.sources()}
        if name not in by_id:
            raise ConfigError("source-unknown", value=name, known=", ".join(nearest(name, by_id) or sorted(by_id)) or "-")
        return by_id[name]

    def digest(self) -> bytes:
        """What the whole configuration says, as 16 bytes: `schedule` reloads when it changes."""
        return hashlib.blake2b(self.model_dump_json().encode(), digest_size=16).digest()
