"""Lets old runs' staged data and reports go: they hold names, so they stay no longer than they are useful.

Kept of each tenant: the newest complete runs, at least one, and whatever was touched within a day, because it
may still be at work. A run is complete if its database and the results of all seven suites are there.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from presync import settings
from presync.report.check_logs import remove_old_logs
from presync.report.published import Shelf
from presync.rules.catalogue import SUITES
from presync.staging.leftovers import remove_leftovers, sweep_scratch
from presync.staging.store import RunStore

AT_WORK: Final = 24 * 3600.0
"""Seconds for which a run that was touched is left alone."""

_AREAS: Final = ("staging", "reports", "known")


@dataclass(frozen=True)
class StagedRun:
    """One run's staging: folder name, when it was last written to (seconds since 1970), whether complete."""

    folder: str
    touched: float
    complete: bool


def prune_tenant(tenant: str, keep: int, *, now: float | None = None, root: str | None = None) -> list[str]:
    """Remove a tenant's old staging and reports; return the folders of the removed runs."""
    runs = staged_runs(tenant, root=root)
    old = superfluous(runs, keep, now=time.time() if now is None else now)
    base = area_of(root) / tenant
    for run in old:
        remove_folder(base / run.folder)
    shelf = Shelf(tenant, root=root)
    shelf.prune(keep)
    shelf.remove_unreadable(now=time.time() if now is None else now)
    return [run.folder for run in old]


def tidy(*, now: float | None = None, root: str | None = None, logs: Path | None = None) -> int:
    """Remove what killed processes left, and all but each company's newest logs of `presync check`.

    Return how many there were. Scratch is this machine's: other workers sweep their own.
    """
    removed = sweep_scratch(now=now)
    base = root or settings.data_url()
    if "://" not in base:
        removed += sum(remove_leftovers(Path(base, area), now=now) for area in _AREAS)
    return removed + remove_old_logs(settings.keep_runs(), now=now, logs=logs)


def superfluous(runs: list[StagedRun], keep: int, *, now: float) -> list[StagedRun]:
    """Return the runs that may go, oldest first."""
    complete = sorted((run for run in runs if run.complete), key=lambda run: run.touched, reverse=True)
    kept = {run.folder for run in complete[: max(1, keep)]}
    old = [run for run in runs if run.folder not in kept and now - run.touched > AT_WORK]
    return sorted(old, key=lambda run: run.touched)


def staged_runs(tenant: str, *, root: str | None = None) -> list[StagedRun]:
    """Return all runs that a tenant has in staging."""
    base = area_of(root) / tenant
    if not base.exists():
        return []
    return [_staged_run(tenant, folder, root) for folder in base.iterdir() if folder.is_dir()]


def staged_tenants(*, root: str | None = None) -> list[str]:
    """Return the tenants that have staging or reports, also those whose file is gone."""
    areas = [area for area in (area_of(root), area_of(root, "reports")) if area.exists()]
    found = {folder.name for area in areas for folder in area.iterdir() if folder.is_dir()}
    return sorted(name for name in found if not name.startswith("."))


def _staged_run(tenant: str, folder: Any, root: str | None) -> StagedRun:
    store = RunStore(tenant, folder.name, root=root)
    names = ["database", *(f"results/{suite}" for suite in SUITES)]
    touched = max(_times(folder), default=0.0)
    return StagedRun(folder.name, touched, all(store.exists(name) for name in names))


def _times(folder: Any) -> Iterator[float]:
    if isinstance(folder, Path):
        yield folder.stat().st_mtime
    for path in folder.rglob("*"):
        if path.is_file():
            yield float(path.stat().st_mtime)


def remove_folder(folder: Any) -> None:
    """Remove a folder of the data with all that is in it."""
    if isinstance(folder, Path):
        shutil.rmtree(folder)
    else:
        folder.rmdir(recursive=True)


def area_of(root: str | None, name: str = "staging") -> Any:
    """Return a part of the data (`PRESYNC_DATA`, or `root`): a path, or Airflow's path of object storage."""
    url = f"{(root or settings.data_url()).rstrip('/')}/{name}"
    if "://" not in url:
        return Path(url)
    from airflow.sdk import ObjectStoragePath

    return ObjectStoragePath(url)
