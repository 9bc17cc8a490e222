"""One Airflow, one Severa and one receiver for all runs; one Airflow and one browser for all pages."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from demo.receiver import Receiver
from demo.severa.process import SeveraProcess, start_severa
from presync.control.companies import Judgement, record_judged, sync_companies
from presync.control.database import now, transaction
from presync.report.build import build_report
from presync.tenants.model import Tenant
from tests.support import report_samples as samples
from tests.support.airflow_server import RunningAirflow
from tests.support.browsers import chromium
from tests.support.patience import PATIENCE
from tests.support.running_fleet import running_fleet
from tests.support.tenant_run import SECRET, TinyTenant, make_tenant

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MakeTenant = Callable[..., TinyTenant]
NAMES = tuple(f"tiny{number}" for number in range(60))  # more than the tests of one worker take
SHARED = "shared"


@pytest.fixture(scope="session")
def companies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which tiny companies are made."""
    return tmp_path_factory.mktemp("companies")


@pytest.fixture(scope="session")
def severa(companies: Path) -> Iterator[SeveraProcess]:
    """A stand-in that serves every tiny company to the client of its name, and to nobody else."""
    clients = {name: {"secret": SECRET, "data": f"{name}/severa"} for name in (*NAMES, SHARED)}
    with start_severa(companies, {"clients": clients}) as server:
        yield server


@pytest.fixture(scope="session")
def _names() -> Iterator[str]:
    return iter(NAMES)


@pytest.fixture
def make(
    companies: Path,
    severa: SeveraProcess,
    airflow_metadata: None,
    _names: Iterator[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> MakeTenant:
    """Make a tiny tenant of its own name, with everything that Presync needs to find it."""
    monkeypatch.setenv("PRESYNC_DATA", str(tmp_path / "data"))

    def make_one(*, start: str = "manual") -> TinyTenant:
        tiny = make_tenant(companies, next(_names), severa, start=start)
        for variable, value in tiny.environment.items():
            monkeypatch.setenv(variable, value)
        return tiny

    return make_one


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[str]]]:
    """The idempotency keys that the receiver behind the connection `integration` was called with."""
    file = tmp_path / "calls.jsonl"
    file.touch()
    receiver = Receiver(0, file, 202, None, None)
    thread = threading.Thread(target=receiver.serve_forever, daemon=True)
    thread.start()
    host = f"http://127.0.0.1:{receiver.server_address[1]}"
    monkeypatch.setenv("AIRFLOW_CONN_INTEGRATION", json.dumps({"conn_type": "http", "host": host}))
    yield lambda: [json.loads(line)["idempotency_key"] for line in file.read_text().splitlines()]
    receiver.shutdown()
    receiver.server_close()
    thread.join(PATIENCE)


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
def airflow(reports: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAirflow]:
    """A running Airflow with the pages, those reports, and 200 companies."""
    with running_fleet(tmp_path_factory.mktemp("fleet"), reports) as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real browser."""
    with chromium() as opened:
        yield opened


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A whole Airflow warns about much that is not ours to fix; what Presync warns about stays an error."""
    ours = pytest.mark.filterwarnings("ignore", "error:::presync")
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(ours)
