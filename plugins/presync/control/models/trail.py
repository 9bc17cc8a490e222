"""Tables of what happened: the audit trail, and the database's own id."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from presync.control.models.base import Base


class AuditEntry(Base):
    """Who did what, when; the database refuses to change or remove a row.

    `who_kind` as in `control/who.py`. `digest` is of the entry, `before` that of the entry before it; both
    are NULL for entries that are older than the chain.
    """

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime]
    who: Mapped[str]
    who_kind: Mapped[str | None] = mapped_column(String(16))
    what: Mapped[str] = mapped_column(String(32))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    before: Mapped[str | None] = mapped_column(String(64))
    digest: Mapped[str | None] = mapped_column(String(64), index=True)


class ThisDatabase(Base):
    """One row: this database's own id, and since when it knows anything."""

    __tablename__ = "this_database"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    made_at: Mapped[datetime]
