"""The same findings by hand-written DuckDB SQL: what Presync is measured against.

Not `near_duplicate`: which names are compared is a choice, so nothing else finds exactly the same. Nor the
rules about a handful of rows (answers, counters, series): they cost nothing.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.company import Company
from benchmarks.measuring import Observer
from presync.staging.tables import TABLES

if TYPE_CHECKING:
    import duckdb

_SQL: Final = Path(__file__).parent / "sql" / "handwritten.sql"


def judge(observer: Observer, folder: str) -> dict[str, int]:
    """Run `sql/handwritten.sql`; return findings per `suite/rule`."""
    import duckdb
    import pyarrow  # noqa: F401
    from rapidfuzz import process  # noqa: F401

    observer.ready()
    with duckdb.connect() as connection, tempfile.TemporaryDirectory() as scratch:
        before = Path.cwd()
        os.chdir(scratch)
        _show_extracts(connection, Company(Path(folder)))
        # the likeness of names that share a code: nothing but rapidfuzz gives rapidfuzz's number
        create: Any = connection.create_function  # its stubs do not know "arrow"
        create("similar", _similar, ["VARCHAR", "VARCHAR"], "BOOLEAN", type="arrow")
        connection.execute(_SQL.read_text(encoding="utf-8"))
        rows = connection.execute(
            "SELECT suite || '/' || rule, count(*) FROM findings GROUP BY ALL"
        ).fetchall()
        connection.remove_function("similar")
        os.chdir(before)
    return dict(rows)


def _show_extracts(connection: duckdb.DuckDBPyConnection, company: Company) -> None:
    connection.execute("CREATE SCHEMA visma_business; CREATE SCHEMA severa")
    for system, folder in company.extracts.items():
        for table in TABLES[system]:
            connection.execute(
                f"CREATE VIEW {system}.{table} AS FROM read_parquet('{folder / table}.parquet')"
            )


def _similar(left: Any, right: Any) -> Any:
    import pyarrow as pa
    from rapidfuzz import fuzz, process

    pairs = left.to_pylist(), right.to_pylist()
    return pa.array(process.cpdist(*pairs, scorer=fuzz.token_sort_ratio, score_cutoff=90) >= 90)
