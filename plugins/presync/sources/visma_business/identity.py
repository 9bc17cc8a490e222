"""Which company answers, as the server itself says it: the connection may name it in many ways."""

from __future__ import annotations

from pathlib import Path

from presync.errors import ConfigurationError, PresyncError
from presync.sources.visma_business.connection import Company
from presync.sources.visma_business.driver_errors import SOURCE
from presync.sources.visma_business.selection import CompanySelection


def company_identity(company: Company) -> dict[str, str]:
    """Return `{"server", "database"}`; over SQLite the server is "" and the database the file's real path.

    Raises what `Company.cursor` raises.
    """
    import pyodbc

    if company.is_sqlite:
        with company.cursor("asking for the file") as cursor:
            row = cursor.execute("SELECT file FROM pragma_database_list WHERE name = 'main'").fetchone()
        return {"server": "", "database": str(Path(row[0]).resolve()) if row and row[0] else ""}
    server = company.connection.getinfo(pyodbc.SQL_SERVER_NAME)
    database = company.connection.getinfo(pyodbc.SQL_DATABASE_NAME)
    if "sql server" in company.dbms.lower():
        # the driver repeats what the connection says; @@SERVERNAME is NULL where nobody has set it
        with company.cursor("asking for the server's name") as cursor:
            said = cursor.execute("SELECT @@SERVERNAME, DB_NAME()").fetchone()
        server, database = said[0] or server, said[1] or database
    return {"server": str(server or "").strip(), "database": str(database or "").strip()}


def company_names(company: Company, selection: CompanySelection | None) -> dict[str, str]:
    """Return what the company says of itself, `{"name", "business_no"}`, as far as it can be read.

    Raises what `Company.cursor` raises, and ConfigurationError where the tenant file names a table that does
    not hold exactly one row of this company. A table that was only found is left alone if it is not usable.
    """
    if selection is None:
        return {}
    columns = {"name": selection.name, "business_no": selection.business_no}
    asked = {role: column for role, column in columns.items() if column}
    table = selection.table
    source = company.quoted(table.database, table.schema, table.name)
    where = f" WHERE {company.quoted(selection.key)} = {selection.value:d}" if selection.key else ""
    statement = (
        f"SELECT {', '.join(company.quoted(column) for column in asked.values())} FROM {source}{where}"
    )
    try:
        with company.cursor(f"reading the company's name in table {table.name}") as cursor:
            rows = cursor.execute(statement).fetchmany(2)
    except PresyncError as error:
        if error.retryable or not selection.found:
            raise
        return {}
    if len(rows) == 1:
        said = {role: str(value or "").strip() for role, value in zip(asked, rows[0], strict=True)}
        return {role: value for role, value in said.items() if value}
    if selection.found:
        return {}
    which = f" with {selection.key} {selection.value}" if selection.key else ""
    raise ConfigurationError(
        f"{company.where}: table {table.name} has {'more than one row' if rows else 'no row'}{which}, so it "
        "does not say which company this is. Correct `visma_business.company` in the tenant file (`key` and "
        "`value` choose the company's row), or leave it out.",
        source=SOURCE,
    )
