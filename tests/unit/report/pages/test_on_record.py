"""What a report shows of memory and exceptions: new and open findings, waived ones, and who waived them."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from presync.control.findings import Changes, SeenFinding, Standing
from presync.decisions.model import Waiver
from presync.report.build import build_report
from presync.report.wording import SUITES
from presync.staging.store import RunStore
from presync.verdict.history import Memory
from presync.verdict.waivers import IN_FORCE, WaiverState
from tests.support.report_samples import (
    RUN,
    SampleVerdict,
    check,
    finding,
    publish_database,
    publish_suite,
    tenant,
    verdict,
)

NOW = datetime(2026, 11, 23, 4, 15, tzinfo=UTC)
FINDINGS = [finding(n, "customers", "code_conflict") for n in range(2)]
WAIVED, OTHER = (each["finding_id"] for each in FINDINGS)
WAIVER = Waiver(WAIVED, "code_conflict", "v", "<agreed>", "Kari", date(2026, 12, 31))


def memory(*waived: str) -> Memory:
    """Return a memory in which one finding is ten days old and the other new."""
    standing = {
        WAIVED: Standing("open", NOW - timedelta(days=30), NOW - timedelta(days=10)),
        OTHER: Standing("new", NOW, NOW),
    }
    found = tuple(
        SeenFinding(each, "customers", "code_conflict", "critical", waived=each in waived)
        for each in standing
    )
    on_record = {
        "waivers": [WaiverState(WAIVER, IN_FORCE).as_dict()],
        "confirmed_pairs": [],
        "decided": {"projects": "none"},
        "answers": [
            {"entity": "projects", "answer": "none", "by": "Ola", "on": "2026-11-20", "source": "command"}
        ],
    }
    return Memory(found, Changes(standing), NOW, "", frozenset(waived), on_record)


def published(root: Path, *waived: str) -> tuple[RunStore, SampleVerdict]:
    store = RunStore("nordlys", RUN, root=str(root))
    publish_database(store, customers=2)
    entries = []
    for suite in SUITES:
        if suite != "customers":
            entries.append(publish_suite(store, suite))
            continue
        entry = publish_suite(store, suite, checks=[check("code_conflict", violating=2)], findings=FINDINGS)
        entry |= {"critical": 2 - len(waived), "waived": len(waived)}
        entries.append(entry | {"status": "failed" if entry["critical"] else "passed"})
    status = "ready" if len(waived) == 2 else "blocked"
    return store, verdict(entries, status=status)


def report(root: Path, *waived: str) -> Path:
    store, concluded = published(root, *waived)
    return Path(build_report(tenant(), store, concluded, memory(*waived)))


def test_a_finding_shows_since_when_it_stands(tmp_path: Path) -> None:
    folder = report(tmp_path)
    page = (folder / "suites" / "customers.html").read_text()
    assert "since 2026-11-13 (10 days)" in page
    assert re.search(r'data-of="Stands" class="">new</td>', page)
    with (folder / "changes.csv").open(newline="") as lines:
        rows = {row["finding_id"]: row for row in csv.DictReader(lines)}
    assert (rows[WAIVED]["state"], rows[WAIVED]["age_days"], rows[OTHER]["state"]) == ("open", "10", "new")


def test_waived_findings_are_counted_apart_and_explained(tmp_path: Path) -> None:
    folder = report(tmp_path, WAIVED)
    index = (folder / "index.html").read_text()
    page = (folder / "suites" / "customers.html").read_text()
    assert json.loads((folder / "verdict.json").read_text())["findings"] == {
        "new": 1,
        "open": 0,
        "fixed": 0,
        "waived": 1,
    }
    assert "&lt;agreed&gt;" in index
    assert "Kari" in index
    assert "1 finding is waived by a person" in page
    assert FINDINGS[0]["message"].partition("'")[0] in page
    assert "10000 · Fjellheim" not in page
    assert (folder / "findings.csv").read_text().count("code_conflict,critical") == 2


def test_all_waived_is_ready_and_says_so(tmp_path: Path) -> None:
    folder = report(tmp_path, WAIVED, OTHER)
    page = (folder / "suites" / "customers.html").read_text()
    assert "✓ Passed" in page
    told = '2 findings are <a href="#exceptions">waived by people</a> and do not count.'
    assert told in (folder / "index.html").read_text()
    assert "2 findings are waived by a person" in page
    assert "Blocks the start" not in page


@pytest.mark.parametrize("status", ["failed", "passed"])
def test_a_suite_that_failed_is_not_believed_to_have_passed_without_a_waiver(
    tmp_path: Path, status: str
) -> None:
    store, concluded = published(tmp_path)
    entries = [
        e | {"status": status, "critical": 0} if e["suite"] == "customers" else e
        for e in concluded.values["suites"]
    ]
    concluded.values["suites"] = entries
    folder = Path(build_report(tenant(), store, concluded, memory()))
    believed = "✓ Passed" in (folder / "suites" / "customers.html").read_text()
    assert not believed


def test_a_report_says_when_nobody_could_compare(tmp_path: Path) -> None:
    store, concluded = published(tmp_path)
    folder = Path(build_report(tenant(), store, concluded, Memory(problem="the control database is away.")))
    assert "the control database is away" in (folder / "index.html").read_text()
    assert json.loads((folder / "verdict.json").read_text())["findings"] is None
    assert not (folder / "changes.csv").exists()
