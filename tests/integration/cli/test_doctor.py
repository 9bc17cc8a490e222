"""`presync doctor` at a customer's desk: what it says about both sides, and its exit codes.

Covers: sources/severa/inspect.py, sources/visma_business/inspect.py.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.severa.process import SeveraProcess, start_severa
from presync.cli.doctor import diagnose
from tests.support.patience import PATIENCE
from tests.support.postgres import Postgres
from tests.support.severa_server import write_severa
from tests.support.tds.drivers import DRIVERS, PASSWORD, Driver
from tests.support.tds.reading import ROWS, TYPED, reading
from tests.support.tds.server import Policy, TdsServer
from tests.support.visma_business import SQLITE, connection, write_sqlite

TENANT = """\
tenant: c
title: Nordlys AS
visma_business:
  customer_series: {table: AcInt, first: FrNo, last: ToNo}
  invoice_series: [1]
  invoices: {table: CustTr, number: InvoNo}
transfer: {departments: all, products: all, employees: all, customers: all, projects: all}
"""
SECRET = "a client's secret"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "c.yaml"
    path.write_text(TENANT)
    return path


@pytest.fixture
def severa(severa_server: SeveraProcess, monkeypatch: pytest.MonkeyPatch) -> SeveraProcess:
    write_severa(
        severa_server.data, customers=[{"guid": str(i), "name": f"K{i}", "number": i} for i in range(1, 6)]
    )
    use(severa_server, monkeypatch)
    return severa_server


def use(server: SeveraProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"conn_type": "http", "host": server.url, "login": "id", "password": SECRET}
    monkeypatch.setenv("AIRFLOW_CONN_SEVERA__C", json.dumps(values))


def told(file: Path) -> tuple[int, str]:
    out = io.StringIO()
    code = diagnose(file, out)
    text = out.getvalue()
    assert PASSWORD not in text
    assert SECRET not in text
    return code, text


@pytest.fixture
def company(tmp_path: Path) -> Iterator[TdsServer]:
    with TdsServer({"F0001": write_sqlite(tmp_path / "F0001.db", TYPED, **ROWS)}) as server:
        yield server
        assert server.failures == []


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_company_that_can_be_read(
    company: TdsServer, severa: SeveraProcess, file: Path, driver: Driver
) -> None:
    with reading(company, driver):
        code, text = told(file)
    assert code == 0, text
    for said in (
        "Microsoft SQL Server 16.00.4105, database F0001",
        "logged in as reader",
        "the clock of the database agrees",
        "the login cannot write to what is read",
        "isolation: snapshot",
        "associates: 3 rows in Actor",
        "customers: 5 rows",
        "scopes: customers:read",
        "the clock of Severa agrees",
        "next customer number: 5000",
        "no request refused",
        "c: everything can be read; run `presync check`",
    ):
        assert said in text
    assert not {"warning", "blocks", "error"} & {line.split()[0] for line in text.splitlines()}


def test_a_login_that_could_write_and_a_database_without_snapshot_are_warned_of(
    tmp_path: Path, severa: SeveraProcess, file: Path
) -> None:
    database = write_sqlite(tmp_path / "F0001.db", TYPED, **ROWS)
    policy = Policy(may_write=True, snapshot=False)
    with TdsServer({"F0001": database}, policy) as server, reading(server, "freetds"):
        code, text = told(file)
    assert code == 0
    assert "warning  the login could write (control the server, INSERT in the database" in text
    assert "more rights). Presync never does" in text
    assert "warning  the database does not allow SNAPSHOT" in text
    assert "mind the warnings" in text


def test_postgres_tells_rights_and_clock_too(postgres: Postgres, severa: SeveraProcess, file: Path) -> None:
    with postgres.connect_to("doctor") as database:
        for table, columns in TYPED.items():
            plain = columns.replace("NVARCHAR", "VARCHAR").replace("BIT", "BOOLEAN")
            database.execute(f"CREATE TABLE {table} ({plain})")
    keywords = postgres.odbc("doctor")
    with connection(driver=keywords.pop("Driver"), odbc=keywords):
        code, text = told(file)
    assert code == 0, text
    assert "logged in as presync" in text
    assert "the login could write (INSERT on" in text
    assert "isolation: repeatable read" in text


def test_what_is_missing_to_be_ready_is_exit_code_1(
    tmp_path: Path, severa: SeveraProcess, file: Path
) -> None:
    file.write_text("tenant: c\ntitle: C\ntransfer: {departments: all}\n")
    database = write_sqlite(tmp_path / "c.db", TYPED, **ROWS)
    with connection(driver=SQLITE, odbc={"Database": str(database)}):
        code, text = told(file)
    assert code == 1
    assert "blocks   nobody has answered yet what transfers of products, employees, customers" in text
    assert "blocks   the customer number series is not mapped" in text
    assert "blocks   no invoice series is named" in text
    assert "warning  issued invoices are not mapped" in text


def test_one_side_that_cannot_be_read_does_not_hide_the_other(
    company: TdsServer, severa: SeveraProcess, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with reading(company, "freetds", PWD="wrong"):
        code, text = told(file)
    assert code == 2
    assert "refused the login" in text
    assert "customers: 5 rows" in text
    monkeypatch.delenv("AIRFLOW_CONN_SEVERA__C")
    with reading(company, "freetds"):
        code, text = told(file)
    assert code == 2
    assert "AIRFLOW_CONN_SEVERA__C" in text
    assert "associates: 3 rows" in text


def test_missing_scopes_are_an_error(
    tmp_path: Path, company: TdsServer, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = {"secret": SECRET, "scopes": ["customers:read"], "refuse_missing_scopes": False}
    config = {"rate_limit": {"enabled": False}, "clients": {"id": client}}
    with start_severa(write_severa(tmp_path / "severa"), config) as server, reading(company, "freetds"):
        use(server, monkeypatch)
        code, text = told(file)
    assert code == 2
    assert "users:read" in text


def test_the_command_prints_the_lines_and_nothing_else(
    tmp_path: Path, severa: SeveraProcess, file: Path
) -> None:
    database = write_sqlite(tmp_path / "c.db", TYPED, **ROWS)
    with connection(driver=SQLITE, odbc={"Database": str(database)}):
        done = subprocess.run(
            [sys.executable, "-m", "presync.cli.main", "doctor", str(file)],
            env=os.environ | {"PRESYNC_DATA": str(tmp_path / "data")},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "c: Nordlys AS"
    assert lines[-1] == "c: everything can be read; run `presync check`"
    assert {line.split()[0] for line in lines if line.startswith("  ")} == {"ok"}
    assert list((tmp_path / "data" / "airflow").glob("home-*")) == []
