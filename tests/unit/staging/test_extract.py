"""An extract counts only if every table is there and holds what the manifest says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from presync.errors import IncompleteError
from presync.staging.extract import ExtractWriter, Manifest, read_manifest
from presync.staging.tables import TABLES


def write_extract(folder: Path, *, leave_out: str = "") -> Manifest:
    import pyarrow as pa

    writer = ExtractWriter(folder, "severa", tenant="nordlys", run_id="run")
    for table in TABLES["severa"]:
        if table == leave_out:
            continue
        with writer.table(table) as sink:
            if table == "invoices":
                columns = [pa.array(["g1", "g2"]), pa.array([1, None], pa.int64()), pa.array([None, "u"])]
                sink.write(pa.record_batch(columns, schema=sink.schema))
    return writer.finish({"requests": 3})


def test_a_complete_extract_reads_back(tmp_path: Path) -> None:
    written = write_extract(tmp_path)

    assert read_manifest(tmp_path, "severa") == written
    assert written.rows["invoices"] == 2
    assert written.rows["customers"] == 0


def test_a_missing_table_cannot_be_finished(tmp_path: Path) -> None:
    with pytest.raises(IncompleteError, match="customers"):
        write_extract(tmp_path, leave_out="customers")

    with pytest.raises(IncompleteError, match="no manifest"):
        read_manifest(tmp_path, "severa")


def test_a_table_whose_writing_failed_is_missing(tmp_path: Path) -> None:
    writer = ExtractWriter(tmp_path, "severa", tenant="nordlys", run_id="run")
    for table in TABLES["severa"]:
        if table != "users":
            with writer.table(table):
                pass
    with pytest.raises(ZeroDivisionError), writer.table("users"):
        raise ZeroDivisionError

    with pytest.raises(IncompleteError, match="users"):
        writer.finish()


@pytest.mark.parametrize("damage", ["removed", "replaced", "miscounted"])
def test_files_that_contradict_the_manifest_do_not_count(tmp_path: Path, damage: str) -> None:
    write_extract(tmp_path)
    file = tmp_path / "invoices.parquet"
    if damage == "removed":
        file.unlink()
    elif damage == "replaced":
        import pyarrow.parquet as pq

        pq.write_table(pq.read_table(file).slice(0, 1), file)
    else:
        manifest = json.loads((tmp_path / "manifest.json").read_text())
        manifest["rows"]["invoices"] = 3
        (tmp_path / "manifest.json").write_text(json.dumps(manifest))

    with pytest.raises(IncompleteError, match="invoices"):
        read_manifest(tmp_path, "severa")


def test_what_is_not_mapped_is_staged_empty_and_said_so(tmp_path: Path) -> None:
    writer = ExtractWriter(tmp_path, "visma_business", tenant="nordlys", run_id="run")
    for table in TABLES["visma_business"]:
        writer.not_mapped(table)

    manifest = writer.finish()

    assert set(manifest.not_mapped) == set(TABLES["visma_business"])
    assert set(manifest.rows.values()) == {0}


def test_a_manifest_counts_what_has_a_value(tmp_path: Path) -> None:
    import pyarrow as pa

    writer = ExtractWriter(tmp_path, "severa", tenant="t", run_id="r")
    for name in TABLES["severa"]:
        with writer.table(name) as table:
            if name == "customers":
                for _ in range(2):
                    rows = [
                        {"guid": "a", "name": "A", "number": 1, "is_active": False, "vat_number": " "},
                        {"guid": "b", "name": "", "number": 0, "is_active": None, "vat_number": "0"},
                        {"guid": "c", "name": None, "number": None, "is_active": True, "vat_number": "NO1"},
                    ]
                    table.write(pa.RecordBatch.from_pylist(rows, schema=table.schema))
    filled = writer.finish().filled
    assert filled["customers"] == {"guid": 6, "name": 2, "number": 2, "is_active": 4, "vat_number": 2}
    assert set(filled["users"].values()) == {0}
    assert read_manifest(tmp_path, "severa").filled == filled
