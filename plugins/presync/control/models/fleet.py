"""Tables of the control room: companies, their days, and what people are told."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from presync.control.models.base import Base


class Company(Base):
    """What the fleet page knows of a company: its file, its last run, and what the last verdict found.

    Kept by whatever reads all tenant files (`file_*`), by a run that begins (`began_*`), by the gate (from
    `judged_run` on) and by the question to a person (`asked_*`). Nothing is proven by it: a start rests on
    certificates and starts alone. `stage.stage_of` says what it comes to.
    """

    __tablename__ = "companies"

    tenant: Mapped[str] = mapped_column(String(64), primary_key=True)
    title: Mapped[str] = mapped_column(server_default="")
    country: Mapped[str | None] = mapped_column(String(2))
    owner: Mapped[str | None]
    go_live: Mapped[date | None]
    schedule: Mapped[str | None]
    start_kind: Mapped[str] = mapped_column(String(16), server_default="")
    fingerprint: Mapped[str] = mapped_column(String(64), server_default="")
    # ok, broken or removed; the fault in words names no other company
    file_state: Mapped[str] = mapped_column(String(16), server_default="ok")
    file_fault: Mapped[str] = mapped_column(server_default="")
    file_since: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    retired_by: Mapped[str | None]
    began_run: Mapped[str | None]
    began_at: Mapped[datetime | None]
    judged_run: Mapped[str | None]
    judged_at: Mapped[datetime | None]
    # when the judged run began to read
    read_at: Mapped[datetime | None]
    status: Mapped[str] = mapped_column(String(16), server_default="")
    # since when the verdicts have come to the same stage, and why the last one is an error
    status_since: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(server_default="")
    warning: Mapped[int] = mapped_column(server_default="0")
    # {"suite/rule": [open critical findings, open warnings]} of the last run that checked everything
    rules: Mapped[dict[str, Any]] = mapped_column(JSON, server_default="{}")
    # {fix_in: open critical findings} of that run and of the one before it
    places: Mapped[dict[str, Any]] = mapped_column(JSON, server_default="{}")
    places_before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    # [[day as ISO, open critical findings at its end], …], the newest last
    trend: Mapped[list[Any]] = mapped_column(JSON, server_default="[]")
    first_checked_at: Mapped[datetime | None]
    first_ready_at: Mapped[datetime | None]
    asked_run: Mapped[str | None]
    asked_until: Mapped[datetime | None]


class CompanyDay(Base):
    """How a company stood at the end of a day (UTC), and until its next one; kept for a year and a bit."""

    __tablename__ = "company_days"

    tenant: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True, index=True)
    status: Mapped[str] = mapped_column(String(16))
    critical: Mapped[int]
    warning: Mapped[int]


class FilesRead(Base):
    """One row: when all tenant files were read last, and how many could be used."""

    __tablename__ = "files_read"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    usable: Mapped[int]
    refused: Mapped[int]


class Notice(Base):
    """A change that people are notified of, once; see `control.notices` for its states."""

    __tablename__ = "notices"
    __table_args__ = (UniqueConstraint("tenant", "event", "change"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(String(64))
    event: Mapped[str] = mapped_column(String(32))
    change: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    seen_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16), index=True)
    tries: Mapped[int]
    tried_at: Mapped[datetime | None]
    detail: Mapped[str] = mapped_column(Text)
