"""Receiver profiles: what a portal, a Land or a region asks of a dataset, as data (one TOML file each, adding one needs no code).

    title_de = "Land Schleswig-Holstein"
    title_en = "Land Schleswig-Holstein"
    source = "https://..."                  # where the rules come from; a rule may name its own
    shapes = ["dcat-ap-de-3.0", "conventions", "my-shapes.ttl"]
    [rules.missing-attribution]             # a rule by its code: of these shapes, or of any of ours
    severity = "violation"                  # violation, warning, info or off; refused is what breaks a violation
    source = "..."

`shapes` are names of our own files in `vocabularies/shapes` or files and folders beside the profile: own rules of a region, or official
shapes, whose findings say what the shapes say. A rule of ours is a shape named `<urn:federation:rule:CODE>` or `...:CODE:MORE`.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from federation import vocabulary
from federation.dcat.description import Description, Nodes
from federation.dcat.schema import CLASSES, TYPES, Class
from federation.errors import ConfigError
from federation.finding import Finding, Severity, texts
from federation.quality.shacl import SH, Background, Checker, Result, Source, compile
from federation.quality.shapes.graph import read
from federation.terms import DCTERMS, RDFS, SKOS, TYPE, Term, iri, parts, prefixed, value

RULES = "<urn:federation:rule:"
DEFAULT = "region"
_VALUES = "values"
_SEVERITIES = {SH.Violation: Severity.VIOLATION, SH.Warning: Severity.WARNING, SH.Info: Severity.INFO}
_WORST = {Severity.VIOLATION: 0, Severity.WARNING: 1, Severity.INFO: 2}


class _Choice(BaseModel):
    model_config = ConfigDict(extra="forbid")
    severity: str | None = Field(default=None, pattern="^(violation|warning|info|off)$")
    source: str = ""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title_de: str = Field(min_length=1)
    title_en: str = Field(min_length=1)
    source: str = Field(min_length=1)
    shapes: list[str] = []
    rules: dict[str, _Choice] = {}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a profile. `code` is that of its findings, `classes` the targeted classes, `about` the property that it is about
    ("" for none), `source` where it comes from, `message` what the shape says ({language: text}).
    """

    code: str
    severity: Severity
    source: str
    about: Term = ""
    classes: tuple[Term, ...] = ()
    message: Mapping[str, str] = field(default_factory=dict)


class Profile:
    """A profile, ready to check descriptions; one serves a whole process. `rules` are ours by the term of their shape."""

    def __init__(
        self, name: str, title: Mapping[str, str], rules: Mapping[Term, Rule], own: Checker | None, foreign: Checker | None,
    ) -> None:  # fmt: skip
        self.name = name
        self.title = title
        self.rules = rules
        self.notices: tuple[Finding, ...] = (*(own.notices if own else ()), *(foreign.notices if foreign else ()))
        self._own = own
        self._foreign = foreign

    def findings(self, description: Description) -> list[Finding]:
        """What the receiver would object to in a description as it is published, each fact once per class and property; `count` in the
        parameters says at how many places. A violation means that the receiver refuses the dataset (or counts it as faulty).
        """
        found: dict[tuple[str, str, str], Finding] = {}
        places: dict[tuple[str, str, str], set[tuple[Term, Term]]] = {}
        for result in self._own.check(description.nodes) if self._own else ():
            rule = self.rules.get(result.source_shape)
            if rule is not None:
                one = _finding(description, result, rule)
                key = one.code, one.params["class"], one.field
                found[key] = _worse(found[key], one) if key in found else one
                places.setdefault(key, set()).add((result.focus, result.value))
        counted = [replace(one, params={**one.params, "count": str(len(places[key]))}) for key, one in found.items()]
        return counted + (self._foreign.findings(description) if self._foreign else [])

    def __repr__(self) -> str:
        return f"Profile({self.name}, {len(self.rules)} rules)"


def _worse(first: Finding, other: Finding) -> Finding:
    return other if _WORST[other.severity or Severity.INFO] < _WORST[first.severity or Severity.INFO] else first


def _finding(description: Description, result: Result, rule: Rule) -> Finding:
    nodes = description.nodes
    prop = result.path if result.path[:1] == "<" else rule.about
    properties = nodes.get(result.focus, {})
    term = result.value if result.value and result.value != result.focus else ""
    if not term:
        term = next(iter(properties.get(prop, ())), "")
    cls = _class(properties.get(TYPE, ()), rule.classes)
    code = rule.code if rule.code in texts() else "profile-rule"
    return Finding(
        code, rule.severity, value(description.root), prefixed(prop) if prop else "", _shown(nodes, term), _params(cls, prop, rule)
    )


