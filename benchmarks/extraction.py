"""Reading Visma Business over ODBC into staged Parquet, against a bare pyodbc loop over the same SELECTs."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.company import Company, tenant
from benchmarks.measuring import Observer
from presync.staging.tables import checked_tables

_PORTION = 1_000


def staged(observer: Observer, folder: str) -> int:
    """Extract the company as a run does; return the rows."""
    _name_connection(Path(folder))
    with _airflow_home(), tempfile.TemporaryDirectory() as scratch:
        _import_everything()
        from presync.sources.visma_business.extract import extract
        from presync.staging.extract import ExtractWriter

        observer.ready()
        writer = ExtractWriter(Path(scratch), "visma_business", tenant="benchmark", run_id="benchmark")
        rows = writer.finish(extract(tenant(), writer)).rows
    return sum(rows[table] for table in checked_tables("visma_business"))


def bare(observer: Observer, folder: str) -> int:
    """Fetch the same SELECTs with nothing but pyodbc, and throw the rows away; return how many there were."""
    _name_connection(Path(folder))
    with _airflow_home():
        _import_everything()
        statements, connection_string = _statements()
        import pyodbc

        observer.ready()
        rows = 0
        connection = pyodbc.connect(connection_string, autocommit=True, readonly=True)
        for text in statements:
            cursor = connection.cursor()
            cursor.execute(text)
            while portion := cursor.fetchmany(_PORTION):
                rows += len(portion)
            cursor.close()
        connection.close()
    return rows


def _statements() -> tuple[list[str], str]:
    """Return the SELECTs of the product, and its connection string."""
    from presync.sources.visma_business.connection import open_company
    from presync.sources.visma_business.extract import statement
    from presync.sources.visma_business.odbc_settings import CompanyConnection
    from presync.sources.visma_business.selection import plan

    with open_company(tenant()) as company:
        texts = [statement(company, selection) for selection in plan(tenant(), company).selections]
    return texts, CompanyConnection(odbc_conn_id="visma_business__benchmark").odbc_connection_string


def _import_everything() -> None:
    import pyarrow.parquet
    import pyodbc  # noqa: F401

    from presync.sources.visma_business import extract, odbc_settings  # noqa: F401

    # Arrow starts its threads and loads its codecs with the first file
    with tempfile.TemporaryDirectory() as scratch:
        table = pyarrow.table({"code": ["1"]})
        pyarrow.parquet.write_table(table, Path(scratch) / "first.parquet", compression="zstd")


def _name_connection(folder: Path) -> None:
    libraries = sorted(Path("/usr/lib").glob("*/odbc/libsqlite3odbc.so"))
    driver = str(libraries[0]) if libraries else "SQLite3"
    extra = {"driver": driver, "odbc": {"Database": str(Company(folder).database)}}
    os.environ["AIRFLOW_CONN_VISMA_BUSINESS__BENCHMARK"] = json.dumps({"conn_type": "odbc", "extra": extra})


@contextmanager
def _airflow_home() -> Iterator[None]:
    """Give Airflow, which the connection is read through, a home that is thrown away."""
    from presync.airflow import in_process

    with tempfile.TemporaryDirectory() as scratch:
        os.environ |= in_process.environment(Path(scratch), Path(scratch))
        yield
