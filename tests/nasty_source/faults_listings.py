"""Faults of the listing: what is shown, in which pages, under which names, with which total."""

import json
import random
from collections.abc import Sequence
from dataclasses import replace

from tests.nasty_source.catalog import Dataset, generated, renamed
from tests.nasty_source.faults import Instead, Listing, Moment, Paging, add
from tests.nasty_source.faults_answers import page_for_people
from tests.nasty_source.protocols import Page
from tests.nasty_source.wire import Reply


def _share(share: float) -> Listing:
    """The first part of the datasets only."""
    return lambda moment, datasets: datasets[: int(len(datasets) * share)]


def _without_last(moment: Moment, datasets: Sequence[Dataset]) -> Sequence[Dataset]:
    return datasets[:-1]


def _other_case(moment: Moment, datasets: Sequence[Dataset]) -> Sequence[Dataset]:
    return [replace(dataset, key=dataset.key.upper(), iri="", nt="") for dataset in datasets]


def _twice(moment: Moment, datasets: Sequence[Dataset]) -> Sequence[Dataset]:
    """The second dataset bears the identifier of the first."""
    return [datasets[0], replace(datasets[1], key=datasets[0].key), *datasets[2:]] if len(datasets) > 1 else datasets


def _repeated(moment: Moment, datasets: Sequence[Dataset]) -> Sequence[Dataset]:
    return [*datasets, *datasets[:2]]


def _foreign(moment: Moment, datasets: Sequence[Dataset]) -> Sequence[Dataset]:
    return generated(len(datasets), "fremd")


def _shuffled(moment: Moment, datasets: Sequence[Dataset]) -> Sequence[Dataset]:
    """Another order with every request."""
    return random.Random(len(moment.scene.served)).sample(list(datasets), len(datasets))


def _inserting(moment: Moment, datasets: Sequence[Dataset]) -> Sequence[Dataset]:
    """Each later page sees new datasets in front, so that the same come again on later pages."""
    return [*generated(min(moment.asked.number - 1, 3), "zugang"), *datasets]


def _deleting(moment: Moment, datasets: Sequence[Dataset]) -> Sequence[Dataset]:
    """Each later page sees one dataset less in front, so that others slip to pages that were read already."""
    return datasets[min(moment.asked.number - 1, 2) :]


def _huge(moment: Moment, datasets: Sequence[Dataset]) -> Sequence[Dataset]:
    """One dataset with more statements than anybody can use."""
    first = datasets[0]
    if moment.scene.protocol != "dcat":
        odd = {"id": first.uuid, "name": first.key, "title": [[1]], "notes": {"de": {"a": []}}, "resources": [7, "x"], "extras": "?"}
        return [replace(first, package=json.dumps(odd)), *datasets[1:]]
    root = first.iri or f"{moment.scene.base}/dataset/{first.key}"
    head = f"<{root}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Dataset> .\n"
    many = "".join(f'<{root}> <http://x.example/p{number}> "{number}" .\n' for number in range(51_000))
    return [replace(first, iri=root, nt=head + many), *datasets[1:]]


def _long(moment: Moment, datasets: Sequence[Dataset]) -> Sequence[Dataset]:
    return [replace(datasets[0], text="lang " * 400_000), *datasets[1:]]


def _nameless(moment: Moment, datasets: Sequence[Dataset]) -> Sequence[Dataset]:
    return [replace(datasets[0], title="", text=""), *datasets[1:]]


def _odd_text(moment: Moment, datasets: Sequence[Dataset]) -> Sequence[Dataset]:
    odd = "<script>alert(1)</script> \u202e\ufeff\ufffe {{7*7}} ' OR 1=1 -- %s %00 ]]> \U0001f4a9"
    return [replace(datasets[0], text=odd), *datasets[1:]]


def _deep(moment: Moment, datasets: Sequence[Dataset]) -> Sequence[Dataset]:
    """One record with a value nested deeper than anybody can follow."""
    first = datasets[0]
    nested: list[object] = []
    for _ in range(400):
        nested = [nested]
    odd = {"id": first.uuid, "name": first.key, "title": first.name, "notes": nested, "resources": []}
    return [replace(first, package=json.dumps(odd)), *datasets[1:]]


