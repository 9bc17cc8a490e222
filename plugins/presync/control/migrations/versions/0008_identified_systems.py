"""A start belongs to the two systems as they say it themselves, whatever files and connections call them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op  # noqa: TID253 (only Alembic itself executes this file)

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what the systems say of themselves; starts from before are known by tenant and connections."""
    op.add_column("starts", sa.Column("organisation", sa.String(64), nullable=True))
    op.add_column("starts", sa.Column("company", sa.Text(), nullable=True))
    op.create_index("ix_starts_organisation", "starts", ["organisation"], unique=True)


def downgrade() -> None:
    """Remove them."""
    op.drop_index("ix_starts_organisation", "starts")
    op.drop_column("starts", "company")
    op.drop_column("starts", "organisation")
