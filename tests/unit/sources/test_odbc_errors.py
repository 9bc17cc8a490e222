"""A driver's error becomes the exception that tells the operator what to do, and never holds a secret."""

from __future__ import annotations

import pickle

import pyodbc  # noqa: TID253
import pytest

from presync.errors import (
    AccessError,
    ConfigurationError,
    PresyncError,
    SourceDataError,
    SourceUnavailableError,
)
from presync.sources.odbc import connecting_error, reading_error

SECRETS = ["reader", "hunter2"]


@pytest.mark.parametrize(
    ("state", "text", "kind"),
    [
        ("28000", "[Microsoft][ODBC Driver 18]Login failed for user 'reader'. (18456)", AccessError),
        ("42000", "[FreeTDS][SQL Server]Login failed for user 'reader'. (18456)", AccessError),
        ("08001", 'FATAL:  password authentication failed for user "reader"', AccessError),
        ("08001", "fe_sendauth: no password supplied", AccessError),
        ("42000", 'Cannot open database "F0009" requested by the login. (4060)', AccessError),
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
        ("08S01", "Communication link failure", SourceUnavailableError),
        ("57P01", "FATAL: terminating connection due to administrator command", SourceUnavailableError),
        ("40001", "Transaction was deadlocked on lock resources (1205)", SourceUnavailableError),
        ("HYT00", "Query timeout expired", SourceUnavailableError),
        ("HY000", "[SQLite]database is locked (5)", SourceUnavailableError),
        ("HY000", "The connection has been lost", SourceUnavailableError),
        ("HY000", "[SQLite]database disk image is malformed (11)", SourceDataError),
        ("42S22", "Invalid column name 'BsNo'", SourceDataError),
    ],
)
def test_reading(state: str, text: str, kind: type[PresyncError]) -> None:
    error = reading_error(
        pyodbc.Error(state, f"[{state}] {text}"), "company c", "reading table Actor", SECRETS
    )
    assert type(error) is kind
    assert "reading table Actor" in error.message
    assert error.retryable is (kind is SourceUnavailableError)


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
