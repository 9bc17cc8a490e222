"""Free codes: like the old one, and nobody's."""

from __future__ import annotations

import pytest

from presync.fixes import free_codes
from presync.fixes.codes import may_be
from presync.fixes.free_codes import FreeCodes
from presync.reconcile.keys import code_key


def test_numbers_go_on_after_the_highest() -> None:
    codes = FreeCodes(["7", "12", "a1", "2147483648"], "integer")
    assert [codes.take("A1"), codes.take("x"), codes.take("07")] == ["13", "14", "15"]


def test_leading_zeros_go_where_the_rest_is_free() -> None:
    assert FreeCodes(["12"], "integer").take("007") == "7"


def test_after_the_last_number_the_lowest_free_one_is_next() -> None:
    codes = FreeCodes(["1", "3", "2147483647"], "integer")
    assert [codes.take("x"), codes.take("x")] == ["2", "4"]


def test_a_product_keeps_its_code_with_a_suffix() -> None:
    codes = FreeCodes(["k-100", "k-100-2"], "text40")
    assert [codes.take(" K-100 "), codes.take("K-100")] == ["K-100-3", "K-100-4"]
    assert codes.take("B" * 50) == "B" * 38 + "-2"


def test_of_thousands_with_one_code_each_goes_on_after_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []

    def counted(code: str) -> str:
        compared.append(code)
        return code_key(code)

    monkeypatch.setattr(free_codes, "code_key", counted)
    codes = FreeCodes(["x"], "text40")
    assert [codes.take("X") for _ in range(100)] == [f"X-{number}" for number in range(2, 102)]
    assert len(compared) <= 400


def test_what_both_systems_can_hold() -> None:
    assert may_be("2147483647", "integer", numbered=False)
    assert not may_be("2147483648", "integer", numbered=True)
    assert not may_be("007", "integer", numbered=False)
    assert may_be("007", "text10", numbered=False)
    assert not may_be("007", "text10", numbered=True)
    assert not may_be("12345678901", "text10", numbered=True)
