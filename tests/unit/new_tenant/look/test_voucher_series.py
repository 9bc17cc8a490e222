"""Which voucher series has handed an invoice number out."""

from __future__ import annotations

import pytest

from presync.new_tenant.look.facts import Interval, Voucher
from presync.new_tenant.look.voucher_series import _issuer

INVOICES = Voucher("10", "Faktura", 100_000, 100_300, 0)
CREDIT_NOTES = Voucher("20", "Kreditnota", 0, 900_012, 999_999)
BANK = Voucher("30", "Bank", None, 50, None)


@pytest.mark.parametrize(
    ("number", "issuer"),
    [
        (100_000, INVOICES),
        (100_299, INVOICES),
        (100_300, CREDIT_NOTES),
        (900_012, None),  # not handed out yet
        (49, BANK),
        (50, CREDIT_NOTES),
    ],
)
def test_of_several_series_the_one_that_begins_closest(number: int, issuer: Voucher | None) -> None:
    assert _issuer((CREDIT_NOTES, INVOICES, BANK), number) == issuer


@pytest.mark.parametrize(
    ("latest", "next_number", "does"),
    [(149, 150, True), (50, 150, True), (49, 150, False), (None, 150, False)],
)
def test_only_a_late_number_makes_it_a_series_of_invoices(
    latest: int | None, next_number: int, does: bool
) -> None:
    assert Voucher("1", "", 1, next_number, 0, 1, latest).hands_out_invoices is does


def test_what_a_series_hands_out_begins_with_its_next_number() -> None:
    assert str(INVOICES.interval) == "from 100300 on"
    assert CREDIT_NOTES.interval == Interval(900_012, 999_999)
    assert Voucher("1", "", None, None, None).interval is None
