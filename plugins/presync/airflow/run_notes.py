"""A note on every run of a company, so that runs which are red for different reasons can be told apart.

Airflow calls this in the scheduler, which must not wait: what is not known within two seconds is not noted.
A note that a person has written stays.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Final

from airflow.listeners import hookimpl
from sqlalchemy.orm import object_session

from presync.airflow.web.links import tenant_of

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun

logger = logging.getLogger(__name__)
OURS: Final = "Presync: "
_LONGEST_SECONDS: Final = 2.0
_LONGEST_NOTE: Final = 800


@hookimpl
def on_dag_run_success(dag_run: DagRun, msg: str) -> None:
    """Note what a run that succeeded came to."""
    note(dag_run)


@hookimpl
def on_dag_run_failed(dag_run: DagRun, msg: str) -> None:
    """Note why a run failed: blocked, not checked, or not started."""
    note(dag_run)


def note(dag_run: DagRun) -> None:
    """Note what a run of a company came to, unless somebody has written something else."""
    tenant = tenant_of(dag_run.dag_id)
    # in the scheduler's own transaction, which holds the run: any other would wait for that one
    if tenant is None or object_session(dag_run) is None:
        return
    if not (dag_run.note or OURS).startswith(OURS):
        return
    told: list[str] = []

    def ask() -> None:
        try:
            told.append(words_of(tenant, dag_run_id))
        except Exception as error:
            logger.warning("run %s of %s gets no note: %s", dag_run_id, tenant, type(error).__name__)

    dag_run_id = dag_run.run_id
    thread = threading.Thread(target=ask, name="presync-note", daemon=True)
    thread.start()
    thread.join(_LONGEST_SECONDS)
    if told and told[0]:
        dag_run.note = f"{OURS}{told[0]}"[:_LONGEST_NOTE]


def words_of(tenant: str, run_id: str) -> str:
    """Return what a run that is over came to, in words; "" for a run that is not the company's last."""
    from presync.control.companies import facts_of
    from presync.control.database import now
    from presync.fleet.stage import stage_of

    for facts in facts_of({tenant}):
        if run_id in {facts.company.judged_run, facts.company.began_run}:
            standing = stage_of(facts, now(), run_ended=facts.company.began_run == run_id)
            return f"{standing.title}. {standing.reason}"
    return ""
