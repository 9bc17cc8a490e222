"""Alembic's entry: runs inside the transaction (and under the lock) that `control.database` holds."""

from __future__ import annotations

from alembic import context  # noqa: TID253 (only Alembic itself executes this file)

from presync.control.database import VERSION_TABLE
from presync.control.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
context.run_migrations()
