"""`docs/staging.md` describes the staging database table by table, column by column."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from presync import reconcile, settings
from tests.oracle.extracts import write_extracts
from tests.support.rules_samples import mismatched_customers


def documented() -> dict[str, list[str]]:
    text = (settings.HOME / "docs" / "staging.md").read_text(encoding="utf-8")
    sections = re.split(r"^### ", text, flags=re.MULTILINE)[1:]
    return {s.split("\n", 1)[0].strip(): re.findall(r"^\| `(\w+)` \|", s, re.MULTILINE) for s in sections}


def actual(folder: Path) -> dict[str, list[str]]:
    data = mismatched_customers()
    reconcile.build(folder / "staging.duckdb", data.tenant, write_extracts(data, folder))
    with duckdb.connect(str(folder / "staging.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "SELECT schema_name || '.' || table_name, list(column_name ORDER BY column_index) "
            "FROM duckdb_columns() WHERE schema_name IN ('visma_business', 'severa', 'checks') GROUP BY 1"
        ).fetchall()
    return dict(rows)


def test_every_table_and_column_is_described(tmp_path: Path) -> None:
    assert documented() == actual(tmp_path)


def test_every_check_table_names_the_file_that_fills_it() -> None:
    text = (settings.HOME / "docs" / "staging.md").read_text(encoding="utf-8")
    filled = dict(
        re.findall(r"^### (checks\.\w+)\n\*Filled by \[[^\]]*\]\(\.\./([^)]+)\)", text, re.MULTILINE)
    )
    assert set(filled) == {table for table in documented() if table.startswith("checks.")}
    for table, file in filled.items():
        assert re.search(rf"{table}\b", (settings.HOME / file).read_text(encoding="utf-8")), (table, file)
