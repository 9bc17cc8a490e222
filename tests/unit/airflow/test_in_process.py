"""A run in this process does not wait for what a running Airflow would repeat minutes later."""

from __future__ import annotations

import time
from typing import Any

import pytest
from airflow.sdk import DAG, BaseOperator

from presync.airflow import dag, in_process
from presync.airflow.run_steps import run_steps
from presync.errors import SourceUnavailableError
from presync.tenants.model import Tenant

TENANT = Tenant(tenant="nordlys", title="Nordlys", retries=5)


def test_no_task_of_a_run_in_this_process_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[DAG] = []
    monkeypatch.setattr(in_process, "run_dag", lambda built, *_: ran.append(built))

    in_process.run_tenant(TENANT, start=False)

    assert {task.retries for task in ran[0].tasks} == {0}
    in_airflow = {task.task_id: task.retries for task in dag.build_dag(TENANT).tasks}
    assert in_airflow["extract_severa"] == 5


def test_a_check_tries_each_task_once_whatever_the_tenant_file_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[str] = []

    def unreached(task: BaseOperator, _context: Any) -> None:
        tried.append(task.task_id)
        raise SourceUnavailableError("not there", source="severa")

    monkeypatch.setattr("presync.airflow.step.Step.run_work", unreached)
    monkeypatch.setattr(time, "sleep", lambda _seconds: pytest.fail("it waited"))

    states = run_steps(TENANT, start=False).states

    assert sorted(tried) == sorted(name for name, state in states.items() if state == "failed")
    assert states["extract_severa"] == states["gate"] == "failed"
