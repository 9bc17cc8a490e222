"""The run's DuckDB database: schemas `visma_business`, `severa` (as staged) and `checks` (by reconcile)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from presync.staging.extract import Manifest, read_manifest
from presync.staging.tables import SYSTEMS, TABLES, System

if TYPE_CHECKING:
    import duckdb

DATABASE_FILE: Final = "staging.duckdb"
# What DuckDB may keep in memory: small workers are enough for any company. Beyond that it uses the disk.
MEMORY_LIMIT: Final = "800MB"
# DuckDB gives each table a block at least: of its usual 256 KB, most are empty in a small company.
_SMALL_BLOCKS: Final = 16 * 1024
# Up to this size of the extracts, some 6,000 customers, packing texts costs less than 0.1 CPU seconds.
_SMALL: Final = 256 * 1024


@contextmanager
def reading(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a run's database to look something up in it."""
    import duckdb

    with duckdb.connect(str(database), read_only=True) as connection:
        yield connection


@contextmanager
def opened(
    database: Path, scratch: Path, *, read_only: bool = False, small: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a run's database; what exceeds `MEMORY_LIMIT` goes to a folder in `scratch` that vanishes.

    A new file for a `small` company (`is_small`) is packed: a tenth of the disk.
    """
    import duckdb

    config: dict[str, Any] = {"default_block_size": str(_SMALL_BLOCKS)} if small else {}
    with (
        tempfile.TemporaryDirectory(prefix=".spilled-", dir=scratch) as spilled,
        duckdb.connect(str(database), read_only=read_only, config=config) as connection,
    ):
        connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
        connection.execute("SET temp_directory = '" + spilled.replace("'", "''") + "'")
        if not small:
            # Packing texts as tightly as this takes longer than all keys.
            connection.execute("SET disabled_compression_methods = 'dict_fsst'")
        yield connection


def is_small(folders: Mapping[System, Path]) -> bool:
    """Tell whether both extracts are so small that their database is better packed."""
    files = [file for folder in folders.values() for file in folder.glob("*.parquet")]
    return sum(file.stat().st_size for file in files) <= _SMALL


def load_extracts(
    connection: duckdb.DuckDBPyConnection, folders: dict[System, Path]
) -> dict[System, Manifest]:
    """Load both extracts into the schemas named after their systems, and say in `checks.extracts` which."""
    manifests = {}
    connection.execute("CREATE SCHEMA IF NOT EXISTS checks")
    connection.execute(
        "CREATE TABLE checks.extracts "
        "(system VARCHAR, extract_id VARCHAR, run_id VARCHAR, finished_at VARCHAR)"
    )
    for system in SYSTEMS:
        manifest = read_manifest(folders[system], system)
        connection.execute(f'CREATE SCHEMA "{system}"')
        for table in TABLES[system]:
            file = str(folders[system] / f"{table}.parquet").replace("'", "''")
            connection.execute(f"CREATE TABLE {system}.{table} AS SELECT * FROM read_parquet('{file}')")
        connection.execute(
            "INSERT INTO checks.extracts VALUES (?, ?, ?, ?)",
            [system, manifest.extract_id, manifest.run_id, manifest.finished_at],
        )
        manifests[system] = manifest
    return manifests
