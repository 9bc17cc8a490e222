"""A look at a Visma Business company: who is logged in, what can be read, and what the login could do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from presync.errors import PresyncError
from presync.sources.inspection import Line, skew_line
from presync.sources.visma_business.catalogue import Catalogue, Table
from presync.sources.visma_business.connection import SQL_SERVER, Company, open_company
from presync.sources.visma_business.extract import conditions
from presync.sources.visma_business.isolation import READ_UNCOMMITTED, begin
from presync.sources.visma_business.selection import ReadPlan, plan
from presync.sources.visma_business.stability import stamp
from presync.tenants.model import Tenant
from presync.tenants.visma_names import COLUMNS

_WRITING = ("INSERT", "UPDATE", "DELETE")
_SHOWN = 6


def look_at_business(tenant: Tenant) -> Iterator[Line]:
    """Yield what a check of this tenant will meet in Visma Business; the first error ends it."""
    try:
        with open_company(tenant) as company:
            yield from look_at_connection(company)
            planned = plan(tenant, company)
            yield Line("ok", f"all mapped tables and columns exist: {_names(planned)}")
            yield from _may_write(company, _tables(planned))
            yield from _read(company, planned)
            yield from _not_mapped(tenant, planned)
    except PresyncError as error:
        yield Line("error", error.message)


def look_at_company(company: Company) -> Iterator[Line]:
    """Yield what a connection leads to without a tenant's map: who, where, which tables, and the rights."""
    yield from look_at_connection(company)
    tables = Catalogue(company).tables()
    known = [table for table in tables if table.name.casefold() in {name.casefold() for name in COLUMNS}]
    shown = ", ".join(sorted(table.name for table in known)) or "none of them Visma Business'"
    yield Line("ok" if known else "warning", f"{len(tables)} tables are visible, among them {shown}")
    yield from _may_write(company, known)


def look_at_connection(company: Company) -> Iterator[Line]:
    """Yield driver, server, database, login and clock."""
    about = company.about()
    yield Line("ok", f"driver {about['driver']} {about['driver_version']}")
    yield Line(
        "ok", f"{about['dbms']} {about['dbms_version']}, database {about['database'] or 'of the file'}"
    )
    if company.is_sqlite:
        yield Line("ok", "the file is opened read-only")
        return
    if about["dbms"] == SQL_SERVER:
        yield Line("ok", f"logged in as {_value(company, 'SELECT SYSTEM_USER')}")
        yield _clock(company, "SELECT SYSUTCDATETIME()")
    elif about["dbms"] == "PostgreSQL":
        yield Line("ok", f"logged in as {_value(company, 'SELECT CURRENT_USER')}")
        yield _clock(company, "SELECT now() AT TIME ZONE 'UTC'")


def _clock(company: Company, statement: str) -> Line:
    value = _value(company, statement)
    theirs = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return skew_line("the database", (theirs.replace(tzinfo=UTC) - datetime.now(UTC)).total_seconds())


def _value(company: Company, statement: str) -> object:
    with company.cursor("asking the server about itself") as cursor:
        value: object = cursor.execute(statement).fetchone()[0]
        return value


def _may_write(company: Company, tables: list[Table]) -> Iterator[Line]:
    """Warn about rights that a reader does not need; asked of the catalogue, never tried."""
    asked = {SQL_SERVER: _sql_server_rights, "PostgreSQL": _postgres_rights}.get(company.dbms)
    if asked is None:
        return
    try:
        rights = asked(company, tables)
    except PresyncError as error:
        yield Line("warning", f"the login's rights cannot be told: {error.message}")
        return
    if rights:
        yield Line(
            "warning",
            f"the login could write ({_few(rights)}). Presync never does; still, ask the database's "
            "owner for a login with SELECT on these tables and nothing else.",
        )
    else:
        yield Line("ok", "the login cannot write to what is read")


def _sql_server_rights(company: Company, tables: list[Table]) -> list[str]:
    asked = {"control the server": "HAS_PERMS_BY_NAME(NULL, NULL, 'CONTROL SERVER')"}
    asked |= {
        f"{right} in the database": f"HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', '{right}')"
        for right in (*_WRITING, "ALTER")
    }
    for table in tables:
        parts = [part.replace("]", "]]") for part in (table.database, table.schema, table.name) if part]
        name = ".".join(f"[{part}]" for part in parts).replace("'", "''")
        for right in _WRITING:
            asked[f"{right} on {table.name}"] = f"HAS_PERMS_BY_NAME('{name}', 'OBJECT', '{right}')"
    return _granted(company, asked)


def _postgres_rights(company: Company, tables: list[Table]) -> list[str]:
    asked: dict[str, str] = {}
    for table in tables:
        name = company.quoted(table.schema, table.name).replace("'", "''")
        for right in _WRITING:
            asked[f"{right} on {table.name}"] = f"has_table_privilege('{name}', '{right}')"
    return _granted(company, asked)


def _granted(company: Company, asked: dict[str, str]) -> list[str]:
    with company.cursor("asking for the login's rights") as cursor:
        answers = cursor.execute(f"SELECT {', '.join(asked.values())}").fetchone()
    return [name for name, answer in zip(asked, answers, strict=True) if answer in {1, "1"}]


def _read(company: Company, planned: ReadPlan) -> Iterator[Line]:
    others = {selection.table.database for selection in planned.selections} - {""}
    isolation = begin(company, others)
    yield Line("ok", f"isolation: {isolation.name}")
    if isolation is READ_UNCOMMITTED:
        yield Line(
            "warning",
            "the database does not allow SNAPSHOT isolation: a table that changes while it is read is read "
            "again. Busy companies are best checked when nobody works in them, or with SNAPSHOT allowed.",
        )
    for selection in planned.selections:
        rows = stamp(company, selection, conditions(company, selection), only_rows=True).rows
        yield Line("ok", f"{selection.target}: {rows} rows in {selection.table.name}")
    yield from (Line("warning", note) for note in planned.notes)


def _not_mapped(tenant: Tenant, planned: ReadPlan) -> Iterator[Line]:
    """Say what the tenant file does not map, and what that means for the verdict."""
    business = tenant.visma_business
    said: dict[str, Callable[[], Line]] = {
        "customer_series": lambda: (
            Line("ok", "customer number series: none, as the tenant file says")
            if business.customer_series == "none"
            else Line(
                "blocks",
                "the customer number series is not mapped: name its table and the columns with the first and "
                "last number in `visma_business.customer_series`, or say `none`.",
            )
        ),
        "voucher_series": lambda: Line(
            "blocks",
            "no invoice series is named: list the keys of the voucher series that number invoices and credit "
            "notes in `visma_business.invoice_series`.",
        ),
        "invoice_numbers": lambda: Line(
            "warning",
            "issued invoices are not mapped (`visma_business.invoices`), so their numbers are not compared.",
        ),
    }
    return (said[target]() for target in planned.not_mapped)


def _few(rights: list[str]) -> str:
    more = f" and {len(rights) - _SHOWN} more rights" if len(rights) > _SHOWN else ""
    return ", ".join(rights[:_SHOWN]) + more


def _tables(planned: ReadPlan) -> list[Table]:
    return list(dict.fromkeys(selection.table for selection in planned.selections))


def _names(planned: ReadPlan) -> str:
    return ", ".join(table.name for table in _tables(planned))
