"""The DAG that writes corrections: where it exists, how its tasks hang together, and what it refuses."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import TriggerRule
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from presync.airflow import apply_dag as module
from presync.airflow.apply_dag import ApplyApproval, apply_dag, correcting_dags
from presync.apply import run as apply_run
from presync.apply.model import Options
from presync.apply.perform import Outcome
from presync.apply.run import Report
from presync.control.models import Application
from presync.control.who import Who
from presync.errors import ConfigurationError, NotReadyError
from presync.staging.store import RunStore
from presync.tenants.folder import read_tenant_of
from presync.tenants.model import Tenant

TENANT = Tenant.model_validate({"tenant": "north-west", "title": "{{ x }}", "severa": {"apply": True}})


def test_a_person_approves_between_plan_and_apply_and_nothing_is_tried_again() -> None:
    dag = apply_dag(TENANT)
    assert dag.dag_id == "presync_apply__north-west"
    order = dag.topological_sort()  # type: ignore[no-untyped-call]
    assert [task.task_id for task in order] == ["plan", "approve", "apply", "check_again"]
    assert {task.retries for task in dag.tasks} == {0}
    assert dag.task_dict["check_again"].trigger_rule == TriggerRule.ALL_DONE
    assert {dag.task_dict[name].trigger_rule for name in ("approve", "apply")} == {TriggerRule.ALL_SUCCESS}
    approval = dag.task_dict["approve"]
    assert isinstance(approval, ApplyApproval)
    assert approval.defaults == ["Reject"]
    assert not any(task.template_fields for task in dag.tasks)
    assert "severa_write__north_west" in str(dag.doc_md)
    assert dag.schedule is None


def test_that_it_cannot_be_built_costs_nobody_else_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "apply_runbook", lambda _: 1 / 0)
    assert list(correcting_dags([TENANT])) == []


def test_its_tasks_find_the_tenants_file_and_the_file_may_change_its_mind(tmp_path: Path) -> None:
    (tmp_path / "north-west.yaml").write_text("tenant: north-west\ntitle: North\n")
    (found,) = read_tenant_of(tmp_path, TENANT.apply_dag_id).tenants.values()
    assert not found.severa.apply
    assert found.fingerprint == found.model_copy(update={"severa": TENANT.severa}).fingerprint


def context(**values: Any) -> Any:
    defaults: dict[str, Any] = {"do": "apply", "only": [], "at_most": None, "fill_empty": False}
    defaults["plan"] = ""
    ti = SimpleNamespace(
        xcom_pull=lambda task_ids, key="return_value": (
            values.get(key, {}).get(task_ids) or values.get("answer")
        ),
        get_task_states=lambda **_: values["states"],
    )
    dag_run = SimpleNamespace(conf=values.get("conf") or {})
    return {"params": defaults | values.get("params", {}), "dag_run": dag_run, "ti": ti}


def test_what_somebody_asked_for_is_never_replaced_by_the_defaults() -> None:
    with pytest.raises(ConfigurationError, match="at_most"):
        module._plan(TENANT, RunStore("north-west", "r"), context(conf={"at_most": 1}))


@pytest.mark.parametrize(
    "answer", [None, {"chosen_options": ["Reject"], "responded_by_user": {"name": "Anna"}}]
)
def test_nothing_is_written_without_a_persons_name(answer: Any) -> None:
    with pytest.raises(ConfigurationError, match="nobody approved"):
        module._apply(TENANT, RunStore("north-west", "r"), context(answer=answer))


@pytest.mark.parametrize("asked", [None, {"do": "apply", "plan": "first"}, {"do": "undo", "plan": "second"}])
def test_an_approval_holds_for_the_plan_that_was_read(asked: Any) -> None:
    answer = {"chosen_options": ["Approve"], "responded_by_user": {"name": "Anna"}}
    answers = {"approve": answer, "plan": {"do": "apply", "plan": "second"}}
    asked_for = {"asked": {"approve": asked}} if asked else {"asked": {"approve": {"plan": None}}}
    with pytest.raises(ConfigurationError, match="not the one that this run has made"):
        module._apply(TENANT, RunStore("north-west", "r"), context(return_value=answers, **asked_for))


def test_a_whole_plan_is_taken_back_the_newest_or_the_one_that_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = [Application(id="trial"), Application(id="newest")]
    monkeypatch.setattr("presync.control.journal.applications", lambda _: begun)
    store = RunStore("north-west", "r")
    for named, plan in {"": "newest", "trial": "trial"}.items():
        made = module._plan(TENANT, store, context(params={"do": "undo", "plan": named}))
        assert made == {"do": "undo", "plan": plan}
    for wrong in ({"plan": "somebody's"}, {"at_most": 1}, {"only": ["customers"]}):
        with pytest.raises(ConfigurationError, match=r"has no plan|cannot be given with undo"):
            module._plan(TENANT, store, context(params={"do": "undo", **wrong}))
    begun.clear()
    with pytest.raises(ConfigurationError, match="nothing to undo"):
        module._plan(TENANT, store, context(params={"do": "undo"}))


class Task:
    """What a task of a run sees of its XComs."""

    def __init__(self, kept: dict[tuple[str, str], Any], task_id: str) -> None:
        self._kept = kept
        self._task_id = task_id

    def xcom_push(self, key: str, value: Any) -> None:
        self._kept[self._task_id, key] = value

    def xcom_pull(self, task_ids: str, key: str = "return_value") -> Any:
        return self._kept.get((task_ids, key))


@pytest.mark.parametrize("do", ["apply", "resume", "undo"])
def test_the_plan_that_a_person_was_asked_about_is_written_and_no_other(
    monkeypatch: pytest.MonkeyPatch, do: str
) -> None:
    """From the question to the answer, without Airflow's own part of the two tasks."""
    asked: list[Any] = []
    done: list[Any] = []
    answer = {"chosen_options": ["Approve"], "responded_by_user": {"name": "Anna"}}
    outcome = Outcome(calls=[])

    def question(_tenant: Tenant, *about: str) -> str:
        asked.append(about)
        return "What will change"

    def written(name: str, _tenant: Tenant, identity: str, who: Who, **_: Any) -> Report:
        done.append((name, identity, who))
        return Report(Application(id=identity, tenant="north-west"), outcome)

    monkeypatch.setattr(module, "_question", question)
    monkeypatch.setattr(ApprovalOperator, "execute", lambda self, _: answer | {"about": self.body})
    for way, name in {"apply": "apply_plan", "resume": "resume", "undo": "undo"}.items():
        monkeypatch.setattr(apply_run, name, partial(written, way))
    xcoms: dict[tuple[str, str], Any] = {("plan", "return_value"): {"do": do, "plan": "read"}}
    approval = cast("ApplyApproval", apply_dag(TENANT).task_dict["approve"])
    given = approval.execute(cast("Any", {"ti": Task(xcoms, "approve")}))
    xcoms["approve", "return_value"] = given
    assert (asked, given["about"]) == ([(do, "read")], "What will change")

    store, seen = RunStore("north-west", "r"), {"ti": Task(xcoms, "apply")}
    for moved in ({"do": do, "plan": "made since"}, {"do": "other", "plan": "read"}):
        xcoms["plan", "return_value"] = moved
        with pytest.raises(ConfigurationError, match="the approved plan is not the one"):
            module._apply(TENANT, store, cast("Any", seen))
    xcoms["plan", "return_value"] = {"do": do, "plan": "read", "records": 1}
    assert module._apply(TENANT, store, cast("Any", seen)) == {"plan": "read"}
    assert done == [(do, "read", Who("Anna", "airflow"))]
    outcome.stopped = "lost permission: 403"
    with pytest.raises(NotReadyError, match="lost permission"):
        module._apply(TENANT, store, cast("Any", seen))


