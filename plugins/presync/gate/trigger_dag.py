"""Starting an integration by triggering a DAG."""

from __future__ import annotations

from typing import TYPE_CHECKING

from presync.errors import (
    StartRefusedError,
    StartUnknownError,
)

if TYPE_CHECKING:
    pass
from presync.gate.start_request import SOURCE, StartRequest


def dag_run_id(key: str) -> str:
    """Return the run id of the DAG that starts a tenant: triggering it twice makes one run."""
    return f"presync__{key}"


def trigger_dag(dag_id: str, request: StartRequest) -> str:
    """Trigger the DAG through the task's own channel to Airflow; a run that exists is the same one.

    Works inside an Airflow task only. Raises StartRefusedError if Airflow refused, e.g. an unknown DAG.
    """
    from airflow.sdk.exceptions import ErrorType
    from airflow.sdk.execution_time.comms import ErrorResponse, TriggerDagRun
    from airflow.sdk.execution_time.task_runner import SUPERVISOR_COMMS

    run_id = dag_run_id(request.idempotency_key)
    try:
        answer = SUPERVISOR_COMMS.send(TriggerDagRun(dag_id=dag_id, run_id=run_id, conf=request.body()))
    except Exception as error:
        status = _status(error)
        if status is None or not 400 <= status < 500:
            raise
        raise StartRefusedError(
            f"Airflow did not trigger DAG {dag_id} (status {status}), so the integration was not started. "
            "Check `start.dag` in the tenant file, and that the DAG exists. Then run again.",
            source=SOURCE,
        ) from error
    if isinstance(answer, ErrorResponse) and answer.error != ErrorType.DAGRUN_ALREADY_EXISTS:
        raise StartUnknownError(f"Airflow did not trigger DAG {dag_id} ({answer.error})", source=SOURCE)
    return f"triggered {dag_id}, run {run_id}"


def _status(error: Exception) -> int | None:
    """Return the API server's status: on the answer itself in-process, in the detail through a supervisor."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    detail = getattr(getattr(error, "error", None), "detail", None)
    found = status if status is not None or not isinstance(detail, dict) else detail.get("status_code")
    return found if isinstance(found, int) else None
