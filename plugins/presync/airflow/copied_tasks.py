"""Tasks copied from a DAG of the same shape: Airflow takes twenty times as long to make one.

Only where the DAGs of all tenants are parsed. A task's own process makes its tasks as they are defined.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final

from airflow.sdk import DAG
from airflow.sdk.definitions.param import ParamsDict

from presync.tenants.model import Tenant

# what the default arguments of a tenant's DAG say otherwise than those of another's
_OF_TENANTS: Final = ("owner", "retries", "priority_weight")
_ARGUMENTS: Final = "_BaseOperator__init_kwargs"


def copy_tasks(pattern: DAG, dag: DAG, tenant: Tenant, further: Mapping[str, Mapping[str, Any]]) -> None:
    """Give `dag`, which has none yet, the tasks of `pattern` as they are for `tenant`.

    `further` says, by task id, which attributes hold more of a tenant than itself and its default arguments.
    """
    stated: dict[str, Any] = {
        name: dag.default_args[name] for name in _OF_TENANTS if name in dag.default_args
    }
    stated |= {"tenant": tenant, "task_group": dag.task_group}
    for task in pattern.tasks:
        twin = type(task).__new__(type(task))
        values = vars(twin)  # set one by one, Airflow looks at each of them again
        values |= {name: _apart(value) for name, value in vars(task).items()}
        values |= {**stated, "_dag": None}
        values[_ARGUMENTS] |= {**stated, "dag": dag, "default_args": dag.default_args}
        for name, value in further.get(task.task_id, {}).items():
            setattr(twin, name, value)
        dag.task_group.add(twin)
        twin.dag = dag


def _apart(value: Any) -> Any:
    """Return a copy of what may be changed in one task and not in another."""
    if type(value) in (list, set, dict):
        return value.copy()
    return copy.copy(value) if type(value) is ParamsDict else value


def limits_of(pattern: DAG | None) -> dict[str, Any]:
    """Return what a DAG would look up in Airflow's settings, which takes as long as all its tasks."""
    names = ("max_active_tasks", "max_consecutive_failed_dag_runs")
    return {name: getattr(pattern, name) for name in names} if pattern is not None else {}
