"""A pool's name says which server or credential it is for and no secret; settings say its slots."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow.models.pool import Pool
from airflow.utils.session import create_session
from sqlalchemy import delete, select

from presync.airflow import pools


@pytest.fixture
def metadata(airflow_metadata: None) -> Iterator[None]:
    yield
    with create_session() as session:
        session.execute(delete(Pool).where(Pool.pool.startswith("presync_")))


@pytest.mark.parametrize(
    "host",
    ["sql01.example.org", "SQL01.example.org\\VISMA", "tcp:sql01.example.org,1433", " sql01.example.org:1 "],
)
def test_instances_and_ports_of_a_machine_share_a_pool(host: str) -> None:
    assert pools.sql_server_pool(host) == "presync_sql_server_sql01.example.org"


@pytest.mark.parametrize("host", ["", "sa:s3cret@sql01", "pwd=s3cret;", "s3cret" * 40, "(local)/s3cret"])
def test_what_is_no_host_is_not_shown(host: str) -> None:
    name = pools.sql_server_pool(host)
    assert "s3cret" not in name
    assert name != pools.sql_server_pool(f"{host}x")
    assert name == pools.sql_server_pool(host)


def test_a_credential_is_told_apart_and_not_shown() -> None:
    name = pools.severa_pool("https://api.example.org/", "client-1")
    assert name == pools.severa_pool("https://API.example.org", "client-1")
    assert name != pools.severa_pool("https://api.example.org", "client-2")
    assert "client" not in name


def files(folder: Path, monkeypatch: pytest.MonkeyPatch, **connection: Any) -> None:
    (folder / "alfa.yaml").write_text("tenant: alfa\ntitle: Alfa\n")
    (folder / "beta.yaml").write_text("not: a tenant file\n")
    monkeypatch.setenv("PRESYNC_TENANTS", str(folder))
    monkeypatch.setenv("AIRFLOW_CONN_VISMA_BUSINESS__ALFA", json.dumps({"conn_type": "odbc", **connection}))


def test_no_pool_without_slots_or_without_a_connection(
    metadata: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files(tmp_path, monkeypatch, host="sql01")
    assert pools.pools_of("presync__alfa") == {"extract_visma_business": "presync_sql_server_sql01"}
    monkeypatch.setenv("PRESYNC_CPU_TASKS", "2")
    monkeypatch.setenv("PRESYNC_SQL_SERVER_READS", "0")
    assert set(pools.pools_of("presync__alfa").values()) == {"presync_cpu"}
    assert {"reconcile", "customers", "report"} <= set(pools.pools_of("presync__alfa"))


def test_slots_that_a_person_changed_stay(metadata: None) -> None:
    with create_session() as session:
        session.add(Pool(pool="presync_cpu", slots=9, include_deferred=False))
        session.flush()
        pools._make("presync_cpu", session)
        assert session.scalars(select(Pool.slots).where(Pool.pool == "presync_cpu")).all() == [9]


def test_the_scheduler_does_not_wait_and_does_not_fail(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(dag_id: str) -> dict[str, str]:
        raise ConnectionError("the vault says s3cret")

    monkeypatch.setattr(pools, "pools_of", refused)
    assert pools._pools_in_time("alfa", "presync__alfa") == {}
    assert "tasks of alfa stay in the default pool: ConnectionError" in caplog.text
    assert "s3cret" not in caplog.text
