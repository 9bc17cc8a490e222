"""Pools are made once and stay as they are; a slow or failing secrets backend does not stop the scheduler."""

from __future__ import annotations

import threading
from collections.abc import Iterator

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


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools._Backends, "not_before", 0.0)


def test_slots_that_a_person_changed_stay(metadata: None) -> None:
    with create_session() as session:
        session.add(Pool(pool="presync_cpu", slots=9, include_deferred=False))
        session.flush()
        pools.make("presync_cpu", session)
        assert session.scalars(select(Pool.slots).where(Pool.pool == "presync_cpu")).all() == [9]


def test_the_scheduler_does_not_fail(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(dag_id: str) -> dict[str, str]:
        raise ConnectionError("the vault says s3cret")

    monkeypatch.setattr(pools, "reading_pools", refused)
    assert pools._reading_pools_in_time("alfa", "presync__alfa") == {}
    assert "extracts of alfa stay in the default pool: ConnectionError" in caplog.text
    assert "s3cret" not in caplog.text


def test_the_scheduler_waits_once_and_not_for_each_run(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answer, asked = threading.Event(), []

    def silent(dag_id: str) -> dict[str, str]:
        asked.append(dag_id)
        answer.wait()
        return {}

    monkeypatch.setattr(pools, "reading_pools", silent)
    monkeypatch.setattr(pools, "_LONGEST_SECONDS", 0.01)
    for name in ("alfa", "beta"):
        assert pools._reading_pools_in_time(name, f"presync__{name}") == {}
    answer.set()
    assert asked == ["presync__alfa"]
    assert "extracts of beta stay in the default pool: connections came too slowly" in caplog.text
