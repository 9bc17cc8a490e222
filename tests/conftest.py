"""Fixtures that more than one room uses."""

from __future__ import annotations

import atexit
import base64
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from presync.airflow import in_process
from tests.support.control_databases import control_database, fresh_control_database, run_time_url
from tests.support.postgres import Postgres, start_postgres
from tests.support.severa_server import severa_server

__all__ = ["control_database", "fresh_control_database", "run_time_url", "severa_server"]

# Airflow reads its settings when it is first imported, which any test module may do.
_HOME = Path(tempfile.mkdtemp(prefix="presync-tests-"))
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
os.environ |= in_process.environment(_HOME / "airflow", _HOME / "tenants") | {
    "PRESYNC_DATA": str(_HOME / "data")
}
os.environ.pop("PRESYNC_DATABASE_URL", None)
# as in production: what tests store as connections is in no file in plain text, where others look for secrets
os.environ["AIRFLOW__CORE__FERNET_KEY"] = base64.urlsafe_b64encode(os.urandom(32)).decode()
(_HOME / "tenants").mkdir()


@pytest.fixture(scope="session", autouse=True)
def _one_thread_for_duckdb() -> Iterator[None]:
    """Let DuckDB plan small tables for one thread, a sixth less work; processes that tests start have all."""
    import duckdb

    connect = duckdb.connect

    def with_one_thread(database: Any = ":memory:", read_only: bool = False, config: Any = None) -> Any:
        return connect(database, read_only=read_only, config={"threads": "1"} | (config or {}))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duckdb, "connect", with_one_thread)
        yield


@pytest.fixture(scope="session")
def airflow_metadata() -> None:
    """The session's Airflow metadata database, for tests that run tasks in this process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Airflow's own business
        from airflow.utils.db import initdb

        initdb()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL, started by the first test that asks for it; take a database of your own."""
    folder = Path(tempfile.mkdtemp(prefix="presync-postgres-"))
    folder.chmod(0o755)
    server = start_postgres(folder)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what takes longest begin first."""
    from tests.support.scheduling import turn

    items.sort(key=lambda item: turn(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep what shares a server in one worker, where whole files are given out (`--dist loadfile`)."""
    if config.getvalue("dist") != "loadfile":
        return None
    from tests.support.scheduling import SharedServersScheduling

    return SharedServersScheduling(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests recorded as `summary` (`record_property`), also with several workers."""
    for report in terminalreporter.getreports("passed"):
        for name, text in report.user_properties:
            if name == "summary":
                terminalreporter.write_line(str(text))
