"""The logs of `presync check`: a file for each check, `logs/check-<file>-<moment>-<process>.log`."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from presync import settings
from presync.staging.leftovers import ABANDONED, remove

_NAME: Final = re.compile(r"check-(?P<file>.+)-\d{8}T\d{6}-(?P<process>\d+)\.log")


def remove_old_logs(keep: int, *, now: float | None = None, logs: Path | None = None) -> int:
    """Remove all but each file's newest logs (and those of the last day); return how many were removed."""
    moment = time.time() if now is None else now
    by_file: dict[str, list[tuple[float, Path]]] = {}
    for path, name in _logs(logs):
        by_file.setdefault(name["file"], []).append((path.stat().st_mtime, path))
    old = [
        path
        for found in by_file.values()
        for touched, path in sorted(found, reverse=True)[max(1, keep) :]
        if moment - touched > ABANDONED
    ]
    for path in old:
        remove(path)
    return len(old)


def remove_logs_of(tenant: str, *, logs: Path | None = None) -> int:
    """Remove a tenant's logs, which may hold names, but that of this process; return how many."""
    found = [
        path for path, name in _logs(logs) if name["file"] == tenant and int(name["process"]) != os.getpid()
    ]
    for path in found:
        remove(path)
    return len(found)


def _logs(folder: Path | None) -> Iterator[tuple[Path, re.Match[str]]]:
    for path in (folder or settings.local_data() / "logs").glob("check-*.log"):
        if name := _NAME.fullmatch(path.name):
            yield path, name
