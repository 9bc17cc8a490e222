"""What a record held, besides its time stamp, when it was left."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op  # noqa: TID253 (only Alembic itself executes this file)

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of older entries nobody knows it."""
    op.add_column("applied_calls", sa.Column("content_after", sa.String(64), nullable=True))


def downgrade() -> None:
    """Remove it."""
    op.drop_column("applied_calls", "content_after")
