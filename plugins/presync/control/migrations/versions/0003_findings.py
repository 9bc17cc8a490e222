"""What is remembered of findings from run to run."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op  # noqa: TID253 (only Alembic itself executes this file)

from presync.control.models import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TEXTS = ("business_code", "severa_guid", "severa_code", "first_number", "last_number")
_SEEN = ("first_seen", "opened", "last_seen")


def upgrade() -> None:
    """Make the table of findings."""
    op.create_table(
        "findings",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("finding_id", sa.String(32), nullable=False),
        sa.Column("suite", sa.String(32), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in _TEXTS),
        sa.Column("values_digest", sa.String(32), nullable=False),
        *(sa.Column(f"{name}_run", sa.Text(), nullable=False) for name in _SEEN),
        *(sa.Column(f"{name}_at", UtcDateTime(), nullable=False) for name in _SEEN),
        sa.Column("fixed_run", sa.Text(), nullable=True),
        sa.Column("fixed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "finding_id", name="pk_findings"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("findings")
