"""A company with findings on record, and its page for an editor."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from presync.control.findings import record_findings
from presync.control.runs import record_run
from presync.control.who import Who
from presync.decisions import record
from presync.decisions.record import given_answers, given_waivers
from tests.support import report_samples as samples
from tests.support.airflow_server import AirflowServer
from tests.support.company_page import (
    BEGAN,
    FOUND,
    GROUP,
    QUESTION,
)


@pytest.fixture
def on_record(server: AirflowServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process use the server's control database, in which a run has found something."""
    monkeypatch.setenv("PRESYNC_DATA", server.data)
    monkeypatch.setenv("PRESYNC_TENANTS", str(server.tenants))
    record_run(
        tenant="nordlys",
        run_id=samples.RUN,
        status="blocked",
        started_at=BEGAN,
        finished_at=BEGAN,
        rules_version="1",
        build_id="b1",
        critical=31,
        warning=0,
        counts={},
    )
    record_findings("nordlys", samples.RUN, BEGAN, [*FOUND, QUESTION, *GROUP])


@pytest.fixture
def editor(on_record: None, clients: dict[str, httpx.Client]) -> httpx.Client:
    return clients["editor"]


@pytest.fixture(autouse=True)
def _clean(on_record: None) -> Iterator[None]:
    yield
    for waiver in given_waivers("nordlys"):
        record.unwaive("nordlys", waiver.finding_id, by=Who("test"))
    for each in given_answers("nordlys"):
        record.decide("nordlys", each.entity, "withdraw", by=Who("test"))
