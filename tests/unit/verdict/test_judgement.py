"""What the fleet page learns of a verdict."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from presync.verdict.conclude import conclude
from presync.verdict.history import seen_findings
from presync.verdict.judgement import judge
from presync.verdict.model import Problem, Verdict
from tests.support.published_run import PublishedRun

FOUND = [("code_mismatch", "critical"), ("code_mismatch", "critical"), ("name_differs", "warning")]


@pytest.fixture
def run(tmp_path: Path) -> PublishedRun:
    run = PublishedRun.sound(tmp_path)
    run.suite("customers", findings=FOUND)
    return run


@pytest.fixture
def verdict(run: PublishedRun) -> Verdict:
    return conclude(run.tenant, run.store)


def test_open_findings_are_counted_by_rule_and_place(run: PublishedRun, verdict: Verdict) -> None:
    found = judge(verdict, run.store)
    assert found.rules == {"customers/code_mismatch": [2, 0], "customers/name_differs": [0, 1]}
    assert (found.critical, found.warning) == (2, 1)
    assert sum(found.places.values()) == 2


def test_waived_findings_count_no_more(run: PublishedRun, verdict: Verdict) -> None:
    waived = next(each.finding_id for each in seen_findings(run.store, verdict))
    found = judge(replace(verdict, waived_findings=frozenset({waived})), run.store)
    assert found.critical == 1


def test_an_error_counts_nothing_and_says_why(run: PublishedRun, verdict: Verdict) -> None:
    errors = (Problem("severa", "No answer.\nTrace"), Problem("gate", "late"))
    found = judge(replace(verdict, status="error", errors=errors), run.store)
    assert (found.rules, found.places) == ({}, {})
    assert found.reason == "severa: No answer. … and 1 more"