def _class(types: Iterable[Term], targeted: Sequence[Term]) -> Class | None:
    """The class that a rule met a node in: the targeted one that it is of."""
    met = [TYPES[term] for term in types if term in TYPES]
    return next((cls for cls in met if cls.term in targeted or not targeted), met[0] if met else None)


def _params(cls: Class | None, prop: Term, rule: Rule) -> dict[str, str]:
    row = cls.properties.get(prop) if cls else None
    return {
        "class": cls.name if cls else "", "class_de": cls.de if cls else "Eintrag", "class_en": cls.en if cls else "entry",
        "label_de": row.de if row else prefixed(prop) if prop else "-", "label_en": row.en if row else prefixed(prop) if prop else "-",
        "instead": prefixed(row.instead) if row and row.instead else "-", "kind": row.kind if row else "-",
        "place": prefixed(prop) if prop else "-", "rule": rule.code, "origin": rule.source, "message_de": rule.message.get("de", ""),
        "message_en": rule.message.get("en", ""),
    }  # fmt: skip


def _shown(nodes: Nodes, term: Term) -> str:
    """A value as people see it: the label of a blank node, which has no name of its own."""
    if not term or term[0] != "_":
        return value(term) if term else ""
    label = next(iter(nodes.get(term, {}).get(RDFS.label, ())), "")
    return value(label) if label else "[]"


# reading


def names(folder: Path | None = None) -> list[str]:
    """The names of all profiles: ours, then those of a workspace (`folder`), which may replace one of ours."""
    ours = (entry.name for entry in files("vocabularies").joinpath("profiles").iterdir())
    own = (file.name for file in (folder / "profiles").glob("*.toml")) if folder else ()
    found = {name.removesuffix(".toml") for name in (*ours, *own) if name.endswith(".toml")}
    return sorted(found, key=lambda name: (name != DEFAULT, name))


def load(name: str = DEFAULT, folder: Path | None = None, shapes: Sequence[Path] = ()) -> Profile:
    """The profile of a name, from `<folder>/profiles/<name>.toml`, else ours; `shapes` are checked besides (files or folders).

    ConfigError "profile-unknown" (with those there are), "profile-invalid" (not TOML, a key or rule that is not known), and those of
    `federation.quality.shacl.compile`.
    """
    own = folder / "profiles" / f"{name}.toml" if folder else None
    if own is not None and own.is_file():
        return _loaded(name, _parsed(own.read_text(encoding="utf-8"), f"profiles/{own.name}"), own.parent, shapes)
    ours = files("vocabularies").joinpath("profiles", f"{name}.toml")
    if name not in names():
        raise ConfigError("profile-unknown", field="--profile", value=name, known=", ".join(names(folder)))
    return _loaded(name, _parsed(ours.read_text(encoding="utf-8"), f"profiles/{name}.toml"), None, shapes)


def only(shapes: Sequence[Path]) -> Profile:
    """No profile but these shapes (files or folders), official ones or one's own."""
    rules = _File(title_de="Eigene Regeln", title_en="own rules", source="--shapes")
    return _loaded("shapes", rules, None, shapes)


