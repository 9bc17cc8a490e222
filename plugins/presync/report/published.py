"""A tenant's published reports: which there are, which one `latest` shows, which are old enough to go.

On a disk `latest` is a relative link that is swapped in one step; in object storage, which has no links, it
is a copy whose list of files is written last.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

from presync import settings
from presync.errors import ConfigurationError
from presync.report.wording import verdict_title
from presync.staging.leftovers import ABANDONED, hidden_leftovers, remove
from presync.staging.store import RunStore, folder_name

LATEST: Final = "latest"
_COMPLETE: Final = "_complete.json"


@dataclass(frozen=True)
class Published:
    """One published report, as its `verdict.json` tells."""

    folder: str
    run_id: str
    status: str
    started_at: str
    finished_at: str
    critical: int
    warning: int
    gate: str = "undecided"
    until: str = ""

    @property
    def gate_now(self) -> str:
        """How the gate stands now: `open`, `expired`, `undecided` or `shut`."""
        if self.gate != "open":
            return self.gate
        try:
            return "open" if datetime.now(UTC) <= datetime.fromisoformat(self.until) else "expired"
        except (ValueError, TypeError):
            return "undecided"

    @property
    def state(self) -> str:
        """What may be concluded from it now: `ready` only as long as the gate is open."""
        return "error" if self.status == "ready" and self.gate_now != "open" else self.status

    @property
    def title(self) -> str:
        """The same in words."""
        return verdict_title(self.status, {"state": self.gate_now, "until": self.until})


class Shelf:
    """The reports of one tenant."""

    def __init__(self, tenant: str, *, root: str | None = None) -> None:
        self.tenant = tenant
        self.root = (root or settings.data_url()).rstrip("/")
        self._remote = "://" in self.root

    def store(self, run_id: str) -> RunStore:
        """Return where the report of a run is published, as a whole."""
        if folder_name(run_id) == LATEST:
            raise ConfigurationError(
                f"a run of tenant {self.tenant} is called {run_id!r}, but `latest` is where the newest "
                "report is found. Trigger the DAG again under another run id, best the one Airflow gives.",
                source="report",
            )
        return RunStore(self.tenant, run_id, area="reports", root=self.root)

    def withdraw(self, run_id: str) -> None:
        """Take a run's report away, so that it cannot pass for the one that is being made anew."""
        latest = self.read(LATEST)
        self._remove(self.store(run_id).url.rpartition("/")[2])
        if self._remote and latest and latest.run_id == run_id:
            self._remove(LATEST)

    def published(self) -> list[Published]:
        """Return the published reports, newest check first; what cannot be read is no report."""
        found = [self.read(name) for name in self.folders()]
        return sorted((p for p in found if p), key=lambda p: (p.started_at, p.finished_at), reverse=True)

    def folders(self) -> list[str]:
        """Return the folders of all runs, readable as a report or not."""
        path = self._path()
        if not path.exists():
            return []
        return sorted(p.name for p in path.iterdir() if not p.name.startswith(".") and p.name != LATEST)

    @contextmanager
    def replacing(self, folder: str) -> Iterator[Path]:
        """Yield an empty folder that replaces a report, of which nothing is left; `latest` follows."""
        latest = self.read(LATEST) if self._remote else None
        store = RunStore(self.tenant, folder, area="reports", root=self.root)
        with store.publishing("") as scratch:
            yield scratch
            if self._remote:  # the new files are uploaded over the old ones, which would stay
                self._remove(folder)
                self._remove(LATEST)
        if latest and self._remote:
            self._copy_to_latest(folder_name(latest.run_id))

    @contextmanager
    def amending(self, folder: str) -> Iterator[Path]:
        """Yield a copy of a report that replaces it at the end; `latest` follows.

        On a disk its files are links to the very same ones: remove one before you write it.
        """
        shows = self.read(LATEST)
        store = RunStore(self.tenant, folder, area="reports", root=self.root)
        source = store.fetch("")
        with store.publishing("") as scratch:
            shutil.copytree(source, scratch, dirs_exist_ok=True, copy_function=_link)
            yield scratch
        if self._remote:
            shutil.rmtree(source, ignore_errors=True)
            if shows and folder_name(shows.run_id) == folder:
                self._copy_to_latest(folder)

    def read(self, folder: str) -> Published | None:
        """Return what a report says (`latest` too), or None if there is none or it cannot be read."""
        try:
            with self.open(folder, "verdict.json") as stream:
                values = json.load(stream)
            return _published(folder, values)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def open(self, folder: str, file: str) -> IO[bytes]:
        """Open a file of a published report; FileNotFoundError if there is none, or it lies outside."""
        base = self._path() / folder
        if self._remote:
            with (base / _COMPLETE).open("rb") as stream:
                if file not in json.load(stream):
                    raise FileNotFoundError(file)
            remote: IO[bytes] = (base / file).open("rb")
            return remote
        path = (base / file).resolve()
        if not path.is_relative_to(self._path().resolve()):
            raise FileNotFoundError(file)
        found: IO[bytes] = path.open("rb")
        return found

    def show_as_latest(self, published: Published) -> bool:
        """Make a report the one that `latest` shows, unless that one's check began later; tell whether."""
        current = self.read(LATEST)
        if current and published.started_at and current.started_at > published.started_at:
            return False
        if self._remote:
            self._copy_to_latest(published.folder)
        else:
            link = self._path() / f".{LATEST}-{uuid.uuid4().hex}"
            link.symlink_to(published.folder, target_is_directory=True)
            os.replace(link, self._path() / LATEST)  # noqa: PTH105 - says more plainly what happens
        return True

    def prune(self, keep: int, *, never: str = "") -> list[str]:
        """Remove all but the newest reports; return the removed.

        Never removed: what `latest` shows, the newest one that is not `error`, and the folder `never`.
        """
        reports = self.published()
        latest = self.read(LATEST)
        checked = next((p.folder for p in reports if p.status != "error"), "")
        kept = {p.folder for p in reports[: max(1, keep)]} | {never, checked}
        old = [p for p in reports if p.folder not in kept and not (latest and p.run_id == latest.run_id)]
        for report in old:
            self._remove(report.folder)
        return [report.folder for report in old]

    def remove_unreadable(self, *, now: float) -> list[str]:
        """Remove reports that cannot be read and were not touched within a day; return them.

        Only on a disk: in object storage, what is incomplete has no date.
        """
        if self._remote:
            return []
        old = [
            folder
            for folder in self.folders()
            if self.read(folder) is None and now - (self._path() / folder).stat().st_mtime > ABANDONED
        ]
        for folder in old:
            self._remove(folder)
        return old

    def remove_leftovers(self, *, besides: str) -> None:
        """Remove what killed processes left of reports, but what is being made in the folder `besides`."""
        if not self._remote:
            for path in hidden_leftovers(self._path()):
                if not path.name.startswith(f".{besides}.partial-"):
                    remove(path)

    def _copy_to_latest(self, folder: str) -> None:
        source = RunStore(self.tenant, folder, area="reports", root=self.root).fetch("")
        try:
            target = RunStore(self.tenant, LATEST, area="reports", root=self.root)
            with target.publishing("") as scratch:
                shutil.copytree(source, scratch, dirs_exist_ok=True)
        finally:
            shutil.rmtree(source, ignore_errors=True)

    def _remove(self, folder: str) -> None:
        if self._remote:
            path = self._path() / folder
            if path.exists():
                RunStore(self.tenant, folder, area="reports", root=self.root).withdraw("")
                path.rmdir(recursive=True)
        else:
            shutil.rmtree(self._path() / folder, ignore_errors=True)

    def _path(self) -> Any:
        url = f"{self.root}/reports/{self.tenant}"
        if not self._remote:
            return Path(url)
        from airflow.sdk import ObjectStoragePath

        return ObjectStoragePath(url)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copyfile(source, target)


def _published(folder: str, values: Mapping[str, Any]) -> Published:
    gate = values.get("gate") or {}
    suites = values.get("suites") or []
    return Published(
        folder=folder,
        run_id=str(values["run_id"]),
        status=values["status"] if values.get("status") in {"ready", "blocked"} else "error",
        started_at=str(values.get("started_at") or ""),
        finished_at=str(values.get("finished_at") or ""),
        critical=sum(suite.get("critical") or 0 for suite in suites),
        warning=sum(suite.get("warning") or 0 for suite in suites),
        gate=str(gate.get("state") or "undecided"),
        until=str(gate.get("until") or ""),
    )
