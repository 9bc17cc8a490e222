"""Airflow pools that Presync makes itself: so many reads of one SQL Server or one Severa credential at once.

Airflow never runs a task of a pool that does not exist. So tasks get their pool when their run begins, in the
transaction in which Airflow's scheduler starts the run, and the pool itself is made there: a task can only
name a pool that was there, and no task of a run is scheduled before its run has started. DAGs name no pool.
Where a connection is not known within two seconds, its extract stays in Airflow's default pool, and the
scheduler's log says so.

A pool that somebody removed while tasks wait for it is made again when the next run of any DAG of Presync
begins or ends: `presync_notify` does so every five minutes. A pool that is there is left as it is, so that
slots changed in the UI stay.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from airflow.listeners import hookimpl
from sqlalchemy import select, text, update
from sqlalchemy.orm import object_session

from presync.airflow import pool_names
from presync.airflow.pool_names import OURS, cpu_pools, reading_pools
from presync.airflow.web.links import tenant_of

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun
    from sqlalchemy.orm import Session

logger = logging.getLogger(__name__)
_LONGEST_SECONDS: Final = 2.0
_PAUSE_SECONDS: Final = 60.0
_NOT_BEGUN: Final = (None, "scheduled", "up_for_retry", "up_for_reschedule")
_DATABASES: Final = ("postgresql", "sqlite")
# one scheduler makes pools at a time: two that made the same ones in another order would wait for each other
_LOCK: Final = int.from_bytes(b"presync", "big")


class _Backends:
    """Until when (monotonic seconds) this process does not ask for connections: they came too slowly."""

    not_before: float = 0.0


@hookimpl
def on_dag_run_running(dag_run: DagRun, msg: str) -> None:
    """Put the tasks of a run that begins into their pools."""
    session = _session_of(dag_run)
    if session is None:
        return
    if tenant := tenant_of(dag_run.dag_id):
        assign(dag_run, {**cpu_pools(), **_reading_pools_in_time(tenant, dag_run.dag_id)}, session)
    make_missing(session)


@hookimpl
def on_dag_run_success(dag_run: DagRun, msg: str) -> None:
    """Make pools again that tasks wait for."""
    if (session := _session_of(dag_run)) is not None:
        make_missing(session)


@hookimpl
def on_dag_run_failed(dag_run: DagRun, msg: str) -> None:
    """Make pools again that tasks wait for."""
    if (session := _session_of(dag_run)) is not None:
        make_missing(session)


def _session_of(dag_run: DagRun) -> Session | None:
    """Return the scheduler's session, which holds the run; on SQLite any other would wait for that one."""
    session = object_session(dag_run) if dag_run.dag_id.startswith(OURS) else None
    return session if session is not None and session.get_bind().dialect.name in _DATABASES else None


def assign(dag_run: DagRun, pools: dict[str, str], session: Session) -> None:
    """Put a run's tasks into `pools`, by `task_id`, and make those that are missing."""
    for pool in sorted(set(pools.values())):
        make(pool, session)
    for instance in dag_run.get_task_instances(session=session):
        # what has begun keeps the slot it has
        if instance.task_id in pools and instance.state in _NOT_BEGUN:
            instance.pool = pools[instance.task_id]


def make_missing(session: Session) -> None:
    """Make again each pool of ours that tasks wait for; where there is to be none, use the default pool."""
    from airflow.models.pool import Pool
    from airflow.models.taskinstance import TaskInstance

    waiting = (
        select(TaskInstance.pool)
        .where(
            TaskInstance.state == "scheduled",
            TaskInstance.pool.startswith(OURS, autoescape=True),
            TaskInstance.pool.not_in(select(Pool.pool)),
        )
        .distinct()
        .order_by(TaskInstance.pool)
    )
    for pool in filter(pool_names.is_known, session.scalars(waiting).all()):
        if pool_names.slots(pool):
            logger.warning("pool %s is gone and tasks wait for it: it is made again", pool)
            make(pool, session)
        else:
            session.execute(
                update(TaskInstance)
                .where(TaskInstance.pool == pool, TaskInstance.state == "scheduled")
                .values(pool=Pool.DEFAULT_POOL_NAME)
                .execution_options(synchronize_session=False)
            )


def make(pool: str, session: Session) -> None:
    """Make a pool unless it is there; another scheduler may do so at the same moment."""
    from airflow.models.pool import Pool

    if session.scalar(select(Pool.id).where(Pool.pool == pool)) is not None:
        return
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    values = {
        "pool": pool,
        "slots": pool_names.slots(pool),
        "description": pool_names.description(pool),
        "include_deferred": False,
    }
    session.execute(_insert(session)(Pool.__table__).values(values).on_conflict_do_nothing())


def _insert(session: Session) -> Any:
    # a savepoint would do for all databases, but Airflow's scheduler forbids it there
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]
    return insert


def _reading_pools_in_time(tenant: str, dag_id: str) -> dict[str, str]:
    """Return the pools of a company's extracts; none of what the scheduler would have to wait for.

    After an answer that did not come in time nothing is asked for a minute: twenty runs may begin at once.
    """
    # here, because the API server loads this file, too, and because it is not the secrets backend's time
    import presync.tenants.folder  # noqa: F401

    found: list[dict[str, str]] = []

    def ask() -> None:
        try:
            found.append(reading_pools(dag_id))
        except Exception as error:  # the run goes on in the default pool; its extract says what is wrong
            logger.warning("extracts of %s stay in the default pool: %s", tenant, type(error).__name__)

    if time.monotonic() < _Backends.not_before:
        logger.warning("extracts of %s stay in the default pool: connections came too slowly", tenant)
        return {}
    # a thread of its own has a session of its own: secrets backends may commit
    thread = threading.Thread(target=ask, name="presync-pools", daemon=True)
    thread.start()
    thread.join(_LONGEST_SECONDS)
    if thread.is_alive():
        _Backends.not_before = time.monotonic() + _PAUSE_SECONDS
        logger.warning("extracts of %s stay in the default pool: no answer in time", tenant)
    return found[0] if found else {}
