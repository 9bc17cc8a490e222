"""What is drawn: number series on a line, and critical findings run by run.

Covers: report/pages/trend.py, report/pages/number_line.py.
"""

from __future__ import annotations

from typing import Any

from presync.preview import Series
from presync.report.pages.number_line import LEFT, MOST, RIGHT, number_lines
from presync.report.pages.trend import trend
from presync.report.published import Published
from tests.support.preview_product import preview
from tests.support.rules_samples import mismatched_customers

BUSINESS = Series("customer_numbering", "visma_business", "interval", 1000, 9999)
SEVERA = Series("customer_numbering", "severa", "nextCustomerNumber", 5001, None)


def test_a_shared_stretch_lies_over_both_series_and_the_proposal_beside_it() -> None:
    shared = Series("customer_numbering", "shared", "Shared", 5001, 9999)
    proposal = Series("customer_numbering", "proposal", "Proposal for Severa", 10000, None)
    (line,) = number_lines([BUSINESS, SEVERA, shared, proposal])

    business, severa, proposed = line.rows
    (band,) = line.shared
    assert (business.start, severa.end) == (LEFT, RIGHT)
    assert business.start < severa.start == band.start < band.end == business.end == proposed.start
    assert [tick.text for tick in line.ticks] == ["1\xa0000", "5\xa0001", "10\xa0000"]
    assert "shared by both systems 5\xa0001 – 9\xa0999" in line.spoken
    assert len({row.top for row in line.rows}) == 3
    assert max(row.top for row in line.rows) < line.axis < line.height


def test_series_of_one_system_alone_are_not_drawn() -> None:
    assert number_lines([BUSINESS]) == []
    assert number_lines([BUSINESS, Series("invoice_numbering", "severa", "nextInvoiceNumber", 1, None)]) == []


def test_many_series_leave_room_for_the_proposal_and_are_counted() -> None:
    units = [Series("customer_numbering", "severa", f"unit {n}", n, None) for n in range(1, 40)]
    proposal = Series("customer_numbering", "proposal", "Proposal", 100, 20000)
    (line,) = number_lines([BUSINESS, *units, proposal])

    assert len(line.rows) == MOST
    assert line.rows[-1].kind == "proposal"
    assert line.left_out == 41 - MOST


def test_the_series_of_a_run_are_told() -> None:
    told, _ = preview(mismatched_customers())

    series = [(each.suite, each.kind, each.first, each.last) for each in told.series]
    assert ("customer_numbering", "severa", 100, None) in series
    assert ("customer_numbering", "shared", 100, 2147483647) in series
    assert ("invoice_numbering", "visma_business", 1, 999) in series
    assert not [each for each in series if each[1] == "proposal" and each[0] != "customer_numbering"]


def _verdict(status: str, critical: int) -> dict[str, Any]:
    return {
        "status": status,
        "started_at": "2026-11-23T04:00:00+00:00",
        "finished_at": "2026-11-23T05:00:00+00:00",
        "suites": [{"suite": "customers", "critical": critical}],
    }


def _earlier(day: int, status: str, critical: int) -> Published:
    moment = f"2026-11-{day:02}T04:00:00+00:00"
    return Published(f"r{day}", f"r{day}", status, moment, moment, critical, 0)


def test_the_trend_goes_from_old_to_new_and_counts_nothing_where_nothing_was_checked() -> None:
    earlier = [_earlier(25, "ready", 0), _earlier(22, "error", 7), _earlier(21, "blocked", 40)]
    bars = trend(_verdict("blocked", 10), earlier)

    assert [(bar.status, bar.text) for bar in bars] == [("blocked", "40"), ("error", "?"), ("blocked", "10")]
    assert bars[0].height > bars[2].height > bars[1].height
    assert bars[0].start < bars[1].start < bars[2].start
    assert trend(_verdict("strange", 3), [])[0].text == "?"
