"""The part of the file about number series: customers', vouchers' and the invoice numbers in use."""

from __future__ import annotations

from presync.new_tenant.document.draft import (
    ACCOUNTANT,
    OWNER,
    Draft,
    clipped,
    counted,
    listed,
    mapping,
    scalar,
    writable,
)
from presync.new_tenant.look.facts import Business, Ends, InvoiceTable, SeriesTable, Voucher, VoucherTable

_SHOWN = 8  # candidates


def customer_series(draft: Draft, found: Business) -> None:
    """Write where the customer number series is, or what it could be."""
    tables, customers = found.customer_series, found.counts.get("customers")
    if len(tables) == 1 and tables[0].rows == 0:
        draft.found(
            f"{tables[0].table}, the customer number series, has no interval for customers (AcCl = 1), so "
            "the next number is the highest + 1. Should one be added, name the columns here instead",
            1,
        )
        draft.put("customer_series: none", 1)
    elif certain_ends(found):
        _found_series(draft, tables[0], customers)
    else:
        draft.ask(OWNER, _series_question(tables), 1, technical=True)
        for table in tables:
            _candidates(draft, table, customers)
        if not tables:
            draft.leave("customer_series: none", 1)


def certain_ends(found: Business) -> Ends | None:
    """Return the ends of the customer series' intervals, if nothing else can be meant."""
    tables = found.customer_series
    if len(tables) != 1 or len(tables[0].ends) != 1:
        return None
    ends = tables[0].ends[0]
    nobody = ends.customers == 0 and found.counts.get("customers") != 0
    return ends if writable(tables[0].table, ends.first, ends.last) and not nobody else None


def _found_series(draft: Draft, table: SeriesTable, customers: int | None) -> None:
    ends = table.ends[0]
    draft.found(
        f"{table.table} is the only table with AcCl and AcIntProc, and only {ends.first} and {ends.last} "
        f"can be the ends of its intervals for customers: {_intervals(ends, customers)}",
        1,
    )
    draft.put(f"customer_series: {mapping(table=table.table, first=ends.first, last=ends.last)}", 1)


def _intervals(ends: Ends, customers: int | None) -> str:
    text = listed(map(str, ends.intervals))
    if ends.customers is None:
        return text
    return f"{text}; {ends.customers:,} of {counted(customers, 'customer')} have a number in them"


def _series_question(tables: tuple[SeriesTable, ...]) -> str:
    if not tables:
        return (
            "where is the customer number series? No visible table has both AcCl and AcIntProc: the login "
            "may lack SELECT on it. If the company has none, say `none`"
        )
    if len(tables) > 1:
        return f"which is the customer number series: {listed(table.table for table in tables)}?"
    if tables[0].rows is None:
        return f"the customer number series {tables[0].table} could not be read: which columns are its ends?"
    ends = tables[0].ends
    if len(ends) == 1 and not writable(tables[0].table, ends[0].first, ends[0].last):
        names = listed((tables[0].table, ends[0].first, ends[0].last))
        return f"a tenant file cannot hold {names}: is there a view of this series with plain names?"
    if len(ends) == 1:
        why = "No customer has a number in the only intervals that can be made"
    else:
        why = "Several pairs of columns could be its ends" if ends else "No two columns look like its ends"
    return f"which columns of {tables[0].table} hold an interval's first and last number? {why}"


def _candidates(draft: Draft, table: SeriesTable, customers: int | None) -> None:
    if table.columns:
        rows = counted(table.rows, "row")
        draft.say(f"{table.table} has {rows} for customers (AcCl = 1); its columns, with values:", 1)
        samples = {name: ["empty" if v is None else str(v) for v in of] for name, of in table.columns.items()}
        draft.table(([name, listed(values)] for name, values in samples.items()), 1)
    likely = [ends for ends in table.ends if ends.customers == table.ends[0].customers]
    for ends in likely[:_SHOWN]:
        if writable(table.table, ends.first, ends.last):
            draft.say(_intervals(ends, customers), 1)
            draft.leave(f"customer_series: {mapping(table=table.table, first=ends.first, last=ends.last)}", 1)
    if not table.ends:
        draft.leave(f"customer_series: {{table: {scalar(table.table)}, first: …, last: …}}", 1)


def voucher_series(draft: Draft, found: Business) -> None:
    """Write where the voucher series are, and which of them seem to number invoices."""
    tables = found.voucher_series
    table = tables[0] if len(tables) == 1 else None
    if table and table.key and writable(table.table, table.key):
        draft.found(f"{table.key} is the key of {table.table}: {table.reason}", 1)
        draft.put(f"voucher_series: {mapping(table=table.table, key=table.key)}", 1)
        _series(draft, table)
    else:
        _no_key(draft, tables)
    _invoice_series(draft, found)


