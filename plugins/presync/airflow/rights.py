"""Who may read a company's DAG and run it: the file's roles, as Airflow's FAB manager wants them.

Airflow's simple manager knows no rights for one DAG and ignores this.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from airflow.sdk import DAG

from presync.tenants.model import Tenant

Rights = dict[str, dict[str, Collection[str]]]
_READ: Final = {"DAGs": {"can_read"}, "DAG Runs": {"can_read"}}
_EDIT: Final = {"DAGs": {"can_read", "can_edit"}, "DAG Runs": {"can_read", "can_create"}}


def give_rights(dag: DAG, tenant: Tenant) -> None:
    """Give the tenant's roles their rights on its DAG; where none are named, Airflow alone says them."""
    # as an argument of DAG it would warn, once per company and parse, that Airflow 4 will move it elsewhere
    dag.access_control = _access_control(tenant)


def _access_control(tenant: Tenant) -> Rights | None:
    """Return what each role may do; one that is named as reader and editor is an editor."""
    if tenant.readers is None and tenant.editors is None:
        return None
    named = ((_READ, tenant.readers or ()), (_EDIT, tenant.editors or ()))
    return {role: {on: set(may) for on, may in rights.items()} for rights, roles in named for role in roles}
