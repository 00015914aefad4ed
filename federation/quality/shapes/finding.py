"""Results as findings about a dataset: what a person reads, with the property of the dataset that it is about."""

from collections.abc import Callable, Iterable, Mapping

from federation.dcat.description import Description
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


def findings(
    description: Description, results: Iterable[Result], paths: Mapping[Term, str], named: Callable[[Term], str]
) -> list[Finding]:
    """Findings about the dataset of a description, each fact once: same shape, rule, property and value; `count` says at how many
    places. `paths` has the texts of paths that are longer than a property, `named` gives the name of a shape for people.
    """
    made: dict[tuple[Term, Term, str, str], tuple[Result, int]] = {}
    for result in results:
        field, said = _about(description, result, paths)
        key = result.source_shape, result.component, field, said
        made[key] = made.get(key, (result, 0))[0], made.get(key, (result, 0))[1] + 1
    dataset = value(description.root)
    return [
        Finding(
            _code(description, result), _SEVERITIES.get(result.severity, Severity.WARNING), dataset, field, said,
            _params(description, result, count) | {"shape": named(result.source_shape)},
        )
        for (_, _, field, said), (result, count) in made.items()
    ]  # fmt: skip


def _about(description: Description, result: Result, paths: Mapping[Term, str]) -> tuple[str, str]:
    """(property, value) that a person has to look at: of the dataset's own nodes, also where the rule was about a vocabulary's."""
    if result.via and result.focus not in description.nodes:
        return _path(result.via[-1][1], paths), value(result.focus)
    field = _path(result.path, paths) if result.path else _class(description, result.focus)
    return field, _shown(description, result.value) if result.value else ""


def _path(path: Term, paths: Mapping[Term, str]) -> str:
    return paths.get(path) or shown(path)


def _class(description: Description, node: Term) -> str:
    return shown(description.value(node, TYPE) or RDFS.Resource)


def _shown(description: Description, term: Term) -> str:
    """A value as people see it: the label of a blank node, which has no name of its own."""
    if term[0] != "_":
        return value(term)
    label = description.value(term, RDFS.label)
    return value(label) if label else "[]"


def _code(description: Description, result: Result) -> str:
    if result.via and result.focus not in description.nodes and result.component == SH.HasValueConstraintComponent:
        return _NOT_IN_VOCABULARY
    return _CODES.get(result.component, _OTHER)


def _params(description: Description, result: Result, count: int) -> dict[str, str]:
    holder = result.via[-1][0] if result.via and result.focus not in description.nodes else result.focus
    messages = result.messages or tuple(message for detail in result.details for message in detail.messages)
    texts: dict[str, str] = {}
    for message in sorted(messages):
        text, language, _ = parts(message)
        texts.setdefault(language.partition("-")[0], text)
    general = texts.get("") or next(iter(texts.values()), "")
    return {
        "class": _class(description, holder), "count": str(count),
        "rule": value(result.component).rpartition("#")[2].removesuffix("ConstraintComponent"),
        **{f"message_{language}": _sentence(texts.get(language) or general) for language in ("de", "en")},
    }  # fmt: skip


def _sentence(text: str) -> str:
    """A message to stand behind another sentence; nothing where there is none."""
    text = " ".join(text.split())
    return f" {text}{'' if text.endswith(('.', '!', '?', ')')) else '.'}" if text else ""
