"""Errors that say what happened, why, and what to do next; each class also says who has to act.

Every error carries a code whose German and English texts stand in `vocabularies/findings/*.csv`, so that one text serves
the error on the terminal, the line in the log and the finding in the store. Constructors have no side effects.
"""

from federation.finding import Finding, Severity


class FederationError(Exception):
    """What every error of this project is. `code` names its texts; the keyword arguments fill their placeholders.

    `source` is a source id, `url` an absolute address, `field` a property or configuration key, `value` what stood there.
    """

    exit_code = 1

    def __init__(self, code: str, *, source: str = "", url: str = "", field: str = "", value: str = "", **params: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.source = source
        self.url = url
        self.field = field
        self.value = value
        self.params = {key: str(item) for key, item in params.items()}

    def finding(self, severity: Severity | None = None) -> Finding:
        """The same fact as a Finding, for the store and for lists."""
        return Finding(
            self.code, severity, field=self.field, value=self.value or self.url,
            params={"source": self.source, "url": self.url, **self.params},
        )

    def text(self, language: str = "en") -> str:
        """What happened, cause and remedy in `language` ("de" or "en"), then where: source, field, URL."""
        finding = self.finding()
        where = [f"{name}: {item}" for name, item in
                 (("source", self.source), ("field", self.field), ("value", self.value), ("url", self.url)) if item]
        return " ".join([finding.cause(language), finding.remedy(language)]) + (f" [{'; '.join(where)}]" if where else "")

    def __str__(self) -> str:
        return f"{self.code}: {self.text()}"


class ConfigError(FederationError):
    """Usage or configuration is wrong: the operator mends it. The command ends with exit code 2."""

    exit_code = 2


class SourceError(FederationError):
    """One source cannot be read: its run ends, its last good state stays, the other sources go on (exit code 3)."""

    exit_code = 3


class RecordError(FederationError):
    """One record cannot be used: it becomes a Finding, its last good version stays, the run goes on."""

    exit_code = 3


class StoreError(FederationError):
    """Our own state cannot be read or written: nothing half-written stays (exit code 1)."""

    exit_code = 1
