"""A field that the API always sends and that is gone from every row was not checked."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from presync.errors import SourceDataError
from presync.sources.severa.field_watch import ENOUGH_ROWS, FieldWatch, require_settings


def rows(count: int, **values: Any) -> list[Any]:
    return [SimpleNamespace(**values) for _ in range(count)]


def watch(route: str, *pages: list[Any]) -> None:
    found = FieldWatch(route)
    for page in pages:
        found.add(page)
    found.require(sum(map(len, pages)))


@pytest.mark.parametrize("route", ["customers", "users", "businessunits", "worktypes"])
def test_a_flag_that_no_row_has(route: str) -> None:
    watch(route, rows(ENOUGH_ROWS - 1, is_active=None))
    watch(route, rows(ENOUGH_ROWS, is_active=None), rows(1, is_active=False))
    with pytest.raises(SourceDataError, match=f"/v1/{route} lacks the field isActive in all 20 rows"):
        watch(route, rows(ENOUGH_ROWS - 1, is_active=None), rows(1, is_active=None))


def test_a_project_says_whether_it_is_closed() -> None:
    watch("projects", rows(ENOUGH_ROWS, is_closed=True))
    with pytest.raises(SourceDataError, match="isClosed"):
        watch("projects", rows(ENOUGH_ROWS, is_closed=None))


DRAFT = SimpleNamespace(is_sent=False, is_waiting_payment=None, is_paid=False)
PAID = SimpleNamespace(is_sent=None, is_waiting_payment=None, is_paid=True)


@pytest.mark.parametrize("status", [None, DRAFT])
def test_drafts_have_no_number(status: Any) -> None:
    watch("invoices", rows(50, number=None, status=status))


def test_an_issued_invoice_makes_the_number_necessary() -> None:
    drafts, issued = rows(3, number=None, status=DRAFT), rows(1, number=None, status=PAID)
    with pytest.raises(SourceDataError, match="lacks the field number in all 4 invoices"):
        watch("invoices", drafts, issued)
    watch("invoices", drafts, issued, rows(1, number=7, status=PAID))


def test_a_register_without_such_a_field() -> None:
    watch("travelexpensetypes", rows(50, name=None))


def test_the_settings_say_whether_product_codes_are_unique() -> None:
    settings: Any = SimpleNamespace(unique_product_codes=False)
    require_settings(settings)
    settings.unique_product_codes = None
    with pytest.raises(SourceDataError, match="uniqueIdentifierForProductsAndWorktypes"):
        require_settings(settings)
