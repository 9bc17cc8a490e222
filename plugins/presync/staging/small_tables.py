"""Small tables of a small company in one: DuckDB gives each table blocks of its own, however few rows it has.

Each becomes a view of the same name, with the same columns, types and rows in their order, over a column of
the one row of `main.small_tables`. Views have no `rowid`, so tables that a rule examines stay what they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from presync.staging.tables import TABLES

if TYPE_CHECKING:
    import duckdb

ROWS: Final = 100
"""Up to so many rows a table is small."""
_ABOUT_THE_RUN: Final = (
    "build",
    "counts",
    "customer_series_state",
    "extracts",
    "fingerprints",
    "invoice_series_keys",
    "limits",
    "near_coverage",
    "proposals",
    "settings",
)
NAMES: Final = (
    *((system, table) for system, tables in TABLES.items() for table in tables),
    *(("checks", table) for table in _ABOUT_THE_RUN),
)
"""Schema and name of the tables that may become views."""


def gather(connection: duckdb.DuckDBPyConnection) -> None:
    """Put the small tables of a finished database together; nothing may ask for their `rowid` afterwards."""
    counts = " UNION ALL ".join(
        f"SELECT {n} AS place, count(*) AS rows FROM {schema}.{table}"
        for n, (schema, table) in enumerate(NAMES)
    )
    found = connection.execute(f"SELECT place FROM ({counts}) WHERE rows <= {ROWS} ORDER BY place").fetchall()
    small = [NAMES[place] for (place,) in found]
    if not small:
        return
    columns = ", ".join(
        f'(SELECT list(t ORDER BY t.rowid) FROM {schema}.{table} AS t) AS "{schema}.{table}"'
        for schema, table in small
    )
    views = [
        f"DROP TABLE {schema}.{table}; CREATE VIEW {schema}.{table} AS "
        f'SELECT unnest("{schema}.{table}", max_depth := 2) FROM main.small_tables'
        for schema, table in small
    ]
    connection.execute("; ".join((f"CREATE TABLE main.small_tables AS SELECT {columns}", *views)))
