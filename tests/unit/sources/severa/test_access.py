"""The Airflow connection to Severa in all the ways people write one."""

from __future__ import annotations

import doctest
import json

import pytest

from presync.errors import ConfigurationError
from presync.sources.severa import access as module
from presync.sources.severa.access import base_url, severa_access, severa_write_access
from presync.sources.severa.client import SeveraAccess
from presync.sources.severa.writer import scopes_for
from presync.tenants.model import Tenant

TENANT = Tenant(tenant="nord-lys", title="Nordlys AS")
VARIABLE = "AIRFLOW_CONN_SEVERA__NORD_LYS"


@pytest.mark.parametrize(
    ("host", "port", "schema", "expected"),
    [
        ("https://api.severa.visma.com/rest-api", None, None, "https://api.severa.visma.com/rest-api"),
        ("https://api.severa.visma.com/rest-api/v1", None, "", "https://api.severa.visma.com/rest-api"),
        ("https://api.severa.visma.com/rest-api/v1.0/", None, "", "https://api.severa.visma.com/rest-api"),
        ("api.severa.visma.com/rest-api", None, None, "https://api.severa.visma.com/rest-api"),
        ("api.severa.visma.com", None, "https", "https://api.severa.visma.com/rest-api"),
        ("localhost", 8000, None, "http://localhost:8000/rest-api"),
        ("127.0.0.1:8000/rest-api", None, None, "http://127.0.0.1:8000/rest-api"),
        ("127.0.0.1", 8000, "https", "https://127.0.0.1:8000/rest-api"),
        ("http://stand-in:81/proxy/rest-api", 99, None, "http://stand-in:81/proxy/rest-api"),
        ("http://[::1]:8000", None, None, "http://[::1]:8000/rest-api"),
    ],
)
def test_every_way_to_write_the_address(
    host: str, port: int | None, schema: str | None, expected: str
) -> None:
    assert base_url(host, port, schema) == expected


@pytest.mark.parametrize(
    "host", ["", "ftp://severa", "https://me:hushhush@severa", "http://x:port", "http://"]
)
def test_what_is_no_address_is_refused_without_quoting_a_password(host: str) -> None:
    with pytest.raises(ConfigurationError, match="base address") as caught:
        base_url(host)
    assert "hushhush" not in str(caught.value)


def test_documented_examples() -> None:
    assert doctest.testmod(module).failed == 0
    assert doctest.testmod(module).attempted


@pytest.mark.parametrize("kind", ["severa", "http"])
def test_connection_from_the_environment(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    connection = {
        "conn_type": kind,
        "host": "http://127.0.0.1:9/rest-api",
        "login": "id",
        "password": "secret",
    }
    monkeypatch.setenv(VARIABLE, json.dumps(connection))
    assert severa_access(TENANT) == SeveraAccess("http://127.0.0.1:9/rest-api", "id", "secret")


def test_connection_written_as_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "severa://id:a%2Fsecret@127.0.0.1:9/rest-api")
    assert severa_access(TENANT) == SeveraAccess("http://127.0.0.1:9/rest-api", "id", "a/secret")


def test_missing_connection_says_where_to_put_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(ConfigurationError, match=VARIABLE):
        severa_access(TENANT)


def test_incomplete_connection_names_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, json.dumps({"conn_type": "severa", "host": "severa", "login": "id"}))
    with pytest.raises(ConfigurationError, match="has no password"):
        severa_access(TENANT)


def test_the_secret_is_not_shown() -> None:
    assert "hushhush" not in repr(SeveraAccess("https://severa", "id", "hushhush"))


@pytest.mark.parametrize(
    ("writing", "why"),
    [
        (None, "no Airflow connection 'severa_write__nord_lys'"),
        ({"login": "reader"}, "the client id of the one for reading"),
        ({"login": "writer", "host": "http://127.0.0.1:10/rest-api"}, "what was checked was read from"),
        ({"login": "writer"}, ""),
    ],
)
def test_writing_has_a_credential_of_its_own_for_the_same_address(
    monkeypatch: pytest.MonkeyPatch, writing: dict[str, str] | None, why: str
) -> None:
    reading = {
        "conn_type": "severa",
        "host": "http://127.0.0.1:9/rest-api",
        "login": "reader",
        "password": "p",
    }
    monkeypatch.setenv(VARIABLE, json.dumps(reading))
    if writing is not None:
        monkeypatch.setenv("AIRFLOW_CONN_SEVERA_WRITE__NORD_LYS", json.dumps(reading | writing))
    assert severa_access(TENANT).client_id == "reader"
    if not why:
        assert severa_write_access(TENANT).client_id == "writer"
        return
    with pytest.raises(ConfigurationError, match=why) as refused:
        severa_write_access(TENANT)
    assert refused.value.source == "apply"


def test_only_what_a_plan_writes_to_is_asked_for() -> None:
    always = ("settings:read", "organization:read")
    assert scopes_for(["salescases", "customers"]) == (
        *always,
        *("projects:read", "projects:write", "customers:read", "customers:write"),
    )
    assert scopes_for(["businessunits"]) == (*always, "settings:write")
