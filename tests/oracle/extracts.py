"""Staged data as the extracts that the product reads."""

from __future__ import annotations

from pathlib import Path

from presync.staging.extract import ExtractWriter
from presync.staging.tables import SYSTEMS, TABLES, System
from tests.oracle.model import StagedData


def write_extracts(data: StagedData, folder: Path, run_id: str = "oracle") -> dict[System, Path]:
    """Write both extracts below `folder` and return the folder of each system."""
    return {system: _write(data, system, folder / system, run_id) for system in SYSTEMS}


def _write(data: StagedData, system: System, folder: Path, run_id: str) -> Path:
    import pyarrow as pa

    folder.mkdir(parents=True)
    writer = ExtractWriter(folder, system, tenant=data.tenant.tenant, run_id=run_id)
    for table in TABLES[system]:
        rows = data.rows(system, table)
        if system == "visma_business" and table in data.not_mapped:
            if rows:
                raise ValueError(f"{table} is not mapped and cannot have rows")
            writer.not_mapped(table)
            continue
        with writer.table(table) as sink:
            sink.write(pa.RecordBatch.from_pylist(rows, schema=sink.schema))
    writer.finish()
    return folder
