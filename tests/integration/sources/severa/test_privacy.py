"""What must never leave Severa: planted values are looked for in everything that a reading leaves behind."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from presync.airflow.step import publish_error
from presync.errors import PresyncError
from presync.sources.severa.extract import extract
from presync.sources.severa.rate_limit import RateLimit
from presync.staging.extract import ExtractWriter, read_manifest
from presync.staging.store import RunStore
from presync.tenants.model import Tenant
from tests.support.severa_server import HASTY, NO_LIMIT, SeveraProcess, start_severa, write_severa

SECRET = "planted-client-secret"
PLANTED = {
    "socialSecurityNumber": "planted-010190-123A",
    "birthDate": "planted-1990-01-01",
    "bankAccountNumber": "planted-NO9386011117947",
    "address": {"addressline": "planted-Storgata 1", "postalCode": "planted-0155"},
    "headquarterAddress": {"addressline": "planted-Kirkegata 2", "city": "planted-Oslo"},
    "phoneNumber": "planted-+4722000000",
    "hourlyWage": "planted-wage",
    "keywords": [{"name": "planted-keyword"}],
}
PERSON = {"guid": "u-1", "firstName": "Åse", "lastName": "Lie", "email": "ase@nordlys.no", **PLANTED}
REST: dict[str, Any] = {
    "customers": [{"guid": "c-1", "name": "Nordlys", "email": "planted-customer@x.no", **PLANTED}],
    "projects": [{"guid": "p-1", "name": "Drift", "customer": {"guid": "c-1", "number": 1, **PLANTED}}],
    "invoices": [{"guid": "i-1", "number": 1, "customer": {"name": "planted-payer"}, **PLANTED}],
    "businessunits": [{"guid": "b-1", "name": "Oslo", **PLANTED}],
}
TENANT = Tenant(tenant="nordlys", title="Nordlys AS")


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """All loggers at their most talkative, also those that Presync quiets."""
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, "httpx"):
        yield caplog


def connect(server: SeveraProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = {"conn_type": "severa", "host": server.api, "login": "an id", "password": SECRET}
    monkeypatch.setenv("AIRFLOW_CONN_SEVERA__NORDLYS", json.dumps(connection))


def left_behind(folder: Path) -> str:
    """Everything in a folder's files, also what is compressed in them."""
    import pyarrow.parquet as pq

    parts = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        parts.append(path.read_bytes().decode("utf-8", "replace"))
        if path.suffix == ".parquet":
            parts.append(str(pq.read_table(path).to_pylist()))
    return "\n".join(parts)


def test_nothing_private_is_staged_or_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, everything_logged: pytest.LogCaptureFixture
) -> None:
    data = write_severa(tmp_path / "data", users=[PERSON], **REST)
    with start_severa(data, NO_LIMIT) as server:
        connect(server, monkeypatch)
        (tmp_path / "out").mkdir()
        writer = ExtractWriter(tmp_path / "out", "severa", tenant="nordlys", run_id="run")
        writer.finish(extract(TENANT, writer, HASTY, RateLimit(1000, 0.01)))
        requests = server.log.read_text()
    assert read_manifest(tmp_path / "out", "severa").rows["users"] == 1
    found = left_behind(tmp_path / "out")
    assert "ase@nordlys.no" in found  # what is looked for would be found
    for text in (found, everything_logged.text, requests):
        assert "planted" not in text
        assert "Bearer" not in text


FAULTS: list[dict[str, Any]] = [
    {"kind": "changed", "guid": "u-1", "fields": {"lastName": None}},
    {"kind": "changed", "guid": "u-1", "fields": {"email": {"planted": "planted-as-an-object"}}},
    {"kind": "status", "status": 503},
    {"kind": "truncate"},
    {"kind": "body", "text": json.dumps({"error": {"details": [{"message": f"no {SECRET}"}]}})},
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["kind"])
def test_an_error_quotes_nothing_private(
    fault: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    everything_logged: pytest.LogCaptureFixture,
) -> None:
    data = write_severa(tmp_path / "data", users=[PERSON], **REST)
    with start_severa(data, {**NO_LIMIT, "faults": [{"route": "users", **fault}]}) as server:
        connect(server, monkeypatch)
        (tmp_path / "out").mkdir()
        writer = ExtractWriter(tmp_path / "out", "severa", tenant="nordlys", run_id="run")
        with pytest.raises(PresyncError) as caught:
            extract(TENANT, writer, HASTY, RateLimit(1000, 0.01))
    store = RunStore("nordlys", "run", root=str(tmp_path / "store"))
    publish_error(store, "extract_severa", caught.value)
    told = "".join(traceback.format_exception(caught.value))
    for text in (told, left_behind(tmp_path / "store"), everything_logged.text):
        assert "planted" not in text
    assert "/v1/users" in left_behind(tmp_path / "store")
