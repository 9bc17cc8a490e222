"""From the control database to a real mail server and a real HTTP server, once per change.

Covers: airflow/notify.py, control/notices.py, notices/channels.py, notices/message.py, notices/tell.py.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from presync.airflow.notify import tell_all
from presync.control.companies import Judgement, record_judged, sync_companies
from presync.control.database import now, transaction
from presync.control.models import Notice
from presync.errors import ConfigurationError, SourceUnavailableError
from presync.notices.channels import send
from presync.notices.message import Message, Told
from presync.notices.tell import DIGEST_HOUR, deliver, look
from presync.tenants.folder import read_folder
from presync.tenants.model import Tenant
from presync.tenants.notify import Notify
from tests.support.receiver import receiver

pytestmark = pytest.mark.usefixtures("control_database")
SECRET = "hush-hush-4711"


@dataclass
class Mail:
    """A running mail server and what it was sent."""

    port: int
    file: Path

    def sent(self) -> list[dict[str, Any]]:
        """Return the messages so far."""
        return [json.loads(line) for line in self.file.read_text().splitlines()] if self.file.exists() else []


@pytest.fixture
def mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mail]:
    file = tmp_path / "mail.jsonl"
    command = [sys.executable, "-m", "tests.support.mail_server", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        port = int(process.stdout.readline())
        use(monkeypatch, "MAIL", smtp(port))
        yield Mail(port, file)
        process.terminate()


def smtp(port: int) -> dict[str, Any]:
    extra = {
        "disable_ssl": True,
        "disable_tls": True,
        "from_email": "presync@example.com",
        "timeout": 5,
        "retry_limit": 1,
    }
    return {"conn_type": "smtp", "host": "127.0.0.1", "port": port, "extra": extra}


def use(monkeypatch: pytest.MonkeyPatch, name: str, connection: dict[str, Any]) -> None:
    monkeypatch.setenv(f"AIRFLOW_CONN_{name}", json.dumps(connection))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "tenants"
    folder.mkdir()
    monkeypatch.setenv("PRESYNC_TENANTS", str(folder))
    return folder


def write(folder: Path, name: str, title: str, notify: str) -> Tenant:
    file = folder / f"{name}.yaml"
    file.write_text(f"tenant: {name}\ntitle: {title!r}\nnotify: {notify}\n")
    found = read_folder(folder)
    sync_companies(found.tenants.values(), {}, 0)
    return found.tenants[file]


def judge(tenant: str, run: str, status: str) -> None:
    rules = {"customers/code_mismatch": [2, 0]} if status == "blocked" else {}
    with transaction() as session:
        record_judged(session, tenant, Judgement(run, status, "", 0, rules, {"severa": 2}), now())


def test_a_change_is_mailed_once_in_the_companys_language(folder: Path, mail: Mail) -> None:
    told = "{connection: mail, to: [a@example.com, b@example.com]}\nlanguage: nb"
    write(folder, "nordlys", "Nordlys & {{ Co }} ÆØÅ", told)

    judge("nordlys", "r1", "blocked")
    assert [tell_all(), tell_all()] == [1, 0]
    judge("nordlys", "r2", "blocked")
    assert tell_all() == 0
    judge("nordlys", "r3", "ready")
    assert [tell_all(), tell_all()] == [1, 0]

    first, second = mail.sent()
    assert first["to"] == ["a@example.com", "b@example.com"]
    assert first["from"] == "presync@example.com"
    assert first["subject"].startswith("Nordlys & {{ Co }} ÆØÅ: Stoppet: Kunder: ")
    assert "Nordlys &amp; {{ Co }} ÆØÅ</a>" in first["body"]
    assert "/presync/dags/presync__nordlys/company" in first["body"]
    assert "Klar" in second["subject"]


def test_what_was_so_long_before_anybody_was_to_be_told_is_not_told(
    folder: Path, mail: Mail, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, "nordlys", "N", "{connection: mail, to: [a@example.com]}")
    judge("nordlys", "r1", "blocked")
    monkeypatch.setattr("presync.notices.tell.FRESH", timedelta(0))
    assert tell_all() == 0
    judge("nordlys", "r2", "ready")
    assert tell_all() == 1


def test_a_look_at_many_companies_takes_few_queries(folder: Path) -> None:
    (folder / "defaults.yaml").write_text("notify: {connection: mail}\n")
    for number in range(40):
        (folder / f"c{number}.yaml").write_text(f"tenant: c{number}\ntitle: C\n")
    tenants = list(read_folder(folder).tenants.values())
    sync_companies(tenants, {}, 0)
    for tenant in tenants:
        judge(tenant.tenant, "r1", "blocked")
    look(tenants, now())
    asked: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        look(tenants, now())
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
    assert len(asked) < 20


def test_a_message_that_fails_keeps_no_other_back_and_is_tried_again(
    folder: Path, mail: Mail, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, "AWAY", {**smtp(1), "password": SECRET, "login": "u"})
    write(folder, "away", "Away", "{connection: away, to: [a@example.com]}")
    write(folder, "nordlys", "Nordlys", "{connection: mail, to: [a@example.com]}")
    write(folder, "nowhere", "Nowhere", "{connection: nowhere, to: [a@example.com]}")
    for tenant in ("away", "nordlys", "nowhere"):
        judge(tenant, "r1", "blocked")

    with pytest.raises(SourceUnavailableError) as failed:
        tell_all()

    assert failed.value.message.startswith("1 messages were sent, and others were not")
    assert "connection 'away' was not sent (" in failed.value.message
    assert "there is no Airflow connection 'nowhere'" in failed.value.message
    assert SECRET not in failed.value.message
    assert [each["subject"].partition(":")[0] for each in mail.sent()] == ["Nordlys"]
    use(monkeypatch, "AWAY", smtp(mail.port))
    use(monkeypatch, "NOWHERE", smtp(mail.port))
    assert tell_all() == 2


def test_a_digest_tells_all_companies_of_a_channel_once_a_day(folder: Path, mail: Mail) -> None:
    notify = "{connection: mail, to: [a@example.com], digest: daily}"
    tenants = [write(folder, name, name.title(), notify) for name in ("fjord", "nordlys")]
    for tenant in ("fjord", "nordlys"):
        judge(tenant, "r1", "blocked")
    look(tenants, now())
    tomorrow = (now() + timedelta(days=1)).replace(hour=DIGEST_HOUR, minute=1)

    def told(at: Any) -> int:
        return deliver(tenants, at, send=send, address=lambda name: f"/{name}").sent

    assert told(now().replace(hour=DIGEST_HOUR, minute=0) - timedelta(days=1)) == 0
    assert [told(tomorrow), told(tomorrow)] == [1, 0]
    (message,) = mail.sent()
    assert message["subject"] == "Presync: 2 changes at 2 companies"
    assert "/fjord" in message["body"]
    assert "/nordlys" in message["body"]


def message() -> Message:
    notice = Notice(tenant="nordlys", event="ready", text="Ready.", at=now())
    return Message([Told("Nordlys", "/n", [notice])])


def test_a_webhook_gets_json_with_a_text_and_apprise_says_whether_it_was_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiver(tmp_path) as receiving:
        use(monkeypatch, "HOOK", {"conn_type": "http", "host": receiving.url})
        send(Notify(connection="hook"), message())
        config = {"config": [{"path": receiving.url.replace("http://", "json://"), "tag": "ops"}]}
        use(monkeypatch, "CHAT", {"conn_type": "apprise", "extra": config})
        send(Notify(connection="chat"), message())
        hook, chat = (call["body"] for call in receiving.calls)
    assert hook["text"] == "Nordlys: Ready\n\nNordlys\n- Ready.\n/n"
    assert hook["companies"][0]["events"][0]["event"] == "ready"
    assert chat["title"] == "Nordlys: Ready"
    (tmp_path / "moved").mkdir()
    with receiver(tmp_path / "moved", "--answer", "302", "--location", "http://127.0.0.1:1/") as moved:
        use(monkeypatch, "MOVED", {"conn_type": "http", "host": moved.url})
        with pytest.raises(SourceUnavailableError, match="has moved"):
            send(Notify(connection="moved"), message())
    with pytest.raises(SourceUnavailableError, match="did not take the message"):
        send(Notify(connection="chat"), message())


def test_what_cannot_be_sent_says_why(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, "FILES", {"conn_type": "fs"})
    use(monkeypatch, "PLAIN", {"conn_type": "http", "host": "example.com"})
    for connection, said in (("mail", "names no address"), ("files", "type 'fs'"), ("plain", "unencrypted")):
        with pytest.raises(ConfigurationError, match=said):
            send(Notify(connection=connection), message())
    with pytest.raises(Exception, match="550"):
        send(Notify(connection="mail", to=["x@refused.test"]), message())
