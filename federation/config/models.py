"""The models of `federation.toml` and `members/<id>.toml`: which keys there are, what their values may be, and what holds without them."""

import hashlib
from datetime import date
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from federation import vocabulary
from federation.config.cron import Cron
from federation.config.faults import FROM_FILE, Loaded, loaded, nearest
from federation.errors import ConfigError

Stage = Literal["preview", "region", "forward"]
ID = r"[a-z0-9][a-z0-9_-]{0,62}"


class Model(BaseModel):
    """Settings whose unknown keys are errors. What the loader sets (`Loaded`) is unknown in a file, too."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @field_validator("*", mode="before")
    @classmethod
    def _may_stand_in_a_file(cls, value: Any, info: ValidationInfo) -> Any:
        if info.context == FROM_FILE and loaded(cls.model_fields[info.field_name or ""]):
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
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
Mailbox = Annotated[str, Field(pattern=rf"^({_ATOM}(\.{_ATOM})*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*)?$")]
Licence = Annotated[str, _code_of("licence")]
Language = Annotated[str, _code_of("language")]
PublisherType = Annotated[str, _code_of("publisher-type")]


def _cron(value: str) -> str:
    try:
        Cron.parse(value)
    except ValueError as error:
        raise PydanticCustomError("cron_wrong", "not an expression of cron", {"part": str(error)}) from error
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # ValueError, OSError: what is no name at all, such as a path
        raise PydanticCustomError("zone_unknown", "not a time zone") from error
    return value


CronText = Annotated[str, AfterValidator(_cron)]


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
    keep_versions_days: int = Field(default=100, ge=1, description="days that a former version of a dataset can be gone back to")


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
    proxy: str = Field(default="", description="the proxy on the way out, as http://proxy.example:3128")
    no_proxy: list[str] = Field(default=[], description="hosts that are asked without the proxy, with the hosts below them")


class ScheduleSettings(Model):
    """`[schedule]`: how `federation schedule` and `sync --due` read the expressions of cron, and when it does its own chores ("never": it
    does not).
    """

    timezone: Annotated[str, AfterValidator(_zone)] = Field(default="Europe/Berlin", description="what clock the expressions mean")
    jitter_minutes: int = Field(
        default=15, ge=0, le=240, description="`schedule` spreads the sources over so many minutes after their time, always the same way"
    )
    links: CronText = Field(default="40 4 * * *", description="when addresses are checked")
    links_minutes: float = Field(default=30.0, gt=0, le=600, description="how long one check of addresses may take")
    housekeeping: CronText = Field(default="20 5 * * *", description="when old runs, pages and unused bodies are dropped")

    @property
    def zone(self) -> ZoneInfo:
        """The time zone itself."""
        return ZoneInfo(self.timezone)


class MailSettings(Model):
    """`[mail]`: who is told when the state of a source changes. Without `server` no mail is sent. The password never stands here: it comes
    from an environment variable or a file.
    """

    model_config = ConfigDict(populate_by_name=False)

    server: str = Field(default="", pattern=r"^[A-Za-z0-9.:_-]*$", description="name of the mail server; empty: no mail")
    port: int = Field(default=0, ge=0, le=65535, description="0: 587 with starttls, 465 with tls, 25 with none")
    security: Literal["starttls", "tls", "none"] = Field(default="starttls", description="how the connection is encrypted")
    sender: Mailbox = Field(default="", alias="from", description="address that mail comes from")
    to: list[Mailbox] = Field(default=[], description="role addresses that are told of every change")
    deputy: Mailbox = Field(default="", description="who is told when nobody has acknowledged for deputy_after_days")
    deputy_after_days: int = Field(default=14, ge=1, le=365)
    language: Literal["de", "en"] = "de"
    user: str = ""
    password_env: str = Field(default="", pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$", description="environment variable with the password")
    password_file: str = Field(default="", description="file with the password; a relative path starts in the workspace")
    timeout: float = Field(default=30.0, gt=0, le=300, description="seconds for each step of a delivery")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.server and not (self.sender and any(self.to)):
            raise PydanticCustomError("mail_incomplete", "from and to are missing")
        return self


class LinksSettings(Model):
    """`[links]`: how much checking the public addresses may ask of others' servers; seconds, counts, and days of the calendar (UTC)."""

    hosts: int = Field(default=16, ge=1, le=64, description="servers asked at the same time")
    interval: float = Field(default=0.5, ge=0, le=3600, description="between two requests to one server; never less than min_interval")
    requests: int = Field(default=1000, ge=1, description="to one server in one check")
    seconds: float = Field(default=900.0, gt=0, description="for one server in one check, waiting included")
    timeout: float = Field(default=20.0, gt=0, le=600, description="of one request")
    pause: float = Field(default=15.0, ge=0, le=3600, description="after \"too many requests\" without a time; doubled each time")
    redirects: int = Field(default=10, ge=0, le=50, description="that are followed from one address")
    recheck_days: int = Field(default=7, ge=1, le=365, description="about when an address that is well is asked for again")
    report_days: int = Field(default=3, ge=1, le=30, description="on how many days an address must have failed to be reported")


