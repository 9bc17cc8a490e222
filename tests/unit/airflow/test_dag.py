"""The policies that every DAG of Presync keeps, and how a tenant's tasks hang together.

Covers: airflow/rights.py, airflow/runbook.py, airflow/unbuilt_dag.py.
"""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG, TriggerRule
from airflow.sdk.definitions.retry_policy import RetryAction
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from presync import settings
from presync.airflow import dag as dag_module
from presync.airflow.dag import build_dag
from presync.airflow.gate_task import GateOperator
from presync.errors import (
    AccessError,
    ConfigurationError,
    NotReadyError,
    SourceDataError,
    SourceUnavailableError,
    StartNotSentError,
    StartUnknownError,
    TenantFileError,
)
from presync.gate.approval import StartApproval
from presync.rules.catalogue import SUITES
from presync.tenants.defaults import SharedValues
from presync.tenants.model import OWN_DAGS, Tenant, load_tenant
from presync.tenants.schedules import PRESETS
from tests.support.patience import PATIENCE

TWINS = ("presync__twin-a", "presync__twin-b")
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
from presync.airflow.dag import build_dag
from presync.tenants.folder import read_folder

found = read_folder(Path(sys.argv[1]))
assert not found.faults, found.faults
for tenant in found.tenants.values():
    print("HASH", tenant.tenant, SerializedDagModel.hash(DagSerialization.to_dict(build_dag(tenant))))
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


@pytest.mark.filterwarnings("ignore::DeprecationWarning:airflow")
def test_a_dag_that_cannot_be_built_says_so_and_costs_no_other(
    tenants: Path, airflow_metadata: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.dag_processing.dagbag import DagBag

    (tenants / "bad.yaml").write_text("tenant: bad\ntitle: Breaks while its tasks are wired\n")
    wire = dag_module._wire_tasks

    def break_off(tenant: Tenant, approval_timeout: timedelta) -> None:
        wire(tenant, approval_timeout)
        if tenant.tenant == "bad":
            raise ZeroDivisionError

    monkeypatch.setattr(dag_module, "_wire_tasks", break_off)
    bag = DagBag(settings.HOME / "dags", bundle_path=settings.HOME / "dags", bundle_name="dags-folder")

    assert set(bag.dags) == {"presync__good", "presync__bad", *TWINS, *OWN_DAGS}
    assert "broken" not in bag.dags["presync__bad"].tags
    assert set(bag.import_errors) == {"broken_tenants.py"}
    assert bag.dags["presync__good"].has_task("gate")
    task: Any = bag.dags["presync__bad"].task_dict["not_checked"]
    with pytest.raises(ConfigurationError, match=r"tenant bad cannot be built \(ZeroDivisionError\)"):
        task.execute({})
    for dag in bag.dags.values():
        check_policies(dag)


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


def check_policies(dag: DAG) -> None:
    assert dag.doc_md
    assert dag.description
    assert dag.tags
    assert not dag.catchup
    for task in dag.tasks:
        assert task.owner == "onboarding"
        limit = getattr(task, "response_timeout", None) or task.execution_timeout
        assert limit is not None
        assert limit <= timedelta(hours=12)


@pytest.fixture
def tenants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "good.yaml").write_text("tenant: good\ntitle: Good\n")
    (tmp_path / "bad.yaml").write_text("tenant: bad\ntransfer: all\n")
    for name in ("twin-a", "twin-b"):
        systems = "visma_business: {connection: vb}\nsevera: {connection: s}\n"
        (tmp_path / f"{name}.yaml").write_text(f"tenant: {name}\ntitle: Twin\n{systems}")
    monkeypatch.setenv("PRESYNC_TENANTS", str(tmp_path))
    monkeypatch.setenv("PRESYNC_DATABASE_URL", f"sqlite:///{tmp_path}/control.db")
    return tmp_path


