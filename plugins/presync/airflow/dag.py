"""How a tenant's tasks hang together: one DAG per tenant, `presync__<tenant>`.

The suites run whenever the database is there. Report and gate run whatever happened before them
(`all_done`): a run that could not check something must say so, and a report that failed must shut the gate.
The gate is the only way to the start, which runs on success alone.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from airflow.sdk import DAG, Param, TriggerRule, WeightRule
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.definitions.retry_policy import ExceptionRetryPolicy, RetryAction, RetryRule

from presync import settings
from presync.airflow import gate_task, tasks
from presync.airflow.copied_tasks import copy_tasks, limits_of
from presync.airflow.rights import give_rights
from presync.airflow.runbook import tenant_runbook
from presync.airflow.step import Step
from presync.airflow.unbuilt_dag import unbuilt_dag
from presync.errors import SourceUnavailableError, StartNotSentError, StartUnderWayError
from presync.rules.catalogue import SUITES
from presync.staging.tables import SYSTEMS
from presync.tenants.model import OWNER, Tenant
from presync.tenants.schedules import spread
from presync.text.secrecy import log_trace

_EXTRACT_TIMEOUT = timedelta(hours=4)
_STEP_TIMEOUT = timedelta(hours=1)
# Nobody may press Approve on a verdict of last week.
APPROVAL_TIMEOUT = timedelta(hours=12)
_FAR: Final = date(2100, 1, 1)


def tenant_dags(tenants: Iterable[Tenant]) -> Iterator[tuple[Tenant, DAG]]:
    """Yield each tenant's DAG; for one that cannot be built, one that says so and fails.

    All tenants' DAGs are in one DAG file: an exception there would cost every company its DAG.
    """
    patterns: dict[bool, DAG] = {}
    for tenant in tenants:
        yield tenant, _dag_or_its_failure(tenant, patterns)


def _dag_or_its_failure(tenant: Tenant, patterns: dict[bool, DAG]) -> DAG:
    try:
        dag = build_dag(tenant, like=patterns.get(tenant.asks_first))
        patterns.setdefault(tenant.asks_first, dag)
        return dag
    except Exception as error:
        log_trace(logging.getLogger(__name__), f"the DAG of tenant {tenant.tenant} cannot be built", error)
        return unbuilt_dag(tenant, type(error).__name__)


def build_dag(
    tenant: Tenant, *, approval_timeout: timedelta = APPROVAL_TIMEOUT, like: DAG | None = None
) -> DAG:
    """Return the DAG of one tenant; cheap, because Airflow parses it every half minute.

    Who starts by hand has `approval_timeout` to say so. What does not differ is copied from the DAG `like` of
    another tenant, if there is one: it must ask first exactly if this one does.
    """
    with DAG(
        dag_id=tenant.dag_id,
        dag_display_name=f"Presync: {tenant.title}",
        description=f"May the Visma Business - Severa integration of {tenant.title} be started?",
        schedule=spread(tenant.schedule, tenant.tenant) if tenant.schedule else None,
        start_date=datetime(2024, 1, 1, tzinfo=UTC),
        catchup=False,
        max_active_runs=1,
        tags={"presync", f"tenant:{tenant.tenant}", *({tenant.country} if tenant.country else ())},
        default_args=_default_args(tenant),
        doc_md=tenant_runbook(tenant),
        # the DAG file names its DAGs: one that could not be built to its end must not register itself
        auto_register=False,
        **limits_of(like),
    ) as dag:
        if like is None:
            _wire_tasks(tenant, approval_timeout)
        else:
            further: dict[str, dict[str, Any]] = {
                "confirm_start": {"subject": tenant.title},
                "gate": {"outlets": [gate_task.ready_asset(tenant.tenant)]},
            }
            copy_tasks(like, dag, tenant, further)
        # given last, because Airflow copies a DAG's parameters deeply into each of its tasks
        dag.params = ParamsDict({"start": _start_parameter()})
    give_rights(dag, tenant)
    return dag


def _start_parameter() -> Param:
    return Param(
        False,
        type="boolean",
        title="Start the integration if everything is ready",
        description="Off: only check and report. A run of the schedule starts it only where the tenant file "
        "says `start_when_ready: true`.",
    )


def _default_args(tenant: Tenant) -> dict[str, Any]:
    """Only what could not be reached is worth a second try; anything else needs a person."""
    return {
        "owner": tenant.owner or OWNER,
        "retries": settings.retries() if tenant.retries is None else tenant.retries,
        "retry_delay": timedelta(minutes=2),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=15),
        "retry_policy": ExceptionRetryPolicy(
            rules=[
                RetryRule(exception=unreached, action=RetryAction.DEFAULT)
                for unreached in (SourceUnavailableError, StartNotSentError, StartUnderWayError)
            ],
            default=RetryAction.FAIL,
        ),
        "execution_timeout": _STEP_TIMEOUT,
        "priority_weight": _priority(tenant),
        "weight_rule": WeightRule.ABSOLUTE,
    }


def _priority(tenant: Tenant) -> int:
    """Return a weight by which tasks of the company that goes live first come first.

    Of the day itself, not of the days that are left: a DAG would have a new version each day.
    """
    return max(2, (_FAR - tenant.go_live).days) if tenant.go_live else 1


def _wire_tasks(tenant: Tenant, approval_timeout: timedelta) -> None:
    extracts = [
        Step(
            task_id=f"extract_{system}",
            tenant=tenant,
            work=tasks.extract(system),
            product=system,
            execution_timeout=_EXTRACT_TIMEOUT,
        )
        for system in SYSTEMS
    ]
    reconcile = Step(task_id="reconcile", tenant=tenant, work=tasks.reconcile, product="database")
    suites = [
        Step(task_id=suite, tenant=tenant, work=tasks.check_suite(suite), product=f"results/{suite}")
        for suite in SUITES
    ]
    report = Step(task_id="report", tenant=tenant, work=tasks.report, trigger_rule=TriggerRule.ALL_DONE)
    gate = gate_task.GateOperator(
        task_id="gate",
        tenant=tenant,
        work=gate_task.gate,
        trigger_rule=TriggerRule.ALL_DONE,
        outlets=[gate_task.ready_asset(tenant.tenant)],
    )
    start = Step(
        task_id="start_integration", tenant=tenant, work=tasks.start, trigger_rule=TriggerRule.ALL_SUCCESS
    )
    extracts >> reconcile >> suites >> report >> gate
    if tenant.asks_first:
        gate >> tasks.approval(tenant, approval_timeout) >> start
    else:
        gate >> start
