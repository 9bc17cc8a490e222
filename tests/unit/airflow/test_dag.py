"""The policies that every DAG of Presync keeps, and how a tenant's tasks hang together.

Covers: airflow/copied_tasks.py, airflow/rights.py, airflow/runbook.py, airflow/unbuilt_dag.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from airflow.sdk import DAG, TriggerRule
from airflow.sdk.definitions.retry_policy import RetryAction
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from presync.airflow.apply_dag import apply_dag, correcting_dags
from presync.airflow.dag import build_dag, tenant_dags
from presync.airflow.gate_task import GateOperator
from presync.errors import (
    AccessError,
    NotReadyError,
    SourceDataError,
    SourceUnavailableError,
    StartNotSentError,
    StartUnknownError,
)
from presync.gate.approval import StartApproval
from presync.rules.catalogue import SUITES
from presync.tenants.model import Tenant
from presync.tenants.schedules import PRESETS
from tests.support.dag_policies import check_policies
from tests.support.patience import PATIENCE

WEBHOOK = {"tenant": "north-west", "title": "North West", "start": {"webhook": "integration"}}
SMALL = st.integers(0, 12).map(str)
CRON_FIELD = st.sampled_from(["*", "mon-fri", "JAN", "1-5/2", "*/7", "5-1", "", "L", "*/0"]) | st.lists(
    SMALL | st.tuples(SMALL, SMALL).map("-".join) | st.tuples(SMALL, SMALL).map("/".join), max_size=5
).map(",".join)
UNREACHED = (SourceUnavailableError, StartNotSentError)


def tenant_dag(**changes: object) -> DAG:
    return build_dag(Tenant.model_validate(WEBHOOK | changes))


def upstream(dag: DAG, task: str) -> set[str]:
    return set(dag.task_dict[task].upstream_task_ids)


def test_tasks_hang_together_as_documented() -> None:
    dag = tenant_dag()

    assert upstream(dag, "reconcile") == {"extract_visma_business", "extract_severa"}
    assert all(upstream(dag, suite) == {"reconcile"} for suite in SUITES)
    assert upstream(dag, "report") == set(SUITES)
    assert upstream(dag, "gate") == {"report"}
    assert upstream(dag, "start_integration") == {"gate"}
    assert len(dag.tasks) == 6 + len(SUITES)


def test_report_and_gate_run_whatever_happened_and_the_start_only_on_success() -> None:
    rules = {task.task_id: task.trigger_rule for task in tenant_dag().tasks}

    assert rules["report"] == rules["gate"] == TriggerRule.ALL_DONE
    assert {rule for task, rule in rules.items() if task not in {"report", "gate"}} == {
        TriggerRule.ALL_SUCCESS
    }


def test_only_the_gate_says_ready() -> None:
    outlets = {task.task_id: [asset.uri for asset in task.outlets] for task in tenant_dag().tasks}

    assert outlets.pop("gate") == ["presync://north-west/ready"]
    assert not any(outlets.values())
    assert isinstance(tenant_dag().task_dict["gate"], GateOperator)


def test_a_start_by_hand_waits_for_a_person_but_not_for_ever() -> None:
    dag = tenant_dag(start="manual")
    approval = dag.task_dict["confirm_start"]

    assert isinstance(approval, StartApproval)
    assert approval.defaults is None, "no answer is no Reject"
    assert approval.response_timeout is not None
    assert upstream(dag, "start_integration") == {"confirm_start"}


@pytest.mark.parametrize("start", [{"webhook": "w"}, {"dag": "d"}])
def test_a_call_waits_for_a_person_where_the_file_asks_for_one(start: dict[str, str]) -> None:
    dag = tenant_dag(start={**start, "approval": "required"})

    assert upstream(dag, "start_integration") == {"confirm_start"}
    assert "confirm_start" not in tenant_dag(start=start).task_dict


def test_only_what_could_not_be_reached_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PRESYNC_RETRIES")
    for task in tenant_dag().tasks:
        policy = task.retry_policy
        assert policy is not None
        assert task.retries == 2
        action = {
            kind: policy.evaluate(kind("…"), 1, 3).action
            for kind in (*UNREACHED, AccessError, SourceDataError, StartUnknownError, ZeroDivisionError)
        }
        assert [action.pop(kind) for kind in UNREACHED] == [RetryAction.DEFAULT] * len(UNREACHED)
        assert set(action.values()) == {RetryAction.FAIL}


@pytest.mark.parametrize("start", ["manual", {"webhook": "w"}, {"dag": "d"}])
def test_policies_of_tenant_dags(start: object) -> None:
    dag = tenant_dag(start=start, schedule="@hourly", country="FI")

    check_policies(dag)
    assert dag.max_active_runs == 1
    assert {"presync", "tenant:north-west", "FI"} == set(dag.tags)
    assert all(
        task.task_id in str(dag.doc_md) for task in dag.tasks if task.task_id.startswith(("ext", "rec"))
    )
    assert "{" not in str(dag.doc_md).replace('{"start": true}', "")
    assert dag.params["start"] is False


def test_the_company_that_goes_live_first_comes_first() -> None:
    def weights(**changes: object) -> set[int]:
        return {task.priority_weight for task in tenant_dag(**changes).tasks}

    ((near,), (far,), (never,)) = weights(go_live="2026-12-01"), weights(go_live="2027-05-01"), weights()
    assert near > far > never


_HASH = """
import sys
from pathlib import Path
from airflow.models.serialized_dag import SerializedDagModel
from airflow.serialization.serialized_objects import DagSerialization
from presync.airflow.dag import tenant_dags
from presync.tenants.folder import read_folder

