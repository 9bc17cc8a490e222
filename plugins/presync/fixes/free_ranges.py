"""Ranges of numbers that neither system hands out or uses: where a counter of Severa may stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from presync.fixes.model import HIGHEST

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.int64]

# Room that a counter needs.
ROOM: Final = 10_000
Interval = tuple[int, int]


class FreeRange(NamedTuple):
    """Numbers from `first` to `last`, all of them free; the one after `last` is not."""

    first: int
    last: int


def lowest_with_room(
    series: Sequence[Interval],
    used: Sequence[int],
    *,
    counter: int | None,
    wanted: int = 0,
    until: int | None = None,
) -> FreeRange | None:
    """Return the lowest free range from `counter` up that has room for `wanted` + 10,000 numbers; None: none.

    `series` and `used` are what must not be in it; `until` is the highest number that may.

    >>> lowest_with_room([(1000, 9999)], [20500], counter=5001)
    FreeRange(first=10000, last=20499)
    """
    import numpy as np

    starts, ends = _gaps(series, used, min(until or HIGHEST, HIGHEST))
    firsts = np.maximum(starts, max(counter or 1, 1))
    (roomy,) = np.nonzero(ends - firsts + 1 >= wanted + ROOM)
    return FreeRange(int(firsts[roomy[0]]), int(ends[roomy[0]])) if len(roomy) else None


def _gaps(series: Sequence[Interval], used: Sequence[int], until: int) -> tuple[Numbers, Numbers]:
    """Return the first and the last number of every gap between 1 and `until`, from the lowest up."""
    import numpy as np

    inside = [(max(first, 1), min(last, until)) for first, last in series if last >= 1 and first <= until]
    numbers = np.array([n for n in used if 1 <= n <= until], np.int64)
    firsts = np.concatenate([numbers, [first for first, _ in inside], [until + 1]]).astype(np.int64)
    lasts = np.concatenate([numbers, [last for _, last in inside], [until + 1]]).astype(np.int64)
    order = np.argsort(firsts, kind="stable")
    firsts, lasts = firsts[order], lasts[order]
    starts = np.concatenate([[0], np.maximum.accumulate(lasts)[:-1]]).astype(np.int64) + 1
    return starts, firsts - 1
