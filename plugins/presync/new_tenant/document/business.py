"""The part of the file about Visma Business."""

from __future__ import annotations

from collections.abc import Iterator

from presync.new_tenant.document.draft import (
    INTEGRATOR,
    OWNER,
    Draft,
    clipped,
    counted,
    listed,
    mapping,
    scalar,
    writable,
)
from presync.new_tenant.document.series import customer_series, invoices, voucher_series
from presync.new_tenant.look.facts import Business, Looked, Missing, Unit


def visma_business(draft: Draft, looked: Looked) -> None:
    """Write the block, with what is not known as a comment."""
    draft.block("visma_business", lambda: _block(draft, looked))


def _block(draft: Draft, looked: Looked) -> None:
    if looked.business_connection:
        draft.put(f"connection: {scalar(looked.business_connection)}", 1)
    found = looked.business
    if found is None:
        draft.ask(
            OWNER,
            "Visma Business was not looked at: once it can be reached, begin this file again (`presync init "
            "… --force`), or fill in the map by hand",
            1,
            technical=True,
        )
        return
    if found.database and found.database.isprintable():
        draft.found(
            f"the connection leads to the database {clipped(found.database)} ({found.dbms}); Presync stops "
            "if it ever leads to another",
            1,
        )
        draft.put(f"database: {scalar(found.database)}", 1)
    for reason in found.not_asked:
        draft.ask(OWNER, f"can this be corrected? {reason}", 1, technical=True)
    _units(draft, found)
    customer_series(draft, found)
    voucher_series(draft, found)
    invoices(draft, found)
    _activity(draft, found)
    _missing(draft, found)


def _units(draft: Draft, found: Business) -> None:
    if found.units:
        draft.found(f"organisational units: {'; '.join(_unit(unit) for unit in found.units)}", 1)
    else:
        draft.found("none of the organisational units R1 to R12 is visible", 1)
    both = found.departments and found.projects
    draft.ask(
        INTEGRATOR,
        "which organisational units hold departments and projects, in the integration's settings? "
        + ("Confirm what is suggested" if both else "Left out, R1 and R2 are taken"),
        1,
        technical=not any(unit.rows for unit in found.units),
    )
    used = [unit for unit in found.units if unit.rows]
    if found.departments:
        draft.suggest(f"departments: {found.departments.table}, because {found.departments.reason}", 1)
        draft.put(f"departments: {mapping(table=found.departments.table)}", 1)
    else:
        for unit in [unit for unit in used if not unit.with_customer]:
            draft.leave(f"departments: {mapping(table=unit.table)}", 1)
    if found.projects:
        draft.suggest(f"projects: {found.projects.table}, because {found.projects.reason}", 1)
        _projects(draft, next(unit for unit in found.units if unit.table == found.projects.table))
    else:
        for unit in [unit for unit in used if unit.with_customer]:
            draft.leave(f"projects: {mapping(table=unit.table, customer=_customer(unit))}", 1)


def _projects(draft: Draft, unit: Unit) -> None:
    if _customer(unit):
        draft.found(
            f"{unit.customer} holds the customer number in {counted(unit.with_customer, 'row')} of "
            f"{unit.table}: it tells projects of equal name apart",
            1,
        )
    draft.put(f"projects: {mapping(table=unit.table, customer=_customer(unit))}", 1)


def _customer(unit: Unit) -> str:
    return unit.customer if unit.customer and unit.with_customer and writable(unit.customer) else ""


def _unit(unit: Unit) -> str:
    customers = f", {unit.with_customer:,} of them with a customer" if unit.with_customer else ""
    kind = "" if unit.kind == "TABLE" else f" (a {unit.kind.lower()})"
    return f"{unit.table}{kind} {counted(unit.rows, 'row')}{customers}"


def _activity(draft: Draft, found: Business) -> None:
    """Show where a record's last activity could be read; nothing depends on it but advice."""
    usable = [item for item in found.activity if writable(item.table, item.key, *item.dates)]
    if not usable:
        return
    draft.say(
        "Tables with dates that could tell when a record was last in use, which helps with the five "
        "questions:",
        1,
    )
    draft.table(([item.entity, item.table, item.key, *[listed(item.dates)]] for item in usable), 1)
    first = {item.entity: item for item in reversed(usable)}
    sources = (
        f"{entity}: [{mapping(table=item.table, code=item.key, date=item.dates[0])}]"
        for entity, item in sorted(first.items())
    )
    draft.leave(f"activity: {{{', '.join(sources)}}}", 1)


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
