"""A real Airflow for the fleet: its services as processes of their own, over PostgreSQL; CPU by service.

With Celery: a Redis and a worker as well. What a service's ended children used is in its own account.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import httpx

from demo.ui import WORKERS
from presync.airflow import in_process
from tests.support.postgres import PASSWORD, USER, Postgres, start_postgres

Executor = Literal["LocalExecutor", "CeleryExecutor"]
HOME: Final = Path(__file__).resolve().parents[1]
SERVICES: Final = ("api-server", "scheduler", "dag-processor", "triggerer")
SLOTS: Final = 4
"""Tasks that run at the same time."""
_PATIENCE: Final = 1800.0
_USER: Final = "admin"


@dataclass
class Stack:
    """The running services by name, and a client that has logged in."""

    processes: dict[str, int]
    client: httpx.Client
    postgres: Postgres
    folder: Path

    def cpu(self) -> dict[str, float]:
        """Return the CPU seconds that each service has used so far, with all its children."""
        table = _processes()
        return {name: _subtree(table, pid) for name, pid in self.processes.items()}

    def memory(self) -> dict[str, float]:
        """Return the memory of each service with its children in MB, shared pages in shares (PSS)."""
        table = _processes()
        return {
            name: sum(_pss(member) for member in _members(table, pid)) for name, pid in self.processes.items()
        }

    def database_mb(self) -> float:
        """Return the size of Airflow's metadata in MB."""
        with self.postgres.connect() as connection:
            [size] = connection.execute("SELECT pg_database_size('airflow')").fetchone()
        return float(size) / 2**20

    def rows(self, table: str) -> int:
        """Return how many rows a table of Airflow's metadata has."""
        with self.postgres.connect("airflow") as connection:
            [count] = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(count)

    def await_dags(self, wanted: int) -> None:
        """Wait until so many DAGs are known."""
        self.await_that(lambda: self._listed() >= wanted, f"{wanted} DAGs")

    def await_that(self, is_so: Callable[[], bool], what: str) -> None:
        """Wait until something is so; raises RuntimeError with `what` if it never is."""
        began = time.monotonic()
        while not is_so():
            self._rest(began, f"waited in vain for {what}")

    def dags(self, tag: str = "presync") -> set[str]:
        """Return the DAGs that Airflow shows and that have a tag, page by page."""
        found: set[str] = set()
        while True:
            query: dict[str, str | int] = {"tags": tag, "limit": 100, "offset": len(found)}
            answer = self.client.get("/api/v2/dags", params=query).raise_for_status().json()
            found |= {dag["dag_id"] for dag in answer["dags"]}
            if not answer["dags"] or len(found) >= answer["total_entries"]:
                return found

    def run(self, dag_ids: Collection[str]) -> dict[str, dict[str, str]]:
        """Run every DAG once, all at the same time; return the final states of their tasks."""
        began, runs = time.monotonic(), {}
        for dag_id in dag_ids:
            dag = f"/api/v2/dags/{dag_id}"
            self.client.patch(dag, json={"is_paused": False}).raise_for_status()
            made = self.client.post(f"{dag}/dagRuns", json={"logical_date": None}).raise_for_status()
            runs[dag_id] = f"{dag}/dagRuns/{made.json()['dag_run_id']}"
        waiting = dict(runs)
        while waiting:
            self._rest(began, f"{len(waiting)} runs have not ended", 4)
            for dag_id, run in list(waiting.items()):
                if self.client.get(run).raise_for_status().json()["state"] not in {"queued", "running"}:
                    del waiting[dag_id]
        return {dag_id: self._states(run) for dag_id, run in runs.items()}

    def _states(self, run: str) -> dict[str, str]:
        tasks = self.client.get(f"{run}/taskInstances").raise_for_status().json()["task_instances"]
        return {task["task_id"]: str(task["state"]) for task in tasks}

    def _listed(self) -> int:
        answer = self.client.get("/api/v2/dags", params={"limit": 1})
        return int(answer.json()["total_entries"]) if answer.is_success else 0

    def _rest(self, began: float, problem: str, seconds: float = 2) -> None:
        if time.monotonic() - began > _PATIENCE:
            raise RuntimeError(f"{problem}; the logs are in {self.folder}")
        time.sleep(seconds)


