"""Extracting an organisation over real HTTP: nothing lost, nothing invented, every failure said.

Covers: sources/severa/identity.py.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presync.errors import (
    AccessError,
    ConfigurationError,
    PresyncError,
    SourceDataError,
    SourceUnavailableError,
)
from presync.sources.severa.client import SeveraAccess
from presync.sources.severa.extract import extract, read_organization
from presync.sources.severa.rate_limit import RateLimit
from presync.staging.extract import ExtractWriter
from presync.staging.tables import SEVERA
from presync.tenants.model import Tenant
from tests.support.severa_server import (
    HASTY,
    NO_LIMIT,
    SETTINGS,
    SeveraProcess,
    read_severa,
    some_customers,
    start_severa,
    write_severa,
)

REGISTERS = [table for table in SEVERA if table != "organizationsettings"]
Row = dict[str, Any]

NAMES = {
    "code": "code",
    "number": "number",
    "email": "email",
    "is_active": "isActive",
    "is_closed": "isClosed",
    "vat_number": "vatNumber",
    "unit_guid": "invoiceNumberBusinessUnitGuid",
}
REQUIRED = {"name": "name", "first_name": "firstName", "last_name": "lastName"}
INTEGERS = st.integers(-(2**63), 2**63 - 1)
KINDS: Mapping[str, st.SearchStrategy[Any]] = {
    "text": st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    "integer": INTEGERS,
    "flag": st.booleans(),
}


def rows_of(table: str) -> st.SearchStrategy[list[Row]]:
    """Rows of a register as the API gives them: optional fields missing or null, and some of no interest."""
    optional: dict[str, st.SearchStrategy[Any]] = {
        NAMES[column]: st.none() | KINDS[kind] for column, kind in SEVERA[table].items() if column in NAMES
    }
    if "customer_number" in SEVERA[table]:
        inner = st.fixed_dictionaries({"guid": KINDS["text"]}, optional={"number": st.none() | INTEGERS})
        optional["customer"] = st.none() | inner
    optional["socialSecurityNumber"] = KINDS["text"]
    required = {REQUIRED[column]: KINDS["text"] for column in SEVERA[table] if column in REQUIRED}
    row = st.fixed_dictionaries({"guid": st.uuids().map(str), **required}, optional=optional)
    return st.lists(row, max_size=30, unique_by=lambda row: row["guid"])


def staged(table: str, row: Row) -> Row:
    """The row as it must be staged, by the table's shape alone."""
    names = {"guid": "guid", **NAMES, **REQUIRED}
    return {
        column: (row.get("customer") or {}).get("number")
        if column == "customer_number"
        else row.get(names[column])
        for column in SEVERA[table]
    }


ORGANISATIONS = st.fixed_dictionaries({table: rows_of(table) for table in REGISTERS})
COUNTERS = st.fixed_dictionaries(
    {"uniqueIdentifierForProductsAndWorktypes": st.booleans()},
    optional={
        "nextCustomerNumber": st.none() | INTEGERS,
        "nextInvoiceNumber": st.none() | INTEGERS,
        "nextProjectNumber": st.none() | INTEGERS,
    },
)


@pytest.fixture(scope="module")
def tiny_pages(tmp_path_factory: pytest.TempPathFactory) -> Any:
    config = {**NO_LIMIT, "most_rows": 7, "faults": [{"kind": "short_pages", "rows": 2, "route": "users"}]}
    with start_severa(write_severa(tmp_path_factory.mktemp("tiny")), config) as server:
        yield server


@given(organisation=ORGANISATIONS, counters=COUNTERS)
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_in_severa_is_staged_exactly(
    tiny_pages: SeveraProcess,
    tmp_path_factory: pytest.TempPathFactory,
    organisation: dict[str, list[Row]],
    counters: Row,
) -> None:
    write_severa(tiny_pages.data, **organisation, organizationsettings=counters)
    tables, seen = read_severa(tiny_pages, tmp_path_factory.mktemp("out"))
    for table, rows in organisation.items():
        assert tables[table] == [staged(table, row) for row in rows]
    assert tables["organizationsettings"] == [
        {
            "next_customer_number": counters.get("nextCustomerNumber"),
            "next_invoice_number": counters.get("nextInvoiceNumber"),
            "next_project_number": counters.get("nextProjectNumber"),
            "unique_product_codes": counters.get("uniqueIdentifierForProductsAndWorktypes"),
        }
    ]
    assert (seen["retries"], seen["duplicates"]) == (0, {})


