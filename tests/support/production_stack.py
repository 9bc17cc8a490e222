"""`make stack`: the production stack without a container engine, to prove what docker-compose.yml says.

Every service's own command runs as a process of its own with the file's environment, over a real PostgreSQL
and a real Redis; only host names, ports and folders are replaced. A worker checks the sample companies;
then every health check is asked. Not part of `make test`: it takes about three minutes.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import httpx
from cryptography.fernet import Fernet
from ruamel.yaml import YAML

from demo.world import sample_world
from tests.support.control_databases import create_databases
from tests.support.postgres import start_postgres

HOME: Final = Path(__file__).resolve().parents[2]
SERVICES: Final = ("api-server", "scheduler", "dag-processor", "triggerer", "worker")
EXPECTED: Final = {"nordlys": "success", "saimaa": "failed", "malaren": "failed", "fjord": "failed"}
_PATIENCE: Final = 420.0
_REDIS_PASSWORD: Final = secrets.token_hex(12)


def main() -> int:
    """Run the stack once; return 0 if every company ended as expected and every service is healthy."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="presync-stack-")))
        folder.chmod(0o755)  # PostgreSQL runs as somebody else
        return _rehearse(folder, stack)


def _rehearse(folder: Path, stack: ExitStack) -> int:
    compose = YAML(typ="safe").load((HOME / "docker-compose.yml").read_text(encoding="utf-8"))
    (folder / "postgres").mkdir()
    postgres = start_postgres(folder / "postgres")
    stack.callback(postgres.stop)
    ports = {name: _free_port() for name in ("redis", "api")}
    world = stack.enter_context(sample_world(folder / "world"))
    answers = _dot_env(ports["api"])
    create_databases(
        postgres,
        airflow=answers["AIRFLOW_DATABASE_PASSWORD"],
        owner=answers["CONTROL_OWNER_PASSWORD"],
        run=answers["CONTROL_DATABASE_PASSWORD"],
    )
    ports["postgres"] = postgres.port
    environment = {
        **os.environ,
        **answers,
        **world.environment,
        **_told(compose["x-airflow"], answers, folder, ports),
        "PRESYNC_TENANTS": world.environment["PRESYNC_TENANTS"],
        "PRESYNC_DATA": str(folder / "data"),
        "PRESYNC_EXPECTATIONS": str(HOME / "expectations"),
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(HOME / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(HOME / "plugins"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    redis = ["redis-server", "--bind", "127.0.0.1", "--port", str(ports["redis"]), "--save", ""]
    stack.enter_context(_running("redis", [*redis, "--requirepass", _REDIS_PASSWORD], environment, folder))
    _run(
        "init",
        [part.replace("$$", "$") for part in compose["services"]["init"]["command"]],
        {
            **environment,
            "PRESYNC_DATABASE_URL": _told(compose["services"]["init"], answers, folder, ports)[
                "PRESYNC_DATABASE_URL"
            ],
        },
        folder,
    )
    for name in SERVICES:
        command = list(compose["services"][name]["command"])
        if name == "api-server":
            command += ["--host", "127.0.0.1", "--port", str(ports["api"])]
        stack.enter_context(_running(name, command, environment, folder))
    with httpx.Client(base_url=f"http://127.0.0.1:{ports['api']}", timeout=30) as client:
        _log_in(client, answers)
        found = _checked(client)
    healthy = [_is_healthy(name, compose, environment, folder) for name in SERVICES if name != "api-server"]
    calls = len(world.started("nordlys"))
    print(f"the webhook of nordlys was called {calls} time(s)")
    return 0 if found == EXPECTED and all(healthy) and calls == 1 else 1


def _dot_env(port: int) -> dict[str, str]:
    """Return what a person writes into `.env`."""
    return {
        "AIRFLOW_DATABASE_PASSWORD": secrets.token_hex(12),
        "CONTROL_OWNER_PASSWORD": secrets.token_hex(12),
        "CONTROL_DATABASE_PASSWORD": secrets.token_hex(12),
        "REDIS_PASSWORD": _REDIS_PASSWORD,
        "AIRFLOW_FERNET_KEY": Fernet.generate_key().decode(),
        "AIRFLOW_API_SECRET_KEY": secrets.token_hex(32),
        "AIRFLOW_JWT_SECRET": secrets.token_hex(32),
        "AIRFLOW_BASE_URL": f"http://127.0.0.1:{port}",
        "PRESYNC_ADMIN_USER": "admin",
        "PRESYNC_ADMIN_PASSWORD": secrets.token_hex(12),
        "PRESYNC_ADMIN_EMAIL": "admin@example.org",
    }


def _told(
    service: Mapping[str, Any], answers: Mapping[str, str], folder: Path, ports: Mapping[str, int]
) -> dict[str, str]:
    """Return what the file gives a service as its environment."""
    values = service["environment"].items()
    return {name: _native(_filled(str(value), answers), folder, ports) for name, value in values}


def _filled(text: str, answers: Mapping[str, str]) -> str:
    """Return a value of the file as docker-compose fills it in."""
    return re.sub(r"\$\{(\w+)(?::[-?]([^}]*))?\}", lambda m: answers.get(m[1], m[2] or ""), text)


def _native(text: str, folder: Path, ports: Mapping[str, int]) -> str:
    """Return a value with the places of this machine instead of those inside the containers."""
    places = {
        "@postgres/": f"@127.0.0.1:{ports['postgres']}/",
        "@redis:6379": f"@127.0.0.1:{ports['redis']}",
        "//api-server:8080": f"//127.0.0.1:{ports['api']}",
        "/var/lib/presync": str(folder / "data"),
    }
    for there, here in places.items():
        text = text.replace(there, here)
    return text


@contextmanager
def _running(name: str, command: list[str], environment: Mapping[str, str], folder: Path) -> Iterator[None]:
    """Run a service; at the end its whole process group is told to stop, and waited for."""
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            command, env=environment, cwd=folder, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)


def _run(name: str, command: list[str], environment: Mapping[str, str], folder: Path) -> None:
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, check=False, timeout=_PATIENCE
    )
    if done.returncode:
        raise SystemExit(
            f"{name} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}"
        )


def _log_in(client: httpx.Client, answers: Mapping[str, str]) -> None:
    user = {"username": answers["PRESYNC_ADMIN_USER"], "password": answers["PRESYNC_ADMIN_PASSWORD"]}
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        with suppress(httpx.HTTPError):
            answer = client.post("/auth/token", json=user).raise_for_status()
            client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
            return
        time.sleep(0.5)
    raise SystemExit("the API server does not answer")


def _checked(client: httpx.Client) -> dict[str, str]:
    """Run every company's DAG; return how each run ended."""
    deadline = time.monotonic() + _PATIENCE
    wanted = {name: f"/api/v2/dags/presync__{name}" for name in EXPECTED}
    while any(client.get(dag).status_code != 200 for dag in wanted.values()):
        _rest(deadline, "the DAGs are not there")
    runs, wanted_run = {}, {"logical_date": None, "conf": {"start": True}}
    for name, dag in wanted.items():
        client.patch(dag, json={"is_paused": False}).raise_for_status()
        run = client.post(f"{dag}/dagRuns", json=wanted_run).raise_for_status().json()
        runs[name] = f"{dag}/dagRuns/{run['dag_run_id']}"
    while True:
        states = {name: str(client.get(run).raise_for_status().json()["state"]) for name, run in runs.items()}
        if not {"queued", "running"} & set(states.values()):
            break
        _rest(deadline, f"not all runs have ended: {states}")
    for name, state in states.items():
        tasks = client.get(f"{runs[name]}/taskInstances").raise_for_status().json()["task_instances"]
        red = sorted(task["task_id"] for task in tasks if task["state"] == "failed")
        print(f"{name:<8} {state:<8} {len(tasks)} tasks, red: {', '.join(red) or 'none'}")
    return states


def _rest(deadline: float, problem: str) -> None:
    if time.monotonic() > deadline:
        raise SystemExit(problem)
    time.sleep(2)


def _is_healthy(name: str, compose: Mapping[str, Any], environment: Mapping[str, str], folder: Path) -> bool:
    """Ask a service's own health check."""
    command = compose["services"][name]["healthcheck"]["test"][1].replace("$$", "$")
    done = subprocess.run(
        ["bash", "-c", command],
        env=environment,
        cwd=folder,
        capture_output=True,
        check=False,
        timeout=_PATIENCE,
    )
    print(f"{name:<14} {'healthy' if done.returncode == 0 else 'NOT healthy'}")
    return done.returncode == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    if shutil.which("redis-server") is None:
        raise SystemExit("redis-server is missing: install Debian's package redis-server")
    sys.exit(main())
