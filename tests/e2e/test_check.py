"""`presync check` as a person or a script runs it: a process of its own, several at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from presync import settings
from tests.e2e import tiny_company
from tests.e2e.conftest import MakeTenant
from tests.e2e.tenant_run import SECRET

PRESYNC = Path(sys.executable).with_name("presync")
KEYS = [
    "tenant",
    "run_id",
    "status",
    "started_at",
    "finished_at",
    "rules_version",
    "suites",
    "counts",
    "errors",
]


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW_")}
    environment |= {name: value for name, value in os.environ.items() if name.startswith("AIRFLOW_CONN_")}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [PRESYNC, "check", *arguments], stdout=pipe, stderr=pipe, text=True, env=environment
    )


def test_ready_and_blocked_at_the_same_time(make: MakeTenant, calls: Callable[[], list[str]]) -> None:
    ready, blocked = make(start="{webhook: integration}"), make(start="{webhook: integration}")
    tiny_company.execute(blocked.company, "UPDATE VoSr SET LstVoNo = 0")

    processes = [start(ready.file, "--json"), start(blocked.file)]
    (json_out, json_err), (text_out, text_err) = [process.communicate() for process in processes]

    assert [process.returncode for process in processes] == [0, 1]
    verdict = json.loads(json_out)
    assert list(verdict) == KEYS
    assert verdict["status"] == "ready"
    written = settings.local_data() / "reports" / ready.tenant.tenant / "latest" / "verdict.json"
    assert json.loads(written.read_text()) == verdict
    assert "BLOCKED" in text_out
    assert "series_overlap" in text_out
    assert json_err == text_err == ""
    assert SECRET not in json_out + text_out
    assert calls() == []
    assert not list((settings.local_data() / "airflow").glob("home-*"))


def test_it_starts_only_when_asked(make: MakeTenant, calls: Callable[[], list[str]]) -> None:
    tiny = make(start="{webhook: integration}")

    process = start(tiny.file, "--start", "--json")
    out, _ = process.communicate()

    assert process.returncode == 0
    assert json.loads(out)["status"] == "ready"
    assert len(calls()) == 1
