"""The runbooks that Airflow shows beside the DAGs (`doc_md`): what it does, what to do when it is red."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from presync.tenants.model import Tenant
from presync.tenants.schedules import spread
from presync.tenants.start import DagStart, WebhookStart

_FOLDER = Path(__file__).parent / "runbooks"


def apply_runbook(tenant: Tenant) -> str:
    """Return the runbook of a tenant's DAG for corrections as Markdown."""
    words = {
        "title": tenant.title,
        "tenant": tenant.tenant,
        "write": tenant.write_connection_id,
        "dag": tenant.dag_id,
    }
    return re.sub(r"\{(\w+)\}", lambda found: words.get(found[1], found[0]), _template("apply.md"))


def tenant_runbook(tenant: Tenant) -> str:
    """Return the runbook of a tenant's DAG as Markdown."""
    words = {
        "title": tenant.title,
        "tenant": tenant.tenant,
        "start": _start(tenant),
        "when_ready": "yes" if tenant.start_when_ready else "no",
        "schedule": _schedule(tenant),
        "visma_business": tenant.connection_id("visma_business"),
        "severa": tenant.connection_id("severa"),
    }
    text = _template("tenant.md")
    # in one go: a title that holds {severa} stays as it is
    return re.sub(r"\{(\w+)\}", lambda found: words.get(found[1], found[0]), text)


def _schedule(tenant: Tenant) -> str:
    """Say when the tenant is checked; a preset has a minute of the tenant's own."""
    if tenant.schedule is None:
        return "on demand"
    comes = spread(tenant.schedule, tenant.tenant)
    return f"`{tenant.schedule}`" + (f" (`{comes}`, UTC)" if comes != tenant.schedule else "")


def housekeeping_runbook() -> str:
    """Return the runbook of the housekeeping DAG as Markdown."""
    return _template("housekeeping.md")


def notify_runbook() -> str:
    """Return the runbook of the notifications' DAG as Markdown."""
    return _template("notify.md")


def rehearsal_runbook() -> str:
    """Return the runbook of the DAG that rehearses corrections, as Markdown."""
    return _template("rehearsal.md")


@cache
def _template(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _start(tenant: Tenant) -> str:
    if isinstance(tenant.start, WebhookStart):
        return f"a call to the connection `{tenant.start.webhook}`{_approved(tenant)}"
    if isinstance(tenant.start, DagStart):
        return f"the DAG `{tenant.start.dag}`{_approved(tenant)}"
    return "by hand, recorded with a person's approval"


def _approved(tenant: Tenant) -> str:
    return ", once a person has approved it" if tenant.asks_first else ""
