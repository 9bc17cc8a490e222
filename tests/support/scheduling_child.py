"""Schedules runs of three companies by Airflow's own scheduler, with an executor that runs nothing.

A process of its own, because the scheduler's tables must hold nothing else. Prints JSON: by moment, the tasks
that the scheduler handed to its executor in one round; the pools; the pool of each task.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from airflow.executors.base_executor import BaseExecutor
from airflow.jobs.job import Job
from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
from airflow.models.connection import Connection
from airflow.models.dagrun import DagRun
from airflow.models.pool import Pool
from airflow.models.serialized_dag import SerializedDagModel
from airflow.models.taskinstance import TaskInstance, clear_task_instances
from airflow.utils.db import initdb
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from sqlalchemy import delete, select, text, update

from presync.airflow import pools
from presync.control.database import now
from tests.support.patience import PATIENCE

READ = "extract_visma_business"
COMPANIES = ("alfa", "beta", "gamma")


class Nothing(BaseExecutor):
    """Takes every task and runs none."""

    def __init__(self) -> None:
        super().__init__()
        self.handed: list[str] = []

    def queue_workload(self, workload: Any, session: Any) -> None:
        """Remember the task."""
        self.handed.append(f"{workload.ti.dag_id}.{workload.ti.task_id}")

    def sync(self) -> None:
        """Do nothing."""


def main() -> None:
    """Schedule; remove a pool and let a run begin; repeat, remove and let a run end; clear."""
    # on a busy machine this is not what is tested here
    pools._LONGEST_SECONDS = PATIENCE  # type: ignore[misc]
    initdb()
    with create_session() as session:
        server = json.dumps({"odbc": {"Server": "sql01.example.org"}})
        session.add(Connection(conn_id="visma_business__beta", conn_type="odbc", extra=server))
    _read_dags()
    executor = Nothing()
    runner = SchedulerJobRunner(Job(), executors=[executor])  # type: ignore[no-untyped-call]
    said: dict[str, Any] = {}

    def round_of(moment: str) -> list[str]:
        said[moment] = _handed(runner, executor)
        return list(said[moment])

    _begin(f"presync__{name}" for name in COMPANIES)
    first = next(task for task in round_of("first") if task.endswith(READ) and "gamma" not in task)
    said["pools"], said["tasks"] = _pools(), _pool_of_each_task()

    _remove_pool("presync_sql_server_")
    _set(first, state="success")
    round_of("removed")
    _begin(["presync_notify"])
    second = next(task for task in round_of("a run began") if task.endswith(READ))

    _set(first, state="up_for_retry", end_date=now() - timedelta(days=1))
    round_of("repeated")
    _remove_pool("presync_sql_server_")
    _set(second, state="success")
    _set("presync_notify.tell", state="success")
    round_of("a run ended")

    said["cleared"] = _clear(first)
    round_of("begun again")
    said["cleared and begun"] = _pool_of_each_task()[first]
    if "two_at_once" in sys.argv:
        _make_the_same_pools_twice_at_once()
        said["two at once"] = sorted(name for name in _pools() if name.startswith("presync_severa_pair"))
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


def _begin(dag_ids: Iterable[str]) -> None:
    with create_session() as session:
        for dag_id in dag_ids:
            dag = SerializedDagModel.get_dag(dag_id, session=session)
            assert dag is not None, dag_id
            dag.create_dagrun(
                run_id="r1",
                # the scheduler asks the database what time it is, and SQLite answers in whole seconds
                run_after=now() - timedelta(minutes=1),
                logical_date=None,
                run_type=DagRunType.MANUAL,
                triggered_by=DagRunTriggeredByType.TEST,
                state=DagRunState.QUEUED,
                session=session,
            )


def _handed(runner: SchedulerJobRunner, executor: Nothing) -> list[str]:
    executor.handed.clear()
    with create_session() as session:
        runner._do_scheduling(session)
    return sorted(executor.handed)


def _pools() -> dict[str, int]:
    with create_session() as session:
        return {str(pool.pool): pool.slots for pool in session.scalars(select(Pool))}


def _pool_of_each_task() -> dict[str, str]:
    with create_session() as session:
        return {f"{each.dag_id}.{each.task_id}": each.pool for each in session.scalars(select(TaskInstance))}


def _remove_pool(prefix: str) -> None:
    with create_session() as session:
        session.execute(delete(Pool).where(Pool.pool.startswith(prefix)))


def _set(task: str, **values: Any) -> None:
    dag_id, task_id = task.split(".")
    with create_session() as session:
        these = update(TaskInstance).where(TaskInstance.dag_id == dag_id, TaskInstance.task_id == task_id)
        session.execute(these.values(**values))


def _clear(task: str) -> str:
    """Let the task's run have ended, and clear the task as Airflow's UI does; return its pool then."""
    dag_id, task_id = task.split(".")
    with create_session() as session:
        session.execute(update(TaskInstance).where(TaskInstance.dag_id == dag_id).values(state="success"))
        session.execute(update(DagRun).where(DagRun.dag_id == dag_id).values(state="success"))
    with create_session() as session:
        of_task = select(TaskInstance).where(TaskInstance.dag_id == dag_id, TaskInstance.task_id == task_id)
        clear_task_instances([session.scalars(of_task).one()], session)
    return _pool_of_each_task()[task]


def _make_the_same_pools_twice_at_once() -> None:
    """Make two pools in two transactions, each in its own order, so that they could wait for each other."""
    one, two = "presync_severa_pair1", "presync_severa_pair2"

    def other_way_round() -> None:
        with create_session(scoped=False) as session:
            pools.make(two, session)
            pools.make(one, session)

    with ThreadPoolExecutor() as threads:
        with create_session(scoped=False) as session:
            pools.make(one, session)
            other = threads.submit(other_way_round)
            while not other.done() and not _somebody_waits():
                time.sleep(0.02)
            pools.make(two, session)
        other.result()


def _somebody_waits() -> bool:
    with create_session(scoped=False) as session:
        return bool(session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


if __name__ == "__main__":
    main()
