"""What the operator decides: `federation.toml` and `members/<id>.toml`, read into checked models.

An unknown key, a wrong type or an unknown municipality is a ConfigError with file, line and the nearest right word (`load`).
"""

from federation.config.faults import at, nearest, parse
from federation.config.loading import LOOKUP_TABLES, load
from federation.config.models import (
    CatalogSettings,
    Contact,
    Credentials,
    Defaults,
    FederationConfig,
    MailSettings,
    Member,
    Model,
    MonitoringSettings,
    NetworkSettings,
    ScheduleSettings,
    Source,
    Stage,
    StoreSettings,
)

__all__ = [
    "LOOKUP_TABLES", "CatalogSettings", "Contact", "Credentials", "Defaults", "FederationConfig", "MailSettings", "Member", "Model",
    "MonitoringSettings", "NetworkSettings", "ScheduleSettings", "Source", "Stage", "StoreSettings", "at", "load", "nearest", "parse",
]  # fmt: skip
