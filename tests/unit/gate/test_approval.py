"""Who is asked, whose answer counts, and what comes of none; which runs may start anything.

Covers: gate/approvers.py.
"""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from presync.control.audit import audit_trail
from presync.errors import StartError
from presync.gate.approval import StartApproval, asked_to_start
from presync.gate.approvers import may_be_asked, refuse_approval
from presync.tenants.model import Tenant

KEYS = {"tenant": "nordlys", "title": "Nordlys", "approvers": ["ada", "Bo"]}
TENANT = Tenant.model_validate(KEYS)
FOUR_EYES = Tenant.model_validate({**KEYS, "four_eyes": True})
OPEN = Tenant.model_validate({**KEYS, "approvers": [], "four_eyes": True})


def given(*names: str, kind: str = "airflow") -> dict[str, Any]:
    return {"given_by": [{"by": name, "kind": kind} for name in names]}


def run(conf: dict[str, Any] | None, run_type: str = "manual") -> Any:
    return {"dag_run": SimpleNamespace(conf=conf, run_type=run_type), "params": {"start": True}}


@pytest.mark.parametrize(
    ("conf", "run_type", "starts"),
    [
        (None, "manual", False),
        ({}, "manual", False),
        ({"start": False}, "manual", False),
        ({"start": "true"}, "manual", False),
        ({"start": True}, "manual", True),
        ({}, "backfill", False),
        ({}, "asset_triggered", False),
    ],
)
def test_a_run_only_checks_unless_its_starter_says_otherwise(
    conf: dict[str, Any] | None, run_type: str, starts: bool
) -> None:
    eager = TENANT.model_copy(update={"start_when_ready": True})
    assert asked_to_start(run(conf, run_type), TENANT) is starts
    assert asked_to_start(run(conf, run_type), eager) is starts


def test_a_run_of_the_schedule_starts_only_where_the_tenant_file_says_so() -> None:
    assert not asked_to_start(run({"start": True}, "scheduled"), TENANT)
    assert asked_to_start(run(None, "scheduled"), TENANT.model_copy(update={"start_when_ready": True}))


def test_the_approvers_of_the_tenant_file_are_asked_and_nobody_else_counts() -> None:
    assert may_be_asked(TENANT, given("Ada")) == ["ada", "Bo"]
    refuse_approval(TENANT, " ADA", given("ada"))
    for user in ("eve", None):
        with pytest.raises(StartError, match="was not approved"):
            refuse_approval(TENANT, user, {})


def test_with_four_eyes_nobody_approves_what_rests_on_their_own_word() -> None:
    assert may_be_asked(FOUR_EYES, given("Ada")) == ["Bo"]
    refuse_approval(FOUR_EYES, "bo", given("Ada"))
    for tenant in (FOUR_EYES, OPEN):
        with pytest.raises(StartError, match=r"ada put on record.*four eyes"):
            refuse_approval(tenant, "ada", given("Ada"))
    assert may_be_asked(OPEN, given("ada")) == []
    with pytest.raises(StartError, match="nobody may approve"):
        may_be_asked(FOUR_EYES, given("ada", "bo"))


@pytest.mark.parametrize("kind", ["typed", "system", "file", None, "run"])
def test_with_four_eyes_a_name_that_anybody_could_have_written_is_nobodys(kind: str | None) -> None:
    bound = given("eve", kind=kind) if kind else {"given_by": ["eve"]}  # older certificates hold names alone
    refuse_approval(TENANT, "ada", bound)
    for refused in (
        lambda: may_be_asked(FOUR_EYES, bound),
        lambda: refuse_approval(FOUR_EYES, "ada", bound),
        lambda: refuse_approval(OPEN, "kari", bound),
    ):
        with pytest.raises(StartError, match=r"in the name of eve that were given by command.*signed in"):
            refused()


def test_whoever_names_approvers_wants_one_to_be_asked() -> None:
    webhook = {"tenant": "nordlys", "title": "Nordlys", "start": {"webhook": "integration"}}
    assert not Tenant.model_validate(webhook).asks_first
    assert Tenant.model_validate({**webhook, "approvers": ["ada"]}).asks_first
    assert Tenant.model_validate({**webhook, "four_eyes": True}).asks_first


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"error": "…", "error_type": "timeout"}, "none of ada, Bo has answered in time"),
        ({"chosen_options": ["Approve"], "responded_by_user": {"id": "7", "name": "eve"}}, "eve is not one"),
        ({"chosen_options": ["Approve"], "responded_by_user": None}, "does not say who answered"),
    ],
)
def test_an_answer_that_does_not_count_and_none_fail_the_task_and_are_on_the_trail(
    event: dict[str, Any], said: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESYNC_DATABASE_URL", f"sqlite:///{tmp_path / 'control.db'}")
    task, context = StartApproval(tenant=TENANT, response_timeout=timedelta(hours=1)), cast("Any", {})
    context["run_id"] = "r1"

    with pytest.raises(StartError, match=said):
        task.execute_complete(context, event)

    assert said in str([entry.detail for entry in audit_trail("nordlys")])


def test_a_question_is_never_put_a_second_time_with_its_first_text() -> None:
    task = StartApproval(tenant=TENANT, response_timeout=timedelta(hours=1))
    context: Any = {**run({"start": True}), "run_id": "r1", "ti": SimpleNamespace(try_number=2)}
    with pytest.raises(StartError, match="Start a new run"):
        task.execute(context)
