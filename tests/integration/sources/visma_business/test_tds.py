"""Reading a company over SQL Server's protocol, by FreeTDS and by Microsoft's driver."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from presync.errors import AccessError, CatalogueError, ConfigurationError, SourceUnavailableError
from tests.support.tds.certificates import server_context
from tests.support.tds.drivers import DRIVERS, PASSWORD, Driver
from tests.support.tds.faults import Fault
from tests.support.tds.reading import ROWS, TYPED, WHOLE, reading
from tests.support.tds.server import Policy, TdsServer
from tests.support.visma_business import extracted, tenant, write_sqlite

both = pytest.mark.parametrize("driver", DRIVERS)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[TdsServer]:
    file = write_sqlite(tmp_path / "F0001.db", TYPED, **ROWS)
    with TdsServer({"F0001": file}) as running:
        yield running
        assert running.failures == []


@both
def test_every_table_is_staged_as_it_is(server: TdsServer, driver: Driver) -> None:
    with reading(server, driver):
        staged = extracted(WHOLE)
    rows = {table: [tuple(row.values()) for row in content] for table, content in staged.rows.items()}
    assert rows["associates"] == [
        ("1", "Ærlig & Sønn AS ", "10001", "0", 0, "NO 923 609 016 MVA", "", 2, 0),
        ("2", "Kari Łunde Żółw", "0", "101", 0, "", "kari@c.example", 0, 1),
        ("-2147483648", None, "2147483647", None, 10001, None, None, None, None),
    ]
    assert rows["departments"] == [("10", "Salg", 1)]
    assert rows["projects"] == [("2001", "Nettside", "10001", None)]
    assert rows["products"] == [("007", "Rådgivning £", None), ("", "", None)]
    assert rows["customer_series"] == [(1, 10000, 19999), (2, 5, 0)]
    assert rows["voucher_series"] == [("1", "Faktura", 2**62, 50010, 2**31 - 1)]
    assert rows["invoice_numbers"] == [("50001",), ("KID-7  ",), ("",), (None,)]
    seen = staged.manifest.seen
    assert (seen["dbms"], seen["database"], seen["isolation"]) == (
        "Microsoft SQL Server",
        "F0001",
        "snapshot",
    )
    assert seen["read_again"] == {}
    assert seen["identity"] == {"visma_business": {"server": "TDS-DOUBLE", "database": "F0001"}}


@both
def test_text_codes_of_organisational_units_are_read(server: TdsServer, driver: Driver) -> None:
    with reading(server, driver):
        staged = extracted(tenant(departments={"table": "R7"}, customer_series="none"))
    assert staged.rows["departments"] == [{"code": "ÅR-1", "name": "Avdeling", "group_value": None}]


@both
def test_nothing_but_catalogue_calls_settings_and_selects_is_sent(server: TdsServer, driver: Driver) -> None:
    with reading(server, driver):
        extracted(WHOLE)
    harmless = re.compile(
        r"sp_(tables|columns(_100)?|datatype_info_100|unprepare)\b|SET TRANSACTION ISOLATION LEVEL SNAPSHOT$"
        r"|SELECT name, snapshot_isolation_state FROM sys.databases$|SELECT @@SERVERNAME, DB_NAME\(\)$"
        r"|SELECT [^;]+ FROM \"dbo\""
        r"|transaction [58]$"
    )
    assert [text for text in server.log if not harmless.match(text)] == []
    assert "transaction 7" not in server.log  # nothing is ever committed


@both
def test_the_read_only_intent_reaches_the_server(server: TdsServer, driver: Driver) -> None:
    with reading(server, driver, ApplicationIntent="ReadOnly"):
        extracted(WHOLE)
    assert server.logins[-1].read_only


@both
@pytest.mark.parametrize("as_fields", [True, False])
def test_server_and_login_come_from_fields_or_keywords(
    server: TdsServer, driver: Driver, *, as_fields: bool
) -> None:
    fields = {
        "host": "127.0.0.1",
        "port": server.port,
        "login": "reader",
        "password": PASSWORD,
        "schema": "F0001",
    }
    nothing: dict[str, Any] = dict.fromkeys(["Server", "Port", "UID", "PWD", "Database"])
    with reading(server, driver, **({"extra": fields, **nothing} if as_fields else {})):
        assert extracted(WHOLE).manifest.seen["database"] == "F0001"


@both
@pytest.mark.parametrize(
    ("keywords", "kind"),
    [
        ({"PWD": "not the password"}, AccessError),
        ({"UID": "stranger"}, AccessError),
        ({"Database": "F0009"}, AccessError),  # the server says no more than that
    ],
)
def test_a_refused_login_is_said_without_secrets(
    server: TdsServer, driver: Driver, keywords: dict[str, Any], kind: type[Exception]
) -> None:
    with reading(server, driver, **keywords), pytest.raises(kind, match=r"18456|4060") as caught:
        extracted(WHOLE)
    for secret in (PASSWORD, "not the password", "stranger", "'reader'"):
        assert secret not in str(caught.value)


@both
def test_a_server_that_is_not_there_is_tried_again_later(server: TdsServer, driver: Driver) -> None:
    nowhere = {"Port": 1} if driver == "freetds" else {"Server": "127.0.0.1,1"}
    with (
        reading(server, driver, extra={"connect_kwargs": {"timeout": 1}}, **nowhere),
        pytest.raises(SourceUnavailableError, match="cannot be reached"),
    ):
        extracted(WHOLE)


@both
def test_encryption_is_used_where_it_is_wanted(tmp_path: Path, driver: Driver) -> None:
    context, _ = server_context(tmp_path)
    file = write_sqlite(tmp_path / "F0001.db", TYPED, **ROWS)
    wanted: dict[str, Any] = {"Encryption": "require"} if driver == "freetds" else {"Encrypt": "yes"}
    with TdsServer({"F0001": file}, Policy(tls=context, require_tls=True)) as server:
        with reading(server, driver, TrustServerCertificate="yes", **wanted):
            assert len(extracted(WHOLE).rows["associates"]) == 3
        assert server.failures == []


def test_microsofts_driver_encrypts_the_login_even_if_told_not_to_encrypt(tmp_path: Path) -> None:
    context, _ = server_context(tmp_path)
    file = write_sqlite(tmp_path / "F0001.db", TYPED, **ROWS)
    with TdsServer({"F0001": file}, Policy(tls=context)) as server, reading(server, "microsoft"):
        assert len(extracted(WHOLE).rows["associates"]) == 3


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    context, _ = server_context(tmp_path)
    file = write_sqlite(tmp_path / "F0001.db", TYPED, **ROWS)
    with (
        TdsServer({"F0001": file}, Policy(tls=context)) as server,
        reading(server, "microsoft", Encrypt=None),  # its default
        pytest.raises(ConfigurationError, match="TrustServerCertificate"),
    ):
        extracted(WHOLE)
    assert server.logins == []


@both
def test_everything_missing_is_listed_with_what_was_probably_meant(tmp_path: Path, driver: Driver) -> None:
    schema = {
        **TYPED,
        "Actor": TYPED["Actor"].replace("BsNo", "BsNumber").replace("Gr5 INT", "Gr5 VARCHAR(20)"),
    }
    schema["R1"] = "RNo VARCHAR(10), Nm NVARCHAR(80), Gr2 INT"
    schema["Products"] = schema.pop("Prod")
    file = write_sqlite(tmp_path / "F0001.db", schema)
    with (
        TdsServer({"F0001": file}) as server,
        reading(server, driver),
        pytest.raises(CatalogueError) as caught,
    ):
        extracted(WHOLE)
    message = caught.value.message
    assert "table Prod (products), closest: Products" in message
    assert re.search(
        r"column BsNo of table Actor \(associates, business_no\), closest: [^;]*BsNumber", message
    )
    assert (
        "column Gr5 of table Actor (associates, customer_group_value) is varchar in this installation"
        in message
    )
    assert "column RNo of table R1 (departments, code) is varchar in this installation" in message


@both
def test_tables_shared_by_companies_are_read_where_they_are(tmp_path: Path, driver: Driver) -> None:
    own = {name: columns for name, columns in TYPED.items() if name not in {"Actor", "Prod"}}
    files = {
        "F0001": write_sqlite(tmp_path / "own.db", own, R1=ROWS["R1"]),
        "F9999": write_sqlite(
            tmp_path / "shared.db",
            {
                "CommonActor": TYPED["Actor"].replace("BsNo", "OrgNo").replace("ChDt", "Changed"),
                "Prod": TYPED["Prod"],
            },
            CommonActor=ROWS["Actor"],
        ),
    }
    shared = tenant(
        customer_series="none",
        tables={"Actor": "F9999.dbo.CommonActor", "Prod": "F9999.dbo.Prod"},
        columns={"Actor": {"BsNo": "OrgNo", "ChDt": "Changed"}},
    )
    with TdsServer(files) as server, reading(server, driver):
        staged = extracted(shared)
        assert [row["business_no"] for row in staged.rows["associates"]] == ["NO 923 609 016 MVA", "", None]
        assert any('MAX(CAST("Changed" AS BIGINT) * 10000 + "ChTm")' in text for text in server.log)
        with pytest.raises(CatalogueError, match="F8888"):
            extracted(tenant(tables={"Actor": "F8888.dbo.Actor"}))
        with pytest.raises(CatalogueError, match=r"F9999\.dbo\.Acter.*closest: CommonActor"):
            extracted(tenant(tables={"Actor": "F9999.dbo.Acter"}))


@both
def test_the_customer_series_is_found_by_its_columns(server: TdsServer, driver: Driver) -> None:
    with reading(server, driver):
        staged = extracted(tenant(customer_series={"first": "FrNo", "last": "ToNo"}))
    assert [tuple(row.values()) for row in staged.rows["customer_series"]] == [(1, 10000, 19999), (2, 5, 0)]


@both
def test_silence_ends_at_the_connections_time_out(server: TdsServer, driver: Driver) -> None:
    server.faults.plant("Prod", Fault("hang"))
    with (
        reading(server, driver, extra={"query_timeout": 1}),
        pytest.raises(SourceUnavailableError, match=r"reading table Prod.*HYT00"),
    ):
        extracted(WHOLE)


@pytest.mark.parametrize("value", ["soon", -1, 1.5])
def test_a_time_out_that_is_none_is_refused(server: TdsServer, value: Any) -> None:
    with (
        reading(server, "freetds", extra={"query_timeout": value}),
        pytest.raises(ConfigurationError, match="query_timeout"),
    ):
        extracted(WHOLE)
