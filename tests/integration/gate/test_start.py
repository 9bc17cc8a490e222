"""Starting for real: a receiver process counts the calls, whatever happens around them.

Covers: gate/certificate.py, control/systems.py.
"""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from presync.control.database import transaction
from presync.control.models import Start
from presync.control.starts import IN_FLIGHT, confirm_start, find_start, finish_start, reset_start
from presync.control.systems import systems_of
from presync.errors import (
    ConfigurationError,
    SourceUnavailableError,
    StartError,
    StartNotSentError,
    StartRefusedError,
    StartUnderWayError,
    StartUnknownError,
)
from presync.gate import start as start_module
from presync.gate import webhook
from presync.gate.certificate import issue_certificate
from presync.gate.start import Call, start_integration
from presync.gate.webhook import Webhook, call_webhook
from presync.tenants.model import Tenant
from presync.verdict.conclude import conclude, record_verdict
from tests.support.patience import PATIENCE
from tests.support.published_run import IDENTITY, RUN_ID, PublishedRun
from tests.support.receiver import RunningReceiver, receiver

HOME = Path(__file__).parents[3]
TENANT = Tenant.model_validate(
    {"tenant": "nordlys", "title": "Nordlys Rådgivning AS", "start": {"webhook": "hook"}}
)
HAND = Tenant.model_validate({"tenant": "nordlys", "title": "Nordlys Rådgivning AS", "start": "manual"})


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has a control database of its own, so that it has data of its own."""
    monkeypatch.setenv("PRESYNC_DATA", str(tmp_path / "data"))


def open_gate(folder: Path, tenant: Tenant = TENANT, run_id: str = RUN_ID) -> None:
    """Publish a sound run and take it through the gate."""
    run = PublishedRun.sound(folder / "data", run_id, tenant)
    verdict = conclude(tenant, run.store)
    record_verdict(verdict)
    issue_certificate(tenant, verdict)


def to(url: str) -> Call:
    """Return a call to a receiver, without Airflow's connection."""
    return lambda request: call_webhook(Webhook("hook", url + "/start"), request)


def state() -> str | None:
    start = find_start("nordlys")
    return start.state if start else None


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A SQLite control database with a tenant whose gate is open."""
    monkeypatch.setenv("PRESYNC_DATABASE_URL", f"sqlite:///{tmp_path}/control.db")
    open_gate(tmp_path)
    return tmp_path


def test_the_call_says_what_is_started_and_nothing_about_people(opened: Path) -> None:
    with receiver(opened) as receiving:
        outcome = start_integration(TENANT, RUN_ID, call=to(receiving.url))
        (call,) = receiving.calls
    start = find_start("nordlys")
    assert start is not None
    assert not outcome.already
    assert call["path"] == "/start"
    assert (
        call["idempotency_key"]
        == systems_of({"identity": IDENTITY}).idempotency_key("")
        == call["body"]["idempotency_key"]
    )
    assert call["body"] == {
        "tenant": "nordlys",
        "title": "Nordlys Rådgivning AS",
        "run_id": RUN_ID,
        "certificate": start.certificate_id,
        "idempotency_key": start.idempotency_key,
    }
    assert (start.state, start.detail, start.who) == ("confirmed", "answered 202", "webhook")


def test_a_second_start_and_one_of_a_later_run_call_nobody(opened: Path) -> None:
    with receiver(opened) as receiving:
        start_integration(TENANT, RUN_ID, call=to(receiving.url))
        open_gate(opened, run_id="later")
        for run_id in (RUN_ID, "later", "unheard of"):
            again = start_integration(TENANT, run_id, call=to(receiving.url))
            assert again.already
            assert f"for run {RUN_ID}" in str(again)
        assert len(receiving.calls) == 1


def test_nothing_is_called_without_the_gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESYNC_DATABASE_URL", f"sqlite:///{tmp_path}/control.db")
    run = PublishedRun.sound(tmp_path / "data", tenant=TENANT)
    run.suite("customers", findings=[("code_mismatch", "critical")])
    record_verdict(conclude(TENANT, run.store))
    with receiver(tmp_path) as receiving:
        with pytest.raises(StartError, match="'blocked', not 'ready'"):
            start_integration(TENANT, RUN_ID, call=to(receiving.url))
        assert receiving.calls == []


def test_threads_that_race_make_one_call(control_database: str, tmp_path: Path) -> None:
    open_gate(tmp_path)

    def attempt(url: str) -> str:
        try:
            return "already" if start_integration(TENANT, RUN_ID, call=to(url)).already else "started"
        except StartUnderWayError as error:
            return error.message

    with receiver(tmp_path) as receiving, ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(attempt, [receiving.url] * 4))
        assert len(receiving.calls) == 1
    assert outcomes.count("started") == 1
    others = {outcome for outcome in outcomes if outcome not in {"started", "already"}}
    assert all(f"webhook makes it for run {RUN_ID} since" in message for message in others)


WORKER = """
import os, sys
from presync.gate.start import start_integration
from presync.tenants.model import Tenant
from presync.gate.webhook import Webhook, call_webhook
url, run_id, tenant, die = sys.argv[1:]
def call(request):
    detail = call_webhook(Webhook("hook", url), request)
    if die == "die":
        os._exit(7)
    return detail