def small() -> dict[str, list[Row]]:
    person = {"firstName": "Åse", "lastName": "Lie"}
    return {
        table: [{"guid": f"{table}-{n}", "name": f" Name {n} ", **person, "number": n} for n in range(12)]
        for table in REGISTERS
    }


def everything(tables: Mapping[str, Sequence[Row]]) -> bool:
    return all(
        sorted(row["guid"] for row in tables[table]) == sorted(row["guid"] for row in rows)
        for table, rows in small().items()
    )


@pytest.mark.parametrize(
    "faults",
    [
        [{"kind": "status", "status": 500, "body": "json", "first": 2, "route": "customers"}],
        [{"kind": "status", "status": 502, "body": "html", "first": 2, "route": "organizationsettings"}],
        [{"kind": "status", "status": 503, "body": "text", "first": 1, "retry_after": "0"}],
        [{"kind": "status", "status": 429, "body": "text", "first": 2, "route": "users"}],
        [{"kind": "status", "status": 401, "first": 1, "route": "invoices"}],
        [{"kind": "break", "how": "reset", "first": 2, "route": "products"}],
        [{"kind": "break", "how": "close", "first": 2, "route": "worktypes"}],
        [{"kind": "truncate", "first": 2, "route": "projects"}],
        [{"kind": "hang", "first": 1, "route": "customers"}],
        [{"kind": "hang", "first": 1, "in_body": True, "route": "customers"}],
        [{"kind": "slow", "seconds": 0.1, "first": 3}],
        [{"kind": "short_pages", "rows": 2}],
        [{"kind": "repeated_rows", "rows": 1}, {"kind": "short_pages", "rows": 2}],
        [{"kind": "unstable_order"}, {"kind": "short_pages", "rows": 5}],
        [{"kind": "unstable_order"}, {"kind": "short_pages", "rows": 5}, {"kind": "repeated_rows"}],
    ],
    ids=json.dumps,
)
def test_passing_trouble_is_overcome_without_loss(faults: list[Row], tmp_path: Path) -> None:
    write_severa(tmp_path / "data", **small())
    with start_severa(tmp_path / "data", {**NO_LIMIT, "faults": faults}) as server:
        tables, _ = read_severa(server, tmp_path / "out")
        assert {fault for line in server.requests() for fault in line["faults"]} == {
            f["kind"] for f in faults
        }
    assert everything(tables)


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        ({"kind": "status", "status": 503, "body": "html"}, SourceUnavailableError, "503"),
        ({"kind": "truncate"}, SourceUnavailableError, "half-way"),
        ({"kind": "break"}, SourceUnavailableError, "broke off|ended before"),
        ({"kind": "break", "how": "close"}, SourceUnavailableError, "ended before"),
        ({"kind": "hang"}, SourceUnavailableError, "in time"),
        ({"kind": "status", "status": 401}, AccessError, "AuthenticationRequired"),
        ({"kind": "status", "status": 403}, AccessError, "InsufficientApiScope.*users:read"),
        ({"kind": "status", "status": 404, "body": "empty"}, SourceDataError, "404"),
        ({"kind": "status", "status": 400}, SourceDataError, "InvalidParameter"),
        ({"kind": "redirect", "location": "http://127.0.0.1:1/"}, ConfigurationError, "redirection"),
        ({"kind": "body", "text": "<html>Log in", "content_type": "text/html"}, SourceDataError, "not JSON"),
        ({"kind": "body", "text": '{"guid": "x"}'}, SourceDataError, "array"),
        ({"kind": "stuck_token"}, SourceDataError, "does not end"),
        ({"kind": "endless_pages"}, SourceDataError, "does not end"),
    ],
)
def test_lasting_trouble_ends_in_an_error_that_names_the_route(
    fault: Row, kind: type[PresyncError], words: str, tmp_path: Path
) -> None:
    write_severa(tmp_path / "data", **small())
    config = {**NO_LIMIT, "most_rows": 3, "faults": [{"route": "customers", **fault}]}
    with start_severa(tmp_path / "data", config) as server, pytest.raises(kind, match=words) as caught:
        read_severa(server, tmp_path / "out")
    assert "/v1/customers" in str(caught.value)
    assert not (tmp_path / "out" / "manifest.json").exists()


