"""Finds the voucher series, their key column, and which of them have handed out invoice numbers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from presync.errors import PresyncError
from presync.new_tenant.look.facts import InvoiceTable, Voucher, VoucherTable
from presync.new_tenant.look.reader import Reader, whole
from presync.sources.visma_business.catalogue import Column, Table

_NUMBERS: Final = ("FstVoNo", "NxtVoNo", "LstVoNo")
_USUAL: Final = "VoSrNo"
_MOST: Final = 1000  # voucher series; a company has a few dozen
_INVOICES: Final = 200_000  # invoice numbers looked at
_NO_KEYS: Final = ("dt", "tm", "usr")


def voucher_series(reader: Reader) -> tuple[VoucherTable, ...]:
    """Return every table that has the columns of the voucher series; the one called VoSr alone if there."""
    tables = reader.holders(*_NUMBERS)
    return tuple(
        _looked_at(reader, table)
        for table in [table for table in tables if table.name.casefold() == "vosr"] or tables
    )


def credit_note_series(reader: Reader) -> tuple[str, ...]:
    """Return the voucher series that company information names for credit notes (`CrNtVoSr`)."""
    found: dict[str, None] = {}
    for table in reader.holders("CrNtVoSr"):
        column = reader.column(table, "CrNtVoSr")
        rows = reader.values(table, [column]) if column else None
        found |= dict.fromkeys(_key(row[0]) for row in rows or () if _key(row[0]) not in {"", "0"})
    return tuple(sorted(found))


def _looked_at(reader: Reader, table: Table) -> VoucherTable:
    columns = reader.columns(table)
    rows = reader.values(table, columns, most=_MOST)
    if rows is None or len(rows) == _MOST:
        return VoucherTable(table.name, None)
    values = {column.name: [row[position] for row in rows] for position, column in enumerate(columns)}
    keys = tuple(column.name for column in columns if _could_be_key(column, values[column.name]))
    key, reason = _chosen(reader, table, keys)
    if key is None:
        return VoucherTable(table.name, len(rows), keys=keys)
    spelled = {column.name.casefold(): column.name for column in columns}
    names = values[spelled["nm"]] if "nm" in spelled else [""] * len(rows)
    numbers = [[whole(value) for value in values[spelled[name.casefold()]]] for name in _NUMBERS]
    series = tuple(
        Voucher(_key(code), str(name or "").strip(), first, following, last)
        for code, name, first, following, last in zip(values[key], names, *numbers, strict=True)
    )
    ordered = tuple(sorted(series, key=lambda item: (len(item.key), item.key)))
    return VoucherTable(table.name, len(rows), key, reason, keys, ordered)


def _could_be_key(column: Column, values: Sequence[Any]) -> bool:
    """Tell whether each row has a value of its own; names and the numbers themselves are no keys."""
    if column.name.casefold() in {"nm", *(name.casefold() for name in _NUMBERS)}:
        return False
    texts = [_key(value) for value in values]
    own = len(set(texts)) == len(texts) > 0 and not {"", "0"} & set(texts)
    return own and not column.name.lower().endswith(_NO_KEYS)


def _chosen(reader: Reader, table: Table, keys: tuple[str, ...]) -> tuple[str | None, str]:
    """Return the key column and how it is known, or None if several could be it."""
    primary = _primary_key(reader, table)
    if len(primary) == 1 and primary[0] in keys:
        return primary[0], "the primary key"
    usual = [name for name in keys if name.casefold() == _USUAL.casefold()]
    if usual:
        return usual[0], "the usual name, and no two rows have the same value"
    if len(keys) == 1:
        return keys[0], "the only column in which no two rows have the same value"
    return None, ""


def _primary_key(reader: Reader, table: Table) -> tuple[str, ...]:
    """Return the columns of the primary key, as far as the catalogue tells."""
    with (
        suppress(PresyncError),  # not every driver tells it; the values decide then
        reader.company.cursor(f"asking for the key of {table.name}") as cursor,
    ):
        rows = cursor.primaryKeys(table=table.name, schema=table.schema or None).fetchall()
        return tuple(row[3] for row in rows if row[2] == table.name)
    return ()


def _key(value: object) -> str:
    number = None if isinstance(value, str) else whole(value)
    return str(value or "").strip() if number is None else str(number)


def invoice_tables(reader: Reader) -> tuple[InvoiceTable, ...]:
    """Return the tables with a column `InvoNo`."""
    found = []
    for table in reader.holders("InvoNo"):
        column = reader.column(table, "InvoNo")
        if column is None:
            continue
        name = reader.quoted(column)
        filled = f"{name} <> 0" if column.is_numeric else f"{name} <> ''"
        of_customers = reader.column(table, "CustNo") is not None
        counts = reader.count(table), reader.count(table, filled)
        found.append(InvoiceTable(table.name, column.name, *counts, of_customers))
    return tuple(found)


def handed_out(
    reader: Reader, table: VoucherTable, invoices: Sequence[InvoiceTable]
) -> tuple[VoucherTable, int]:
    """Count for each series how many invoice numbers in use it has handed out; return how many were read too.

    Only numbers made of digits count, and no more than the first 200,000 of a table are read.
    """
    wanted = {item.table for item in invoices}
    numbers: set[int] = set()
    for source in reader.holders("InvoNo"):
        column = reader.column(source, "InvoNo")
        rows = reader.values(source, [column], most=_INVOICES) if column and source.name in wanted else None
        numbers |= {number for row in rows or () if (number := whole(row[0]))}
    if not numbers:
        return table, 0
    by_series: dict[Voucher, list[int]] = {series: [] for series in table.series}
    for number in numbers:
        if issuer := _issuer(table.series, number):
            by_series[issuer].append(number)
    counted = (
        replace(series, used=len(found), latest=max(found, default=None))
        for series, found in by_series.items()
    )
    return replace(table, series=tuple(counted)), len(numbers)


def _issuer(series: Sequence[Voucher], number: int) -> Voucher | None:
    """Return the series that has handed a number out; of several, the one that begins closest below it."""
    could = [item for item in series if (item.first or 0) <= number < (item.next or 0)]
    return max(could, key=lambda item: (item.first or 0, -(item.next or 0)), default=None)
