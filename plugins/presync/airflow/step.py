"""One task of a run: the same behaviour for each of them.

Before a task works, it withdraws what an earlier try of the same run published, so that a repetition that
fails cannot pass for the earlier success. If it fails, it publishes `errors/<task>`; if even that is
impossible (a killed worker), its product is missing, and the gate counts that as an error.
XCom carries ids, counts and links only.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from presync.errors import IncompleteError, PresyncError
from presync.staging.made_by import require_preloaded_code
from presync.staging.store import RunStore
from presync.tenants.model import Tenant
from presync.text.secrecy import trace

logger = logging.getLogger(__name__)

TaskFunction = Callable[[Tenant, RunStore, Context], Any]


class Step(BaseOperator):
    """One task: calls `work(tenant, store, context)` and returns its small result as XCom.

    `product` is the published name that the task makes, if any.
    """

    def __init__(
        self, *, tenant: Tenant, work: TaskFunction, product: str | None = None, **arguments: Any
    ) -> None:
        super().__init__(**arguments)
        self.tenant = tenant
        self.work = work
        self.product = product

    def execute(self, context: Context) -> Any:
        """Run the work as Airflow's task."""
        return self.run_work(context)

    def run_work(self, context: Context) -> Any:
        """Run the work; on any failure leave the reason where the gate and the report find it."""
        store = RunStore(self.tenant.tenant, context["run_id"])
        try:
            for name in filter(None, (self.product, f"errors/{self.task_id}")):
                store.withdraw(name)
            require_preloaded_code()
            return self.work(self.tenant, store, context)
        except (AirflowSkipException, AirflowFailException):
            # nothing failed, or what did has already been published as the task's own product
            raise
        except BaseException as error:
            publish_error(store, self.task_id, error)
            if not _is_foreign(error):
                raise
            # Airflow would write the error's own text into the log, and that may hold anything
            logger.error("task %s broke off:\n%s", self.task_id, trace(error))
            failure = IncompleteError(_broken_off(self.task_id, error), source=self.task_id)
        raise failure


def _is_foreign(error: BaseException) -> bool:
    """Tell whether an error is neither ours nor one by which Airflow ends or defers a task."""
    ours = isinstance(error, PresyncError) or type(error).__module__.partition(".")[0] == "airflow"
    return isinstance(error, Exception) and not ours


def _broken_off(task: str, error: BaseException) -> str:
    return (
        f"task {task} stopped unexpectedly ({type(error).__name__}), so what it should have checked is "
        "not checked. The task's log says where; run the tenant again once the cause is corrected."
    )


def publish_error(store: RunStore, task: str, error: BaseException) -> None:
    """Publish `errors/<task>`: `{"source", "message", "retryable"}`; nothing that could hold a secret."""
    if isinstance(error, PresyncError):
        record = {"source": error.source, "message": error.message, "retryable": error.retryable}
    else:
        record = {"source": task, "message": _broken_off(task, error), "retryable": False}
    with store.publishing(f"errors/{task}") as folder:
        (folder / "error.json").write_text(json.dumps(record))
