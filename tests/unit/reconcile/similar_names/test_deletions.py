"""Names of which a few deleted letters leave the same text: all of them, and no others."""

from __future__ import annotations

from itertools import permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import LCSseq

from presync.reconcile.similar_names import deletions

NAMES = st.lists(st.text("aab ø🜁", min_size=1, max_size=9), max_size=20, unique=True)


def found(names: list[str], systems: list[int], floor: float) -> set[tuple[int, int]]:
    """Return the pairs of positions: of Visma Business, of Severa."""

    def load(length: int) -> deletions.Names:
        numbers = [n for n, name in enumerate(names) if len(name) == length]
        held = np.array([systems[n] for n in numbers], np.uint8)
        return deletions.Names(np.array(numbers), [names[n] for n in numbers], held, length)

    pairs = deletions.similar_pairs(sorted({len(name) for name in names}), load, floor)
    return {pair for one, other in pairs for pair in zip(one.tolist(), other.tolist(), strict=True)}


@settings(max_examples=100, deadline=None)
@given(
    names=NAMES,
    systems=st.lists(st.integers(1, 3), min_size=20, max_size=20),
    floor=st.sampled_from([50, 85, 90]),
)
def test_every_pair_that_loses_at_most_two_letters_each_and_no_other(
    names: list[str], systems: list[int], floor: float
) -> None:
    expected = set()
    for (n, one), (m, other) in permutations(enumerate(names), 2):
        if not (systems[n] & deletions.BUSINESS and systems[m] & deletions.SEVERA):
            continue
        common = LCSseq.similarity(one, other)
        deleted = max(len(one), len(other)) - common
        if deleted <= deletions.DELETIONS and 200 * common >= floor * (len(one) + len(other)):
            expected.add((n, m))
    assert found(names, systems, floor) == expected


@given(one=st.text("eanrstilokbcø", min_size=1, max_size=12), other=st.text("eanrstilokbcø", min_size=1))
def test_signatures_differ_by_no_more_than_the_letters(one: str, other: str) -> None:
    signatures = [
        int(deletions.Names(np.array([0]), [name], np.array([1], np.uint8), len(name)).signatures[0])
        for name in (one, other)
    ]
    letters = len(one) + len(other) - 2 * LCSseq.similarity(one, other)
    assert (signatures[0] ^ signatures[1]).bit_count() <= letters
