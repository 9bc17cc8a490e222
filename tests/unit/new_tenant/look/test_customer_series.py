"""First and last number of an interval are found by what intervals are, and never guessed."""

from __future__ import annotations

import pytest

from presync.new_tenant.look.customer_series import pairs

ENDS = {"FrNo": [1000, 10000], "ToNo": [1999, 49999]}


@pytest.mark.parametrize(
    "values",
    [
        ENDS,
        {"ToNo": [1999, 49999], "FrNo": [1000, 10000]},
        {**ENDS, "Line": [1, 2]},  # intervals that begin at a line's number would overlap
        {**ENDS, "Flags": [0, 0], "Other": [None, None]},
        {"FrNo": [1000, 10000], "ToNo": [1999, 0]},  # no end
        {"FrNo": [10000, 1000], "ToNo": [None, 1999]},
        {"FrNo": [5, 6], "ToNo": [5, 6], "Flags": [3, 3]} | {"FrNo": [5, 7], "ToNo": [6, 9]},
    ],
)
def test_the_only_pair_that_makes_intervals(values: dict[str, list[int | None]]) -> None:
    assert pairs(values) == (("FrNo", "ToNo"),)


@pytest.mark.parametrize(
    "values",
    [
        {"FrNo": [1000, 1500], "ToNo": [1999, 2999]},  # they share numbers
        {"FrNo": [1999], "ToNo": [0]},  # nowhere an end
        {"FrNo": [0], "ToNo": [1999]},
        {"FrNo": [None], "ToNo": [1999]},
        {"FrNo": [2000]},
        {},
    ],
)
def test_no_pair(values: dict[str, list[int | None]]) -> None:
    assert pairs(values) == ()


def test_several_pairs_are_all_told() -> None:
    found = pairs({"Line": [1], "FrNo": [1000], "NxNo": [1200], "ToNo": [1999]})
    assert ("FrNo", "ToNo") in found
    assert len(found) > 1
