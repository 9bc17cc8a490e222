"""What a page calls to have corrections applied: it triggers the tenant's DAG, which asks for approval first.

Whoever calls this has checked that the user may trigger runs of `tenant.apply_dag_id` (`access.may_trigger`).
"""

from __future__ import annotations

from typing import Literal

from airflow.models.dagbag import DBDagBag
from sqlalchemy.orm import Session

from presync.airflow.web.access import SignedIn
from presync.airflow.web.runs import trigger
from presync.apply.model import Options
from presync.tenants.model import Tenant

Do = Literal["apply", "resume", "undo"]


def request_apply(
    session: Session,
    bag: DBDagBag,
    tenant: Tenant,
    user: SignedIn,
    options: Options,
    *,
    do: Do = "apply",
) -> str:
    """Trigger the tenant's DAG for corrections; return "", or what keeps it, as `runs.trigger` does.

    The run's question names what will change; nothing is written before somebody approves.
    """
    if not tenant.severa.apply:
        return "the tenant file does not say `severa: {apply: true}`, so nothing writes to this Severa"
    conf = {key: value for key, value in options.as_dict().items() if key != "fixes"} | {"do": do}
    return trigger(session, bag, tenant.apply_dag_id, user, conf)
