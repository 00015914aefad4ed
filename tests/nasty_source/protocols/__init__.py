"""The protocols that a nasty source can speak: one file each, found by itself.

A module has NAME, CONNECTOR (the connector that reads it), SAYS (one line), FORMS ({form: what it is}, the first is the default) and
three functions: `url(base, form)`, the address to configure; `asked(request)`, what kind of request it is; `reply(request, view, form)`,
the answer for what the source shows at this moment.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Protocol, cast

from tests.nasty_source.catalog import Dataset
from tests.nasty_source.wire import Reply, Request


@dataclass(frozen=True)
class Asked:
    """What a request is about: a page of the listing (`number` 1 is the first one), or a single `record`."""

    number: int = 1
    record: str = ""


@dataclass(frozen=True)
class Page:
    """One page of a listing as a protocol is about to write it; faults change it. `all` are all items, `following` the number of the
    next page or None.
    """

    items: Sequence[Any]
    number: int
    total: int
    following: int | None
    all: Sequence[Any] = ()


@dataclass(frozen=True)
class View:
    """What the source shows: `listed` in listings, `held` as single records (what is in the listing and beyond), `size` of a page,
    `base` its own address; `page` is the fault's hand on each page.
    """

    listed: Sequence[Dataset]
    held: Sequence[Dataset]
    size: int
    base: str
    page: Callable[[Page], Page] = field(default=lambda page: page)

    def paged(self, number: int) -> Page:
        """The datasets of one page, as the fault leaves them."""
        start = (number - 1) * self.size
        total = len(self.listed)
        following = number + 1 if start + self.size < total else None
        return self.page(Page(self.listed[start : start + self.size], number, total, following, self.listed))

    def with_size(self, size: int) -> "View":
        """The same in pages of another size."""
        return replace(self, size=size)


class Protocol_(Protocol):
    """What a module of this package offers."""

    NAME: str
    CONNECTOR: str
    SAYS: str
    FORMS: Mapping[str, str]

    def url(self, base: str, form: str) -> str:
        """The address to configure."""

    def asked(self, request: Request) -> Asked:
        """What a request is about."""

    def reply(self, request: Request, view: View, form: str) -> Reply:
        """The true answer."""


@cache
def protocols() -> dict[str, Protocol_]:
    """Every protocol by name."""
    found = [cast(Protocol_, import_module(f"{__name__}.{module.name}")) for module in iter_modules(__path__)]
    return {protocol.NAME: protocol for protocol in found}
