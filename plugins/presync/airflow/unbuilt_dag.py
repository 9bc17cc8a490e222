"""The DAG of a tenant whose real one cannot be built: it stays in the UI, and every run of it says why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from airflow.sdk import DAG, BaseOperator, Context

from presync.airflow.rights import give_rights
from presync.errors import ConfigurationError
from presync.tenants.model import OWNER, Tenant, dag_id

NOT_CHECKED: Final = "not_checked"


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
    dag = _not_checked(tenant.tenant, "This company is not checked: its DAG cannot be built.", reason)
    give_rights(dag, tenant)
    return dag


def broken_dag(tenant: str, fault: str) -> DAG:
    """Return the DAG of a tenant whose file is refused; `fault` says why, and names no other company.

    Who may read it the file cannot say; Airflow keeps what it was told by the last file that could be used.
    """
    reason = (
        f"the file of tenant {tenant} is refused, so nothing of this company is checked or started:\n{fault}"
        "\nCorrect the file; the DAG is back within a minute. Other tenants are not affected."
    )
    return _not_checked(tenant, "This company is not checked: its tenant file is refused.", reason, "broken")


def _not_checked(tenant: str, description: str, reason: str, *tags: str) -> DAG:
    with DAG(
        dag_id=dag_id(tenant),
        description=description,
        schedule=None,
        start_date=datetime(2024, 1, 1, tzinfo=UTC),
        catchup=False,
        tags={"presync", f"tenant:{tenant}", *tags},
        # as it stands, line by line: a fault may hold what Markdown reads otherwise
        doc_md="\n".join(f"    {line}" for line in reason.splitlines()),
        auto_register=False,
    ) as dag:
        NotCheckedOperator(
            task_id=NOT_CHECKED,
            reason=reason,
            owner=OWNER,
            execution_timeout=timedelta(minutes=5),
        )
    return dag
