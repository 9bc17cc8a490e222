"""One Airflow and one browser for all pages.

They end with the last test of this folder: a browser keeps an event loop running in this process, and an
Airflow that nobody uses costs CPU time.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from presync.control.companies import Judgement, record_judged, sync_companies
from presync.control.database import now, transaction
from presync.report.build import build_report
from presync.tenants.model import Tenant
from tests.support import report_samples as samples
from tests.support.airflow_server import RunningAirflow
from tests.support.browsers import chromium
from tests.support.running_fleet import running_fleet

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="package")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with three reports of Nordlys; the newest found something."""
    root = tmp_path_factory.mktemp("data")
    store, verdict = samples.ready_run(root, "ready", started_at="2026-11-21T04:16:00+00:00")
    build_report(samples.tenant(), store, verdict)
    store, verdict = samples.error_run(root, "earlier", started_at="2026-11-22T04:16:00+00:00")
    build_report(samples.tenant(), store, verdict)
    store, verdict = samples.blocked_run(root)
    build_report(samples.tenant(), store, verdict, samples.memory())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRESYNC_DATA", str(root))
        sync_companies([Tenant(tenant=name, title=name) for name in ("nordlys", "fjord")], {}, 0)
        rules = {"customers/code_mismatch": [7, 0]}
        with transaction() as session:
            for run in ("earlier", "newest"):
                found = Judgement(run, "blocked", "", 2, rules, {"either": 7})
                record_judged(session, "nordlys", found, now())
    return root


@pytest.fixture(scope="package")
def airflow(reports: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAirflow]:
    """A running Airflow with the pages, those reports, and 200 companies."""
    with running_fleet(tmp_path_factory.mktemp("fleet"), reports) as server:
        yield server


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A real browser."""
    with chromium() as opened:
        yield opened