def _parsed(text: str, file: str) -> _File:
    try:
        return _File.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError("profile-invalid", file=file, reason=str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ConfigError("profile-invalid", field=place, file=file, reason=f"{place}: {first['msg']}") from error


def _loaded(name: str, file: _File, folder: Path | None, more: Sequence[Path]) -> Profile:
    here = f"profiles/{name}.toml"
    ours: dict[str, None] = {}
    beside = [str(path) for path in more]
    for shapes in file.shapes:
        path = folder / shapes if folder else None
        if path is not None and path.exists():
            beside.append(str(path))
        elif shapes.removesuffix(".ttl") in _ours():
            ours[shapes.removesuffix(".ttl")] = None
        else:
            raise ConfigError("profile-shapes-unknown", field="shapes", value=shapes, file=here, known=", ".join(_ours()))
    single: list[str] = []
    for code in file.rules:
        if not any(code in _codes(each) for each in (*ours, *beside)):
            holders = [each for each in _ours() if code in _codes(each)]
            if not holders:
                near = get_close_matches(code, {known for each in _ours() for known in _codes(each)}, 3, 0.4)
                raise ConfigError("profile-rule-unknown", field=f"rules.{code}", value=code, file=here, near=", ".join(near) or "-")
            single += holders[:1]
    foreign = [each for each in beside if not _codes(each)]
    rules = dict(_chosen(file, [*ours, *(each for each in beside if each not in foreign)], single))
    own = compile([_source(each) for each in (_VALUES, *ours, *dict.fromkeys(single), *beside) if each not in foreign]) if rules else None
    title = {"de": file.title_de, "en": file.title_en}
    return Profile(name, title, rules, own, compile([_source(each) for each in foreign], background()) if foreign else None)


def _chosen(file: _File, whole: Iterable[str], single: Iterable[str]) -> Iterator[tuple[Term, Rule]]:
    """The rules of a profile: all of some files, of others only those it names; with the severity and the source that it gives them."""
    for shapes, all_of_it in (*((each, True) for each in whole), *((each, False) for each in single)):
        for term, rule in _rules(shapes).items():
            choice = file.rules.get(rule.code) or (_Choice() if all_of_it else None)
            if choice is not None and choice.severity != "off":
                severity = Severity(choice.severity) if choice.severity else rule.severity
                yield term, replace(rule, severity=severity, source=choice.source or rule.source or file.source)


@cache
def _ours() -> list[str]:
    """The names of our own files of shapes."""
    found = (entry.name for entry in files("vocabularies").joinpath("shapes").iterdir() if entry.name.endswith(".ttl"))
    return sorted({name.removesuffix(".ttl") for name in found} - {_VALUES})


def _source(shapes: str) -> Source:
    """One of our files by its name, any other file or folder by its path."""
    if shapes == _VALUES or shapes in _ours():
        return files("vocabularies").joinpath("shapes", f"{shapes}.ttl").read_bytes()
    return Path(shapes)


def _codes(shapes: str) -> set[str]:
    """The codes of the rules in a file of shapes."""
    return {rule.code for rule in _rules(shapes).values()}


@cache
def _rules(shapes: str) -> dict[Term, Rule]:
    nodes = read([_source(shapes)])
    classes = {prop: _targets(properties) for properties in nodes.values() for prop in properties.get(SH.property, ())}
    ours = ((term, properties) for term, properties in nodes.items() if term.startswith(RULES))
    return {term: _rule(term, properties, classes.get(term) or _targets(properties)) for term, properties in ours}


def _targets(properties: Mapping[Term, Sequence[Term]]) -> tuple[Term, ...]:
    return tuple(TYPES[term].term if term in TYPES else term for term in properties.get(SH.targetClass, ()))


def _rule(term: Term, properties: Mapping[Term, Sequence[Term]], classes: tuple[Term, ...]) -> Rule:
    about = next((one for name in (SH.path, DCTERMS.subject) for one in properties.get(name, ()) if one[0] == "<"), "")
    message = {parts(text)[1]: parts(text)[0] for text in properties.get(SH.message, ())}
    source = next((value(one) for one in properties.get(DCTERMS.source, ())), "")
    severity = _SEVERITIES.get(next(iter(properties.get(SH.severity, ())), SH.Violation), Severity.VIOLATION)
    return Rule(term.removeprefix(RULES).rstrip(">").partition(":")[0], severity, source, about, classes, message)


# What shapes of others look values up in: the lists as skos:inScheme, and who counts as an agent or a contact.
_SCHEMES = {
    "publisher-type": "http://purl.org/adms/publishertype/1.0", "hvd-category": "http://data.europa.eu/bna/asd487ae75",
}  # fmt: skip
_LISTED = (
    "language", "availability", "frequency", "theme", "access-right", "file-type", "distribution-status", "dataset-type", "licence",
    "contributor", "geocoding-level", "publisher-type", "hvd-category", "place", "country", "continent",
)  # fmt: skip


@cache
def background() -> Background:
    """Our tables as the vocabularies that official shapes ask for: read once, shared by all."""
    return Background(dict(_background()))


def _background() -> Iterator[tuple[Term, dict[Term, list[Term]]]]:
    for name in _LISTED:
        table = vocabulary.vocabulary(name)
        scheme = iri(_SCHEMES.get(name, table.base.rstrip("/")))
        for code in table:
            yield iri(code), {SKOS.inScheme: [scheme], TYPE: [SKOS.Concept]}
    for code in vocabulary.vocabulary("hash"):
        yield iri(code), {TYPE: ["<http://spdx.org/rdf/terms#ChecksumAlgorithm>"]}
    for cls in CLASSES.values():
        for alias in cls.aliases:
            yield alias, {RDFS.subClassOf: [cls.term]}
