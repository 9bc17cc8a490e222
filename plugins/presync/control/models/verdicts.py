"""Tables of verdicts: runs, findings and certificates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from presync.control.models.base import Base


class Run(Base):
    """The verdict of one run of one tenant; a gate that is cleared and run again replaces it."""

    __tablename__ = "runs"
    __table_args__ = (UniqueConstraint("tenant", "run_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(String(64))
    run_id: Mapped[str]
    status: Mapped[str] = mapped_column(String(16))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(index=True)
    rules_version: Mapped[str]
    build_id: Mapped[str]
    critical: Mapped[int]
    warning: Mapped[int]
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)


class FindingRecord(Base):
    """What is remembered of a finding: codes and guids, no names. `fixed_at` is NULL while it stands.

    `opened_*` is when it appeared last, `first_seen_*` when it appeared for the first time ever. Times are
    those at which the run began to read.
    """

    __tablename__ = "findings"

    tenant: Mapped[str] = mapped_column(String(64), primary_key=True)
    finding_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    suite: Mapped[str] = mapped_column(String(32))
    rule: Mapped[str] = mapped_column(String(64))
    severity: Mapped[str] = mapped_column(String(16))
    business_code: Mapped[str]
    severa_guid: Mapped[str]
    severa_code: Mapped[str]
    first: Mapped[str] = mapped_column("first_number", Text)
    last: Mapped[str] = mapped_column("last_number", Text)
    values_digest: Mapped[str] = mapped_column(String(32))
    # where it is fixed: severa, visma_business, either, presync; '' before it was remembered
    fix_in: Mapped[str] = mapped_column(String(16), server_default="")
    waivable: Mapped[bool] = mapped_column(server_default=false())
    waived: Mapped[bool] = mapped_column(server_default=false())
    first_seen_run: Mapped[str]
    first_seen_at: Mapped[datetime]
    opened_run: Mapped[str]
    opened_at: Mapped[datetime]
    last_seen_run: Mapped[str]
    last_seen_at: Mapped[datetime]
    fixed_run: Mapped[str | None]
    fixed_at: Mapped[datetime | None]


class Certificate(Base):
    """Proof that a run was `ready`: for this build of the data, these rules, this tenant file.

    `bound`: fingerprints of the staged tables, and of what was on record. Without `expires_at`: expired.
    """

    __tablename__ = "certificates"

    # made from the other columns, so that a repeated gate issues the same certificate
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(64), index=True)
    run_id: Mapped[str]
    issued_at: Mapped[datetime]
    build_id: Mapped[str]
    rules_version: Mapped[str]
    fingerprint: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime | None]
    bound: Mapped[dict[str, Any] | None] = mapped_column(JSON)
