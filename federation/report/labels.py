"""What properties, codes and nodes are called, for people: the labels of the one table and of the vocabularies, in German and English."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache

from federation import vocabulary
from federation.dcat.description import Nodes
from federation.dcat.schema import CLASSES, TYPES, Class, Property
from federation.normalise.namespaces import property_term
from federation.terms import DCAT, DCTERMS, SKOS, TYPE, Term, Triple, parts, prefixed

_LONGEST = 300  # characters of a text, unless all is wanted
_VALUES = 6  # of one property
_FIRST = (DCAT.Dataset, DCAT.Distribution, DCAT.DataService)  # whose labels hold where classes differ
_HEAD = (DCTERMS.title, DCTERMS.description, SKOS.prefLabel)


@cache
def _properties() -> dict[str, Property]:
    order = [*_FIRST, *(term for term in CLASSES if term not in _FIRST)]
    found: dict[str, Property] = {}
    for term in order:
        for prop in CLASSES[term].properties.values():
            found.setdefault(prop.name, prop)
    return found


@cache
def _classes() -> dict[str, Class]:
    return {each.name: each for each in CLASSES.values()}


def of_field(field: str, language: str) -> str:
    """A property or class in prefix form with its name, "Lizenz (dcterms:license)", "Kontakt (vcard:Kind)"; any other field as it is."""
    prop: Property | Class | None = _properties().get(field) or _classes().get(field)
    return f"{prop.de if language == 'de' else prop.en} ({field})" if prop else field


def of_property(prop: Term, language: str) -> str:
    """The same for a term, whatever spelling of its namespace the source used."""
    return of_field(prefixed(property_term(prop)), language)


def of_class(types: Iterable[Term], language: str) -> str:
    """What a node is, by its types; "" where the table does not know them."""
    found = next((TYPES[term] for term in types if term in TYPES), None)
    return (found.de if language == "de" else found.en) if found else ""


@cache
def _bases() -> list[tuple[str, str]]:
    tables = [(vocabulary.vocabulary(name).base, name) for name in vocabulary.names()]
    return sorted((base, name) for base, name in tables if "://" in base)


@lru_cache(maxsize=4_096)
def of_code(iri: str, language: str) -> str:
    """The label of a code by its IRI ("Deutsch"); "" where it is no code of a vocabulary."""
    for base, name in reversed(_bases()):
        if iri.startswith(base) and iri in vocabulary.vocabulary(name):
            return vocabulary.vocabulary(name).label(iri, language)
    return ""


def grouped(triples: Iterable[Triple]) -> Nodes:
    """Triples as nodes, in their order."""
    nodes: Nodes = {}
    for node, prop, term in triples:
        nodes.setdefault(node, {}).setdefault(prop, []).append(term)
    return nodes


class Wording:
    """Values as people read them. `nodes` are the triples at hand: a blank node is told by what is said about it. `full` leaves nothing
    out; `more` is what stands for the rest otherwise, with {count}.
    """

    def __init__(self, language: str, nodes: Nodes, more: str, *, full: bool = False) -> None:
        self.language = language
        self.nodes = nodes
        self.more = more
        self.full = full

    def value(self, term: Term, nodes: Nodes | None = None, within: Sequence[Term] = ()) -> str:
        """One term: a text in quotation marks, a code with its label, a node described, or an address."""
        if term[0] == '"':
            text, tag, _ = parts(term)
            return f"„{self.short(text)}“" + (f" [{tag}]" if tag else "")
        if term[0] == "<":
            label = of_code(term[1:-1], self.language)
            return f"{label} ({prefixed(term)})" if label else prefixed(term)
        here = (nodes or {}).get(term) or self.nodes.get(term)
        if not here or term in within:
            return "[…]"
        return f"[{'; '.join(self.statements(here, nodes, (*within, term)))}]"

    def statements(self, properties: Mapping[Term, Sequence[Term]], nodes: Nodes | None = None, within: Sequence[Term] = ()) -> list[str]:
        """What is said about a node, a line for each property, the title first; its type only where nothing else is said."""
        order = sorted(properties, key=lambda prop: _HEAD.index(prop) if prop in _HEAD else len(_HEAD))
        said = [prop for prop in order if prop != TYPE] or order
        return [f"{of_property(prop, self.language)}: {self.values(properties[prop], nodes, within)}" for prop in said]

    def values(self, terms: Sequence[Term], nodes: Nodes | None = None, within: Sequence[Term] = ()) -> str:
        """The values of one property."""
        shown = terms if self.full else terms[:_VALUES]
        told = list(dict.fromkeys(self.value(term, nodes, within) for term in shown))
        if len(shown) < len(terms):
            told.append(self.more.format(count=len(terms) - len(shown)))
        return " | ".join(told)

    def short(self, text: str) -> str:
        """A text on one line, cut where it is long; its length stands behind the cut."""
        if self.full:
            return text
        flat = " ".join(text[: 4 * _LONGEST].split())
        return flat if len(flat) <= _LONGEST and len(text) <= 4 * _LONGEST else f"{flat[:_LONGEST]}… ({len(text)})"
