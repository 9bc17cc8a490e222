"""Results of suites as the suite tasks publish them, and verdicts over them: what a report is made of."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from presync.control.findings import Changes, SeenFinding, Standing
from presync.report.wording import SUITES
from presync.rules.findings_writer import COLUMNS
from presync.rules.result import VALIDATION
from presync.staging.database import DATABASE_FILE
from presync.staging.store import RunStore
from presync.tenants.model import Tenant
from presync.verdict.history import Memory
from tests.support.staged_tables import as_tables

RUN = "manual__2026-11-23T04:15:59.120000+00:00"
OPEN = {
    "state": "open",
    "until": "2999-12-31T00:00:00+00:00",
    "decided_at": "2026-11-23T04:18:00+00:00",
}
"""What the gate says where it has opened."""
HOSTILE = "<script>document.title='owned'</script> & Søn's \"Å\""


@dataclass
class SampleVerdict:
    """A verdict with the values of `verdict.json`."""

    values: dict[str, Any] = field(default_factory=dict)
    build_id: str = "b1"

    def as_dict(self) -> Mapping[str, Any]:
        return self.values


def tenant(name: str = "nordlys", title: str = "Nordlys Rådgivning AS") -> Tenant:
    return Tenant.model_validate({"tenant": name, "title": title, "country": "NO"})


def check(rule: str, **values: Any) -> dict[str, Any]:
    """Return an expectation's entry of `result.json`."""
    entry = {
        "rule": rule,
        "type": f"expect_{rule}_never",
        "severity": "critical",
        "table": "pairs",
        "title": f"No {rule.replace('_', ' ')}",
        "description": "A customer that is the same in both systems must have the same number in both.",
        "why": "The integration recognises customers by number: under two numbers it creates a double.",
        "fix": "Give the Severa customer the number of the Visma Business customer.",
        "condition": "business customer not excluded, Severa customer active, neither correctly linked",
        "expects": "equal code keys",
        "examined": 1200,
        "violating": 0,
        "error": None,
    }
    return {**entry, **values}


def finding(number: int, suite: str, rule: str, **values: str) -> dict[str, str]:
    """Return a row of `findings.parquet`."""
    row = dict.fromkeys(COLUMNS, "")
    row |= {
        "finding_id": f"{suite}-{rule}-{number:06d}",
        "suite": suite,
        "rule": rule,
        "severity": "critical",
        "business_code": str(10000 + number),
        "business_name": f"Fjellheim Elektro {number} AS",
        "severa_guid": f"00000000-0000-0000-0000-{number:012d}",
        "severa_register": "customers",
        "severa_code": str(20000 + number),
        "severa_name": f"Fjellheim Elektro {number}",
        "fix_in": "severa",
        "message": f"Customer 'Fjellheim Elektro {number}' is {10000 + number} in Visma Business and "
        f"{20000 + number} in Severa.",
        "fix": f"Change the customer's number in Severa to {10000 + number}.",
    }
    return {**row, **values}


