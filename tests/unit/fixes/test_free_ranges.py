"""The lowest range with room, against looking at every number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presync.fixes import free_ranges
from presync.fixes.free_ranges import ROOM, FreeRange, lowest_with_room
from presync.fixes.model import HIGHEST

NUMBERS = st.integers(-3, 60)
SERIES = st.lists(st.tuples(NUMBERS, NUMBERS), max_size=4)


def by_looking(
    series: list[tuple[int, int]], used: list[int], counter: int | None, wanted: int, until: int
) -> FreeRange | None:
    def free(number: int) -> bool:
        inside = any(first <= number <= last for first, last in series)
        return 1 <= number <= until and number not in used and not inside

    for first in range(max(counter or 1, 1), until + 1):
        if all(free(number) for number in range(first, first + wanted + 5)):
            last = next(number for number in range(first, until + 2) if not free(number)) - 1
            return FreeRange(first, last)
    return None


@given(
    series=SERIES.map(lambda found: [pair for pair in found if pair[0] <= pair[1]]),
    used=st.lists(NUMBERS, max_size=6),
    counter=st.none() | NUMBERS,
    wanted=st.integers(0, 4),
    until=st.integers(1, 60),
)
def test_as_by_looking_at_every_number(
    series: list[tuple[int, int]], used: list[int], counter: int | None, wanted: int, until: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(free_ranges, "ROOM", 5)
        found = lowest_with_room(series, used, counter=counter, wanted=wanted, until=until)
    assert found == by_looking(series, used, counter, wanted, until)


def test_nothing_lies_beyond_the_highest_number_of_visma_business() -> None:
    last = HIGHEST - ROOM + 1
    assert lowest_with_room([], [], counter=last) == FreeRange(last, HIGHEST)
    assert lowest_with_room([], [], counter=last + 1) is None
    assert lowest_with_room([], [20_241_231_000_017], counter=1) == FreeRange(1, HIGHEST)
