"""Reads what only helps people to answer the five questions: use of Group fields, and last activity.

No rule rests on it. One plain SELECT per entity, and one that groups by code for each table that the tenant
maps under `visma_business.activity`; a table that was not read is said to be unread, never to be empty.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from presync.sources.visma_business.arrow_columns import as_dates
from presync.sources.visma_business.connection import Company
from presync.sources.visma_business.group_fields import group_field_usage, places
from presync.sources.visma_business.selection import ActivitySelection, ReadPlan
from presync.staging.extract import ExtractWriter, TableWriter
from presync.tenants.model import Tenant

if TYPE_CHECKING:
    import pyodbc

_PORTION = 1_000


def read_background(company: Company, tenant: Tenant, planned: ReadPlan, writer: ExtractWriter) -> None:
    """Stage `group_fields`, `activity` and `activity_sources`; raises whatever reading raises."""
    usage = group_field_usage(company, planned.catalogue, places(tenant, planned.catalogue))
    with writer.table("group_fields") as table:
        _append(
            table,
            [
                {
                    "entity": entity,
                    "group_field": field.group_field,
                    "records": field.records,
                    "marked": field.marked,
                    "lowest": field.lowest,
                    "highest": field.highest,
                }
                for entity, fields in usage.items()
                for field in fields
            ],
        )
    with writer.table("activity") as table:
        codes = [_read_activity(company, activity, table) for activity in planned.activities]
    _sources(writer, planned, codes)


def without_background(writer: ExtractWriter, planned: ReadPlan) -> None:
    """Stage empty tables, and that the mapped ones were not read."""
    for name in ("group_fields", "activity"):
        with writer.table(name):
            pass
    _sources(writer, planned, [None] * len(planned.activities))


def activity_statement(company: Company, activity: ActivitySelection) -> str:
    """Return the SELECT of a table's last date by code, and how many of its rows are open."""
    code, date = company.quoted(activity.code), company.quoted(activity.date)
    opened = f"COUNT(NULLIF({company.quoted(activity.open)}, 0))" if activity.open else "0"
    table = activity.table
    source = company.quoted(table.database, table.schema, table.name)
    return f"SELECT {code}, MAX({date}), {opened} FROM {source} GROUP BY {code}"


def _read_activity(company: Company, activity: ActivitySelection, table: TableWriter) -> int:
    """Append a row for each code; return how many there are."""
    before = table.rows
    with company.cursor(
        f"reading the activity of {activity.entity} in table {activity.table.name}"
    ) as cursor:
        cursor.execute(activity_statement(company, activity))
        while rows := cursor.fetchmany(_PORTION):
            _append(table, _activities(activity, rows))
    return table.rows - before


def _activities(activity: ActivitySelection, rows: list[pyodbc.Row]) -> list[dict[str, Any]]:
    dates = as_dates([row[1] for row in rows]).to_pylist()
    return [
        {"entity": activity.entity, "code": _code(code), "last_on": date, "is_open": bool(int(opened))}
        for (code, _, opened), date in zip(rows, dates, strict=True)
        if _code(code) not in {"", "0"}
    ]


def _code(value: object) -> str:
    """Return a code as text; a number's is its decimal text, whatever type the database has for it."""
    if isinstance(value, float | Decimal) and value == int(value):
        return str(int(value))
    return "" if value is None else str(value).strip()


def _sources(writer: ExtractWriter, planned: ReadPlan, codes: list[int] | list[None]) -> None:
    with writer.table("activity_sources") as table:
        _append(
            table,
            [
                {"entity": activity.entity, "table_name": activity.table.name, "codes": count}
                for activity, count in zip(planned.activities, codes, strict=True)
            ],
        )


def _append(table: TableWriter, rows: list[dict[str, Any]]) -> None:
    import pyarrow as pa

    table.write(pa.RecordBatch.from_pylist(rows, schema=table.schema))
