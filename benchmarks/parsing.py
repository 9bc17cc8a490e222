"""Parsing the DAG files of many tenants: as Airflow's DAG processor does, and as a task does."""

from __future__ import annotations

import os
import runpy
from pathlib import Path

from benchmarks.measuring import Observer

_DAGS = Path(__file__).resolve().parents[1] / "dags"


def write_tenants(folder: Path, tenants: int, *, apply: bool) -> None:
    """Write small tenant files, each with a second DAG if it may `apply`."""
    folder.mkdir(parents=True)
    more = "severa: {apply: true}\n" if apply else ""
    for number in range(tenants):
        name = f"company{number:04}"
        (folder / f"{name}.yaml").write_text(f"tenant: {name}\ntitle: Company {number}\n{more}")


def all_dags(observer: Observer, folder: str, home: str) -> int:
    """Parse both DAG files of tenants, twice; return how many DAGs there are."""
    _import_airflow(folder, home)
    observer.ready()
    for when in ("first", "again"):
        with observer.part(f"onboarding.py, {when}"):
            dags = _parse("onboarding.py")
        with observer.part(f"broken_tenants.py, {when}"):
            _parse("broken_tenants.py")
    return dags


def one_dag(observer: Observer, folder: str, home: str, dag_id: str) -> int:
    """Parse what a task of one DAG parses; return how many DAGs there are."""
    os.environ |= {"_AIRFLOW_PARSING_CONTEXT_DAG_ID": dag_id, "_AIRFLOW_PARSING_CONTEXT_TASK_ID": "gate"}
    _import_airflow(folder, home)
    observer.ready()
    return _parse("onboarding.py")


def _import_airflow(folder: str, home: str) -> None:
    os.environ |= {
        "AIRFLOW_HOME": home,
        "PRESYNC_TENANTS": folder,
        "PRESYNC_DATABASE_URL": f"sqlite:///{home}/control.db",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
    }
    import airflow.sdk  # noqa: F401

    from presync.airflow import apply_dag, dag  # noqa: F401


def _parse(name: str) -> int:
    from airflow.sdk import DAG

    return sum(isinstance(value, DAG) for value in runpy.run_path(str(_DAGS / name)).values())
