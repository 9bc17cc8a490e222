"""A start belongs to a pair of systems, which no other tenant may start; earlier starts name none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op  # noqa: TID253 (only Alembic itself executes this file)

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and its index."""
    op.add_column("starts", sa.Column("systems", sa.String(64), nullable=True))
    op.create_index("ix_starts_systems", "starts", ["systems"], unique=True)


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_starts_systems", "starts")
    op.drop_column("starts", "systems")
