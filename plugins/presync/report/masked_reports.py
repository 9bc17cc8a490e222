"""`privacy: masked` taken seriously: no report of the tenant may go on showing names, older ones included."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from presync.errors import IncompleteError
from presync.report.check_logs import remove_logs_of
from presync.report.pages.render import render_message
from presync.report.published import Shelf
from presync.report.suite_results import Suite
from presync.staging.database import DATABASE_FILE
from presync.staging.masked_names import names_masked
from presync.staging.store import RunStore
from presync.tenants.model import Tenant

NAMES: Final = "names"
"""Key of `verdict.json`: `shown`, `masked`, or `removed` where a report was emptied afterwards."""

_KEPT: Final = (
    "tenant",
    "run_id",
    "status",
    "gate",
    "started_at",
    "finished_at",
    "rules_version",
    "made_by",
    "deviations",
    "not_compared",
    "suites",
    "counts",
    "preview",
    "findings",
)
log = logging.getLogger(__name__)


def require_masked(tenant: Tenant, store: RunStore, suites: Sequence[Suite]) -> None:
    """Raise IncompleteError if the tenant asks for masked names and the run's findings could show some.

    That is so where a run was checked before `privacy: masked` was written, and its report is made after.
    """
    if tenant.privacy != "masked" or not any(suite.folder for suite in suites):
        return
    if not store.exists("database") or not names_masked(store.fetch("database") / DATABASE_FILE):
        raise IncompleteError(
            f"tenant {tenant.tenant} asks for masked names, but run {store.run_id} was checked while names "
            "were shown, so no report is made of it: it would show them. Start a new run.",
            source="report",
        )


def empty_reports_with_names(tenant: Tenant, shelf: Shelf, *, besides: str) -> list[str]:
    """Empty the reports that a tenant with masked names has from earlier times; return their folders.

    What they said in numbers stays, so that the trend and links to them hold. The folder `besides` is left
    alone: it is being made. Leftovers of killed processes and logs of `presync check` are removed.
    """
    if tenant.privacy != "masked":
        return []
    shelf.remove_leftovers(besides=besides)
    remove_logs_of(tenant.tenant)
    showing = [
        folder for folder in shelf.folders() if folder != besides and not _nameless(_values(shelf, folder))
    ]
    for folder in showing:
        values = _values(shelf, folder)
        with shelf.replacing(folder) as target:
            _write_emptied(target, tenant, values)
    if showing:
        log.warning(
            "Tenant %s asks for masked names: %d earlier reports could show some and were emptied. Logs of "
            "earlier tasks, copies that people saved, and the staged data of runs still hold names.",
            tenant.tenant,
            len(showing),
        )
    return showing


def _nameless(values: dict[str, Any]) -> bool:
    return values.get(NAMES) in {"masked", "removed"}


def _values(shelf: Shelf, folder: str) -> dict[str, Any]:
    """Return the verdict of a report; one that cannot be read may show anything."""
    try:
        with shelf.open(folder, "verdict.json") as stream:
            values = json.load(stream)
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def _write_emptied(folder: Path, tenant: Tenant, values: dict[str, Any]) -> None:
    kept = {key: values[key] for key in _KEPT if key in values}
    text = json.dumps({**kept, NAMES: "removed"}, indent=2, ensure_ascii=False)
    (folder / "verdict.json").write_text(text + "\n", encoding="utf-8")
    page = render_message(
        "This report was emptied",
        [
            f"It showed names, and the file of tenant {tenant.tenant} has since been changed to `privacy: "
            "masked`. Its findings, files and pages were removed; the numbers of its verdict are kept.",
            "Look at the newest report, or run the tenant's DAG again.",
        ],
        {"The numbers of its verdict": "verdict.json"},
    )
    (folder / "index.html").write_text(page, encoding="utf-8")
