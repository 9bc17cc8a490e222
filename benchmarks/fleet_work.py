"""The bare work of one company's run: the DAG's own tasks in one process that has imported everything.

And what such a run leaves on the disk.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.fleet_world import generated_fleet
from benchmarks.measuring import Observer
from presync.tenants.model import Tenant, load_tenant


def run(observer: Observer, customers: int) -> dict[str, str]:
    """Run a company's tasks one after the other; return their states.

    A run before it is not counted: it pays for what a process does only once.
    """
    with _companies(2, customers) as (first, second):
        from presync.airflow.run_steps import run_steps

        run_steps(first, start=False)
        observer.ready()
        return run_steps(second, start=False).states


def staged(observer: Observer, customers: int) -> dict[str, int]:
    """Run a company's tasks; return the bytes of every published folder that they staged, by its name."""
    with _companies(1, customers) as (tenant,):
        from presync.airflow.run_steps import run_steps
        from presync.staging.store import RunStore

        observer.ready()
        folder = Path(RunStore(tenant.tenant, run_steps(tenant, start=False).run_id).url)
        sizes: Counter[str] = Counter()
        for file in folder.rglob("*"):
            if file.is_file():
                sizes[file.relative_to(folder).parts[0]] += file.stat().st_size
        return dict(sizes)


@contextmanager
def _companies(number: int, customers: int) -> Iterator[list[Tenant]]:
    """Generate companies and yield their tenants, with everything set that their tasks need."""
    from presync.airflow import in_process

    with (
        tempfile.TemporaryDirectory() as scratch,
        generated_fleet(Path(scratch) / "fleet", number, customers) as fleet,
    ):
        os.environ |= {**fleet.environment, "PRESYNC_DATA": scratch, "PRESYNC_TENANTS": str(fleet.files)}
        os.environ.pop("PRESYNC_DATABASE_URL", None)
        log = Path(scratch) / "log"
        with in_process.output_to(log), in_process.home(fleet.files, metadata=False):
            yield [load_tenant(fleet.files / f"{name}.yaml") for name in fleet.tenants]
