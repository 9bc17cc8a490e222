"""The run's database: the same whenever it is built, whole, and with nothing beside it.

Covers: staging/database.py, staging/tables.py, staging/sql.py.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from presync import reconcile
from presync.rules.run_suite import run_suite
from presync.staging import database, fingerprints, small_tables
from tests.oracle.extracts import write_extracts
from tests.support.rules_samples import mismatched_customers


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A built database in a folder of its own."""
    data = mismatched_customers()
    (tmp_path / "run").mkdir()
    path = tmp_path / "run" / database.DATABASE_FILE
    reconcile.build(path, data.tenant, write_extracts(data, tmp_path))
    return path


def test_nothing_is_left_beside_the_database(built: Path) -> None:
    assert [file.name for file in built.parent.iterdir()] == [database.DATABASE_FILE]


def test_a_failed_build_leaves_no_spilled_rows(tmp_path: Path) -> None:
    data = mismatched_customers()
    extracts = write_extracts(data, tmp_path)
    (extracts["severa"] / "customers.parquet").write_bytes(b"half a fi")
    (tmp_path / "run").mkdir()
    with pytest.raises(Exception, match=r"customers|magic|footer|[Pp]arquet"):
        reconcile.build(tmp_path / "run" / database.DATABASE_FILE, data.tenant, extracts)
    assert not list((tmp_path / "run").glob(".spilled-*"))


def test_records_are_numbered_without_gaps_in_the_order_they_were_read(built: Path) -> None:
    with duckdb.connect(str(built), read_only=True) as connection:
        rows = connection.execute("SELECT record_id FROM checks.records ORDER BY rowid").fetchall()
    numbers = [number for (number,) in rows]
    assert numbers == list(range(1, len(numbers) + 1))
    assert numbers


def test_no_intermediate_table_reaches_the_file(built: Path) -> None:
    with duckdb.connect(str(built), read_only=True) as connection:
        rows = connection.execute(
            "SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE NOT internal"
            " UNION SELECT table_name FROM duckdb_tables()"
            " WHERE table_name IN ('base', 'near', 'used', 'related')"
        ).fetchall()
    assert {name for (name,) in rows} <= {".".join(table) for table in small_tables.NAMES}


def test_memory_is_bounded(built: Path, tmp_path: Path) -> None:
    with database.opened(built, tmp_path, read_only=True) as connection:
        settings = dict(
            connection.execute(
                "SELECT name, value FROM duckdb_settings() WHERE name IN ('memory_limit', 'temp_directory')"
            ).fetchall()
        )
        assert settings["memory_limit"] == "762.9 MiB"  # 800 MB
        assert Path(settings["temp_directory"]).parent == tmp_path


def test_fingerprints_of_another_version_say_so() -> None:
    now = {"severa.customers": {"rows": 2, "digest": "2.0.0:17"}}
    assert not list(fingerprints.moved(now, now))
    ((_, other),) = fingerprints.moved({"severa.customers": {"rows": 2, "digest": "1.9.9:17"}}, now)
    assert "another version of DuckDB" in other
    ((_, changed),) = fingerprints.moved({"severa.customers": {"rows": 2, "digest": "2.0.0:18"}}, now)
    assert "at least one has other values" in changed
    ((_, grown),) = fingerprints.moved({"severa.customers": {"rows": 3, "digest": "1.9.9:18"}}, now)
    assert "3 rows are now 2" in grown


def test_a_suite_refuses_a_database_that_looked_for_no_similar_names_of_its_records(tmp_path: Path) -> None:
    data, path = mismatched_customers(), tmp_path / database.DATABASE_FILE
    reconcile.build(path, data.tenant, write_extracts(data, tmp_path), similar=("projects",))
    for suite, refused in {"projects": False, "customers": True}.items():
        (tmp_path / suite).mkdir()
        errors = [error.message for error in run_suite(suite, path, tmp_path / suite).errors]
        assert any("how similar names of customers were looked for" in error for error in errors) == refused
