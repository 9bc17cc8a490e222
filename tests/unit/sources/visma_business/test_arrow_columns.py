"""Columns keep every value exactly, or say which one they cannot hold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from presync.sources.visma_business.arrow_columns import UnusableValueError, as_array
from presync.staging.tables import Kind


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([10001, None, 9223372036854775807], "text", ["10001", None, "9223372036854775807"]),
        (["007", " a ", "", None], "text", ["007", " a ", "", None]),
        ([7, "A7"], "text", ["7", "A7"]),
        ([Decimal("9007199254740993"), Decimal("12.00")], "text", ["9007199254740993", "12"]),
        ([10001.0], "text", ["10001"]),
        ([1, 0, None, -1], "integer", [1, 0, None, -1]),
        (["1", " 12 ", "+3", "-4", "", "  "], "integer", [1, 12, 3, -4, None, None]),
        ([Decimal(5), 5.0, True], "integer", [5, 5, 1]),
        ([], "integer", []),
    ],
)
def test_values_are_kept(values: list[Any], kind: Kind, expected: list[Any]) -> None:
    assert as_array(values, kind).to_pylist() == expected


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (1.5, "text"),
        (1.5, "integer"),
        (Decimal("0.1"), "text"),
        (Decimal("NaN"), "integer"),
        (float("inf"), "integer"),
        (2.0**53 + 2, "text"),  # beyond it, a float may already be another number
        (2**63, "integer"),
        (str(2**63), "integer"),
        ("1.0", "integer"),
        ("1e3", "integer"),
        ("²", "integer"),
        ("aktiv", "integer"),
        (b"\x01", "text"),
        (b"1", "integer"),
        ("\ud800", "text"),
    ],
)
def test_what_would_change_is_refused(value: Any, kind: Kind) -> None:
    with pytest.raises(UnusableValueError, match="which is not"):
        as_array([None, value], kind)


def test_the_refused_value_is_named_and_cut() -> None:
    with pytest.raises(UnusableValueError) as caught:
        as_array(["x" * 500], "integer")
    assert str(caught.value).startswith("'xxx")
    assert len(str(caught.value)) < 150
