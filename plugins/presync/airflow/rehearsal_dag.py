"""The DAG that rehearses corrections for the company page: on a worker, where there is room for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import DAG, Param, get_current_context, task

from presync.airflow.runbook import rehearsal_runbook
from presync.tenants.model import OWNER, REHEARSAL


def rehearsal_dag() -> DAG:
    """Return the DAG; it runs for one company at a time each, and for a few at once."""
    with DAG(
        dag_id=REHEARSAL,
        dag_display_name="Presync: rehearsal",
        description="What would the verdict be with all proposed corrections applied?",
        schedule=None,
        start_date=datetime(2024, 1, 1, tzinfo=UTC),
        catchup=False,
        max_active_runs=2,
        # nothing happens unless somebody asks: paused, it would only keep them waiting
        is_paused_upon_creation=False,
        tags={"presync"},
        params={"tenant": Param("", type="string", title="The tenant's name")},
        default_args={"owner": OWNER, "retries": 0, "execution_timeout": timedelta(hours=1)},
        doc_md=rehearsal_runbook(),
        auto_register=False,
    ) as dag:
        _rehearse()
    return dag


@task(task_id="rehearse")
def _rehearse() -> dict[str, str]:
    """Rehearse, and keep the outcome; returns no more than the status: others may read this DAG."""
    from airflow.sdk.exceptions import AirflowFailException

    from presync import settings
    from presync.airflow.tasks import quiet_great_expectations
    from presync.rehearsal.kept import rehearse
    from presync.tenants.folder import read_tenant_of
    from presync.tenants.model import dag_id

    context: Any = get_current_context()
    name = str(context["params"]["tenant"])
    for tenant in read_tenant_of(settings.tenants_folder(), dag_id(name)).tenants.values():
        quiet_great_expectations()
        return {"status": str(rehearse(tenant, context["run_id"])["status"])}
    raise AirflowFailException(f"tenant {name!r} has no usable file, so nothing was rehearsed")
