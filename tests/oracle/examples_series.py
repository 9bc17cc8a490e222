"""Examples on number series themselves: what they are, what they share, how full they are."""

from __future__ import annotations

from functools import partial
from typing import Any

from tests.oracle.building import Example, customer, number_example, severa
from tests.oracle.model import Row

_customers = partial(number_example, "customer_numbering")
_invoices = partial(number_example, "invoice_numbering")

_HIGHEST = 2_147_483_647
_NONE: list[tuple[int, int]] = []


def _counter(number: int | None) -> dict[str, Any]:
    """All three counters, so that a rule can be shown on each of them alike."""
    return {"counters": (number, number, number)}


def _ceiling(number: int) -> dict[str, Any]:
    kinds = ("customer", "invoice", "project")
    return {f"severa__{kind}_number_ceiling": number for kind in kinds}


def _ours(*codes: str) -> list[Row]:
    return [customer(code, f"Business {code}") for code in codes]


def _theirs(*numbers: int | None) -> list[Row]:
    return [severa(f"Severa {number}", "customers", number=number) for number in numbers]


def _series(*intervals: tuple[int | None, int | None]) -> list[tuple[int | None, ...]]:
    return [(1, first, last) for first, last in intervals]


_UNITS = [(10, "a"), (12, "a"), (20, "b"), (30, None)]

_OVERLAPS = (
    _customers("series_overlap", "adjacent", _NONE, **_counter(10_000)),
    _customers("series_overlap", "one number", [(9_999, 9_999)], **_counter(9_999)),
    _customers(
        "series_overlap",
        "below, under a ceiling",
        _NONE,
        **_counter(1),
        **_ceiling(99),
        customer_series=_series((100, 200)),
    ),
    _customers(
        "series_overlap",
        "below, the ceiling too high",
        [(100, 100)],
        **_counter(1),
        **_ceiling(100),
        customer_series=_series((100, 200)),
    ),
    _customers(
        "series_overlap",
        "several",
        [(50, 60), (80, 90)],
        **_counter(50),
        customer_series=_series((1, 60), (80, 90), (10, 20)),
    ),
    _customers(
        "series_overlap",
        "two equal intervals",
        [(50, 60)] * 2,
        **_counter(50),
        customer_series=_series((1, 60), (1, 60)),
    ),
    _customers(
        "series_overlap",
        "no last number",
        [(50, _HIGHEST)] * 2,
        **_counter(50),
        customer_series=_series((1, 0), (2, None)),
    ),
    _customers(
        "series_overlap", "no first number", [(5, 60)], **_counter(5), customer_series=_series((None, 60))
    ),
    _customers("series_overlap", "reversed", _NONE, **_counter(5), customer_series=_series((60, 50))),
    _customers(
        "series_overlap",
        "other account classes: the highest number goes on",
        [(8, _HIGHEST)],
        **_counter(5),
        customer_series=[(2, 1, 9), (None, 1, 9)],
        customers=_ours("7", "3"),
    ),
    _customers(
        "series_overlap",
        "an empty table and no customers",
        [(5, _HIGHEST)],
        **_counter(5),
        customer_series=[],
    ),
    _customers(
        "series_overlap",
        "delivery addresses have no customer number",
        [(1, _HIGHEST)],
        **_counter(1),
        customer_series=[],
        customers=[customer("7", "A") | {"delivery_to": 1}],
    ),
    _customers(
        "series_overlap",
        "none",
        [(8, _HIGHEST)],
        **_counter(5),
        customer_series=None,
        customers=_ours("7"),
        visma_business__customer_series="none",
    ),
    _customers(
        "series_overlap",
        "the highest number is used",
        _NONE,
        **_counter(5),
        customer_series=[],
        customers=_ours(str(_HIGHEST)),
    ),
    _customers("series_overlap", "the table is unknown", _NONE, **_counter(5), customer_series=None),
    _customers(
        "series_overlap",
        "counter above all",
        _NONE,
        **_counter(_HIGHEST + 1),
        customer_series=_series((1, 0)),
    ),
    _customers(
        "series_overlap",
        "counter past its ceiling",
        _NONE,
        **_counter(50),
        **_ceiling(49),
        customer_series=_series((1, 100)),
    ),
    _customers("series_overlap", "no counter", _NONE, **_counter(None)),
    _invoices(
        "series_overlap",
        "from the next number on",
        [(700, 800)],
        **_counter(5),
        vouchers=[("1", 1, 700, 800)],
    ),
    _invoices(
        "series_overlap",
        "from the first number on",
        [(700, 800)],
        **_counter(5),
        vouchers=[("1", 700, 1, 800)],
    ),
    _invoices(
        "series_overlap",
        "nothing but a key",
        [(5, _HIGHEST)] * 2,
        **_counter(5),
        vouchers=[("1", None, None, None), (" 1 ", 0, 0, -1)],
    ),
    _invoices(
        "series_overlap",
        "not named",
        _NONE,
        **_counter(5),
        vouchers=[("2", 1, 1, 800), ("01", 1, 1, 800), (None, 1, 1, 800)],
    ),
    _invoices(
        "series_overlap",
        "named twice",
        [(5, 800)],
        **_counter(5),
        vouchers=[("1", 1, 1, 800)],
        visma_business__invoice_series=[1, " 1 "],
    ),
    _invoices(
        "series_overlap", "units", [(13, 100), (21, 100)], vouchers=[("1", 1, 1, 100)], invoices=_UNITS
    ),
    _invoices(
        "series_overlap",
        "units and the counter, under a ceiling",
        [(13, 50), (21, 50), (40, 50)],
        **_counter(40),
        **_ceiling(50),
        vouchers=[("1", 1, 1, 100)],
        invoices=_UNITS,
    ),
    _invoices(
        "series_overlap",
        "one unit has no series",
        _NONE,
        vouchers=[("1", 1, 1, 100)],
        invoices=[(10, "a"), (30, None), (None, "b"), (0, "c")],
    ),
)

