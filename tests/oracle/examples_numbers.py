"""Examples on numbers in use, and on Severa's counters."""

from __future__ import annotations

from functools import partial
from typing import Any

from tests.oracle.building import Example, customer, number_example, project, severa
from tests.oracle.model import Row

_customers = partial(number_example, "customer_numbering")
_invoices = partial(number_example, "invoice_numbering")
_projects = partial(number_example, "projects")

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


def _cases(*numbers: int | None) -> list[Row]:
    return [severa(f"Severa {number}", "salescases", number=number, is_closed=True) for number in numbers]


def _codes(*codes: str) -> list[Row]:
    return [project(code, f"Business {code}") for code in codes]


def _series(*intervals: tuple[int | None, int | None]) -> list[tuple[int | None, ...]]:
    return [(1, first, last) for first, last in intervals]


_UNITS = [(10, "a"), (12, "a"), (20, "b"), (30, None)]
_TWINS = {"customers": [customer("150", "Nordlys")], "customer_series": _series((1, 9))}

_OTHERS = (
    _customers("number_in_other_series", "business", [(20_000, 20_000)], customers=_ours("20000", "19999")),
    _customers(
        "number_in_other_series", "severa", [(9_999, 9_999)], severa_customers=_theirs(9_999, 10_000, None, 0)
    ),
    _customers(
        "number_in_other_series",
        "both",
        [(150, 150)] * 2,
        **_counter(100),
        customers=_ours("150"),
        severa_customers=_theirs(150),
    ),
    _customers(
        "number_in_other_series",
        "partner",
        _NONE,
        **_counter(100),
        severa_customers=[severa("NORDLYS", "customers", number=150)],
        **_TWINS,
    ),
    _customers(
        "number_in_other_series",
        "partner is inactive",
        _NONE,
        **_counter(100),
        severa_customers=[severa("NORDLYS", "customers", number=150, is_active=False)],
        **_TWINS,
    ),
    _customers(
        "number_in_other_series",
        "one of two has no partner",
        [(150, 150)],
        **_counter(100),
        severa_customers=[severa("Nordlys", "customers", number=150)],
        customer_series=_series((1, 9)),
        customers=[customer("150", "Nordlys"), customer("150", "Aurora")],
    ),
    _customers(
        "number_in_other_series",
        "two records of one number",
        [(150, 150)],
        **_counter(100),
        customers=[*_ours("150"), *_ours("150")],
    ),
    _customers(
        "number_in_other_series",
        "above the ceiling",
        _NONE,
        **_counter(100),
        **_ceiling(149),
        customers=_ours("150"),
    ),
    _customers(
        "number_in_other_series",
        "inactive",
        [(150, 150)],
        severa_customers=[severa("A", "customers", number=150, is_active=False)],
    ),
    _customers(
        "number_in_other_series",
        "a delivery address",
        _NONE,
        **_counter(100),
        customers=[customer("150", "A") | {"delivery_to": 1}],
    ),
    _invoices(
        "number_in_other_series",
        "business",
        [(7, 7)],  # never beyond 32 bits
        **_counter(7),
        invoice_texts=["007", " 7 ", "6", "A8", "8A", "", None, "000", "-9", "9.0", "９", "9" * 20, "9" * 45],
    ),
    _invoices(
        "number_in_other_series",
        "severa",
        [(50, 50)],
        vouchers=[("1", 1, 50, 60)],
        invoices=[(50, None), (50, None), (49, None), (61, None)],
    ),
    _invoices(
        "number_in_other_series",
        "a unit's series",
        [(13, 13)],
        invoices=_UNITS,
        invoice_texts=["13", "12"],
        vouchers=[("1", 50, 1, 60)],
        **_ceiling(20),
    ),
    _projects(
        "number_in_other_series",
        "plain decimals",
        [(7, 7), (2**63, 2**63)],
        **_counter(7),
        visma_business__projects__table="R7",
        projects=_codes(" 7 ", "6", "008", "A9", "9.0", "９", str(2**63)),
    ),
    _projects(
        "number_in_other_series",
        "partner",
        _NONE,
        **_counter(7),
        projects=[project("7", "Web")],
        severa_projects=[severa("Web", "salescases", number=7, is_closed=True)],
    ),
    _projects("number_in_other_series", "severa's own", _NONE, **_counter(7), severa_projects=_cases(7)),
)

