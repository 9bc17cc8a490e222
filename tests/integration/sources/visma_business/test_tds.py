"""Reading a company over SQL Server's protocol, by FreeTDS and by Microsoft's driver.

Covers: sources/visma_business/connection.py, sources/visma_business/catalogue.py,
sources/visma_business/identity.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from presync.errors import AccessError, CatalogueError, ConfigurationError, SourceUnavailableError
from presync.sources.visma_business.connection import open_company
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
        r"|SELECT [^;]+ FROM \[dbo\]"
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
        ({"Database": "F0009"}, (AccessError, ConfigurationError)),  # FreeTDS hears no more than 18456
    ],
)
def test_a_refused_login_is_said_without_secrets(
    server: TdsServer, driver: Driver, keywords: dict[str, Any], kind: type[Exception]
) -> None:
    database = keywords.get("Database", "F0001")
    named = rf"{database}.*(18456|4060)"
    with reading(server, driver, **keywords), pytest.raises(kind, match=named) as caught:
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
    with TdsServer(files, Policy(snapshot=False)) as server, reading(server, driver):
        staged = extracted(shared)
        assert [row["business_no"] for row in staged.rows["associates"]] == ["NO 923 609 016 MVA", "", None]
        assert any("MAX(CAST([Changed] AS BIGINT) * 10000 + [ChTm])" in text for text in server.log)
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
def test_names_in_any_letters_with_blanks_are_read_also_where_case_matters(
    tmp_path: Path, driver: Driver
) -> None:
    schema = {
        '"Kunder & søkere"': TYPED["Actor"].replace("BsNo", '"Org nr"'),
        '"Åpne avd_"': 'RNo INT, "Nåvn (kort)" NVARCHAR(80)',
        '"Åpne avdX"': "Other INT",  # what the name above would find as a pattern
        "R1": TYPED["R1"],
        "R2": TYPED["R2"],
        "Prod": TYPED["Prod"],
        "Serier": "accl INT, ACINTPROC INT, FrNo INT, ToNo INT",
    }
    rows: dict[str, Any] = {'"Åpne avd_"': [(7, "Salg")], "Serier": [(1, 1, 10, 20)]}
    file = write_sqlite(tmp_path / "F0001.db", schema, **rows)
    wanted = tenant(
        departments={"table": "R3"},
        tables={"Actor": "dbo.Kunder & søkere", "R3": "Åpne avd_"},
        columns={"Actor": {"BsNo": "Org nr"}, "R3": {"Nm": "Nåvn (kort)"}},
        customer_series={"first": "FrNo", "last": "ToNo"},
    )
    with TdsServer({"F0001": file}, Policy(case_sensitive=True)) as server, reading(server, driver):
        staged = extracted(wanted)
    assert [tuple(row.values())[:2] for row in staged.rows["departments"]] == [("7", "Salg")]
    assert [tuple(row.values()) for row in staged.rows["customer_series"]] == [(1, 10, 20)]


@both
def test_bits_are_no_dates_and_stop_nothing(tmp_path: Path, driver: Driver) -> None:
    schema = {**TYPED, "R1": "RNo INT, Nm NVARCHAR(80), Gr2 BIT, ChDt BIT, ChTm INT, CreDt BIT"}
    file = write_sqlite(tmp_path / "F0001.db", schema, **{**ROWS, "R1": [(10, "Salg", 1, 1, 930, 0)]})
    with TdsServer({"F0001": file}, Policy(snapshot=False)) as server, reading(server, driver):
        staged = extracted(WHOLE)
    assert staged.rows["departments"] == [{"code": "10", "name": "Salg", "group_value": 1}]
    assert staged.dates["departments"] == [(None, None)]
    used = [row for row in staged.background["group_fields"] if row["entity"] == "departments"]
    assert [(row["group_field"], row["marked"], row["highest"]) for row in used] == [("Gr2", 1, 1)]


@both
def test_checksums_are_only_asked_for_where_tables_may_move(server: TdsServer, driver: Driver) -> None:
    with reading(server, driver):
        assert extracted(WHOLE).manifest.seen["isolation"] == "snapshot"
    assert [text for text in server.log if "CHECKSUM" in text or "MAX(CAST" in text] == []


@both
@pytest.mark.parametrize("password", ["a}b", "}", "a;b", "{ab", " a b ", "ab}}", "å€'=\"?"])
def test_a_password_arrives_as_it_is(tmp_path: Path, driver: Driver, password: str) -> None:
    file = write_sqlite(tmp_path / "F0001.db", TYPED, **ROWS)
    with (
        TdsServer({"F0001": file}, Policy(users={"reader": password})) as server,
        reading(server, driver, PWD=password),
        open_company(WHOLE),
    ):
        assert [login.password for login in server.logins] == [password]


@both
@pytest.mark.parametrize("password", ["a;b}", "a};b", "{ab}", "a;}}"])
def test_a_password_that_freetds_would_cut_is_never_sent(
    server: TdsServer, driver: Driver, password: str
) -> None:
    expected = ConfigurationError if driver == "freetds" else AccessError
    with reading(server, driver, PWD=password), pytest.raises(expected), open_company(WHOLE):
        pass
    assert [login.password for login in server.logins] == ([] if driver == "freetds" else [password])


@both
def test_an_instance_with_a_port_is_found_by_its_port(server: TdsServer, driver: Driver) -> None:
    nothing: dict[str, Any] = {"Server": None, "Port": None}
    for fields in (
        {"host": "127.0.0.1\\erp", "port": server.port},
        {"host": f"127.0.0.1\\erp,{server.port}"},
    ):
        with reading(server, driver, extra=fields, **nothing), open_company(WHOLE) as company:
            assert company.about()["database"] == "F0001"


@pytest.mark.parametrize(
    ("driver", "option"), [("freetds", "Encrypt"), ("freetds", "Encryption"), ("microsoft", "Encrypt")]
)
def test_an_option_that_the_driver_does_not_know_is_named(
    server: TdsServer, driver: Driver, option: str
) -> None:
    wrong: dict[str, Any] = {option: "maybe"}
    with (
        reading(server, driver, **wrong),
        pytest.raises(ConfigurationError, match=r"(?i)encrypt"),
        open_company(WHOLE),
    ):
        pass
    assert server.logins == []


@both
def test_a_trusted_login_without_a_ticket_asks_for_one(server: TdsServer, driver: Driver) -> None:
    trusted: dict[str, Any] = {"Trusted_Connection": "yes", "UID": None, "PWD": None}
    with (
        reading(server, driver, **trusted),
        pytest.raises(AccessError, match="Kerberos ticket"),
        open_company(WHOLE),
    ):
        pass


@both
@pytest.mark.parametrize("place", ["login", "types", "transaction"])
def test_a_server_that_freezes_where_drivers_wait_for_ever_is_given_up(
    server: TdsServer, driver: Driver, place: str
) -> None:
    if place == "login":
        server.frozen.set()
    else:
        server.freezes_at = "sp_datatype_info" if place == "types" else "transaction 5"
    # no other test connects with these keywords: pyodbc asks for a server's types once for each
    keywords: dict[str, Any] = {"APP": f"frozen at {place} {server.port}"}
    extra = {"query_timeout": 1, "connect_kwargs": {"timeout": 1}}
    with reading(server, driver, extra=extra, **keywords), pytest.raises(SourceUnavailableError) as caught:
        extracted(WHOLE)
    said = {"login": "cannot be reached", "types": "did not answer within 2 s", "transaction": "within 1 s"}
    assert said[place] in caught.value.message


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
