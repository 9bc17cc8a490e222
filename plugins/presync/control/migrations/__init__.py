"""Alembic migrations of the control database, applied by `control.database` on first use."""
