"""How two workers share the test files: what starts the same servers stays together.

A session's Airflow and its API server are started once by each worker that meets a test of theirs. Files
that use one are therefore given out as one unit of work.
"""

from __future__ import annotations

from typing import Final

# pytest-xdist has no types
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

# one API server with Airflow's FAB manager
_WEB: Final = "tests/integration/airflow/web/"
# one child with a whole Airflow (tests/support/airflow_child.py), one stand-in Severa
_RUNS: Final = frozenset(
    f"tests/e2e/test_{name}.py"
    for name in ("approval", "check", "masked_names", "repeated_tasks", "run", "same_verdict")
)
# what takes a minute or more by itself: given out last, it would leave the other worker without work
_LONG: Final = frozenset(
    {
        "tests/integration/sources/severa/test_extract.py",
        "tests/unit/rules/test_against_oracle.py",
        "tests/unit/rules/test_examples.py",
    }
)
# one running Airflow with its pages, one browser
_PAGES: Final = "tests/e2e/pages/"


class SharedServersScheduling(LoadFileScheduling):  # type: ignore[misc]
    """Gives out whole files, as `--dist loadfile` does, and those that share a server as one."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


def turn(nodeid: str) -> int:
    """Return when a test's file is given out: whole runs first, then what is long, then the rest.

    >>> turn("tests/e2e/test_run.py::test_ready"), turn("tests/unit/test_errors.py::test_it")
    (0, 2)
    """
    file = nodeid.split("::", 1)[0]
    return 0 if file.startswith("tests/e2e/") else 1 if file in _LONG else 2


def unit_of(nodeid: str) -> str:
    """Return the name of the unit of work that a test belongs to: its file, or what its file shares.

    >>> unit_of("tests/e2e/test_run.py::test_ready"), unit_of("tests/e2e/test_demo.py::test_demo")
    ('tests/e2e: runs', 'tests/e2e/test_demo.py')
    """
    file = nodeid.split("::", 1)[0]
    if file in _RUNS:
        return "tests/e2e: runs"
    if file.startswith(_PAGES):
        return _PAGES
    if file.startswith(_WEB):
        return _WEB
    return file
