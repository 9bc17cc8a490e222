"""The range of numbers from which a Severa counter hands out: whether it is sound, and a sound one otherwise.

A range is sound if it lies in no series of Visma Business and holds no number in use. Severa's numbers must
also be possible in Visma Business, so ranges begin at 1 and end at 2147483647.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from presync.fixes.free_ranges import ROOM, Interval, lowest_with_room
from presync.fixes.model import HIGHEST

NARROW_ROOM: Final = 100  # below this a series counts as nearly full


@dataclass(frozen=True)
class Range:
    """Numbers from `first` to `ceiling` (None: no end)."""

    first: int
    ceiling: int | None

    def holds(self, number: int) -> bool:
        """Tell whether the number is in it."""
        return self.first <= number and (self.ceiling is None or number <= self.ceiling)

    @property
    def last(self) -> int:
        """The last number that is possible in both systems."""
        return HIGHEST if self.ceiling is None else min(self.ceiling, HIGHEST)


@dataclass(frozen=True)
class CounterContext:
    """A counter and what surrounds it: Visma Business' series, numbers that must not be in its range once all
    is done (`taken`, sorted), and all that are in use before or after (`used`, sorted).

    `unit_series`: where business units number their own invoices, the next number of each.
    `ends_by_itself`: the numbers never go beyond 2147483647, declared or not (invoices).
    """

    counter: int | None
    ceiling: int | None
    series: Sequence[Interval]
    taken: Sequence[int]
    used: Sequence[int]
    unit_series: Sequence[int] = ()
    ends_by_itself: bool = False

    @property
    def range(self) -> Range | None:
        """What the counter hands out now; None: it is missing or past its ceiling."""
        if self.counter is None or (self.ceiling is not None and self.counter > self.ceiling):
            return None
        return Range(self.counter, self.ceiling)

    @property
    def sound(self) -> bool:
        """Tell whether the counter may stay as it is."""
        return self.range is not None and self._free(self.range) and not within(self.taken, self.range)

    def _free(self, numbers: Range) -> bool:
        end = numbers.ceiling
        return all(last < numbers.first or (end is not None and end < first) for first, last in self.series)

    def choose(self, wanted: int) -> Range | None:
        """Return a range whose first `wanted` numbers may be given to records, the counter standing behind
        them; None: there is none."""
        if self.unit_series:
            return self._beyond_units(wanted)
        # one number far ahead must not rewind a counter: the present one comes before the lowest at all
        return (
            self._within(wanted)
            or self._onward(wanted)
            or self._back(wanted)
            or self._from(self.counter, wanted)
            or self._from(None, wanted)
        )

    def _beyond_units(self, wanted: int) -> Range | None:
        """Return a range above everything the units may soon use. They share the ceiling: it must stay."""
        first = max([*self.unit_series, *self.used, 0]) + ROOM
        return self._roomy(Range(first, self.ceiling), wanted + ROOM)

    def _within(self, wanted: int) -> Range | None:
        """Return the lowest part of the declared range that has room for 10,000 numbers."""
        if self.range is None or self.ceiling is None:
            return None
        found = lowest_with_room(
            self.series, self.used, counter=self.counter, wanted=wanted, until=self.ceiling
        )
        return Range(found.first, found.last) if found and self.ceiling <= HIGHEST else None

    def _onward(self, wanted: int) -> Range | None:
        """Return what is left of the declared range above the numbers in use in it."""
        if self.range is None or not self._free(self.range):
            return None
        if self.ceiling is None:
            return None
        inside = within(self.used, self.range)
        first = max(1, self.range.first, inside[-1] + 1 if inside else 1)
        return self._roomy(Range(first, self.ceiling), wanted + NARROW_ROOM)

    def _back(self, wanted: int) -> Range | None:
        """Return what is free below the ceiling that the counter has passed."""
        if self.counter is None or self.ceiling is None or self.range is not None:
            return None
        below = self.used[: bisect_right(self.used, self.ceiling)]
        first = max(1, below[-1] + 1 if below else 1)
        return self._roomy(Range(first, self.ceiling), wanted + NARROW_ROOM)

    def _roomy(self, numbers: Range, least: int) -> Range | None:
        roomy = numbers.last - numbers.first + 1 >= least
        return numbers if roomy and self._free(numbers) else None

    def _from(self, counter: int | None, wanted: int) -> Range | None:
        """Return the lowest range with room for 10,000 numbers, as every overlap's proposal does."""
        found = lowest_with_room(self.series, self.used, counter=counter, wanted=wanted)
        if found is None:
            return None
        return Range(found.first, self._ceiling(found.first + wanted + ROOM - 1, found.last))

    def _ceiling(self, least: int, last: int) -> int | None:
        """Return the ceiling of a gap: the present one if it fits, none if nothing lies above."""
        if self.ceiling is not None and least <= self.ceiling <= last:
            return self.ceiling
        highest = max([*self.used[-1:], *(end for _, end in self.series)], default=0)
        return None if last == HIGHEST and (self.ends_by_itself or highest <= HIGHEST) else last


def within(numbers: Sequence[int], wanted: Range) -> Sequence[int]:
    """Return the part of a sorted sequence that lies in a range."""
    end = len(numbers) if wanted.ceiling is None else bisect_right(numbers, wanted.ceiling)
    return numbers[bisect_left(numbers, wanted.first) : end]
