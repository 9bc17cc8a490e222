"""What tests call in a child: a run answered at a chosen moment, a task killed half way, an endless run."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from presync.airflow import gate_task, in_process
from presync.airflow.dag import build_dag
from presync.airflow.step import Step
from presync.staging.store import RunStore
from presync.tenants.model import load_tenant
from tests.support.patience import PATIENCE
from tests.support.tenant_run import run_file


def open_questions(api: httpx.Client, dag_id: str) -> list[str]:
    """Return the paths of a DAG's questions that nobody has answered."""
    runs = f"/api/v2/dags/{dag_id}/dagRuns"
    asked = api.get(f"{runs}/~/hitlDetails", params={"response_received": False}).raise_for_status()
    tasks = [detail["task_instance"] for detail in asked.json()["hitl_details"]]
    return [f"{runs}/{task['dag_run_id']}/taskInstances/{task['task_id']}/-1/hitlDetails" for task in tasks]


def answer(api: httpx.Client, questions: list[str], choice: str) -> None:
    """Answer questions as a person does in Airflow's pages."""
    for question in questions:
        api.patch(question, json={"chosen_options": [choice], "params_input": {}}).raise_for_status()


def approve_while_it_parks(
    file: Path, *, before: bool, url: str, headers: Mapping[str, str], **named: Any
) -> in_process.LocalRun:
    """Run a tenant whose question is approved right before or right after the task is parked."""
    from airflow.sdk.api.client import TaskInstanceOperations

    park = TaskInstanceOperations.await_input
    dag_id = load_tenant(file).dag_id

    def park_and_answer(*arguments: Any) -> None:
        with httpx.Client(base_url=url, headers=headers, timeout=PATIENCE) as api:
            if not before:
                park(*arguments)
            answer(api, open_questions(api, dag_id), "Approve")
            if before:
                park(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TaskInstanceOperations, "await_input", park_and_answer)
        return run_file(file, start=True, **named)


def kill_half_way(file: Path, run_id: str, suite: str) -> None:
    """Run a suite's task, and kill its process when half of the result is written."""
    step = build_dag(load_tenant(file)).task_dict[suite]
    assert isinstance(step, Step)

    def half_then_killed(suite: str, database: Path, out: Path) -> None:
        (out / "result.json").write_text('{"status": "passed"}')
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("presync.rules.run_suite.run_suite", half_then_killed)
        step.run_work({"run_id": run_id})


def kill_gate(file: Path, run_id: str) -> None:
    """Run the gate's task, and kill its process once the verdict is concluded and before it is shown."""
    tenant = load_tenant(file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("presync.verdict.history.remember", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        everything_succeeded = SimpleNamespace(get_task_states=lambda **_: {run_id: _Succeeded()})
        context: Any = {"ti": everything_succeeded}
        gate_task.gate(tenant, RunStore(tenant.tenant, run_id), context)


class _Succeeded(dict[str, str]):
    def get(self, key: str, default: Any = None) -> Any:
        """Return the state of any task."""
        return "success"


def wait_for_ever(file: Path) -> in_process.LocalRun:
    """Stand for a run that waits for what never comes."""
    threading.Event().wait()
    raise AssertionError(file)
