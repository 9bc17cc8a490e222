"""`presync check` as a person or a script runs it: a process of its own, several at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from presync import settings
from presync.airflow.run_steps import run_steps
from presync.cli.check import outcome_of
from presync.cli.main import FINE, main
from tests.e2e.conftest import MakeTenant
from tests.support import tiny_company
from tests.support.patience import PATIENCE
from tests.support.tenant_run import SECRET

PRESYNC = Path(sys.executable).with_name("presync")
KEYS = [
    "tenant",
    "run_id",
    "status",
    "started_at",
    "finished_at",
    "rules_version",
    "made_by",
    "suites",
    "counts",
    "errors",
    "deviations",
    "not_compared",
]


def start(*arguments: str | Path, airflow: bool = False) -> subprocess.Popen[str]:
    """Start `presync check`, with or without the tests' Airflow as the one at hand."""
    at_hand = ("AIRFLOW_HOME", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__CORE__FERNET_KEY")
    kept = ("AIRFLOW_CONN_", *(at_hand if airflow else ()))
    environment = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(kept) or not name.startswith("AIRFLOW_")
    }
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [PRESYNC, "check", *arguments], stdout=pipe, stderr=pipe, text=True, env=environment
    )


def test_ready_and_blocked_at_the_same_time(make: MakeTenant, calls: Callable[[], list[str]]) -> None:
    ready, blocked = make(start="{webhook: integration}"), make(start="{webhook: integration}")
    tiny_company.execute(blocked.company, "UPDATE VoSr SET LstVoNo = 0")
    unfinished = settings.local_data() / "staging" / ready.tenant.tenant / "old-check"
    unfinished.mkdir(parents=True)
    os.utime(unfinished, (0, 0))

    processes = [start(ready.file, "--json"), start(blocked.file)]
    (json_out, json_err), (text_out, text_err) = [
        process.communicate(timeout=PATIENCE) for process in processes
    ]

    assert [process.returncode for process in processes] == [0, 1]
    verdict = json.loads(json_out)
    assert list(verdict)[: len(KEYS)] == KEYS
    assert verdict["status"] == "ready"
    written = settings.local_data() / "reports" / ready.tenant.tenant / "latest" / "verdict.json"
    assert json.loads(written.read_text()) == verdict
    assert "BLOCKED" in text_out
    assert "series_overlap" in text_out
    assert json_err == text_err == ""
    assert SECRET not in json_out + text_out
    assert calls() == []
    assert not list((settings.local_data() / "airflow").glob("home-*"))
    assert not unfinished.exists()


def test_it_starts_when_asked_with_connections_of_the_airflow_at_hand(
    make: MakeTenant, calls: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.models import Connection
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session

    tiny = make(start="{webhook: integration}")
    variable = next(name for name in tiny.environment if "SEVERA" in name)
    monkeypatch.delenv(variable)
    values = json.loads(tiny.environment[variable])
    with create_session() as session:
        session.add(Connection(conn_id=tiny.tenant.connection_id("severa"), **values))
        before = session.query(DagRun).count()

    process = start(tiny.file, "--start", "--json", airflow=True)
    out, _ = process.communicate(timeout=PATIENCE)

    assert process.returncode == 0, out
    assert json.loads(out)["status"] == "ready"
    assert len(calls()) == 1
    with create_session() as session:
        assert session.query(DagRun).count() == before


def test_two_companies_are_not_ready_until_a_person_says_that_they_are_one(make: MakeTenant) -> None:
    tiny = make(start="manual")
    information = "CREATE TABLE Frm (Nm TEXT, BsNo TEXT, CrNtVoSr INTEGER);"
    tiny_company.execute(tiny.company, information + "INSERT INTO Frm VALUES ('Quite Another AS', '', 0)")
    outcome = outcome_of(tiny.tenant, run_steps(tiny.tenant, start=False), start=False)
    (error,) = outcome.verdict["errors"]
    assert (outcome.exit_code, error["source"]) == (2, "systems")
    assert "“Quite Another AS”" in error["message"]
    assert "“Tiny AS”" in error["message"]
    assert main(["accept-systems", str(tiny.file), "--by", "Kari", "--reason", "its old name"]) == FINE
    again = outcome_of(tiny.tenant, run_steps(tiny.tenant, start=False), start=False)
    assert (again.exit_code, again.verdict["errors"]) == (0, [])
    page = settings.local_data() / "reports" / tiny.tenant.tenant / "latest" / "index.html"
    assert "Kari said on" in page.read_text()
