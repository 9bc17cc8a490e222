"""The table of starts, and what the states of a start allow."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from presync.control.models.base import Base

StartState = Literal["requested", "confirmed", "refused", "not_sent", "unknown", "reset"]

REPEATABLE: Final[tuple[StartState, ...]] = ("refused", "not_sent", "reset")
"""States that prove that nothing was started: a new call may be made."""

UNSETTLED: Final[tuple[StartState, ...]] = ("requested", "unknown")
"""States in which the integration may or may not run: only a person may settle them."""


class Start(Base):
    """The one start of two systems' integration. `attempt` tells whose call a state belongs to.

    `organisation` and `company` are what Severa and Visma Business say they are (`control/systems.py`),
    `systems` a digest of the connections: no other tenant starts the same pair. NULL: it was not known yet.
    """

    __tablename__ = "starts"
    __table_args__ = (
        UniqueConstraint("tenant"),
        Index("ix_starts_systems", "systems", unique=True),
        Index("ix_starts_organisation", "organisation", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(String(64))
    systems: Mapped[str | None] = mapped_column(String(64))
    organisation: Mapped[str | None] = mapped_column(String(64))
    company: Mapped[str | None]
    run_id: Mapped[str]
    certificate_id: Mapped[str] = mapped_column(String(36))
    idempotency_key: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    attempt: Mapped[str] = mapped_column(String(36))
    requested_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    who: Mapped[str]
    detail: Mapped[str]
