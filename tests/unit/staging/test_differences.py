"""What moved between two extracts is told by codes and numbers, never by names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from presync.staging.differences import SHOWN, row_differences
from presync.staging.tables import checked_tables


def write(folder: Path, rows: list[dict[str, Any]]) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir()
    columns = checked_tables("severa")["customers"]
    texts = {"guid", "name", "vat_number"}
    arrays = {
        name: pa.array(
            [row.get(name) for row in rows],
            pa.string() if name in texts else pa.bool_() if name.startswith("is_") else pa.int64(),
        )
        for name in columns
    }
    pq.write_table(pa.table(arrays), folder / "customers.parquet")
    return folder


def told(tmp_path: Path, old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[str]:
    before, after = write(tmp_path / "old", old), write(tmp_path / "new", new)
    return list(row_differences(before, after, "severa", "customers"))


LUND = {"guid": "a", "name": "Lund", "number": 7, "is_active": True}


def test_nothing_moved(tmp_path: Path) -> None:
    assert told(tmp_path, [LUND, {**LUND, "guid": "b"}], [{**LUND, "guid": "b"}, LUND]) == []


def test_each_kind_of_change(tmp_path: Path) -> None:
    old = [LUND, {**LUND, "guid": "b", "number": 8}]
    new = [{**LUND, "number": 9, "name": "Lund AS"}, {**LUND, "guid": "c", "number": 10}]
    said = told(tmp_path, old, new)
    assert said == [
        "number 7 guid a: its name is another, number 7 is now 9",
        "number 8 guid b is gone",
        "number 10 guid c is new",
    ]
    assert "Lund" not in " ".join(said)


def test_a_row_that_is_there_twice_is_new_once(tmp_path: Path) -> None:
    assert told(tmp_path, [LUND], [LUND, LUND]) == ["number 7 guid a is new"]


def test_many_are_counted(tmp_path: Path) -> None:
    many = [{**LUND, "guid": f"g{n}", "number": n + 1} for n in range(SHOWN + 4)]
    said = told(tmp_path, many, [])
    assert len(said) == SHOWN + 1
    assert said[-1] == "… and 4 more"
