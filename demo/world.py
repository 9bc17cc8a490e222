"""Everything around Presync that the demo needs: sample companies, stand-in Severa, webhook receiver.

Nothing here is known to Presync: it meets this world through Airflow connections, as it would a real one.
"""

from __future__ import annotations

import fcntl
import json
import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.companies import build
from demo.receiver import Receiver
from demo.severa.config import SCOPES
from demo.severa.process import SeveraProcess, start_severa
from demo.severa.writing import SCOPES as WRITE_SCOPES
from presync.tenants.model import Tenant, load_tenant, tenant_files

TENANTS = Path(__file__).parent / "tenants"
WRITTEN = "saimaa"  # the one whose corrections are applied
WRITER_SCOPES = [*SCOPES, *sorted(set(WRITE_SCOPES.values()))]
REFUSED = "fjord"  # its connection holds a secret that Severa does not know


@dataclass(frozen=True)
class World:
    """The running surroundings: `environment` is what Presync needs to find them."""

    folder: Path
    tenants: tuple[Tenant, ...]
    severa: SeveraProcess
    calls: Path
    environment: dict[str, str]

    def started(self, tenant: str) -> list[dict[str, Any]]:
        """Return the calls that the receiver has recorded for a tenant."""
        lines = self.calls.read_text(encoding="utf-8").splitlines()
        return [call for call in map(json.loads, lines) if call["body"]["tenant"] == tenant]


@contextmanager
def sample_world(folder: Path) -> Iterator[World]:
    """Build the sample companies in `folder`, start the servers, and stop them at the end."""
    with _alone(folder):
        yield from _built(folder)


def _built(folder: Path) -> Iterator[World]:
    tenants = tuple(load_tenant(path) for path in tenant_files(TENANTS))
    companies = folder / "companies"
    build(companies)
    _forget_earlier_starts(folder)
    clients = {tenant.tenant: secrets.token_urlsafe(16) for tenant in tenants}
    known: dict[str, Any] = {
        name: {"secret": secret, "data": f"{name}/severa"} for name, secret in clients.items()
    }
    writer = secrets.token_urlsafe(16)
    known[f"{WRITTEN}-writer"] = {"secret": writer, "data": f"{WRITTEN}/severa", "scopes": WRITER_SCOPES}
    config = {"clients": known}
    calls = folder / "calls.jsonl"
    with start_severa(companies, config) as severa, _receiver(calls) as receiver_url:
        environment = {
            "PRESYNC_DATA": str(folder),
            "PRESYNC_DATABASE_URL": "",
            "PRESYNC_TENANTS": str(TENANTS),
        }
        for tenant in tenants:
            secret = "not the secret" if tenant.tenant == REFUSED else clients[tenant.tenant]
            environment |= _connections(tenant, companies, severa.api, secret)
            if tenant.tenant == WRITTEN:
                hands = {"conn_type": "http", "host": severa.api, "login": f"{WRITTEN}-writer"}
                environment |= connection_variable(tenant.write_connection_id, {**hands, "password": writer})
        environment |= connection_variable(
            "integration__nordlys", {"conn_type": "http", "host": receiver_url}
        )
        yield World(folder, tenants, severa, calls, environment)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Refuse a second demo in the same folder: it would take the first one's companies away."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit(f"another demo is running in {folder}; wait for it, or stop it") from None
        yield


def _forget_earlier_starts(folder: Path) -> None:
    """Begin anew: a control database that is younger than data and reports beside it would start nothing."""
    for leftover in folder.glob("control.db*"):
        leftover.unlink()
    for name in ("known", "reports", "staging"):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "calls.jsonl").write_text("")


@contextmanager
def _receiver(calls: Path) -> Iterator[str]:
    receiver = Receiver(0, calls, 202, None, None)
    thread = threading.Thread(target=receiver.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{receiver.server_address[1]}/start"
    finally:
        receiver.shutdown()
        receiver.server_close()
        thread.join(10)


def _connections(tenant: Tenant, companies: Path, api: str, secret: str) -> dict[str, str]:
    database = str(companies / tenant.tenant / "visma_business.db")
    business = {"conn_type": "odbc", "extra": {"driver": sqlite_driver(), "odbc": {"Database": database}}}
    severa = {"conn_type": "http", "host": api, "login": tenant.tenant, "password": secret}
    return connection_variable(tenant.connection_id("visma_business"), business) | connection_variable(
        tenant.connection_id("severa"), severa
    )


def sqlite_driver() -> str:
    """Return SQLite's ODBC driver: its file where Debian has it, else its name."""
    libraries = sorted(Path("/usr/lib").glob("*/odbc/libsqlite3odbc.so"))
    return str(libraries[0]) if libraries else "SQLite3"


def connection_variable(connection: str, values: dict[str, Any]) -> dict[str, str]:
    """Return an Airflow connection as the environment variable that Airflow reads it from."""
    return {f"AIRFLOW_CONN_{connection.upper()}": json.dumps(values)}


def fresh_folder(folder: Path) -> Path:
    """Return the folder, empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
