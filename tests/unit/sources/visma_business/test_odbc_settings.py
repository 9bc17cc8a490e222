"""The hook reads a connection as documented, whichever way it is written down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

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
            "ENCRYPT": "optional",
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
    with connection(driver="FreeTDS", host="sql", login="a", password="x;DATABASE=F9};"):
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
        ({"driver": "FreeTDS", "connect_kwargs": {"attrs_before": "1"}}, "attribute numbers"),
    ],
)
def test_what_cannot_be_used_is_said(extra: dict[str, Any], reason: str) -> None:
    with connection(**extra), pytest.raises(ConfigurationError, match=reason):
        hook().get_conn()


def test_an_extra_that_is_no_object_is_said() -> None:
    text = json.dumps({"conn_type": "odbc", "extra": [1]})
    with environment(text), pytest.raises(ConfigurationError, match="must be a JSON object"):
        _ = hook().odbc_connection_string
