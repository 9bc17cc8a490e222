"""Finds the customer number series: its table by its columns, its ends by the intervals they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, permutations
from typing import Final

from presync.new_tenant.look.facts import Ends, Interval, SeriesTable
from presync.new_tenant.look.reader import Reader, whole
from presync.sources.visma_business.catalogue import Column, Table

_CUSTOMERS: Final = 1  # AcCl
_SHOWN: Final = 4  # values of each column
_COUNTED: Final = 12  # pairs of columns
_NO_ENDS: Final = ("dt", "tm", "usr")  # dates, times and users: how such columns' names end
_ENDLESS: Final = (None, 0)
_NOT_WHOLE: Final = {-7, 6, 7, 8}  # bits and floating-point numbers

CountCustomers = Callable[[Interval], int | None]
Values = Mapping[str, Sequence[int | None]]


def customer_series(reader: Reader, customers: CountCustomers) -> tuple[SeriesTable, ...]:
    """Return every table that has both `AcCl` and `AcIntProc`."""
    return tuple(_looked_at(reader, table, customers) for table in reader.holders("AcCl", "AcIntProc"))


def _looked_at(reader: Reader, table: Table, customers: CountCustomers) -> SeriesTable:
    account_class = reader.column(table, "AcCl")
    columns = [column for column in reader.columns(table) if _could_be_an_end(column)]
    if account_class is None or not account_class.is_numeric or not columns:
        return SeriesTable(table.name, None)
    rows = reader.values(table, columns, f"{reader.quoted(account_class)} = {_CUSTOMERS}")
    if rows is None:
        return SeriesTable(table.name, None)
    rows.sort(key=repr)  # the same file whatever order the database answers in
    values = {
        column.name: tuple(whole(row[position]) for row in rows) for position, column in enumerate(columns)
    }
    found = [Ends(*pair, _intervals(values, pair)) for pair in pairs(values)] if rows else []
    counted = [replace(ends, customers=_inside(ends.intervals, customers)) for ends in found[:_COUNTED]]
    samples = {name: of[:_SHOWN] for name, of in values.items()}
    return SeriesTable(table.name, len(rows), samples, tuple(sorted(counted, key=_unlikely)))


def _inside(intervals: Sequence[Interval], customers: CountCustomers) -> int | None:
    counts = [customers(interval) for interval in intervals]
    return None if None in counts else sum(count or 0 for count in counts)


def _unlikely(ends: Ends) -> tuple[int, int]:
    """Return what puts ends first whose intervals hold many customers and little else."""
    return -(ends.customers or 0), sum(interval.end - interval.first for interval in ends.intervals)


def _could_be_an_end(column: Column) -> bool:
    name = column.name.lower()
    if not column.is_numeric or column.sql_type in _NOT_WHOLE:
        return False
    return name not in {"accl", "acintproc"} and not name.endswith(_NO_ENDS)


def pairs(values: Values) -> tuple[tuple[str, str], ...]:
    """Return the pairs of columns that could be first and last number of intervals, row by row.

    Every row must have a first number, which is not behind the last one (0 or nothing: no end); at least one
    row must have a last number; and a number belongs to one interval.

    >>> pairs({"No": [1, 2], "FrNo": [1000, 5000], "ToNo": [1999, 0]})
    (('FrNo', 'ToNo'),)
    """
    return tuple(
        pair for pair in permutations(values, 2) if _makes_intervals(values[pair[0]], values[pair[1]])
    )


def _makes_intervals(first: Sequence[int | None], last: Sequence[int | None]) -> bool:
    if not all(first) or all(value in _ENDLESS for value in last):
        return False
    found = [Interval(start or 0, end) for start, end in zip(first, last, strict=True)]
    if any(interval.first < 1 or interval.end < interval.first for interval in found):
        return False
    found.sort(key=lambda interval: interval.first)
    return all(before.end < after.first for before, after in pairwise(found))


def _intervals(values: Values, pair: tuple[str, str]) -> tuple[Interval, ...]:
    first, last = (values[name] for name in pair)
    found = [Interval(start or 0, end or None) for start, end in zip(first, last, strict=True)]
    return tuple(sorted(found, key=lambda interval: interval.first))
