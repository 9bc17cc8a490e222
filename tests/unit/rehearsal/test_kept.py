"""The newest rehearsal is kept for the company's page, also why there could be none.

Covers: airflow/rehearsal_dag.py.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from presync.airflow.rehearsal_dag import rehearsal_dag
from presync.rehearsal import simulate as simulating
from presync.rehearsal.kept import kept, rehearse
from presync.tenants.model import REHEARSAL
from tests.support.rules_samples import tenant


def test_what_came_of_it_is_kept_and_replaced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PRESYNC_DATA", str(tmp_path))
    company = tenant()
    assert kept(company.tenant) is None
    rehearse(company, "first")
    refused = kept(company.tenant)
    assert refused is not None
    assert (refused["rehearsal"], refused["status"]) == ("first", "error")
    assert "there is nothing to rehearse with" in refused["lines"][0]
    found = SimpleNamespace(verdict=SimpleNamespace(status="ready"))
    monkeypatch.setattr(simulating, "simulate", lambda _: found)
    monkeypatch.setattr(simulating, "lines", lambda _: iter(["it would be READY:"]))
    assert rehearse(company, "second") == kept(company.tenant)
    assert kept(company.tenant) == {
        "rehearsal": "second",
        "status": "ready",
        "lines": ["it would be READY:"],
        "made_at": (kept(company.tenant) or {})["made_at"],
    }


def test_the_dag_waits_for_nobody_and_ends() -> None:
    dag = rehearsal_dag()
    assert dag.dag_id == REHEARSAL
    assert dag.is_paused_upon_creation is False
    assert all(each.execution_timeout for each in dag.tasks)
