"""The stage of a company, from every combination that the control database can hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from presync.control.companies import Facts
from presync.control.models import Certificate, Company, Start
from presync.fleet.stage import LONGEST_RUN, STAGES, TITLES, Stage, stage_of

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def company(**said: Any) -> Company:
    known: dict[str, Any] = {
        "tenant": "nordlys",
        "file_state": "ok",
        "file_fault": "",
        "file_since": NOW - 90 * HOUR,
        "fingerprint": "f1",
        "start_kind": "manual",
        "status": "",
        "reason": "",
        "rules": {},
        "places": {},
    }
    return Company(**{**known, **said})


def judged(status: str, **said: Any) -> Company:
    known = {
        "status": status,
        "began_run": "r1",
        "began_at": NOW - 3 * HOUR,
        "judged_run": "r1",
        "judged_at": NOW - 2 * HOUR,
        "status_since": NOW - 50 * HOUR,
    }
    return company(**{**known, **said})


def certificate(**said: Any) -> Certificate:
    return Certificate(**{"fingerprint": "f1", "expires_at": NOW + 5 * HOUR, **said})


def start(state: str) -> Start:
    return Start(state=state, who="run r1", run_id="r1", requested_at=NOW - 2 * HOUR, confirmed_at=NOW - HOUR)


BLOCKED: dict[str, Any] = {"rules": {"customers/code_mismatch": [3, 0]}, "places": {"either": 3}}
ANSWERS: dict[str, Any] = {"rules": {"products/decision_missing": [1, 0], "customers/name_differs": [0, 7]}}
READY = (judged("ready"), certificate())
DEAD = {"began_run": "r2", "began_at": NOW - LONGEST_RUN - HOUR, "judged_at": NOW - 99 * HOUR}

CASES: list[tuple[Stage, Facts]] = [
    ("unchecked", Facts(company())),
    ("unchecked", Facts(company(began_run="r1", began_at=NOW - HOUR))),
    ("error", Facts(company(began_run="r1", began_at=NOW - LONGEST_RUN - HOUR))),
    ("error", Facts(judged("ready", **DEAD), certificate())),
    ("error", Facts(judged("error", reason="severa: not reached"))),
    ("error", Facts(judged("a status of tomorrow"))),
    ("blocked", Facts(judged("blocked", **BLOCKED))),
    ("blocked", Facts(judged("blocked"))),
    ("blocked", Facts(judged("blocked", rules=BLOCKED["rules"] | ANSWERS["rules"]))),
    ("answers", Facts(judged("blocked", **ANSWERS))),
    ("ready", Facts(*READY)),
    ("ready", Facts(judged("ready", asked_run="r1", asked_until=NOW), certificate())),
    ("ready", Facts(judged("ready", asked_run="r0", asked_until=NOW + HOUR), certificate())),
    ("approval", Facts(judged("ready", asked_run="r1", asked_until=NOW + HOUR), certificate())),
    ("expired", Facts(judged("ready"))),
    ("expired", Facts(judged("ready"), certificate(expires_at=NOW))),
    ("expired", Facts(judged("ready"), certificate(expires_at=None))),
    ("expired", Facts(judged("ready"), certificate(fingerprint="of another file"))),
    ("broken", Facts(judged("ready", file_state="broken"), certificate())),
    ("broken", Facts(company(file_state="a state of tomorrow"))),
    ("removed", Facts(judged("ready", file_state="removed"), certificate(), start("confirmed"))),
    ("retired", Facts(company(file_state="removed", retired_at=NOW), None, start("confirmed"))),
    ("started", Facts(*READY, start("confirmed"))),
    ("started", Facts(judged("blocked", file_state="broken"), None, start("confirmed"))),
    ("uncertain", Facts(*READY, start("unknown"))),
    ("uncertain", Facts(judged("ready", file_state="removed"), None, start("requested"))),
    ("ready", Facts(*READY, start("reset"))),
    ("ready", Facts(*READY, start("refused"))),
    ("blocked", Facts(judged("blocked", **BLOCKED), None, start("not_sent"))),
]


@pytest.mark.parametrize(("stage", "facts"), CASES)
def test_the_stage(stage: Stage, facts: Facts) -> None:
    standing = stage_of(facts, NOW)
    assert standing.stage == stage
    for sentence in (standing.reason, standing.next):
        assert sentence.strip(" .?")


def test_every_stage_has_cases_and_a_title() -> None:
    assert {stage for stage, _ in CASES} == set(STAGES) == set(TITLES) == set(get_args(Stage))


def test_a_run_that_airflow_ended_is_dead_at_once() -> None:
    facts = Facts(judged("ready", began_run="r2", began_at=NOW - HOUR), certificate())
    assert stage_of(facts, NOW).running_since == NOW - HOUR
    ended = stage_of(facts, NOW, run_ended=True)
    assert (ended.stage, ended.since) == ("error", NOW - HOUR)
    assert "r2" in ended.reason
    # a verdict that is recorded stays, whatever Airflow says of its run
    assert stage_of(Facts(*READY), NOW, run_ended=True).stage == "ready"


def test_until_and_since_are_told() -> None:
    assert stage_of(Facts(*READY), NOW).title == "Ready until 2026-11-24 17:00 UTC"
    asked = judged("ready", asked_run="r1", asked_until=NOW + 12 * HOUR)
    assert stage_of(Facts(asked, certificate()), NOW).until == NOW + 5 * HOUR
    blocked = stage_of(Facts(judged("blocked", **BLOCKED)), NOW)
    assert blocked.since == NOW - 50 * HOUR


def test_the_top_reason_is_in_words() -> None:
    rules = {"customers/code_mismatch": [3, 0], "products/decision_missing": [9, 0], "x/new_rule": [4, 1]}
    blocked = stage_of(Facts(judged("blocked", rules=rules, places={"severa": 2, "either": 14})), NOW)
    assert blocked.reason == "x: new rule (4), and 12 more"
    assert "Visma Business or Severa" in blocked.next
    del rules["x/new_rule"]
    named = stage_of(Facts(judged("blocked", rules=rules, places={})), NOW)
    assert named.reason.startswith("Customers: ")
    assert "code_mismatch" not in named.reason
    answers = stage_of(Facts(judged("blocked", **ANSWERS)), NOW)
    assert answers.reason == "Not answered: transfer all of products and work types?"
