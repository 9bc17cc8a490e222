"""The file of a run's database: packed for a small company, not for a large one."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from presync.staging.database import is_small, opened
from presync.staging.tables import SYSTEMS, System


@pytest.mark.parametrize(("bytes_staged", "block"), [(200_000, 16_384), (300_000, 262_144)])
def test_the_file_of_a_small_company_has_small_blocks(tmp_path: Path, bytes_staged: int, block: int) -> None:
    folders: dict[System, Path] = {system: tmp_path / system for system in SYSTEMS}
    for folder in folders.values():
        folder.mkdir()
        (folder / "customers.parquet").write_bytes(b"\0" * (bytes_staged // 2))
    file = tmp_path / "staging.duckdb"

    with opened(file, tmp_path, small=is_small(folders)) as connection:
        connection.execute("CREATE TABLE names AS SELECT 'Fjellheim Bakeri AS' AS name FROM range(1000)")

    with closing(duckdb.connect(str(file), read_only=True)) as reader:
        assert reader.sql("SELECT block_size FROM pragma_database_size()").fetchall() == [(block,)]
        assert reader.sql("SELECT count(*) FROM names").fetchall() == [(1000,)]
