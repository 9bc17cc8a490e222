"""The generated fleet: companies that are not one another, and empty DAGs of the same shape as theirs."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from benchmarks.fleet_section import EMPTY_DAGS, Phase
from benchmarks.fleet_world import generated_fleet
from presync.airflow.dag import build_dag
from presync.rules.catalogue import SUITES
from presync.tenants.folder import read_folder
from presync.tenants.model import Tenant

COMPANIES = 2


def shape(dag: Any) -> dict[str, tuple[set[str], str]]:
    return {task.task_id: (set(task.upstream_task_ids), str(task.trigger_rule)) for task in dag.tasks}


def test_the_companies_differ_in_both_systems_and_hold_the_same(tmp_path: Path) -> None:
    with generated_fleet(tmp_path, COMPANIES, 100) as fleet:
        found = read_folder(fleet.files)
        assert {path.stem for path in found.tenants} == set(fleet.tenants)
        assert not found.faults
        assert len(set(fleet.environment.values())) == 2 * COMPANIES
        said = [
            _organisation(fleet.environment[f"AIRFLOW_CONN_SEVERA__{name.upper()}"]) for name in fleet.tenants
        ]
    assert said[0]["guid"] != said[1]["guid"]
    assert said[0]["customers"] == said[1]["customers"] > 90


def test_the_empty_dag_has_the_shape_of_a_companys() -> None:
    module = ModuleType("empty")
    exec(EMPTY_DAGS.format(suites=tuple(SUITES), companies=1), module.__dict__)  # noqa: S102 - the text under test
    company = build_dag(Tenant.model_validate({"tenant": "nordlys", "title": "Nordlys"}))
    assert shape(module.__dict__["empty0000"]) == shape(company)


def test_what_the_idle_stack_uses_is_subtracted_by_time() -> None:
    idle = Phase({"scheduler": 6.0, "api-server": 3.0}, 60)
    assert Phase({"scheduler": 20.0, "api-server": 5.0}, 100).without(idle) == pytest.approx(10)


def _organisation(connection: str) -> dict[str, Any]:
    values = json.loads(connection)
    with httpx.Client(base_url=values["host"]) as client:
        login = {
            "client_id": values["login"],
            "client_secret": values["password"],
            "scope": "customers:read organization:read",
        }
        token = client.post("/v1/token", json=login).raise_for_status().json()["access_token"]
        client.headers["authorization"] = f"Bearer {token}"
        details = client.get("/v1/organizationdetails").raise_for_status().json()
        customers = client.get("/v1/customers", params={"rowCount": 1000}).raise_for_status().json()
    return {"guid": details["guid"], "customers": len(customers)}
