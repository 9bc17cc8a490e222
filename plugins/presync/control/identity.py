"""Which control database this is, and since when it knows anything."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select

from presync.control.database import lock, now, transaction
from presync.control.models import ThisDatabase


def database_identity() -> tuple[str, datetime]:
    """Return the control database's id, made once for it, and when it was made (UTC)."""
    with transaction() as session:
        known = session.scalar(select(ThisDatabase))
        if known is None:
            lock(session, "this database")
            known = session.scalar(select(ThisDatabase))
        if known is None:
            known = ThisDatabase(id=str(uuid.uuid4()), made_at=now())
            session.add(known)
        return known.id, known.made_at
