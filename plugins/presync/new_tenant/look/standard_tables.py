"""What Presync reads of every company under Visma Business' own names, and what of it is not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from typing import Final

from presync.errors import PresyncError
from presync.new_tenant.look.facts import Missing
from presync.new_tenant.look.reader import Reader
from presync.sources.visma_business.catalogue import Table
from presync.sources.visma_business.connection import SQL_SERVER
from presync.tenants.visma_names import COLUMNS

_UNIT: Final = {"RNo": "the key", "Nm": "the name"}
_VOUCHERS: Final = {
    "FstVoNo": "a series' first number",
    "NxtVoNo": "a series' next number",
    "LstVoNo": "a series' last number",
}
_READ: Final[Mapping[str, Mapping[str, str]]] = {
    "Actor": {
        "ActNo": "the associate's number",
        "Nm": "the name",
        "CustNo": "the customer number",
        "EmpNo": "the employee number",
        "DelToAct": "whether it is a delivery address",
        "BsNo": "the organisation number",
        "MailAd": "the e-mail address",
    },
    "Prod": {"ProdNo": "the key", "Descr": "the name"},
}
_HELD: Final = {"Actor": "customers and employees", "Prod": "products", "VoSr": "voucher series"}
_STAMPS: Final = ("ChDt", "CreDt")
_SYSTEM: Final = {"master", "model", "msdb", "tempdb"}
_DATABASES: Final = 50


def read_tables(units: Iterator[str]) -> dict[str, Mapping[str, str]]:
    """Return the tables and columns that are read of every company, with what each column holds."""
    return {**_READ, **dict.fromkeys(units, _UNIT), "VoSr": _VOUCHERS}


def present(reader: Reader, names: Iterator[str]) -> dict[str, Table]:
    """Return those of the tables that are there."""
    return {name: table for name in names if (table := reader.catalogue.table(name, "init"))}


def missing(reader: Reader, units: tuple[str, ...]) -> tuple[Missing, ...]:
    """Return what is not there under its usual name, with the names that come closest."""
    return tuple(_missing(reader, units))


def _missing(reader: Reader, units: tuple[str, ...]) -> Iterator[Missing]:
    tables = read_tables(iter(units))
    found = present(reader, iter(tables))
    known = {table.name for table in reader.catalogue.tables()} - set(COLUMNS)
    for name, columns in tables.items():
        if name not in found:
            yield Missing(name, None, _HELD.get(name, "records"), _closest(name, known))
            continue
        others = {column.name for column in reader.columns(found[name])} - set(COLUMNS.get(name, columns))
        for column, holds in columns.items():
            if reader.column(found[name], column) is None:
                yield Missing(name, column, holds, _closest(column, others))


def _closest(name: str, known: set[str]) -> tuple[str, ...]:
    by_fold = {item.casefold(): item for item in sorted(known)}
    return tuple(by_fold[match] for match in get_close_matches(name.casefold(), by_fold, n=3, cutoff=0.5))


def not_tables(reader: Reader, names: tuple[str, ...]) -> dict[str, str]:
    """Return those of the tables read that are views or synonyms, with what they are."""
    found = present(reader, iter(names))
    return {name: table.kind.lower() for name, table in found.items() if table.kind != "TABLE"}


def stamps(reader: Reader, names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return by table the columns with dates of change and creation that it has."""
    found = present(reader, iter(names))
    return {name: tuple(c for c in _STAMPS if reader.column(table, c)) for name, table in found.items()}


def elsewhere(reader: Reader, names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return where missing tables are in other databases of a SQL Server: they may be shared by companies."""
    if not names or reader.company.dbms != SQL_SERVER:
        return {}
    databases = _other_databases(reader)
    return {name: found for name in names if (found := tuple(_in_others(reader, name, databases)))}


def _other_databases(reader: Reader) -> list[str]:
    own = reader.company.about()["database"].casefold()
    with suppress(PresyncError), reader.company.cursor("listing the databases") as cursor:
        rows = cursor.execute("SELECT name FROM sys.databases").fetchall()
        names = sorted(str(row[0]) for row in rows)
        return [name for name in names if name.casefold() not in _SYSTEM | {own}][:_DATABASES]
    return []


def _in_others(reader: Reader, name: str, databases: list[str]) -> Iterator[str]:
    for database in databases:
        with suppress(PresyncError):  # one that the login may not see says nothing
            table = reader.catalogue.table(f"{database}.dbo.{name}", "init")
            if table:
                yield f"{database}.{table.schema}.{table.name}"
