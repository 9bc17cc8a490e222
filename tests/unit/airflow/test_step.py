"""One step of a run, called as Airflow calls it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import pytest

from presync.airflow.step import Step
from presync.errors import ConfigurationError
from presync.staging import made_by
from presync.staging.store import RunStore
from tests.support.published_run import RUN_ID, TENANT


def _never(*_: Any) -> NoReturn:
    raise AssertionError("it worked although its code is of two versions")


def test_a_task_forked_from_other_code_than_the_disk_holds_does_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESYNC_DATA", str(tmp_path))
    monkeypatch.setattr(made_by, "_preloaded", [made_by.Preloaded("of the version before", {})])

    with pytest.raises(ConfigurationError, match="Restart the workers"):
        Step(task_id="reconcile", tenant=TENANT, work=_never).run_work({"run_id": RUN_ID})
    error = RunStore(TENANT.tenant, RUN_ID).fetch("errors/reconcile") / "error.json"
    assert "Restart the workers" in error.read_text()
