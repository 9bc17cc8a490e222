"""Waivers held against a run: what they cover is counted apart, and what they no longer cover blocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from presync.decisions.model import Exceptions, Waiver
from presync.errors import NotReadyError
from presync.gate.gate import check_gate
from presync.verdict.conclude import conclude
from presync.verdict.model import Verdict
from tests.support.published_run import TENANT, PublishedRun, expectation

TODAY = date(2026, 11, 23)
WAIVER = Waiver("customers-1", "code_conflict", "values of customers-1", "agreed", "Kari", date(2026, 12, 31))


def concluded(
    tmp_path: Path, *waivers: Waiver, rule: str = "code_conflict", severity: str = "critical", **suite: object
) -> tuple[Verdict, PublishedRun]:
    """Conclude a run whose customers have two findings of a rule."""
    run = PublishedRun.sound(tmp_path)
    run.exceptions = Exceptions(datetime(2026, 11, 23, 4, 15, tzinfo=UTC), {}, waivers)
    run.database()
    run.suite("customers", findings=[(rule, severity)] * 2, **suite)
    return conclude(TENANT, run.store), run


def outcome(verdict: Verdict) -> tuple[str, int, int, int]:
    suite = verdict.suites[5]
    return suite.status, suite.critical, suite.warning, suite.waived


def test_a_waived_finding_is_counted_apart(tmp_path: Path) -> None:
    verdict, run = concluded(tmp_path, WAIVER)
    assert outcome(verdict) == ("failed", 1, 0, 1)
    assert verdict.status == "blocked"
    assert [state.state for state in verdict.waivers] == ["in force"]
    with pytest.raises(NotReadyError) as refusal:
        check_gate(verdict, run.store, "r")
    assert "number 2" in refusal.value.message
    assert "number 1" not in refusal.value.message


def test_ready_only_if_every_critical_finding_is_waived(tmp_path: Path) -> None:
    other = replace(WAIVER, finding_id="customers-2", values_digest="values of customers-2")
    verdict, run = concluded(tmp_path, WAIVER, other)
    assert (verdict.status, outcome(verdict)) == ("ready", ("passed", 0, 0, 2))
    check_gate(verdict, run.store, "r")


def test_a_waived_warning_is_no_warning(tmp_path: Path) -> None:
    waiver = replace(WAIVER, rule="name_differs")
    verdict, _ = concluded(tmp_path, waiver, rule="name_differs", severity="warning")
    assert (verdict.status, outcome(verdict)) == ("ready", ("passed", 0, 1, 1))


LAPSED = {
    "another value": replace(WAIVER, values_digest="values of old"),
    "no value": replace(WAIVER, values_digest=""),
    "another rule": replace(WAIVER, rule="code_duplicate"),
    "another finding": replace(WAIVER, finding_id="customers-9"),
    "a day that has passed": replace(WAIVER, until=date(2026, 11, 22)),
}


@pytest.mark.parametrize("why", LAPSED)
def test_a_waiver_lapses_by_itself(tmp_path: Path, why: str) -> None:
    verdict, _ = concluded(tmp_path, LAPSED[why])
    assert outcome(verdict) == ("failed", 2, 0, 0)
    assert verdict.waivers[0].state != "in force"


def test_a_waiver_holds_through_its_last_day(tmp_path: Path) -> None:
    verdict, _ = concluded(tmp_path, replace(WAIVER, until=TODAY))
    assert verdict.waived == 1


@pytest.mark.parametrize("rule", ["decision_missing", "series_unknown"])
def test_some_rules_cannot_be_waived(tmp_path: Path, rule: str) -> None:
    verdict, _ = concluded(tmp_path, replace(WAIVER, rule=rule), rule=rule)
    assert outcome(verdict) == ("failed", 2, 0, 0)
    assert "cannot be waived" in verdict.waivers[0].state


def test_a_result_that_does_not_say_it_is_waivable_is_not(tmp_path: Path) -> None:
    silent = {key: value for key, value in expectation("code_conflict").items() if key != "waivable"}
    verdict, _ = concluded(tmp_path, WAIVER, expectations=[silent])
    assert verdict.waived == 0


def test_an_error_cannot_be_waived(tmp_path: Path) -> None:
    verdict, _ = concluded(tmp_path, WAIVER, errors=[{"source": "customers", "message": "raised"}])
    assert (verdict.status, outcome(verdict)[0]) == ("error", "error")
    assert verdict.waived == 0


def test_waivers_that_cannot_be_read_back_are_an_error(tmp_path: Path) -> None:
    _, run = concluded(tmp_path, WAIVER)
    run.rewrite("database", "exceptions.json", "{")
    verdict = conclude(TENANT, run.store)
    assert verdict.status == "error"
    assert "waived" in verdict.errors[0].message


@pytest.mark.parametrize(("days", "state"), [(90, "in force"), (38, "in force"), (37, "without effect")])
def test_a_waiver_given_for_longer_than_is_allowed_covers_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, state: str
) -> None:
    monkeypatch.setenv("PRESYNC_WAIVER_DAYS", str(days))  # it is given for 38 days
    verdict, _ = concluded(tmp_path, WAIVER)
    assert verdict.waivers[0].state.partition(":")[0] == state
    assert outcome(verdict)[1] == (1 if state == "in force" else 2)
