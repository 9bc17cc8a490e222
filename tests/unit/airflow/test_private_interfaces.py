"""Airflow's private interfaces that Presync leans on (docs/adr/0009) are as Presync expects them."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from presync.settings import HOME

PACKAGE = HOME / "plugins" / "presync"
# what is used outside Airflow's public interface, and the only files that may
USED = {
    r"airflow\.sdk\.execution_time": {"gate/trigger_dag.py"},
    r"airflow\.utils\.(db|session)": {"airflow/in_process.py"},
    r"airflow\.sdk\._shared": {"airflow/run_steps.py"},
    r"airflow\.models\.hitl|airflow\.providers\.fab": {"airflow/web/assigned_users.py"},
    r"airflow\.api_fastapi": {"airflow/web/access.py", "airflow/web/app.py"},
}


def users(pattern: str) -> set[str]:
    """Return the files of the package that import a module whose name the pattern matches."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            modules += [each.name for each in node.names] if isinstance(node, ast.Import) else []
            if any(re.match(pattern, module) for module in modules):
                found.add(path.relative_to(PACKAGE).as_posix())
    return found


@pytest.mark.parametrize("pattern", USED)
def test_each_is_used_where_the_record_says_and_nowhere_else(pattern: str) -> None:
    assert users(pattern) <= USED[pattern], "see docs/adr/0009"


def test_a_dag_is_triggered_by_a_message_with_these_fields() -> None:
    from airflow.sdk.exceptions import ErrorType
    from airflow.sdk.execution_time import task_runner
    from airflow.sdk.execution_time.comms import ErrorResponse, TriggerDagRun

    assert {"dag_id", "run_id", "conf"} <= set(TriggerDagRun.model_fields), "gate/trigger_dag.py"
    assert {"error", "detail"} <= set(ErrorResponse.model_fields), "gate/trigger_dag.py"
    assert ErrorType.DAGRUN_ALREADY_EXISTS, "gate/trigger_dag.py"
    assert "SUPERVISOR_COMMS" in inspect.getsource(task_runner), "gate/trigger_dag.py"


def test_what_a_task_failed_with_is_given_to_its_callbacks_after_airflow_has_logged_it() -> None:
    from airflow.sdk.execution_time import task_runner

    assert in_order(task_runner.main, "= run(ti", 'context["exception"] = error', "finalize(ti"), (
        "airflow/gate_task.py"
    )
    finalize = inspect.getsource(task_runner.finalize)
    assert '"on_failure_callback"' in finalize, "airflow/gate_task.py"
    assert "Task exited" in inspect.getsource(task_runner._run_task_and_map_outcome), "airflow/gate_task.py"


def test_an_imported_airflow_can_be_pointed_at_another_database() -> None:
    from airflow import settings

    for name in ("configure_vars", "configure_orm", "dispose_orm"):
        parameters = inspect.signature(getattr(settings, name)).parameters.values()
        needed = [p.name for p in parameters if p.default is p.empty and p.kind is not p.VAR_KEYWORD]
        assert not needed, f"airflow/in_process.py calls {name}() without {needed}"


def test_a_task_can_ask_how_the_others_ended() -> None:
    from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance

    parameters = inspect.signature(RuntimeTaskInstance.get_task_states).parameters
    assert {"dag_id", "run_ids"} <= set(parameters), "airflow/gate_task.py"


@pytest.mark.filterwarnings(
    "ignore"
)  # importing the API server warns about much that is Airflow's own business
def test_pages_are_guarded_by_airflows_own_dependencies() -> None:
    from airflow.api_fastapi.core_api import security

    assert hasattr(security, "GetUserDep"), "airflow/web/"
    assert {"method"} <= set(inspect.signature(security.requires_access_dag).parameters), "airflow/web/"


@pytest.mark.filterwarnings("ignore")  # Airflow's own business
def test_a_run_can_be_made_with_these_arguments() -> None:
    from airflow.models.dagbag import DBDagBag
    from airflow.models.log import Log
    from airflow.serialization.definitions.dag import SerializedDAG

    made = {"run_id", "logical_date", "data_interval", "run_after", "conf", "run_type", "triggered_by",
            "triggering_user_name", "state", "session"}  # fmt: skip
    parameters = inspect.signature(SerializedDAG.create_dagrun).parameters.values()
    needed = {p.name for p in parameters if p.default is p.empty and p.name != "self"}
    assert made <= {p.name for p in parameters}, "airflow/web/fleet/actions.py"
    assert needed <= made, "airflow/web/fleet/actions.py"
    assert {"dag_id", "session"} <= set(inspect.signature(DBDagBag.get_latest_version_of_dag).parameters)
    assert {"event", "owner", "dag_id", "extra"} <= {column.key for column in Log.__table__.columns}


@pytest.mark.filterwarnings("ignore")  # Airflow's own business
def test_a_question_can_be_assigned_by_number() -> None:
    from airflow.models.hitl import HITLDetail
    from airflow.providers.fab.auth_manager.models import User

    assert {"ti_id", "assignees"} <= set(HITLDetail.__table__.columns.keys()), "airflow/web/assigned_users.py"
    assert {"id", "username"} <= set(User.__table__.columns.keys()), "airflow/web/assigned_users.py"


@pytest.mark.filterwarnings("ignore")  # Airflow's own business
def test_listeners_are_told_of_a_run_before_any_of_its_tasks_is_scheduled() -> None:
    from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
    from airflow.models.pool import Pool

    steps = ("self._start_queued_dagruns(session)", "guard.commit()", "self._schedule_all_dag_runs(guard")
    assert in_order(SchedulerJobRunner._do_scheduling, *steps), "airflow/pools.py"
    starting = inspect.getsource(SchedulerJobRunner._start_queued_dagruns)
    assert "notify_dagrun_state_changed" in starting, "airflow/pools.py"
    needed = {
        column.key for column in Pool.__table__.columns if not column.nullable and not column.primary_key
    }
    assert needed <= {"pool", "slots", "include_deferred"}, "airflow/pools.py"


def test_the_record_names_every_file() -> None:
    (record,) = Path(HOME / "docs" / "adr").glob("0009-*.md")
    text = record.read_text(encoding="utf-8")
    assert all(name in text or "airflow/web/" in text for names in USED.values() for name in names)


def in_order(function: Callable[..., object], *steps: str) -> bool:
    """Tell whether a function's source has all these texts, one after the other."""
    source = inspect.getsource(function)
    places = [source.find(step) for step in steps]
    return -1 not in places and places == sorted(places)
