"""Runs that are red for different reasons have different notes."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from airflow.models.dagrun import DagRun
from airflow.utils.session import create_session
from sqlalchemy import delete, select

from presync.airflow import run_notes
from presync.control.companies import Judgement, record_began, record_judged
from presync.control.database import now, transaction
from presync.tenants.model import Tenant


@pytest.fixture(autouse=True)
def control(airflow_metadata: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESYNC_DATABASE_URL", f"sqlite:///{tmp_path}/control.db")


def judged(status: str, **said: Any) -> None:
    record_began(Tenant(tenant="nordlys", title="Nordlys"), "r1")
    with transaction() as session:
        record_judged(session, "nordlys", Judgement("r1", status, **said), now())


def noted(run_id: str = "r1", note: str | None = None, dag: str = "presync__nordlys") -> str | None:
    """Let Airflow tell that a run has failed; return the note that its database holds then."""
    with create_session() as session:
        session.execute(delete(DagRun))
        run = DagRun(dag_id=dag, run_id=run_id, run_type="manual", run_after=now(), start_date=now())
        run.note = note
        session.add(run)
        session.flush()
        run_notes.on_dag_run_failed(run, "task_failure")
    with create_session() as session:
        known: str | None = session.scalars(select(DagRun)).one().note
        session.execute(delete(DagRun))
    return known


def test_blocked_and_error_read_differently() -> None:
    judged("blocked", rules={"customers/code_mismatch": [3, 0]}, places={"either": 3})
    assert str(noted()).startswith("Presync: Blocked. Customers: ")
    judged("error", reason="severa: no answer")
    assert noted() == "Presync: Could not be checked. severa: no answer"
    # our own note of an earlier try is replaced, a person's is not
    assert noted(note="Presync: Blocked.") == "Presync: Could not be checked. severa: no answer"
    assert noted(note="asked Kari") == "asked Kari"


def test_a_run_that_died_before_its_verdict_says_so() -> None:
    record_began(Tenant(tenant="nordlys", title="Nordlys"), "r1")
    assert "Could not be checked. Run r1 began and ended without a verdict" in str(noted())


def test_other_runs_and_dags_are_left_alone() -> None:
    judged("blocked")
    assert noted("r0") is None
    assert noted(dag="payroll") is None
    assert noted(dag="presync__unknown") is None


def test_the_scheduler_never_waits_long(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PRESYNC_DATABASE_URL", "sqlite:////proc/nowhere/control.db")
    assert noted() is None
    assert "gets no note" in caplog.text
    answered = threading.Event()
    monkeypatch.setattr(run_notes, "words_of", lambda *_: str(answered.wait(60)))
    monkeypatch.setattr(run_notes, "_LONGEST_SECONDS", 0.01)
    assert noted() is None
    answered.set()


def test_a_run_outside_the_schedulers_transaction_gets_no_note() -> None:
    judged("blocked")
    run = DagRun(dag_id="presync__nordlys", run_id="r1", run_type="manual", run_after=now())
    run_notes.on_dag_run_success(run, "success")
    assert run.note is None
