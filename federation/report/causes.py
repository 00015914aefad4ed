"""Findings by cause: a hundred findings of one kind become one entry with examples, so that a person sees what to do first."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

from federation.finding import Finding, Severity

_RANK = {Severity.VIOLATION: 0, Severity.WARNING: 1, Severity.INFO: 2}
_COUNTED = frozenset({"count"})  # how often it stands in one dataset makes no other cause


@dataclass(slots=True)
class Cause:
    """All findings of one source that have code and field in common. `examples` are (finding, how many are like it), the most frequent
    first; `datasets` how many are concerned (0: the source itself).
    """

    source: str
    code: str
    severity: Severity
    field: str
    count: int = 0
    datasets: int = 0
    examples: list[tuple[Finding, int]] = dataclasses.field(default_factory=list)


def causes(found: Iterable[tuple[str, Finding]]) -> list[Cause]:
    """(source, finding) as causes: the gravest first, then the most frequent."""
    groups: dict[tuple[str, str, str, Severity], list[Finding]] = {}
    for source, finding in found:
        groups.setdefault((source, finding.code, finding.field, finding.severity or Severity.WARNING), []).append(finding)
    result = [_cause(*key, findings) for key, findings in groups.items()]
    return sorted(result, key=lambda each: (_RANK[each.severity], -each.count, each.source, each.code, each.field))


def _cause(source: str, code: str, field: str, severity: Severity, findings: list[Finding]) -> Cause:
    alike: dict[str, list[Finding]] = {}
    for each in findings:
        params = {name: text for name, text in each.params.items() if name not in _COUNTED}
        said = Finding(code, severity, "", field, each.value, params)
        alike.setdefault(said.cause() + said.remedy(), []).append(each)
    examples = sorted(((same[0], len(same)) for same in alike.values()), key=lambda one: -one[1])
    datasets = len({each.dataset for each in findings} - {""})
    return Cause(source, code, severity, field, len(findings), datasets, examples)