def _odd_address(moment: Moment, datasets: Sequence[Dataset]) -> Sequence[Dataset]:
    return [replace(datasets[0], token="ä b{c}|^"), *datasets[1:]]


def _total(change: int) -> Paging:
    return lambda moment, page: replace(page, total=max(0, page.total + change))


def _later_empty(moment: Moment, page: Page) -> Page:
    return replace(page, items=[], following=None) if page.number > 1 else page


def _again(moment: Moment, page: Page) -> Page:
    """Every page is the first one."""
    return replace(page, items=page.all[: moment.scene.size]) if page.number > 1 else page


def _circle(moment: Moment, page: Page) -> Page:
    """The page behind the last is the first."""
    return replace(page, following=page.following or 1)


def _endless(moment: Moment, page: Page) -> Page:
    """There is always one more page, with what was there before."""
    return replace(page, items=page.items or page.all[-moment.scene.size :], following=page.number + 1)


def _endless_empty(moment: Moment, page: Page) -> Page:
    return replace(page, following=page.number + 1)


def _short(moment: Moment, page: Page) -> Page:
    """One record of each page is missing, the total is right."""
    return replace(page, items=page.items[:-1])


def _stops(moment: Moment, page: Page) -> Page:
    """No next page where there should be one, the total is right."""
    return replace(page, following=None)


def _later(status: int) -> Instead:
    def instead(moment: Moment) -> Reply | None:
        return page_for_people("Fehler", status) if moment.later_page else None

    return instead


def _hidden_wall(moment: Moment) -> Reply | None:
    return page_for_people("Access denied", 403) if moment.asked.record else None


def _hidden_error(moment: Moment) -> Reply | None:
    return Reply(500) if moment.asked.record else None


add("empty", "a listing without datasets", listing=_share(0))
add("shrunken", "half of the datasets are missing, the total agrees", listing=_share(0.5))
add("shrunken-by-one", "one dataset is missing from the listing, the total agrees", listing=_without_last)
add("shrunken-behind-wall", "one dataset is missing, and single records are behind a wall (403 with HTML)",
    listing=_without_last, instead=_hidden_wall)
add("shrunken-behind-error", "one dataset is missing, and single records fail (500)", listing=_without_last, instead=_hidden_error)
add("renamed", "all datasets under other identifiers", listing=lambda moment, datasets: renamed(datasets))
add("case-changed", "identifiers in capital letters", listing=_other_case)
add("identifier-shared", "two datasets with one identifier", listing=_twice)
add("repeated", "some datasets are listed twice", listing=_repeated)
add("foreign-catalog", "another town's catalog", listing=_foreign)
add("shuffled", "another order with each request", listing=_shuffled)
add("growing-while-paged", "new datasets in front with each page", listing=_inserting)
add("shrinking-while-paged", "datasets in front vanish with each page", listing=_deleting)
add("poisoned-huge", "one record that nobody can use", listing=_huge)
add("poisoned-long", "one record with a text of two megabytes", listing=_long)
add("poisoned-nameless", "one record without title and description", listing=_nameless)
add("poisoned-text", "one record with markup, directions and bytes of an attack in its texts", listing=_odd_text)
add("poisoned-deep", "one record with a value nested 400 deep", listing=_deep, protocols=("ckan",))
add("poisoned-address", "one record with addresses that are none", listing=_odd_address)
add("total-too-big", "a total of five more than there are", page=_total(5))
add("total-too-small", "a total of five less than there are", page=_total(-5))
add("total-zero", "a total of zero", page=_total(-1_000_000))
add("pages-short", "one record is missing from each page, the total is right", page=_short)
add("pages-stop", "no way to the second page", page=_stops, protocols=("dcat",))
add("later-page-500", "pages behind the first fail", instead=_later(500))
add("later-page-404", "pages behind the first are not there", instead=_later(404))
add("later-page-html", "pages behind the first are for people", instead=_later(200))
add("later-page-empty", "pages behind the first have nothing", page=_later_empty)
add("page-repeated", "every page is the first one", page=_again)
add("pages-in-circles", "the page behind the last is the first", page=_circle, protocols=("dcat",))
add("pages-endless", "always one more page, with what was there before", page=_endless, protocols=("dcat",))
add("pages-endless-empty", "always one more page, with nothing on it", page=_endless_empty, protocols=("dcat",))