found = read_folder(Path(sys.argv[1]))
assert not found.faults, found.faults
for tenant, dag in tenant_dags(found.tenants.values()):
    print("HASH", tenant.tenant, SerializedDagModel.hash(DagSerialization.to_dict(dag)))
"""


def test_a_dag_has_a_new_version_only_when_its_own_file_changes(tmp_path: Path) -> None:
    def versions(seed: int) -> dict[str, str]:
        environment = {**os.environ, "PYTHONHASHSEED": str(seed)}  # another order of every set
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", _HASH, str(tmp_path)],
            env=environment, capture_output=True, text=True, check=True, timeout=PATIENCE,
        )  # fmt: skip
        lines = (line.split() for line in done.stdout.splitlines() if line.startswith("HASH"))
        return {tenant: version for _, tenant, version in lines}

    own = 'tenant: one\ntitle: One\nschedule: "@daily"\ngo_live: 2026-12-31\ncountry: NO\n'
    (tmp_path / "one.yaml").write_text(own)
    (tmp_path / "two.yaml").write_text("tenant: two\ntitle: Two\n")
    first = versions(1)
    (tmp_path / "two.yaml").write_text("tenant: two\ntitle: Another title\n")
    (tmp_path / "three.yaml").write_text("tenant: three\ntitle: Three\n")
    second = versions(2)

    assert set(second) == {"one", "two", "three"}
    assert second["one"] == first["one"]
    assert second["two"] != first["two"]


def test_a_dag_with_copied_tasks_is_the_one_that_is_built() -> None:
    """Whichever tenant's DAG the tasks are copied from, Airflow stores and runs the same."""
    from airflow.serialization.serialized_objects import DagSerialization

    apply = {"apply": True}
    own = {"go_live": "2026-12-31", "owner": "Ada", "retries": 7, "readers": ["Ops"], "severa": apply}
    keys: list[dict[str, object]] = [
        {"severa": apply}, own, {"start": "manual"}, {"start": "manual", "schedule": "@daily"},
        {"approvers": ["ada"]}, {"four_eyes": True, "language": "fi"}, {"start": {"dag": "switch_on"}},
    ]  # fmt: skip
    tenants = [
        Tenant.model_validate(WEBHOOK | changes | {"tenant": f"company-{number}"})
        for number, changes in enumerate([*keys, *reversed(keys)])
    ]
    built: list[tuple[DAG, DAG]] = [(dag, build_dag(tenant)) for tenant, dag in tenant_dags(tenants)]
    built += [(dag, apply_dag(tenant)) for tenant, dag in correcting_dags(tenants)]
    assert len(built) == len(tenants) + 4
    for dag, alone in built:
        assert DagSerialization.to_dict(dag) == DagSerialization.to_dict(alone)
        for task in dag.tasks:
            values, defined = dict(vars(task)), dict(vars(alone.task_dict[task.task_id]))
            assert (values.pop("_dag"), values.pop("task_group")) == (dag, dag.task_group)
            arguments = values.pop("_BaseOperator__init_kwargs")
            assert (arguments["dag"], arguments["tenant"]) == (dag, values["tenant"])
            assert values.keys() | {"_dag", "task_group", "_BaseOperator__init_kwargs"} == defined.keys()
            assert {name for name in values if values[name] != defined[name]} <= {"work", "retry_policy"}


