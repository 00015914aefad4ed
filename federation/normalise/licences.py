"""Licences and the text of attribution, as the practice of German open data wants them (design section 8, conventions 32, 34, 35).

A licence is that of the distribution, else of its dataset (moved down, derived), else the source's default (derived); never that of
the catalog, which is the metadata's. The value of the distribution stands where the two differ, and a finding tells it. A licence
outside the list is passed on unchanged. Nothing else is guessed: what dcterms:rights seems to say is only proposed.
"""

import re
from collections.abc import Iterable, Iterator

from federation.config import Defaults
from federation.dcat.description import Description
from federation.normalise import texts
from federation.normalise.codes import Coded, Lookups, Normal
from federation.normalise.remarks import Remarks
from federation.terms import DCATDE, DCTERMS, RDFS, SCHEMA, Namespace, Term, is_literal, literal, value
from federation.vocabulary import is_open, needs_attribution

LICENSE = DCTERMS.license
RIGHTS = DCTERMS.rights
ATTRIBUTION = DCATDE.licenseAttributionByText
_ODRS = Namespace("odrs", "http://schema.theodi.org/odrs#")
_CC = Namespace("cc", "http://creativecommons.org/ns#")
# Where else sources put the text that users have to name, best first.
_CREDITS = (_ODRS.attributionText, SCHEMA.creditText, _CC.attributionName, _ODRS.copyrightNotice)
_CREDIT = re.compile(r"(?:©|\(c\)|Copyright\b|(?:Daten)?quellen?(?:vermerk|angabe)?\s*:|Namensnennung\s*:)", re.IGNORECASE)
_RESTRICTED = re.compile(r"creativecommons\.org/licenses/by(?:-sa)?-n[cd]", re.IGNORECASE)
_LIST = "http://dcat-ap.de/def/licenses/"


class LicenceCodes(Coded):
    """The list of dcat-ap.de; an address outside it is a licence all the same (convention 34)."""

    def __init__(self, lookups: Lookups) -> None:
        super().__init__("licence", lookups)

    def unknown(self, term: Term, text: str) -> Normal:
        """An address of somebody else's licence stays, with a warning; a text that names none is a finding."""
        terms, code, rule = super().unknown(term, text)
        if terms[0][0] == "<" and not terms[0].startswith(f"<{_LIST}"):
            code = "licence-not-listed"
        return terms, code, rule


class Licences:
    """What one source's datasets and distributions get."""

    def __init__(self, codes: Coded, defaults: Defaults) -> None:
        self._codes = codes
        terms: tuple[Term, ...] = ()
        if defaults.license:
            terms = codes(literal(defaults.license))[0]
        self._default = terms[0] if terms and not is_literal(terms[0]) else ""
        self._attribution = texts.plain(literal(defaults.attribution))[0][0] if defaults.attribution.strip() else ""
        listed = list(codes.vocabulary)
        self._by = frozenset(f"<{iri}>" for iri in listed if needs_attribution(iri))
        self._closed = frozenset(f"<{iri}>" for iri in listed if not is_open(iri))
        self._plain = frozenset(f"<{iri}>" for iri in listed) - self._by - self._closed

    def apply(self, description: Description, root: Term, distributions: Iterable[Term], remarks: Remarks) -> None:
        """Completes and checks the licences of all distributions of a dataset."""
        nodes = description.nodes
        general = [term for term in nodes[root].get(LICENSE, ()) if term[0] == "<" and not self._is_empty(term)]
        for distribution in distributions:
            properties = nodes.get(distribution)
            if properties is None:
                continue
            licences = properties.get(LICENSE)
            if licences is None or (len(licences) == 1 and self._is_empty(licences[0])):
                self._complete(description, distribution, general, remarks)
                licences = [term for term in description.values(distribution, LICENSE) if not self._is_empty(term)]
            if len(licences) == 1 and licences[0] in self._plain and (not general or licences == general):
                rights = nodes[distribution].get(RIGHTS)
                if rights is None or rights == licences:
                    continue
            self._check(description, root, distribution, licences, general, remarks)

    def _complete(self, description: Description, distribution: Term, general: list[Term], remarks: Remarks) -> None:
        """The licence of the dataset, else the default; an empty value, which says nothing, gives way to it."""
        empty = [(distribution, LICENSE, term) for term in description.values(distribution, LICENSE)]
        if len(general) == 1:
            description.change(empty, [(distribution, LICENSE, general[0])], "licence:dataset")
            return
        if self._default and not general:
            description.change(empty, [(distribution, LICENSE, self._default)], "default:licence")
            return
        proposed = next(self._proposed(description, distribution), "")
        if proposed:
            remarks.say("licence-in-rights", LICENSE, proposed)
        else:
            remarks.say("missing-licence", LICENSE)

    def _is_empty(self, term: Term) -> bool:
        return term not in self._plain and not self._codes.lookups.spelling(term)

    def _check(self, description: Description, root: Term, distribution: Term, licences: list[Term], general: list[Term],
               remarks: Remarks) -> None:  # fmt: skip
        for licence in licences:
            if general and licence not in general:
                remarks.say("licence-contradiction", LICENSE, licence, other=value(general[0]))
            elif len(licences) == 1:
                other = next((term for term in self._proposed(description, distribution) if term != licence), "")
                if other:
                    remarks.say("licence-contradiction", RIGHTS, licence, other=value(other))
            if licence in self._closed or (licence not in self._plain and _RESTRICTED.search(licence)):
                remarks.say("licence-not-open", LICENSE, licence)
            if licence in self._by:
                self._attribute(description, root, distribution, licence, remarks)

    def _proposed(self, description: Description, distribution: Term) -> Iterator[Term]:
        """Listed licences that dcterms:rights names, as address or as text."""
        for term in description.values(distribution, RIGHTS):
            for said in description.values(term, RDFS.label) or (term,):
                for found in self._codes.meant(value(said)):
                    yield f"<{found}>"

    def _attribute(self, description: Description, root: Term, distribution: Term, licence: Term, remarks: Remarks) -> None:
        if description.values(distribution, ATTRIBUTION):
            return
        credit, rule = self._credit(description, root, distribution)
        if credit:
            description.derive(distribution, ATTRIBUTION, (credit,), rule)
        else:
            remarks.say("missing-attribution", ATTRIBUTION, licence)

    def _credit(self, description: Description, root: Term, distribution: Term) -> tuple[Term, str]:
        """(text that users have to name, rule that tells from where), both empty where there is none."""
        if description.values(root, ATTRIBUTION):
            return description.value(root, ATTRIBUTION), "attribution:dataset"
        for node in (distribution, root):
            for prop in _CREDITS:
                for term in description.values(node, prop):
                    if is_literal(term) and value(term).strip():
                        return texts.plain(term)[0][0], "attribution:credit"
            for term in description.values(node, RIGHTS):
                for said in description.values(term, RDFS.label) or (term,):
                    if is_literal(said) and _CREDIT.match(value(said).strip()):
                        return texts.plain(said)[0][0], "attribution:rights"
        return self._attribution, "default:attribution"
