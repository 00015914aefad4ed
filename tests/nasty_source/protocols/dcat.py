"""DCAT as RDF documents: RDF/XML, Turtle, JSON-LD, N-Triples; whole, or in Hydra pages of both forms."""

from functools import lru_cache

import pyoxigraph as ox

from tests.nasty_source.catalog import DCAT, DCT, Dataset, escaped
from tests.nasty_source.protocols import Asked, Page, View
from tests.nasty_source.wire import Reply, Request

NAME = "dcat"
CONNECTOR = "dcat"
SAYS = "DCAT als RDF, mit Hydra-Seiten in beiden Formen"
_SYNTAX = {
    "rdf": (ox.RdfFormat.RDF_XML, "application/rdf+xml"), "ttl": (ox.RdfFormat.TURTLE, "text/turtle"),
    "jsonld": (ox.RdfFormat.JSON_LD, "application/ld+json"), "nt": (ox.RdfFormat.N_TRIPLES, "application/n-triples"),
}  # fmt: skip
_PAGING = {"view": "hydra:PartialCollectionView", "collection": "hydra:PagedCollection", "whole": "one document"}
FORMS = {f"{syntax}-{paging}": f"{syntax}, {says}" for paging, says in _PAGING.items() for syntax in _SYNTAX}

_A = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_HYDRA = "http://www.w3.org/ns/hydra/core#"
_INTEGER = "http://www.w3.org/2001/XMLSchema#integer"


def url(base: str, form: str) -> str:
    """The address of the first page."""
    return f"{base}/catalog.{form.partition('-')[0]}"


def asked(request: Request) -> Asked:
    """Which page; an address below /dataset/ is a single record."""
    _, mark, record = request.path.partition("/dataset/")
    return Asked(record=record) if mark else Asked(int(request.first("page", "1") or 1))


def reply(request: Request, view: View, form: str) -> Reply:
    """One page of the catalog, or one dataset."""
    syntax, _, paging = form.partition("-")
    about = asked(request)
    if about.record:
        found = [dataset for dataset in view.held if _iri(dataset, view.base) == view.base + "/dataset/" + about.record]
        return Reply(200, {"Content-Type": "text/turtle"}, _lines(found[0], view.base).encode()) if found else Reply(404)
    page = view.with_size(len(view.listed) or 1).paged(1) if paging == "whole" else view.paged(about.number)
    text = "\n".join([_catalog(page, view.base), *(_lines(dataset, view.base) for dataset in page.items)])
    if paging != "whole":
        text += "\n" + _controls(page, url(view.base, form), paging)
    return Reply(200, {"Content-Type": _SYNTAX[syntax][1]}, _written(text, syntax))


@lru_cache(maxsize=512)
def _written(text: str, syntax: str) -> bytes:
    if syntax == "nt":
        return text.encode()
    form = _SYNTAX[syntax][0]
    prefixes = {"dcat": DCAT, "dct": DCT, "hydra": _HYDRA, "foaf": "http://xmlns.com/foaf/0.1/"}
    triples = ox.parse(text.encode(), ox.RdfFormat.N_TRIPLES, lenient=True)
    body = ox.serialize(triples, format=form, prefixes={} if syntax == "jsonld" else prefixes)
    assert body is not None
    return body


def _catalog(page: Page, base: str) -> str:
    root = f"<{base}/catalog>"
    lines = [f"{root} {_A} <{DCAT}Catalog> .", f'{root} <{DCT}title> "Katalog"@de .']
    return "\n".join(lines + [f"{root} <{DCAT}dataset> {_node(dataset, base)} ." for dataset in page.items])


def _controls(page: Page, first: str, paging: str) -> str:
    node = f"<{first}?page={page.number}>"
    kind, following = ("PartialCollectionView", "next") if paging == "view" else ("PagedCollection", "nextPage")
    lines = [f"{node} {_A} <{_HYDRA}{kind}> .", f'{node} <{_HYDRA}totalItems> "{page.total}"^^<{_INTEGER}> .']
    if page.following is not None:
        lines.append(f"{node} <{_HYDRA}{following}> <{first}?page={page.following}> .")
    return "\n".join(lines)


def _iri(dataset: Dataset, base: str) -> str:
    return dataset.iri or f"{base}/dataset/{dataset.key}"


def _node(dataset: Dataset, base: str) -> str:
    if dataset.nt and not dataset.iri:
        return next(line.split(" ", 1)[0] for line in dataset.nt.splitlines() if line.endswith(f"<{DCAT}Dataset> ."))
    return f"<{_iri(dataset, base)}>"


@lru_cache(maxsize=4096)
def _lines(dataset: Dataset, base: str) -> str:
    """The statements of one dataset in N-Triples."""
    if dataset.nt:
        return dataset.nt
    root = f"<{_iri(dataset, base)}>"
    file, body = f"<{_iri(dataset, base)}/csv>", f"<{base}/amt>"
    return "\n".join((
        f"{root} {_A} <{DCAT}Dataset> .",
        f'{root} <{DCT}title> "{escaped(dataset.name)}" .',
        f'{root} <{DCT}description> "{escaped(dataset.text)}" .',
        f'{root} <{DCT}identifier> "{escaped(dataset.key)}" .',
        f'{root} <{DCT}modified> "{dataset.modified}"^^<http://www.w3.org/2001/XMLSchema#dateTime> .',
        f'{root} <{DCAT}keyword> "Straße" .',
        f"{root} <{DCAT}landingPage> <https://stadt.example/{dataset.token}> .",
        f"{root} <{DCT}publisher> {body} .",
        f"{root} <{DCAT}distribution> {file} .",
        f"{file} {_A} <{DCAT}Distribution> .",
        f"{file} <{DCAT}accessURL> <{dataset.address}> .",
        f"{file} <{DCT}license> <http://dcat-ap.de/def/licenses/cc-zero> .",
        f"{body} {_A} <http://xmlns.com/foaf/0.1/Organization> .",
        f'{body} <http://xmlns.com/foaf/0.1/name> "Stadt" .',
    ))  # fmt: skip
