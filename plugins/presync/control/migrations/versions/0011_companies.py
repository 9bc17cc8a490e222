"""What the fleet page shows of each company without opening a report."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op  # noqa: TID253 (only Alembic itself executes this file)

from presync.control.models import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; what earlier runs found is filled in by each company's next run."""
    op.add_column("findings", sa.Column("fix_in", sa.String(16), nullable=False, server_default=""))
    _companies()
    op.create_table(
        "company_days",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("critical", sa.Integer(), nullable=False),
        sa.Column("warning", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "day", name="pk_company_days"),
    )
    op.create_index("ix_company_days_day", "company_days", ["day"])
    op.create_table(
        "files_read",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("usable", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_files_read"),
    )


def downgrade() -> None:
    """Remove them."""
    for table in ("files_read", "company_days", "companies"):
        op.drop_table(table)
    op.drop_column("findings", "fix_in")


def _companies() -> None:
    op.create_table(
        "companies",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False, server_default=""),
        sa.Column("country", sa.String(2), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("go_live", sa.Date(), nullable=True),
        sa.Column("schedule", sa.Text(), nullable=True),
        sa.Column("start_kind", sa.String(16), nullable=False, server_default=""),
        sa.Column("fingerprint", sa.String(64), nullable=False, server_default=""),
        sa.Column("file_state", sa.String(16), nullable=False, server_default="ok"),
        sa.Column("file_fault", sa.Text(), nullable=False, server_default=""),
        sa.Column("file_since", UtcDateTime(), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
        sa.Column("retired_by", sa.Text(), nullable=True),
        sa.Column("began_run", sa.Text(), nullable=True),
        sa.Column("began_at", UtcDateTime(), nullable=True),
        sa.Column("judged_run", sa.Text(), nullable=True),
        sa.Column("judged_at", UtcDateTime(), nullable=True),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("status", sa.String(16), nullable=False, server_default=""),
        sa.Column("status_since", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("warning", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("rules", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("places", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("places_before", sa.JSON(), nullable=True),
        sa.Column("trend", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("first_checked_at", UtcDateTime(), nullable=True),
        sa.Column("first_ready_at", UtcDateTime(), nullable=True),
        sa.Column("asked_run", sa.Text(), nullable=True),
        sa.Column("asked_until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", name="pk_companies"),
    )
