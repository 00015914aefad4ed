"""Languages: the tag of a text that exists in several (convention 03), and placeholders where a distribution's language belongs."""

from federation.dcat.description import Description
from federation.terms import DCTERMS, Term

LANGUAGE = DCTERMS.language
_TEXTS = (DCTERMS.title, DCTERMS.description)
_GERMAN = "<http://publications.europa.eu/resource/authority/language/DEU>"
_EU = "<http://publications.europa.eu/resource/authority/language/"
# What software writes that nobody filled in; the first of these stands in a real feed as an address.
PLACEHOLDERS = frozenset({
    "<TODO:>", *(f'"{word}"' for word in ("", "TODO", "TODO:", "todo", "tbd", "TBD", "n/a", "N/A", "-", "--", "?", "unknown", "unbekannt")),
})  # fmt: skip


def apply(description: Description, node: Term, root: Term) -> None:
    """Tags the one text without a language as German where others say theirs, none is German, and the entity names no other language
    alone. A single text without a tag stays so.
    """
    properties = description.nodes[node]
    for prop in _TEXTS:
        terms = properties.get(prop)
        if terms is None or len(terms) < 2:
            continue
        bare = [term for term in terms if term[0] == '"' and term[-1] == '"']
        tags = [term[term.rindex('"') + 2 :].lower() for term in terms if term[0] == '"' and "@" in term[term.rindex('"') :]]
        languages = description.values(root, LANGUAGE)
        if len(bare) == 1 and tags and not any(tag.startswith("de") for tag in tags) and (not languages or _GERMAN in languages):
            description.replace(node, prop, bare[0], (bare[0] + "@de",), "text-language")


def fill(description: Description, distribution: Term, root: Term) -> None:
    """A placeholder is no statement: in its place stands what the dataset says of its language, which holds for its distributions."""
    languages = description.nodes[distribution].get(LANGUAGE)
    if languages is not None and not PLACEHOLDERS.isdisjoint(languages):
        stated = [term for term in description.values(root, LANGUAGE) if term.startswith(_EU)]
        for term in PLACEHOLDERS.intersection(languages) if stated else ():
            description.replace(distribution, LANGUAGE, term, stated, "language:dataset")
