"""Companies for tests of the reader: an SQLite file from literal tables, and what the reader stages of it."""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from presync.sources.visma_business import extract
from presync.staging.extract import ExtractWriter, Manifest, read_manifest
from presync.staging.tables import BACKGROUND_COLUMNS, BACKGROUND_TABLES, VISMA_BUSINESS
from presync.tenants.model import Tenant

DATES = sorted(BACKGROUND_COLUMNS, reverse=True)  # created, changed
SQLITE = "/usr/lib/x86_64-linux-gnu/odbc/libsqlite3odbc.so"
SCHEMA: Mapping[str, str] = {
    "Actor": "ActNo INT, Nm VARCHAR(80), CustNo INT, EmpNo INT, DelToAct INT, BsNo VARCHAR(20), "
    "MailAd VARCHAR(80), Gr INT, Gr5 INT",
    "R1": "RNo INT, Nm VARCHAR(80), Gr2 INT",
    "R2": "RNo INT, Nm VARCHAR(80), CustNo INT",
    "R7": "RNo VARCHAR(10), Nm VARCHAR(80)",
    "Prod": "ProdNo VARCHAR(40), Descr VARCHAR(80)",
    "AcInt": "AcCl INT, AcIntProc INT, FrNo INT, ToNo INT",
    "VoSr": "VoSrNo INT, Nm VARCHAR(40), FstVoNo INT, NxtVoNo INT, LstVoNo INT",
    "CustTr": "InvoNo VARCHAR(20)",
}


class Extracted:
    """What was staged: rows by table, what no rule rests on apart from them, and the manifest.

    `dates` are those of creation and last change, by table and row; `background` the rows of the tables that
    only help people.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        import pyarrow.parquet as pq

        self.manifest = manifest
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.background: dict[str, list[dict[str, Any]]] = {}
        self.dates: dict[str, list[tuple[int | None, ...]]] = {}
        for table in VISMA_BUSINESS:
            rows = pq.read_table(folder / f"{table}.parquet").to_pylist()
            self.dates[table] = [tuple(row.pop(name, None) for name in DATES) for row in rows]
            (self.background if table in BACKGROUND_TABLES else self.rows)[table] = rows


def tenant(**visma_business_map: Any) -> Tenant:
    """Return a tenant whose file maps Visma Business like this; `transfer` may be among the fields."""
    transfer = visma_business_map.pop("transfer", {})
    return Tenant.model_validate(
        {"tenant": "c", "title": "C", "visma_business": visma_business_map, "transfer": transfer}
    )


def write_sqlite(path: Path, schema: Mapping[str, str] = SCHEMA, **tables: list[tuple[Any, ...]]) -> Path:
    """Write a company file with the given rows; tables without rows are empty."""
    with closing(sqlite3.connect(path)) as connection:
        for table, columns in schema.items():
            connection.execute(f"CREATE TABLE {table} ({columns})")
            rows = tables.get(table, [])
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        connection.commit()
    return path


@contextmanager
def connection(of: str = "c", **extra: Any) -> Iterator[None]:
    """Define the Airflow connection of a tenant for a while."""
    values = {
        name: extra.pop(name) for name in ("host", "login", "password", "schema", "port") if name in extra
    }
    with environment(json.dumps({"conn_type": "odbc", "extra": extra, **values}), of):
        yield


@contextmanager
def environment(value: str, of: str = "c") -> Iterator[None]:
    """Define a tenant's connection as Airflow reads it from the environment: JSON or URI."""
    name = f"AIRFLOW_CONN_VISMA_BUSINESS__{of.upper()}"
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        os.environ.pop(name)
        if before is not None:
            os.environ[name] = before


HASTY = extract.Patience(tries=3, wait=0)


def extracted(of: Tenant, patience: extract.Patience = HASTY) -> Extracted:
    """Extract the tenant's company through the connection defined now, without waiting between tries."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        writer = ExtractWriter(folder, "visma_business", tenant=of.tenant, run_id="r")
        writer.finish(extract.extract(of, writer, patience))
        return Extracted(folder, read_manifest(folder, "visma_business"))


def extracted_from(path: Path, of: Tenant) -> Extracted:
    """Extract a company file over SQLite's ODBC driver."""
    with connection(of.tenant, driver=SQLITE, odbc={"Database": str(path)}):
        return extracted(of)
