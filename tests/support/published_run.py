"""A run as its tasks publish it, small and sound, so that a test can spoil exactly one thing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from presync.decisions.model import Exceptions
from presync.rules.catalogue import SUITES
from presync.staging.database import DATABASE_FILE, load_extracts
from presync.staging.extract import ExtractWriter
from presync.staging.fingerprints import store_fingerprints
from presync.staging.made_by import this_version
from presync.staging.store import RunStore
from presync.staging.tables import SYSTEMS, TABLES, System
from presync.tenants.answers import with_answers
from presync.tenants.entities import ENTITIES
from presync.tenants.model import Tenant

RUN_ID = "manual__2026-11-23T04:15:00+00:00"
BUILD_ID = "b1"
RULES_VERSION = "1-abc"
IDENTITY: Mapping[str, Mapping[str, str]] = {
    "severa": {"organisation": "6F1C0000-0000-4000-8000-00000000000A"},
    "visma_business": {"server": "SQL01", "database": "F0001"},
}
TENANT = Tenant(tenant="nordlys", title="Nordlys Rådgivning AS")


@dataclass
class PublishedRun:
    """Publishes the products of a run one by one; each can be published again, differently."""

    store: RunStore
    tenant: Tenant = TENANT
    exceptions: Exceptions | None = None

    @classmethod
    def sound(cls, root: Path, run_id: str = RUN_ID, tenant: Tenant = TENANT) -> PublishedRun:
        """Publish everything of a run that found nothing wrong."""
        run = cls(RunStore(tenant.tenant, run_id, root=str(root)), tenant)
        for system in SYSTEMS:
            run.extract(system)
        run.database()
        for suite in SUITES:
            run.suite(suite)
        return run

    def extract(
        self, system: System, *, fingerprint: str | None = None, tenant: str = "", run_id: str = ""
    ) -> None:
        """Publish an extract whose tables are empty."""
        with self.store.publishing(system) as folder:
            writer = ExtractWriter(
                folder, system, tenant=tenant or self.store.tenant, run_id=run_id or self.store.run_id
            )
            for table in TABLES[system]:
                with writer.table(table):
                    pass
            found = {"tenant_fingerprint": fingerprint or self.tenant.fingerprint}
            writer.finish(found | {"identity": {system: IDENTITY[system]}})

    def database(self, *statements: str) -> None:
        """Publish the database of the extracts that are there; `statements` spoil it."""
        import duckdb

        with (
            self.store.publishing("database") as folder,
            duckdb.connect(str(folder / DATABASE_FILE)) as connection,
        ):
            load_extracts(connection, {system: self.store.fetch(system) for system in SYSTEMS})
            on_record = self.exceptions or Exceptions(datetime.now(UTC), {})
            made_by, answered = this_version(), with_answers(self.tenant, on_record.decided)
            connection.execute(
                "CREATE TABLE checks.build AS "
                "SELECT ? AS build_id, ? AS code, ? AS settings, ? AS tenant_file",
                [BUILD_ID, made_by.code, made_by.settings, answered.fingerprint],
            )
            connection.execute(
                "CREATE TABLE checks.counts (entity VARCHAR, business BIGINT, severa BIGINT, "
                "excluded BIGINT, pairs BIGINT)"
            )
            store_fingerprints(connection)
            for entity in ENTITIES:
                connection.execute("INSERT INTO checks.counts VALUES (?, 5, 4, 1, 3)", [entity])
            for statement in statements:
                connection.execute(statement)
            (folder / "exceptions.json").write_text(json.dumps(on_record.as_dict()))

    def suite(
        self,
        name: str,
        *,
        findings: Sequence[tuple[str, str]] = (),
        **changes: Any,
    ) -> None:
        """Publish a suite's result; `findings` are (rule, severity), `changes` replace its fields.

        None as a change leaves the field out.
        """
        result = _result(name, findings) | changes
        with self.store.publishing(f"results/{name}") as folder:
            (folder / "result.json").write_text(
                json.dumps({key: value for key, value in result.items() if value is not None})
            )
            _write_findings(folder / "findings.parquet", name, findings)

    def error(self, task: str, message: str = "it broke") -> None:
        """Publish a task's error."""
        with self.store.publishing(f"errors/{task}") as folder:
            record = {"source": task.removeprefix("extract_"), "message": message, "retryable": False}
            (folder / "error.json").write_text(json.dumps(record))

    def rewrite(self, name: str, file: str, content: str) -> None:
        """Replace a file of a published folder."""
        (self.store.fetch(name) / file).write_text(content)

    def remove(self, name: str, file: str) -> None:
        """Remove a file of a published folder."""
        (self.store.fetch(name) / file).unlink()


def _result(suite: str, findings: Sequence[tuple[str, str]]) -> dict[str, Any]:
    critical = sum(severity == "critical" for _, severity in findings)
    stated = dict(findings) or {"code_mismatch": "critical"}
    return {
        "suite": suite,
        "status": "failed" if critical else "passed",
        "build_id": BUILD_ID,
        "rules_version": RULES_VERSION,
        "made_by": this_version().as_dict(),
        "started_at": "2026-11-23T04:15:01+00:00",
        "finished_at": "2026-11-23T04:15:02+00:00",
        "critical": critical,
        "warning": len(findings) - critical,
        "expectations": [expectation(rule, severity) for rule, severity in stated.items()],
        "errors": [],
    }


def expectation(rule: str = "code_mismatch", severity: str = "critical", **changes: Any) -> dict[str, Any]:
    """Return what `result.json` says of one expectation."""
    return {
        "rule": rule,
        "type": "expect_column_values_to_be_null",
        "severity": severity,
        "table": "pairs",
        "title": f"Title of {rule}",
        "description": "…",
        "why": "…",
        "fix": "…",
        "condition": None,
        "expects": {},
        "waivable": rule not in {"decision_missing", "series_unknown"},
        "examined": 10,
        "violating": 0,
        "error": None,
    } | changes


def _write_findings(path: Path, suite: str, findings: Sequence[tuple[str, str]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [
        {
            "finding_id": f"{suite}-{number}",
            "values_digest": f"values of {suite}-{number}",
            "suite": suite,
            "rule": rule,
            "severity": severity,
            "fix_in": "either",
            "message": f"{rule} number {number}.",
            "fix": f"Mend {number}.",
        }
        for number, (rule, severity) in enumerate(findings, start=1)
    ]
    names = ("finding_id", "suite", "rule", "severity", "fix_in", "message", "fix", "values_digest")
    pq.write_table(
        pa.Table.from_pylist(rows, schema=pa.schema([(name, pa.string()) for name in names])), path
    )
