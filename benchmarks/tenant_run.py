"""A whole run of the sample company nordlys: through Airflow, and as `presync check`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import Observer

_TENANT = "nordlys"
REST = "the command itself"
_KINDS = {
    "extract_visma_business": "work: extract",
    "extract_severa": "work: extract",
    "reconcile": "work: reconcile",
    "report": "work: report",
    "gate": "work: gate and start",
    "start_integration": "work: gate and start",
}


def run(observer: Observer) -> str:
    """Run the tenant as `presync check --start` does, in this process; return the verdict.

    The stand-in Severa is a process of its own and is not counted.
    What is neither import nor work is Airflow.
    """
    from demo.world import TENANTS, sample_world
    from presync.airflow import in_process
    from presync.cli.check import outcome_of

    with tempfile.TemporaryDirectory() as scratch, sample_world(Path(scratch) / "world") as world:
        os.environ.update(world.environment)
        (tenant,) = (tenant for tenant in world.tenants if tenant.tenant == _TENANT)
        _prepare_machine()
        with in_process.output_to(Path(scratch) / "log"), in_process.home(TENANTS):
            observer.ready()
            with observer.part("imports: Airflow"):
                _import_airflow()
            with observer.part("imports: Great Expectations, pandas"):
                _import_great_expectations()
            with observer.part("imports: everything else"):
                _import_the_rest()
            _watch(observer)
            outcome = outcome_of(tenant, in_process.run_tenant(tenant, start=True), start=True)
    _name_the_rest(observer, "Airflow")
    return str(outcome.verdict["status"])


def check(observer: Observer) -> str:
    """Check the tenant as `presync check` does, without a start; return the verdict.

    What is neither import nor work is the command's own.
    """
    from demo.world import TENANTS, sample_world

    with tempfile.TemporaryDirectory() as scratch, sample_world(Path(scratch) / "world") as world:
        os.environ.update(world.environment)
        observer.ready()
        with observer.part("imports"):
            _import_airflow()
            _import_great_expectations()
            _import_the_rest()
            from presync.airflow import run_steps  # noqa: F401
            from presync.cli.check import check as checked
        _watch(observer)
        outcome = checked(TENANTS / f"{_TENANT}.yaml", start=False)
        _name_the_rest(observer, REST)
    if outcome.problems:
        raise RuntimeError(f"the check was not completed: {outcome.problems}")
    return str(outcome.verdict["status"])


def _prepare_machine() -> None:
    """Make what only the first run on a machine pays for: the template of Airflow's metadata."""
    home = (
        "from presync.airflow import in_process; from demo.world import TENANTS\n"
        "with in_process.home(TENANTS): pass"
    )
    subprocess.run(
        [sys.executable, "-c", home], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True
    )


def _import_airflow() -> None:
    import airflow.sdk.definitions.dag
    import airflow.sdk.execution_time.supervisor
    import airflow.sdk.execution_time.task_runner  # noqa: F401


def _import_great_expectations() -> None:
    import great_expectations
    import pandas  # noqa: F401  (its own cost counts: nothing else needs it)

    from presync.rules import expectations  # noqa: F401

    great_expectations.get_context(mode="ephemeral")


def _import_the_rest() -> None:
    import duckdb  # noqa: F401
    import pyarrow.parquet  # noqa: F401
    import rapidfuzz  # noqa: F401

    from presync.airflow import dag  # noqa: F401
    from presync.gate import gate, start  # noqa: F401
    from presync.report import build  # noqa: F401
    from presync.sources.severa import extract as severa  # noqa: F401
    from presync.sources.visma_business import extract  # noqa: F401
    from presync.sources.visma_business.hook import CompanyHook  # noqa: F401


def _watch(observer: Observer) -> None:
    from presync.airflow.step import Step

    observer.watch(Step, "run_work", lambda step, *_: _KINDS.get(step.task_id, "work: suites"))


def _name_the_rest(observer: Observer, rest_name: str) -> None:
    """Add a part for whatever the run cost beside imports and work."""
    total = observer.report(None).cost
    rest = observer.parts[rest_name]
    rest.add(total)
    for name, part in observer.parts.items():
        if name != rest_name:
            rest.cpu -= part.cpu
            rest.wall -= part.wall
