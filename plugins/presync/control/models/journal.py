"""Tables of corrections that are written to Severa."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from presync.control.models.base import Base


class Application(Base):
    """Corrections of one plan that are, or were, written to Severa, and what the plan rests on.

    `attempt` tells which process writes now; `seen_at` when it last gave a sign of life. Counters are
    Severa's next numbers before the first call and after the last.
    """

    __tablename__ = "applications"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(64), index=True)
    run_id: Mapped[str]
    plan_digest: Mapped[str] = mapped_column(String(64))
    basis: Mapped[dict[str, Any]] = mapped_column(JSON)
    options: Mapped[dict[str, Any]] = mapped_column(JSON)
    unique_codes: Mapped[bool]
    state: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime]
    approved_by: Mapped[str | None]
    who_kind: Mapped[str | None] = mapped_column(String(16))
    approved_at: Mapped[datetime | None]
    attempt: Mapped[str] = mapped_column(String(36))
    seen_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str]
    counters_before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    counters_after: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class AppliedCall(Base):
    """One PATCH: written before it is made, completed after it. `undoes`: the position of the one it takes
    back.

    `state`: planned, calling, done, skipped, failed, unknown or lost (nobody answered, not stored a while
    later). `expected` is the record's time stamp when the plan was made; `stamp_before` and `stamp_after`
    those around the call, `content_after` a digest of what the record held then. `sharers`: who else had the
    old value. No names: codes and guids.
    """

    __tablename__ = "applied_calls"

    application_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    undoes: Mapped[int | None]
    register: Mapped[str] = mapped_column(String(32))
    guid: Mapped[str]
    field: Mapped[str] = mapped_column(String(16))
    old: Mapped[str] = mapped_column("old_value", Text)
    new: Mapped[str] = mapped_column("new_value", Text)
    parks: Mapped[bool]
    state: Mapped[str] = mapped_column(String(16))
    looked: Mapped[bool]
    expected: Mapped[str | None]
    sharers: Mapped[list[str] | None] = mapped_column(JSON)
    stamp_before: Mapped[str | None]
    stamp_after: Mapped[str | None]
    content_after: Mapped[str | None] = mapped_column(String(64))
    calls: Mapped[int]
    called_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    answer: Mapped[str]
