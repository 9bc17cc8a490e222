"""Which Group fields an entity's rows use: one could carry the mark of what must not transfer.

A Group field is a whole number, 0 where nobody uses it (`docs/reference/visma-business.md`). One scan per
entity counts all of its Group fields; a field that cannot be asked is unknown, which is not unused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from presync.errors import PresyncError
from presync.sources.visma_business.catalogue import Catalogue, Column, Table
from presync.sources.visma_business.connection import Company
from presync.tenants.entities import ENTITIES, Entity
from presync.tenants.model import Tenant
from presync.tenants.visma_names import GROUP_FIELDS

_TEXTS: Final = re.compile("char|text|clob|blob", re.IGNORECASE)
_NO_CODE: Final = "('', '0')"


@dataclass(frozen=True)
class Place:
    """Where an entity's rows are, by the database's own names.

    A row is a record if it has a code in `key`, and 0 or nothing in `without` (customers: `DelToAct`).
    `renamed`: Visma Business' names of columns -> this installation's (`visma_business.columns`).
    """

    table: Table
    key: str
    without: str | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class GroupFieldUsage:
    """How an entity's records use a Group field (Visma Business' name of it).

    `records`: how many there are; `marked`: of them, those whose value is neither 0 nor null; `lowest` and
    `highest` of these values. All four None: unknown. The last two are also None where nothing is marked.
    """

    group_field: str
    records: int | None = None
    marked: int | None = None
    lowest: int | None = None
    highest: int | None = None

    @property
    def known(self) -> bool:
        """Tell whether it could be asked."""
        return self.marked is not None

    @property
    def unused(self) -> bool:
        """Tell whether it is known that no record uses the field."""
        return self.marked == 0


def places(tenant: Tenant, catalogue: Catalogue) -> dict[Entity, Place]:
    """Return where the tenant's map says that each entity's rows are; what is not there is left out.

    Tables and columns that are missing are remembered by the catalogue, as everywhere.
    """
    mapped = tenant.visma_business
    wanted: Mapping[Entity, tuple[str, str, str | None]] = {
        "departments": (mapped.departments.table, "RNo", None),
        "products": ("Prod", "ProdNo", None),
        "employees": ("Actor", "EmpNo", None),
        "customers": ("Actor", "CustNo", "DelToAct"),
        "projects": (mapped.projects.table, "RNo", None),
    }
    found: dict[Entity, Place] = {}
    for entity in ENTITIES:
        standard, key, without = wanted[entity]
        renamed = mapped.columns.get(standard, {})
        table = catalogue.table(mapped.tables.get(standard, standard), entity)
        names = [key, without] if without else [key]
        columns = [catalogue.column(table, renamed.get(n, n), entity) for n in names] if table else []
        spelled = [column.name for column in columns if column]
        if table and len(spelled) == len(names):
            found[entity] = Place(table, spelled[0], spelled[1] if without else None, renamed)
    return found


def group_field_usage(
    company: Company, catalogue: Catalogue, where: Mapping[Entity, Place]
) -> dict[Entity, tuple[GroupFieldUsage, ...]]:
    """Return by entity how its records use the Group fields that its table has, `Gr`, `Gr2` … `Gr12`.

    One SELECT of COUNT, MIN and MAX per entity. A lost connection raises SourceUnavailableError, to be tried
    again; any other fault leaves the entity's fields unknown.
    """
    return {entity: tuple(_usage(company, catalogue, place)) for entity, place in where.items()}


def _usage(company: Company, catalogue: Catalogue, place: Place) -> Iterator[GroupFieldUsage]:
    known = catalogue.columns(place.table)
    columns: dict[str, Column] = {}
    for name in GROUP_FIELDS:
        spelled = place.renamed.get(name, name)
        column = known.get(spelled) or known.get(spelled.casefold())
        if column:
            columns[name] = column
    asked = {name: column for name, column in columns.items() if _comparable(company, column)}
    try:
        records, answers = _answers(company, catalogue, place, asked)
    except PresyncError as error:
        if error.retryable:
            raise
        records, answers = 0, {}
    for name in columns:
        yield _told(name, records, answers[name]) if name in answers else GroupFieldUsage(name)


def _answers(
    company: Company, catalogue: Catalogue, place: Place, asked: Mapping[str, Column]
) -> tuple[int, dict[str, Sequence[Any]]]:
    if not asked:
        return 0, {}
    each = [_expressions(company, column) for column in asked.values()]
    table = place.table
    source = company.quoted(table.database, table.schema, table.name)
    expressions = ", ".join(["COUNT(*)", *(item for items in each for item in items)])
    condition = _condition(company, catalogue, place)
    with company.cursor(f"counting the Group fields of table {table.name}") as cursor:
        cursor.execute(f"SELECT {expressions} FROM {source} WHERE {condition}")
        records, *values = cursor.fetchone()
    width = len(each[0])
    portions = (values[start : start + width] for start in range(0, len(values), width))
    return int(records), dict(zip(asked, portions, strict=True))


def _comparable(company: Company, column: Column) -> bool:
    """Tell whether a column can be compared with 0; SQLite's driver calls some types of numbers texts."""
    return column.is_numeric or (company.is_sqlite and not _TEXTS.search(column.type_name))


def _expressions(company: Company, column: Column) -> tuple[str, ...]:
    name = company.quoted(column.name)
    used = f"NULLIF({f'CAST({name} AS INT)' if column.is_bit else name}, 0)"
    return f"COUNT({used})", f"MIN({used})", f"MAX({used})"


def _condition(company: Company, catalogue: Catalogue, place: Place) -> str:
    """Return what makes a row a record, as `RULES` has it: a code that is not 0, blank or null."""
    key, numeric = company.quoted(place.key), catalogue.columns(place.table)[place.key].is_numeric
    text = f"LTRIM(RTRIM({key})) NOT IN {_NO_CODE}"
    condition = f"{key} <> 0" if numeric and not company.is_sqlite else text
    if place.without:
        without = company.quoted(place.without)
        condition += f" AND ({without} = 0 OR {without} IS NULL)"
    return condition


def _told(name: str, records: int, answer: Sequence[Any]) -> GroupFieldUsage:
    # texts in a column of SQLite's are higher than all numbers, so they show in the bounds
    marked, lowest, highest = (_whole(value) for value in answer)
    if marked is None or (marked and None in (lowest, highest)):
        return GroupFieldUsage(name)
    return GroupFieldUsage(name, records, marked, *((lowest, highest) if marked else (None, None)))


def _whole(value: object) -> int | None:
    """Return a whole number's value; None for nothing and for what is not one."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        number = Decimal(str(value).strip())
    except ArithmeticError:
        return None
    return int(number) if number.is_finite() and number == number.to_integral_value() else None
