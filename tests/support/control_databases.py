"""Control databases for tests: each test runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from pathlib import Path

import pytest
from sqlalchemy import text

from presync.control.database import transaction
from presync.control.grants import grant_to
from presync.control.models import Base
from presync.settings import HOME
from tests.support.patience import PATIENCE
from tests.support.postgres import PASSWORD, USER, Postgres

KINDS = ("sqlite", "postgresql")
RUN_PASSWORD = "run"
OWNER_PASSWORD = "owner"
_RUN, _OWNER = f"presync_run:{RUN_PASSWORD}@", f"presync_owner:{OWNER_PASSWORD}@"


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
    """The URL of a control database with empty tables, which Presync now uses.

    PostgreSQL as the production stack makes it: its role owns nothing.
    """
    sqlite = request.param == "sqlite"
    url = _copied(tmp_path_factory) if sqlite else request.getfixturevalue("run_time_url")
    monkeypatch.setenv("PRESYNC_DATABASE_URL", url)
    if not sqlite:
        with transaction(owner_url(url)) as session:  # past the guard of the audit trail
            session.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
            session.execute(text(f"TRUNCATE {', '.join(Base.metadata.tables)}"))
            session.execute(text("ALTER TABLE audit ENABLE TRIGGER USER"))
    return url


@pytest.fixture(scope="session")
def run_time_url(postgres: Postgres) -> str:
    """The URL of the production stack's control database, as the role that Presync runs as."""
    create_databases(postgres, airflow="airflow", owner=OWNER_PASSWORD, run=RUN_PASSWORD)
    url = f"postgresql+psycopg://{_RUN}127.0.0.1:{postgres.port}/presync"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PRESYNC_DATABASE_URL", owner_url(url))
        grant_to("presync_run")
    return url


def create_databases(postgres: Postgres, *, airflow: str, owner: str, run: str) -> None:
    """Create roles and databases as the production stack does, with these passwords."""
    passwords = {
        "AIRFLOW_DATABASE_PASSWORD": airflow,
        "CONTROL_OWNER_PASSWORD": owner,
        "CONTROL_DATABASE_PASSWORD": run,
        "PGPASSWORD": PASSWORD,
    }
    server = ["-h", "127.0.0.1", "-p", str(postgres.port), "-U", USER, "-d", "postgres"]
    script = ["-v", "ON_ERROR_STOP=1", "-f", str(HOME / "scripts" / "create-databases.sql")]
    subprocess.run(
        ["psql", "--no-psqlrc", "-q", *server, *script],
        env={**os.environ, **passwords},
        check=True,
        timeout=PATIENCE,
    )


def owner_url(url: str) -> str:
    """Return the URL of the same control database as the owner of its tables."""
    return url.replace(_RUN, _OWNER)


def _copied(factory: pytest.TempPathFactory) -> str:
    template = factory.getbasetemp() / "control-template.db"
    if not template.exists():
        with transaction(f"sqlite:///{template}"):
            pass
    file = factory.mktemp("control") / "control.db"
    shutil.copyfile(template, file)
    return f"sqlite:///{file}"