ACTIVE = [{"guid": str(n), "name": "x", "isActive": n > 3} for n in range(25)]
CLOSED = [{"guid": str(n), "name": "x", "isClosed": False} for n in range(25)]
PAID = [{"guid": str(n), "number": n, "status": {"isSent": True, "isPaid": n > 3}} for n in range(5)]
UNIQUE = "uniqueIdentifierForProductsAndWorktypes"


@pytest.mark.parametrize(
    ("route", "field", "null"),
    [
        ("customers", "isActive", False),
        ("customers", "isActive", True),
        ("worktypes", "isActive", False),
        ("projects", "isClosed", False),
        ("invoices", "number", False),
        ("invoices", "number", True),
        ("organizationsettings", UNIQUE, False),
        ("organizationsettings", UNIQUE, True),
    ],
)
def test_a_field_that_is_missing_everywhere_is_an_error(
    severa_server: SeveraProcess, tmp_path: Path, route: str, field: str, null: bool
) -> None:
    files: dict[str, Any] = {
        "customers": ACTIVE,
        "worktypes": ACTIVE,
        "projects": CLOSED,
        "invoices": PAID,
        "organizationsettings": SETTINGS,
    }
    write_severa(severa_server.data, **files)
    assert read_severa(severa_server, tmp_path / "whole")[0]["invoices"][0]["number"] == 0
    missing = {"kind": "without_field", "field": field, "null": null, "route": route}
    with (
        start_severa(severa_server.data, {**NO_LIMIT, "faults": [missing]}) as server,
        pytest.raises(SourceDataError, match=rf"/v1/{route} lacks the field {field}"),
    ):
        read_severa(server, tmp_path / "out")


def test_a_single_null_and_drafts_without_numbers_are_legal(
    severa_server: SeveraProcess, tmp_path: Path
) -> None:
    drafts = [{"guid": str(n), "number": None, "status": {"isSent": False}} for n in range(30)]
    customers = [{**row, "isActive": None} if row["guid"] != "9" else row for row in ACTIVE]
    write_severa(severa_server.data, customers=customers, invoices=drafts)
    tables, _ = read_severa(severa_server, tmp_path / "out")
    assert (len(tables["customers"]), len(tables["invoices"])) == (25, 30)


def test_a_server_that_ignores_first_row_ends_in_an_error(tmp_path: Path) -> None:
    write_severa(tmp_path / "data", **small())
    config = {**NO_LIMIT, "faults": [{"kind": "ignore_first_row", "route": "worktypes"}]}
    with (
        start_severa(tmp_path / "data", config) as server,
        pytest.raises(SourceDataError, match="does not end"),
    ):
        read_severa(server, tmp_path / "out")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"guid": "g-7", "name": None}, "row 1 .*g-7.* field name"),
        ({"guid": "g-7"}, "row 1 .*g-7.*`name`"),
        ({"guid": "g-7", "name": "x", "number": 2**63}, "g-7.* field number"),
        ({"guid": "g-7", "name": "x", "number": "7"}, "g-7.* field number"),
    ],
)
def test_a_record_that_cannot_be_read_is_named(
    severa_server: SeveraProcess, row: Row, words: str, tmp_path: Path
) -> None:
    write_severa(severa_server.data, customers=[row])
    with pytest.raises(SourceDataError, match=rf"/v1/customers.*{words}"):
        read_severa(severa_server, tmp_path)


def test_settings_that_are_not_there_are_an_error(severa_server: SeveraProcess, tmp_path: Path) -> None:
    write_severa(severa_server.data)
    (severa_server.data / "organizationsettings.json").unlink()
    with pytest.raises(SourceDataError, match="/v1/organizationsettings"):
        read_severa(severa_server, tmp_path)


