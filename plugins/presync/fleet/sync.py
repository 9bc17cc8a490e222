"""Brings the fleet page in line with the tenant files; for whatever has just read all of them."""

from __future__ import annotations

import logging
import threading
from typing import Final

from presync.tenants.folder import TenantFolder

logger = logging.getLogger(__name__)
_LONGEST_SECONDS: Final = 10.0


def sync_fleet(found: TenantFolder) -> None:
    """Tell the control database which files there are; nothing if the folder itself could not be read."""
    from presync.control.companies import sync_companies

    if found.listed:
        sync_companies(found.tenants.values(), found.broken, len(found.faults))


def sync_fleet_if_possible(found: TenantFolder, seconds: float = _LONGEST_SECONDS) -> None:
    """Do it while DAG files are parsed: it never raises, and never takes longer than `seconds`.

    A control database that does not answer must cost no company its DAG. The next parse tries again.
    """

    def work() -> None:
        try:
            sync_fleet(found)
        except Exception as error:
            logger.warning(
                "the fleet page could not be updated from the tenant files: %s", type(error).__name__
            )

    thread = threading.Thread(target=work, name="presync-fleet", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        logger.warning("the fleet page could not be updated from the tenant files within %s seconds", seconds)
