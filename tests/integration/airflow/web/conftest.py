"""One API server with Airflow's FAB auth manager for all tests of the pages; two tenants have reports.

Users: `admin` may do everything, `reader` may read the DAG of tenant nordlys, `editor` may edit it, too,
`stranger` may read nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from presync.report.build import build_report
from tests.support import report_samples as samples
from tests.support.airflow_server import AirflowServer

USERS = ("admin", "editor", "reader", "stranger")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AirflowServer]:
    data = tmp_path_factory.mktemp("data")
    store, verdict = samples.blocked_run(f"file://{data}")
    build_report(samples.tenant(), store, verdict)
    store, verdict = samples.ready_run(f"file://{data}", "fjord-run", "fjord")
    build_report(samples.tenant("fjord", "Fjord Bygg AS"), store, verdict)
    (data / "reports/secret.txt").write_text("secret")
    (data / "reports/nordlys/latest/secret.txt").write_text("secret")
    server = AirflowServer(tmp_path_factory.mktemp("airflow"), f"file://{data}", "fab")
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def clients(server: AirflowServer) -> Iterator[dict[str, httpx.Client]]:
    """A client for each user, and one for nobody."""
    clients = {user: server.client(user) for user in USERS} | {"nobody": server.client()}
    yield clients
    for client in clients.values():
        client.close()
