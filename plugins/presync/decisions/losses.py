"""A person's word that a table, a column or a system is rightly not what it was (`presync accept-change`)."""

from __future__ import annotations

from sqlalchemy import select

from presync.control.database import transaction
from presync.control.models import AcceptedChange
from presync.decisions.model import AcceptedLoss
from presync.decisions.record import kind_of


def accepted_losses(tenant: str) -> list[AcceptedLoss]:
    """Return all of them, the oldest first: later extracts are compared with what was accepted."""
    given = select(AcceptedChange).where(AcceptedChange.tenant == tenant).order_by(AcceptedChange.id)
    with transaction() as session:
        return [
            AcceptedLoss(
                f"{each.system}.{each.table.partition(':')[0]}",
                each.who,
                each.accepted_at.date(),
                by_kind=kind_of(each.who_kind),
            )
            for each in session.scalars(given)
        ]
