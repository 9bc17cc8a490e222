"""Airflow inside this process: one tenant's DAG, on any machine, without a server.

Every invocation gets a metadata database of its own, copied from a template that the first use makes, so that
several can run at the same time and none touches the metadata of a running Airflow. Where `AIRFLOW_HOME`
names an Airflow, its configuration holds (secrets backends), and the tenants' connections are taken from its
metadata. What outlives a run is in the control database and the reports. Environment variables must be set
before Airflow is first imported: call `home` before anything imports it.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

from presync import settings
from presync.errors import ConfigurationError
from presync.tenants.folder import read_folder
from presync.tenants.model import Tenant

Progress = Callable[[str, str], None]
_DAY = 24 * 3600


@dataclass(frozen=True)
class LocalRun:
    """A finished run: its id and the final state of every task (`success`, `failed`, `skipped`, …)."""

    run_id: str
    states: dict[str, str]


@contextmanager
def home(tenants: Path, *, metadata: bool = True) -> Iterator[Path]:
    """Give this process an Airflow with `tenants` (a file or a folder), removed at the end.

    Without `metadata` it gets no database: enough for connections and tasks, not for runs of a DAG.
    """
    parent = settings.local_data() / "airflow"
    parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(parent)
    folder = Path(tempfile.mkdtemp(prefix="home-", dir=parent))
    try:
        changes = environment(folder, tenants)
        if os.environ.get("AIRFLOW_HOME"):
            _take_connections(tenants)
            del changes["AIRFLOW_HOME"]
        os.environ.update(changes)
        if metadata:
            _create_metadata(folder / "airflow.db", parent / f"template-{version('apache-airflow')}.db")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def environment(folder: Path, tenants: Path) -> dict[str, str]:
    """Return the variables of an Airflow that lives in `folder` and loads Presync and nothing else."""
    return {
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{folder / 'airflow.db'}",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": f"sqlite+aiosqlite:///{folder / 'airflow.db'}",
        "AIRFLOW__CORE__DAGS_FOLDER": str(settings.HOME / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(settings.HOME / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(folder / "logs"),
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH": str(folder / "bundles"),
        "PRESYNC_TENANTS": str(tenants),
        # a person is waiting: the sources' own patience is enough
        "PRESYNC_RETRIES": "0",
    }


def _remove_abandoned(parent: Path) -> None:
    """Remove homes that a killed process left behind."""
    for folder in parent.glob("home-*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > _DAY:
                shutil.rmtree(folder, ignore_errors=True)


def _take_connections(tenants: Path) -> None:
    """Copy the tenants' connections from the metadata of the Airflow in `AIRFLOW_HOME` to the environment."""
    from airflow import settings as airflow_settings
    from airflow.models import Connection
    from airflow.utils.session import create_session
    from sqlalchemy import select
    from sqlalchemy.exc import SQLAlchemyError

    found = read_folder(tenants).tenants.values()
    wanted = [name for tenant in found for name in (*tenant.connection_ids, tenant.write_connection_id)]
    # without a usable database there, a connection that is nowhere else is missing, and the check says so
    with suppress(SQLAlchemyError), create_session() as session:
        for connection in session.scalars(select(Connection).where(Connection.conn_id.in_(wanted))):
            os.environ.setdefault(f"AIRFLOW_CONN_{connection.conn_id.upper()}", connection.as_json())
    airflow_settings.dispose_orm()


def _create_metadata(database: Path, template: Path) -> None:
    if template.is_file():
        shutil.copyfile(template, database)
        _connect_again()
        return
    _connect_again()
    from airflow import settings as airflow_settings
    from airflow.utils.db import initdb

    initdb()
    airflow_settings.dispose_orm()
    # a rename, so that a process that starts at the same moment sees all of it or nothing
    draft = template.with_name(f".{template.name}.{os.getpid()}")
    shutil.copyfile(database, draft)
    draft.replace(template)
    _connect_again()


def _connect_again() -> None:
    """Make an Airflow that is imported already use the metadata database that the environment names now."""
    if "airflow.settings" in sys.modules:
        from airflow import settings as airflow_settings

        airflow_settings.dispose_orm()
        airflow_settings.configure_vars()  # type: ignore[no-untyped-call]
        airflow_settings.configure_orm()  # type: ignore[no-untyped-call]


@contextmanager
def output_to(log: Path) -> Iterator[TextIO]:
    """Send everything this process writes to `log`; yield what was standard output for the answer.

    Raises ConfigurationError if the log cannot be written.
    """
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        opened = os.fdopen(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")
    except OSError as error:
        raise ConfigurationError(
            f"{log} cannot be written ({error.strerror}), so nothing was done; PRESYNC_DATA must be a folder "
            "in which Presync may write"
        ) from None
    with opened as sink:
        sys.stdout.flush()
        sys.stderr.flush()
        saved = [os.dup(number) for number in (1, 2)]
        for number in (1, 2):
            os.dup2(sink.fileno(), number)
    answer = os.fdopen(os.dup(saved[0]), "w", encoding="utf-8")
    try:
        yield answer
    finally:
        answer.close()
        sys.stdout.flush()
        sys.stderr.flush()
        for number, descriptor in zip((1, 2), saved, strict=True):
            os.dup2(descriptor, number)
            os.close(descriptor)


def leave_when_told(stack: ExitStack) -> None:
    """On SIGINT and SIGTERM, close `stack` and end the process.

    Raising an exception would not do: Airflow's task runner takes any for a failed task and goes on.
    """

    def leave(number: int, frame: FrameType | None) -> None:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        try:
            stack.close()
            sys.stderr.write("interrupted; nothing was concluded\n")
        finally:
            os._exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)


def run_tenant(
    tenant: Tenant,
    *,
    start: bool,
    progress: Progress | None = None,
    approval_timeout: timedelta | None = None,
) -> LocalRun:
    """Run the tenant's DAG to its end in this process and return the tasks' final states."""
    from presync.airflow.dag import APPROVAL_TIMEOUT, build_dag

    # a person is waiting, whatever the tenant file asks of a running Airflow; no verdict rests on it
    tenant = tenant.model_copy(update={"retries": 0})
    dag = build_dag(tenant, approval_timeout=approval_timeout or APPROVAL_TIMEOUT)
    return run_dag(dag, {"start": start}, progress)


def run_dag(dag: Any, configuration: Mapping[str, Any], progress: Progress | None = None) -> LocalRun:
    """Run a DAG to its end in this process and return the tasks' final states."""
    listening = _reporting(progress) if progress else nullcontext()
    with listening:
        run: Any = dag.test(run_conf=dict(configuration))
    states = {instance.task_id: str(instance.state) for instance in run.get_task_instances()}
    return LocalRun(run.run_id, states)


@contextmanager
def _reporting(progress: Progress) -> Iterator[None]:
    from airflow.listeners import hookimpl
    from airflow.sdk.listener import get_listener_manager

    class Listener:
        @hookimpl
        def on_task_instance_success(self, previous_state: Any, task_instance: Any) -> None:
            progress(task_instance.task_id, "success")

        @hookimpl
        def on_task_instance_failed(self, previous_state: Any, task_instance: Any, error: Any) -> None:
            progress(task_instance.task_id, "failed")

    manager, listener = get_listener_manager(), Listener()
    manager.add_listener(listener)  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        manager.pm.unregister(listener)
