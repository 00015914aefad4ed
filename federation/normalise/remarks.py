"""The findings about one description while it is normalised: each said once, however many distributions show it."""

from federation.finding import Finding
from federation.terms import Term, prefixed, value


class Remarks:
    """Collects findings; `dataset` is the root of the description."""

    __slots__ = ("_said", "dataset", "findings")

    def __init__(self, dataset: Term) -> None:
        self.dataset = dataset
        self.findings: list[Finding] = []
        self._said: set[tuple[str, Term, str]] = set()

    def say(self, code: str, prop: Term, said: Term = "", **params: str) -> None:
        """One finding: `prop` is the property it is about, `said` the term that stood there ("" where nothing stood)."""
        key = (code, prop, said)
        if key in self._said:
            return
        self._said.add(key)
        text = value(said) if said else ""
        self.findings.append(Finding(code, dataset=value(self.dataset), field=prefixed(prop), value=text, params=params))
