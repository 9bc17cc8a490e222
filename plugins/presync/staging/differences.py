"""Which rows of a staged table are not as they were, in words: codes and numbers, but no names.

Fingerprints decide whether something has moved; this only tells a person where to look.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from presync.staging.tables import System, checked_tables
from presync.text.visible import visible

if TYPE_CHECKING:
    import duckdb

_KEYS: Final = ("guid", "act_no", "code", "key")
_PRIVATE: Final = frozenset({"name", "first_name", "last_name", "email", "vat_number", "business_no"})
_CALLED: Final = ("code", "number", "customer_no", "employee_no")
SHOWN: Final = 3
_MEMORY: Final = "1GB"


def row_differences(old: Path, new: Path, system: System, table: str) -> Iterator[str]:
    """Yield what became of the first rows that differ between two extracts, then how many more do."""
    import duckdb

    columns = checked_tables(system)[table]
    key = next((name for name in _KEYS if name in columns), None)
    with duckdb.connect() as connection:
        connection.execute(f"SET memory_limit = '{_MEMORY}'")
        for name, one, other in (("gone", old, new), ("come", new, old)):
            _minus(connection, name, columns, one / f"{table}.parquet", other / f"{table}.parquet")
        on = f'gone."{key}" = come."{key}"' if key else "gone.rowid = -1 - come.rowid"
        order = f'coalesce(gone."{key}", come."{key}")' if key else "ALL"
        both = f"FROM gone FULL JOIN come ON {on}"
        (count,) = connection.execute(f"SELECT count(*) {both}").fetchone() or (0,)
        rows = connection.execute(
            f"SELECT gone.rowid, come.rowid, gone, come {both} ORDER BY {order} LIMIT {SHOWN}"
        ).fetchall()
    for was, is_there, before, after in rows:
        yield _told(None if was is None else before, None if is_there is None else after)
    if count > SHOWN:
        yield f"… and {count - SHOWN} more"


def _minus(
    connection: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str], one: Path, other: Path
) -> None:
    listed = ", ".join(f'"{column}"' for column in columns)
    connection.execute(
        f"CREATE TEMP TABLE {name} AS SELECT {listed} FROM read_parquet($1) "
        f"EXCEPT ALL SELECT {listed} FROM read_parquet($2)",
        [str(one), str(other)],
    )


def _told(before: dict[str, Any] | None, after: dict[str, Any] | None) -> str:
    if before is None or after is None:
        return f"{_called(before or after or {})} is {'new' if before is None else 'gone'}"
    changed = [
        f"its {column} is another"
        if column in _PRIVATE
        else f"{column} {_value(before[column])} is now {_value(after[column])}"
        for column in before
        if before[column] != after[column]
    ]
    return f"{_called(before)}: {', '.join(changed)}"


def _called(row: dict[str, Any]) -> str:
    """Return what a row is known by: its code, else its key; where it has neither, all its numbers."""
    names = [name for name in (*_CALLED, *_KEYS) if row.get(name) not in (None, "", 0, "0")]
    names = list(dict.fromkeys(names)) or [name for name in row if name not in _PRIVATE]
    return " ".join(f"{name} {_value(row[name])}" for name in names)


def _value(value: object) -> str:
    return "nothing" if value is None or value == "" else visible(str(value).strip())
