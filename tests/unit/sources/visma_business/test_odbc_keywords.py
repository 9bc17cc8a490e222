"""One connection suits every driver: ports, instances, encryption and values with braces."""

from __future__ import annotations

import pytest

from presync.errors import ConfigurationError
from presync.sources.visma_business.odbc_keywords import Family, escaped, family, for_driver


@pytest.mark.parametrize(
    ("driver", "whose"),
    [
        ("ODBC Driver 17 for SQL Server", "microsoft"),
        ("/opt/microsoft/msodbcsql18/lib64/libmsodbcsql-18.6.so.2.1", "microsoft"),
        ("FreeTDS", "freetds"),
        ("/usr/lib/odbc/libtdsodbc.so", "freetds"),
        ("/usr/lib/odbc/libsqlite3odbc.so", "sqlite"),
        ("PostgreSQL Unicode", "other"),
        ("SQL Server", "other"),
    ],
)
def test_whose_driver_it_is(driver: str, whose: str) -> None:
    assert family(driver) == whose


@pytest.mark.parametrize(
    ("of", "given", "passed_on"),
    [
        ("microsoft", {"server": "sql", "port": "1433"}, {"server": "sql,1433", "connectretrycount": "0"}),
        ("microsoft", {"server": "sql,9", "port": "1"}, {"server": "sql,9", "connectretrycount": "0"}),
        ("microsoft", {"server": "s", "connectretrycount": "3"}, {"server": "s", "connectretrycount": "3"}),
        ("freetds", {"server": "sql\\VISMA,1433"}, {"server": "sql", "port": "1433"}),
        ("freetds", {"server": "sql\\VISMA"}, {"server": "sql\\VISMA"}),
        ("freetds", {"server": "sql", "encrypt": "Mandatory"}, {"server": "sql", "encryption": "require"}),
        ("freetds", {"encrypt": "no", "encryption": "strict"}, {"encryption": "strict"}),
        ("other", {"server": "sql", "port": "65535"}, {"server": "sql", "port": "65535"}),
    ],
)
def test_what_is_passed_on(of: Family, given: dict[str, str], passed_on: dict[str, str]) -> None:
    before = dict(given)
    assert for_driver(of, given) == passed_on
    assert given == before


@pytest.mark.parametrize("port", ["0", "65536", "-1", "1433x", "", "１４３３", "9" * 200])
@pytest.mark.parametrize("of", ["microsoft", "freetds", "sqlite", "other"])
def test_a_port_is_a_number(of: Family, port: str) -> None:
    with pytest.raises(ConfigurationError, match="a number from 1 to 65535"):
        for_driver(of, {"server": "sql", "port": port})


def test_freetds_would_ignore_an_encryption_it_does_not_know() -> None:
    with pytest.raises(ConfigurationError, match="'maybe', which FreeTDS does not know"):
        for_driver("freetds", {"encrypt": "maybe"})


@pytest.mark.parametrize(
    ("of", "value", "written"),
    [
        ("microsoft", "plain", "plain"),
        ("microsoft", "a;b", "{a;b}"),
        ("microsoft", "{a}b", "{{a}}b}"),
        ("freetds", "a}}b", "a}}b"),
        ("freetds", "a;b", "{a;b}"),
    ],
)
def test_values(of: Family, value: str, written: str) -> None:
    assert escaped(of, "pwd", value) == written


@pytest.mark.parametrize("value", ["a;b}", "{a}"])
def test_what_freetds_cannot_pass_on_is_never_sent(value: str) -> None:
    with pytest.raises(ConfigurationError, match="Nothing was sent") as raised:
        escaped("freetds", "pwd", value)
    assert value not in raised.value.message
