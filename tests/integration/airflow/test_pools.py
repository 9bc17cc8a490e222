"""Airflow's scheduler lets one company at a time read a server, and no removed pool stops it for good."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from presync.settings import HOME
from tests.support.postgres import Postgres

CONNECTIONS = {
    "VISMA_BUSINESS__ALFA": {"conn_type": "odbc", "host": "SQL01.example.org\\VISMA,1433"},
    "VISMA_BUSINESS__BETA": {"conn_type": "odbc", "host": "sql01.example.org"},
    "SEVERA__ALFA": {"conn_type": "http", "host": "https://severa", "login": "client-a"},
    "SEVERA__BETA": {"conn_type": "http", "host": "https://severa", "login": "client-b"},
}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_two_companies_of_one_server(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    (tmp_path / "tenants").mkdir()
    for name in ("alfa", "beta"):
        (tmp_path / "tenants" / f"{name}.yaml").write_text(f"tenant: {name}\ntitle: {name}\n")
    url = f"sqlite:///{tmp_path}/airflow.db"
    if database == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.url("scheduling")
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.scheduling_child"],
        cwd=HOME,
        env={
            **os.environ,
            "AIRFLOW_HOME": str(tmp_path),
            "AIRFLOW__CORE__DAGS_FOLDER": str(HOME / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(HOME / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url,
            "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
            "PRESYNC_TENANTS": str(tmp_path / "tenants"),
            "PRESYNC_DATA": str(tmp_path / "data"),
            "PRESYNC_SQL_SERVER_READS": "1",
            **{f"AIRFLOW_CONN_{name}": json.dumps(value) for name, value in CONNECTIONS.items()},
        },
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout.splitlines()[-1])
    severa = {"presync__alfa.extract_severa", "presync__beta.extract_severa"}
    reads = {f"presync__{name}.extract_visma_business" for name in ("alfa", "beta")}
    # both Severas have credentials of their own, but one server is read by one company at a time
    assert severa < set(said["first"])
    assert len(reads & set(said["first"])) == 1
    assert said["pools"]["presync_sql_server_sql01.example.org"] == 1
    # without its pool the other company's read is not scheduled, until any run of Presync begins
    assert set(said["removed"]) == severa
    assert set(said["made_again"]) == severa | (reads - set(said["first"])) | {"presync_notify.tell"}