def test_refused_credentials_stop_everything_at_the_login(tmp_path: Path) -> None:
    config = {"clients": {"a client": {"secret": "another secret"}}}
    with start_severa(write_severa(tmp_path / "data"), config) as server:
        with pytest.raises(AccessError, match="refuses the credentials") as caught:
            read_severa(server, tmp_path / "out")
        assert [line["route"] for line in server.requests()] == ["token"]
    assert "a secret" not in str(caught.value)


def test_a_server_that_is_gone_is_unavailable(tmp_path: Path) -> None:
    server = start_severa(write_severa(tmp_path / "data"))
    server.stop()
    with pytest.raises(SourceUnavailableError, match="cannot be reached"):
        read_severa(server, tmp_path / "out")


def test_the_servers_own_limit_is_never_met(tmp_path: Path) -> None:
    write_severa(tmp_path / "data", customers=some_customers(11), organizationdetails={"guid": "6f1c"})
    with start_severa(tmp_path / "data", {"most_rows": 1, "latency_seconds": 0.02}) as server:
        tables, seen = read_severa(server, tmp_path / "out", limit=RateLimit())
        assert {line["status"] for line in server.requests()} == {200}
        assert seen["requests"] == len(server.requests()) > 20
    assert len(tables["customers"]) == 11


def test_a_token_shorter_than_the_reading_is_renewed(tmp_path: Path) -> None:
    write_severa(tmp_path / "data", customers=some_customers(40))
    config = {**NO_LIMIT, "most_rows": 1, "latency_seconds": 0.03, "token_lifetime_seconds": 0.5}
    with start_severa(tmp_path / "data", config) as server:
        tables, _ = read_severa(server, tmp_path / "out")
        assert len(server.requests("token")) > 1
    assert len(tables["customers"]) == 40


def test_what_was_seen_holds_no_secret(severa_server: SeveraProcess, tmp_path: Path) -> None:
    write_severa(severa_server.data, **small(), organizationdetails={"guid": "6f1c", "name": "Lund"})
    _, seen = read_severa(severa_server, tmp_path)
    assert seen["identity"] == {"severa": {"organisation": "6f1c", "names": ["Lund"]}}
    assert seen["base_url"] == severa_server.api
    assert seen["scopes"] == sorted(
        [
            "customers:read",
            "projects:read",
            "invoices:read",
            "users:read",
            "settings:read",
            "organization:read",
        ]
    )
    assert "a secret" not in (tmp_path / "manifest.json").read_text()


def test_extract_reads_the_airflow_connection(
    severa_server: SeveraProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_severa(severa_server.data, organizationsettings=SETTINGS)
    connection = {
        "conn_type": "severa",
        "host": severa_server.api,
        "login": "via-airflow",
        "password": "hush",
    }
    monkeypatch.setenv("AIRFLOW_CONN_SEVERA__NORDLYS", json.dumps(connection))
    writer = ExtractWriter(tmp_path, "severa", tenant="nordlys", run_id="run")
    writer.finish(extract(Tenant(tenant="nordlys", title="Nordlys AS"), writer))
    assert "via-airflow" in {line["client_id"] for line in severa_server.requests()}


def test_a_disk_that_is_full_is_no_fault_of_severa(severa_server: SeveraProcess, tmp_path: Path) -> None:
    write_severa(severa_server.data)
    writer = ExtractWriter(tmp_path / "not there", "severa", tenant="nordlys", run_id="run")
    access = SeveraAccess(severa_server.api, "id", "secret")
    with pytest.raises(OSError, match="not there"):
        asyncio.run(read_organization(access, writer, HASTY, RateLimit(1000, 0.01)))


def test_two_thousand_pages_of_a_server_that_refuses_one_in_ten(tmp_path: Path) -> None:
    rows = some_customers(1000)
    refusal = {"kind": "status", "status": 429, "body": "text", "route": "customers", "every": 10}
    config = {"most_rows": 1, "rate_limit": {"enabled": False}, "faults": [refusal]}
    with start_severa(write_severa(tmp_path / "data", customers=rows), config) as server:
        tables, seen = read_severa(
            server, tmp_path / "out", replace(HASTY, tries=7, first=0.002), RateLimit(10, 0.02)
        )
    assert len(tables["customers"]) == 1000
    assert seen["refusals"] > 200
