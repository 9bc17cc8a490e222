"""An open ODBC connection to one company, and what its errors mean to the operator."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from presync.errors import (
    AccessError,
    ConfigurationError,
    PresyncError,
    SourceDataError,
    SourceUnavailableError,
)
from presync.tenants import Tenant

if TYPE_CHECKING:
    import pyodbc

SOURCE = "visma_business"

_REFUSED = re.compile(
    r"18456|login failed|password authentication failed|no password supplied|role .* does not exist"
    r"|cannot open database|not permitted to log in|access denied",
    re.IGNORECASE,
)
_NO_DRIVER = re.compile(r"can't open lib|data source name not found", re.IGNORECASE)
_NO_DATABASE = re.compile(r"database .* does not exist|unknown database|connect failed \(14\)", re.IGNORECASE)
_DENIED = re.compile(r"permission|\(229\)|access denied|not authorized", re.IGNORECASE)
_LOST = re.compile(
    r"communication|connection|network|timeout|timed out|locked|deadlock|\bbusy\b|shut ?down|terminat",
    re.IGNORECASE,
)
_LOST_STATES = ("08", "57P", "53", "40", "HYT")


@dataclass
class Company:
    """One company's open connection; `where` names it in messages, without secrets."""

    connection: pyodbc.Connection
    where: str
    is_sqlite: bool
    secrets: Sequence[str] = field(repr=False)

    @contextmanager
    def cursor(self, doing: str) -> Iterator[pyodbc.Cursor]:
        """Yield a cursor; an ODBC error inside becomes one of ours and says what was being done."""
        import pyodbc

        error: pyodbc.Error
        try:
            cursor = self.connection.cursor()
            try:
                yield cursor
            finally:
                with suppress(pyodbc.Error):  # a lost connection refuses that too, and hides the reason
                    cursor.close()
            return
        except pyodbc.Error as raised:
            error = raised
        raise reading_error(error, self.where, doing, self.secrets) from None

    def quoted(self, *names: str | None) -> str:
        """Return names quoted as this driver wants it and joined by dots; empty ones are left out."""
        import pyodbc

        mark = str(self.connection.getinfo(pyodbc.SQL_IDENTIFIER_QUOTE_CHAR) or '"').strip() or '"'
        return ".".join(f"{mark}{name.replace(mark, mark * 2)}{mark}" for name in names if name)

    def about(self) -> dict[str, str]:
        """Return the driver's and the database's own names and versions."""
        import pyodbc

        asked = {
            "driver": pyodbc.SQL_DRIVER_NAME,
            "driver_version": pyodbc.SQL_DRIVER_VER,
            "dbms": pyodbc.SQL_DBMS_NAME,
            "dbms_version": pyodbc.SQL_DBMS_VER,
        }
        return {name: str(self.connection.getinfo(code)) for name, code in asked.items()}


@contextmanager
def open_company(tenant: Tenant) -> Iterator[Company]:
    """Connect to a tenant's company database through Airflow's connection, and close it afterwards.

    `visma_business.database` of the tenant file overrides the connection's database, except for SQLite,
    where the connection says which file it is. Raises ConfigurationError, AccessError or
    SourceUnavailableError.
    """
    from presync.sources.odbc_hook import CompanyHook

    connection_id = tenant.connection_id("visma_business")
    where = f"Visma Business of {tenant.tenant} (connection {connection_id})"
    database = tenant.visma_business.database
    hook = CompanyHook(odbc_conn_id=connection_id, database=database)
    connection = _connected(hook, where, connection_id)
    try:
        if database and not hook.is_sqlite:
            _confirm_database(connection, database, where)
        yield Company(connection, where, hook.is_sqlite, hook.secrets)
    finally:
        connection.close()


def _connected(hook: Any, where: str, connection_id: str) -> pyodbc.Connection:
    import pyodbc
    from airflow.sdk.exceptions import AirflowNotFoundException

    failure: PresyncError
    try:
        connection: pyodbc.Connection = hook.get_conn()
        return connection
    except AirflowNotFoundException:
        failure = ConfigurationError(
            f"{where}: Airflow has no such connection, or cannot make sense of what is written there, so the "
            "company cannot be read. Create it in the secrets backend, as the variable "
            f"AIRFLOW_CONN_{connection_id.upper()} or under Admin, "
            "Connections; or name another one in `visma_business.connection` of the tenant file.",
            source=SOURCE,
        )
    except ConfigurationError as error:
        failure = ConfigurationError(f"{where} cannot be used: {error.message}", source=SOURCE)
    except pyodbc.Error as error:
        failure = connecting_error(error, where, hook.secrets)
    raise failure from None


def _confirm_database(connection: pyodbc.Connection, wanted: str, where: str) -> None:
    import pyodbc

    actual = str(connection.getinfo(pyodbc.SQL_DATABASE_NAME) or "")
    if actual and actual.casefold() != wanted.casefold():
        raise ConfigurationError(
            f"{where} leads to the database {actual}, the tenant file wants {wanted}: another company would "
            "be checked. Mend `visma_business.database` or the connection.",
            source=SOURCE,
        )


def connecting_error(error: pyodbc.Error, where: str, secrets: Sequence[str]) -> PresyncError:
    """Return what a failed connection means: refused, wrongly configured, or not reachable now."""
    state, text = _parts(error, secrets)
    if state.startswith("28") or _REFUSED.search(text):
        return AccessError(
            f"{where} refused the login ({state}: {text}). Nothing could be read. Mend login and password of "
            "the connection, or ask the database's owner for a read-only login.",
            source=SOURCE,
        )
    if state == "IM002" or _NO_DRIVER.search(text):
        return ConfigurationError(
            f"{where}: the ODBC driver or DSN is not installed here ({state}: {text}). Install it on every "
            "worker, or mend `driver` or `dsn` in the connection's extra.",
            source=SOURCE,
        )
    if _NO_DATABASE.search(text):
        return ConfigurationError(
            f"{where}: the database is not there ({state}: {text}). Mend the database's name in the "
            "connection or in `visma_business.database`.",
            source=SOURCE,
        )
    return SourceUnavailableError(
        f"{where} cannot be reached ({state}: {text}). Check that the server runs and that this machine may "
        "reach it; the run tries again.",
        source=SOURCE,
    )


def reading_error(error: pyodbc.Error, where: str, doing: str, secrets: Sequence[str]) -> PresyncError:
    """Return what an error after connecting means: right missing, connection lost, or data unreadable."""
    state, text = _parts(error, secrets)
    if state == "42501" or (state.startswith("42") and _DENIED.search(text)):
        return AccessError(
            f"{where}: no right for {doing} ({state}: {text}). Ask the database's owner for SELECT on it.",
            source=SOURCE,
        )
    if state.startswith(_LOST_STATES) or _LOST.search(text):
        return SourceUnavailableError(
            f"{where} broke off while {doing} ({state}: {text}). What was read so far does not count; "
            "the run tries again.",
            source=SOURCE,
        )
    return SourceDataError(
        f"{where}: {doing} failed ({state}: {text}). Nothing of it counts; "
        "somebody must look at the database.",
        source=SOURCE,
    )


def _parts(error: pyodbc.Error, secrets: Sequence[str]) -> tuple[str, str]:
    """Return SQLSTATE and the driver's text on one line, without what must stay secret."""
    state = str(error.args[0]) if error.args else "HY000"
    text = " ".join(str(error.args[-1]).split()) if error.args else "no reason given"
    for secret in sorted(secrets, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "***", text, flags=re.IGNORECASE)
    return state, text[:500]
