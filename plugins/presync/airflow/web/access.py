"""Who may read a report: whoever may read the tenant's DAG, as Airflow's auth manager says; nobody else.

Airflow's own dependencies decide. Two traps: the DAG id is always passed on by name (an id of `~` or none at
all asks Airflow only whether the user may list DAGs), and the answer comes before anything is looked up, so
that a refusal does not tell whether a tenant or a run exists.
"""

from __future__ import annotations

from typing import Annotated

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_dag
from fastapi import Depends, HTTPException, Request, status

from presync.airflow.web.links import DAG_PREFIX, tenant_of


def readable_tenant(dag_id: str, request: Request, user: GetUserDep) -> str:
    """Return the tenant of the DAG in the address, once the user is known to be allowed to read it."""
    if not dag_id.isprintable():
        # no DAG has such an id, and PostgreSQL fails to look it up
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such DAG.")
    requires_access_dag("GET", param_dag_id=dag_id)(request, user)
    tenant = tenant_of(dag_id)
    if tenant is None:
        raise HTTPException(
            status.HTTP_404_NOT_FOUND,
            f"DAG {dag_id} checks no tenant: only DAGs called {DAG_PREFIX}… have a Presync report.",
        )
    return tenant


def readable_tenants(user: GetUserDep) -> list[str]:
    """Return the tenants whose DAGs the user may read, sorted."""
    allowed = get_auth_manager().get_authorized_dag_ids(user=user, method="GET")
    return sorted(filter(None, map(tenant_of, allowed)))


ReadableTenant = Annotated[str, Depends(readable_tenant)]
ReadableTenants = Annotated[list[str], Depends(readable_tenants)]
