"""Columns keep every value exactly, or say which one they cannot hold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presync.sources.visma_business import arrow_columns
from presync.sources.visma_business.arrow_columns import UnusableValueError, as_array
from presync.staging.tables import Kind


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([10001, None, 9223372036854775807], "text", ["10001", None, "9223372036854775807"]),
        (["007", " a ", "", None], "text", ["007", " a ", "", None]),
        ([7, "A7"], "text", ["7", "A7"]),
        ([Decimal("9007199254740993"), Decimal("12.00")], "text", ["9007199254740993", "12"]),
        (
            [Decimal("1E+3"), None, Decimal("-0"), Decimal("7" * 45)],
            "text",
            ["1000", None, "0", "7" * 45],
        ),
        ([Decimal(2**63 - 1), Decimal("-5.00"), None], "integer", [2**63 - 1, -5, None]),
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
        (Decimal("5.50"), "integer"),
        (Decimal(2**63), "integer"),
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


@pytest.mark.parametrize("kind", ["text", "integer"])
def test_a_column_of_decimals_is_converted_as_a_whole(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow_columns, "_converted", None)  # value by value would fail
    values = [Decimal(f"{number}.00") for number in range(2_000)] + [None]
    expected = [str(number) if kind == "text" else number for number in range(2_000)]
    assert as_array(values, kind).to_pylist() == [*expected, None]


@given(
    st.lists(st.none() | st.decimals(-(2**64), 2**64, places=2) | st.integers(-(2**64), 2**64).map(Decimal))
)
def test_decimals_are_exact_or_refused(values: list[Decimal | None]) -> None:
    whole = [value is None or value == value.to_integral_value() for value in values]
    if all(whole):
        assert as_array(values, "text").to_pylist() == [v if v is None else str(int(v)) for v in values]
    else:
        with pytest.raises(UnusableValueError):
            as_array(values, "text")


def test_the_refused_value_is_named_and_cut() -> None:
    with pytest.raises(UnusableValueError) as caught:
        as_array(["x" * 500], "integer")
    assert str(caught.value).startswith("'xxx")
    assert len(str(caught.value)) < 150
