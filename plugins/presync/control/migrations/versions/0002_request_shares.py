"""Shares of a credential's request limit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op  # noqa: TID253 (only Alembic itself executes this file)

from presync.control.models import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of shares."""
    op.create_table(
        "request_shares",
        sa.Column("credential", sa.String(64), nullable=False),
        sa.Column("holder", sa.String(36), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("paused_until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("credential", "holder", name="pk_request_shares"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("request_shares")
