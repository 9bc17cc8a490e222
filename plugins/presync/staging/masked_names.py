"""`privacy: masked` in a tenant file: of each word of a name, only the first letter is shown.

A sole trader's business id may be the person's own number. So of ids only those are shown that are certainly
numbers of a register of companies: valid ones of Norway, Finland and Denmark, and those of Sweden whose third
digit is 2 or more, as no person's is. Of any other, the first two characters are shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

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


_COMPANYS_ONLY: Final = """
CASE WHEN country IN ('NO', 'FI', 'DK') OR (country = 'SE' AND lpad(body, 10, '0')[3] >= '2') THEN body
     ELSE left(body, 2) || '***' END
"""


def show_names(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `shown(name)` and `shown_id(country, body)` known to SQL, as the run's reports may show them."""
    row = connection.execute("SELECT bool_or(names_masked) FROM checks.build").fetchone()
    hidden = row is None or row[0] is not False
    shown = r"regexp_replace(name, '(\S)\S*', '\1***', 'g')" if hidden else "name"
    connection.execute(f"CREATE OR REPLACE TEMP MACRO shown(name) AS {shown}")
    told = _COMPANYS_ONLY if hidden else "body"
    connection.execute(
        f"CREATE OR REPLACE TEMP MACRO shown_id(country, body) AS concat_ws(' ', country, {told})"
    )
