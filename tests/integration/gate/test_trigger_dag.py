"""Starting by triggering a DAG, in real Airflow tasks: one run, however often it is triggered.

Covers: airflow/web/trigger_apply.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from presync.gate.trigger_dag import dag_run_id
from tests.support.patience import PATIENCE

HOME = Path(__file__).parents[3]


def test_triggering_twice_makes_one_run(tmp_path: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "tests.support.triggering_dags", str(tmp_path)],
        cwd=HOME,
        env=os.environ | {"PRESYNC_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert process.returncode == 0, process.stderr[-3000:]
    outcome = json.loads((tmp_path / "outcome.json").read_text())
    run_id = dag_run_id(outcome["request"]["idempotency_key"])
    assert outcome["runs"] == [[run_id, outcome["request"]]]
    assert outcome["states"] == dict.fromkeys(("first", "second", "nothing"), "success")
    assert outcome["returned"]["nothing"].startswith("refused: Airflow did not trigger DAG no_such_dag")
    wanted = {"do": "apply", "only": ["customers"], "at_most": 1, "fill_empty": False}
    waits, *refused = outcome["asked"].pop("said")
    assert outcome["asked"] == {"conf": wanted, "by": "Anna"}
    assert waits in {"", "it waits until somebody unpauses its DAG"}
    assert refused == ["a run is under way already", "there is no such DAG any more"]
    assert outcome["returned"]["first"] == f"triggered integration, run {run_id}"
    again = outcome["returned"]["second"]
    assert again.startswith(
        f"unknown: run {run_id} of DAG integration was there before, so nothing was triggered"
    )
