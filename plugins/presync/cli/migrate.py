"""`presync migrate`: makes or updates the control database's tables."""

from __future__ import annotations

from presync.cli.exit_codes import FINE
from presync.control.database import HEAD, transaction


def migrate(run_as: str | None = None) -> int:
    """Bring the control database to this release's version; `run_as`: the role that may then use it."""
    with transaction():
        print(f"the control database is at version {HEAD}")
    if run_as is not None:
        from presync.control.grants import grant_to

        grant_to(run_as)
        print(f"{run_as} may read and write what Presync needs, and owns nothing")
    return FINE
