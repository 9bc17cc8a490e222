"""A pool's name says which server or credential it is for and no secret; settings say its slots."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from presync.airflow import pool_names


@pytest.mark.parametrize(
    "host",
    ["sql01.example.org", "SQL01.example.org\\VISMA", "tcp:sql01.example.org,1433", " sql01.example.org:1 "],
)
def test_instances_and_ports_of_a_machine_share_a_pool(host: str) -> None:
    assert pool_names.sql_server_pool(host) == "presync_sql_server_sql01.example.org"


@pytest.mark.parametrize("host", ["sa:s3cret@sql01", "pwd=s3cret;", "s3cret" * 40, "(local)/s3cret"])
def test_what_is_no_host_is_not_shown(host: str) -> None:
    name = pool_names.sql_server_pool(host)
    assert "s3cret" not in name
    assert name != pool_names.sql_server_pool(f"{host}x")
    assert name == pool_names.sql_server_pool(host)


def test_a_credential_is_told_apart_and_not_shown() -> None:
    name = pool_names.severa_pool("https://api.example.org/", "client-1")
    assert name == pool_names.severa_pool("API.example.org", "client-1")
    assert name != pool_names.severa_pool("https://api.example.org", "client-2")
    assert "client" not in name


def company(folder: Path, monkeypatch: pytest.MonkeyPatch, **connection: Any) -> None:
    (folder / "alfa.yaml").write_text("tenant: alfa\ntitle: Alfa\n")
    (folder / "beta.yaml").write_text("not: a tenant file\n")
    monkeypatch.setenv("PRESYNC_TENANTS", str(folder))
    monkeypatch.setenv("AIRFLOW_CONN_VISMA_BUSINESS__ALFA", json.dumps({"conn_type": "odbc", **connection}))


def test_no_pool_without_slots_or_without_a_connection(
    airflow_metadata: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    company(tmp_path, monkeypatch, host="sql01")
    expected = {"extract_visma_business": "presync_sql_server_sql01"}
    assert pool_names.reading_pools("presync__alfa") == expected
    assert pool_names.reading_pools("presync__beta") == {}
    monkeypatch.setenv("PRESYNC_SQL_SERVER_READS", "0")
    assert pool_names.reading_pools("presync__alfa") == {}


def test_a_file_has_no_server_and_a_fault_of_one_system_leaves_the_other(
    airflow_metadata: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    company(tmp_path, monkeypatch, extra={"driver": "SQLite3", "odbc": {"Database": "/x.db"}})
    assert pool_names.reading_pools("presync__alfa") == {}
    company(tmp_path, monkeypatch, extra={"odbc": "no JSON"})
    monkeypatch.setenv("AIRFLOW_CONN_SEVERA__ALFA", json.dumps({"host": "severa", "login": "client"}))
    expected = {"extract_severa": pool_names.severa_pool("severa", "client")}
    assert pool_names.reading_pools("presync__alfa") == expected


def test_tasks_that_compute_are_in_a_pool_where_their_machine_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")
    assert pool_names.cpu_pools() == {}
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "LocalExecutor")
    assert {"reconcile", "customers", "report"} <= set(pool_names.cpu_pools())
    assert pool_names.slots("presync_cpu") == 2 * len(os.sched_getaffinity(0))
    monkeypatch.setenv("PRESYNC_CPU_TASKS", "5")
    assert pool_names.slots("presync_cpu") == 5
    monkeypatch.setenv("PRESYNC_CPU_TASKS", "0")
    assert pool_names.cpu_pools() == {}
