"""A driver's error becomes the exception that tells the operator what to do, and never holds a secret."""

from __future__ import annotations

import pickle

import pyodbc
import pytest

from presync.errors import (
    AccessError,
    CatalogueError,
    ConfigurationError,
    PresyncError,
    SourceDataError,
    SourceUnavailableError,
)
from presync.sources.visma_business.driver_errors import (
    Attempt,
    BusyError,
    LostError,
    SnapshotRefusedError,
    connecting_error,
    reading_error,
)

SECRETS = ["reader", "hunter2"]


@pytest.mark.parametrize(
    ("state", "text", "kind"),
    [
        ("28000", "[Microsoft][ODBC Driver 18]Login failed for user 'reader'. (18456)", AccessError),
        ("42000", "[FreeTDS][SQL Server]Login failed for user 'reader'. (18456)", AccessError),
        ("08001", 'FATAL:  password authentication failed for user "reader"', AccessError),
        ("08001", "fe_sendauth: no password supplied", AccessError),
        (
            "42000",
            "[Microsoft][ODBC Driver 18 for SQL Server][SQL Server]Cannot open database. (4060); [28000] "
            "Login failed for user 'reader'. (18456) (SQLDriverConnect)",
            ConfigurationError,
        ),
        ("08004", "[Microsoft][x][SQL Server]The server principal (916) (SQLDriverConnect)", AccessError),
        ("42000", "[FreeTDS][SQL Server]Reason: Server is in single user mode. (18461)", BusyError),
        (
            "08001",
            "Invalid value specified for connection string attribute 'Encrypt' (0)",
            ConfigurationError,
        ),
        ("HY000", "[Microsoft]SSPI Provider: No Kerberos credentials available (458752)", AccessError),
        ("IM002", "Data source name not found and no default driver specified", ConfigurationError),
        ("01000", "[unixODBC][Driver Manager]Can't open lib 'X' : file not found", ConfigurationError),
        ("08001", 'FATAL:  database "F0009" does not exist', ConfigurationError),
        ("HYT00", "[Microsoft]Login timeout expired", SourceUnavailableError),
        (
            "08001",
            "connection to server at 10.0.0.1, port 1433 failed: Connection refused",
            SourceUnavailableError,
        ),
        ("HY000", "something new", SourceUnavailableError),
    ],
)
def test_connecting(state: str, text: str, kind: type[PresyncError]) -> None:
    error = connecting_error(pyodbc.Error(state, f"[{state}] {text}"), "company c", SECRETS)
    assert type(error) is kind
    assert "company c" in error.message
    assert "reader" not in error.message
    assert error.source == "visma_business"


@pytest.mark.parametrize(
    ("state", "text", "kind"),
    [
        ("42000", "The SELECT permission was denied on the object 'Actor' (229)", AccessError),
        ("42501", "ERROR: permission denied for table actor", AccessError),
        ("42000", "The server principal is not able to access the database 'F9'. (916)", AccessError),
        ("08S01", "[Microsoft][ODBC Driver 18]TCP Provider: Error code 0x68 (104) (SQLGetData)", LostError),
        ("01000", "[FreeTDS][SQL Server]Unexpected EOF from the server (20017) (SQLFetch)", LostError),
        ("HY000", "[FreeTDS][SQL Server]Unknown error (0) (SQLFetch)", LostError),
        ("HY000", "[Microsoft]Unknown token received from SQL Server (0) (SQLGetData)", LostError),
        ("42000", "[FreeTDS][SQL Server]Cannot continue, the session is in the kill state. (596)", LostError),
        ("57P01", "FATAL: terminating connection due to administrator command", LostError),
        ("40001", "Transaction was deadlocked on lock resources (1205)", LostError),
        ("42000", "[FreeTDS][SQL Server]Transaction was deadlocked on lock resources (1205)", LostError),
        ("HY000", "The connection has been lost", LostError),
        ("HYT00", "Query timeout expired", SourceUnavailableError),
        ("HY000", "[SQLite]database is locked (5)", SourceUnavailableError),
        ("HY000", "[SQLite]database disk image is malformed (11)", SourceDataError),
        ("42000", "[FreeTDS][SQL Server]Snapshot isolation transaction failed (3952)", SnapshotRefusedError),
        ("42S02", "Invalid object name 'dbo.Actor'. (208)", CatalogueError),
        ("42S22", "Invalid column name 'BsNo'. (207)", CatalogueError),
        ("42000", "Incorrect syntax near 'LIMIT'. (102)", SourceDataError),
    ],
)
def test_reading(state: str, text: str, kind: type[PresyncError]) -> None:
    error = reading_error(
        pyodbc.Error(state, f"[{state}] {text}"), "company c", "reading table Actor", SECRETS
    )
    assert type(error) is kind
    assert "reading table Actor" in error.message
    assert error.retryable is issubclass(kind, SourceUnavailableError)


def test_a_trusted_login_without_a_ticket_is_no_matter_of_the_network() -> None:
    error = pyodbc.Error(
        "08001", "[FreeTDS][SQL Server]Unable to connect to data source (0) (SQLDriverConnect)"
    )
    assert isinstance(connecting_error(error, "w", [], Attempt(trusted=True)), AccessError)
    assert isinstance(connecting_error(error, "w", [], Attempt()), SourceUnavailableError)


@pytest.mark.parametrize("number", [18456, 4060, 916])
def test_a_login_that_was_accepted_a_moment_ago_is_tried_again(number: int) -> None:
    error = pyodbc.Error("28000", f"[28000] [FreeTDS][SQL Server]Login failed ({number}) (SQLDriverConnect)")
    assert type(connecting_error(error, "w", [], Attempt(again=True))) is BusyError
    assert not connecting_error(error, "w", [], Attempt()).retryable


def test_an_unreachable_server_is_tried_again_at_once_only_if_it_was_reached_before() -> None:
    error = pyodbc.Error("08001", "Connection refused")
    assert type(connecting_error(error, "w", [], Attempt(again=True))) is LostError
    assert type(connecting_error(error, "w", [], Attempt())) is SourceUnavailableError


def test_secrets_go_whatever_their_case_and_words_stay() -> None:
    text = "user 'Reader' with hunter2 at readers.example;PWD=HUNTER2;"
    message = connecting_error(pyodbc.Error("08001", text), "w", SECRETS).message
    assert "hunter2" not in message.lower()
    assert "'Reader'" not in message
    assert "readers.example" in message


def test_an_error_without_text_is_still_an_error() -> None:
    error = reading_error(pyodbc.Error(), "w", "reading", [])
    assert isinstance(error, SourceDataError)
    assert pickle.loads(pickle.dumps(error)).message == error.message  # noqa: S301
