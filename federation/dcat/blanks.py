"""Labels for blank nodes that depend on what the nodes say: the same graph gives the same labels in every order and naming.

A label is made of the fragment's root, the node's shape (a hash of its sorted triples in which its blank children stand as their own
shapes) and a number among nodes of equal shape. Trees, which nearly all real feeds have, are numbered top down. What has cycles or
shared equal nodes goes through colour refinement and, for ties that stay, the search that RDFC-1.0 calls hash n-degree quads, bounded.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from hashlib import blake2b

from federation.terms import Term

FRAGMENT_BOUND = 20_000  # node visits in the search of one fragment: about a tenth of a second
ROUNDS = 20  # of telling equal blank entities apart
DOCUMENT_BOUND = 400_000  # node visits in all searches of one document

Reference = tuple[int, str, Term]  # a line that names a blank node: place among the lines of its node, property, blank node
_Colours = dict[Term, str]


def _hash(parts: Iterable[str]) -> str:
    return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


class Labels:
    """The labels of one document. `lines` are its sorted lines, `mixed` the references of each node that names blank nodes, `entities`
    the blank nodes that are roots of their own fragments, with their kinds: they have one label in the whole document.
    """

    def __init__(self, lines: Mapping[Term, list[str]], mixed: Mapping[Term, list[Reference]], entities: Mapping[Term, str]) -> None:
        self._lines = lines
        self.mixed = mixed
        self._shapes: dict[Term, str] = {}
        self._naming: set[Term] = set()  # nodes whose shape holds the name of an entity
        self.visits = 0
        self.entities: dict[Term, Term] = {}
        self.doubtful: set[Term] = set()  # labels of equal entities with cycles inside: their order is not settled
        if entities:
            self._name_entities(entities)

    def of(self, root: Term, nodes: Collection[Term]) -> tuple[dict[Term, Term], bool]:
        """Labels for the blank nodes among `nodes` (a whole fragment; blank entities excepted), and whether the order of every tie was
        settled. `root` is the term that the labels hang on.
        """
        entities, known = self.entities, self._shapes
        blanks = [node for node in nodes if node[0] == "_" and node not in entities]
        if not blanks:
            return {}, True
        shapes = [(known[node] if node in known else self._shape(node))[:16] for node in blanks]
        start = "_:b" + blake2b(root.encode(), digest_size=6).hexdigest()
        if len(set(shapes)) == len(shapes) and "" not in shapes:
            return dict(zip(blanks, [start + shape for shape in shapes], strict=True)), True
        return _Ties(self, start, nodes, dict(zip(blanks, shapes, strict=True))).labels()

    def pairs(self, node: Term, labels: Mapping[Term, Term]) -> list[str]:
        """The sorted lines of a mixed node with the labels of blank nodes put in; those without a label in `labels` keep their own."""
        pairs = self._lines[node].copy()
        entities = self.entities
        last = ""
        again = False
        for place, prop, term in self.mixed[node]:
            pairs[place] = f"{prop} {labels.get(term) or entities.get(term, term)}"
            again = again or prop == last
            last = prop
        if again:  # a line keeps its place but among those of one property
            pairs.sort()
        return pairs

    def edges(self, node: Term) -> list[tuple[str, Term]]:
        """(property, blank node) of each reference from a node to a blank node that is no entity."""
        entities = self.entities
        return [(prop, term) for _, prop, term in self.mixed[node] if term not in entities] if node in self.mixed else []

    def children(self, node: Term) -> list[Term]:
        """The blank nodes, entities excepted, that a node refers to."""
        return [term for _, term in self.edges(node)]

    def _shape(self, node: Term) -> str:
        """The node's shape; empty where it reaches a cycle. Not recursive: an rdf:List can be thousands of nodes deep."""
        shapes, mixed = self._shapes, self.mixed
        if node in shapes:
            return shapes[node]
        stack = [node]
        path: set[Term] = set()
        while stack:
            top = stack[-1]
            if top not in shapes and top not in mixed:
                shapes[top] = _hash(self._lines.get(top, ()))
            if top in shapes:
                stack.pop()
                continue
            children = self.children(top)
            if top not in path:
                path.add(top)
                unknown = [child for child in children if child not in shapes]
                if unknown:
                    if not path.isdisjoint(unknown):
                        shapes[top] = ""
                    stack += [child for child in unknown if child not in path]
                    continue
            path.discard(top)
            stack.pop()
            found = {child: shapes[child] for child in children}
            shapes[top] = _hash(self.pairs(top, {child: "_:" + shape for child, shape in found.items()})) if all(found.values()) else ""
            if len(children) < len(mixed[top]) or not self._naming.isdisjoint(children):
                self._naming.add(top)
        return shapes[node]

    def _forget(self) -> None:
        """Forgets the shapes that name entities, since entities are about to be called otherwise."""
        for node in self._naming:
            self._shapes.pop(node, None)
        self._naming.clear()

    def _name_entities(self, kinds: Mapping[Term, str]) -> None:
        """Blank roots are named after what they say themselves; equal ones after what refers to them and what they refer to, too."""
        self.entities = {node: f"_:{kind}" for node, kind in kinds.items()}
        names = {node: _hash([kind, self._shape(node) or self._outline(node)]) for node, kind in kinds.items()}
        kinds_of_names = 0
        for _ in range(ROUNDS):
            groups: dict[str, list[Term]] = defaultdict(list)
            for node, name in names.items():
                groups[name].append(node)
            tied = sorted(name for name, group in groups.items() if len(group) > 1)
            settled = len(groups) == kinds_of_names
            if not tied or (settled and len(tied) == 1):
                break
            if settled:  # nothing around tells them apart: numbering some tells those that belong to them
                names |= {node: _hash([tied[0], str(place)]) for place, node in enumerate(groups[tied[0]])}
            kinds_of_names = len(groups)
            names |= self._refined(names, {node for name in tied for node in groups[name]})
        cyclic = {node for node in names if not self._shape(node)}
        count = Counter(names.values())
        seen: Counter[str] = Counter()
        for node, name in names.items():
            label = self.entities[node] = f"_:e{name[:24]}" + (f"n{seen[name]}" if seen[name] else "")
            seen[name] += 1
            if count[name] > 1 and node in cyclic:
                self.doubtful.add(label)
        self._forget()

    def _refined(self, names: Mapping[Term, str], tied: Collection[Term]) -> dict[Term, str]:
        """Names of tied entities that also hash what they refer to and what refers to them."""
        self.entities = {node: "_:" + name for node, name in names.items()}
        self._forget()
        around: dict[Term, list[str]] = defaultdict(list)
        for node, references in self.mixed.items():
            for _, prop, term in references:
                if term in tied:
                    name = self.entities.get(node) or (self._shape(node) if node[0] == "_" else node)
                    around[term].append(f"{name} {prop}")
        return {node: _hash([names[node], self._shape(node) or self._outline(node), *sorted(around[node])]) for node in tied}

    def _outline(self, node: Term) -> str:
        return _hash(self.pairs(node, dict.fromkeys(self.children(node), "_:")) if node in self.mixed else self._lines.get(node, ()))


