"""Control databases for tests: each test runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path

import pytest
from sqlalchemy import text

from presync.control.database import transaction
from presync.control.models import Base

KINDS = ("sqlite", "postgresql")


@pytest.fixture(params=KINDS)
def fresh_control_database(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """The URL of a control database without any table, which Presync now uses."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'control' / 'control.db'}"
    else:
        url = request.getfixturevalue("postgres").url(f"control_{uuid.uuid4().hex}")
    monkeypatch.setenv("PRESYNC_DATABASE_URL", url)
    return url


@pytest.fixture(params=KINDS)
def control_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> str:
    """The URL of a control database with empty tables, which Presync now uses."""
    if request.param == "sqlite":
        url = _copied(tmp_path_factory)
    else:
        url = request.getfixturevalue("postgres").url("control")
    monkeypatch.setenv("PRESYNC_DATABASE_URL", url)
    if request.param == "postgresql":
        with transaction() as session:  # as the owner of the tables, past the guard of the audit trail
            session.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
            session.execute(text(f"TRUNCATE {', '.join(Base.metadata.tables)}"))
            session.execute(text("ALTER TABLE audit ENABLE TRIGGER USER"))
    return url


def _copied(factory: pytest.TempPathFactory) -> str:
    template = factory.getbasetemp() / "control-template.db"
    if not template.exists():
        with transaction(f"sqlite:///{template}"):
            pass
    file = factory.mktemp("control") / "control.db"
    shutil.copyfile(template, file)
    return f"sqlite:///{file}"
