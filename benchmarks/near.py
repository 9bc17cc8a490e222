"""Similar names as the product finds them, alone and in the whole of reconcile; and all that there are."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.measuring import Observer

if TYPE_CHECKING:
    import duckdb

_SQL: Final = Path(__file__).parent / "sql"


def names(observer: Observer, folder: str) -> dict[str, Any]:
    """Find the similar names alone, from name keys to `product.parquet`; return what was compared."""
    import duckdb
    import pyarrow  # noqa: F401
    from rapidfuzz import process  # noqa: F401

    from presync.reconcile import keys
    from presync.reconcile.similar_names import search

    observer.ready()
    with tempfile.TemporaryDirectory() as scratch, duckdb.connect(f"{scratch}/near.duckdb") as connection:
        keys.register(connection)
        keys.define(connection)
        _load_keys(connection, folder)
        search.fill(connection, ("customers",))
        _write_named_pairs(connection, folder, "product")
        (coverage,) = connection.sql("FROM checks.near_coverage").to_arrow_table().to_pylist()
        keys.unregister(connection)
    return dict(coverage)


def exact(observer: Observer, folder: str, most: int) -> int:
    """Compare `most` names of Visma Business with all of Severa: `exact.parquet`; return how many pairs."""
    import duckdb
    from rapidfuzz import process  # noqa: F401

    from presync.reconcile import keys
    from presync.reconcile.similar_names import search

    search.EXACT_COMPARISONS = 10**18  # type: ignore[misc]
    observer.ready()
    with duckdb.connect() as connection:
        keys.register(connection)
        keys.define(connection)
        _load_keys(connection, folder)
        connection.execute(
            "DELETE FROM checks.base WHERE system = 'visma_business' AND number NOT IN "
            "(SELECT number FROM checks.base WHERE system = 'visma_business' ORDER BY hash(number) LIMIT ?)",
            [most],
        )
        search.fill(connection, ("customers",))
        count = _write_named_pairs(connection, folder, "exact")
        keys.unregister(connection)
    return count


def whole(observer: Observer, folder: str, system_folder: str) -> dict[str, Any]:
    """Reconcile the extracts below `system_folder` into `<name>.duckdb` beside `folder`'s names.

    What the rules would report is written to `<name>.parquet`.
    """
    from importlib import import_module

    import duckdb
    import pyarrow.parquet  # noqa: F401
    from rapidfuzz import process  # noqa: F401

    from benchmarks.near_company import near_tenant
    from presync import reconcile
    from presync.reconcile.similar_names import search
    from presync.staging.tables import SYSTEMS

    import_module("presync.reconcile.build")
    observer.watch(search, "fill", "similar names")
    observer.ready()
    extracts = Path(system_folder)
    database = Path(folder) / f"{extracts.name}.duckdb"
    with observer.part("reconcile"):
        reconcile.build(database, near_tenant(), {system: extracts / system for system in SYSTEMS})
    with duckdb.connect(str(database), read_only=True) as connection:
        reported = connection.sql((_SQL / "near_reported.sql").read_text(encoding="utf-8"))
        reported.write_parquet(f"{folder}/{extracts.name}.parquet")
        [(methods,)] = connection.execute("SELECT names_compared FROM checks.build").fetchall()
    return dict(methods)


def likely(observer: Observer, folder: str, name: str) -> int:
    """Make the preview of `<name>.duckdb`, write what it tells to `<name>_likely.parquet`.

    Return how many names were left out.
    """
    from importlib import import_module

    import duckdb
    import pyarrow as pa
    import pyarrow.parquet as pq
    from rapidfuzz.distance import OSA  # noqa: F401

    from benchmarks.near_company import near_tenant
    from presync.rules.findings_writer import COLUMNS

    preview = import_module("presync.preview.write")
    observer.watch(preview, "find_counterparts", "likely counterparts")
    observer.ready()
    database, target = Path(folder) / f"{name}.duckdb", f"{folder}/{name}_likely.parquet"
    none = Path(folder) / "no_findings.parquet"
    pq.write_table(pa.Table.from_pylist([], pa.schema([(column, pa.string()) for column in COLUMNS])), none)

    def write(connection: duckdb.DuckDBPyConnection) -> None:
        connection.sql((_SQL / "near_likely.sql").read_text(encoding="utf-8")).write_parquet(target)

    with duckdb.connect(str(database), read_only=True) as connection:
        [(build_id,)] = connection.execute("SELECT build_id FROM checks.build").fetchall()
    with observer.part("preview"):
        told = preview.write_preview(
            near_tenant(), database, build_id, [none], Path(folder) / "preview.csv", then=write
        )
    return sum(counted.left_out for counted in told.likely)


def _load_keys(connection: duckdb.DuckDBPyConnection, folder: str) -> None:
    connection.execute("CREATE SCHEMA checks")
    connection.execute(
        "CREATE TABLE checks.base AS SELECT 'customers' AS suite, system, key AS name_key, number, "
        "folded_first(key) AS folded_first, folded_second(key) AS folded_second, "
        "true AS active, false AS excluded FROM ("
        f"SELECT 'visma_business' AS system, * FROM '{folder}/business.parquet' "
        f"UNION ALL SELECT 'severa', * FROM '{folder}/severa.parquet')"
    )


def _write_named_pairs(connection: duckdb.DuckDBPyConnection, folder: str, name: str) -> int:
    """Write similar and equal names as pairs of numbers."""
    connection.execute(
        f"COPY (SELECT b.number AS business, s.number AS severa, "
        "CASE WHEN list_has_any([b.folded_first, b.folded_second], [s.folded_first, s.folded_second]) "
        "THEN 100.0 ELSE token_sort_ratio(business_name_key, severa_name_key) END AS score "
        "FROM (FROM checks.near UNION ALL SELECT DISTINCT 'customers', name_key, name_key FROM checks.base) "
        "JOIN checks.base AS b ON b.system = 'visma_business' AND b.name_key = business_name_key "
        "JOIN checks.base AS s ON s.system = 'severa' AND s.name_key = severa_name_key "
        f"WHERE b.number <> s.number) TO '{folder}/{name}.parquet' (FORMAT parquet)"
    )
    [(count,)] = connection.execute(f"SELECT count(*) FROM '{folder}/{name}.parquet'").fetchall()
    return int(count)
