"""The staging database of a small company with tables where it has views: for tests that change rows."""

from __future__ import annotations

import duckdb


def as_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make every view of a run's database a table of its rows."""
    views = connection.execute(
        "SELECT schema_name, view_name FROM duckdb_views() "
        "WHERE NOT internal AND schema_name IN ('visma_business', 'severa', 'checks')"
    ).fetchall()
    for schema, name in views:
        connection.execute(
            f"CREATE TEMP TABLE rows_of_view AS FROM {schema}.{name}; DROP VIEW {schema}.{name}; "
            f"CREATE TABLE {schema}.{name} AS FROM rows_of_view; DROP TABLE rows_of_view"
        )
