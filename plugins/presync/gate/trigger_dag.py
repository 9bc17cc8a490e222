"""Starting an integration by triggering a DAG."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from presync.errors import (
    StartRefusedError,
    StartUnknownError,
)
from presync.gate.start_request import SOURCE, StartRequest


def dag_run_id(key: str) -> str:
    """Return the run id of the DAG that starts a tenant: triggering it twice makes one run."""
    return f"presync__{key}"


def trigger_dag(dag_id: str, request: StartRequest) -> str:
    """Trigger the DAG through the task's own channel to Airflow.

    Works inside an Airflow task only. Raises StartRefusedError if Airflow refused, e.g. an unknown DAG, and
    StartUnknownError if the run was there before: an earlier call made it, and a person has said since that
    nothing was started.
    """
    run_id = dag_run_id(request.idempotency_key)
    try:
        made = trigger_run(dag_id, run_id, request.body())
    except NotTriggeredError as error:
        if not error.refused:
            raise StartUnknownError(
                f"Airflow did not trigger DAG {dag_id} ({error.message})", source=SOURCE
            ) from error
        raise StartRefusedError(
            f"Airflow did not trigger DAG {dag_id} ({error.message}), so the integration was not started. "
            "Check `start.dag` in the tenant file, and that the DAG exists. Then run again.",
            source=SOURCE,
        ) from error
    if not made:
        raise StartUnknownError(
            f"run {run_id} of DAG {dag_id} was there before, so nothing was triggered now. Look at that run "
            "in Airflow: if it did not start the integration, clear it there",
            source=SOURCE,
        )
    return f"triggered {dag_id}, run {run_id}"


class NotTriggeredError(Exception):
    """Airflow did not trigger a DAG; `refused`: for certain."""

    def __init__(self, message: str, *, refused: bool) -> None:
        super().__init__(message)
        self.message = message
        self.refused = refused


def trigger_run(dag_id: str, run_id: str, configuration: Mapping[str, Any]) -> bool:
    """Trigger a run of a DAG through the task's own channel; return False if it exists already.

    Works inside an Airflow task only. Raises NotTriggeredError.
    """
    from airflow.sdk.exceptions import ErrorType
    from airflow.sdk.execution_time.comms import ErrorResponse, TriggerDagRun
    from airflow.sdk.execution_time.task_runner import SUPERVISOR_COMMS

    message = TriggerDagRun(dag_id=dag_id, run_id=run_id, conf=dict(configuration))
    try:
        answer = SUPERVISOR_COMMS.send(message)
    except Exception as error:
        status = _status(error)
        if status is None or not 400 <= status < 500:
            raise
        raise NotTriggeredError(f"status {status}", refused=True) from error
    if isinstance(answer, ErrorResponse):
        if answer.error != ErrorType.DAGRUN_ALREADY_EXISTS:
            raise NotTriggeredError(str(answer.error), refused=False)
        return False
    return True


def _status(error: Exception) -> int | None:
    """Return the API server's status: on the answer itself in-process, in the detail through a supervisor."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    detail = getattr(getattr(error, "error", None), "detail", None)
    found = status if status is not None or not isinstance(detail, dict) else detail.get("status_code")
    return found if isinstance(found, int) else None
