"""The section about one large company through a real Airflow: how long each task takes, CPU, memory, disk."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import Final

from benchmarks.fleet_section import megabytes, run_not_ready, watched
from benchmarks.fleet_stack import Stack, running_stack
from benchmarks.fleet_world import generated_fleet
from benchmarks.report import Report
from presync.tenants.model import dag_id

_EACH_SECONDS: Final = 5


def large_company(report: Report, scratch: Path, *, customers: int) -> None:
    """One company of so many customers in each system, from the first extract to the gate."""
    report.section(
        "One large company through Airflow",
        f"{customers:,} customers in each system, LocalExecutor over PostgreSQL, four task slots. Severa's "
        "stand-in allows ten requests a second, as Severa does, so reading it is waiting.",
    )
    folder = scratch / "large"
    with (
        generated_fleet(folder / "fleet", 1, customers) as world,
        running_stack(folder / "airflow", world.files, world.environment) as stack,
    ):
        stack.await_dags(2)
        dag = dag_id(world.tenants[0])
        with _watched_memory(stack) as memory:
            run = watched(stack, lambda: run_not_ready(stack, [dag]))
        staged, reports = megabytes(folder / "airflow" / "data", 1)
        tasks = _durations(stack, dag)
    report.numbers[f"large {customers}"] = {"run": run, "tasks": tasks, "memory_mb": memory, "staged": staged}
    report.table(("task", "wall s"), sorted(tasks.items(), key=itemgetter(1), reverse=True))
    report.say(
        f"The whole run: {run.wall:,.0f} s on the wall, {run.total:,.0f} CPU s. Memory of all services, "
        f"at its highest: {max(memory):,.0f} MB (every {_EACH_SECONDS} seconds, shared pages in shares). "
        f"Staged {staged:,.0f} MB, reports {reports:,.0f} MB."
    )


@contextmanager
def _watched_memory(stack: Stack) -> Iterator[list[float]]:
    """Look at the memory of all services, in MB, until the end."""
    seen = [sum(stack.memory().values())]
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(_EACH_SECONDS):
            seen.append(sum(stack.memory().values()))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def _durations(stack: Stack, dag: str) -> dict[str, float]:
    """Return how many seconds each task of the DAG's runs took, the waiting for a slot not counted."""
    runs = stack.client.get(f"/api/v2/dags/{dag}/dagRuns/~/taskInstances", params={"limit": 100})
    return {
        task["task_id"]: _seconds(task["start_date"], task["end_date"])
        for task in runs.raise_for_status().json()["task_instances"]
        if task["start_date"] and task["end_date"]
    }


def _seconds(start: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
