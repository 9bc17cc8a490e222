"""An open ODBC connection to one company, which can be opened again when it was lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from presync.errors import ConfigurationError, PresyncError, SourceUnavailableError
from presync.sources.visma_business.driver_errors import (
    SOURCE,
    Attempt,
    LostError,
    connecting_error,
    reading_error,
)
from presync.sources.visma_business.waiting import CLOSING, TooLongError, within
from presync.tenants.model import Tenant

if TYPE_CHECKING:
    import pyodbc

    from presync.sources.visma_business.odbc_settings import CompanyConnection

SQL_SERVER: Final = "Microsoft SQL Server"


@dataclass
class Company:
    """One company's open connection; `where` names it in messages, without secrets."""

    connection: pyodbc.Connection
    where: str
    is_sqlite: bool
    secrets: Sequence[str] = field(repr=False)
    hook: CompanyConnection = field(repr=False)
    database: str | None = None
    _busy: pyodbc.Cursor | None = field(default=None, repr=False)
    _cancelling: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @contextmanager
    def doing(self, doing: str) -> Iterator[None]:
        """An ODBC error inside becomes one of ours and says what was being done."""
        import pyodbc

        error: pyodbc.Error
        try:
            yield
            return
        except pyodbc.Error as raised:
            error = raised
        raise reading_error(error, self.where, doing, self.secrets) from None

    @contextmanager
    def cursor(self, doing: str) -> Iterator[pyodbc.Cursor]:
        """Yield a cursor; an ODBC error inside becomes one of ours and says what was being done."""

        with self.doing(doing):
            self._busy = cursor = self.connection.cursor()
            try:
                yield cursor
            finally:
                self._leave(cursor)

    def _leave(self, cursor: pyodbc.Cursor) -> None:
        """Close a cursor; if that takes too long, leave it: the connection is of no more use."""
        import pyodbc

        # a cursor that is closed while it is cancelled crashes the driver
        if not self._cancelling.acquire(timeout=CLOSING):
            return
        try:
            self._busy = None
        finally:
            self._cancelling.release()
        with suppress(pyodbc.Error, TooLongError):  # a lost connection refuses that too, and hides the reason
            within(CLOSING, cursor.close)

    def begin_transaction(self) -> None:
        """Let a transaction begin with the next statement.

        Raises what `doing` raises, or SourceUnavailableError if the server does not answer in time.
        """

        def begin() -> None:
            self.connection.autocommit = False

        seconds = self.hook.query_timeout or None
        with self.doing("beginning to read"):
            try:
                within(seconds, begin)
            except TooLongError:
                raise SourceUnavailableError(
                    f"{self.where} was interrupted while beginning to read: the server did not begin a "
                    f"transaction "
                    f"within {seconds} s (`query_timeout`). Nothing was read yet; the run tries again.",
                    source=SOURCE,
                ) from None

    def cancel(self) -> None:
        """Tell the server to give up the statement that another thread waits for."""
        import pyodbc

        with self._cancelling, suppress(pyodbc.Error):
            if self._busy:
                self._busy.cancel()

    def reopen(self) -> None:
        """Leave the connection, which may be lost, and open another one to the same database.

        Raises LostError where the server is not reached; BusyError where it refuses the login that it
        accepted before, as a server does that starts.
        """
        self.close()
        self.connection = _connected(self.hook, self.where, again=True)
        if self.database and not self.is_sqlite:
            _confirm_database(self.connection, self.database, self.where)

    def close(self) -> None:
        """Close the connection, whatever state it is in."""
        import pyodbc

        with suppress(pyodbc.Error, TooLongError):
            within(CLOSING, self.connection.close)

    def quoted(self, *names: str | None) -> str:
        """Return names quoted as this make wants it and joined by dots; empty ones are left out.

        SQL Server takes `"` for a text's mark where a connection says so (`QuotedId=no`): never brackets.
        """
        import pyodbc

        if self.dbms == SQL_SERVER:
            return ".".join(f"[{name.replace(']', ']]')}]" for name in names if name)
        mark = str(self.connection.getinfo(pyodbc.SQL_IDENTIFIER_QUOTE_CHAR) or '"').strip() or '"'
        return ".".join(f"{mark}{name.replace(mark, mark * 2)}{mark}" for name in names if name)

    @property
    def dbms(self) -> str:
        """The database's own name of its make, such as `Microsoft SQL Server`."""
        import pyodbc

        return str(self.connection.getinfo(pyodbc.SQL_DBMS_NAME))

    def about(self) -> dict[str, str]:
        """Return the driver's and the database's own names and versions."""
        import pyodbc

        asked = {
            "driver": pyodbc.SQL_DRIVER_NAME,
            "driver_version": pyodbc.SQL_DRIVER_VER,
            "dbms": pyodbc.SQL_DBMS_NAME,
            "dbms_version": pyodbc.SQL_DBMS_VER,
            "database": pyodbc.SQL_DATABASE_NAME,
        }
        return {name: str(self.connection.getinfo(code)) for name, code in asked.items()}


