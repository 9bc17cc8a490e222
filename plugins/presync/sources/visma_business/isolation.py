"""Under which isolation a company is read: without blocking the ERP, and knowing what that costs.

| database | isolation | what is read |
|---|---|---|
| SQL Server that allows it | SNAPSHOT, one transaction | one moment of the whole company |
| SQL Server otherwise | READ UNCOMMITTED | may move while it is read: looked at before and after |
| PostgreSQL | REPEATABLE READ, one transaction | one moment of the whole company |
| SQLite | one transaction | one moment of the whole company |
| any other | as it comes | may move while it is read, as above |

Readers under SNAPSHOT or READ UNCOMMITTED take no locks that writers wait for; the default, READ COMMITTED,
does, and Visma Business shows its users the dead-locks (`docs/visma-business.md`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from presync.errors import AccessError, CatalogueError, SourceDataError
from presync.sources.visma_business.connection import SQL_SERVER, Company


@dataclass(frozen=True)
class Isolation:
    """`name` as the manifest shows it; `one_moment`: nothing read can move until the transaction ends."""

    name: str
    one_moment: bool


SNAPSHOT: Final = Isolation("snapshot", one_moment=True)
READ_UNCOMMITTED: Final = Isolation("read uncommitted", one_moment=False)
REPEATABLE_READ: Final = Isolation("repeatable read", one_moment=True)
TRANSACTION: Final = Isolation("transaction", one_moment=True)
AS_IT_COMES: Final = Isolation("as it comes", one_moment=False)


def begin(company: Company, databases: Collection[str], *, without_snapshot: bool = False) -> Isolation:
    """Begin reading; `databases` are the others that tables are in. The connection's end ends it."""
    dbms = company.dbms
    if dbms == SQL_SERVER:
        if not without_snapshot and _allows_snapshot(company, databases):
            _begin(company, "SET TRANSACTION ISOLATION LEVEL SNAPSHOT")
            return SNAPSHOT
        _set(company, "SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED")
        return READ_UNCOMMITTED
    if dbms == "PostgreSQL":
        _begin(
            company, "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
        )
        return REPEATABLE_READ
    if company.is_sqlite:
        _set(company, "BEGIN")  # inside a transaction that it made itself, the driver buffers every row
        return TRANSACTION
    return AS_IT_COMES


def _begin(company: Company, *statements: str) -> None:
    for statement in statements:
        _set(company, statement)
    company.begin_transaction()


def _set(company: Company, statement: str) -> None:
    with company.cursor("choosing the isolation level") as cursor:
        cursor.execute(statement)


def _allows_snapshot(company: Company, others: Collection[str]) -> bool:
    """Tell whether all databases that are read allow SNAPSHOT; one that does not show itself does not."""
    try:
        with company.cursor("asking whether SNAPSHOT is allowed") as cursor:
            cursor.execute("SELECT name, snapshot_isolation_state FROM sys.databases")
            allowed = {str(name).casefold() for name, state in cursor.fetchall() if state == 1}
    except (AccessError, CatalogueError, SourceDataError):
        return False
    own = company.about()["database"]
    return {name.casefold() for name in (own, *others)} <= allowed
