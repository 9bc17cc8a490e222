"""Who may read a report, and decide about a tenant: whoever may read, or edit, its DAG in Airflow.

Airflow's own dependencies decide. Two traps: the DAG id is always passed on by name (an id of `~` or none at
all asks Airflow only whether the user may list DAGs), and the answer comes before anything is looked up, so
that a refusal does not tell whether a tenant or a run exists.
"""

from __future__ import annotations

from typing import Annotated

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.base_auth_manager import ResourceMethod
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from airflow.api_fastapi.common.db.common import SessionDep
from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_dag
from airflow.models.dag import DagModel
from fastapi import Depends, HTTPException, Request, status

from presync.airflow.web.links import DAG_PREFIX, tenant_of


def readable_tenant(dag_id: str, request: Request, user: GetUserDep) -> str:
    """Return the tenant of the DAG in the address, once the user is known to be allowed to read it."""
    if not dag_id.isprintable():
        # no DAG has such an id, and PostgreSQL fails to look it up
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such DAG.")
    requires_access_dag("GET", param_dag_id=dag_id)(request, user)
    return _tenant(dag_id)


def editable_tenant(dag_id: str, request: Request, user: GetUserDep) -> str:
    """Return the tenant of the DAG in the address, once the user is known to be allowed to edit it."""
    tenant = readable_tenant(dag_id, request, user)
    if not may_edit(dag_id, user):
        raise HTTPException(
            status.HTTP_403_FORBIDDEN,
            "Nothing was recorded: deciding is for those who may edit the tenant's DAG. Ask Airflow's "
            "administrator for that right.",
        )
    return tenant


def may_edit(dag_id: str, user: BaseUser) -> bool:
    """Tell whether a user may edit a DAG, which is what pausing it takes in Airflow."""
    return _is_authorized("PUT", dag_id, user)


def may_trigger(dag_id: str, user: BaseUser) -> bool:
    """Tell whether a user may start a run of a DAG."""
    return _is_authorized("POST", dag_id, user, DagAccessEntity.RUN)


def _is_authorized(
    method: ResourceMethod, dag_id: str, user: BaseUser, entity: DagAccessEntity | None = None
) -> bool:
    details = DagDetails(id=dag_id, team_name=DagModel.get_team_name(dag_id))
    return bool(
        get_auth_manager().is_authorized_dag(method=method, access_entity=entity, details=details, user=user)
    )


def _tenant(dag_id: str) -> str:
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


SignedIn = GetUserDep
Metadata = SessionDep
"""A session on Airflow's own database, whose changes are committed with the answer."""
EditableTenant = Annotated[str, Depends(editable_tenant)]
ReadableTenant = Annotated[str, Depends(readable_tenant)]
ReadableTenants = Annotated[list[str], Depends(readable_tenants)]
