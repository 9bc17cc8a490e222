"""The bare work of one company's run: the DAG's own tasks in one process that has imported everything."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from benchmarks.fleet_world import generated_fleet
from benchmarks.measuring import Observer


def run(observer: Observer, customers: int) -> dict[str, str]:
    """Run a company's tasks one after the other; return their states.

    A run before it is not counted: it pays for what a process does only once.
    """
    from presync.airflow import in_process

    with (
        tempfile.TemporaryDirectory() as scratch,
        generated_fleet(Path(scratch) / "fleet", 2, customers) as fleet,
    ):
        os.environ |= {**fleet.environment, "PRESYNC_DATA": scratch, "PRESYNC_TENANTS": str(fleet.files)}
        os.environ.pop("PRESYNC_DATABASE_URL", None)
        log = Path(scratch) / "log"
        with in_process.output_to(log), in_process.home(fleet.files, metadata=False):
            from presync.airflow.run_steps import run_steps
            from presync.tenants.model import load_tenant

            first, second = (load_tenant(fleet.files / f"{name}.yaml") for name in fleet.tenants)
            run_steps(first, start=False)
            observer.ready()
            return run_steps(second, start=False).states
