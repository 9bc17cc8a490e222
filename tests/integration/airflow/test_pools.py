"""Airflow's scheduler lets one company at a time read a server, and no removed pool stops it for good."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from presync.airflow.pool_names import CPU_TASKS, severa_pool
from presync.settings import HOME
from tests.support.patience import PATIENCE
from tests.support.postgres import Postgres

SERVER = "presync_sql_server_sql01.example.org"
# beta's is in Airflow's metadata, gamma has none
CONNECTIONS = {
    "VISMA_BUSINESS__ALFA": {"conn_type": "odbc", "host": "SQL01.example.org\\VISMA,1433"},
    "SEVERA__ALFA": {"conn_type": "http", "host": "https://severa", "login": "client-a"},
    "SEVERA__BETA": {"conn_type": "http", "host": "https://severa", "login": "client-b"},
    "SEVERA__GAMMA": {"conn_type": "http", "host": "https://severa", "login": "client-b"},
}
READS = {"presync__alfa.extract_visma_business", "presync__beta.extract_visma_business"}
SHARED = {"presync__beta.extract_severa", "presync__gamma.extract_severa"}
FREE = {"presync__alfa.extract_severa", "presync__gamma.extract_visma_business"}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_pools_through_airflows_scheduler(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    (tmp_path / "tenants").mkdir()
    for name in ("alfa", "beta", "gamma"):
        (tmp_path / "tenants" / f"{name}.yaml").write_text(f"tenant: {name}\ntitle: {name}\n")
    url, arguments = f"sqlite:///{tmp_path}/airflow.db", []
    if database == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url, arguments = server.url("scheduling"), ["two_at_once"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.scheduling_child", *arguments],
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
            "PRESYNC_SEVERA_READS": "1",
            "PRESYNC_CPU_TASKS": "3",
            **{f"AIRFLOW_CONN_{name}": json.dumps(value) for name, value in CONNECTIONS.items()},
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout.splitlines()[-1])
    own, shared = (severa_pool("https://severa", login) for login in ("client-a", "client-b"))

    pools = {name: slots for name, slots in said["pools"].items() if name != "default_pool"}
    assert pools == {SERVER: 1, own: 1, shared: 1, "presync_cpu": 3}
    expected = {
        f"presync__{name}.{task}": "presync_cpu" for name in ("alfa", "beta", "gamma") for task in CPU_TASKS
    }
    expected |= dict.fromkeys(READS, SERVER) | dict.fromkeys(SHARED, shared)
    expected["presync__alfa.extract_severa"] = own
    in_default = {task for task, pool in said["tasks"].items() if pool == "default_pool"}
    assert {task: pool for task, pool in said["tasks"].items() if task not in in_default} == expected
    assert {"presync__gamma.extract_visma_business", "presync__alfa.gate"} < in_default

    # one read of the server, one with the shared credential, and what has a pool of its own or none
    first = set(said["first"])
    [read], [severa] = first & READS, first & SHARED
    assert first == {read, severa} | FREE
    [other] = READS - {read}
    # without its pool no read is scheduled, until a run begins or ends; a repeated one keeps its pool
    assert said["removed"] == []
    assert said["a run began"] == sorted([other, "presync_notify.tell"])
    assert said["repeated"] == []
    assert said["a run ended"] == [read]
    # Airflow takes a task that is cleared out of its pool
    assert said["cleared"] == "default_pool"
    assert said["begun again"] == [read]
    assert said["cleared and begun"] == SERVER
    if database == "postgresql":
        assert said["two at once"] == ["presync_severa_pair1", "presync_severa_pair2"]
