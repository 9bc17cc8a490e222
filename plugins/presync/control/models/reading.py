"""Tables of what was read: extracts, what was refused, and shares of a request limit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from presync.control.models.base import Base


class ExtractedTable(Base):
    """How many rows a table had in a complete extract; of a column (`table.column`), how many had a value.

    `table_rows`: how many rows the column's table had then. NULL for a table, and for extracts older than it.
    """

    __tablename__ = "extracts"

    tenant: Mapped[str] = mapped_column(String(64), primary_key=True)
    run_id: Mapped[str] = mapped_column(primary_key=True)
    system: Mapped[str] = mapped_column(String(32), primary_key=True)
    table: Mapped[str] = mapped_column("table_name", String(64), primary_key=True)
    rows: Mapped[int] = mapped_column(BigInteger)
    table_rows: Mapped[int | None] = mapped_column(BigInteger)
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
