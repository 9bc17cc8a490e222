"""Scratch folders, and what a killed process leaves of them: nobody else removes it, and it holds names.

Scratch is in the folder for temporary files (`scratch`), or hidden beside what it becomes: `.x.partial-…`
until it is published, `.x.old-…` after it was replaced. Whatever nothing has touched for a day has no owner
any more: no task takes that long.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Literal

Kind = Literal["fetched", "publishing", "look", "simulation", "fixes", "preview", "init", "by-hand"]
_KINDS: Final[tuple[Kind, ...]] = (
    "fetched",
    "publishing",
    "look",
    "simulation",
    "fixes",
    "preview",
    "init",
    "by-hand",
)
ABANDONED: Final = 24 * 3600.0
"""Seconds after which what nobody has touched is a leftover."""
SWEEP_EVERY: Final = 3600.0
"""Seconds in which one process of a user looks for leftovers once."""
_HIDDEN: Final = re.compile(r"\..+\.(partial|old)-[0-9a-f]{32}|\.spilled-.+|\.latest-[0-9a-f]{32}", re.DOTALL)


@contextmanager
def scratch(kind: Kind) -> Iterator[Path]:
    """Yield an empty folder for the owner only, which vanishes at the end."""
    folder = new_scratch(kind)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_scratch(kind: Kind) -> Path:
    """Return an empty folder for the owner only; whoever asks removes it, or `sweep_scratch` a day later."""
    _sweep_now_and_then(Path(tempfile.gettempdir()))
    return Path(tempfile.mkdtemp(prefix=f"presync-{kind}-"))


@contextmanager
def owner_only() -> Iterator[None]:
    """Make the files and folders of the block for their owner only, in the whole process."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _sweep_now_and_then(place: Path) -> None:
    """Sweep once in a period: who looks at everybody's folders for each new one looks at thousands.

    The time of an empty folder says when it was last done: each task is a process of its own.
    """
    mark = place / f"presync-swept-{os.getuid()}"
    with suppress(OSError):
        seen = mark.lstat()
        if seen.st_uid == os.getuid() and abs(time.time() - seen.st_mtime) < SWEEP_EVERY:
            return
    with suppress(OSError):  # whoever cannot leave the mark looks each time
        mark.mkdir(mode=0o700, exist_ok=True)
        os.utime(mark, follow_symlinks=False)
    sweep_scratch()


def sweep_scratch(*, now: float | None = None) -> int:
    """Remove this user's scratch folders that are abandoned on this machine; return how many there were."""
    removed = 0
    for kind in _KINDS:
        for folder in Path(tempfile.gettempdir()).glob(f"presync-{kind}-*"):
            with suppress(OSError):  # swept at the same time
                if folder.lstat().st_uid == os.getuid():
                    removed += _removed(folder, now)
    return removed


def remove_leftovers(area: Path, *, now: float | None = None) -> int:
    """Remove what killed processes left hidden anywhere below a folder; return how many there were."""
    removed = 0
    for parent, folders, files in os.walk(area):
        for name in (name for name in (*folders, *files) if _HIDDEN.fullmatch(name)):
            removed += _removed(Path(parent, name), now)
        folders[:] = [name for name in folders if not _HIDDEN.fullmatch(name)]
    return removed


def hidden_leftovers(folder: Path) -> Iterator[Path]:
    """Yield what lies hidden in a folder, abandoned or not."""
    with suppress(FileNotFoundError):
        yield from (path for path in folder.iterdir() if _HIDDEN.fullmatch(path.name))


def remove(path: Path) -> None:
    """Remove a file, a link or a folder with all that is in it, as far as it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(FileNotFoundError):
            path.unlink()


def _removed(path: Path, now: float | None) -> bool:
    if (time.time() if now is None else now) - _touched(path) <= ABANDONED:
        return False
    remove(path)
    return True


def _touched(path: Path) -> float:
    """Return when anything in it was last written to (seconds since 1970); 0 if it is gone."""
    newest = 0.0
    with suppress(OSError):
        newest = path.lstat().st_mtime
    for parent, folders, files in os.walk(path):
        for name in (*folders, *files):
            with suppress(OSError):
                newest = max(newest, Path(parent, name).lstat().st_mtime)
    return newest
