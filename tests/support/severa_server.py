"""The stand-in Severa for tests: the starter, a writer of its data files, and a fast client of it.

The session's fixture `severa_server` is one server without rate limit or faults over the folder
`severa_server.data`, which each test fills anew with `write_severa`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from demo.severa.process import SeveraProcess, start_severa
from presync.sources.severa.client import Patience, SeveraAccess
from presync.sources.severa.extract import read_organization
from presync.sources.severa.rate_limit import RateLimit
from presync.sources.severa.resume import Spool
from presync.staging.extract import ExtractWriter, read_manifest

__all__ = ["SeveraProcess", "read_severa", "severa_server", "some_customers", "start_severa", "write_severa"]

NO_LIMIT: Mapping[str, Any] = {"rate_limit": {"enabled": False}}
SETTINGS: Mapping[str, Any] = {
    "nextCustomerNumber": 5000,
    "nextInvoiceNumber": 6000,
    "nextProjectNumber": 7000,
    "uniqueIdentifierForProductsAndWorktypes": False,
}
HASTY = Patience(tries=4, first=0.02, longest=2, connect=2, read=0.5, whole=3)


def write_severa(folder: Path, **files: Any) -> Path:
    """Replace the organisation in `folder`: an array per register, `organizationsettings` one object."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.json"):
        old.unlink()
    for name, content in {"organizationsettings": SETTINGS, **files}.items():
        (folder / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return folder


def some_customers(count: int) -> list[dict[str, Any]]:
    """So many rows with the fields that the API always sends."""
    return [{"guid": str(n), "name": "x", "isActive": True} for n in range(count)]


@pytest.fixture(scope="session")
def severa_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeveraProcess]:
    """A stand-in without rate limit over the folder `severa_server.data`."""
    with start_severa(write_severa(tmp_path_factory.mktemp("severa")), NO_LIMIT) as server:
        yield server


def read_severa(
    server: SeveraProcess,
    folder: Path,
    patience: Patience = HASTY,
    limit: RateLimit | None = None,
    spool: Spool | None = None,
) -> tuple[dict[str, list[dict[str, Any]]], Mapping[str, Any]]:
    """Extract from `server` into `folder`; return the staged rows of every table, and `seen`."""
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    writer = ExtractWriter(folder, "severa", tenant="nordlys", run_id="run")
    access = SeveraAccess(server.api, "a client", "a secret")
    seen = asyncio.run(read_organization(access, writer, patience, limit or RateLimit(1000, 0.01), spool))
    writer.finish(seen)
    tables = read_manifest(folder, "severa").rows
    return {table: pq.read_table(folder / f"{table}.parquet").to_pylist() for table in tables}, seen
