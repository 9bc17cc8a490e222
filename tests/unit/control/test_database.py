"""Which addresses of a control database are accepted, and what is said of the others."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event, text

from presync.control import database
from presync.control.database import transaction
from presync.errors import ConfigurationError, PresyncError, SourceUnavailableError


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://root:secret@db/presync", "'mysql'"),
        ("postgresql+psycopg2://root:secret@db/presync", "psycopg2"),
        ("root:secret@db", "not a database URL"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
    ],
)
def test_an_address_that_cannot_keep_a_start_is_refused(url: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as refusal, transaction(url):
        pass
    assert "secret" not in refusal.value.message


def test_an_unreachable_server_is_worth_a_second_try_and_keeps_its_password() -> None:
    with pytest.raises(SourceUnavailableError) as refusal, transaction("postgres://me:secret@127.0.0.1:9/x"):
        pass
    assert refusal.value.retryable
    assert "postgresql://127.0.0.1:9/x" in refusal.value.message
    assert "secret" not in refusal.value.message


def test_a_file_that_is_no_database_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "control.db"
    file.write_text("these are not the bytes of a database" * 100)
    before = file.read_bytes()
    with pytest.raises(SourceUnavailableError, match="not a database"), transaction(f"sqlite:///{file}"):
        pass
    assert file.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(ConfigurationError, match="cannot be made"),
        transaction(f"sqlite:///{tmp_path}/file/x/c.db"),
    ):
        pass


def test_the_default_is_a_file_beside_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PRESYNC_DATABASE_URL", raising=False)
    monkeypatch.setenv("PRESYNC_DATA", str(tmp_path / "data"))
    with transaction():
        pass
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["control.db"]


def test_data_that_workers_share_need_a_database_that_they_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PRESYNC_DATABASE_URL", raising=False)
    monkeypatch.setenv("PRESYNC_DATA", "s3://bucket/presync")
    with pytest.raises(ConfigurationError, match="made again"), transaction():
        pass


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hunter2@127.0.0.1:1/control",
        "postgresql://127.0.0.1:1/control?user=me&password=hunter2",
        "postgresql://me@127.0.0.1:1/control?password=hunter2&sslmode=disable",
        "postgresql://me:hunter2@127.0.0.1:1/control\n",
        "postgresql://me:hunter2@127.0.0.1:port/control",
        "postgresql:///control?host=127.0.0.1&port=1&password=hunter2&options=-c%20x%3Dhunter2",
        "mysql://me:hunter2@127.0.0.1/control",
        "hunter2",
        "sqlite:////proc/missing/control.db?password=hunter2",
    ],
)
def test_no_message_shows_the_password(url: str) -> None:
    with pytest.raises(PresyncError) as refused, transaction(url):
        pass
    assert "hunter2" not in refused.value.message
    assert "PRESYNC_DATABASE_URL" in refused.value.message


def test_who_waits_for_the_file_is_served_when_it_is_free_and_told_when_it_never_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'control.db'}"
    with transaction(url):
        pass
    with closing(sqlite3.connect(tmp_path / "control.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        asked: list[float] = []

        def release(seconds: float) -> None:
            asked.append(seconds)
            if len(asked) == 3:
                other.execute("ROLLBACK")

        monkeypatch.setattr("presync.control.database.time.sleep", release)
        with transaction(url):
            assert len(asked) == 3
        assert max(asked) < 0.1  # as often after a minute as at first: nobody falls behind

        other.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr(database, "_WAIT_SECONDS", 0)
        with pytest.raises(SourceUnavailableError, match="somebody else has held its lock"), transaction(url):
            pass


def test_a_transaction_takes_one_turn_at_the_file_and_writes_ahead(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'control.db'}"
    with transaction(url) as session:
        turns: list[object] = []
        event.listen(session.get_bind(), "begin", turns.append)
    with transaction(url) as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
    assert len(turns) == 1
