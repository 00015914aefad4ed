"""Coded values: what a source writes for a language, frequency, theme, status, checksum algorithm ... and the code that it means.

A decided spelling of the operator (`[source.lookups.<table>]`, then `lookups/<table>.csv`) comes first, then the vocabulary. What
neither knows stays as it was said and becomes the finding `unknown-<table>` with the three nearest codes. Spec section 3.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from federation.config import FederationConfig, Source
from federation.dcat.description import Description
from federation.normalise import namespaces
from federation.normalise.remarks import Remarks
from federation.terms import DCTERMS, RDF, RDFS, SKOS, TYPE, Term, Triple, is_literal, value
from federation.vocabulary import themes_of, vocabulary

Normal = tuple[tuple[Term, ...], str, str]

# How a node says what it stands for, best first.
_SPELT = (RDF.value, SKOS.notation, SKOS.prefLabel, RDFS.label, DCTERMS.title, DCTERMS.identifier)
_SEVERAL = re.compile(r"\s*[,;|]\s*")


class Table(NamedTuple):
    """`name` as operators write it in lookups and as it stands in finding codes; `vocabulary` the table behind it; `others` further
    names that a lookup file may have; `last` whether the last part of any IRI may tell the code ("…/iso639-3/deu"): only where a
    wrong code could change no legal meaning.
    """

    name: str
    vocabulary: str
    others: tuple[str, ...] = ()
    last: bool = False
    several: bool = False


TABLES = {
    table.vocabulary: table
    for table in (
        Table("language", "language", last=True, several=True),
        Table("frequency", "frequency"),
        Table("theme", "theme", ("category",), several=True),
        Table("status", "distribution-status", ("distribution-status",)),
        Table("hash", "hash"),
        Table("access-right", "access-right", ("access_right", "access")),
        Table("availability", "availability"),
        Table("geocoding-level", "geocoding-level", ("geocoding_level", "level")),
        Table("dataset-type", "dataset-type", ("dataset_type",)),
        Table("publisher-type", "publisher-type", ("publisher_type",)),
        Table("contributor", "contributor"),
        Table("hvd-category", "hvd-category", ("hvd_category",)),
        Table("licence", "licence", ("license",)),
        Table("format", "file-type", ("file-type",), last=True),
        Table("media-type", "media-type", ("media_type",)),
    )
}


PLACES = Table("place", "place", ("geocoding",))  # its codes are addresses of many lists and keys of bodies: see `places`


class Lookups:
    """The spellings that the operator decided, of all tables: those of the source before those of the region.

    A value is an IRI or a code of the table; an empty one says that the spelling stays and is no finding.
    """

    def __init__(self, config: FederationConfig, source: Source) -> None:
        self._tables: dict[str, dict[str, str]] = {}
        for table in (*TABLES.values(), PLACES):
            rows: dict[str, str] = {}
            for lookups in (config.lookups, source.lookups):
                for name in (*table.others, table.vocabulary, table.name):
                    rows |= {_key(spelling): decided for spelling, decided in lookups.get(name, {}).items()}
            self._tables[table.vocabulary] = rows
        self._folder = _folder(source.url)
        self._here = (source.url.partition("#")[0], self._folder) if self._folder else ()

    def decided(self, name: str, term: Term) -> str | None:
        """What the operator decided for a spelling of one vocabulary; None where nothing is decided."""
        rows = self._tables[name]
        if not rows:
            return None
        found = rows.get(_key(self.spelling(term)))
        return rows.get(_key(value(term))) if found is None else found

    def spelling(self, term: Term) -> str:
        """What the source wrote: the text of a literal, an IRI, or only its end where it is a relative reference that became an
        address beside the feed (`<CSV>` read at https://portal.example/feed.rdf is https://portal.example/CSV); empty where the
        reference was empty, so that it became the feed's own address.
        """
        text = value(term).strip()
        if term[0] == "<" and self._here and text.startswith(self._folder):
            if text.partition("#")[0] in self._here:
                return ""
            rest = text[len(self._folder) :]
            return rest if "/" not in rest and ":" not in rest else text
        return text


def _folder(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        return ""
    return f"{parts.scheme}://{parts.netloc}{parts.path[: parts.path.rfind('/') + 1] or '/'}"


def _key(spelling: str) -> str:
    return " ".join(spelling.split()).casefold()


def spelling(description: Description, term: Term) -> Term:
    """The literal that a blank node stands for (`[a dcterms:IMT; rdf:value "text/csv"]`); any other term itself."""
    if term[0] == "_":
        for prop in _SPELT:
            for said in description.values(term, prop):
                if is_literal(said) and value(said).strip():
                    return said
    return term


def standing_for(description: Description, node: Term) -> list[Triple]:
    """The triples of a blank node that only stands for a code, when nothing else points to it: they go with it."""
    used = sum(node in terms for properties in description.nodes.values() for terms in properties.values())
    properties = description.nodes.get(node, {})
    plain = all(prop in _SPELT or prop == TYPE for prop in properties)
    return [(node, prop, term) for prop, terms in properties.items() for term in terms] if used < 2 and plain else []


class Coded:
    """The values of one vocabulary, as this source writes them. Called with a term it gives the terms to stand instead."""

    def __init__(self, name: str, lookups: Lookups) -> None:
        self.table = TABLES[name]
        self.vocabulary = vocabulary(name)
        self.lookups = lookups

    def __call__(self, term: Term) -> Normal:
        text = self.lookups.spelling(term)
        decided = self.lookups.decided(self.vocabulary.name, term)
        if decided is not None:
            return self._looked_up(term, decided)
        if not text:
            return (term,), "empty-value", ""
        found = self.meant(text)
        if found:
            return tuple(dict.fromkeys(f"<{iri}>" for iri in found)), "", f"code:{self.table.name}"
        return self.unknown(term, text)

    def meant(self, text: str) -> Iterable[str]:
        """The IRIs of the codes that a spelling means; empty where it is not known."""
        found = self.one(text)
        if found:
            return (found,)
        if self.table.several and "://" not in text:
            parts = [self.one(part) for part in _SEVERAL.split(text)]
            if len(parts) > 1 and None not in parts:
                return [part for part in parts if part]
        return ()

    def one(self, text: str) -> str | None:
        """The IRI of the code that a spelling means."""
        found = self.vocabulary.resolve(text)
        if found is None and "://" in text:
            found = self.vocabulary.resolve(value(namespaces.known(f"<{text}>")))
            if found is None and self.table.last:
                return self.vocabulary.resolve(re.split(r"[/#]", text.rstrip("/#"))[-1])
        return found

    def unknown(self, term: Term, text: str) -> Normal:
        """What becomes of a spelling that is not known: an address stays one, a text stays a text."""
        code = f"unknown-{self.table.name}"
        if term[0] == '"' and text.startswith(("http://", "https://")):
            terms, trouble, rule = namespaces.address(term)
            return ((term,), code, "") if trouble or len(terms) > 1 else (terms, code, rule)
        ours = namespaces.iri(term)
        return (ours,), code, "dcat-ap.de" if ours != term else ""

    def nearest(self, term: Term) -> str:
        """The three nearest codes, for a person to choose from."""
        return ", ".join(self.vocabulary.nearest(self.lookups.spelling(term)))

    def described(self, description: Description, node: Term, prop: Term, term: Term, remarks: Remarks) -> None:
        """The code in the place of a blank node that only stands for one: `dcterms:language [rdfs:label "de"]`."""
        said = spelling(description, term)
        if said == term:
            return
        new, code, rule = self(said)
        if code:
            remarks.say(code, prop, said, nearest=self.nearest(said))
        else:
            gone = [(node, prop, term), *standing_for(description, term)]
            description.change(gone, [(node, prop, each) for each in new], rule)

    def _looked_up(self, term: Term, decided: str) -> Normal:
        if not decided:
            return (term,), "", ""
        iri = decided if "://" in decided else self.vocabulary.resolve(decided) or decided
        return (f"<{iri}>" if "://" in iri else term,), "", f"lookup:{self.table.name}"


class Themes(Coded):
    """Themes: also the categories of CKAN groups, INSPIRE, ISO 19115 and the old Open Government Data list."""

    def meant(self, text: str) -> Iterable[str]:
        """The EU data themes of a category."""
        found = super().meant(text) or themes_of(text)
        if not found and "://" not in text:
            parts = [themes_of(part) for part in _SEVERAL.split(text)]
            if len(parts) > 1 and all(parts):
                return [iri for part in parts for iri in part]
        return found


class Statuses(Coded):
    """The status of a distribution; what is of another vocabulary, as on datasets, is none of ours to judge."""

    def unknown(self, term: Term, text: str) -> Normal:
        """Only a text, or an address of the old or the new list, is a spelling that is not known."""
        terms, code, rule = super().unknown(term, text)
        return terms, code if "://" not in text or "/status/" in text or "/distribution-status/" in text else "", rule


class Contributors(Coded):
    """Contributor ids: those of other patterns than dcat-ap.de's are free (convention 13), so only a code that claims to be listed
    can be unknown.
    """

    def unknown(self, term: Term, text: str) -> Normal:
        """An address of anybody's own is right; a name alone is not."""
        terms, code, rule = super().unknown(term, text)
        if text.startswith(("http://", "https://")) and "dcat-ap.de/" not in text:
            code = ""
        return terms, code, rule


def coded(name: str, lookups: Lookups) -> Coded:
    """The reader of one vocabulary for one source."""
    kinds: Mapping[str, type[Coded]] = {"theme": Themes, "contributor": Contributors, "distribution-status": Statuses}
    return kinds.get(name, Coded)(name, lookups)
