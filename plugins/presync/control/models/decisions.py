"""Tables of people's decisions."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from presync.control.models.base import Base


class Given:
    """What every decision has: whose company it is about, who gave it when, and who withdrew it.

    `who_kind` as in `control/who.py`. A decision is withdrawn, never removed.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(String(64), index=True)
    who: Mapped[str]
    who_kind: Mapped[str | None] = mapped_column(String(16))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]


class Decision(Given, Base):
    """An answer to one of the five questions, given by command: `all`, `none` or `except:FIELD=VALUE`."""

    __tablename__ = "decisions"

    entity: Mapped[str] = mapped_column(String(32))
    answer: Mapped[str]


class WaiverRecord(Given, Base):
    """A person's word that a finding may stand, for the values it had, through `until` (UTC)."""

    __tablename__ = "waivers"

    finding_id: Mapped[str] = mapped_column(String(32))
    rule: Mapped[str] = mapped_column(String(64))
    values_digest: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str]
    until: Mapped[date]


class ConfirmedPairRecord(Given, Base):
    """A person's word that two records are the same, or are not, for the names and ids they had."""

    __tablename__ = "confirmed_pairs"

    entity: Mapped[str] = mapped_column(String(32))
    business_code: Mapped[str]
    severa_guid: Mapped[str]
    same: Mapped[bool]
    names_digest: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str]


class AcceptedSystems(Given, Base):
    """A person's word that two systems belong together, for what they said of themselves (`digest`)."""

    __tablename__ = "accepted_systems"

    digest: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str]
