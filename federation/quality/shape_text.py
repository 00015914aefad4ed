"""The one table as SHACL: `vocabularies/shapes/dcat-ap-de-3.0.ttl` and `values.ttl`, for our own compiler and for everybody else's.

`python -m federation.quality.shape_text FOLDER` writes them; a test compares the files with it. The shapes ask what
`federation.quality.check` asks of the classes, properties and vocabularies of DCAT-AP.de 3.0 (spec, sections 2 and 3). The lists of
codes are in values.ttl, so that no vocabulary has to be loaded beside them, and value nodes need no class where the specification takes
a bare address. Each rule is a shape of its own, `<urn:federation:rule:CODE:CLASS:PROPERTY>`; CODE is that of the finding that tells it.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from federation.dcat.schema import CLASSES, DATATYPE, TEMPORAL, Class, Kind, Obligation, Property
from federation.finding import Severity, texts
from federation.quality.check import DESCRIBED, HINTS, MISSING, ONE_OF, WARNED
from federation.terms import LOCN, NAMESPACES, Namespace, prefixed
from federation.vocabulary import is_open, needs_attribution, vocabulary

SH = Namespace("sh", "http://www.w3.org/ns/shacl#")
RULE = Namespace("rule", "urn:federation:rule:")
VALUE = Namespace("value", "urn:federation:value:")
SHAPE = Namespace("shape", "urn:federation:shape:")

# What a shape says besides the remedy of its finding: {code: (German, English)}. The label of the class stands before it.
_SAYS = {
    "missing": ("Die Pflichtangabe {label_de} ({field}) fehlt.", "The mandatory property {label_en} ({field}) is missing."),
    "hint": ("Die Angabe {label_de} ({field}) fehlt.", "The property {label_en} ({field}) is missing."),
    "too-many": ("{label_de} ({field}): höchstens {max} Wert.", "{label_en} ({field}): {max} value at most."),
    "not-a-code": ("{label_de} ({field}): kein Wert der vorgeschriebenen Liste.", "{label_en} ({field}): not in the prescribed list."),
    "licence-not-listed": ("{label_de} ({field}): nicht in der Liste von dcat-ap.de.", "{label_en} ({field}): not in dcat-ap.de's list."),
    "not-an-address": ("{label_de} ({field}): eine Adresse wird erwartet.", "{label_en} ({field}): an address is expected."),
    "not-a-text": ("{label_de} ({field}): ein Text wird erwartet.", "{label_en} ({field}): a text is expected."),
    "not-described": ("{label_de} ({field}): der Wert ist nicht beschrieben.", "{label_en} ({field}): the value is not described."),
    "wrong-datatype": ("{label_de} ({field}): erwartet wird {kind}.", "{label_en} ({field}): {kind} is expected."),
    "without-datatype": ("{label_de} ({field}): der Datentyp fehlt.", "{label_en} ({field}): the datatype is missing."),
    "deprecated-property": ("{label_de} ({field}) ist veraltet, Ersatz: {instead}.", "{label_en} ({field}) is out of date: {instead}."),
    "contact-unreachable": ("E-Mail, Webseite oder Telefon fehlt.", "E-mail, web page or telephone is missing."),
    "period-empty": ("Beginn und Ende fehlen.", "Start and end are missing."),
}  # fmt: skip


def files() -> dict[str, str]:
    """{file name: Turtle}, always the same for the same tables."""
    rules = [block for cls in CLASSES.values() if cls.name not in ("dcat:Resource", "time:Instant") for block in _class(cls)]
    head = "# The rules of DCAT-AP.de 3.0, made from the one table by `python -m federation.quality.shape_text`: change that instead."
    lists = "# Lists that rules refer to, made from tables by `python -m federation.quality.shape_text`: change those instead."
    return {
        "dcat-ap-de-3.0.ttl": "\n".join([head, *_prefixes(), *rules, ""]), "values.ttl": "\n".join([lists, *_prefixes(), *_values(), ""]),
    }  # fmt: skip


def _prefixes() -> Iterator[str]:
    yield ""
    for space in (*NAMESPACES, SH, RULE, SHAPE, VALUE):
        yield f"@prefix {space.prefix}: <{space.base}> ."
    yield ""


def _rows(cls: Class) -> list[Property]:
    """What DCAT-AP.de itself lists for a class; what its superclass merely allows breaks none of its rules."""
    return [row for row in cls.properties.values() if row.obligation is not Obligation.ALLOWED]


def _class(cls: Class) -> Iterator[str]:
    rules = list(_rules(cls))
    targets = " , ".join(prefixed(term) for term in (cls.term, *cls.aliases))
    yield f"# {cls.name}\n"
    yield f"shape:{cls.name.replace(':', '-')} a sh:NodeShape ; sh:targetClass {targets} ;\n  sh:property"
    yield " ,\n".join(f"    {name}" for name, _, targeted in rules if not targeted) + " ."
    yield ""
    for name, body, targeted in rules:
        yield f"{name} {body}" + (f" ;\n  sh:targetClass {targets} ." if targeted else " .")
    yield ""


def _rules(cls: Class) -> Iterator[tuple[str, str, bool]]:
    """(name, Turtle of the shape without its end, whether it has to name its target itself)."""
    for row in _rows(cls):
        if row.min:
            yield _rule(cls, row, MISSING.get(row.term, "missing-property"), "sh:minCount 1", says="missing")
        elif row.obligation is Obligation.RECOMMENDED and row.term in HINTS:
            yield _rule(cls, row, HINTS[row.term], "sh:minCount 1", says="hint")
        if row.deprecated:
            if row.instead:  # beside its replacement it does no harm
                yield _beside(cls, row)
            else:
                yield _rule(cls, row, "deprecated-property", "sh:maxCount 0")
        elif row.max is not None:
            yield _rule(cls, row, "too-many", f"sh:maxCount {row.max}")
        for code, test, severity in _tests(row):
            yield _rule(cls, row, code, test, severity)
    if cls.term in ONE_OF:
        code, props = ONE_OF[cls.term]
        choices = " ".join(f"[ sh:path {prefixed(prop)} ; sh:minCount 1 ]" for prop in props)
        yield _node(cls, cls.properties[props[0]], code, f"sh:or ( {choices} )")


def _tests(row: Property) -> Iterator[tuple[str, str, Severity | None]]:
    """(finding code, constraint, severity where it is not that of the code) for the values of a property."""
    if row.term == LOCN.geometry:  # the specification's own advice is a literal here, which the official shapes refuse
        yield "without-datatype", "sh:or ( [ sh:nodeKind sh:BlankNodeOrIRI ] value:typed )", None
    elif row.vocabulary:
        if row.vocabulary in WARNED:
            yield "not-a-code", "sh:nodeKind sh:IRI", None
            code = "licence-not-listed" if row.vocabulary == "licence" else "not-a-code"
            yield code, f"sh:or ( [ sh:nodeKind sh:BlankNode ] [ sh:nodeKind sh:Literal ] value:{row.vocabulary} )", Severity.WARNING
        else:
            yield "not-a-code", f"sh:node value:{row.vocabulary}", None
    elif row.range in DESCRIBED:
        yield "not-described", f"sh:node value:{_described(CLASSES[row.range])}", None
    elif row.kind is Kind.NODE:
        yield "not-described", "sh:nodeKind sh:BlankNodeOrIRI", None
    elif row.kind is Kind.IRI:
        yield "not-an-address", f"sh:nodeKind sh:{'BlankNodeOrIRI' if row.range else 'IRI'}", None
    else:
        yield "not-a-text", "sh:nodeKind sh:Literal", None
        if row.kind is Kind.TYPED:
            yield "without-datatype", "sh:or ( [ sh:nodeKind sh:BlankNodeOrIRI ] value:typed )", None
        elif row.kind is not Kind.LITERAL:
            filled = " ; sh:minLength 1" if row.kind is Kind.HEX else ""
            test = "value:temporal" if row.kind is Kind.TEMPORAL else f"[ sh:datatype {prefixed(DATATYPE[row.kind])}{filled} ]"
            yield "wrong-datatype", f"sh:or ( [ sh:nodeKind sh:BlankNodeOrIRI ] {test} )", None


def _rule(
    cls: Class, row: Property, code: str, test: str, severity: Severity | None = None, says: str = "",
) -> tuple[str, str, bool]:  # fmt: skip
    name = _name(code, cls, row.name) + ("-listed" if severity else "")
    return name, f"a sh:PropertyShape ; sh:path {row.name} ; {test} ;\n{_said(cls, row, code, severity, says)}", False


def _beside(cls: Class, row: Property) -> tuple[str, str, bool]:
    instead = prefixed(row.instead)
    choices = f"[ sh:path {row.name} ; sh:maxCount 0 ] [ sh:path {instead} ; sh:minCount 1 ]"
    return _node(cls, row, "deprecated-property", f"sh:or ( {choices} )")


def _node(cls: Class, row: Property, code: str, test: str) -> tuple[str, str, bool]:
    """A rule about the node as a whole; the property that it is about stands in dcterms:subject."""
    name = _name(code, cls, row.name)
    return name, f"a sh:NodeShape ; {test} ; dcterms:subject {row.name} ;\n{_said(cls, row, code)}", True


def _name(code: str, cls: Class, prop: str) -> str:
    return f"rule:{code}:{cls.name.replace(':', '-')}:{prop.replace(':', '-')}"


def _said(cls: Class, row: Property, code: str, severity: Severity | None = None, says: str = "") -> str:
    known = texts()[code]
    params = {
        "label_de": row.de, "label_en": row.en, "field": row.name, "max": row.max or 0, "kind": row.kind.value,
        "instead": prefixed(row.instead) if row.instead else "-",
    }  # fmt: skip
    german, english = (text.format(**params) for text in _SAYS[says or code])
    grade = (severity or known.severity).value.capitalize()
    return (
        f"  sh:severity sh:{grade} ;\n"
        f"  sh:message {_quoted(cls.de + ': ' + german + ' ' + known.remedy['de'])}@de ,\n"
        f"    {_quoted(cls.en + ': ' + english + ' ' + known.remedy['en'])}@en"
    )


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


_GEOMETRIES = (
    "geo:wktLiteral", "geo:gmlLiteral", "geo:kmlLiteral", "geo:geoJSONLiteral", "<https://www.iana.org/assignments/media-types/application/vnd.geo+json>",
    "<http://www.iana.org/assignments/media-types/application/vnd.geo+json>", "<https://www.iana.org/assignments/media-types/application/geo+json>",
)  # fmt: skip


def _values() -> Iterator[str]:
    yield f"value:temporal a sh:NodeShape ; sh:or ( {_datatypes(map(prefixed, TEMPORAL))} ) ."
    yield f"value:geometry a sh:NodeShape ; sh:or ( {_datatypes(_GEOMETRIES)} ) ."
    yield "value:typed a sh:NodeShape ; sh:nodeKind sh:Literal ; sh:not [ sh:datatype xsd:string ] , [ sh:datatype rdf:langString ] ."
    for term in sorted(DESCRIBED):
        cls = CLASSES[term]
        kinds = " ".join(f"[ sh:class {prefixed(each)} ]" for each in (cls.term, *cls.aliases))
        yield f"value:{_described(cls)} a sh:NodeShape ; sh:nodeKind sh:BlankNodeOrIRI ; sh:or ( {kinds} ) ."
    # any registered type is right, also one younger than our table
    types = '"^https?://www\\\\.iana\\\\.org/assignments/media-types/" ; sh:flags "i"'
    yield f"value:media-type a sh:NodeShape ; sh:nodeKind sh:IRI ; sh:pattern {types} ."
    # ids of other patterns are free (convention 13)
    listed = '[ sh:not [ sh:pattern "^http://dcat-ap\\\\.de/def/contributors/" ] ] value:listed-contributor'
    yield f"value:contributor a sh:NodeShape ; sh:or ( {listed} ) ."
    yield _list("listed-contributor", vocabulary("contributor"))
    for name in sorted({row.vocabulary for cls in CLASSES.values() for row in cls.properties.values()} - {"", "media-type", "contributor"}):
        yield _list(name, vocabulary(name))
    licences = vocabulary("licence")
    yield _list("attribution-licence", filter(needs_attribution, licences))
    yield _list("closed-licence", (licence for licence in licences if not is_open(licence)))
    yield _list("unspecific-licence", (code.iri for code in licences.codes.values() if code.code.startswith("other-")))
    yield _list("hvd-area", (code.iri for code in vocabulary("hvd-category").codes.values() if not code.extra["broader"]))


def _described(cls: Class) -> str:
    return cls.name.partition(":")[2].lower()


def _datatypes(names: Iterable[str]) -> str:
    return " ".join(f"[ sh:datatype {name} ]" for name in names)


def _list(name: str, codes: Iterable[str]) -> str:
    members = "\n  ".join(f"<{code}>" for code in codes)
    return f"value:{name} a sh:NodeShape ; sh:in (\n  {members} ) ."


if __name__ == "__main__":
    for file, turtle in files().items():
        Path(sys.argv[1], file).write_text(turtle, encoding="utf-8")
