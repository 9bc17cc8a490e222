"""`presync init` on database servers: rights, names, and what is lost half-way.

Covers: new_tenant/look/units.py, new_tenant/look/standard_tables.py, new_tenant/look/severa.py,
new_tenant/look/reader.py, new_tenant/look/business.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from presync.errors import SourceUnavailableError
from presync.tenants.visma_business import CustomerSeries, VoucherSeries
from tests.support.new_tenant_looks import PLAIN_ROWS, PLAIN_SCHEMA, look_at, technical
from tests.support.postgres import Postgres
from tests.support.tds.faults import Fault
from tests.support.tds.reading import ROWS, TYPED, reading
from tests.support.tds.server import TdsServer
from tests.support.visma_business import connection, write_sqlite


@pytest.fixture
def tds(tmp_path: Path) -> Iterator[TdsServer]:
    schema = {**TYPED, "Firm": "CrNtVoSr INT"}
    file = write_sqlite(tmp_path / "F0001.db", schema, **ROWS, Firm=[(1,)])
    with TdsServer({"F0001": file}) as running:
        yield running
        assert running.failures == []


def test_a_company_on_sql_server(tds: TdsServer, tmp_path: Path) -> None:
    with reading(tds, "freetds"):
        draft, found, text = look_at(tmp_path)
    assert technical(draft) == []
    business = found.visma_business
    assert business.database == "F0001"
    assert business.customer_series == CustomerSeries(table="AcInt", first="FrNo", last="ToNo")
    assert business.voucher_series == VoucherSeries(table="VoSr", key="VoSrNo")
    assert "(Microsoft SQL Server)" in text
    assert "company information names for credit notes (CrNtVoSr): 1" in text
    assert not re.search(r"unknown number of (customers|employees|products)", text)


def test_nothing_but_catalogue_calls_and_selects_is_sent(tds: TdsServer, tmp_path: Path) -> None:
    with reading(tds, "freetds"):
        look_at(tmp_path)
    harmless = re.compile(
        r"sp_(tables|columns(_100)?|pkeys|datatype_info_100|unprepare)\b"
        r"|SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED$|SELECT name FROM sys.databases$"
        r"|SELECT [^;]+ FROM \[dbo\]|transaction [58]$"
    )
    assert tds.log
    assert [text for text in tds.log if not harmless.match(text)] == []


def test_shared_tables_are_looked_for_in_other_databases(tmp_path: Path) -> None:
    own = {name: columns for name, columns in TYPED.items() if name != "Actor"}
    files = {
        "F0001": write_sqlite(tmp_path / "own.db", own, R1=ROWS["R1"]),
        "F9999": write_sqlite(tmp_path / "shared.db", {"Actor": TYPED["Actor"]}),
    }
    with TdsServer(files) as server, reading(server, "freetds"):
        draft, found, text = look_at(tmp_path)
    assert found.visma_business.tables == {}
    assert "  # tables: {Actor: F9999.dbo.Actor}\n" in draft.text
    assert any("there is F9999.dbo.Actor: do companies share it?" in item for item in technical(draft))
    assert "an unknown number of customers" in text


def test_a_table_that_may_not_be_read_is_a_question(tds: TdsServer, tmp_path: Path) -> None:
    tds.faults.plant("AcInt", Fault("denied", times=9))
    with reading(tds, "freetds"):
        draft, found, text = look_at(tmp_path)
    assert any("the login may not read table AcInt" in item for item in technical(draft))
    assert "the customer number series AcInt could not be read" in text
    assert found.visma_business.customer_series == CustomerSeries()


def test_a_company_on_postgres_of_which_some_tables_may_not_be_read(
    postgres: Postgres, tmp_path: Path
) -> None:
    with postgres.connect_to("init") as database:
        for table, columns in PLAIN_SCHEMA.items():
            database.execute(f"CREATE TABLE {table} ({columns})")
            for row in PLAIN_ROWS.get(table, []):
                database.execute(f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(row))})", row)
        database.execute("CREATE ROLE init_reader LOGIN PASSWORD 'init_reader'")
        database.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO init_reader")
        database.execute("REVOKE SELECT ON vosr, actor FROM init_reader")
    keywords = {**postgres.odbc("init"), "UID": "init_reader", "PWD": "init_reader"}
    with connection(driver=keywords.pop("Driver"), odbc=keywords):
        draft, found, text = look_at(tmp_path)
    for table in ("vosr", "actor"):
        assert any(f"the login may not read table {table}" in item for item in technical(draft))
    assert found.visma_business.database == "init"
    assert found.visma_business.projects.table == "R2"
    assert found.visma_business.customer_series == CustomerSeries(table="acint", first="frno", last="tono")
    assert "an unknown number of customers. Their Group fields are not known" in text


def test_a_connection_that_is_lost_half_way_is_no_half_look(tds: TdsServer, tmp_path: Path) -> None:
    tds.faults.plant("VoSr", Fault("reset"))
    with reading(tds, "freetds"), pytest.raises(SourceUnavailableError, match="VoSr"):
        look_at(tmp_path)
