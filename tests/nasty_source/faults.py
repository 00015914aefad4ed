"""The faults by name. A fault lays its hand on one or more of four places: `instead` answers itself, `listing` changes what the source
shows, `page` changes one page of it, `after` changes the true answer, also how it goes over the wire.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

from tests.nasty_source.catalog import Dataset
from tests.nasty_source.protocols import Asked, Page
from tests.nasty_source.wire import Reply, Request

if TYPE_CHECKING:
    from tests.nasty_source.scene import Scene


@dataclass(frozen=True)
class Moment:
    """One request as a fault sees it: `turn` says how often this very address was asked since the fault began (1 is the first)."""

    scene: "Scene"
    request: Request
    asked: Asked
    turn: int

    @property
    def later_page(self) -> bool:
        """Whether a page behind the first one is asked for."""
        return not self.asked.record and self.asked.number > 1


Instead: TypeAlias = Callable[[Moment], Reply | None]
Listing: TypeAlias = Callable[[Moment, Sequence[Dataset]], Sequence[Dataset]]
Paging: TypeAlias = Callable[[Moment, Page], Page]
After: TypeAlias = Callable[[Moment, Reply], Reply]


@dataclass(frozen=True)
class Fault:
    """One way to misbehave; `protocols` where it has a meaning (empty: all), `slow` whether reading it ends by a timeout only."""

    name: str
    says: str
    instead: Instead | None = None
    listing: Listing | None = None
    page: Paging | None = None
    after: After | None = None
    protocols: tuple[str, ...] = ()
    slow: bool = False


FAULTS: dict[str, Fault] = {}


def add(
    name: str, says: str, *, instead: Instead | None = None, listing: Listing | None = None, page: Paging | None = None,
    after: After | None = None, protocols: tuple[str, ...] = (), slow: bool = False,
) -> None:  # fmt: skip
    """Makes a fault known."""
    assert name not in FAULTS, name
    FAULTS[name] = Fault(name, says, instead, listing, page, after, protocols, slow)


for _room in ("answers", "wires", "bodies", "listings"):
    import_module(f"tests.nasty_source.faults_{_room}")
