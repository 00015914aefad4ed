"""A region's own mapping: `hooks.py` in the workspace, Python functions on the rdflib Graph of one entity.

    def dataset(graph: rdflib.Graph, iri: str, source: str) -> None: ...

and likewise `service` and `series`. `iri` is the entity's public address, `source` the id of the source it came from. What a function
adds to the Graph or takes out of it is recorded as Changes of rule "hook:dataset" (one per subject and property), so that `why` shows
it and undoing gives back what the town said. A function that fails changes nothing.
"""

import hashlib
import sys
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TypeAlias

import rdflib

from federation.dcat.description import Description
from federation.dcat.graph import from_rdflib, to_graph
from federation.errors import ConfigError
from federation.finding import Finding
from federation.terms import Term, Triple, prefixed, value

KINDS = ("dataset", "service", "series")
_DEPTH = 8

Function: TypeAlias = Callable[[rdflib.Graph, str, str], None]


@dataclass(frozen=True, slots=True)
class Hooks:
    """The functions of one `hooks.py` by kind. `digest` (hexadecimal) is that of the file's bytes: a part of the map version."""

    path: Path
    digest: str
    functions: dict[str, Function]

    def apply(self, description: Description, source: str) -> list[Finding]:
        """Runs the function for this kind of entity, if there is one, and records what it did. An error inside it, or a result that
        is no RDF, becomes the finding `hook-failed`; the description then stays as it was.
        """
        function = self.functions.get(description.kind)
        if function is None:
            return []
        graph = to_graph(description)
        before = set(graph)
        try:
            function(graph, value(description.root), source)
            out, new = _difference(description, before, set(graph))
        except Exception as error:  # noqa: BLE001 - whatever a region's code raises is its finding, and the run goes on
            return [self._failed(description, error)]
        self._record(description, out, new)
        return []

    def _record(self, description: Description, out: Iterable[Triple], new: Iterable[Triple]) -> None:
        groups: dict[tuple[Term, Term], tuple[list[Triple], list[Triple]]] = {}
        for side, triples in enumerate((sorted(out), sorted(new))):
            for triple in triples:
                groups.setdefault((triple[0], triple[1]), ([], []))[side].append(triple)
        for (_, prop), (removed, added) in sorted(groups.items()):
            description.change(removed, added, f"hook:{description.kind}", prefixed(prop))

    def _failed(self, description: Description, error: Exception) -> Finding:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(self.path)]
        return Finding(
            "hook-failed", dataset=value(description.root), field=description.kind, value=f"{type(error).__name__}: {error}",
            params={"file": self.path.name, "line": str(lines[-1] if lines else "?")},
        )  # fmt: skip


def load(workspace: Path) -> Hooks | None:
    """The hooks of a workspace, None where it has no `hooks.py`. ConfigError (with file and line) for a file that cannot be run, or
    that has none of the functions `dataset`, `service` and `series`.
    """
    path = workspace / "hooks.py"
    if not path.is_file():
        return None
    code = path.read_bytes()
    digest = hashlib.blake2b(code, digest_size=16).hexdigest()
    module = _run(path, code, digest)
    functions = {kind: vars(module)[kind] for kind in KINDS if callable(vars(module).get(kind))}
    if not functions:
        raise ConfigError("hooks-empty", file=str(path), functions=", ".join(KINDS))
    return Hooks(path, digest, functions)


def _run(path: Path, code: bytes, digest: str) -> ModuleType:
    """The file as a module: run from its bytes, so that neither a cache file nor the import path plays a part."""
    module = ModuleType(f"federation_hooks_{digest}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module
    try:
        exec(compile(code, str(path), "exec"), vars(module))
    except Exception as error:
        del sys.modules[module.__name__]
        raise ConfigError("hooks-broken", value=f"{type(error).__name__}: {error}", file=str(path), line=_line(error, path)) from error
    return module


def _line(error: Exception, path: Path) -> str:
    if isinstance(error, SyntaxError):
        return str(error.lineno or "?")
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return str(lines[-1] if lines else "?")


_Triples: TypeAlias = set[tuple[rdflib.term.Node, rdflib.term.Node, rdflib.term.Node]]


def _difference(description: Description, before: _Triples, after: _Triples) -> tuple[set[Triple], set[Triple]]:
    """(what went out, what came in) as our triples. ValueError for what is no RDF triple."""
    out = {_triple(triple) for triple in before - after}
    new = {_triple(triple) for triple in after - before}
    names = _names(description, new)
    if names:
        new = {(names.get(s, s), p, names.get(o, o)) for s, p, o in new}
    return out - new, new - out


def _triple(triple: tuple[rdflib.term.Node, rdflib.term.Node, rdflib.term.Node]) -> Triple:
    subject, predicate, item = map(from_rdflib, triple)
    if subject[0] == '"' or predicate[0] != "<":
        raise ValueError(f"{subject} {predicate} {item} is no RDF triple")
    return subject, predicate, item


def _names(description: Description, new: Iterable[Triple]) -> dict[Term, Term]:
    """Names for the blank nodes that a hook made (rdflib's are random): made from what they say and where they hang, so that the same
    input gives the same bytes in every run.
    """
    says: dict[Term, list[Triple]] = {}
    for triple in new:
        for term in {triple[0], triple[2]}:
            if term[0] == "_" and term not in description.nodes:
                says.setdefault(term, []).append(triple)
    if not says:
        return {}
    colours = dict.fromkeys(says, "")
    for _ in range(min(_DEPTH, len(says))):
        colours = {term: _colour(term, triples, colours) for term, triples in says.items()}
    ranked = sorted(says, key=lambda term: colours[term])
    names: dict[Term, Term] = {}
    for number, term in enumerate(ranked):
        twin = number - ranked.index(next(other for other in ranked if colours[other] == colours[term]))
        names[term] = description.fresh_blank(description.root, f"hook:{description.kind}", f"{colours[term]} {twin}")
    return names


def _colour(term: Term, triples: Iterable[Triple], colours: dict[Term, str]) -> str:
    lines = sorted(" ".join("." if part == term else colours.get(part, part) for part in triple) for triple in triples)
    return hashlib.blake2b("\n".join(lines).encode(), digest_size=16).hexdigest()
