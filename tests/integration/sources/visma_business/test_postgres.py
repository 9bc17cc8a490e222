"""Reading a company over a network driver (psqlODBC): the same rows, and what a server can do to a reader."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presync.errors import AccessError, CatalogueError, ConfigurationError, SourceUnavailableError
from presync.sources.visma_business import extract
from presync.sources.visma_business.connection import Company, _confirm_database, open_company
from tests.support.patience import PATIENCE
from tests.support.postgres import PASSWORD, USER, Postgres
from tests.support.visma_business import HASTY, SCHEMA, connection, extracted, tenant

WHOLE = tenant(
    customer_series={"first": "FrNo", "last": "ToNo"},
    transfer={"customers": {"except": {"field": "Gr5", "value": 1}}},
)


@pytest.fixture(scope="module")
def company(postgres: Postgres) -> Postgres:
    """A server with a company whose names keep their case, as SQL Server's do."""
    with postgres.connect_to("company") as database:
        for table, columns in SCHEMA.items():
            names = ", ".join(f'"{name}" {kind}' for name, kind in pairs(columns))
            database.execute(f'CREATE TABLE "{table}" ({names})')
    return postgres


def pairs(columns: str) -> Iterator[tuple[str, str]]:
    for column in columns.split(", "):
        name, kind = column.split(" ", 1)
        yield name, kind.replace("INT", "BIGINT").replace("VARCHAR(80)", "TEXT")


@contextmanager
def reading(server: Postgres, database: str = "company", **odbc: Any) -> Iterator[None]:
    keywords = server.odbc(database) | {name: str(value) for name, value in odbc.items()}
    with connection(driver=keywords.pop("Driver"), odbc=keywords):
        yield


def fill(server: Postgres, table: str, rows: list[tuple[Any, ...]]) -> None:
    with server.connect_to("company") as database, database.cursor() as cursor:
        cursor.execute(f'TRUNCATE "{table}"')
        if rows:
            marks = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(f'INSERT INTO "{table}" VALUES ({marks})', rows)


TEXT = st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
INTEGER = st.none() | st.integers(-(2**63), 2**63 - 1)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(INTEGER, TEXT, st.integers(1, 2**63 - 1), INTEGER, INTEGER, TEXT, TEXT, INTEGER, INTEGER),
        max_size=8,
    )
)
def test_what_goes_in_comes_out(company: Postgres, actors: list[tuple[Any, ...]]) -> None:
    actors = [(*row[:5], row[5] and row[5][:20], *row[6:]) for row in actors]
    fill(company, "Actor", actors)
    with reading(company):
        staged = extracted(WHOLE)
    expected = [
        (text(act), name, text(cust), text(emp), deliver, business, mail, gr5, None)
        for act, name, cust, emp, deliver, business, mail, _, gr5 in actors
    ]
    assert [tuple(row.values()) for row in staged.rows["associates"]] == expected


def text(number: int | None) -> str | None:
    return None if number is None else str(number)


def test_names_folded_by_the_server_are_found(postgres: Postgres) -> None:
    with postgres.connect_to("folded") as database:
        for table, columns in SCHEMA.items():
            database.execute(f"CREATE TABLE {table} ({columns})")
        database.execute("INSERT INTO acint VALUES (1, 1, 10, 20)")
    with reading(postgres, "folded"):
        assert extracted(WHOLE).rows["customer_series"] == [{"account_class": 1, "first": 10, "last": 20}]


def test_numeric_columns_hold_codes_exactly(postgres: Postgres) -> None:
    with postgres.connect_to("numeric") as database:
        for table, columns in SCHEMA.items():
            database.execute(f"CREATE TABLE {table} ({columns.replace('RNo INT', 'RNo NUMERIC(19,2)')})")
        database.execute("INSERT INTO r1 VALUES (9007199254740993, 'Salg', 0)")
    with reading(postgres, "numeric"):
        assert extracted(WHOLE).rows["departments"][0]["code"] == "9007199254740993"


@pytest.mark.parametrize(
    ("odbc", "kind"),
    [
        ({"PWD": "not the password"}, AccessError),
        ({"UID": "stranger"}, AccessError),
        ({"Database": "F0009"}, ConfigurationError),
        ({"Port": 1}, SourceUnavailableError),
    ],
)
def test_what_stops_the_connection_is_said_without_secrets(
    company: Postgres, odbc: dict[str, Any], kind: type[Exception]
) -> None:
    with reading(company, **odbc), pytest.raises(kind) as caught:
        extracted(WHOLE)
    message = str(caught.value)
    assert "visma_business__c" in message
    for secret in (PASSWORD, USER + '"', "not the password", "stranger", "UID=", "PWD="):
        assert secret not in message
    assert caught.value.__suppress_context__


def test_a_database_without_tables_is_refused(postgres: Postgres) -> None:
    with reading(postgres, "empty"), pytest.raises(CatalogueError, match="no tables at all"):
        extracted(WHOLE)


def test_the_tenants_database_overrides_the_connections(company: Postgres) -> None:
    fill(company, "R1", [(7, "Salg", 0)])
    with reading(company, "postgres"):
        staged = extracted(tenant(database="company", customer_series="none"))
    assert staged.rows["departments"][0]["code"] == "7"


def test_another_database_than_the_tenants_is_refused(company: Postgres) -> None:
    with reading(company), open_company(WHOLE) as opened, pytest.raises(ConfigurationError, match="F0002"):
        _confirm_database(opened.connection, "F0002", opened.where)


def test_a_table_without_the_right_to_read_is_named(company: Postgres) -> None:
    with company.connect_to("company") as database:
        database.execute("DROP ROLE IF EXISTS table_reader")
        database.execute("CREATE ROLE table_reader LOGIN PASSWORD 'r'")
        database.execute('GRANT SELECT ON "R1" TO table_reader')
    with reading(company, UID="table_reader", PWD="r"), pytest.raises(AccessError, match="reading table R2"):
        extracted(WHOLE)


@pytest.mark.parametrize("losses", [1, 3])
def test_a_connection_lost_in_the_middle_is_read_again_or_no_extract(
    company: Postgres, monkeypatch: pytest.MonkeyPatch, losses: int
) -> None:
    fill(company, "Actor", [(i, "x", i, 0, 0, "", "", 0, 0) for i in range(1, 5_001)])
    fetch = extract._fetch
    portions: list[int] = []

    def fetch_and_cut(cursor: Any, source: Company, table: str) -> Any:
        if table == "Actor":
            portions.append(1)
        if table == "Actor" and len(portions) % 3 == 0 and len(portions) <= 3 * losses:
            worker = threading.Thread(target=terminate, args=(company,))
            worker.start()
            worker.join(PATIENCE)
        return fetch(cursor, source, table)

    monkeypatch.setattr(extract, "_fetch", fetch_and_cut)
    with reading(company):
        if losses == HASTY.tries:
            with pytest.raises(SourceUnavailableError, match="reading table Actor"):
                extracted(WHOLE)
            return
        staged = extracted(WHOLE)
    assert len(staged.rows["associates"]) == 5_000
    assert staged.manifest.seen["read_again"] == {"associates": losses}


def terminate(server: Postgres) -> None:
    with server.connect_to("company") as database:
        database.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = 'company' AND pid <> pg_backend_pid()"
        )
