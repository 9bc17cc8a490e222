"""What is on record about a company: of that one alone, in pages, and in as many queries for any number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from presync.control.findings import SeenFinding, record_findings
from presync.control.record_of_company import PAGE, Wanted, company_record, company_state
from presync.control.runs import record_run
from presync.control.who import Who
from presync.decisions import record

pytestmark = pytest.mark.usefixtures("control_database")
BEGAN = datetime(2026, 11, 23, 4, 15, tzinfo=UTC)


def run(tenant: str, run_id: str, began: datetime, *ids: str, waived: tuple[str, ...] = ()) -> None:
    """Record a run that found these customers."""
    record_run(
        tenant=tenant, run_id=run_id, status="blocked", rules_version="1", build_id="b", critical=len(ids),
        warning=0, counts={}, waived=waived, started_at=began,
        finished_at=began,
    )  # fmt: skip
    found = [SeenFinding(i, "customers", "code_conflict", "critical", i, waivable=True) for i in ids]
    record_findings(tenant, run_id, began, found)


def test_findings_verdicts_and_trail_of_this_company_alone() -> None:
    run("nordlys", "r1", BEGAN, "a", "b")
    run("nordlys", "r2", BEGAN + timedelta(days=1), "b", "c%", waived=("b",))
    run("fjord", "r1", BEGAN, "f")
    record.decide("nordlys", "customers", "all", by=Who("Kari", "airflow"))
    found = company_record("nordlys", Wanted())
    assert [each.finding_id for each in found.findings] == ["b", "c%"]
    assert found.rules == {("code_conflict", "critical"): 2}
    rows = [(row.run.run_id, row.new, row.fixed, row.waived) for row in found.runs]
    assert rows == [("r2", 1, 1, 1), ("r1", 2, 0, 0)]
    assert [entry.what for entry in found.trail] == ["decide", "verdict", "verdict"]
    assert found.answers["customers"].answer == "all"
    assert [each.finding_id for each in company_record("nordlys", Wanted(text="c%")).findings] == ["c%"]
    assert company_record("nordlys", Wanted(rule="code_missing")).findings == []


def test_many_findings_come_in_pages_and_cost_no_more_queries() -> None:
    asked: list[str] = []
    listener = lambda *event: asked.append(event[2])  # noqa: E731
    event.listen(Engine, "before_cursor_execute", listener)
    try:
        run("nordlys", "r1", BEGAN, "a")
        asked.clear()
        company_record("nordlys", Wanted())
        few = len(asked)
        run("nordlys", "r2", BEGAN + timedelta(days=1), *(f"f{n:03}" for n in range(PAGE + 2)))
        asked.clear()
        second = company_record("nordlys", Wanted(page=2))
    finally:
        event.remove(Engine, "before_cursor_execute", listener)
    assert (len(second.findings), second.matching) == (2, PAGE + 2)
    assert len(asked) == few < 25


def test_the_state_changes_with_whatever_is_recorded() -> None:
    states = [company_state("nordlys")]
    for step in range(3):
        if step == 0:
            run("nordlys", "r1", BEGAN, "a")
        elif step == 1:
            record.decide("nordlys", "customers", "all", by=Who("Kari"))
        else:
            record_findings("nordlys", "r1", BEGAN, [])
        states.append(company_state("nordlys"))
    assert len(set(states)) == len(states)
