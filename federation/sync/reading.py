"""Readings of one feed: whether its pages, one after the other, showed everything that was there, or moved under the reader's hands.

A server that pages by offset moves entries between pages when something is edited, added or deleted meanwhile, so that a reader meets some
twice and others never. It shows: the total changes from page to page, fewer different datasets came than the total says, or (where no
total is told) datasets stand on two pages. Then the whole feed is read again, at most MOST_READINGS times in all; what any of the
readings met was there. A reading that found every page as it was before met no movement, only a wrong total.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

MOST_READINGS = 4


@dataclass(slots=True)
class _Pages:
    """One way through all pages. `changed`: some page had other bytes than when it was read before; `repeated`: datasets that stood on
    several of its pages; `fresh`: how many datasets came that no earlier reading had met.
    """

    datasets: set[str] = field(default_factory=set)
    repeated: set[str] = field(default_factory=set)
    totals: list[int] = field(default_factory=list)
    visited: list[str] = field(default_factory=list)
    changed: bool = False
    fresh: int = 0


class Readings:
    """What the readings of one feed in one run came to. `repeated_before`: datasets that stand on several pages as the feed is made."""

    def __init__(self, repeated_before: Collection[str] = ()) -> None:
        self.number = 1
        self.datasets: set[str] = set()
        self._repeated_before = repeated_before
        self._pages = _Pages()
        self._fell = False
        self._last: int | None = None

    @property
    def total(self) -> int | None:
        """How many datasets the feed claims to have, as its last page said; None where none did."""
        return self._last

    @property
    def visited(self) -> list[str]:
        """The addresses of the pages that the present reading met, in their order."""
        return self._pages.visited

    def met(self, names: Collection[str]) -> None:
        """Datasets that were listed by themselves and not on a page."""
        self._pages.datasets.update(names)
        self.datasets.update(names)

    def page(self, datasets: set[str], *, changed: bool) -> None:
        """One page: the identifiers of its datasets, and whether its bytes are others than when it was read before."""
        pages = self._pages
        pages.repeated |= datasets & pages.datasets
        pages.datasets |= datasets
        pages.fresh += len(datasets - self.datasets)
        pages.changed |= changed
        self.datasets |= datasets

    def claimed(self, total: int) -> None:
        """What a page says of how many datasets there are in all."""
        self._fell |= self._last is not None and total < self._last
        self._last = total
        self._pages.totals.append(total)

    def moved(self) -> bool:
        """Whether the feed has to be read again: what came is not all, and it changes."""
        return not self._whole() and self._pages.changed and self.number < MOST_READINGS

    def begin_again(self) -> None:
        """The next reading."""
        self.number += 1
        self._pages = _Pages()

    def problem(self) -> str:
        """Why the feed does not count as wholly read (a finding code), "" when it does."""
        if self._whole():
            return ""
        if self.number > 1 and self._pages.changed:
            return "listing-moved"
        return "listing-total-differs" if self._last is not None and len(self.datasets) < self._last else ""

    def _whole(self) -> bool:
        pages = self._pages
        if len(set(pages.totals)) > 1:
            quiet = False
        elif pages.totals:
            quiet = len(pages.datasets) >= pages.totals[0]
        else:
            quiet = pages.repeated.issubset(self._repeated_before)
        if quiet or self.number == 1:
            return quiet
        all_met = self._last is None or len(self.datasets) >= self._last
        # A total that fell means that something was deleted: what is left may have moved to where the reader had been.
        settled = not pages.fresh if self._last is None or self._fell else True
        return all_met and settled