@cache
def _database() -> bytes:
    """Return a run's database without records, as reconcile makes it."""
    from presync import reconcile
    from tests.oracle import StagedData
    from tests.oracle.extracts import write_extracts

    settings = {"next_customer_number": 9000, "next_invoice_number": 1, "next_project_number": 1}
    data = StagedData(
        Tenant.model_validate(
            {"tenant": "empty", "title": "Empty", "visma_business": {"invoice_series": [1]}}
        ),
        {
            ("severa", "organizationsettings"): [settings],
            ("visma_business", "customer_series"): [{"account_class": 1, "first": 1, "last": 9999}],
            ("visma_business", "voucher_series"): [{"key": "1", "first": 5000, "next": 1, "last": 9999}],
        },
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / DATABASE_FILE
        reconcile.build(file, data.tenant, write_extracts(data, Path(folder) / "extracts"))
        return file.read_bytes()


def publish_database(store: RunStore, customers: int = 45) -> None:
    """Publish a database that holds the records of so many findings, and those of the hostile one."""
    import duckdb

    with store.publishing("database") as folder:
        (folder / DATABASE_FILE).write_bytes(_database())
        with duckdb.connect(str(folder / DATABASE_FILE)) as connection:
            as_tables(connection)
            connection.execute("UPDATE checks.build SET build_id = 'b1'")
            connection.execute(
                "CREATE TEMP TABLE asked AS SELECT ? AS hostile, ? AS customers", [HOSTILE, customers]
            )
            connection.execute((Path(__file__).parent / "report_samples.sql").read_text())


def publish_suite(
    store: RunStore,
    suite: str,
    *,
    checks: Sequence[Mapping[str, Any]] = (),
    findings: Sequence[Mapping[str, str]] = (),
    status: str | None = None,
    errors: Sequence[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """Publish `results/<suite>`; return its entry of `verdict.json`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    counts = {s: sum(f["severity"] == s for f in findings) for s in ("critical", "warning")}
    status = status or ("failed" if counts["critical"] else "passed")
    result = {
        "suite": suite,
        "status": status,
        "build_id": "b1",
        "rules_version": "1",
        "started_at": "2026-11-23T04:16:30+00:00",
        "finished_at": "2026-11-23T04:16:31+00:00",
        **counts,
        "expectations": list(checks or [check("code_mismatch")]),
        "errors": list(errors),
    }
    columns = {name: pa.array([f[name] or None for f in findings], pa.string()) for name in COLUMNS}
    with store.publishing(f"results/{suite}") as folder:
        (folder / "result.json").write_text(json.dumps(result))
        validation = json.dumps({"success": status == "passed"}).encode()
        (folder / VALIDATION).write_bytes(gzip.compress(validation))
        pq.write_table(pa.table(columns), folder / "findings.parquet")
    return {"suite": suite, "status": status, **counts}


def verdict(
    suites: Sequence[Mapping[str, Any]],
    *,
    status: str,
    run_id: str = RUN,
    errors: Sequence[Mapping[str, str]] = (),
    started_at: str = "2026-11-23T04:16:00+00:00",
    name: str = "nordlys",
) -> SampleVerdict:
    counts = {
        entity: {"business": 1200, "severa": 1180, "excluded": 12, "pairs": 1100}
        for entity in ("departments", "products", "employees", "customers", "projects")
    }
    return SampleVerdict(
        {
            "tenant": name,
            "run_id": run_id,
            "status": status,
            "started_at": started_at,
            "finished_at": "2026-11-23T04:17:03+00:00",
            "rules_version": "1",
            "suites": list(suites),
            "counts": counts,
            "errors": list(errors),
        }
    )


def ready_run(
    root: Path | str, run_id: str = RUN, name: str = "nordlys", **values: Any
) -> tuple[RunStore, SampleVerdict]:
    """Publish seven suites without a finding."""
    store = RunStore(name, run_id, root=str(root))
    publish_database(store)
    entries = [publish_suite(store, suite) for suite in SUITES]
    return store, verdict(entries, status="ready", run_id=run_id, name=name, **values)


def blocked_run(root: Path | str, run_id: str = RUN, **values: Any) -> tuple[RunStore, SampleVerdict]:
    """Publish seven suites, with findings of many kinds in two of them and a hostile name."""
    store = RunStore("nordlys", run_id, root=str(root))
    publish_database(store)
    entries = []
    for suite in SUITES:
        if suite == "customers":
            entries.append(
                publish_suite(store, suite, checks=_customer_checks(), findings=_customer_findings())
            )
        elif suite == "customer_numbering":
            entries.append(publish_suite(store, suite, checks=_series_checks(), findings=_series_findings()))
        else:
            entries.append(publish_suite(store, suite))
    return store, verdict(entries, status="blocked", run_id=run_id, **values)


def error_run(root: Path | str, run_id: str = RUN, **values: Any) -> tuple[RunStore, SampleVerdict]:
    """Publish five suites; one raised, one has no result at all."""
    store = RunStore("nordlys", run_id, root=str(root))
    broken = check("code_conflict", error="KeyError: 'severa_code'", examined=None, violating=None)
    entries = []
    for suite in SUITES:
        if suite == "projects":
            entries.append({"suite": suite, "status": "error", "critical": 0, "warning": 0})
        elif suite == "products":
            messages = [{"source": suite, "message": "The expectation expect_code_conflict_never raised."}]
            entries.append(
                publish_suite(
                    store, suite, checks=[broken, check("code_mismatch")], status="error", errors=messages
                )
            )
        else:
            entries.append(publish_suite(store, suite))
    errors = [
        {
            "source": "severa",
            "message": "Severa refused the client id and secret of connection severa__nordlys (401). Nothing "
            "of Severa was read. Ask the tenant's administrator for new credentials and put them into the "
            "connection.",
        },
        {"source": "products", "message": "The expectation expect_code_conflict_never raised."},
    ]
    return store, verdict(entries, status="error", run_id=run_id, errors=errors, **values)


def memory() -> Memory:
    """Return a memory of one old finding, with something of every kind on record."""
    began = datetime(2026, 11, 23, 4, 16, tzinfo=UTC)
    old = finding(0, "customers", "code_mismatch")["finding_id"]
    standing = {old: Standing("open", began - timedelta(days=30), began - timedelta(days=10))}
    waiver = {"rule": "code_conflict", "finding_id": "0" * 16, "state": "in force", "by": "Kari"}
    pair = {
        "entity": "customers",
        "business_code": "10001",
        "severa_guid": "g",
        "state": "in force",
        "by": "Ola",
    }
    answer = {"entity": "projects", "answer": "none", "by": "Ola", "on": "2026-11-20", "source": "command"}
    on_record = {
        "waivers": [waiver | {"until": "2026-12-31", "reason": "agreed with accounting"}],
        "confirmed_pairs": [pair | {"same": True, "reason": "the same company under its new name"}],
        "decided": {"projects": "none"},
        "answers": [answer],
        "systems": [{"by": "Kari", "on": "2026-11-20", "reason": "both moved"}],
    }
    found = SeenFinding(old, "customers", "code_mismatch", "critical")
    return Memory((found,), Changes(standing), began, "", frozenset(), on_record)


def _customer_checks() -> list[dict[str, Any]]:
    return [
        check("code_mismatch", violating=45),
        check("code_conflict", violating=1, fix="Ask accounting whose number it is.", examined=64210),
        check("code_duplicate"),
        check("name_differs", severity="warning", violating=3, title="Partners have the same name"),
    ]


def _customer_findings() -> list[dict[str, str]]:
    rows = [finding(n, "customers", "code_mismatch") for n in range(45)]
    rows.append(
        finding(
            900,
            "customers",
            "code_conflict",
            business_name=HOSTILE,
            severa_name='=HYPERLINK("http://evil.example/")',
            severa_code="007",
            fix_in="either",
            message=f"Number 10900 is '{HOSTILE}' in Visma Business and somebody else in Severa.",
        )
    )
    rows += [
        finding(n, "customers", "name_differs", severity="warning", fix_in="either", fix="") for n in range(3)
    ]
    return rows


def _series_checks() -> list[dict[str, Any]]:
    return [
        check(
            "series_overlap",
            title="No number is in a series of both systems",
            table="series_pairs",
            description="A customer series of Visma Business and Severa's counter must not share numbers.",
            why="Both systems would hand out the same number; one customer then overwrites the other.",
            fix="Set Severa's next customer number to the proposal.",
            condition="every pair of a business and a Severa series",
            expects="no shared number",
            examined=2,
            violating=1,
        ),
        check("series_unknown", examined=2),
    ]


def _series_findings() -> list[dict[str, str]]:
    blank = dict.fromkeys(COLUMNS[4:10], "")
    return [
        finding(
            1,
            "customer_numbering",
            "series_overlap",
            **blank,
            first="10000",
            last="2147483647",
            message="Visma Business hands out 10000 – 2147483647, Severa 10000 and up: they share numbers.",
            fix="Set Severa's next customer number to 500000 and end the Visma Business series at 499999.",
        )
    ]
