"""Hand-computed examples of every rule: one that breaks it, one that keeps it, some on its edge.

They are data, so that any implementation of the rules can be run on them. Each says what *one* rule of one
suite must find; what other rules find on the same data is not said.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.oracle.building import Example, customer, number_data, severa
from tests.oracle.examples_companies import COMPANIES
from tests.oracle.examples_matching import MATCHING
from tests.oracle.examples_numbers import NUMBERS
from tests.oracle.examples_people import PEOPLE
from tests.oracle.examples_series import SERIES
from tests.oracle.examples_units import UNITS
from tests.oracle.model import StagedData

EXAMPLES: tuple[Example, ...] = (*UNITS, *MATCHING, *COMPANIES, *PEOPLE, *SERIES, *NUMBERS)


class Proposal(NamedTuple):
    """Staged data and the Severa counter (and ceiling) that must be proposed for one suite."""

    name: str
    suite: str
    data: StagedData
    expected: tuple[int, int | None] | None


_HIGHEST = 2_147_483_647


def _customers(name: str, expected: tuple[int, int | None] | None, *series: tuple[int, int]) -> Proposal:
    data = number_data(customer_series=[(1, first, last) for first, last in series])
    return Proposal(name, "customer_numbering", data, expected)


PROPOSALS: tuple[Proposal, ...] = (
    _customers("the present counter will do", (20_000, None), (1, 9_999)),
    _customers("the present counter is in the way", (30_000, None), (1, 29_999)),
    _customers("not below the present counter", (20_001, None), (10_001, 20_000)),
    _customers("room only below the present counter", (1, 10_000), (10_001, _HIGHEST)),
    _customers("one number too few below", (20_000, None), (10_000, 19_999)),
    _customers("exactly enough room between", (1_001, 11_000), (1, 1_000), (11_001, _HIGHEST)),
    _customers("no room at all", None, (1, _HIGHEST)),
    _customers("exactly enough room at the end", (_HIGHEST - 9_999, None), (1, _HIGHEST - 10_000)),
    _customers("one number too few at the end", None, (1, _HIGHEST - 9_999)),
    _customers("a reversed series takes nothing", (20_000, None), (5_000, 4_000)),
    _customers("overlapping series", (33_001, None), (1, 32_000), (1_000, 33_000), (10, 20)),
    Proposal(
        "numbers in use of both systems are in the way",
        "customer_numbering",
        number_data(
            customer_series=[(1, 1, 9)],
            customers=[customer("25000", "A")],
            severa_customers=[severa("B", "customers", number=35_000)],
        ),
        (35_001, None),
    ),
    Proposal(
        "a number beyond Visma Business's highest asks for a ceiling",
        "customer_numbering",
        number_data(
            customer_series=[(1, 1, 9)], severa_customers=[severa("B", "customers", number=_HIGHEST + 1)]
        ),
        (20_000, _HIGHEST),
    ),
    Proposal(
        "invoices: the named series, both systems' invoices",
        "invoice_numbering",
        number_data(
            vouchers=[("1", 1, 500, 999), ("2", 1, 1, 2_000_000)],
            invoices=[(32_000, "a"), (None, None)],
            invoice_texts=["025999", "x"],
        ),
        (32_001, None),
    ),
    Proposal(
        "invoices: room below the next number",
        "invoice_numbering",
        number_data(vouchers=[("1", 1, 50_000, 0)]),
        (20_000, 49_999),
    ),
    Proposal(
        "one outlier does not rewind a counter",
        "invoice_numbering",
        number_data(counters=(1, 500_000, 1), invoice_texts=["20241231000017"]),
        (500_000, 2_147_483_647),
    ),
)
