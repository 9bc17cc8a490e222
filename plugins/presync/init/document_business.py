"""The part of the file about Visma Business."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from presync.init.draft import Draft, clipped, counted, listed, mapping, scalar, writable
from presync.init.facts import (
    Business,
    InvoiceTable,
    Looked,
    Missing,
    SeriesTable,
    Unit,
    Voucher,
    VoucherTable,
)

INTEGRATOR: Final = "whoever sets up the integration"
ACCOUNTANT: Final = "the company's accountant"
OWNER: Final = "whoever knows this installation of Visma Business"
_SHOWN: Final = 8


def visma_business(draft: Draft, looked: Looked) -> None:
    """Write the block, with what is not known as a comment."""
    found = looked.business
    if found is None:
        _not_looked_at(draft, looked)
        return
    draft.put("visma_business:")
    if looked.business_connection:
        draft.put(f"connection: {scalar(looked.business_connection)}", 1)
    if found.database:
        draft.found(
            f"the connection leads to this database ({found.dbms}); Presync stops if it ever leads to "
            "another",
            1,
        )
        draft.put(f"database: {scalar(found.database)}", 1)
    for reason in found.not_asked:
        draft.ask(OWNER, f"this could not be asked: {reason}", 1, technical=True)
    _units(draft, found)
    _customer_series(draft, found)
    _voucher_series(draft, found)
    _invoices(draft, found)
    _missing(draft, found)


def _not_looked_at(draft: Draft, looked: Looked) -> None:
    draft.ask(
        OWNER,
        "Visma Business was not looked at: once it can be reached, begin this file again "
        "(`presync init … --force`), or fill in the map by hand",
        technical=True,
    )
    if looked.business_connection:
        draft.put("visma_business:")
        draft.put(f"connection: {scalar(looked.business_connection)}", 1)
    else:
        draft.leave("visma_business:")


def _units(draft: Draft, found: Business) -> None:
    if found.units:
        draft.found(f"organisational units: {'; '.join(_unit(unit) for unit in found.units)}", 1)
    else:
        draft.found("none of the organisational units R1 to R12 is visible", 1)
    draft.ask(
        INTEGRATOR,
        "which organisational units hold departments and projects, in the integration's settings? "
        + (
            "Confirm what is suggested"
            if found.departments and found.projects
            else "Left out, R1 and R2 are taken"
        ),
        1,
        technical=not any(unit.rows for unit in found.units),
    )
    if found.departments:
        draft.suggest(f"departments: {found.departments.table}, because {found.departments.reason}", 1)
        draft.put(f"departments: {mapping(table=found.departments.table)}", 1)
    else:
        draft.leave("departments: {table: R1}", 1)
    if found.projects:
        unit = next(unit for unit in found.units if unit.table == found.projects.table)
        draft.suggest(f"projects: {unit.table}, because {found.projects.reason}", 1)
        customer = unit.customer if unit.with_customer else None
        if customer:
            draft.found(
                f"{customer} holds the customer number in {counted(unit.with_customer, 'row')} of "
                f"{unit.table}: "
                "it tells projects of equal name apart",
                1,
            )
        usable = customer if customer and writable(customer) else ""
        draft.put(f"projects: {mapping(table=unit.table, customer=usable)}", 1)
    else:
        draft.leave("projects: {table: R2}", 1)


def _unit(unit: Unit) -> str:
    customers = f", {unit.with_customer:,} of them with a customer" if unit.with_customer else ""
    kind = "" if unit.kind == "TABLE" else f" (a {unit.kind.lower()})"
    return f"{unit.table}{kind} {counted(unit.rows, 'row')}{customers}"


def _customer_series(draft: Draft, found: Business) -> None:
    tables = found.customer_series
    if len(tables) == 1 and tables[0].rows == 0:
        draft.found(
            f"{tables[0].table}, the customer number series, has no interval for customers (AcCl = 1), "
            "so the next "
            "number is the highest + 1. Should one be added, name the columns here instead",
            1,
        )
        draft.put("customer_series: none", 1)
        return
    if len(tables) == 1 and len(tables[0].pairs) == 1 and writable(tables[0].table, *tables[0].pairs[0]):
        _found_series(draft, tables[0], found)
        return
    draft.ask(OWNER, _series_question(tables), 1, technical=True)
    for table in tables:
        _candidates(draft, table)
    if not tables:
        draft.leave("customer_series: none", 1)


def _found_series(draft: Draft, table: SeriesTable, found: Business) -> None:
    first, last = table.pairs[0]
    inside, customers = found.counts.get("customers_in_series"), found.counts.get("customers")
    share = (
        f"; {inside:,} of {customers:,} customers have a number in them"
        if None not in (inside, customers)
        else ""
    )
    draft.found(
        f"{table.table} is the only table with AcCl and AcIntProc, and only {first} and {last} can be "
        "the ends of its "
        f"intervals for customers: {listed(map(str, table.intervals))}{share}",
        1,
    )
    draft.put(f"customer_series: {mapping(table=table.table, first=first, last=last)}", 1)


def _series_question(tables: tuple[SeriesTable, ...]) -> str:
    if not tables:
        return (
            "where is the customer number series? No visible table has both AcCl and AcIntProc: the "
            "login may "
            "lack SELECT on it. If the company has none, say `none`"
        )
    if len(tables) > 1:
        return f"which is the customer number series: {listed(table.table for table in tables)}?"
    if tables[0].rows is None:
        return f"the customer number series {tables[0].table} could not be read: which columns are its ends?"
    several = "several pairs of columns could be" if tables[0].pairs else "no two columns look like"
    return f"which columns of {tables[0].table} hold an interval's first and last number? {several} its ends"


def _candidates(draft: Draft, table: SeriesTable) -> None:
    if table.columns:
        rows = counted(table.rows, "interval")
        draft.say(f"{table.table} has {rows} for customers; its columns, with values:", 1)
        draft.table(
            (
                [name, listed("empty" if v is None else str(v) for v in values)]
                for name, values in table.columns.items()
            ),
            1,
        )
    for first, last in table.pairs[:_SHOWN]:
        if writable(table.table, first, last):
            draft.leave(f"customer_series: {mapping(table=table.table, first=first, last=last)}", 1)
    if not table.pairs:
        draft.leave(f"customer_series: {{table: {scalar(table.table)}, first: …, last: …}}", 1)


def _voucher_series(draft: Draft, found: Business) -> None:
    tables = found.voucher_series
    table = tables[0] if len(tables) == 1 else None
    if table and table.key and writable(table.table, table.key):
        draft.found(f"{table.key} is the key of {table.table}: {table.reason}", 1)
        draft.put(f"voucher_series: {mapping(table=table.table, key=table.key)}", 1)
        _series(draft, table)
    else:
        _no_key(draft, tables)
    _invoice_series(draft, found, table)


def _no_key(draft: Draft, tables: tuple[VoucherTable, ...]) -> None:
    if not tables:
        question = (
            "where are the voucher series? No visible table has FstVoNo, NxtVoNo and LstVoNo: the login "
            "may lack "
            "SELECT on it, or the columns have other names here"
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
    head = ["key", "name", "first", "next", "last", "invoice numbers handed out"]
    rows = [[s.key, clipped(s.name), *map(_number, (s.first, s.next, s.last, s.used))] for s in table.series]
    counted_too = any(series.used is not None for series in table.series)
    draft.table([row if counted_too else row[:-1] for row in [head, *rows]], 1)


def _number(value: int | None) -> str:
    return "-" if value is None else str(value)


def suggested_series(found: Business) -> list[Voucher]:
    """Return the voucher series that seem to number invoices or credit notes."""
    table = found.voucher_series[0] if len(found.voucher_series) == 1 else None
    series = table.series if table else ()
    return [item for item in series if item.used or item.key in found.credit_note_series]


def _invoice_series(draft: Draft, found: Business, table: VoucherTable | None) -> None:
    if found.credit_note_series:
        draft.found(
            f"company information names for credit notes (CrNtVoSr): {listed(found.credit_note_series)}", 1
        )
    suggested = suggested_series(found)
    for series in suggested:
        if series.used:
            draft.suggest(
                f"series {series.key}: {series.used:,} of "
                f"{counted(found.invoice_numbers_read, 'invoice number')} in "
                "use were handed out by it",
                1,
            )
    draft.ask(
        ACCOUNTANT,
        "which voucher series number invoices and credit notes? Until they are named, the gate stays shut",
        1,
    )
    del table
    draft.leave(f"invoice_series: [{listed((_series_key(s.key) for s in suggested), '')}]", 1)


def _series_key(key: str) -> str:
    return key if key.isascii() and key.isdigit() and str(int(key)) == key else scalar(key)


def _invoices(draft: Draft, found: Business) -> None:
    proven = _proven(found)
    if proven:
        draft.found(
            f"{proven.table} is the only table with invoice numbers of customers ({proven.numbers:,} of "
            f"{counted(proven.rows, 'row')}), and voucher series have handed them out",
            1,
        )
        draft.put(f"invoices: {mapping(table=proven.table, number=proven.column)}", 1)
        return
    for table in found.invoices[:_SHOWN]:
        draft.found(
            f"{table.table} has a column {table.column}, filled in {counted(table.numbers, 'row')}", 1
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
    used = any(series.used for table in found.voucher_series for series in table.series)
    return likely[0] if len(likely) == 1 and used and writable(likely[0].table, likely[0].column) else None


def _missing(draft: Draft, found: Business) -> None:
    for name, kind in found.not_tables.items():
        draft.found(f"{name} is a {kind} here: if companies share it, its numbers belong to all of them", 1)
    tables = [item for item in found.missing if item.column is None]
    for item in tables:
        draft.ask(
            OWNER, f"which table is {item.table} ({item.holds}) here? {_near(item, found)}", 1, technical=True
        )
    places = {item.table: place for item in tables if (place := next(_places(item, found), ""))}
    if places:
        draft.leave(f"tables: {mapping(**places)}", 1)
    columns: dict[str, dict[str, str]] = {}
    for item in found.missing:
        if item.column:
            usual = f"holds {item.holds}, elsewhere {item.column}"
            question = f"which column of {item.table} {usual}? {_near(item, found)}"
            draft.ask(OWNER, question, 1, technical=True)
            if item.closest and writable(item.closest[0]):
                columns.setdefault(item.table, {})[item.column] = item.closest[0]
    if columns:
        inner = ", ".join(f"{table}: {mapping(**names)}" for table, names in columns.items())
        draft.leave(f"columns: {{{inner}}}", 1)


def _places(item: Missing, found: Business) -> Iterator[str]:
    yield from found.elsewhere.get(item.table, ())
    yield from item.closest


def _near(item: Missing, found: Business) -> str:
    shared = found.elsewhere.get(item.table, ())
    if shared:
        return f"It is not in this company's database, but there is {listed(shared)}: do companies share it?"
    return f"Closest: {listed(item.closest)}"
