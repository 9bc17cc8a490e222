"""The audit trail is a chain and says how sure `who` is; the database has an identity of its own."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op  # noqa: TID253 (only Alembic itself executes this file)

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; say since when this database knows anything."""
    op.add_column("audit", sa.Column("who_kind", sa.String(16), nullable=True))
    op.add_column("audit", sa.Column("before", sa.String(64), nullable=True))
    op.add_column("audit", sa.Column("digest", sa.String(64), nullable=True))
    op.create_index("ix_audit_digest", "audit", ["digest"])
    op.create_table(
        "this_database",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_this_database"),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    made_at = datetime.now(UTC).replace(tzinfo=None) if sqlite else datetime.now(UTC)
    made = sa.table("this_database", sa.column("id"), sa.column("made_at", sa.DateTime(timezone=True)))
    op.get_bind().execute(
        made.insert(),
        {"id": str(uuid.uuid4()), "made_at": made_at.replace(tzinfo=None) if sqlite else made_at},
    )
    oldest = [f"(SELECT min({at}) FROM {table})" for table, at in _KNOWN]
    known = f"(SELECT min(at) FROM (SELECT {' AS at UNION SELECT '.join(oldest)}) AS known)"
    op.execute(f"UPDATE this_database SET made_at = coalesce({known}, made_at)")


_KNOWN = (("audit", "at"), ("runs", "recorded_at"), ("extracts", "recorded_at"), ("starts", "requested_at"))


def downgrade() -> None:
    """Remove them."""
    op.drop_table("this_database")
    op.drop_index("ix_audit_digest", "audit")
    for column in ("digest", "before", "who_kind"):
        op.drop_column("audit", column)
