"""Reading a file that anybody may have put there: only a regular file of a bounded size, and never a wait.

A named pipe blocks whoever opens it, a device never ends, and a text of a gigabyte fills the memory of the
process that parses every company's file. None of them is opened for reading.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class UnreadableFileError(Exception):
    """A file that is not read; the text is the reason and the way out, without the file's name."""


def read_bounded(path: Path, limit: int) -> bytes:
    """Return the content of a regular file of at most `limit` bytes. Raises UnreadableFileError."""
    try:
        _refuse_unusual(path.stat(), limit)
        # between the look and here it may have become a pipe: opening one must not wait for its writer
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            _refuse_unusual(os.fstat(descriptor), limit)
            content = file.read(limit + 1)
    except FileNotFoundError:
        reason = "is a link that leads nowhere; point it to a file" if path.is_symlink() else "is not there"
        raise UnreadableFileError(f"the file {reason}, or remove it") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise UnreadableFileError(
            f"the file cannot be read ({reason}); make it readable for the user that Airflow runs as"
        ) from None
    if len(content) > limit:
        raise UnreadableFileError(_too_big(limit))
    return content


def _refuse_unusual(status: os.stat_result, limit: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = next((name for is_kind, name in _KINDS if is_kind(status.st_mode)), "not a regular file")
        raise UnreadableFileError(f"this is {kind}, which is never read; replace it by a file or remove it")
    if status.st_size > limit:
        raise UnreadableFileError(_too_big(limit))


def _too_big(limit: int) -> str:
    return (
        f"the file has more than {limit:,} bytes, so it is not read; remove what does not belong in it "
        "(its fields are listed in tenants/README.md)"
    )
