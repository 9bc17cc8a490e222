"""Which code and which settings made something: every product of a run names both.

A run's tasks may be days and an upgrade apart. Rows that one version of the SQL has related must not be
judged by another, so the verdict is `error` unless all products of a run were made by the very same version.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from presync import __version__, settings
from presync.errors import ConfigurationError

_PACKAGE: Final = Path(__file__).parents[1]
_CODE: Final = frozenset({".py", ".sql", ".html", ".css", ".js", ".json"})
# What a run's tasks never use; a change there must not end the runs that are under way.
_ELSEWHERE: Final = ("apply", "cli", "new_tenant", "rehearsal", "airflow/web")
_LIBRARIES: Final = (
    "duckdb",
    "great-expectations",
    "msgspec",
    "pandas",
    "pyarrow",
    "python-stdnum",
    "rapidfuzz",
)

_preloaded: Final[list[str]] = []
"""The digest of the code that was on disk when this process, or the one it was forked from, preloaded it."""


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
    _preloaded[:] = [package_digest(_PACKAGE)]


def require_preloaded_code() -> None:
    """Raise ConfigurationError if this task was forked from a process that holds other code than the disk.

    Its SQL files would be those of one version and its functions those of another.
    """
    if _preloaded and _preloaded != [package_digest(_PACKAGE)]:
        raise ConfigurationError(
            "Presync's code has changed since this worker was started, so nothing was checked: the worker "
            "holds functions of the version before. Restart the workers (with LocalExecutor: the scheduler), "
            "then run the tenant again."
        )


@lru_cache(maxsize=1)
def code_version() -> str:
    """Return the version of the code: another one for any change of a file or library that a run uses."""
    return f"{__version__}-{package_digest(_PACKAGE)[:12]}"


def package_digest(package: Path) -> str:
    """Return a SHA-256 in hex of a package's code, SQL and pages, and of the libraries beneath."""
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        name = path.relative_to(package).as_posix()
        if path.suffix in _CODE and not any(name.startswith(f"{room}/") for room in _ELSEWHERE):
            digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    for line in _libraries():
        digest.update(line.encode() + b"\0")
    return digest.hexdigest()


def _libraries() -> Iterator[str]:
    yield f"unicode {unicodedata.unidata_version}"
    for name in _LIBRARIES:
        with suppress(PackageNotFoundError):
            yield f"{name} {version(name)}"
