"""Paging: both styles, and readings that would never end."""

from __future__ import annotations

import doctest

import pytest

from presync.errors import SourceDataError
from presync.sources.severa import paging
from presync.sources.severa.paging import ByFirstRow, ByToken, EndGuard, paginator
from presync.sources.severa.registers import REGISTERS


def test_documented_examples() -> None:
    result = doctest.testmod(paging)
    assert result.attempted
    assert not result.failed


def test_a_token_that_leads_back_is_an_error() -> None:
    pages = ByToken("customers")
    assert pages.turn({"NextPageToken": "a"}, 1)
    assert pages.turn({"NextPageToken": "b"}, 1)
    with pytest.raises(SourceDataError, match=r"/v1/customers does not end.*leads back"):
        pages.turn({"NextPageToken": "a"}, 1)


def test_first_row_advances_by_what_was_received_not_by_what_was_asked_for() -> None:
    pages = ByFirstRow("worktypes")
    assert pages.turn({}, 100)
    assert pages.turn({}, 7)
    assert pages.query == {"rowCount": "1000", "firstRow": "107"}


def test_pages_without_news_end_in_an_error_but_a_few_do_not() -> None:
    guard = EndGuard("worktypes")
    for _ in range(3):
        for _ in range(25):
            guard.page(1, 0)
        guard.page(1, 1)
    for _ in range(25):
        guard.page(0, 0)
    with pytest.raises(SourceDataError, match="no row that was not read before"):
        guard.page(0, 0)


def test_more_rows_than_any_company_has_end_in_an_error() -> None:
    guard = EndGuard("customers")
    with pytest.raises(SourceDataError, match="more than 20,000,000 rows"):
        guard.page(20_000_001, 20_000_001)


def test_every_register_pages_as_the_api_says() -> None:
    styles = {register.route: type(paginator(register)) for register in REGISTERS}
    by_row = {route for route, style in styles.items() if style is ByFirstRow}
    assert by_row == {"businessunits", "worktypes", "travelexpensetypes"}
    assert set(styles.values()) == {ByFirstRow, ByToken}