_SERIES = (
    _customers(
        "series_nearly_full",
        "business, 99 left",
        [(1, 200)],
        customer_series=_series((1, 200)),
        customers=_ours("7", "101", "201"),
    ),
    _customers(
        "series_nearly_full",
        "business, 100 left",
        _NONE,
        customer_series=_series((1, 200)),
        customers=_ours("100"),
    ),
    _customers(
        "series_nearly_full",
        "business, short and unused",
        [(1, 99)],
        customer_series=_series((1, 99), (200, 299)),
    ),
    _customers(
        "series_nearly_full",
        "business, nothing left",
        [(1, 200), (9, 5)],
        customer_series=_series((1, 200), (9, 5)),
        customers=_ours("200"),
    ),
    _customers(
        "series_nearly_full",
        "business, severa's numbers do not count",
        _NONE,
        customer_series=_series((1, 200)),
        severa_customers=_theirs(200),
    ),
    _customers(
        "series_nearly_full",
        "business, no last number",
        _NONE,
        customer_series=_series((_HIGHEST - 5, 0), (_HIGHEST - 5, _HIGHEST)),
    ),
    _customers(
        "series_nearly_full",
        "business, the highest below the last of all",
        [(_HIGHEST - 5, _HIGHEST - 1)],
        customer_series=_series((_HIGHEST - 5, _HIGHEST - 1)),
    ),
    _invoices(
        "series_nearly_full",
        "business, 99 left",
        [(102, 200)],
        vouchers=[("1", 1, 102, 200)],
        invoice_texts=["1"],
    ),
    _invoices(
        "series_nearly_full",
        "business, 100 left",
        _NONE,
        vouchers=[("1", 1, 101, 200)],
        invoice_texts=["200"],
    ),
    _invoices("series_nearly_full", "business, used up", _NONE, vouchers=[("1", 1, 201, 200)]),
    _invoices(
        "series_nearly_full", "business, the last one left", [(200, 200)], vouchers=[("1", 1, 200, 200)]
    ),
    _invoices("series_unknown", "used up", [("1", "")], vouchers=[("1", 1, 201, 200)]),
    _invoices("series_unknown", "the last one left", _NONE, vouchers=[("1", 1, 200, 200)]),
    _invoices("series_nearly_full", "business, no last number", _NONE, vouchers=[("1", 1, _HIGHEST, 0)]),
    _invoices(
        "series_nearly_full", "units do not count", [(1, 31)], **_counter(1), **_ceiling(31), invoices=_UNITS
    ),
    _customers("series_unknown", "the table is neither given nor found", [("", "")], customer_series=None),
    _customers(
        "series_unknown",
        "the tenant says none",
        _NONE,
        customer_series=None,
        visma_business__customer_series="none",
    ),
    _customers("series_unknown", "the table is empty", _NONE, customer_series=[]),
    _invoices("series_unknown", "no invoice series", [("", "")], visma_business__invoice_series=[]),
    _invoices(
        "series_unknown",
        "keys that are not there",
        [("2", ""), ("b", "")],
        vouchers=[(" 1 ", 1, 1, 0), ("A", 1, 1, 0), (None, 1, 1, 0)],
        visma_business__invoice_series=[1, 2, " 2 ", "A ", "b"],
    ),
    _invoices(
        "series_unknown",
        "case matters",
        [("a", "")],
        vouchers=[("A", 1, 1, 0)],
        visma_business__invoice_series=["a"],
    ),
)

SERIES: tuple[Example, ...] = (*_OVERLAPS, *_SERIES)
