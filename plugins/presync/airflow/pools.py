"""Airflow pools that Presync makes itself: so many reads of one SQL Server or one Severa credential at once.

Airflow never runs a task of a pool that does not exist. So tasks get their pool when their run begins, in the
scheduler's own transaction and with the pool itself: a task can only name a pool that was there. DAGs name
none, so that no connection is looked up while they are parsed. What is not known within two seconds stays in
Airflow's default pool, and the scheduler's log says so.

A pool that somebody removed is made again when the next run of any DAG of Presync begins: `presync_notify`
does so every five minutes. A pool that is there is left as it is, so that slots changed in the UI stay.
"""

from __future__ import annotations

import hashlib
import logging
import re
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from airflow.listeners import hookimpl
from sqlalchemy import select, update
from sqlalchemy.orm import object_session

from presync import settings
from presync.airflow.web.links import tenant_of
from presync.rules.catalogue import SUITES
from presync.staging.tables import System
from presync.tenants.model import APPLY_PREFIX, DAG_PREFIX

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun
    from sqlalchemy.orm import Session

logger = logging.getLogger(__name__)
SQL_SERVER: Final = "presync_sql_server_"
SEVERA: Final = "presync_severa_"
CPU: Final = "presync_cpu"
_OUR_DAGS: Final = (DAG_PREFIX, APPLY_PREFIX, "presync_")
_CPU_TASKS: Final = ("reconcile", *SUITES, "report")
_LONGEST_SECONDS: Final = 2.0
_HOST: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_WHAT: Final = {
    SQL_SERVER: "Reads of one SQL Server at once (PRESYNC_SQL_SERVER_READS)",
    SEVERA: "Reads with one Severa credential at once (PRESYNC_SEVERA_READS)",
    CPU: "Tasks of Presync that compute, at once (PRESYNC_CPU_TASKS)",
}


@hookimpl
def on_dag_run_running(dag_run: DagRun, msg: str) -> None:
    """Put the run's tasks into their pools, and make pools again that tasks wait for."""
    session = object_session(dag_run)
    # in the scheduler's own transaction: on SQLite any other would wait for that one
    if session is None or not dag_run.dag_id.startswith(_OUR_DAGS):
        return
    if tenant := tenant_of(dag_run.dag_id):
        _assign(dag_run, _pools_in_time(tenant, dag_run.dag_id), session)
    make_missing(session)


def pools_of(dag_id: str) -> dict[str, str]:
    """Return the pool of each of a company's tasks that needs one, by `task_id`.

    Raises what the tenant file and the secrets backends raise.
    """
    from airflow.models.connection import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    from presync.tenants.folder import read_tenant_of

    pools = dict.fromkeys(_CPU_TASKS, CPU)
    names: dict[System, Callable[[str, str], str]]
    names = {
        "visma_business": sql_server_pool,
        "severa": severa_pool,
    }
    for tenant in read_tenant_of(settings.tenants_folder(), dag_id).tenants.values():
        for system, name in names.items():
            try:
                found = Connection.get_connection_from_secrets(tenant.connection_id(system))
            except AirflowNotFoundException:  # its extract says so
                continue
            pools[f"extract_{system}"] = name(str(found.host or ""), str(found.login or ""))
    return {task: pool for task, pool in pools.items() if slots(pool)}


def sql_server_pool(host: str, _login: str = "") -> str:
    r"""Return the name of a server's pool: all instances and ports of a machine share it.

    >>> sql_server_pool("SQL01.example.org\\VISMA,1433")
    'presync_sql_server_sql01.example.org'
    """
    machine = re.split(r"[\\,:]", host.strip().lower().removeprefix("tcp:"))[0]
    # a field that holds no plain name could hold anything, a password too
    return SQL_SERVER + (machine if _HOST.fullmatch(machine) and "@" not in host else _digest(host))


def severa_pool(host: str, login: str) -> str:
    """Return the name of a credential's pool, from which the credential cannot be read."""
    return SEVERA + _digest(f"{host.strip().lower().rstrip('/')}\n{login}")


def slots(pool: str) -> int:
    """Return how many slots a pool of ours begins with; 0 if there is to be none."""
    return {
        SQL_SERVER: settings.sql_server_reads,
        SEVERA: settings.severa_reads,
        CPU: settings.cpu_tasks,
    }[_kind(pool)]()


def make_missing(session: Session) -> None:
    """Make again each pool of ours that tasks wait for; where there is to be none, use the default pool."""
    from airflow.models.pool import Pool
    from airflow.models.taskinstance import TaskInstance

    waiting = (
        select(TaskInstance.pool)
        .where(
            TaskInstance.state == "scheduled",
            TaskInstance.pool.startswith("presync_", autoescape=True),
            TaskInstance.pool.not_in(select(Pool.pool)),
        )
        .distinct()
    )
    for pool in session.scalars(waiting).all():
        if not pool.startswith(tuple(_WHAT)):
            continue
        if slots(pool):
            logger.warning("pool %s is gone and tasks wait for it: it is made again", pool)
            _make(pool, session)
        else:
            session.execute(
                update(TaskInstance)
                .where(TaskInstance.pool == pool, TaskInstance.state == "scheduled")
                .values(pool=Pool.DEFAULT_POOL_NAME)
                .execution_options(synchronize_session=False)
            )


def _assign(dag_run: DagRun, pools: dict[str, str], session: Session) -> None:
    for pool in sorted(set(pools.values())):
        _make(pool, session)
    for instance in dag_run.get_task_instances(session=session):
        # what has begun keeps the slot it has
        if instance.task_id in pools and instance.state in (None, "scheduled"):
            instance.pool = pools[instance.task_id]


def _pools_in_time(tenant: str, dag_id: str) -> dict[str, str]:
    """Return the pools of a company's tasks; none of what the scheduler would have to wait for."""
    found: list[dict[str, str]] = []

    def ask() -> None:
        try:
            found.append(pools_of(dag_id))
        except Exception as error:  # the run goes on in the default pool; its extract says what is wrong
            logger.warning("tasks of %s stay in the default pool: %s", tenant, type(error).__name__)

    # a thread of its own has a session of its own: secrets backends may commit
    thread = threading.Thread(target=ask, name="presync-pools", daemon=True)
    thread.start()
    thread.join(_LONGEST_SECONDS)
    if thread.is_alive():
        logger.warning("tasks of %s stay in the default pool: no answer in time", tenant)
    return found[0] if found else {}


def _make(pool: str, session: Session) -> None:
    """Make a pool unless it is there; another scheduler may do so at the same moment."""
    from airflow.models.pool import Pool

    if session.scalar(select(Pool.id).where(Pool.pool == pool)) is not None:
        return
    values = {
        "pool": pool,
        "slots": slots(pool),
        "description": _WHAT[_kind(pool)],
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


def _kind(pool: str) -> str:
    return next(prefix for prefix in _WHAT if pool.startswith(prefix))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
