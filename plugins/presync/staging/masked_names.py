"""`privacy: masked` in a tenant file: of each word of a name, only the first letter is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from presync.staging.database import reading

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb


def names_masked(database: Path) -> bool:
    """Tell whether findings of this run's database have masked names; if it cannot be read, they may not."""
    import duckdb

    try:
        with reading(database) as connection:
            rows = connection.execute("SELECT names_masked FROM checks.build").fetchall()
    except duckdb.Error:
        return False
    return rows == [(True,)]


def show_names(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `shown(name)` known to SQL over a run's database: the name as the run's reports may show it."""
    row = connection.execute("SELECT bool_or(names_masked) FROM checks.build").fetchone()
    hidden = row is None or row[0] is not False
    shown = r"regexp_replace(name, '(\S)\S*', '\1***', 'g')" if hidden else "name"
    connection.execute(f"CREATE OR REPLACE TEMP MACRO shown(name) AS {shown}")