@contextmanager
def running_stack(
    folder: Path,
    tenants: Path,
    environment: Mapping[str, str],
    *,
    executor: Executor = "LocalExecutor",
    preload: bool = True,
    dags: Mapping[str, str] | None = None,
) -> Iterator[Stack]:
    """Start everything and stop it at the end; `dags` are DAG files beside the product's own."""
    with ExitStack() as stack:
        (folder / "postgres").mkdir(parents=True)
        for place in (folder, *folder.parents):
            if place.stat().st_uid == os.geteuid() and not place.stat().st_mode & 0o1:
                place.chmod(0o711)  # PostgreSQL runs as somebody else
        postgres = start_postgres(folder / "postgres")
        stack.callback(postgres.stop)
        for database in ("airflow", "presync"):
            postgres.connect_to(database).close()
        shutil.copytree(HOME / "dags", folder / "dags")
        for name, text in (dags or {}).items():
            (folder / "dags" / name).write_text(text)
        port = _free_port()
        variables = _environment(
            folder,
            tenants,
            environment,
            database=postgres.port,
            port=port,
            executor=executor,
            preload=preload,
        )
        processes = {"PostgreSQL": postgres.pid}
        services = [*SERVICES]
        if executor == "CeleryExecutor":
            redis = ["redis-server", "--bind", "127.0.0.1", "--port", str(_port_of_redis(variables))]
            processes["Redis"] = stack.enter_context(
                _running("redis", [*redis, "--save", ""], variables, folder)
            )
            services.append("celery worker")
        _migrate(variables, folder)
        for name in services:
            command = [sys.executable, "-m", "airflow", *name.split()]
            if name == "celery worker":
                command += ["--concurrency", str(SLOTS), "--without-gossip", "--without-mingle"]
            processes[name.split()[-1]] = stack.enter_context(
                _running(name.split()[-1], command, variables, folder)
            )
        client = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60))
        _log_in(client)
        yield Stack(processes, client, postgres, folder)


def _environment(
    folder: Path,
    tenants: Path,
    environment: Mapping[str, str],
    *,
    database: int,
    port: int,
    executor: Executor,
    preload: bool,
) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW_", "PRESYNC_", "_AIRFLOW"))}
    address = f"{USER}:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{database}"
    (folder / "passwords.json").write_text(json.dumps({_USER: _USER}))
    variables = {
        **kept,
        **environment,
        **in_process.environment(folder / "home", tenants),
        "PRESYNC_DATA": str(folder / "data"),
        "PRESYNC_DATABASE_URL": f"postgresql://{address}/presync",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{address}/airflow",
        "AIRFLOW__CORE__EXECUTOR": executor,
        "AIRFLOW__CORE__DAGS_FOLDER": str(folder / "dags"),
        "AIRFLOW__CORE__PARALLELISM": str(SLOTS),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{_USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(folder / "passwords.json"),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(64),
        "AIRFLOW__API__SECRET_KEY": secrets.token_urlsafe(32),
        "AIRFLOW__CELERY__BROKER_URL": f"redis://127.0.0.1:{_free_port()}/0",
        "AIRFLOW__CELERY__RESULT_BACKEND": f"db+postgresql+psycopg2://{address}/airflow",
        "PYTHONWARNINGS": "ignore",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    # the asynchronous driver follows from the other one
    variables.pop("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC", None)
    if preload and executor == "LocalExecutor":
        variables |= WORKERS
    elif preload:
        variables["AIRFLOW__CELERY__EXTRA_CELERY_CONFIG"] = '{"imports": ["presync.airflow.preload"]}'
    return variables


def _port_of_redis(variables: Mapping[str, str]) -> int:
    return int(variables["AIRFLOW__CELERY__BROKER_URL"].rpartition(":")[2].partition("/")[0])


def _migrate(variables: Mapping[str, str], folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "airflow", "db", "migrate"],
        env=dict(variables),
        cwd=HOME,
        capture_output=True,
        text=True,
        check=False,
        timeout=_PATIENCE,
    )
    if done.returncode:
        raise RuntimeError(f"airflow db migrate failed in {folder}:\n{done.stderr[-3000:]}")


@contextmanager
def _running(name: str, command: list[str], variables: Mapping[str, str], folder: Path) -> Iterator[int]:
    """Run a service in a process group of its own, yield its process id, and end the group."""
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            command, env=dict(variables), cwd=HOME, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield process.pid
    finally:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)


def _log_in(client: httpx.Client) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        with suppress(httpx.HTTPError):
            answer = client.post("/auth/token", json={"username": _USER, "password": _USER})
            client.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['access_token']}"
            return
        time.sleep(1)
    raise RuntimeError("the API server does not answer")


def _processes() -> dict[int, tuple[int, float]]:
    """Return every process' parent and CPU seconds, those of its ended children included."""
    table: dict[int, tuple[int, float]] = {}
    tick = os.sysconf("SC_CLK_TCK")
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            table[int(stat.parent.name)] = int(fields[1]), sum(int(f) for f in fields[11:15]) / tick
    return table


def _members(table: Mapping[int, tuple[int, Any]], root: int) -> list[int]:
    members, found = {root}, -1
    while found != len(members):
        found = len(members)
        members |= {pid for pid, (parent, _) in table.items() if parent in members}
    return sorted(members & table.keys())


def _subtree(table: Mapping[int, tuple[int, float]], root: int) -> float:
    return sum(table[pid][1] for pid in _members(table, root))


def _pss(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
