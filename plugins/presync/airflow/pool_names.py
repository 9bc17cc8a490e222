"""Which pool each task of a company is in, what the pool is called and how many slots it begins with.

The connection says which SQL Server and which Severa credential a company has. So names are worked out when
a run begins and not while DAGs are parsed: no DAG gets a new version because a connection has changed.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from airflow.configuration import conf

from presync import settings
from presync.errors import ConfigurationError
from presync.rules.catalogue import SUITES
from presync.sources.visma_business.odbc_keywords import server_of
from presync.staging.tables import System

if TYPE_CHECKING:
    from airflow.models.connection import Connection

OURS: Final = "presync_"
SQL_SERVER: Final = "presync_sql_server_"
SEVERA: Final = "presync_severa_"
CPU: Final = "presync_cpu"
CPU_TASKS: Final = ("reconcile", *SUITES, "report")
_DESCRIPTIONS: Final = {
    SQL_SERVER: "Reads of one SQL Server at once (PRESYNC_SQL_SERVER_READS)",
    SEVERA: "Reads with one Severa credential at once (PRESYNC_SEVERA_READS)",
    CPU: "Tasks of Presync that compute, at once (PRESYNC_CPU_TASKS)",
}
# a fork, a connection to the database, Airflow's own answer: half of a short task's time needs no CPU
_TASKS_PER_CORE: Final = 2
_HOST: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")


def cpu_pools() -> dict[str, str]:
    """Return the pool of each task that computes, by `task_id`; nothing if there is to be no such pool."""
    return dict.fromkeys(CPU_TASKS, CPU) if slots(CPU) else {}


def reading_pools(dag_id: str) -> dict[str, str]:
    """Return the pool of each of a company's extracts, by `task_id`; those without one are left out.

    Asks secrets backends, which may be slow. Raises what they and the reading of the tenant file raise.
    """
    from airflow.models.connection import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    from presync.tenants.folder import read_tenant_of

    names: Mapping[System, Callable[[Connection], str]]
    names = {"visma_business": _sql_server_pool_of, "severa": _severa_pool_of}
    pools: dict[str, str] = {}
    for tenant in read_tenant_of(settings.tenants_folder(), dag_id).tenants.values():
        for system, name in names.items():
            try:
                found = Connection.get_connection_from_secrets(tenant.connection_id(system))
                pools[f"extract_{system}"] = name(found)
            except (AirflowNotFoundException, ConfigurationError):  # its extract says so
                continue
    return {task: pool for task, pool in pools.items() if pool and slots(pool)}


def _sql_server_pool_of(connection: Connection) -> str:
    return sql_server_pool(server_of(str(connection.host or ""), connection.extra_dejson))


def _severa_pool_of(connection: Connection) -> str:
    login = str(connection.login or "").strip()
    return severa_pool(str(connection.host or ""), login) if login else ""


def sql_server_pool(server: str) -> str:
    r"""Return the name of a server's pool: all instances and ports of a machine share it; "" for no server.

    >>> sql_server_pool("SQL01.example.org\\VISMA,1433")
    'presync_sql_server_sql01.example.org'
    """
    if not server.strip():
        return ""
    machine = re.split(r"[\\,:]", server.strip().lower().removeprefix("tcp:"))[0]
    # a field that holds no plain name could hold anything, a password too
    return SQL_SERVER + (machine if _HOST.fullmatch(machine) and "@" not in server else _digest(server))


def severa_pool(host: str, login: str) -> str:
    """Return the name of a credential's pool, from which the credential cannot be read."""
    return SEVERA + _digest(f"{host.strip().lower().removeprefix('https://').rstrip('/')}\n{login}")


def slots(pool: str) -> int:
    """Return how many slots a pool of ours begins with; 0 if there is to be none."""
    kind = _kind(pool)
    if kind == SQL_SERVER:
        return settings.sql_server_reads()
    return settings.severa_reads() if kind == SEVERA else _cpu_slots()


def description(pool: str) -> str:
    """Return what people read beside a pool of ours in Airflow's UI."""
    return _DESCRIPTIONS[_kind(pool)]


def is_known(pool: str) -> bool:
    """Tell whether this is the name of a pool that Presync makes."""
    return pool.startswith(tuple(_DESCRIPTIONS))


def _kind(pool: str) -> str:
    return next(prefix for prefix in _DESCRIPTIONS if pool.startswith(prefix))


def _cpu_slots() -> int:
    given = settings.cpu_tasks()
    if given is not None:
        return given
    # elsewhere tasks run on other machines, and nobody here knows how many cores those have
    here = conf.get("core", "executor") == "LocalExecutor"
    return _TASKS_PER_CORE * _cores() if here else 0


def _cores() -> int:
    """Return the cores that this process may use; outside Linux, those that there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
