"""The hook reads a connection as documented, whichever way it is written down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presync.errors import ConfigurationError
from tests.support.visma_business import SQLITE, connection, environment


def hook(database: str | None = None) -> Any:
    from presync.sources.visma_business.odbc_settings import CompanyConnection

    return CompanyConnection(odbc_conn_id="visma_business__c", database=database)


def keywords(text: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in text.rstrip(";").split(";"))


def test_fields_extra_odbc_and_connect_kwargs_are_merged_in_this_order() -> None:
    with connection(
        driver="{FreeTDS}",
        host="sql",
        login="reader",
        password="pw",
        port=1433,
        schema="F0001",
        TDS_Version="7.3",
        Encrypt="no",
        odbc={"encrypt": "optional", "App": "a"},
        connect_kwargs={"APP": "b", "timeout": "3", "autocommit": False, "attrs_before": {"1256": "1"}},
    ):
        made = hook()
        assert keywords(made.odbc_connection_string) == {
            "DRIVER": "FreeTDS",
            "SERVER": "sql",
            "DATABASE": "F0001",
            "UID": "reader",
            "PWD": "pw",
            "PORT": "1433",
            "TDS_VERSION": "7.3",
            "ENCRYPTION": "off",
            "APP": "b",
        }
        assert made.connect_kwargs == {
            "timeout": 3,
            "attrs_before": {1256: 1},
            "autocommit": True,
            "readonly": True,
        }


def test_the_tenants_database_overrides_the_connections() -> None:
    with connection(driver="FreeTDS", host="sql", schema="F0001"):
        assert "DATABASE=F0002;" in hook("F0002").odbc_connection_string


@pytest.mark.parametrize("driver", ["ODBC Driver 18 for SQL Server", "{ODBC Driver 17 for SQL Server}"])
def test_microsofts_driver_gets_the_port_as_it_wants_it(driver: str) -> None:
    with connection(driver=driver, host="sql", port=1444):
        text = hook().odbc_connection_string
    assert "SERVER=sql,1444;" in text
    assert "PORT=" not in text


def test_values_with_semicolons_cannot_add_keywords() -> None:
    with connection(driver="ODBC Driver 18 for SQL Server", host="sql", password="x;DATABASE=F9};"):
        assert "PWD={x;DATABASE=F9}};};" in hook().odbc_connection_string


def test_a_uri_may_hold_keywords_or_json(tmp_path: Path) -> None:
    file = tmp_path / "company.db"
    file.touch()
    driver, path = quote(SQLITE, safe=""), quote(str(file), safe="")
    as_json = quote(json.dumps({"Database": str(file)}), safe="")
    for uri in (
        f"odbc:///?driver={driver}&Database={path}",
        f"odbc:///?driver={driver}&odbc={as_json}",
        f"odbc:///{path}?driver={driver}",
    ):
        with environment(uri):
            assert f"DATABASE=file:{file}?mode=ro;" in hook().odbc_connection_string


def test_sqlite_reads_a_file_that_exists_read_only_and_whole_numbers(tmp_path: Path) -> None:
    file = tmp_path / "år;1.db"
    file.touch()
    with connection(driver=SQLITE, odbc={"Database": str(file), "BigInt": "0"}):
        text = hook("F0001").odbc_connection_string
    assert "%3B1.db?mode=ro;" in text
    assert "F0001" not in text
    for needed in ("NOCREAT=1;", "STEPAPI=1;", "BIGINT=1;"):
        assert needed in text


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ({}, "neither a driver nor a DSN"),
        ({"driver": "/nowhere/libodbc.so"}, "is not on this machine"),
        ({"driver": "FreeTDS", "odbc": "Database"}, "`odbc`"),
        ({"driver": "FreeTDS", "connect_kwargs": [1]}, "`connect_kwargs`"),
        ({"driver": SQLITE, "odbc": {"Database": "/nowhere/F0001.db"}}, "/nowhere/F0001.db"),
        ({"driver": SQLITE, "odbc": {"Database": "/tmp"}}, "is not a file"),
        ({"driver": SQLITE}, "is not a file"),
        ({"driver": "FreeTDS", "connect_kwargs": {"timeout": "soon"}}, "number of seconds"),
        ({"driver": "FreeTDS", "connect_kwargs": {"timeout": -1}}, "number of seconds"),
        ({"driver": "FreeTDS", "connect_kwargs": {"encoding": 5}}, "`encoding`"),
        ({"driver": "FreeTDS", "odbc": {"Port": "14a3"}}, "port is '14a3'"),
        ({"driver": "FreeTDS", "odbc": {"Port": 65536}}, "from 1 to 65535"),
        ({"driver": "FreeTDS", "odbc": {"Server": ["a"]}}, "`server` must be a text or a number, not a list"),
        ({"driver": ["FreeTDS"]}, "`driver` must be a text"),
        ({"driver": "FreeTDS", "odbc": {"Encryption": "maybe"}}, "`Encryption`.*'maybe'.*`require`"),
        ({"driver": "FreeTDS", "odbc": {"Encrypt": "maybe"}}, "'maybe', which FreeTDS does not know"),
        ({"driver": "FreeTDS", "password": "a;b}"}, "`pwd` holds `}` together with `;`.*Nothing was sent"),
        ({"driver": "FreeTDS", "password": "{a}"}, "Microsoft's driver"),
        ({"driver": "FreeTDS", "password": "a\x07b"}, "`pwd` holds a control character"),
        ({"driver": "FreeTDS", "connect_kwargs": {"attrs_before": "1"}}, "attribute numbers"),
    ],
)
def test_what_cannot_be_used_is_said(extra: dict[str, Any], reason: str) -> None:
    with connection(**extra), pytest.raises(ConfigurationError, match=reason):
        hook().get_conn()


@pytest.mark.parametrize("extra", [[1], "[1]", '"text"', "5", "{"])
def test_an_extra_that_is_no_object_is_said(extra: object) -> None:
    text = json.dumps({"conn_type": "odbc", "extra": extra})
    with environment(text), pytest.raises(ConfigurationError, match="must be"):
        hook().get_conn()


def test_blanks_around_a_password_belong_to_it_and_a_last_line_break_does_not() -> None:
    with connection(driver="FreeTDS", host=" sql ", password=" pass word \n"):
        text = hook().odbc_connection_string
    assert "SERVER=sql;" in text
    assert "PWD= pass word ;" in text


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"host": "sql\\erp", "port": 1444}, {"SERVER": "sql", "PORT": "1444"}),
        ({"host": "sql\\erp,1444"}, {"SERVER": "sql", "PORT": "1444"}),
        ({"host": "sql,1444"}, {"SERVER": "sql", "PORT": "1444"}),
        ({"host": "sql\\erp"}, {"SERVER": "sql\\erp"}),
        ({"Encrypt": "yes"}, {"ENCRYPTION": "require"}),
        ({"Encrypt": True}, {"ENCRYPTION": "require"}),
        ({"Encrypt": "no", "Encryption": "request"}, {"ENCRYPTION": "request"}),
    ],
)
def test_freetds_gets_microsofts_keywords_in_its_own_form(
    fields: dict[str, Any], expected: dict[str, str]
) -> None:
    with connection(driver="FreeTDS", **fields):
        found = keywords(hook().odbc_connection_string)
    assert {name: value for name, value in found.items() if name != "DRIVER"} == expected


def test_microsofts_driver_leaves_lost_connections_to_us() -> None:
    with connection(driver="ODBC Driver 18 for SQL Server", host="sql"):
        assert "CONNECTRETRYCOUNT=0;" in hook().odbc_connection_string


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=6,
)
NAMES = ["driver", "dsn", "odbc", "connect_kwargs", "query_timeout", "timeout", "Port", "Encrypt", "PWD"]
FIELDS = ["attrs_before", "encoding", "ansi", "timeout", "Server", "Port", "PWD", "query_timeout"]


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(NAMES), json_values | st.dictionaries(st.sampled_from(FIELDS), json_values)
    ),
    st.sampled_from([{}, {"driver": "FreeTDS"}, {"driver": "ODBC Driver 18 for SQL Server"}]),
    st.sampled_from([{}, {"port": 1433}, {"host": "s", "password": "}{;"}]),
)
def test_whatever_a_connection_holds_it_is_used_or_refused_by_us(
    extra: dict[str, Any], driver: dict[str, Any], fields: dict[str, Any]
) -> None:
    with connection(**({**extra, **driver, **fields})):
        made = hook()
        try:
            text, arguments = made.odbc_connection_string, made.connect_kwargs
            assert made.query_timeout >= 0 < made.connecting_timeout
        except ConfigurationError:
            return
    assert text.endswith(";")
    assert set(arguments) <= {"timeout", "attrs_before", "encoding", "ansi", "autocommit", "readonly"}