@contextmanager
def open_company(tenant: Tenant) -> Iterator[Company]:
    """Connect to a tenant's company database through Airflow's connection, and close it afterwards.

    `visma_business.database` of the tenant file overrides the connection's database, except for SQLite,
    where the connection says which file it is. Raises ConfigurationError, AccessError or
    SourceUnavailableError.
    """
    from presync.sources.visma_business.odbc_settings import CompanyConnection

    connection_id = tenant.connection_id("visma_business")
    where = f"Visma Business of {tenant.tenant} (connection {connection_id})"
    database = tenant.visma_business.database
    with opened(CompanyConnection(odbc_conn_id=connection_id, database=database), where, database) as company:
        yield company


@contextmanager
def opened(hook: CompanyConnection, where: str, database: str | None = None) -> Iterator[Company]:
    """Do the work of `open_company` for a hook at hand."""
    connection = _connected(hook, where)
    company = Company(connection, where, hook.is_sqlite, hook.secrets, hook, database)
    try:
        if database and not hook.is_sqlite:
            _confirm_database(connection, database, where)
        yield company
    finally:
        company.close()


def _connected(hook: CompanyConnection, where: str, *, again: bool = False) -> pyodbc.Connection:
    import pyodbc
    from airflow.sdk.exceptions import AirflowNotFoundException

    failure: PresyncError
    try:
        connection: pyodbc.Connection = hook.get_conn()
        return connection
    except AirflowNotFoundException:
        failure = ConfigurationError(
            f"{where}: Airflow has no such connection, or cannot read its JSON, so the company cannot be "
            "read. Create it in the secrets backend, as the variable "
            f"AIRFLOW_CONN_{hook.connection_id.upper()} or under Admin, Connections; or name another one in "
            "`visma_business.connection` of the tenant file.",
            source=SOURCE,
        )
    except ConfigurationError as error:
        failure = ConfigurationError(f"{where} cannot be used: {error.message}", source=SOURCE)
    except TooLongError:
        failure = (LostError if again else SourceUnavailableError)(
            f"{where} accepted the connection and then did not answer within {hook.connecting_timeout} s. "
            "Check that the server is not frozen and that no firewall swallows its answers; the run tries "
            "again.",
            source=SOURCE,
        )
    except pyodbc.Error as error:
        attempt = Attempt(hook.database_name, trusted=hook.is_trusted, again=again)
        failure = connecting_error(error, where, hook.secrets, attempt)
    raise failure from None


def _confirm_database(connection: pyodbc.Connection, wanted: str, where: str) -> None:
    import pyodbc

    actual = str(connection.getinfo(pyodbc.SQL_DATABASE_NAME) or "")
    if actual and actual.casefold() != wanted.casefold():
        raise ConfigurationError(
            f"{where} leads to the database {actual}, the tenant file wants {wanted}: another company would "
            "be checked. Correct `visma_business.database` or the connection.",
            source=SOURCE,
        )
