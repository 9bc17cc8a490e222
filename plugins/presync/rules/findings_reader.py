"""Reads the findings that a suite published, without the names in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from presync.control.findings import SeenFinding
from presync.rules.findings_writer import VALUES_DIGEST

SUBJECT: Final = (
    "finding_id",
    "suite",
    "rule",
    "severity",
    "business_code",
    "severa_guid",
    "severa_code",
    "first",
    "last",
    VALUES_DIGEST,
)


def read_findings(folder: Path) -> Iterator[SeenFinding]:
    """Yield the findings that a suite published; a column that is not there is blank."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(folder / "findings.parquet") as file:
        names = [name for name in (*SUBJECT, "fix_in") if name in file.schema_arrow.names]
        for batch in file.iter_batches(batch_size=8192, columns=names):
            for row in batch.to_pylist():
                texts: dict[str, Any] = {name: value or "" for name, value in row.items()}
                yield SeenFinding(**texts)
