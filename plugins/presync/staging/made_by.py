"""Which code and which settings made something: every product of a run names both.

A run's tasks may be days and an upgrade apart. Rows that one version of the SQL has related must not be
judged by another, so the verdict is `error` unless all products of a run were made by the very same version.
"""

from __future__ import annotations

import hashlib
import os
import time
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import Any, Final

from presync import __version__, settings
from presync.errors import ConfigurationError

Files = dict[str, tuple[int, ...]]
_PACKAGE: Final = Path(__file__).parents[1]
_CODE: Final = (".py", ".sql", ".html", ".css", ".js", ".json")
# What a run's tasks never use; a change there must not end the runs that are under way.
_ELSEWHERE: Final = ("apply/", "cli/", "new_tenant/", "rehearsal/", "airflow/web/")
_LIBRARIES: Final = (
    "duckdb",
    "great-expectations",
    "msgspec",
    "pandas",
    "pyarrow",
    "python-stdnum",
    "rapidfuzz",
)


@dataclass(frozen=True)
class Preloaded:
    """The code that was on disk when a process preloaded it: its digest, and when each file was written."""

    digest: str
    files: Files


_preloaded: Final[list[Preloaded]] = []
"""What this process, or the one it was forked from, has preloaded."""


@dataclass(frozen=True)
class MadeBy:
    """What made a product: `code`, Presync's version, and `settings`, those that change a run's answer."""

    code: str
    settings: str

    def as_dict(self) -> dict[str, str]:
        """Return it as manifests, results and `verdict.json` hold it."""
        return asdict(self)

    def __str__(self) -> str:
        return f"Presync {self.code} with settings {self.settings}"


def this_version() -> MadeBy:
    """Return what this process makes its products by."""
    given = sorted(settings.settings_that_change_results().items())
    return MadeBy(code_version(), "; ".join(f"{name}={value}" for name, value in given))


def parse_made_by(values: Any) -> MadeBy | None:
    """Return what a product names, or None if it names nothing that can be understood."""
    if not isinstance(values, Mapping):
        return None
    code, given = values.get("code"), values.get("settings")
    return MadeBy(code, given) if isinstance(code, str) and code and isinstance(given, str) else None


def remember_preloaded() -> None:
    """Note the code on disk, which this process is about to import for all tasks that are forked from it."""
    _preloaded[:] = [Preloaded(package_digest(_PACKAGE), _files_on_disk())]


def require_preloaded_code() -> None:
    """Raise ConfigurationError if this task was forked from a process that holds other code than the disk.

    Its SQL files would be those of one version and its functions those of another. Files that nobody has
    written to since are not read again: that alone would cost each task 0.04 CPU seconds.
    """
    if not _preloaded or _preloaded[0].files == _files_on_disk():
        return
    if _preloaded[0].digest != package_digest(_PACKAGE):
        raise ConfigurationError(
            "Presync's code has changed since this worker was started, so nothing was checked: the worker "
            "holds functions of the version before. Restart the workers (with LocalExecutor: the scheduler), "
            "then run the tenant again."
        )


@lru_cache(maxsize=1)
def code_version() -> str:
    """Return the version of the code: another one for any change of a file or library that a run uses."""
    digest = _preloaded[0].digest if _preloaded else package_digest(_PACKAGE)
    return f"{__version__}-{digest[:12]}"


def package_digest(package: Path) -> str:
    """Return a SHA-256 in hex of a package's code, SQL and pages, and of the libraries beneath."""
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        name = path.relative_to(package).as_posix()
        if _counts(name):
            digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    for line in _libraries():
        digest.update(line.encode() + b"\0")
    return digest.hexdigest()


def _counts(name: str) -> bool:
    return name.endswith(_CODE) and not name.startswith(_ELSEWHERE)


def _files_on_disk() -> Files:
    """Return what the file system knows of everything that the digest is made of, its contents apart."""
    found: Files = {}
    start = len(str(_PACKAGE)) + 1
    for folder, _, names in os.walk(_PACKAGE):
        for name in names:
            path = f"{folder}/{name}"
            if _counts(path[start:]):
                found[path] = _written(path)
    return found | {name: _written(_metadata(name)) for name in _LIBRARIES}


def _written(path: str) -> tuple[int, ...]:
    """Return a file's place, size and times (in ns); what cannot be looked at is never as it was."""
    try:
        seen = Path(path).stat()
    except OSError:
        return (time.monotonic_ns(),)
    return (seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)


@lru_cache(maxsize=32)
def _metadata(library: str) -> str:
    """Return the file of an installed library that is another one after an upgrade."""
    try:
        files = distribution(library).files or []
    except PackageNotFoundError:
        return ""
    return next((str(file.locate()) for file in files if file.name == "METADATA"), "")


def _libraries() -> Iterator[str]:
    yield f"unicode {unicodedata.unidata_version}"
    for name in _LIBRARIES:
        with suppress(PackageNotFoundError):
            yield f"{name} {version(name)}"
