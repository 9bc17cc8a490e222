"""A person's word that the two systems belong together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op  # noqa: TID253 (only Alembic itself executes this file)

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "accepted_systems",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_accepted_systems"),
    )
    op.create_index("ix_accepted_systems_tenant", "accepted_systems", ["tenant"])


def downgrade() -> None:
    """Remove it."""
    op.drop_table("accepted_systems")