class MonitoringSettings(Model):
    """`[monitoring]`: what other programs watch the federation by."""

    textfile: str = Field(default="", description="file of metrics (ending .prom), written after each round; relative to the workspace")
    minimum_free: int = Field(default=500_000_000, ge=0, description="bytes that have to be free on the disk of the database")


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


def _without_secrets(url: str, info: ValidationInfo) -> str:
    """An address stands in lists, findings and mails; a password in it would, too."""
    if info.context == FROM_FILE and "@" in url.partition("://")[2].partition("/")[0]:
        raise PydanticCustomError("credentials_in_url", "an address without user and password")
    return url


class Credentials(Model):
    """`[source.credentials]`: how the source's own server lets us in. The secret never stands here: it comes from an environment variable
    or a file, is sent to that server only, and appears in no log. With `user` it is the password (HTTP Basic), with `header` the value of
    that header, else a token ("Authorization: Bearer").
    """

    user: str = Field(default="", pattern=r"^[^:\x00-\x1f]*$", description="user name, where the server wants name and password")
    header: str = Field(default="", pattern=r"^[A-Za-z0-9-]*$", description="header that carries the secret as it is, such as X-API-Key")
    secret_env: str = Field(default="", pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$", description="environment variable with the secret")
    secret_file: str = Field(default="", description="file with the secret; a relative path starts in the workspace")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.secret_env) == bool(self.secret_file) or (self.user and self.header):
            raise PydanticCustomError("credentials_unclear", "either secret_env or secret_file, and not both user and header")
        return self


class Openness(Model):
    """`[source.openness]`: how far the openness gate of a geo source is widened, and who agreed to it. Never past a restriction of access,
    a security class, or a draft.
    """

    widen: list[Literal["keyword", "licence"]] = Field(
        default=[], description="keyword: records need no keyword opendata; licence: the licence of [source.defaults] counts as theirs"
    )
    agreed_by: str = Field(default="", description="office of the member that agreed to the widening")
    agreed_on: date | None = Field(default=None, description="the day on which it did, as in 2026-05-04")
    note: str = Field(default="", description="where the agreement is kept")

    @model_validator(mode="after")
    def _agreed(self) -> Self:
        if self.widen and not (self.agreed_by and self.agreed_on):
            raise PydanticCustomError("openness_unagreed", "agreed_by and agreed_on are missing")
        return self


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
    url: Annotated[str, AfterValidator(_without_secrets)] = Field(
        min_length=1, description="address, or path of a file or folder (relative to the workspace)"
    )
    schedule: CronText = Field(default="15 3 * * *", description="when it is read, as in a crontab; \"never\": only by hand")
    stage: Stage | None = None
    minimum_datasets: int = Field(default=0, ge=0, description="should fewer arrive, the run is held")
    maximum_loss: float = Field(default=0.1, ge=0, le=1, description="share of the public datasets that one run may take away")
    missing_runs: int = Field(default=3, ge=1, description="complete runs that a dataset must be absent from before it leaves")
    full_every: int = Field(default=7, ge=0, description="days after which a source that is read incrementally is read as a whole again")
    maximum_datasets: int = Field(default=200_000, ge=1)
    maximum_minutes: float = Field(default=120, gt=0, description="longer than this no run reads the source; the others go on meanwhile")
    credentials: Credentials | None = None
    options: dict[str, Any] = Field(default={}, description="the connector's own")
    defaults: Defaults = Defaults()
    lookups: dict[str, dict[str, str]] = Field(default={}, description="decided spellings: table, then spelling = code")
    openness: Openness = Openness()


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
    schedule: ScheduleSettings = ScheduleSettings()
    mail: MailSettings = MailSettings()
    monitoring: MonitoringSettings = MonitoringSettings()
    links: LinksSettings = LinksSettings()
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
