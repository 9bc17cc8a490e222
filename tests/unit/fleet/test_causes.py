"""Causes: which stand in most companies, and the table that crosses both."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from presync.control.companies import never_seen
from presync.control.database import now
from presync.fleet.board import Row, Wanted, board
from presync.fleet.causes import COLUMNS, PAGE, causes, matrix

(SAMPLE,) = board([never_seen("x")], {}, Wanted(), now()).rows


def row(name: str, **rules: int) -> Row:
    counts: dict[str, Any] = {f"customers/{rule}": [count, 0] for rule, count in rules.items()}
    return replace(SAMPLE, tenant=name, title=name.title(), rules=counts)


ROWS = [row("b", one=1, two=2), row("a", two=5), row("c", one=7, two=1), row("d")]


def test_companies_are_crossed_with_the_causes_that_stand_in_most_of_them() -> None:
    found = matrix(causes(ROWS), ROWS, "stage", 1)
    assert [cause.name for cause in found.causes] == ["customers/two", "customers/one"]
    assert [(each.row.tenant, each.total, list(each.counts)) for each in found.companies] == [
        ("c", 8, [1, 7]),
        ("a", 5, [5, 0]),
        ("b", 3, [2, 1]),
    ]
    assert found.sort == "total"


def test_the_table_sorts_by_name_and_by_a_cause() -> None:
    by = {sort: [each.row.tenant for each in matrix(causes(ROWS), ROWS, sort, 1).companies]
          for sort in ("company", "customers/two", "customers/one", "customers/none")}  # fmt: skip
    assert by == {
        "company": ["a", "b", "c"],
        "customers/two": ["a", "b", "c"],
        "customers/one": ["c", "b", "a"],
        "customers/none": ["c", "a", "b"],
    }


def test_the_table_is_bounded_and_its_last_page_is_not_empty() -> None:
    many = [row(f"t{n:04d}", **{f"r{n % 40}": 1 + n}) for n in range(PAGE * 2 + 1)]
    found = matrix(causes(many), many, "company", 99)
    assert (len(found.causes), found.page, found.pages) == (COLUMNS, 3, 3)
    assert [each.row.tenant for each in found.companies] == [f"t{PAGE * 2:04d}"]
    assert matrix([], [], "total", 1).pages == 1
