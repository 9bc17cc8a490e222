"""Fixtures that more than one room uses."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Postgres, start_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL, started by the first test that asks for it; take a database of your own."""
    folder = Path(tempfile.mkdtemp(prefix="presync-postgres-"))
    folder.chmod(0o755)
    server = start_postgres(folder)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def control_database(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of an empty control database, which Presync now uses: the same tests on both kinds."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'control' / 'control.db'}"
    else:
        url = request.getfixturevalue("postgres").url(f"control_{uuid.uuid4().hex}")
    monkeypatch.setenv("PRESYNC_DATABASE_URL", url)
    return url
