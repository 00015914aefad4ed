"""Literals where DCAT-AP.de wants a described node, and classes that nodes have by their place.

dcterms:temporal as text becomes a dcterms:PeriodOfTime, dcterms:rights and dcterms:provenance a statement with that text as label,
dcterms:conformsTo in words a dcterms:Standard, adms:identifier an adms:Identifier. The words stay as they were said.
"""

import re
from collections.abc import Callable, Mapping

from federation.dcat.description import Description
from federation.normalise import dates, texts
from federation.normalise.remarks import Remarks
from federation.terms import ADMS, DCAT, DCTERMS, PROV, RDFS, SKOS, SPDX, TYPE, Term, Triple, literal, value

TEMPORAL = DCTERMS.temporal
# Where a literal stands for a node: class and property of the text.
_NODES: Mapping[Term, tuple[Term, Term]] = {
    DCTERMS.rights: (DCTERMS.RightsStatement, RDFS.label),
    DCTERMS.provenance: (DCTERMS.ProvenanceStatement, RDFS.label),
    DCTERMS.conformsTo: (DCTERMS.Standard, DCTERMS.title),
    ADMS.identifier: (ADMS.Identifier, SKOS.notation),
}
Places = tuple[tuple[Term, Term], ...]  # property and the class of what it points to
OF_RESOURCE: Places = (
    (DCAT.distribution, DCAT.Distribution), (ADMS.sample, DCAT.Distribution), (TEMPORAL, DCTERMS.PeriodOfTime),
    (ADMS.identifier, ADMS.Identifier), (PROV.qualifiedAttribution, PROV.Attribution), (DCAT.qualifiedRelation, DCAT.Relationship),
)  # fmt: skip
OF_DISTRIBUTION: Places = ((SPDX.checksum, SPDX.Checksum), (DCAT.accessService, DCAT.DataService))
_INTERVAL = re.compile(r"\s*([^/;]*?)\s*/\s*([^/;]*?)\s*")
_DASHED = re.compile(r"\s*((?:\d\d?\.\d\d?\.)?\d{4})\s*(?:-|–|bis)\s*((?:\d\d?\.\d\d?\.)?\d{4})\s*")
_DCMI = re.compile(r"\s*(start|end)\s*=\s*([^;]*?)\s*", re.IGNORECASE)


def typed(description: Description, node: Term, places: Places) -> list[Term]:
    """Gives the described nodes that a node points to the class of their place. Returns those that had not said it."""
    nodes = description.nodes
    properties = nodes[node]
    found = []
    for prop, wanted in places:
        for term in properties.get(prop, ()):
            known = nodes.get(term)
            if known is not None and wanted not in known.get(TYPE, ()):
                description.derive(term, TYPE, (wanted,), "class:place")
                found.append(term)
    return found


def is_in_words(prop: Term, term: Term) -> bool:
    """Whether a literal says in words what a node should say; an address is none, except as an identifier."""
    said = value(term).strip()
    return bool(said) and (prop in (ADMS.identifier, TEMPORAL) or not said.startswith(("http://", "https://")))


def state(description: Description, node: Term, prop: Term, term: Term, remarks: Remarks) -> None:
    """Puts a node with the text in the place of a literal."""
    class_term, text = _NODES[prop]
    stated = description.fresh_blank(node, prop, term)
    said = term if prop == ADMS.identifier else texts.plain(term)[0][0]
    added = [(node, prop, stated), (stated, TYPE, class_term), (stated, text, said)]
    description.change([(node, prop, term)], added, "statement-node")


def period(description: Description, node: Term, prop: Term, term: Term, remarks: Remarks) -> None:
    """Puts a dcterms:PeriodOfTime in the place of a text like 2019/2021."""
    ends = _ends(value(term))
    if not ends:
        remarks.say("period-unreadable", TEMPORAL, term)
        return
    period = description.fresh_blank(node, TEMPORAL, term)
    added: list[Triple] = [(node, TEMPORAL, period), (period, TYPE, DCTERMS.PeriodOfTime)]
    added += [(period, prop, date) for prop, date in ends]
    description.change([(node, TEMPORAL, term)], added, "period")


def _ends(text: str) -> list[tuple[Term, Term]]:
    """(property, date) of the ends that a text names: "2019/2021", "01.01.2020 - 31.12.2020", "start=2020; end=2021", one date or year
    for both; empty where a part of it is no date.
    """
    named = {"start": DCAT.startDate, "end": DCAT.endDate}
    if "=" in text:
        said = [part for part in text.split(";") if part.strip() and not part.strip().lower().startswith(("scheme", "name"))]
        found = [_DCMI.fullmatch(part) for part in said]
        if not all(found):
            return []
        pairs = [(named[each.group(1).lower()], each.group(2)) for each in found if each]
    else:
        both = _DASHED.fullmatch(text) or _INTERVAL.fullmatch(text)
        start, end = both.groups() if both else (text, text)
        pairs = [(DCAT.startDate, start), (DCAT.endDate, end)]
    ends = []
    for prop, date in pairs:
        if date.strip() in ("", ".."):
            continue
        terms, code, _ = dates.normal(literal(date.strip()))
        if code:
            return []
        ends.append((prop, terms[0]))
    return ends


STEPS: Mapping[Term, Callable[[Description, Term, Term, Term, Remarks], None]] = {**dict.fromkeys(_NODES, state), TEMPORAL: period}
"""What is done about a literal of these properties."""
