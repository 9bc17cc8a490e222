"""The DAG of a tenant whose real one cannot be built: it stays in the UI, and every run of it fails."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import DAG, BaseOperator, Context

from presync.airflow.rights import give_rights
from presync.errors import ConfigurationError
from presync.tenants.model import OWNER, Tenant


class NotCheckedOperator(BaseOperator):
    """Fails with the reason why nothing is checked."""

    def __init__(self, *, reason: str, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.reason = reason

    def execute(self, context: Context) -> None:
        """Raise ConfigurationError."""
        raise ConfigurationError(self.reason)


def unbuilt_dag(tenant: Tenant, error: str) -> DAG:
    """Return a DAG that needs nothing of the tenant's file but its name; `error` is the kind of failure."""
    reason = (
        f"the DAG of tenant {tenant.tenant} cannot be built ({error}), so nothing of this company is checked "
        "or started. This is a fault of Presync: the DAG processor's log has the details. Other tenants are "
        "not affected."
    )
    with DAG(
        dag_id=tenant.dag_id,
        description="This company is not checked: its DAG cannot be built.",
        schedule=None,
        start_date=datetime(2024, 1, 1, tzinfo=UTC),
        catchup=False,
        tags={"presync", f"tenant:{tenant.tenant}"},
        doc_md=reason,
        auto_register=False,
    ) as dag:
        NotCheckedOperator(
            task_id="not_checked",
            reason=reason,
            owner=tenant.owner or OWNER,
            execution_timeout=timedelta(minutes=5),
        )
    give_rights(dag, tenant)
    return dag