def test_a_title_is_shown_as_it_is_written_and_never_a_template() -> None:
    title = "{{ conn.x.password }} {severa} {% if"
    dag = tenant_dag(title=title, start="manual")
    approval = dag.task_dict["confirm_start"]

    assert title in str(dag.doc_md)
    assert isinstance(approval, StartApproval)
    assert title in approval.subject
    assert not any(task.template_fields for task in dag.tasks)


@given(
    st.text(st.characters(codec="utf-8"), max_size=220),
    st.sampled_from(PRESETS) | st.lists(CRON_FIELD, min_size=4, max_size=6).map(" ".join),
)
@example("x" * 200, f"{'0,' * 12}0 {'1,' * 12}1 {'1,' * 5}1 {'9,' * 5}9 {'3,' * 5}3")
@example("Ærlig 🦆", "0 0 29 2 *")
@hypothesis_settings(max_examples=60, deadline=None)
def test_what_validate_accepts_airflow_can_store(title: str, schedule: str) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    try:
        tenant = Tenant.model_validate(WEBHOOK | {"title": title, "schedule": schedule})
    except ValueError:
        return
    dag = DagSerialization.from_dict(DagSerialization.to_dict(build_dag(tenant)))

    assert dag.dag_display_name == f"Presync: {title}"
    texts = {
        dag.dag_display_name: 2000,
        str(dag.description): 10_000,
        dag.timetable.description: 1000,
        dag.timetable.summary: 1000,
        str(dag.doc_md): 100_000,
    } | dict.fromkeys(dag.tags, 100)
    for text, most in texts.items():
        assert len(text) <= most
        assert "\0" not in text
        text.encode()


def test_owner_roles_and_retries_of_the_tenant_file_are_the_dags() -> None:
    keys = {"owner": "Ada", "readers": ["Nordic", "Ops"], "editors": ["Ops"], "retries": 7}
    dag = build_dag(Tenant.model_validate(WEBHOOK | keys))

    assert {task.owner for task in dag.tasks} == {"Ada"}
    assert dag.task_dict["extract_severa"].retries == 7
    assert dag.access_control == {
        "Nordic": {"DAGs": {"can_read"}, "DAG Runs": {"can_read"}},
        "Ops": {"DAGs": {"can_read", "can_edit"}, "DAG Runs": {"can_read", "can_create"}},
    }
    assert build_dag(Tenant.model_validate(WEBHOOK)).access_control is None, "Airflow alone says who may"


def test_the_gates_message_ends_its_log_as_plain_lines(caplog: pytest.LogCaptureFixture) -> None:
    said = (
        "Blocked.\n- customers: "
        + "Number 7 is held by two. " * 12
        + "\n    Fix: give one another.\nReport: x"
    )

    def refuse(*_: object) -> None:
        raise NotReadyError(said, source="gate")

    gate = GateOperator(task_id="gate", tenant=Tenant.model_validate(WEBHOOK), work=refuse)
    with pytest.raises(SystemExit) as shut:
        gate.execute({"run_id": "r1"})
    assert shut.value.code == 1
    assert said not in caplog.text, "Airflow's own line about the exit is still to come"
    (last,) = gate.on_failure_callback
    last({"exception": ValueError("its own log is Airflow's")})
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    last({"exception": shut.value})
    lines = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert max(map(len, lines)) <= 100
    assert " ".join(" ".join(lines).split()) == " ".join(said.split())
    assert (lines[0], lines[-1]) == ("Blocked.", "Report: x")
