"""Results as findings about a dataset: what a person reads, with the property of the dataset that it is about."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from federation.dcat.description import Description
from federation.dcat.schema import TYPES
from federation.finding import Finding, Severity
from federation.quality.shapes.reader import shown
from federation.quality.shapes.result import SH, Result
from federation.terms import RDFS, TYPE, Term, parts, value

_CODES: dict[Term, str] = {
    SH.MinCountConstraintComponent: "shacl-too-few", SH.MaxCountConstraintComponent: "shacl-too-many",
    SH.QualifiedMinCountConstraintComponent: "shacl-too-few-right", SH.QualifiedMaxCountConstraintComponent: "shacl-too-many-alike",
    SH.ClassConstraintComponent: "shacl-class", SH.DatatypeConstraintComponent: "shacl-datatype",
    SH.NodeKindConstraintComponent: "shacl-kind", SH.InConstraintComponent: "shacl-not-listed",
    SH.HasValueConstraintComponent: "shacl-value-missing", SH.PatternConstraintComponent: "shacl-pattern",
    SH.MinLengthConstraintComponent: "shacl-length", SH.MaxLengthConstraintComponent: "shacl-length",
    SH.MinInclusiveConstraintComponent: "shacl-range", SH.MinExclusiveConstraintComponent: "shacl-range",
    SH.MaxInclusiveConstraintComponent: "shacl-range", SH.MaxExclusiveConstraintComponent: "shacl-range",
    SH.LanguageInConstraintComponent: "shacl-language", SH.UniqueLangConstraintComponent: "shacl-language-twice",
    SH.EqualsConstraintComponent: "shacl-pair", SH.DisjointConstraintComponent: "shacl-pair", SH.LessThanConstraintComponent: "shacl-pair",
    SH.LessThanOrEqualsConstraintComponent: "shacl-pair", SH.ClosedConstraintComponent: "shacl-closed",
    SH.NotConstraintComponent: "shacl-forbidden", SH.AndConstraintComponent: "shacl-shape", SH.OrConstraintComponent: "shacl-shape",
    SH.XoneConstraintComponent: "shacl-shape", SH.NodeConstraintComponent: "shacl-shape",
}  # fmt: skip
_OTHER = "shacl-rule"
_NOT_IN_VOCABULARY = "shacl-not-in-vocabulary"
_SEVERITIES = {SH.Violation: Severity.VIOLATION, SH.Warning: Severity.WARNING, SH.Info: Severity.INFO}


class Teller:
    """Makes findings of results. `paths` has the texts of paths that are longer than a property, `labels` what shapes call the property
    that they are about (sh:name), `named` gives the name of a shape for people.
    """

    def __init__(self, paths: Mapping[Term, str], labels: Mapping[Term, tuple[Term, ...]], named: Callable[[Term], str]) -> None:
        self._paths = paths
        self._labels = labels
        self._named = named
        self._names: dict[Term, str] = {}

    def findings(self, description: Description, results: Iterable[Result]) -> list[Finding]:
        """Findings about the dataset of a description, each fact once: same shape, rule, property and value; `count` says at how many
        places.
        """
        made: dict[tuple[Term, Term, str, str], tuple[Result, Term, Term, int]] = {}
        for result in results:
            holder, path, term = _about(description, result)
            key = result.source_shape, result.component, path, term if term[:1] != "_" else _shown(description, term)
            known = made.get(key)
            made[key] = (result, holder, term, 1) if known is None else (*known[:3], known[3] + 1)
        dataset = value(description.root)
        return [self._finding(description, dataset, path, *found) for (_, _, path, _), found in made.items()]

    def _finding(
        self, description: Description, dataset: str, path: Term, result: Result, holder: Term, term: Term, count: int
    ) -> Finding:
        kind = description.value(holder, TYPE) or RDFS.Resource
        cls = TYPES.get(kind)
        row = cls.properties.get(path) if cls else None
        names = (cls.name, cls.de, cls.en) if cls else (shown(kind),) * 3
        field = (self._paths.get(path) or shown(path)) if path else names[0]
        name = self._names.get(result.source_shape)
        if name is None:
            name = self._names[result.source_shape] = self._named(result.source_shape)
        german, english = (row.de, row.en) if row else _by_language(self._labels.get(result.source_shape, ()))
        messages = result.messages or tuple(message for detail in result.details for message in detail.messages)
        said_german, said_english = map(_sentence, _by_language(messages))
        params = {
            "class": names[0], "class_de": names[1], "class_en": names[2], "count": str(count), "shape": name,
            "place_de": f"„{german}“ ({field})" if german else f"„{field}“", "message_de": said_german,
            "place_en": f'"{english}" ({field})' if english else f'"{field}"', "message_en": said_english, "rule": _rule(result.component),
        }  # fmt: skip
        beyond = result.component == SH.HasValueConstraintComponent and holder != result.focus
        code = _NOT_IN_VOCABULARY if beyond else _CODES.get(result.component, _OTHER)
        severity = _SEVERITIES.get(result.severity, Severity.WARNING)
        return Finding(code, severity, dataset, field, _shown(description, term), params)


def _about(description: Description, result: Result) -> tuple[Term, Term, Term]:
    """(node, path, value) that a person has to look at: of the dataset's own nodes, also where the rule was about a vocabulary's."""
    if result.via and result.focus not in description.nodes:
        node, path = result.via[-1]
        return node, path, result.focus
    return result.focus, result.path, result.value


def _shown(description: Description, term: Term) -> str:
    """A value as people see it: the label of a blank node, which has no name of its own."""
    if not term or term[0] != "_":
        return term and value(term)
    label = description.value(term, RDFS.label)
    return value(label) if label else "[]"


@lru_cache(maxsize=256)
def _rule(component: Term) -> str:
    return value(component).rpartition("#")[2].removesuffix("ConstraintComponent")


@lru_cache(maxsize=4096)
def _by_language(literals: tuple[Term, ...]) -> tuple[str, str]:
    """The German and the English one of some texts; where one is missing, one without a language or in another serves."""
    texts: dict[str, str] = {}
    for literal in sorted(term for term in literals if term[0] == '"'):
        text, language, _ = parts(literal)
        texts.setdefault(language.partition("-")[0], " ".join(text.split()))
    general = texts.get("") or next(iter(texts.values()), "")
    return texts.get("de") or general, texts.get("en") or general


def _sentence(text: str) -> str:
    """A message to stand behind another sentence."""
    return f" {text}{'' if text.endswith(('.', '!', '?', ')')) else '.'}" if text else ""
