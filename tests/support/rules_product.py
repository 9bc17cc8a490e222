"""The product's answer for staged data: reconcile and suites as a run would do them."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pyarrow.parquet as pq

from presync import reconcile
from presync.rules.catalogue import SUITES
from presync.rules.result import SuiteResult
from presync.rules.run_suite import run_suite
from tests.oracle import StagedData
from tests.oracle.confirmations import as_given
from tests.oracle.extracts import write_extracts

FindingKey = tuple[str, ...]


def check(
    data: StagedData, suites: Iterable[str] = SUITES, expectations: Path | None = None
) -> tuple[dict[str, SuiteResult], list[dict[str, str]]]:
    """Return each suite's result and all findings as rows of `findings.csv`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = folder / "staging.duckdb"
        reconcile.build(database, data.tenant, write_extracts(data, folder / "extracts"), as_given(data))
        results, rows = {}, []
        for suite in suites:
            out = folder / suite
            out.mkdir()
            results[suite] = run_suite(suite, database, out, expectations)
            rows += pq.read_table(out / "findings.parquet").to_pylist()
    return results, rows


def keys(rows: list[dict[str, str]]) -> Counter[FindingKey]:
    """Return the findings as the oracle names them: without id, wording and fix."""
    columns = (
        "suite",
        "rule",
        "severity",
        "business_code",
        "business_name",
        "severa_guid",
        "severa_register",
        "severa_code",
        "severa_name",
        "first",
        "last",
    )
    return Counter(tuple(row[column] for column in columns) for row in rows)
