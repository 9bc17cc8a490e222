"""A real `airflow api-server` for tests: own home, own SQLite metadata, two tenants' DAGs, known users.

`RunningAirflow` has the product's own DAGs of the tenant files that are there, and a scheduler.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

import httpx

from demo.ui import WORKERS
from tests.support.patience import PATIENCE

HOME: Final = Path(__file__).resolve().parents[2]
PASSWORD: Final = "correct horse"
JWT_SECRET: Final = "a-secret-of-this-test-server-" + "0123456789" * 5
READER: Final = "nordlys-reader"
EDITOR: Final = "nordlys-editor"
AuthManager = Literal["simple", "fab"]

_MANAGERS: Final = {
    "simple": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
    "fab": "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
}
_DAG: Final = """
from airflow.sdk import DAG
from presync.airflow.gate_task import GateOperator, gate
from presync.airflow.rights import give_rights
from presync.tenants.model import Tenant

for name in ("nordlys", "fjord"):
    roles = {"readers": [%(reader)r], "editors": [%(editor)r]} if name == "nordlys" and %(fab)r else {}
    tenant = Tenant(tenant=name, title=name, **roles)
    with DAG(tenant.dag_id, schedule=None) as dag:
        GateOperator(task_id="gate", tenant=tenant, work=gate)
    give_rights(dag, tenant)
    globals()[tenant.dag_id] = dag

with DAG("payroll", schedule=None):
    pass

from presync.airflow.rehearsal_dag import rehearsal_dag

globals()["presync_rehearsal"] = rehearsal_dag()
"""
_RUNNING: Final = {
    "AIRFLOW__CORE__DAGS_FOLDER": str(HOME / "dags"),
    "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
    "AIRFLOW__CORE__PARALLELISM": "4",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
    "PRESYNC_RETRIES": "0",
    **WORKERS,
}
_ASKED: Final[Mapping[str, str | bool]] = {"response_received": False, "state": "awaiting_input"}
_CLI: Final = """
import json, sys
from airflow.cli.cli_parser import get_parser
parser = get_parser()
for command in json.loads(sys.argv[1]):
    arguments = parser.parse_args(command)
    arguments.func(arguments)
