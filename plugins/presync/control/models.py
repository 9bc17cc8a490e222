"""The control tables. Every time is UTC and timezone-aware, on SQLite as on PostgreSQL.

The schema changes only through `migrations/`; a test compares both.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final, Literal

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Index,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

StartState = Literal["requested", "confirmed", "refused", "not_sent", "unknown", "reset"]

REPEATABLE: Final[tuple[StartState, ...]] = ("refused", "not_sent", "reset")
"""States that prove that nothing was started: a new call may be made."""

UNSETTLED: Final[tuple[StartState, ...]] = ("requested", "unknown")
"""States in which the integration may or may not run: only a person may settle them."""


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time; refuses naive values, which would mean another moment on every machine."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the value in UTC; SQLite stores it without its zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; control tables hold UTC only")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored moment in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of the control tables; constraints have names so that migrations can change them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, str: Text}  # noqa: RUF012 (SQLAlchemy's own convention)


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


class ExtractedTable(Base):
    """How many rows a table had in a complete extract; of a column (`table.column`), how many had a value."""

    __tablename__ = "extracts"

    tenant: Mapped[str] = mapped_column(String(64), primary_key=True)
    run_id: Mapped[str] = mapped_column(primary_key=True)
    system: Mapped[str] = mapped_column(String(32), primary_key=True)
    table: Mapped[str] = mapped_column("table_name", String(64), primary_key=True)
    rows: Mapped[int] = mapped_column(BigInteger)
    recorded_at: Mapped[datetime] = mapped_column(index=True)


class AcceptedChange(Base):
    """A person's word that a table or column (`table.column`) has rightly lost most of its content.

    It holds for what the refused extract had: `rows` of it, in a table of `table_rows`; `found` names the
    system that was read, for an identity. What extracts had before it is compared with nothing any more.
    All three are NULL for one that is older than they are: it accepted anything.
    """

    __tablename__ = "accepted_empty"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(String(64), index=True)
    system: Mapped[str] = mapped_column(String(32))
    table: Mapped[str] = mapped_column("table_name", String(64))
    rows: Mapped[int | None] = mapped_column(BigInteger)
    table_rows: Mapped[int | None] = mapped_column(BigInteger)
    found: Mapped[str | None] = mapped_column(String(64))
    accepted_at: Mapped[datetime]
    who: Mapped[str]
    who_kind: Mapped[str | None] = mapped_column(String(16))


class RefusedTable(Base):
    """What the newest refused extract of a system had, named as in `extracts`: a person may accept that."""

    __tablename__ = "refused_extracts"

    tenant: Mapped[str] = mapped_column(String(64), primary_key=True)
    system: Mapped[str] = mapped_column(String(32), primary_key=True)
    table: Mapped[str] = mapped_column("table_name", String(64), primary_key=True)
    run_id: Mapped[str]
    rows: Mapped[int] = mapped_column(BigInteger)
    # whether this is why it was refused
    fallen: Mapped[bool]
    recorded_at: Mapped[datetime]


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


class Decision(Base):
    """An answer to one of the five questions, given by command: `all`, `none` or `except:FIELD=VALUE`."""

    __tablename__ = "decisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(String(64), index=True)
    entity: Mapped[str] = mapped_column(String(32))
    answer: Mapped[str]
    who: Mapped[str]
    who_kind: Mapped[str | None] = mapped_column(String(16))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]


class WaiverRecord(Base):
    """A person's word that a finding may stand, for the values it had, through `until` (UTC)."""

    __tablename__ = "waivers"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(String(64), index=True)
    finding_id: Mapped[str] = mapped_column(String(32))
    rule: Mapped[str] = mapped_column(String(64))
    values_digest: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str]
    until: Mapped[date]
    who: Mapped[str]
    who_kind: Mapped[str | None] = mapped_column(String(16))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]


class ConfirmedPairRecord(Base):
    """A person's word that two records are the same, or are not, for the names and ids they had."""

    __tablename__ = "confirmed_pairs"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(String(64), index=True)
    entity: Mapped[str] = mapped_column(String(32))
    business_code: Mapped[str]
    severa_guid: Mapped[str]
    same: Mapped[bool]
    names_digest: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str]
    who: Mapped[str]
    who_kind: Mapped[str | None] = mapped_column(String(16))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]


class AcceptedSystems(Base):
    """A person's word that two systems belong together, for what they said of themselves (`digest`)."""

    __tablename__ = "accepted_systems"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(String(64), index=True)
    digest: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str]
    who: Mapped[str]
    who_kind: Mapped[str | None] = mapped_column(String(16))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]


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

    `state`: planned, calling, done, skipped, failed or unknown. `expected` is the record's time stamp when
    the plan was made; `stamp_before` and `stamp_after` those around the call, `content_after` a digest of
    what else the record held then. `sharers`: who else had the old value. No names: codes and guids.
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


class RequestShare(Base):
    """How much of a request limit a process holds, until `expires_at` if it is not heard of again."""

    __tablename__ = "request_shares"

    credential: Mapped[str] = mapped_column(String(64), primary_key=True)
    holder: Mapped[str] = mapped_column(String(36), primary_key=True)
    slots: Mapped[int]
    wanted: Mapped[int]
    joined_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    paused_until: Mapped[datetime | None]


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
