"""The shapes graph as the compiler reads it: values with their checks, RDF lists, and faults with the place they stand at."""

from collections.abc import Sequence

from federation.dcat.description import Nodes
from federation.errors import ConfigError
from federation.quality.shapes.result import SH
from federation.terms import RDF, Term, parts, prefixed

_NIL = RDF.nil
LIST_LIMIT = 100_000  # members of one list


def shown(term: Term) -> str:
    """A term of a shapes graph for people: prefix form, "sh:minCount", or the IRI."""
    return f"sh:{term[1:-1].removeprefix(SH.base)}" if term.startswith(f"<{SH.base}") else term if term[0] == "_" else prefixed(term)


class Reader:
    """Access to one shapes graph. Every fault is a ConfigError that names the shape (or where it has no name, what it is part of)."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self._owner: dict[Term, Term] | None = None

    def objects(self, node: Term, prop: Term) -> Sequence[Term]:
        """The values of a property."""
        return self.nodes.get(node, {}).get(prop, ())

    def subjects(self, prop: Term, term: Term | None = None) -> list[Term]:
        """The nodes with a property, or with one value of it."""
        return [node for node, found in self.nodes.items() if prop in found and (term is None or term in found[prop])]

    def named(self, node: Term) -> str:
        """The name of a shape for people: its IRI, or for a blank node the IRI of the shape that holds it and its path."""
        if node[0] != "_":
            return node[1:-1]
        if self._owner is None:
            self._owner = {
                term: holder for holder, found in self.nodes.items() for terms in found.values() for term in terms if term[0] == "_"
            }
        path = next((shown(term) for term in self.objects(node, SH.path) if term[0] == "<"), "")
        holder, met = node, {node}
        while holder[0] == "_" and self._owner.get(holder, holder) not in met:
            holder = self._owner[holder]
            met.add(holder)
        name = holder[1:-1] if holder[0] == "<" else "a blank node"
        return f"{name} ({path})" if path else name

    def fault(self, code: str, shape: Term, prop: Term = "", value: Term = "", reason: str = "") -> ConfigError:
        """The error for a fault in a shape."""
        return ConfigError(
            code, shape=self.named(shape), field=shown(prop) if prop else "", value=shown(value) if value else "", reason=reason
        )

    def only(self, shape: Term, prop: Term) -> Term:
        """The one value of a property that may have one only; "" where it has none."""
        found = self.objects(shape, prop)
        if len(found) > 1:
            raise self.fault("shapes-parameter", shape, prop, reason=f"{len(found)} values, one is allowed")
        return found[0] if found else ""

    def whole(self, shape: Term, prop: Term) -> int:
        """The value of a property as a whole number from 0 on."""
        term = self.only(shape, prop)
        text = parts(term)[0] if term[0] == '"' else ""
        if not (text.removeprefix("+").isascii() and text.removeprefix("+").isdigit()) or len(text) > 18:
            raise self.fault("shapes-parameter", shape, prop, term, "a whole number from 0 on is expected")
        return int(text)

    def flag(self, shape: Term, prop: Term) -> bool:
        """The value of a property as true or false; false where it has none."""
        term = self.only(shape, prop)
        text = parts(term)[0] if term and term[0] == '"' else ""
        if term and text not in ("true", "false", "1", "0"):
            raise self.fault("shapes-parameter", shape, prop, term, "true or false is expected")
        return text in ("true", "1")

    def items(self, shape: Term, head: Term, prop: Term) -> list[Term]:
        """The members of an RDF list that is a value of `prop`."""
        found: list[Term] = []
        met: set[Term] = set()
        node = head
        while node != _NIL:
            first, rest = self.objects(node, RDF.first), self.objects(node, RDF.rest)
            if node in met or len(first) != 1 or len(rest) != 1 or len(found) >= LIST_LIMIT:
                raise self.fault("shapes-list", shape, prop, head)
            met.add(node)
            found.append(first[0])
            node = rest[0]
        return found
