"""dcterms:format (EU file types) and dcat:mediaType (IANA), each from what was said about it, and one from the other where it is
absent (convention 31). The ending of the download's name is asked only where both are silent. What is read from elsewhere is derived.

A media type in dcterms:format goes to dcat:mediaType too, a file type in dcat:mediaType to dcterms:format too. A spelling that nobody
knows stays where it was.
"""

from typing import NamedTuple

from federation.dcat.description import Description
from federation.normalise.codes import Coded, spelling, standing_for
from federation.normalise.remarks import Remarks
from federation.terms import DCAT, DCTERMS, Term, value
from federation.vocabulary import file_type_of, file_type_of_suffix, media_type_of

FORMAT = DCTERMS.format
MEDIA = DCAT.mediaType
_DOWNLOAD = DCAT.downloadURL
_KEPT = 20_000

Said = tuple[Term, ...]


class Step(NamedTuple):
    """One effect: `old` of `prop` ("" for a derived value) becomes `new`, pairs of property and term."""

    prop: Term
    old: Term
    new: tuple[tuple[Term, Term], ...]
    rule: str


class Plan(NamedTuple):
    """Everything that happens to distributions with the same formats, media types and ending; `unknown`: code, property, term."""

    steps: tuple[Step, ...]
    unknown: tuple[tuple[str, Term, Term], ...]


class Formats:
    """What one source's distributions get; plans are kept, since few combinations make up a catalog."""

    def __init__(self, formats: Coded, media: Coded) -> None:
        self._formats = formats
        self._media = media
        self._right: set[Said] = set()  # format, "", media type that need nothing: the way of most
        self._plans: dict[tuple[Said, Said, str], Plan | None] = {}

    def apply(self, description: Description, node: Term, remarks: Remarks, service: bool = False) -> None:
        """Normalises format and media type of a distribution; of a service its formats only, as it has no file."""
        properties = description.nodes[node]
        formats, media = properties.get(FORMAT, ()), properties.get(MEDIA, ())
        single = len(formats) < 2 and len(media) < 2
        if single and (*formats, "", *media) in self._right:
            return
        ending = ""
        if not formats and not media and not service:
            ending = _ending(properties.get(_DOWNLOAD, ()))
            if not ending:
                return
        key = (tuple(formats), tuple(media), "service" if service else ending)
        try:
            plan = self._plans[key]
        except KeyError:
            plan = self._planned(description, key)
        if plan is not None:
            self._carry_out(description, node, plan, remarks)
        elif single and not service and len(self._right) < _KEPT:
            self._right.add((*formats, "", *media))

    def _planned(self, description: Description, key: tuple[Said, Said, str]) -> Plan | None:
        blank = any(term[0] == "_" for terms in key[:2] for term in terms)
        spelt = {term: spelling(description, term) for terms in key[:2] for term in terms}
        plan = _Planning(self._formats, self._media, *key, spelt).plan()
        if not blank:
            if len(self._plans) >= _KEPT:
                self._plans.clear()
            self._plans[key] = plan
        return plan

    def _carry_out(self, description: Description, node: Term, plan: Plan, remarks: Remarks) -> None:
        for step in plan.steps:
            added = [(node, prop, term) for prop, term in step.new]
            if not step.old:
                description.change((), added, step.rule)
            elif step.old[0] == "_":
                description.change([(node, step.prop, step.old), *standing_for(description, step.old)], added, step.rule)
            else:
                description.change([(node, step.prop, step.old)], added, step.rule)
        for code, prop, term in plan.unknown:
            if code.startswith("unknown-"):
                coded = self._formats if prop == FORMAT else self._media
                remarks.say(code, prop, term, nearest=coded.nearest(term))
            else:
                remarks.say(code, prop, term)


def _ending(addresses: "Said | list[Term]") -> str:
    for term in addresses:
        name = value(term).partition("?")[0].partition("#")[0].rpartition("/")[2].lower()
        parts = name.split(".")[1:]
        for ending in (".".join(parts[-2:]), parts[-1] if parts else ""):
            if ending and file_type_of_suffix(ending):
                return ending
    return ""