@pytest.mark.filterwarnings("ignore::DeprecationWarning:airflow")
def test_broken_tenant_files_are_visible_and_cost_only_themselves(
    tenants: Path, airflow_metadata: None
) -> None:
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(settings.HOME / "dags", bundle_path=settings.HOME / "dags", bundle_name="dags-folder")

    broken = {"presync__bad", *TWINS}
    assert set(bag.dags) == {"presync__good", *OWN_DAGS, *broken}
    assert {name for name, dag in bag.dags.items() if "broken" in dag.tags} == broken
    for name in broken:
        task: Any = bag.dags[name].task_dict["not_checked"]
        with pytest.raises(ConfigurationError, match="is refused") as refused:
            task.execute({})
        # who may see this DAG may not see other companies', nor where files are
        others = broken - {name}
        assert not [each for each in others if each.removeprefix("presync__") in refused.value.message]
        assert str(tenants) not in refused.value.message
    assert "bad.yaml:2: transfer:" in str(bag.dags["presync__bad"].doc_md)
    assert list(bag.import_errors) == ["broken_tenants.py"]
    message = bag.import_errors["broken_tenants.py"]
    assert "refused: 3." in message
    # everybody who may read import errors reads this one
    assert not [each for each in ("twin", "bad", "vb", str(tenants)) if each in message]
    for dag in bag.dags.values():
        check_policies(dag)


def test_a_task_reads_its_own_tenants_file_and_nothing_else(
    tenants: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dags(task_of: str, task: str = "gate") -> set[str]:
        monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", task_of)
        monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_TASK_ID", task)
        runpy.run_path(str(settings.HOME / "dags" / "broken_tenants.py"))
        names = runpy.run_path(str(settings.HOME / "dags" / "onboarding.py"))
        return {name for name, value in names.items() if isinstance(value, DAG)}

    read: list[str] = []

    def load(path: Path, shared: SharedValues) -> Tenant:
        read.append(path.name)
        return load_tenant(path, shared)

    monkeypatch.setattr("presync.tenants.folder.load_tenant", load)
    assert dags("presync__good") == {"presync__good"}
    assert dags("presync_housekeeping") == set()
    assert read == ["good.yaml"]
    with pytest.raises(TenantFileError, match=r"bad\.yaml:1: title"):
        dags("presync__bad")
    assert dags("presync__bad", "not_checked") == {"presync__bad"}
    (tenants / "good.yaml").unlink()
    with pytest.raises(TenantFileError, match=r"good\.yaml:1: file: the file is not there"):
        dags("presync__good")


def dag_version(seed: str, task_of: str = "") -> str:
    """Return what decides whether Airflow stores a new version of presync__good, from a new process."""
    code = (
        "import runpy, warnings\n"
        "warnings.simplefilter('ignore')\n"
        "from airflow.models.serialized_dag import SerializedDagModel\n"
        "from airflow.serialization.serialized_objects import DagSerialization\n"
        f"dag = runpy.run_path({str(settings.HOME / 'dags' / 'onboarding.py')!r})['presync__good']\n"
        "print(SerializedDagModel.hash(DagSerialization.to_dict(dag)))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": seed, "_AIRFLOW_PARSING_CONTEXT_DAG_ID": task_of}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    return done.stdout.strip().splitlines()[-1]


def test_a_dag_has_a_new_version_only_when_its_own_file_has_changed(tenants: Path) -> None:
    (tenants / "good.yaml").write_text("tenant: good\ntitle: Good\ncountry: NO\n")
    first = dag_version("1")
    (tenants / "another.yaml").write_text("tenant: another\ntitle: Another\n")
    (tenants / "bad.yaml").write_text("tenant: bad\ntitle: No longer broken\n")
    (tenants / "twin-a.yaml").unlink()
    assert dag_version("2", "presync__good") == first
    (tenants / "good.yaml").write_text("tenant: good\ntitle: Better\ncountry: NO\n")
    assert dag_version("1") != first


def test_parsing_imports_nothing_heavy(tenants: Path) -> None:
    heavy = "great_expectations pandas duckdb pyarrow pyodbc rapidfuzz alembic fastapi"
    code = (
        "import runpy, sys\n"
        f"runpy.run_path({str(settings.HOME / 'dags' / 'onboarding.py')!r})\n"
        f"print([name for name in {heavy.split()!r} if name in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE
    )

    assert done.stdout.strip().splitlines()[-1] == "[]"


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
