"""The audit trail: who did what, when. Rows are only added; the database itself refuses anything else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from presync.control.database import now, transaction
from presync.control.models import AuditEntry

Action = Literal[
    "decide",
    "waive",
    "unwaive",
    "confirm-pair",
    "unconfirm-pair",
    "accept-change",
    "verdict",
    "certificate",
    "start",
]


def write_audit(session: Session, tenant: str, who: str, what: Action, detail: Mapping[str, Any]) -> None:
    """Add an entry, in the transaction of what it tells: both are recorded, or neither."""
    session.add(AuditEntry(tenant=tenant, at=now(), who=who, what=what, detail=dict(detail)))


def audit_trail(tenant: str) -> Sequence[AuditEntry]:
    """Return a tenant's entries, oldest first."""
    with transaction() as session:
        return session.scalars(
            select(AuditEntry).where(AuditEntry.tenant == tenant).order_by(AuditEntry.id)
        ).all()
