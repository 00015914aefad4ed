"""Description: one entity (dataset, service, series, catalog, record) as a set of triples, lossless, with every change recorded.

`nodes` maps each node of the entity to its properties and their terms; `changes` says, in order, what was put in place of what and
by which rule. Undoing all changes gives the source back (`undone`), which `why` and the loss test rely on.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from federation.terms import Term, Triple

if TYPE_CHECKING:
    import rdflib

Nodes = dict[Term, dict[Term, list[Term]]]

# The only rules that may take a triple away without putting another in its place (nothing a town said is lost).
REMOVALS = frozenset({"duplicate", "hydra-controls", "catalog-membership", "illegal-characters", "internal-address"})


def may_remove(rule: str) -> bool:
    """Whether a rule may take triples away without others in their place: one of REMOVALS, or a region's own hook ("hook:dataset"),
    whose decision it is.
    """
    name = rule.partition("+")[0]
    return name in REMOVALS or name.startswith("hook:")


class Change(NamedTuple):
    """Triples that went out, triples that came in, the rule that did it, and the source's field (may be empty).

    A change with nothing in `removed` is a derived value. `duplicate` at the end of a rule ("keyword-text+duplicate") says that what
    would have come in was there already.
    """

    removed: tuple[Triple, ...]
    added: tuple[Triple, ...]
    rule: str
    field: str = ""


class Description:
    """One entity. `root` is its IRI (or its blank node until `identity` names it), `kind` one of dataset, service, series, catalog,
    record, rest. Values of a property are a set kept as a list: no term stands twice.
    """

    __slots__ = ("changes", "kind", "nodes", "root")

    def __init__(self, root: Term, kind: str, nodes: Nodes | None = None, changes: list[Change] | None = None) -> None:
        self.root = root
        self.kind = kind
        self.nodes: Nodes = {} if nodes is None else nodes
        self.changes: list[Change] = [] if changes is None else changes

    def __repr__(self) -> str:
        return f"Description({self.kind} {self.root}, {sum(1 for _ in self.triples())} triples, {len(self.changes)} changes)"

    # reading

    def values(self, node: Term, prop: Term) -> list[Term]:
        """The terms of one property of one node; the list is the live one: change it through the methods below only."""
        return self.nodes.get(node, {}).get(prop, [])

    def value(self, node: Term, prop: Term) -> Term:
        """The first term of a property, or "" where there is none."""
        found = self.nodes.get(node, {}).get(prop)
        return found[0] if found else ""

    def triples(self) -> Iterator[Triple]:
        """Every triple, grouped by node."""
        for node, properties in self.nodes.items():
            for prop, terms in properties.items():
                for term in terms:
                    yield node, prop, term

    def of_type(self, class_term: Term, type_term: Term = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>") -> list[Term]:
        """The nodes that say they are of a class."""
        return [node for node, properties in self.nodes.items() if class_term in properties.get(type_term, ())]

    # saying (what a connector's map writes is what the source said: no Change)

    def say(self, node: Term, prop: Term, term: Term) -> None:
        """Adds a triple as the source's own statement."""
        terms = self.nodes.setdefault(node, {}).setdefault(prop, [])
        if term not in terms:
            terms.append(term)

    # changing (each call records one Change)

    def change(self, removed: Iterable[Triple], added: Iterable[Triple], rule: str, field: str = "") -> None:
        """Takes triples out and puts others in. Only what was really there counts as removed, only what was really new as added,
        so that undoing is exact; a call without effect records nothing.
        """
        nodes = self.nodes
        out = tuple(triple for triple in removed if self._discard(triple))
        new: list[Triple] = []
        for triple in added:
            terms = nodes.setdefault(triple[0], {}).setdefault(triple[1], [])
            if triple[2] not in terms:
                terms.append(triple[2])
                new.append(triple)
        if out and not new and not may_remove(rule):
            rule += "+duplicate"
        if out or new:
            self.changes.append(Change(out, tuple(new), rule, field))

    def replace(self, node: Term, prop: Term, old: Term, new: Sequence[Term], rule: str, field: str = "") -> None:
        """Puts other terms in the place of one term of a property, in its position."""
        terms = self.nodes[node][prop]
        at = terms.index(old)
        fresh = [term for term in dict.fromkeys(new) if term == old or term not in terms]
        terms[at : at + 1] = fresh
        if old in fresh:
            fresh = [term for term in fresh if term != old]
            out: tuple[Triple, ...] = ()
        else:
            out = ((node, prop, old),)
            if not terms:
                self._drop_empty(node, prop)
            if not fresh and not may_remove(rule):
                rule += "+duplicate"
        if out or fresh:
            self.changes.append(Change(out, tuple([(node, prop, term) for term in fresh]), rule, field))

    def derive(self, node: Term, prop: Term, terms: Iterable[Term], rule: str, field: str = "") -> None:
        """Adds terms that the source did not say; `rule` tells from what they come."""
        self.change((), [(node, prop, term) for term in terms], rule, field)

    def move(self, node: Term, old_prop: Term, new_prop: Term, rule: str, field: str = "") -> None:
        """All terms of one property to another property of the same node."""
        terms = list(self.values(node, old_prop))
        self.change([(node, old_prop, term) for term in terms], [(node, new_prop, term) for term in terms], rule, field)

    def remove(self, node: Term, prop: Term, term: Term, rule: str, field: str = "") -> None:
        """Takes a triple out without another in its place. ValueError for a rule that may not (see `may_remove`)."""
        if not may_remove(rule):
            raise ValueError(f"rule {rule} may not take a triple away: only {', '.join(sorted(REMOVALS))} and hooks may")
        self.change([(node, prop, term)], (), rule, field)

    def rename(self, old: Term, new: Term, rule: str, *, melt: bool = False) -> None:
        """Gives a node another name, wherever it stands. ValueError where the new name is taken already, unless they may melt."""
        if new in self.nodes and not melt:
            raise ValueError(f"{new} is already a node of {self.root}")
        out = [triple for triple in self.triples() if old in (triple[0], triple[2])]
        into = [(new if s == old else s, p, new if o == old else o) for s, p, o in out]
        if self.root == old:
            self.root = new
        self.change(out, into, rule)

    def undone(self) -> "Description":
        """What the source said: all changes taken back, last first."""
        copy = Description(self.root, self.kind, {n: {p: list(t) for p, t in ps.items()} for n, ps in self.nodes.items()})
        for change in reversed(self.changes):
            for triple in change.added:
                copy._discard(triple)
            for triple in change.removed:
                copy.say(*triple)
        return copy

    def copy(self) -> "Description":
        """An independent copy, changes included."""
        nodes = {node: {prop: list(terms) for prop, terms in properties.items()} for node, properties in self.nodes.items()}
        return Description(self.root, self.kind, nodes, list(self.changes))

    # at the edges

    def fresh_blank(self, node: Term, prop: Term, term: Term) -> Term:
        """A name for a new blank node that stands for `term` at (node, prop): the same input gives the same name in every run."""
        digest = hashlib.blake2b("\n".join((self.root, node, prop, term)).encode(), digest_size=15).hexdigest()
        return f"_:d{digest}"

    def graph(self) -> "rdflib.Graph":
        """The same triples as an rdflib Graph (a copy, whose literals are exactly these)."""
        from federation.dcat.graph import to_graph

        return to_graph(self)

    def _discard(self, triple: Triple) -> bool:
        node, prop, term = triple
        terms = self.nodes.get(node, {}).get(prop)
        if not terms or term not in terms:
            return False
        terms.remove(term)
        if not terms:
            self._drop_empty(node, prop)
        return True

    def _drop_empty(self, node: Term, prop: Term) -> None:
        del self.nodes[node][prop]
        if not self.nodes[node]:
            del self.nodes[node]
