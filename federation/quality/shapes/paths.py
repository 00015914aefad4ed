"""Property paths (SHACL, section 2.3.1): compiled to functions from a node to the nodes that the path leads to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from federation.quality.shapes.graph import Data
from federation.quality.shapes.reader import Reader, shown
from federation.quality.shapes.result import SH
from federation.terms import RDF, Term

Walk: TypeAlias = Callable[[Data, Term], Sequence[Term]]

FAR = 9  # the reach of a path that may read any node
DEEPEST = 30  # of paths within paths

_REPEATED = {SH.zeroOrMorePath: "*", SH.oneOrMorePath: "+", SH.zeroOrOnePath: "?"}


@dataclass(frozen=True, slots=True)
class Path:
    """`walk` gives the values, none twice. `predicate` is the IRI of a simple path, else "". `reach` says how far from the focus node
    the walk reads: 1 its own properties only, 2 also those of its values, FAR anything.
    """

    term: Term
    text: str
    reach: int
    walk: Walk
    predicate: Term = ""


def compile_path(reader: Reader, shape: Term, term: Term) -> Path:
    """The path of a property shape; `term` is the value of sh:path. ConfigError "shapes-path" for one that is ill-formed."""
    text, reach, walk = _compile(reader, shape, term, False, 0)
    return Path(term, text, reach, walk, term if term[0] == "<" else "")


def _compile(reader: Reader, shape: Term, term: Term, inverse: bool, depth: int) -> tuple[str, int, Walk]:
    if depth > DEEPEST:
        raise reader.fault("shapes-path", shape, SH.path, reason=f"more than {DEEPEST} paths within each other, or a circle")
    if term[0] == "<" and term != RDF.nil:
        return (f"^{shown(term)}", FAR, _backward(term)) if inverse else (shown(term), 1, _forward(term))
    if term[0] != "_":
        raise reader.fault("shapes-path", shape, SH.path, term, "an address or a blank node is expected")
    kinds = [kind for kind in (RDF.first, SH.inversePath, SH.alternativePath, *_REPEATED) if reader.objects(term, kind)]
    if len(kinds) != 1 or len(reader.objects(term, kinds[0])) != 1:
        raise reader.fault("shapes-path", shape, SH.path, reason="the blank node is none of the forms that SHACL has for paths")
    kind = kinds[0]
    inner = reader.objects(term, kind)[0]
    if kind == SH.inversePath:
        text, reach, walk = _compile(reader, shape, inner, not inverse, depth + 1)
        return f"^({text})" if inner[0] == "_" else f"^{shown(inner)}" if not inverse else text, reach, walk
    if kind in _REPEATED:
        text, _, step = _compile(reader, shape, inner, inverse, depth + 1)
        return f"({text}){_REPEATED[kind]}", FAR, _REPEATS[kind](step)
    members = reader.items(shape, term if kind == RDF.first else inner, SH.path)
    if len(members) < 2:
        raise reader.fault("shapes-path", shape, SH.path, reason="a sequence or a choice of paths has at least two members")
    compiled = [_compile(reader, shape, member, inverse, depth + 1) for member in members]
    texts = [text if "/" not in text and "|" not in text else f"({text})" for text, _, _ in compiled]
    walks = tuple(walk for _, _, walk in compiled)
    if kind == SH.alternativePath:
        return "|".join(texts), max(reach for _, reach, _ in compiled), _either(walks)
    return "/".join(texts), min(FAR, sum(reach for _, reach, _ in compiled)), _one_by_one(walks[::-1] if inverse else walks)


def _forward(prop: Term) -> Walk:
    return lambda data, node: data.objects(node, prop)


def _backward(prop: Term) -> Walk:
    return lambda data, node: data.subjects(prop, node)


def _one_by_one(steps: tuple[Walk, ...]) -> Walk:
    def walk(data: Data, node: Term) -> Sequence[Term]:
        reached: Sequence[Term] = (node,)
        for step in steps:
            reached = list(dict.fromkeys(term for start in reached for term in step(data, start)))
        return reached

    return walk


def _either(ways: tuple[Walk, ...]) -> Walk:
    return lambda data, node: list(dict.fromkeys(term for way in ways for term in way(data, node)))


def _one_or_more(step: Walk) -> Walk:
    def walk(data: Data, node: Term) -> Sequence[Term]:
        reached: dict[Term, None] = {}
        waiting = list(step(data, node))
        while waiting:
            found = waiting.pop()
            if found not in reached:
                reached[found] = None
                waiting.extend(step(data, found))
        return list(reached)

    return walk


def _zero_or_more(step: Walk) -> Walk:
    onward = _one_or_more(step)
    return lambda data, node: list(dict.fromkeys((node, *onward(data, node))))


def _zero_or_one(step: Walk) -> Walk:
    return lambda data, node: list(dict.fromkeys((node, *step(data, node))))


_REPEATS: dict[Term, Callable[[Walk], Walk]] = {
    SH.zeroOrMorePath: _zero_or_more, SH.oneOrMorePath: _one_or_more, SH.zeroOrOnePath: _zero_or_one,
}  # fmt: skip
