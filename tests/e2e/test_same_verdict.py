"""The DAG and `presync check` come to the same verdict, findings and report.

Covers: airflow/in_process.py, airflow/run_steps.py, cli/check.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from presync.airflow.in_process import LocalRun
from presync.airflow.run_steps import run_steps
from presync.rules.catalogue import SUITES
from presync.staging.store import folder_name
from tests.e2e.conftest import MakeTenant
from tests.support import tiny_company
from tests.support.tenant_run import TinyTenant

# what differs from run to run by its nature
RUN = ("run_id", "started_at", "finished_at", "gate")


def files(report: Path) -> dict[str, bool]:
    return {
        path.relative_to(report).as_posix(): path.stat().st_size > 0
        for path in report.rglob("*")
        if path.is_file()
    }


def verdict(tiny: TinyTenant, run: LocalRun) -> dict[str, Any]:
    values = tiny.verdict(run)
    return {key: value for key, value in values.items() if key not in RUN}


def errors(tiny: TinyTenant, run: LocalRun) -> dict[str, str]:
    """Return the errors that the tasks published, with one name for every run."""
    text = json.dumps(tiny.errors(run))
    for name in (run.run_id, folder_name(run.run_id)):
        text = text.replace(name, "RUN")
    found: dict[str, str] = json.loads(text)
    return found


@pytest.mark.parametrize(
    ("broken", "status", "rules", "gate"),
    [
        ("", "ready", [], ("success", "skipped")),
        (
            "UPDATE Actor SET CustNo = 10777 WHERE CustNo = 10002",
            "blocked",
            ["code_mismatch"],
            ("failed", "upstream_failed"),
        ),
        ("DROP TABLE Prod", "error", [], ("failed", "upstream_failed")),
    ],
)
def test_both_ways_say_the_same(
    make: MakeTenant, broken: str, status: str, rules: list[str], gate: tuple[str, str]
) -> None:
    tiny = make()
    if broken:
        tiny_company.execute(tiny.company, broken)

    through_airflow = tiny.run(start=False)
    by_command = run_steps(tiny.tenant, start=False)

    assert by_command.states == through_airflow.states
    states = through_airflow.states
    assert (states["gate"], states["start_integration"]) == gate
    assert ({states[suite] for suite in SUITES} == {"success"}) == (status != "error")
    assert tiny.verdict(through_airflow)["status"] == status
    assert set(rules) <= {finding["rule"] for finding in tiny.findings(through_airflow)}
    first, second = verdict(tiny, through_airflow), verdict(tiny, by_command)
    # the second run knows the findings of the first
    assert {**first, "findings": None} == {**second, "findings": None}
    assert tiny.findings(by_command) == tiny.findings(through_airflow)
    assert files(tiny.report(by_command)) == files(tiny.report(through_airflow))
    assert errors(tiny, by_command) == errors(tiny, through_airflow)