"""


class AirflowServer:
    """A running API server; `stop` ends its whole process group."""

    def __init__(self, folder: Path, data: str, auth_manager: AuthManager, **environment: str) -> None:
        self.data = data
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._environment = _environment(folder, data, auth_manager) | environment
        self._processes: list[subprocess.Popen[bytes]] = []
        self._write_home(auth_manager)
        self._run(_setup(auth_manager))
        atexit.register(self.stop)
        arguments = ["--port", str(self.port), "--host", "127.0.0.1", "--workers", "1"]
        self._start("api-server", *arguments)
        self._await_health()

    def _write_home(self, auth_manager: AuthManager) -> None:
        _write_home(self._folder, auth_manager)

    def token(self, user: str) -> str:
        """Log in and return the user's token."""
        answer = httpx.post(
            f"{self.url}/auth/token", json={"username": user, "password": PASSWORD}, timeout=30
        )
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    def client(self, user: str | None = None) -> httpx.Client:
        """Return a client that carries the user's session cookie, as the UI's frames do."""
        cookies = {"_token": self.token(user)} if user else None
        return httpx.Client(base_url=self.url, cookies=cookies, timeout=30)

    @property
    def tenants(self) -> Path:
        """The folder of tenant files that the server reads."""
        return self._folder / "tenants"

    def trigger(self, dag_id: str, run_id: str, user: str = "admin") -> None:
        """Make a DAG run (nothing executes it: there is no scheduler)."""
        answer = httpx.post(
            f"{self.url}/api/v2/dags/{dag_id}/dagRuns",
            json={"dag_run_id": run_id, "logical_date": None},
            headers={"Authorization": f"Bearer {self.token(user)}"},
            timeout=30,
        )
        answer.raise_for_status()

    def unpause(self, dag_id: str, user: str = "admin") -> None:
        """Let a DAG's runs begin."""
        with self._api(user) as api:
            api.patch(f"/api/v2/dags/{dag_id}", json={"is_paused": False}).raise_for_status()

    def await_question(self) -> None:
        """Wait until somebody is asked to approve something, and the scheduler knows that the task is parked.

        An answer before that makes Airflow 3.3 fail the task: its first end would be heard of as its second.
        """
        deadline = time.monotonic() + PATIENCE
        with self._api("admin") as api:
            while time.monotonic() < deadline:
                asked = api.get("/api/v2/dags/~/dagRuns/~/hitlDetails", params=_ASKED)
                for each in asked.raise_for_status().json()["hitl_details"]:
                    task = each["task_instance"]
                    key = f"dag_id={task['dag_id']}, task_id={task['task_id']}, run_id={task['dag_run_id']},"
                    if f"TaskInstance Finished: {key}" in self.log():
                        return
                time.sleep(0.5)
        raise RuntimeError(f"nobody is asked for anything:\n{self.log()[-3000:]}")

    def _api(self, user: str) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.token(user)}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)

    def stop(self) -> None:
        """End the server and all its workers."""
        atexit.unregister(self.stop)
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in self._processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(PATIENCE)

    def log(self) -> str:
        """Return what the server has written so far."""
        return (self._folder / "server.log").read_text(errors="replace")

    def _run(self, commands: Sequence[Sequence[str]]) -> None:
        done = subprocess.run(
            [sys.executable, "-c", _CLI, json.dumps(commands)],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        if done.returncode:
            raise RuntimeError(done.stdout[-3000:] + done.stderr[-3000:])

    def _start(self, *command: str) -> None:
        with (self._folder / "server.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "airflow", *command],
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._processes.append(process)

    def _await_health(self) -> None:
        for _ in range(600):
            if self._processes[0].poll() is not None:
                break
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/api/v2/version", timeout=5).status_code == httpx.codes.OK:
                    return
            time.sleep(0.2)
        self.stop()
        raise RuntimeError(f"the API server did not come up:\n{self.log()[-3000:]}")


class RunningAirflow(AirflowServer):
    """An Airflow that runs what is triggered: the caller has written `folder/tenants/*.yaml`."""

    def __init__(self, folder: Path, data: str, **environment: str) -> None:
        super().__init__(folder, data, "simple", **_RUNNING, **environment)

    def _write_home(self, auth_manager: AuthManager) -> None:
        self._environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] = f"{self.url}/execution/"
        _write_passwords(self._folder)

    def _await_health(self) -> None:
        self._start("scheduler")
        super()._await_health()


def _environment(folder: Path, data: str, auth_manager: AuthManager) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW_", "PRESYNC_", "_AIRFLOW"))}
    return {
        **kept,
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__CORE__AUTH_MANAGER": _MANAGERS[auth_manager],
        "AIRFLOW__CORE__DAGS_FOLDER": str(folder / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(HOME / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin,viewer:viewer",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(folder / "passwords.json"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{folder / 'airflow.db'}",
        "AIRFLOW__API_AUTH__JWT_SECRET": JWT_SECRET,
        "AIRFLOW__FAB__UPDATE_FAB_PERMS": "True",
        "PRESYNC_DATA": data,
        "PRESYNC_TENANTS": str(folder / "tenants"),
        "PYTHONWARNINGS": "ignore",
        "NO_PROXY": "127.0.0.1,localhost",
    }


def _write_home(folder: Path, auth_manager: AuthManager) -> None:
    (folder / "dags").mkdir(parents=True)
    text = _DAG % {"reader": READER, "editor": EDITOR, "fab": auth_manager == "fab"}
    (folder / "dags" / "tenants.py").write_text(text)
    (folder / "tenants").mkdir()
    for name, title in (("nordlys", "Nordlys Rådgivning AS"), ("fjord", "Fjord Bygg AS")):
        (folder / "tenants" / f"{name}.yaml").write_text(f"tenant: {name}\ntitle: {title}\n", "utf-8")
    _write_passwords(folder)


def _write_passwords(folder: Path) -> None:
    (folder / "passwords.json").write_text(json.dumps(dict.fromkeys(("admin", "viewer"), PASSWORD)))


def _setup(auth_manager: AuthManager) -> list[list[str]]:
    migrate, parse = ["db", "migrate"], ["dags", "reserialize"]
    if auth_manager == "simple":
        return [migrate, parse]
    roles = ["roles", "create", READER, EDITOR, "stranger"]
    return [migrate, ["sync-perm"], roles, _user("admin", "Admin"), _user("reader", READER),
            _user("editor", EDITOR), _user("stranger", "stranger"), parse,
            ["sync-perm", "--include-dags"]]  # fmt: skip


def _user(name: str, role: str) -> list[str]:
    return ["users", "create", "--username", name, "--firstname", name, "--lastname", name,
            "--email", f"{name}@example.test", "--role", role, "--password", PASSWORD]  # fmt: skip


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
