"""Certificates expire, and are bound to what was checked; those issued before have expired."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op  # noqa: TID253 (only Alembic itself executes this file)

from presync.control.models import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("certificates", sa.Column("expires_at", UtcDateTime(), nullable=True))
    op.add_column("certificates", sa.Column("bound", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("certificates", "bound")
    op.drop_column("certificates", "expires_at")
