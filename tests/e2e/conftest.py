"""One Airflow, one Severa and one receiver for all runs."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from demo.receiver import Receiver
from demo.severa.process import SeveraProcess, start_severa
from tests.support.patience import PATIENCE
from tests.support.tenant_run import SECRET, TinyTenant, make_tenant

if TYPE_CHECKING:
    pass

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A whole Airflow warns about much that is not ours to fix; what Presync warns about stays an error."""
    ours = pytest.mark.filterwarnings("ignore", "error:::presync")
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(ours)