class _Planning:
    """Works out one plan."""

    def __init__(self, formats: Coded, media: Coded, said: Said, said_media: Said, ending: str, spelt: dict[Term, Term]) -> None:
        self._formats, self._media = formats, media
        self._said, self._said_media, self._ending, self._spelt = said, said_media, ending, spelt
        self._steps: list[Step] = []
        self._unknown: list[tuple[str, Term, Term]] = []
        self._file_types: list[Term] = []
        self._media_types: list[Term] = []

    def plan(self) -> Plan | None:
        """The effects, or None where all is right as it is."""
        for term in self._said_media:
            self._read_media(term)
        for term in self._said:
            self._read_format(term)
        if self._ending != "service":
            self._derive()
        return Plan(tuple(self._steps), tuple(self._unknown)) if self._steps or self._unknown else None

    def _read_format(self, term: Term) -> None:
        spelt = self._spelt[term]
        text = self._formats.lookups.spelling(spelt)
        (found, *_), code, rule = self._formats(spelt)
        if code:
            self._odd_format(term, found, code)
            return
        self._is(found)
        if found == term:
            return
        new = [(FORMAT, found)]
        mime = self._media.vocabulary.resolve(text) if "/" in text else None
        if mime and not self._media_types and self._ending != "service":
            self._media_types.append(f"<{mime}>")
            new.append((MEDIA, f"<{mime}>"))
            rule = "format:media-type-said"
        self._steps.append(Step(FORMAT, term, tuple(new), rule))

    def _odd_format(self, term: Term, found: Term, code: str) -> None:
        """A format that no file type is: perhaps a media type without one; else it stays."""
        text = self._formats.lookups.spelling(self._spelt[term])
        mime = self._media.vocabulary.resolve(text) if "/" in text else None
        if mime and self._ending != "service" and self._media_types in ([], [f"<{mime}>"]):
            self._media_types = [f"<{mime}>"]
            self._steps.append(Step(FORMAT, term, ((MEDIA, f"<{mime}>"),), "format:media-type-said"))
            return
        self._unknown.append((code, FORMAT, self._spelt[term]))
        if found != self._spelt[term]:
            self._steps.append(Step(FORMAT, term, ((FORMAT, found),), "iri"))

    def _is(self, file_type: Term) -> None:
        if file_type not in self._file_types:
            self._file_types.append(file_type)

    def _read_media(self, term: Term) -> None:
        spelt = self._spelt[term]
        (found, *_), code, rule = self._media(spelt)
        if not code:
            self._media_types.append(found)
            if found != term:
                self._steps.append(Step(MEDIA, term, ((MEDIA, found),), rule))
            return
        text = self._media.lookups.spelling(spelt)
        file_type = self._formats.vocabulary.resolve(text) or file_type_of(text)
        if not file_type:
            self._unknown.append((code, MEDIA, spelt))
            return
        mime = media_type_of(file_type)
        new = [(MEDIA, f"<{mime}>")] if mime else []
        if not self._said and f"<{file_type}>" not in self._file_types:
            self._is(f"<{file_type}>")
            new.append((FORMAT, f"<{file_type}>"))
        if new:
            self._media_types += [f"<{mime}>"] if mime else []
            self._steps.append(Step(MEDIA, term, tuple(new), "media-type:format-said"))
        else:
            self._unknown.append((code, MEDIA, spelt))

    def _derive(self) -> None:
        if not self._said and not self._file_types:
            found, rule = self._derived_format()
            if found:
                self._is(f"<{found}>")
                self._steps.append(Step(FORMAT, "", ((FORMAT, f"<{found}>"),), rule))
        if not self._said_media and not self._media_types and len(self._file_types) == 1:
            mime = media_type_of(value(self._file_types[0]))
            if mime:
                self._steps.append(Step(MEDIA, "", ((MEDIA, f"<{mime}>"),), "media-type:format"))

    def _derived_format(self) -> tuple[str | None, str]:
        for term in self._media_types:
            found = file_type_of(value(term))
            if found:
                return found, "format:media-type"
        return (file_type_of_suffix(self._ending), "format:ending") if self._ending else (None, "")
