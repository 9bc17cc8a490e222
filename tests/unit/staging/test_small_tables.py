"""Small tables that became views: the same columns, types and rows in their order, and fewer blocks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from presync.settings import HOME
from presync.staging import small_tables
from presync.staging.small_tables import NAMES, ROWS, gather
from presync.staging.tables import SYSTEMS


@pytest.fixture
def connection(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    """A database with few rows or none in each table but one, and with texts that mean something to SQL."""
    connection = duckdb.connect(str(tmp_path / "x.duckdb"), config={"default_block_size": "16384"})
    for schema in (*SYSTEMS, "checks"):
        connection.execute(f"CREATE SCHEMA {schema}")
    for number, (schema, table) in enumerate(NAMES):
        rows = ROWS + 1 if table == "associates" else number % 4
        connection.execute(
            f"CREATE TABLE {schema}.{table} AS SELECT -i::BIGINT AS \"first\", ('o''Neil \"' || i) AS name, "
            "i % 2 = 0 AS flag, NULL::VARCHAR AS empty, MAP {'a': i} AS many "
            f"FROM range({rows}) r(i)"
        )
    return connection


def contents(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[dict[str, str], list[Any]]]:
    found = {}
    for schema, table in NAMES:
        rows = connection.sql(f"FROM {schema}.{table}")
        columns = dict(zip(rows.columns, map(str, rows.types), strict=True))
        found[f"{schema}.{table}"] = (columns, rows.fetchall())
    return found


def test_nothing_but_the_place_changes(connection: duckdb.DuckDBPyConnection) -> None:
    before = contents(connection)
    connection.begin()
    gather(connection)
    connection.commit()
    connection.execute("CHECKPOINT")
    assert contents(connection) == before
    tables = connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()
    assert tables == [("associates",), ("small_tables",)]
    used = connection.execute("SELECT used_blocks FROM pragma_database_size()").fetchone()
    assert used
    assert used[0] < len(NAMES)


def test_what_rules_examine_by_row_stays_a_table() -> None:
    examined = {file.stem for file in (HOME / "plugins/presync/rules/sql").glob("*.sql")}
    assert {"records", "counters"} <= examined
    assert not examined & set(small_tables._ABOUT_THE_RUN)