def test_what_was_asked_for_is_what_is_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    planned: list[Options] = []

    def propose(_tenant: Tenant, options: Options) -> tuple[Any, str]:
        planned.append(options)
        return SimpleNamespace(writes=[1, 2]), "made"

    monkeypatch.setattr(apply_run, "propose", propose)
    params = {"only": ["customers"], "at_most": 2, "fill_empty": True}
    made = module._plan(TENANT, RunStore("north-west", "r"), context(params=params, conf=params))
    assert made == {"do": "apply", "plan": "made", "records": 2}
    assert planned == [Options(("customers",), 2, None, True)]


def test_whatever_was_written_is_checked_and_a_stop_stays_red(monkeypatch: pytest.MonkeyPatch) -> None:
    triggered: list[str] = []

    def trigger(tenant: Tenant, cause: str) -> str:
        triggered.append(cause)
        return "x"

    monkeypatch.setattr(module, "trigger_check", trigger)
    store = RunStore("north-west", "r")
    module._check_again(TENANT, store, context(states={"r": {"apply": "success"}}))
    with pytest.raises(AirflowFailException):
        module._check_again(TENANT, store, context(states={"r": {"apply": "failed"}}))
    with pytest.raises(AirflowFailException, match="nothing was written"):
        module._check_again(TENANT, store, context(states={"r": {"apply": "upstream_failed"}}))
    with pytest.raises(AirflowSkipException):
        module._check_again(TENANT, store, context(states={"r": {"apply": "skipped"}}))
    assert triggered == ["r", "r"]
