"""How sure it is who decided something, and what exactly a person accepted of a refused extract."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op  # noqa: TID253 (only Alembic itself executes this file)

from presync.control.models import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_DECISIONS = ("decisions", "waivers", "confirmed_pairs", "accepted_systems", "accepted_empty")


def upgrade() -> None:
    """Add the columns and the table; of older rows nobody knows it."""
    for table in _DECISIONS:
        op.add_column(table, sa.Column("who_kind", sa.String(16), nullable=True))
    op.add_column("accepted_empty", sa.Column("rows", sa.BigInteger(), nullable=True))
    op.add_column("accepted_empty", sa.Column("table_rows", sa.BigInteger(), nullable=True))
    op.add_column("accepted_empty", sa.Column("found", sa.String(64), nullable=True))
    op.create_table(
        "refused_extracts",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("system", sa.String(32), nullable=False),
        sa.Column("table_name", sa.String(64), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("fallen", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "system", "table_name", name="pk_refused_extracts"),
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("refused_extracts")
    for column in ("found", "table_rows", "rows"):
        op.drop_column("accepted_empty", column)
    for table in _DECISIONS:
        op.drop_column(table, "who_kind")
