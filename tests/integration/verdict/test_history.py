"""Findings from run to run: new, still open, fixed; and what must not count as fixed.

Covers: rules/findings_reader.py, control/findings.py, control/runs.py.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from presync.cli.main import ERROR, FINE, main
from presync.control.findings import SeenFinding, compare_findings, last_changes, record_findings
from presync.control.runs import record_run
from presync.verdict.conclude import conclude, record_verdict
from presync.verdict.history import recall, remember
from presync.verdict.model import Verdict
from tests.support.published_run import PublishedRun

pytestmark = pytest.mark.usefixtures("control_database")

MONDAY = datetime(2026, 11, 23, 4, 15, tzinfo=UTC)


def day(number: int) -> datetime:
    return MONDAY + timedelta(days=number)


def found(*ids: str) -> list[SeenFinding]:
    return [SeenFinding(each, "customers", "code_mismatch", "critical", business_code="10") for each in ids]


def run(number: int, *ids: str, run_id: str = "", status: str = "blocked") -> None:
    """Record a run that found these, on that day."""
    name = run_id or f"run{number}"
    record_run(
        tenant="nordlys",
        run_id=name,
        status=status,
        started_at=day(number),
        finished_at=day(number),
        rules_version="1",
        build_id="b",
        critical=len(ids),
        warning=0,
        counts={},
    )
    record_findings("nordlys", name, day(number), found(*ids))


def states(number: int, *ids: str, run_id: str = "") -> dict[str, str]:
    """Return how a run's findings stand; `fixed` are those that it does not have any more."""
    changes = compare_findings("nordlys", run_id or f"run{number}", day(number), found(*ids))
    fixed = {record.finding_id: "fixed" for record in changes.fixed}
    return {name: standing.state for name, standing in changes.standing.items()} | fixed


def test_a_first_run_has_new_findings_only() -> None:
    assert states(0, "a", "b") == {"a": "new", "b": "new"}


def test_the_next_run_tells_new_open_and_fixed_before_and_after_it_is_recorded() -> None:
    run(0, "a", "b")
    expected = {"b": "open", "c": "new", "a": "fixed"}
    assert states(1, "b", "c") == expected
    run(1, "b", "c")
    assert states(1, "b", "c") == expected
    assert states(2, "b", "c") == {"b": "open", "c": "open"}


def test_what_comes_back_is_new_and_was_first_seen_long_ago() -> None:
    run(0, "a")
    run(1)
    run(2, "a")
    changes = compare_findings("nordlys", "run3", day(3), found("a"))
    standing = changes.standing["a"]
    assert (standing.state, standing.first_seen_at, standing.opened_at) == ("open", day(0), day(2))


def test_a_gate_that_is_repeated_changes_nothing() -> None:
    run(0, "a")
    for _ in range(2):
        run(1, "b")
    assert states(1, "b") == {"b": "new", "a": "fixed"}


def test_a_suite_that_is_repeated_within_the_run_replaces_what_it_found() -> None:
    run(0, "a")
    run(1, "b")
    run(1, "a", "c")
    assert states(1, "a", "c") == {"a": "open", "c": "new"}
    assert states(2) == {"a": "fixed", "c": "fixed"}


def test_other_tenants_findings_are_others() -> None:
    run(0, "a")
    assert compare_findings("fjord", "run1", day(1), []).fixed == []


def test_an_older_run_that_is_repeated_does_not_turn_back_time() -> None:
    run(0, "a")
    run(1, "a", "b")
    run(0, "c")
    assert states(2, "a", "b") == {"a": "open", "b": "open"}
    assert states(0, "c") == {"c": "new"}


@pytest.fixture
def published(tmp_path: Path) -> PublishedRun:
    return PublishedRun.sound(tmp_path)


def concluded(published: PublishedRun) -> Verdict:
    verdict = conclude(published.tenant, published.store)
    record_verdict(verdict)
    remember(published.store, verdict)
    return verdict


def test_a_run_that_could_not_check_everything_fixes_nothing(published: PublishedRun, tmp_path: Path) -> None:
    published.suite("customers", findings=[("code_mismatch", "critical")] * 2)
    concluded(published)
    for damage in ("results/customers", "severa"):
        later = PublishedRun.sound(tmp_path, run_id=f"without {damage}")
        later.store.withdraw(damage)
        verdict = concluded(later)
        assert verdict.status == "error"
        memory = recall(later.store, verdict)
        assert memory.counts == {"new": 0, "open": 0, "fixed": 0, "waived": 0}
    healthy = PublishedRun.sound(tmp_path, run_id="healthy")
    memory = recall(healthy.store, conclude(healthy.tenant, healthy.store))
    assert memory.counts == {"new": 0, "open": 0, "fixed": 2, "waived": 0}


def test_the_history_survives_the_runs(
    published: PublishedRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    published.suite("customers", findings=[("code_mismatch", "critical"), ("name_differs", "warning")])
    concluded(published)
    shutil.rmtree(tmp_path)
    assert main(["diff", "nordlys"]) == FINE
    lines = capsys.readouterr().out.splitlines()
    assert "2 new, 0 open, 0 waived, 0 fixed since the run before" in lines[0]
    assert ["code_mismatch" in lines[1], "name_differs" in lines[2]] == [True, True]


def test_no_names_are_remembered(published: PublishedRun) -> None:
    from presync.control.models import FindingRecord

    assert not [column for column in FindingRecord.__table__.columns if column.name.endswith("_name")]


def test_diff_says_when_the_last_run_tells_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    run(0, "a")
    run(1, "a", "b")
    record_run(
        tenant="nordlys",
        run_id="broken",
        status="error",
        started_at=day(2),
        finished_at=day(2),
        rules_version="",
        build_id="",
        critical=0,
        warning=0,
        counts={},
    )
    assert main(["diff", "nordlys"]) == FINE
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert "broken" in first
    assert "1 new, 1 open, 0 waived, 0 fixed" in second


def test_diff_of_an_unknown_tenant_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "nobody"]) == ERROR
    assert "no run" in capsys.readouterr().err
    assert last_changes("nobody") == (None, None, [])
