"""A made-up company of any size in both systems: as staged extracts, and as a Visma Business database.

Most customers are correctly linked; a fixed share of every kind of fault is planted (`sql/company.sql`). The
same size always gives the same company.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.words import word_lists
from demo.visma_business import TABLES
from presync.staging import tables
from presync.staging.extract import ExtractWriter
from presync.staging.tables import SYSTEMS, System
from presync.tenants.model import Tenant

if TYPE_CHECKING:
    import duckdb

_SQL: Final = Path(__file__).parent / "sql" / "company.sql"
_TENANT: Final[dict[str, Any]] = {
    "tenant": "benchmark",
    "country": "NO",
    "title": "Benchmark AS",
    "visma_business": {
        "projects": {"table": "R2", "customer": "CustNo"},
        "customer_series": {"table": "AcInt", "first": "FrNo", "last": "ToNo"},
        "invoice_series": [1],
        "invoices": {"table": "CustTr", "number": "InvoNo"},
    },
    "severa": {"customer_number_ceiling": 8_999_999, "invoice_number_ceiling": 8_999_999},
    "transfer": {
        "departments": "all",
        "products": {"except": {"field": "Gr3", "value": 1}},
        "employees": {"except": {"field": "Gr4", "value": 1}},
        "customers": {"except": {"field": "Gr5", "value": 1}},
        "projects": "all",
    },
}
_DATES: Final = ("CreDt", "ChDt")
# Where each staged table comes from: all other columns of these tables are there too, and empty.
_BUSINESS: Final = {
    "departments": ("R1", ("RNo", "Nm", "Gr", *_DATES)),
    "projects": ("R2", ("RNo", "Nm", "CustNo", "Gr", *_DATES)),
    "products": ("Prod", ("ProdNo", "Descr", "Gr3", *_DATES)),
    "associates": (
        "Actor",
        ("ActNo", "Nm", "CustNo", "EmpNo", "DelToAct", "BsNo", "MailAd", "Gr5", "Gr4", *_DATES),
    ),
    "customer_series": ("AcInt", ("AcCl", "FrNo", "ToNo")),
    "voucher_series": ("VoSr", ("VoSrNo", "Nm", "FstVoNo", "NxtVoNo", "LstVoNo")),
    "invoice_numbers": ("CustTr", ("InvoNo",)),
}
_PORTION: Final = 50_000


@dataclass(frozen=True)
class Company:
    """Where a generated company is: a folder per system with its extract, and the SQLite file."""

    folder: Path

    @property
    def extracts(self) -> dict[System, Path]:
        """The staged extracts."""
        return {system: self.folder / system for system in SYSTEMS}

    @property
    def database(self) -> Path:
        """The Visma Business database."""
        return self.folder / "visma_business.db"

    def make(self, customers: int, next_customer_number: int = 8_000_000) -> None:
        """Write everything; `folder` must be empty.

        Severa's customer counter is outside Visma Business' series, unless another one is given.
        """
        import duckdb

        with duckdb.connect() as connection:
            connection.execute("SET threads = 2; SET enable_progress_bar = false")
            _fill(connection, customers, next_customer_number)
            for system in SYSTEMS:
                _write_extract(connection, system, self.extracts[system])
            _write_database(connection, self.database)


def tenant_fields() -> dict[str, Any]:
    """Return what the generated company's tenant file says."""
    return dict(_TENANT)


def tenant() -> Tenant:
    """Return the generated company's tenant: three entities have an exclusion."""
    return Tenant.model_validate(_TENANT)


def _fill(connection: duckdb.DuckDBPyConnection, customers: int, next_customer_number: int) -> None:
    for name, values in word_lists().items():
        connection.execute(f"SET VARIABLE {name} = {values!r}")
    connection.execute(f"SET VARIABLE customers = {customers}")
    connection.execute(f"SET VARIABLE next_customer_number = {next_customer_number}")
    connection.execute(_SQL.read_text(encoding="utf-8"))


def _write_extract(connection: duckdb.DuckDBPyConnection, system: System, folder: Path) -> None:
    folder.mkdir(parents=True)
    writer = ExtractWriter(folder, system, tenant="benchmark", run_id="benchmark")
    for name, shape in tables.TABLES[system].items():
        columns = ", ".join(f'"{column}"' for column in shape)
        with writer.table(name) as table:
            reader = connection.sql(f"SELECT {columns} FROM {system}.{name}").to_arrow_reader(_PORTION)
            for batch in reader:
                table.write(batch.cast(table.schema))
    writer.finish()


def _write_database(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    with closing(sqlite3.connect(path)) as company:
        company.execute("PRAGMA journal_mode = OFF")
        company.execute("PRAGMA synchronous = OFF")
        for staged, (table, columns) in _BUSINESS.items():
            company.execute(f"CREATE TABLE {table} ({', '.join(_declared(table))})")
            marks = ", ".join("?" * len(columns))
            statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
            company.executemany(statement, _rows(connection, staged))
        company.commit()


def _declared(table: str) -> Iterator[str]:
    """Yield the columns of a sample company's table; empty is 0 or '', as in the original."""
    for name, kind in TABLES[table].items():
        yield f"{name} {kind} DEFAULT {repr('') if kind.startswith('VARCHAR') else 0}"


def _rows(connection: duckdb.DuckDBPyConnection, staged: str) -> Iterator[tuple[Any, ...]]:
    columns = ", ".join(f'"{column}"' for column in tables.VISMA_BUSINESS[staged])
    result = connection.execute(f"SELECT {columns} FROM visma_business.{staged}")
    while rows := result.fetchmany(_PORTION):
        yield from rows