_COUNTERS = (
    _customers(
        "next_number_taken", "the lowest", [(7, 7)], **_counter(5), severa_customers=_theirs(4, 9, 7, None)
    ),
    _customers(
        "next_number_taken", "the counter itself", [(5, 5)], **_counter(5), severa_customers=_theirs(5)
    ),
    _customers(
        "next_number_taken", "only below", _NONE, **_counter(5), severa_customers=_theirs(4, 0, None, -7)
    ),
    _customers(
        "next_number_taken",
        "the ceiling itself",
        [(9, 9)],
        **_counter(5),
        **_ceiling(9),
        severa_customers=_theirs(10, 9),
    ),
    _customers(
        "next_number_taken",
        "only above the ceiling",
        _NONE,
        **_counter(5),
        **_ceiling(8),
        severa_customers=_theirs(9),
    ),
    _customers("next_number_taken", "business does not count", _NONE, **_counter(5), customers=_ours("7")),
    _customers("next_number_taken", "no counter", _NONE, **_counter(None), severa_customers=_theirs(7)),
    _invoices(
        "next_number_taken", "all invoices", [(7, 7)], **_counter(5), invoices=[(9, "a"), (7, "a"), (8, None)]
    ),
    _invoices("next_number_taken", "units have their own", [(30, 30)], **_counter(5), invoices=_UNITS),
    _invoices("next_number_taken", "none names no unit", _NONE, **_counter(5), invoices=[(9, "a"), (7, "b")]),
    _projects(
        "next_number_taken", "a closed sales case", [(7, 7)], **_counter(5), severa_projects=_cases(7, 9)
    ),
    _projects(
        "next_number_taken",
        "only below",
        _NONE,
        **_counter(5),
        severa_projects=_cases(4),
        projects=_codes("7"),
    ),
    *(
        example
        for of in (_customers, _invoices, _projects)
        for example in (
            of("counter_past_ceiling", "past", [(101, "")], **_counter(101), **_ceiling(100)),
            of("counter_past_ceiling", "at it", _NONE, **_counter(100), **_ceiling(100)),
            of("counter_past_ceiling", "no ceiling", _NONE, **_counter(101)),
            of("series_nearly_full", "99 left", [(2, 100)], **_counter(2), **_ceiling(100)),
            of("series_nearly_full", "100 left", _NONE, **_counter(1), **_ceiling(100)),
            of("series_nearly_full", "one left", [(100, 100)], **_counter(100), **_ceiling(100)),
            of("series_nearly_full", "past the ceiling", _NONE, **_counter(101), **_ceiling(100)),
            of(
                "series_nearly_full",
                "a high ceiling counts",
                [(_HIGHEST, _HIGHEST if of is _invoices else _HIGHEST + 1)],
                **_counter(_HIGHEST),
                **_ceiling(_HIGHEST + 1),
            ),
            of("series_nearly_full", "no ceiling", _NONE, **_counter(_HIGHEST)),
            of("series_unknown", "no counter", [("", "")], **_counter(None)),
            of("series_unknown", "a counter", _NONE, **_counter(1)),
        )
    ),
)

_INVOICES = (
    _invoices("numbers_not_read", "not mapped", [("", "")]),
    _invoices("numbers_not_read", "mapped and empty", _NONE, invoice_texts=[]),
    _invoices(
        "number_duplicate",
        "one unit",
        [(7, 7)],
        invoices=[(7, "a"), (7, None), (7, "a"), (8, "a"), (None, None), (None, None), (0, None), (0, None)],
    ),
    _invoices(
        "number_duplicate",
        "each unit for itself",
        [(10, 10), (30, 30)],
        invoices=[*_UNITS, (10, "a"), (20, "a"), (30, None), (30, "b")],
    ),
    _invoices("number_duplicate", "a blank unit is none", [(30, 30)], invoices=[*_UNITS, (30, " ")]),
    _invoices("number_duplicate", "in two units", _NONE, invoices=[*_UNITS, (10, "b"), (12, None)]),
    _invoices(
        "number_shared_by_units",
        "units",
        [(10, 10), (30, 30)],
        invoices=[*_UNITS, (10, "b"), (30, "a"), (30, "b"), (20, "b")],
    ),
    _invoices("number_shared_by_units", "no series of their own", _NONE, invoices=[(7, "a"), (7, None)]),
)

NUMBERS: tuple[Example, ...] = (*_OTHERS, *_COUNTERS, *_INVOICES)