try:
    start_integration(Tenant.model_validate_json(tenant), run_id, call=call)
except Exception as error:
    print(type(error).__name__)
"""


def worker(receiving: RunningReceiver, die: str = "live") -> subprocess.Popen[str]:
    """Start a worker process that makes the call, and dies right after it if told to."""
    command = [sys.executable, "-c", WORKER, receiving.url, RUN_ID, TENANT.model_dump_json(), die]
    return subprocess.Popen(command, cwd=HOME, text=True, stdout=subprocess.PIPE)


def test_processes_that_race_make_one_call(control_database: str, tmp_path: Path) -> None:
    open_gate(tmp_path)
    with receiver(tmp_path) as receiving:
        workers = [worker(receiving) for _ in range(3)]
        said = [process.communicate(timeout=PATIENCE)[0].strip() for process in workers]
        assert len(receiving.calls) == 1
    assert set(said) <= {"", "StartUnderWayError"}
    assert state() == "confirmed"


def test_a_worker_that_dies_after_the_call_leaves_it_to_a_person(opened: Path) -> None:
    with receiver(opened) as receiving:
        dying = worker(receiving, "die")
        dying.communicate(timeout=PATIENCE)
        assert dying.returncode == 7
        assert state() == "requested"
        with pytest.raises(StartUnderWayError, match="is under way"):
            start_integration(TENANT, RUN_ID, call=to(receiving.url))
        with transaction() as session:
            session.query(Start).one().requested_at -= 2 * IN_FLIGHT
        with pytest.raises(StartUnknownError, match="presync start nordlys --confirm"):
            start_integration(TENANT, RUN_ID, call=to(receiving.url))
        confirm_start("nordlys", "Kari")
        assert start_integration(TENANT, RUN_ID, call=to(receiving.url)).already
        assert len(receiving.calls) == 1


def test_after_a_reset_the_next_call_carries_the_same_key(opened: Path) -> None:
    with receiver(opened) as receiving:
        worker(receiving, "die").communicate(timeout=PATIENCE)
        with transaction() as session:
            session.query(Start).one().requested_at -= 2 * IN_FLIGHT
        reset_start("nordlys", "Kari")
        assert not start_integration(TENANT, RUN_ID, call=to(receiving.url)).already
        first, second = receiving.calls
        assert first["idempotency_key"] == second["idempotency_key"]


@pytest.mark.parametrize("status", [400, 404, 429])
def test_a_refusal_may_be_tried_again(opened: Path, status: int) -> None:
    with receiver(opened, "--answer", str(status)) as receiving:
        with pytest.raises(StartRefusedError, match=str(status)):
            start_integration(TENANT, RUN_ID, call=to(receiving.url))
        assert state() == "refused"
    with receiver(opened) as receiving:
        start_integration(TENANT, RUN_ID, call=to(receiving.url))
    assert state() == "confirmed"


@pytest.mark.parametrize("status", [303, 408, 409, 500])
def test_an_answer_that_proves_nothing_is_not_called_again(opened: Path, status: int) -> None:
    with receiver(opened, "--answer", str(status)) as receiving:
        for _ in range(2):
            with pytest.raises(StartUnknownError, match=str(status)):
                start_integration(TENANT, RUN_ID, call=to(receiving.url))
        assert len(receiving.calls) == 1
    assert state() == "unknown"


def test_a_connection_reset_after_the_call_is_not_called_again(opened: Path) -> None:
    with receiver(opened, "--close") as receiving:
        for _ in range(2):
            with pytest.raises(StartUnknownError, match="did not finish its answer"):
                start_integration(TENANT, RUN_ID, call=to(receiving.url))
        assert len(receiving.calls) == 1


def test_a_receiver_that_hangs_is_not_called_again(opened: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "ANSWER_SECONDS", 0.5)
    with receiver(opened, "--hang") as receiving:
        for _ in range(2):
            with pytest.raises(StartUnknownError, match="ReadTimeout"):
                start_integration(TENANT, RUN_ID, call=to(receiving.url))
        assert len(receiving.calls) == 1


def test_a_redirect_is_not_followed(opened: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    with receiver(tmp_path_factory.mktemp("target")) as target:
        with receiver(opened, "--answer", "307", "--location", target.url) as receiving:
            with pytest.raises(StartRefusedError, match="correct the connection's address"):
                start_integration(TENANT, RUN_ID, call=to(receiving.url))
            assert len(receiving.calls) == 1
        assert target.calls == []


def test_a_receiver_that_is_not_there_may_be_tried_again(opened: Path) -> None:
    with receiver(opened) as receiving:
        gone = receiving.url
    with pytest.raises(StartNotSentError) as refusal:
        start_integration(TENANT, RUN_ID, call=to(gone))
    assert refusal.value.retryable
    assert state() == "not_sent"
    with receiver(opened) as receiving:
        start_integration(TENANT, RUN_ID, call=to(receiving.url))
        assert len(receiving.calls) == 1


def test_a_plain_server_called_by_tls_was_never_told(opened: Path) -> None:
    with receiver(opened) as receiving:
        with pytest.raises(StartNotSentError):
            start_integration(TENANT, RUN_ID, call=to(receiving.url.replace("http:", "https:")))
        assert receiving.calls == []


@pytest.mark.parametrize("error", [KeyError("x"), KeyboardInterrupt()])
def test_a_call_that_breaks_off_otherwise_is_not_known(opened: Path, error: BaseException) -> None:
    def broken(_request: object) -> str:
        raise error

    with pytest.raises((StartUnknownError, KeyboardInterrupt)):
        start_integration(TENANT, RUN_ID, call=broken)
    assert state() == "unknown"


def test_a_start_by_hand_needs_a_name_and_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESYNC_DATABASE_URL", f"sqlite:///{tmp_path}/control.db")
    open_gate(tmp_path, HAND)
    with pytest.raises(StartError, match="a person must confirm it"):
        start_integration(HAND, RUN_ID)
    assert state() is None
    assert start_integration(HAND, RUN_ID, by="Kari").who == "Kari"
    assert start_integration(HAND, RUN_ID, by="Ola").who == "Kari"


def test_the_tenant_files_connection_is_called(opened: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver(opened) as receiving:
        host, port = receiving.url.removeprefix("http://").split(":")
        connection = {
            "conn_type": "http",
            "host": host,
            "port": int(port),
            "login": "me",
            "password": "secret",
        }
        monkeypatch.setenv("AIRFLOW_CONN_HOOK", json.dumps(connection))
        start_integration(TENANT, RUN_ID)
        assert len(receiving.calls) == 1
        assert "secret" not in receiving.file.read_text()


@pytest.mark.parametrize(
    "extra", [{"verify": False}, {"proxies": {"http": "x"}}, {"headers": {"X": "\u2014"}}]
)
def test_a_connection_that_cannot_be_used_calls_nobody(
    opened: Path, monkeypatch: pytest.MonkeyPatch, extra: dict[str, object]
) -> None:
    with receiver(opened) as receiving:
        connection = {"conn_type": "http", "host": receiving.url, "extra": extra}
        monkeypatch.setenv("AIRFLOW_CONN_HOOK", json.dumps(connection))
        with pytest.raises(ConfigurationError):
            start_integration(TENANT, RUN_ID)
        assert receiving.calls == []
    assert state() in {None, "not_sent"}


def test_a_missing_connection_is_named(opened: Path) -> None:
    with pytest.raises(ConfigurationError, match="no Airflow connection 'hook'"):
        start_integration(TENANT, RUN_ID)
    assert state() is None


@pytest.mark.parametrize("trouble", ["away", "killed"])
def test_a_known_success_survives_trouble_with_recording_it(
    opened: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    monkeypatch.setattr(start_module, "_AGAIN", (0.0, 0.0))
    errors = [SourceUnavailableError("away") if trouble == "away" else KeyboardInterrupt()]

    def troubled(*arguments: Any) -> Start:
        if errors:
            raise errors.pop()
        return finish_start(*arguments)

    monkeypatch.setattr(start_module, "finish_start", troubled)
    if trouble == "killed":
        with pytest.raises(KeyboardInterrupt):
            start_integration(TENANT, RUN_ID, call=lambda _: "answered 202")
    else:
        start_integration(TENANT, RUN_ID, call=lambda _: "answered 202")
    assert state() == "confirmed"


def test_a_success_that_cannot_be_recorded_is_said(opened: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> Start:
        raise SourceUnavailableError("away")

    monkeypatch.setattr(start_module, "_AGAIN", (0.0, 0.0))
    monkeypatch.setattr(start_module, "finish_start", away)
    with pytest.raises(StartUnknownError, match=r"was started \(answered 202\).*--confirm"):
        start_integration(TENANT, RUN_ID, call=lambda _: "answered 202")
    assert state() == "requested"


def test_a_renamed_tenant_starts_nothing_again(opened: Path) -> None:
    renamed = Tenant.model_validate(
        {
            "tenant": "aurora",
            "title": "Aurora AS",
            "start": {"webhook": "hook"},
            "severa": {"connection": "S"},
        }
    )
    with receiver(opened) as receiving:
        start_integration(TENANT, RUN_ID, call=to(receiving.url))
        open_gate(opened, renamed)
        with pytest.raises(StartError, match="same two systems as tenant 'nordlys'"):
            start_integration(renamed, RUN_ID, call=to(receiving.url))
        assert len(receiving.calls) == 1