def _no_key(draft: Draft, tables: tuple[VoucherTable, ...]) -> None:
    if not tables:
        question = (
            "where are the voucher series? No visible table has FstVoNo, NxtVoNo and LstVoNo: the login may "
            "lack SELECT on it, or the columns have other names here"
        )
    elif len(tables) > 1:
        question = f"which table holds the voucher series: {listed(table.table for table in tables)}?"
    elif tables[0].rows is None:
        question = f"the voucher series {tables[0].table} could not be read: what is their key?"
    elif not tables[0].rows:
        question = f"{tables[0].table} holds no voucher series: is it the right company?"
    else:
        could = listed(tables[0].keys, "no column has a value of its own in each row")
        question = f"which column is the key of the voucher series {tables[0].table}? It could be: {could}"
    draft.ask(OWNER, question, 1, technical=True)
    for table in tables:
        for key in table.keys or (table.key or "…",):
            draft.leave(f"voucher_series: {{table: {scalar(table.table)}, key: {key}}}", 1)


def _series(draft: Draft, table: VoucherTable) -> None:
    head = ["key", "name", "first", "next", "last", "invoice numbers in use", "the latest"]
    rows = [
        [s.key, clipped(s.name), *map(_number, (s.first, s.next, s.last, s.used, s.latest))]
        for s in table.series
    ]
    held_against = any(series.used is not None for series in table.series)
    draft.table([row if held_against else row[:-2] for row in [head, *rows]], 1)


def _number(value: int | None) -> str:
    return "-" if value is None else str(value)


def suggested_series(found: Business) -> list[Voucher]:
    """Return the voucher series that seem to number invoices or credit notes."""
    table = found.voucher_series[0] if len(found.voucher_series) == 1 else None
    series = table.series if table else ()
    return [item for item in series if item.hands_out_invoices or item.key in found.credit_note_series]


def _invoice_series(draft: Draft, found: Business) -> None:
    if found.credit_note_series:
        draft.found(
            f"company information names for credit notes (CrNtVoSr): {listed(found.credit_note_series)}", 1
        )
    suggested = suggested_series(found)
    for series in suggested:
        if series.hands_out_invoices:
            read = counted(found.invoice_numbers_read, "invoice number")
            draft.suggest(
                f"series {series.key}: {series.used:,} of {read} in use lie in what it has handed out, up "
                f"to {series.latest}",
                1,
            )
    draft.ask(
        ACCOUNTANT,
        "which voucher series number invoices and credit notes? Until they are named, the gate stays shut",
        1,
    )
    draft.leave(f"invoice_series: [{listed((_series_key(s.key) for s in suggested), '')}]", 1)


def _series_key(key: str) -> str:
    return key if key.isascii() and key.isdigit() and str(int(key)) == key else scalar(key)


def invoices(draft: Draft, found: Business) -> None:
    """Write where the invoice numbers in use are, if voucher series prove it."""
    proven = _proven(found)
    if proven:
        draft.found(
            f"{proven.table} is the only table with invoice numbers of customers ({proven.numbers:,} of "
            f"{counted(proven.rows, 'row')}), among them the latest of a voucher series",
            1,
        )
        draft.put(f"invoices: {mapping(table=proven.table, number=proven.column)}", 1)
        return
    for table in found.invoices[:_SHOWN]:
        beside = "beside" if table.of_customers else "but not beside"
        filled = counted(table.numbers, "row")
        draft.found(
            f"{table.table} has a column {table.column}, {beside} customers' numbers, filled in {filled}", 1
        )
    draft.ask(
        ACCOUNTANT,
        "which table and column hold the numbers of issued invoices? Left out, those in use are not compared",
        1,
    )
    usable = [table for table in found.invoices[:_SHOWN] if writable(table.table, table.column)]
    for table in usable:
        draft.leave(f"invoices: {mapping(table=table.table, number=table.column)}", 1)
    if not usable:
        draft.leave("invoices: {table: …, number: …}", 1)


def _proven(found: Business) -> InvoiceTable | None:
    likely = [table for table in found.invoices if table.of_customers and table.numbers]
    used = any(series.hands_out_invoices for table in found.voucher_series for series in table.series)
    return likely[0] if len(likely) == 1 and used and writable(likely[0].table, likely[0].column) else None
