"""Proposals for staged data, and the data with all of them done."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow.parquet as pq

from presync import reconcile
from presync.fixes.apply import apply_to_extracts, apply_to_tenant
from presync.fixes.model import FixPlan
from presync.fixes.plan_run import plan_fixes
from presync.rules.catalogue import SUITES
from presync.rules.run_suite import run_suite
from presync.staging.tables import SYSTEMS, TABLES, System
from tests import oracle
from tests.oracle import Finding, StagedData
from tests.oracle.extracts import write_extracts
from tests.oracle.model import Row

Key = tuple[str, ...]


@dataclass
class Rehearsal:
    """A tenant's findings, what is proposed, and the data as they would be."""

    findings: list[dict[str, str]]
    plan: FixPlan
    after: StagedData

    def resolved(self) -> Counter[Key]:
        """The findings that had a proposal, as `key` names them."""
        return Counter(key(row) for row in self.findings if row["finding_id"] in self.plan.resolved)

    def by_hand(self) -> set[Key]:
        """The findings that are left to people."""
        return {key(asdict(by_hand.finding)) for by_hand in self.plan.by_hand}

    def found(self) -> Counter[Key]:
        """All critical findings before."""
        return Counter(key(row) for row in self.findings if row["severity"] == "critical")


def key(row: Mapping[str, str]) -> Key:
    """Name a finding by rule and records; a code that changes is no part of that."""
    names = (
        "suite",
        "rule",
        "business_code",
        "business_name",
        "severa_guid",
        "severa_register",
        "first",
        "last",
    )
    return tuple(row[name] for name in names)


def critical(data: StagedData, suites: Iterable[str] = SUITES) -> Counter[Key]:
    """Return what the definition finds."""
    found: list[Finding] = [f for f in oracle.findings(data) if f.severity == "critical"]
    return Counter(key(f._asdict()) for f in found if f.suite in suites)


def rehearse(
    data: StagedData,
    suites: Sequence[str] = SUITES,
    waive: Callable[[dict[str, str]], bool] = lambda finding: False,
) -> Rehearsal:
    """Check the data, propose for what nobody has waived, and do everything that is proposed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        extracts = write_extracts(data, folder / "extracts")
        database = folder / "staging.duckdb"
        reconcile.build(database, data.tenant, extracts)
        results, rows = {}, []
        for suite in suites:
            results[suite] = folder / suite
            results[suite].mkdir()
            run_suite(suite, database, results[suite])
            rows += pq.read_table(results[suite] / "findings.parquet").to_pylist()
        waived = {row["finding_id"] for row in rows if waive(row)}
        plan = plan_fixes(data.tenant, database, extracts, results, waived=waived)
        copies = apply_to_extracts(extracts, data.tenant, plan, folder / "after", run_id="after")
        after = StagedData(apply_to_tenant(data.tenant, plan), read_back(copies), data.not_mapped)
        return Rehearsal(rows, plan, after)


def read_back(folders: dict[System, Path]) -> dict[tuple[System, str], list[Row]]:
    """Return extracts as rows."""
    return {
        (system, table): pq.read_table(folders[system] / f"{table}.parquet").to_pylist()
        for system in SYSTEMS
        for table in TABLES[system]
    }
