"""A tenant's whole run through Airflow: every outcome, and what each leaves behind."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from presync import settings
from tests.e2e.conftest import MakeTenant
from tests.support.tenant_run import SECRET

Calls = Callable[[], list[str]]


def test_ready_starts_once_and_only_when_asked(make: MakeTenant, calls: Calls) -> None:
    tiny = make(start="{webhook: integration}")

    checked = tiny.run(start=False)
    assert tiny.verdict(checked)["status"] == "ready"
    assert checked.states["gate"] == "success"
    assert checked.states["start_integration"] == "skipped"
    assert calls() == []

    first, second = tiny.run(), tiny.run()
    assert first.states["start_integration"] == "success"
    assert second.states["gate"] == "success"
    assert second.states["start_integration"] == "skipped"
    assert len(calls()) == 1
    # neither in staging, reports, logs and control database nor in Airflow's metadata (XCom, rendered fields)
    assert not _files_holding(settings.local_data(), SECRET)
    assert not _files_holding(Path(os.environ["AIRFLOW_HOME"]), SECRET)


def test_a_check_starts_nothing_where_airflow_keeps_params_from_what_a_run_was_triggered_with(
    make: MakeTenant, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__DAG_RUN_CONF_OVERRIDES_PARAMS", "False")
    tiny = make(start="{webhook: integration}")
    assert tiny.run(start=False).states["start_integration"] == "skipped"
    assert calls() == []
    assert tiny.run().states["start_integration"] == "success"


def test_refused_credentials_are_an_error_and_stay_secret(
    make: MakeTenant, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = make(start="{webhook: integration}")
    variable = next(name for name in tiny.environment if "SEVERA" in name)
    wrong = "wrong-secret-0815"
    monkeypatch.setenv(variable, tiny.environment[variable].replace(SECRET, wrong))

    run = tiny.run()

    verdict = tiny.verdict(run)
    assert verdict["status"] == "error"
    assert "severa" in {error["source"] for error in verdict["errors"]}
    assert {entry["status"] for entry in verdict["suites"]} == {"error"}
    assert run.states["gate"] == "failed"
    assert run.states["start_integration"] == "upstream_failed"
    assert calls() == []
    assert not _files_holding(settings.local_data(), wrong)


def test_failed_report_shuts_the_gate(make: MakeTenant, calls: Calls) -> None:
    tiny = make(start="{webhook: integration}")
    reports = settings.local_data() / "reports"
    reports.parent.mkdir(parents=True, exist_ok=True)
    reports.write_text("a file where a folder should be")

    run = tiny.run()

    assert run.states["report"] == "failed"
    assert run.states["gate"] == "failed"
    assert "report" in tiny.errors(run)["gate"]
    assert calls() == []


def _files_holding(folder: Path, secret: str) -> list[Path]:
    pattern = re.compile(re.escape(secret.encode()))
    return [path for path in folder.rglob("*") if path.is_file() and pattern.search(path.read_bytes())]
