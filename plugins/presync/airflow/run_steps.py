"""A tenant's run without Airflow's machinery: the same tasks, one after the other, in this process.

`presync check` runs a company this way. The tasks and their order are those of the DAG, so the verdict, the
findings and the report are the same. What Airflow adds is not needed while a person waits: retries, parallel
tasks, a metadata database. Connections come from any secrets backend that Airflow is configured with.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import FrameType, SimpleNamespace
from typing import Any, Final

from airflow.sdk import BaseOperator, TriggerRule
from airflow.sdk.exceptions import AirflowSkipException

from presync.airflow.dag import build_dag
from presync.airflow.in_process import LocalRun, Progress
from presync.airflow.step import Step
from presync.errors import IncompleteError
from presync.tenants.model import Tenant
from presync.text.secrecy import trace

logger = logging.getLogger(__name__)
_SUCCESS: Final = "success"


def run_steps(tenant: Tenant, *, start: bool, progress: Progress | None = None) -> LocalRun:
    """Run the tasks of the tenant's DAG to their end and return their final states.

    `progress` is called with a task's id and state after each. A task that failed is in the log with its
    reason, secrets masked. Questions to a person are skipped: only a running Airflow can put them.
    """
    dag = build_dag(tenant)
    run_id = f"manual__{datetime.now(UTC).isoformat()}"
    states: dict[str, str] = {}
    context = _context(run_id, states, start=start)
    for task in dag.topological_sort():  # type: ignore[no-untyped-call]
        states[task.task_id] = _state_before(task, states) or _run(task, context)
        if progress:
            progress(task.task_id, states[task.task_id])
    return LocalRun(run_id, states)


def _context(run_id: str, states: dict[str, str], *, start: bool) -> dict[str, Any]:
    """Return what our tasks ask of Airflow's context, and nothing else."""

    def task_states(*, dag_id: str, run_ids: list[str]) -> dict[str, dict[str, str]]:
        return {run_id: dict(states)}

    return {
        "run_id": run_id,
        "params": {"start": start},
        "dag_run": SimpleNamespace(run_id=run_id, conf={"start": start}),
        "ti": SimpleNamespace(get_task_states=task_states, xcom_pull=lambda **_: None),
        "outlet_events": _Events(),
    }


class _Events:
    """Accepts a task's asset events; nothing consumes them here."""

    def __getitem__(self, _asset: object) -> SimpleNamespace:
        return SimpleNamespace(extra=None)


def _state_before(task: BaseOperator, states: dict[str, str]) -> str | None:
    """Return the state of a task that does not run because of those before it, by Airflow's trigger rules."""
    before = {states[name] for name in task.upstream_task_ids}
    if task.trigger_rule == TriggerRule.ALL_DONE or before <= {_SUCCESS}:
        return None if isinstance(task, Step) else "skipped"
    return "upstream_failed" if before & {"failed", "upstream_failed"} else "skipped"


def _run(task: BaseOperator, context: dict[str, Any]) -> str:
    assert isinstance(task, Step)  # noqa: S101 - _state_before lets no other through
    logger.info("task %s begins", task.task_id)
    try:
        with _within(task.execution_timeout, task.task_id):
            task.run_work(context)  # type: ignore[arg-type]
    except AirflowSkipException as reason:
        logger.info("task %s was skipped: %s", task.task_id, reason)
        return "skipped"
    except Exception as error:
        from airflow.sdk._shared.secrets_masker import redact

        logger.error("task %s failed:\n%s", task.task_id, redact(trace(error)))
        return "failed"
    return _SUCCESS


@contextmanager
def _within(limit: timedelta | None, task: str) -> Iterator[None]:
    """End what takes longer than its limit with an error that says so, as Airflow ends a task."""
    if limit is None:
        yield
        return

    def out_of_time(number: int, frame: FrameType | None) -> None:
        raise IncompleteError(
            f"task {task} took longer than {limit}, so it was ended, and what it should have checked is not "
            "checked. See what it was waiting for in the log; then run again.",
            source=task.removeprefix("extract_"),
        )

    earlier: Callable[..., Any] | int | None = signal.signal(signal.SIGALRM, out_of_time)
    signal.setitimer(signal.ITIMER_REAL, limit.total_seconds())
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, earlier)
