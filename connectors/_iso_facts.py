"""What one ISO 19115 metadata record says, as plain values: the form between its XML (ISO 19139 or 19115-3) and its Description."""

from dataclasses import dataclass, field
from typing import TypeAlias

Texts: TypeAlias = list[tuple[str, str]]
"""A text in one or several languages: (text, ISO 639 code of three letters or ""); the record's main language first."""


@dataclass(slots=True)
class Party:
    """CI_ResponsibleParty; `role` a code of CI_RoleCode."""

    role: str = ""
    organisation: Texts = field(default_factory=list)
    person: str = ""
    position: str = ""
    emails: list[str] = field(default_factory=list)
    telephones: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    address: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Online:
    """CI_OnlineResource; `function` a code of CI_OnLineFunctionCode."""

    url: str = ""
    protocol: str = ""
    name: str = ""
    description: str = ""
    function: str = ""
    profile: str = ""


@dataclass(slots=True)
class Constraint:
    """One MD_Constraints, MD_LegalConstraints or MD_SecurityConstraints; `other` are (text, address of an anchor)."""

    limitations: list[str] = field(default_factory=list)
    access: list[str] = field(default_factory=list)
    use: list[str] = field(default_factory=list)
    other: list[tuple[str, str]] = field(default_factory=list)
    classification: str = ""


@dataclass(slots=True)
class Keywords:
    """One MD_Keywords: each word with the address of its anchor; name and address of the thesaurus they are from."""

    words: list[tuple[Texts, str]] = field(default_factory=list)
    thesaurus: str = ""
    thesaurus_url: str = ""


@dataclass(slots=True)
class Facts:
    """One record. Dates are (date, type code), boxes (west, south, east, north) as written, periods (begin, end)."""

    identifier: str = ""
    parent: str = ""
    language: str = ""
    locales: dict[str, str] = field(default_factory=dict)
    scopes: list[str] = field(default_factory=list)
    stamp: str = ""
    crs: list[tuple[str, str]] = field(default_factory=list)
    service: bool = False
    titles: Texts = field(default_factory=list)
    alternatives: Texts = field(default_factory=list)
    abstracts: Texts = field(default_factory=list)
    codes: list[tuple[str, str]] = field(default_factory=list)
    dates: list[tuple[str, str]] = field(default_factory=list)
    edition: str = ""
    parties: list[Party] = field(default_factory=list)
    status: list[str] = field(default_factory=list)
    keywords: list[Keywords] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    constraints: list[Constraint] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    resolutions: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[tuple[str, str, str, str]] = field(default_factory=list)
    places: list[tuple[str, str]] = field(default_factory=list)
    extents: list[str] = field(default_factory=list)
    periods: list[tuple[str, str]] = field(default_factory=list)
    frequency: str = ""
    formats: list[str] = field(default_factory=list)
    onlines: list[Online] = field(default_factory=list)
    lineage: list[Texts] = field(default_factory=list)
    conformity: list[tuple[str, str, str]] = field(default_factory=list)
    service_type: str = ""
    versions: list[str] = field(default_factory=list)
    operates_on: list[tuple[str, str]] = field(default_factory=list)
    points: list[tuple[str, str]] = field(default_factory=list)
    unmapped: set[str] = field(default_factory=set)

    @property
    def kind(self) -> str:
        """dataset, series, service, or any other code of MD_ScopeCode; a record that names none is what its description is about."""
        if self.service:
            return "service"
        return self.scopes[0] if self.scopes else "dataset"

    @property
    def title(self) -> str:
        """The first title."""
        return self.titles[0][0] if self.titles else ""
