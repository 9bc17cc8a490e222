"""Finds which organisational units hold rows, and which of them could be departments and projects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from presync.new_tenant.look.facts import Guess, Severa, Unit
from presync.new_tenant.look.reader import Reader
from presync.reconcile.keys import name_key
from presync.sources.visma_business.catalogue import Table

NAMES: Final = tuple(f"R{number}" for number in range(1, 13))
_MOST: Final = 50_000  # names compared


def units(reader: Reader, severa: Severa | None) -> tuple[Unit, ...]:
    """Return the organisational units that exist, R1 first."""
    known = {table.name.casefold(): table for table in reader.catalogue.tables()}
    of_units, of_projects = _names(severa, "businessunits"), _names(severa, "projects", "salescases")
    return tuple(
        _unit(reader, name, known[name.casefold()], of_units, of_projects)
        for name in NAMES
        if name.casefold() in known
    )


def _names(severa: Severa | None, *routes: str) -> frozenset[str]:
    registers = severa.registers if severa else {}
    return frozenset().union(*(registers[route].names for route in routes if route in registers))


def _unit(
    reader: Reader, name: str, table: Table, of_units: frozenset[str], of_projects: frozenset[str]
) -> Unit:
    key, named = reader.column(table, "RNo"), reader.column(table, "Nm")
    customer = reader.column(table, "CustNo")
    if key is None:
        return Unit(name, table.kind, None)
    quoted = reader.quoted(key)
    filled = f"{quoted} <> 0" if key.is_numeric else f"{quoted} <> '' AND {quoted} <> '0'"
    rows = reader.values(table, [named], filled, _MOST) if named else None
    names = {name_key(str(row[0] or "")) for row in rows} if rows is not None else None
    is_named = f"{reader.quoted(customer)} <> 0" if customer and customer.is_numeric else ""
    return Unit(
        name,
        table.kind,
        reader.count(table, filled),
        customer.name if customer else None,
        reader.count(table, f"{filled} AND {is_named}") if is_named else None,
        reader.highest(table, key),
        len(names & of_units) if names is not None and of_units else None,
        len(names & of_projects) if names is not None and of_projects else None,
    )


def suggested(found: Sequence[Unit], severa: Severa | None) -> tuple[Guess | None, Guess | None]:
    """Return which units departments and projects seem to be in; None where nothing speaks for any.

    Names shared with Severa speak first; else that projects name a customer and departments do not.
    """
    departments = _by_names(found, lambda unit: unit.units, _size(severa, "businessunits"), "business units")
    projects = _by_names(
        found, lambda unit: unit.projects, _size(severa, "projects", "salescases"), "projects and sales cases"
    )
    if departments and projects and departments.table == projects.table:
        return None, None
    used = [unit for unit in found if unit.rows]
    if projects is None:
        projects = _only(
            [unit for unit in used if unit.with_customer and not _is(unit, departments)],
            "the only organisational unit whose rows name customers",
        )
    if departments is None:
        departments = _only(
            [unit for unit in used if unit.with_customer == 0 and not _is(unit, projects)],
            "the only organisational unit with rows of which none names a customer",
        )
    return departments, projects


def _is(unit: Unit, guess: Guess | None) -> bool:
    return guess is not None and unit.table == guess.table


def _size(severa: Severa | None, *routes: str) -> int:
    return len(_names(severa, *routes))


def _by_names(
    found: Sequence[Unit], shared: Callable[[Unit], int | None], of: int, what: str
) -> Guess | None:
    """Return the unit that shares most names with Severa, if no other shares half as many."""
    ranked = sorted(found, key=lambda unit: -(shared(unit) or 0))
    if not ranked or not shared(ranked[0]):
        return None
    best, next_best = (shared(ranked[0]) or 0), (shared(ranked[1]) or 0) if len(ranked) > 1 else 0
    if 2 * next_best > best:
        return None
    return Guess(ranked[0].table, f"{best} of {of} names of Severa's {what} are names in {ranked[0].table}")


def _only(candidates: Sequence[Unit], reason: str) -> Guess | None:
    return Guess(candidates[0].table, reason) if len(candidates) == 1 else None
