"""Answers, waivers, confirmed pairs, and the audit trail that nobody can change."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op  # noqa: TID253 (only Alembic itself executes this file)

from presync.control.models import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_SQLITE_GUARD = """
CREATE TRIGGER audit_no_{action} BEFORE {action} ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
"""
_POSTGRESQL_FUNCTION = """
CREATE FUNCTION presync_audit_guard() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$
"""
_POSTGRESQL_GUARD = """
CREATE TRIGGER audit_guard BEFORE UPDATE OR DELETE ON audit
FOR EACH ROW EXECUTE FUNCTION presync_audit_guard()
"""


def upgrade() -> None:
    """Make the tables, and the guard of the audit trail."""
    for flag in ("waivable", "waived"):
        op.add_column("findings", sa.Column(flag, sa.Boolean(), nullable=False, server_default=sa.false()))
    _given("decisions", sa.Column("entity", sa.String(32), nullable=False), *_texts("answer"))
    _given(
        "waivers",
        sa.Column("finding_id", sa.String(32), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("values_digest", sa.String(32), nullable=False),
        *_texts("reason"),
        sa.Column("until", sa.Date(), nullable=False),
    )
    _given(
        "confirmed_pairs",
        sa.Column("entity", sa.String(32), nullable=False),
        *_texts("business_code", "severa_guid"),
        sa.Column("same", sa.Boolean(), nullable=False),
        sa.Column("names_digest", sa.String(32), nullable=False),
        *_texts("reason"),
    )
    _audit()


def downgrade() -> None:
    """Drop them."""
    for table in ("audit", "confirmed_pairs", "waivers", "decisions"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION presync_audit_guard()")
    for flag in ("waived", "waivable"):
        op.drop_column("findings", flag)


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _given(table: str, *columns: sa.Column[Any]) -> None:
    """Make a table of what people gave, and may withdraw."""
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        *columns,
        *_texts("who"),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )
    op.create_index(f"ix_{table}_tenant", table, ["tenant"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        *_texts("who"),
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_tenant", "audit", ["tenant"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_POSTGRESQL_FUNCTION)
        op.execute(_POSTGRESQL_GUARD)
    else:
        for action in ("UPDATE", "DELETE"):
            op.execute(_SQLITE_GUARD.format(action=action))
