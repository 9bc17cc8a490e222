"""Schedules runs of two companies by Airflow's own scheduler, with an executor that runs nothing.

A process of its own, because the scheduler's tables must hold nothing else. Prints JSON: by moment, the tasks
that the scheduler handed to its executor.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from airflow.executors.base_executor import BaseExecutor
from airflow.jobs.job import Job
from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
from airflow.models.dagrun import DagRun
from airflow.models.pool import Pool
from airflow.models.serialized_dag import SerializedDagModel
from airflow.models.taskinstance import TaskInstance
from airflow.utils.db import initdb
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from sqlalchemy import delete, select, update

from presync.control.database import now


class Nothing(BaseExecutor):
    """Takes every task and runs none."""

    def sync(self) -> None:
        """Do nothing."""


def main() -> None:
    """Schedule, remove a pool, schedule again."""
    initdb()
    _read_dags()
    runner = SchedulerJobRunner(Job(), executors=[Nothing()])  # type: ignore[no-untyped-call]
    said: dict[str, Any] = {}
    for dag in ("presync__alfa", "presync__beta"):
        _run(dag)
    said["first"] = _scheduled(runner)
    with create_session() as session:
        said["pools"] = {pool.pool: pool.slots for pool in session.scalars(select(Pool))}
        # the first read is over; somebody has removed the server's pool
        session.execute(
            update(TaskInstance)
            .where(TaskInstance.state == "queued", TaskInstance.task_id == "extract_visma_business")
            .values(state="success")
        )
        session.execute(delete(Pool).where(Pool.pool.startswith("presync_sql_server_")))
    said["removed"] = _scheduled(runner)
    _run("presync_notify")
    said["made_again"] = _scheduled(runner)
    json.dump(said, sys.stdout)


def _read_dags() -> None:
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import BundleDagBag, sync_bag_to_db

    manager = DagBundlesManager()  # type: ignore[no-untyped-call]
    with create_session() as session:
        manager.sync_bundles_to_db(session=session)
    for bundle in manager.get_all_dag_bundles():
        bundle.initialize()
        bag = BundleDagBag(dag_folder=bundle.path, bundle_path=bundle.path, bundle_name=bundle.name)
        sync_bag_to_db(bag, bundle.name, None)


def _run(dag_id: str) -> None:
    with create_session() as session:
        dag = SerializedDagModel.get_dag(dag_id, session=session)
        assert dag is not None, dag_id
        dag.create_dagrun(
            run_id="r1",
            run_after=now(),
            logical_date=None,
            run_type=DagRunType.MANUAL,
            triggered_by=DagRunTriggeredByType.TEST,
            state=DagRunState.QUEUED,
            session=session,
        )


def _scheduled(runner: SchedulerJobRunner) -> list[str]:
    """Return what the scheduler hands to its executor in two rounds, and what is running by then."""
    for _ in range(2):
        with create_session() as session:
            # otherwise the scheduler looks at a run again only after a while
            session.execute(update(DagRun).values(last_scheduling_decision=None))
        with create_session() as session:
            runner._do_scheduling(session)
    with create_session() as session:
        queued = session.scalars(select(TaskInstance).where(TaskInstance.state == "queued"))
        return sorted(f"{each.dag_id}.{each.task_id}" for each in queued)


if __name__ == "__main__":
    main()
