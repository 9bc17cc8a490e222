"""Fingerprints of staged tables: tell, without the rows, whether a system still holds what was checked.

A fingerprint depends on every staged value of every row that a rule could rest on, and not on the order of
rows: that somebody has touched a record without changing any of them moves nothing. Of a table of a single
row (Severa's counters and settings) the values themselves are kept, so that it can be said what has moved.

The digest is the sum of DuckDB's 64-bit hashes of the rows, thirty times cheaper than MD5. They may change
with the version of DuckDB, so that stands in front: fingerprints of two versions never agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from presync.staging.tables import SYSTEMS, System, checked_tables

if TYPE_CHECKING:
    import duckdb

TABLE: Final = "checks.fingerprints"
Fingerprints = Mapping[str, Mapping[str, Any]]
"""By `system.table`: `rows`, `digest`, and of a single row that holds no names its `values`."""

_WITH_VALUES: Final = {("severa", "organizationsettings")}


def store_fingerprints(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill `checks.fingerprints(system, table_name, rows, digest, row_values)` from the staged tables."""
    connection.execute(
        f"CREATE TABLE {TABLE} "
        "(system VARCHAR, table_name VARCHAR, rows BIGINT, digest VARCHAR, row_values JSON)"
    )
    for system in SYSTEMS:
        for table in checked_tables(system):
            found = _fingerprint(connection, system, table, f"{system}.{table}")
            connection.execute(f"INSERT INTO {TABLE} VALUES (?, ?, ?, ?, ?)", [system, table, *found])


def read_fingerprints(connection: duckdb.DuckDBPyConnection) -> Fingerprints:
    """Return the fingerprints that a run's database holds."""
    rows = connection.execute(f"SELECT system, table_name, rows, digest, row_values FROM {TABLE}").fetchall()
    return {f"{system}.{table}": _as_dict(*found) for system, table, *found in rows}


def folder_fingerprints(folder: Path, system: System) -> dict[str, Mapping[str, Any]]:
    """Return the fingerprints of an extract's Parquet files."""
    import duckdb

    with duckdb.connect() as connection:
        return dict(_of_folder(connection, folder, system))


def whole(fingerprints: Fingerprints) -> bool:
    """Tell whether every staged table of both systems that rules rest on has a fingerprint."""
    return set(fingerprints) == {
        f"{system}.{table}" for system in SYSTEMS for table in checked_tables(system)
    }


def moved(before: Fingerprints, now: Fingerprints) -> Iterator[tuple[str, str]]:
    """Yield the tables that are not as they were, and how; one that is only on one side has moved too."""
    for name in sorted({*before, *now}):
        old, new = before.get(name), now.get(name)
        if old is None or new is None:
            yield name, "it was not checked" if old is None else "it was not read again"
        elif old["digest"] != new["digest"] or old["rows"] != new["rows"]:
            yield name, _difference(old, new)


def _difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    values, others = old.get("values") or {}, new.get("values") or {}
    changed = [
        f"{key} {values[key]} is now {others.get(key)}" for key in values if values[key] != others.get(key)
    ]
    if changed:
        return ", ".join(changed)
    versions = [str(each["digest"]).partition(":")[0] for each in (old, new)]
    if old["rows"] == new["rows"] and versions[0] != versions[1]:
        return "it was checked with another version of DuckDB, so values cannot be compared; check again"
    if old["rows"] != new["rows"]:
        return f"{old['rows']} rows are now {new['rows']}"
    return f"of {old['rows']} rows, at least one has other values"


def _of_folder(
    connection: duckdb.DuckDBPyConnection, folder: Path, system: System
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for table in checked_tables(system):
        file = str(folder / f"{table}.parquet").replace("'", "''")
        found = _fingerprint(connection, system, table, f"read_parquet('{file}')")
        yield f"{system}.{table}", _as_dict(*found)


def _fingerprint(
    connection: duckdb.DuckDBPyConnection, system: System, table: str, source: str
) -> tuple[int, str, str | None]:
    import duckdb

    columns = ", ".join(f'"{column}"' for column in checked_tables(system)[table])
    counted = connection.execute(
        f"SELECT count(*), coalesce(sum(hash({columns})::HUGEINT), 0)::VARCHAR FROM {source}"
    ).fetchone()
    rows, total = counted or (0, "0")
    digest = f"{duckdb.__version__}:{total}"
    values = None
    if (system, table) in _WITH_VALUES and rows == 1:
        (values,) = connection.execute(f"SELECT to_json(t)::VARCHAR FROM {source} AS t").fetchone() or (None,)
    return int(rows), digest, values


def _as_dict(rows: int, digest: str, values: str | None) -> dict[str, Any]:
    import json

    found: dict[str, Any] = {"rows": int(rows), "digest": str(digest)}
    return found if values is None else {**found, "values": json.loads(values)}