class _Ties:
    """Blank nodes of one fragment of which some have equal shapes or reach a cycle."""

    def __init__(self, document: Labels, start: str, nodes: Collection[Term], shapes: dict[Term, str]) -> None:
        self._document = document
        self._start = start
        self._shapes = shapes
        self._out: dict[Term, list[tuple[str, Term]]] = {}
        self._into: dict[Term, list[tuple[Term, str]]] = {node: [] for node in shapes}
        for node in nodes:
            edges = document.edges(node)
            if node in shapes:
                self._out[node] = edges
            for prop, child in edges:
                if child in self._into:
                    self._into[child].append((node, prop))
        self._visits = 0

    @property
    def _exhausted(self) -> bool:
        return self._visits > FRAGMENT_BOUND or self._document.visits > DOCUMENT_BOUND

    def labels(self) -> tuple[dict[Term, Term], bool]:
        if all(self._shapes.values()) and all(len(into) <= 1 for into in self._into.values()):
            return self._top_down(), True
        first = {node: shape or self._document._outline(node) for node, shape in self._shapes.items()}
        order = self._search(self._refine(first))
        return self._number(order, first), not self._exhausted

    def _number(self, order: Iterable[Term], shapes: Mapping[Term, str], counts: "Counter[str] | None" = None) -> dict[Term, Term]:
        counts = Counter() if counts is None else counts
        labels = {}
        for node in order:
            shape = shapes[node][:16]
            labels[node] = self._start + shape + (f"n{counts[shape]}" if counts[shape] else "")
            counts[shape] += 1
        return labels

    def _top_down(self) -> dict[Term, Term]:
        """In trees nodes of equal shape differ by their parents only: number level by level, in the order of parent and property."""
        counts: Counter[str] = Counter()
        labels: dict[Term, Term] = {}
        level = [node for node, into in self._into.items() if not into or into[0][0] not in self._shapes]
        while level:
            keys = {}
            for node in level:
                parent, prop = self._into[node][0] if self._into[node] else ("", "")
                keys[node] = (labels.get(parent, self._document.entities.get(parent, parent)), prop, self._shapes[node])
            labels |= self._number(sorted(level, key=keys.__getitem__), self._shapes, counts)
            level = [child for node in level for _, child in self._out[node]]
        return labels

    def _refine(self, colours: _Colours) -> _Colours:
        """Colours told apart by the colours around them, until no more can be told apart."""
        entities = self._document.entities
        kinds = len(set(colours.values()))
        while True:
            self._visits += len(colours)
            self._document.visits += len(colours)
            finer = {}
            for node, colour in colours.items():
                out = sorted(f"> {prop} {colours[child]}" for prop, child in self._out[node])
                into = sorted(f"< {prop} {colours.get(parent, entities.get(parent, parent))}" for parent, prop in self._into[node])
                finer[node] = _hash([colour, *out, *into])
            now = len(set(finer.values()))
            if now == kinds:
                return finer
            colours, kinds = finer, now

    def _search(self, colours: _Colours) -> list[Term]:
        """The nodes in an order that does not depend on their names: the one with the least picture of the edges."""
        groups: dict[str, list[Term]] = defaultdict(list)
        for node, colour in colours.items():
            groups[colour].append(node)
        ties = sorted((len(group), colour) for colour, group in groups.items() if len(group) > 1)
        if not ties or self._exhausted:
            return sorted(colours, key=colours.__getitem__)
        group = groups[ties[0][1]]
        if all(self._out[node] == self._out[group[0]] and sorted(self._into[node]) == sorted(self._into[group[0]]) for node in group):
            colours |= {node: _hash([colours[node], str(place)]) for place, node in enumerate(group)}
            return self._search(self._refine(colours))
        best: tuple[list[tuple[int, str, int]], list[Term]] | None = None
        for node in group:
            order = self._search(self._refine({**colours, node: _hash([colours[node], "first"])}))
            place = {member: at for at, member in enumerate(order)}
            picture = sorted((place[member], prop, place[child]) for member in order for prop, child in self._out[member])
            if best is None or picture < best[0]:
                best = (picture, order)
            if self._exhausted:
                break
        return best[1] if best else list(colours)
