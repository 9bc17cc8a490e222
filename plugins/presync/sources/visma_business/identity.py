"""Which company answers, as the server itself says it: the connection may name it in many ways."""

from __future__ import annotations

from pathlib import Path

from presync.sources.visma_business.connection import Company


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
