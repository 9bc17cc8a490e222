"""The fix files of a run's report, or why there are none."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from presync.errors import PresyncError
from presync.fixes.build import plan_run
from presync.report.fix_files import FixFile, write_fixes
from presync.staging.store import RunStore
from presync.tenants import Tenant

FOLDER: Final = "fixes"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Proposals:
    """The fix files that were written; `problem` says why there are none although something blocks."""

    files: tuple[FixFile, ...] = ()
    problem: str = ""

    @property
    def proposed(self) -> int:
        """How many changes are proposed."""
        return sum(file.rows for file in self.files if file.fix_in)

    @property
    def by_hand(self) -> int:
        """How many findings are left to people."""
        return sum(file.rows for file in self.files if not file.fix_in)


def write_proposals(
    folder: Path, tenant: Tenant, store: RunStore, verdict: Mapping[str, Any], waived: Collection[str] = ()
) -> Proposals:
    """Write `fixes/` into the folder of a report that is `blocked`.

    A run that could not check everything gets none: they could create what was not checked. Nothing is
    raised: the report that says what blocks must not be lost because nobody knows how to mend it.
    """
    if verdict["status"] != "blocked":
        return Proposals()
    try:
        return Proposals(tuple(write_fixes(folder / FOLDER, plan_run(tenant, store, waived))))
    except PresyncError as error:
        return Proposals(problem=error.message)
    except Exception as error:
        log.exception("no proposals for run %s of tenant %s", store.run_id, tenant.tenant)
        return Proposals(
            problem=f"they broke off unexpectedly ({type(error).__name__}); the task's log has more"
        )
