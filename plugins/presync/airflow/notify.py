"""The work of the notifications' DAG: all tenant files, the control database, and Airflow's connections."""

from __future__ import annotations

from presync import settings
from presync.errors import SourceUnavailableError


def tell_all() -> int:
    """Tell people what has changed; return how many messages were sent.

    Raises SourceUnavailableError at the end if some were not: they are tried again the next time. What a run
    found, and what its gate decided, does not depend on any of this.
    """
    from presync.airflow.web.links import company_url
    from presync.control.database import now
    from presync.notices.channels import send
    from presync.notices.tell import deliver, look
    from presync.tenants.folder import read_folder
    from presync.tenants.model import dag_id

    tenants = list(read_folder(settings.tenants_folder()).tenants.values())
    look(tenants, now())
    outcome = deliver(tenants, now(), send=send, address=lambda tenant: company_url(dag_id(tenant)))
    if outcome.troubles:
        raise SourceUnavailableError(
            f"{outcome.sent} messages were sent, and others were not; they are tried again in a few minutes: "
            + "; ".join(outcome.troubles),
            source="notify",
        )
    return outcome.sent
