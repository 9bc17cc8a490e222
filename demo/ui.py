"""`make ui`: the sample companies in a running Airflow with its web pages, until Ctrl-C.

python -m demo.ui [--port 8080]
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx

from demo.interrupts import unwinding
from demo.world import TENANTS, World, fresh_folder, sample_world
from presync import settings
from presync.airflow import in_process

USER = PASSWORD = "admin"
WORKERS = {
    "AIRFLOW__SCHEDULER__MP_START_METHOD": "forkserver",
    "AIRFLOW__SCHEDULER__MP_FORKSERVER_PRELOAD": "presync.airflow.preload",
}
"""Tasks are forked from a process that has imported once what they need (docs/operating.md, Workers)."""
_PATIENCE = 300
_ATTEMPTS = 10


def main() -> int:
    """Start everything, say where it is, wait for Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m demo.ui", description=__doc__)
    parser.add_argument("--port", type=int, default=8080, help="0, or a taken one: a free one is picked")
    options = parser.parse_args()
    folder = settings.local_data() / "ui"
    log = folder / "airflow.log"
    with unwinding(), ExitStack() as stack:
        print("Building the sample companies and starting the stand-in Severa", flush=True)
        world = stack.enter_context(sample_world(folder))
        port = _free_port(options.port)
        print(f"Starting Airflow (its log: {log}); this takes half a minute", flush=True)
        process = stack.enter_context(_airflow(world, port, log))
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            dags = {tenant.dag_id for tenant in world.tenants}
            _wait_until_ready(client, process, dags)
            for dag_id in sorted(dags):
                trigger(client, dag_id)
        print(
            f"\nAirflow: http://127.0.0.1:{port}  (user {USER}, password {PASSWORD})\n"
            "The sample tenants are running now; their reports are under Browse > Presync.\n"
            "Ctrl-C stops everything.",
            flush=True,
        )
        while process.poll() is None:
            time.sleep(0.5)
        print(f"Airflow ended by itself; read {log}", flush=True)
        return 1


def _free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise RuntimeError("no free port on 127.0.0.1")


@contextmanager
def _airflow(world: World, port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run `airflow standalone` in a process group of its own; at the end the whole group is gone."""
    home = fresh_folder(world.folder / "airflow")
    passwords = home / "passwords.json"
    passwords.write_text(json.dumps({USER: PASSWORD}))
    environment = {
        **os.environ,
        **world.environment,
        **in_process.environment(home, TENANTS),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(32),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "AIRFLOW__CORE__PARALLELISM": "4",
        **WORKERS,
    }
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "airflow", "standalone"],
            env=environment,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        print("Stopping Airflow", flush=True)
        stop_group(process)


def stop_group(process: subprocess.Popen[bytes]) -> None:
    """End a process group: politely, then for certain, including members that outlive their leader."""
    for sign, patience in ((signal.SIGINT, 10), (signal.SIGTERM, 5), (signal.SIGKILL, 5)):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            break
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and _group_lives(process):
            time.sleep(0.1)
    process.wait(10)


def _group_lives(process: subprocess.Popen[bytes]) -> bool:
    process.poll()
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    return True


def _wait_until_ready(client: httpx.Client, process: subprocess.Popen[bytes], dags: AbstractSet[str]) -> None:
    """Return once all these DAGs can be triggered. Raises RuntimeError if Airflow does not come up."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            answer = client.post("/auth/token", json={"username": USER, "password": PASSWORD})
            if answer.status_code == httpx.codes.CREATED:
                client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
                listed = client.get("/api/v2/dags", params={"tags": ["presync"]}).json().get("dags", [])
                if dags <= {dag["dag_id"] for dag in listed}:
                    return
        except (httpx.HTTPError, ValueError):
            pass
        time.sleep(1)
    raise RuntimeError("Airflow did not come up; read its log")


def trigger(client: httpx.Client, dag_id: str, *, pause: float = 1.0) -> None:
    """Run a DAG once, asked to start what is ready. Raises RuntimeError with Airflow's answer if it will not.

    Airflow on SQLite may answer 500 while it is starting. A repetition names the same run, so that one which
    was made after all is met (409) and not doubled.
    """
    wanted = {
        "logical_date": None,
        "dag_run_id": f"manual__{datetime.now(UTC).isoformat()}",
        "conf": {"start": True},
    }
    said = ""
    for attempt in range(_ATTEMPTS):
        time.sleep(pause if attempt else 0)
        try:
            answer = client.post(f"/api/v2/dags/{dag_id}/dagRuns", json=wanted)
        except httpx.TransportError as error:
            said = f"no answer ({type(error).__name__})"
            continue
        if answer.is_success or (attempt and answer.status_code == httpx.codes.CONFLICT):
            return
        said = f"{answer.status_code} {answer.text}"
        if not answer.is_server_error:
            break
    raise RuntimeError(f"Airflow does not run {dag_id}: {said}")


if __name__ == "__main__":
    sys.exit(main())
