"""What tasks of one run hand to each other: folders that become visible all at once, or not at all.

A worker fills a local scratch folder; on success it is published under a name (`visma_business`,
`severa`, `database`, `results/customers`, …), on failure it vanishes. On a local or shared disk publishing
is a rename; in object storage the files are uploaded first and a list of them (`_complete.json`) last, and
a folder without that list does not exist for readers.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from presync import settings
from presync.errors import IncompleteError
from presync.staging.leftovers import new_scratch, owner_only, scratch

Area = Literal["staging", "reports", "rehearsals"]
_COMPLETE = "_complete.json"
_LONGEST = 150


def folder_name(run_id: str) -> str:
    """Return an Airflow run id as a name that every file system, URL and shell takes.

    >>> folder_name("manual__2026-11-23T04:15:59.12+00:00")
    'manual__2026-11-23T04-15-59.12-00-00'
    """
    name = re.sub(r"[^A-Za-z0-9._-]", "-", run_id).strip(".")
    if not name:
        raise IncompleteError(f"the run id {run_id!r} has no character that could name a folder")
    if len(name) <= _LONGEST:
        return name
    # scratch folders carry 42 characters more, and file systems take 255 bytes
    return f"{name[:_LONGEST]}-{hashlib.sha256(run_id.encode()).hexdigest()[:16]}"


class RunStore:
    """The published folders of one run of one tenant."""

    def __init__(self, tenant: str, run_id: str, *, area: Area = "staging", root: str | None = None) -> None:
        self.tenant = tenant
        self.run_id = run_id
        self.root = (root or settings.data_url()).rstrip("/")
        self._url = f"{self.root}/{area}/{tenant}/{folder_name(run_id)}"
        self._remote = "://" in self.root

    def __repr__(self) -> str:
        return f"RunStore({self._url!r})"

    @property
    def url(self) -> str:
        """Where the run's folders are: a path or an object-storage URL."""
        return self._url

    @contextmanager
    def publishing(self, name: str) -> Iterator[Path]:
        """Yield an empty local folder that is published as `name` when the block ends without an error.

        An earlier folder of that name (a cleared task) is replaced. The name `""` is the whole run: a report
        is published like that.
        """
        if self._remote:
            with scratch("publishing") as local, owner_only():
                yield local
                self._upload(local, name)
            return
        with owner_only():
            yield from self._publishing(name)

    def _publishing(self, name: str) -> Iterator[Path]:
        target = Path(self._url) / name
        target.parent.mkdir(parents=True, exist_ok=True)
        Path(self._url).parent.chmod(0o700)  # the tenant's, which an earlier version may have made for all
        scratch_folder = target.parent / f".{target.name}.partial-{uuid.uuid4().hex}"
        scratch_folder.mkdir()
        try:
            yield scratch_folder
            _replace(scratch_folder, target)
        finally:
            shutil.rmtree(scratch_folder, ignore_errors=True)

    def withdraw(self, name: str) -> None:
        """Make a published folder invisible, so that a failed repetition cannot pass for the earlier one."""
        if self._remote:
            marker = self._path(name) / _COMPLETE
            if marker.exists():
                marker.unlink()
        elif (target := Path(self._url) / name).exists():
            # a rename first: who is killed while files are removed must not leave half of them to be believed
            old = target.parent / f".{target.name}.old-{uuid.uuid4().hex}"
            target.rename(old)
            shutil.rmtree(old, ignore_errors=True)

    def exists(self, name: str) -> bool:
        """Tell whether a folder was published completely."""
        return (self._path(name) / _COMPLETE).exists() if self._remote else (Path(self._url) / name).is_dir()

    def fetch(self, name: str) -> Path:
        """Return a published folder as a local one (copied next to the worker if it is remote).

        Raises IncompleteError if it was never published.
        """
        if not self.exists(name):
            raise IncompleteError(
                f"{name!r} of run {self.run_id} of tenant {self.tenant} was never completed, so nothing that "
                "depends on it can be checked. Run the step that makes it again.",
                source=name.partition("/")[0],
            )
        return self._download(name) if self._remote else Path(self._url) / name

    def names(self, under: str) -> list[str]:
        """Return the published names below `under`, sorted: `results` → `results/customers`, …"""
        parent = self._path(under)
        if not parent.exists():
            return []
        found = (f"{under}/{child.name}" for child in parent.iterdir() if not child.name.startswith("."))
        return sorted(name for name in found if self.exists(name))

    def _path(self, name: str) -> Any:
        if not self._remote:
            return Path(self._url) / name
        from airflow.sdk import ObjectStoragePath

        return ObjectStoragePath(f"{self._url}/{name}".rstrip("/"))

    def _upload(self, scratch: Path, name: str) -> None:
        self.withdraw(name)
        target = self._path(name)
        target.mkdir(parents=True, exist_ok=True)
        files = sorted(p.relative_to(scratch).as_posix() for p in scratch.rglob("*") if p.is_file())
        for file in files:
            remote = target / file
            remote.parent.mkdir(parents=True, exist_ok=True)
            with (scratch / file).open("rb") as source, remote.open("wb") as sink:
                shutil.copyfileobj(source, sink)
        (target / _COMPLETE).write_text(json.dumps(files))

    def _download(self, name: str) -> Path:
        source = self._path(name)
        folder = new_scratch("fetched")
        for file in json.loads((source / _COMPLETE).read_text()):
            local = folder / file
            local.parent.mkdir(parents=True, exist_ok=True)
            with (source / file).open("rb") as remote, local.open("wb") as sink:
                shutil.copyfileobj(remote, sink)
        return folder


def _replace(new: Path, target: Path) -> None:
    if target.exists():
        old = target.parent / f".{target.name}.old-{uuid.uuid4().hex}"
        target.rename(old)
        new.rename(target)
        shutil.rmtree(old, ignore_errors=True)
    else:
        new.rename(target)
