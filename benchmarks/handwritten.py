"""The same findings by hand-written DuckDB SQL, and by hand-written pandas: what Presync is measured against."""

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

_SQL: Final = Path(__file__).parent / "sql"


def judge(observer: Observer, folder: str, with_near: bool) -> dict[str, int]:
    """Run `sql/handwritten.sql` (and `sql/handwritten_near.sql`); return findings per `suite/rule`."""
    import duckdb
    import pyarrow
    from rapidfuzz import process  # noqa: F401

    observer.ready()
    with duckdb.connect() as connection, tempfile.TemporaryDirectory() as scratch:
        before = Path.cwd()
        os.chdir(scratch)
        _show_extracts(connection, Company(Path(folder)))
        # the likeness of names that share a code: nothing but rapidfuzz gives rapidfuzz's number
        connection.create_function("similar", _similar, ["VARCHAR", "VARCHAR"], "BOOLEAN", type="arrow")
        with observer.part("rules"):
            connection.execute((_SQL / "handwritten.sql").read_text(encoding="utf-8"))
        if with_near:
            with observer.part("similar names"):
                connection.execute((_SQL / "handwritten_near.sql").read_text(encoding="utf-8"))
        rows = connection.execute("SELECT suite || '/' || rule, count(*) FROM findings GROUP BY ALL").fetchall()
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
