"""A start by hand: the run waits for a person, who answers through Airflow's own API."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from presync.control.audit import audit_trail
from tests.e2e.conftest import MakeTenant
from tests.e2e.test_run import Calls
from tests.support.airflow_child import DeadlineError
from tests.support.child_runs import answer, approve_while_it_parks, open_questions, wait_for_ever
from tests.support.patience import PATIENCE
from tests.support.tenant_run import TinyTenant


@pytest.fixture(scope="module")
def api(airflow_metadata: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client, logged in as kari, of an API server over the metadata in which the tests' runs are."""
    folder = tmp_path_factory.mktemp("api")
    passwords = folder / "passwords.json"
    passwords.write_text(json.dumps({"kari": "correct horse"}))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "kari:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "AIRFLOW__API_AUTH__JWT_SECRET": "a secret of this test " + "0123456789" * 5,
        "AIRFLOW__API__WORKERS": "1",
    }
    command = [sys.executable, "-m", "airflow", "api-server", "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            _log_in(client, folder / "log")
            yield client
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(PATIENCE)


def _log_in(client: httpx.Client, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            answer = client.post("/auth/token", json={"username": "kari", "password": "correct horse"})
        except httpx.TransportError:
            time.sleep(0.2)
            continue
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return
    pytest.fail(log.read_text()[-3000:])


@contextmanager
def answering(api: httpx.Client, tiny: TinyTenant, choice: str) -> Iterator[None]:
    """Answer the question that a run puts meanwhile. Without an answer the run would end as rejected, too."""
    over, sent, troubles = threading.Event(), threading.Event(), Counter[str]()

    def ask_until_answered() -> None:
        while not over.wait(0.2):
            try:
                if questions := open_questions(api, tiny.tenant.dag_id):
                    sent.set()  # also if no confirmation comes back: the next look tells if it has arrived
                    answer(api, questions, choice)
                elif sent.is_set():
                    return
            except Exception as trouble:  # a busy machine's server may be late or refuse: once more
                troubles[repr(trouble)] += 1

    thread = threading.Thread(target=ask_until_answered, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(PATIENCE)
    assert sent.is_set(), troubles


def test_a_person_approves_once_and_is_remembered(make: MakeTenant, api: httpx.Client, calls: Calls) -> None:
    from presync.control.starts import find_start

    tiny = make(start="{webhook: integration, approval: required}\napprovers: [kari]\nfour_eyes: true")

    with answering(api, tiny, "Reject"):
        rejected = tiny.run()
    assert rejected.states["start_integration"] == "skipped"
    assert find_start(tiny.tenant.tenant) is None
    assert calls() == []

    with answering(api, tiny, "Approve"):
        approved = tiny.run()
    assert approved.states["start_integration"] == "success"
    start = find_start(tiny.tenant.tenant)
    assert start is not None
    assert (start.state, start.who) == ("confirmed", "kari")
    assert len(calls()) == 1
    starts = [
        (entry.who, entry.who_kind) for entry in audit_trail(tiny.tenant.tenant) if entry.what == "start"
    ]
    assert set(starts) == {("kari", "airflow")}
    runs = f"/api/v2/dags/{tiny.tenant.dag_id}/dagRuns"
    asked = api.get(f"{runs}/{approved.run_id}/hitlDetails").raise_for_status().json()["hitl_details"][0]
    assert asked["assigned_users"] == [{"id": "kari", "name": "kari"}]
    assert "| Customers | " in asked["body"]
    assert f"/runs/{quote(approved.run_id, safe='')}/index.html)" in asked["body"]
    assert f"[Company](/presync/dags/{tiny.tenant.dag_id}/company)" in asked["body"]

    again = tiny.run()
    assert (again.states["gate"], again.states["confirm_start"]) == ("success", "skipped")


@pytest.mark.parametrize("before", [True, False])
def test_an_answer_that_comes_while_the_task_is_parked_is_not_lost(
    make: MakeTenant, api: httpx.Client, before: bool
) -> None:
    reached: dict[str, Any] = {"url": str(api.base_url), "headers": dict(api.headers)}
    run = make().call(approve_while_it_parks, before=before, approval_timeout=timedelta(hours=1), **reached)
    assert run.states["start_integration"] == "success"


def test_a_question_that_nobody_answers_is_no_green_run(make: MakeTenant) -> None:
    tiny = make()
    run = tiny.run(approval_timeout=timedelta(seconds=1))
    assert run.states["confirm_start"] == "failed"
    assert run.states["start_integration"] == "upstream_failed"
    said = [str(entry.detail) for entry in audit_trail(tiny.tenant.tenant)]
    assert "nobody has answered in time" in said[-1]


def test_a_run_that_does_not_end_is_ended_by_name(make: MakeTenant) -> None:
    tiny = make()
    with pytest.raises(DeadlineError, match="killed") as ended:
        tiny.call(wait_for_ever, deadline=0.1)
    assert any(f"the tasks of {tiny.tenant.tenant}" in note for note in ended.value.__notes__)
