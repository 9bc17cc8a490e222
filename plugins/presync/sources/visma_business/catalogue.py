"""What the database says it holds, asked through ODBC's catalogue functions before anything is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from presync.errors import CatalogueError
from presync.sources.visma_business.connection import Company
from presync.sources.visma_business.driver_errors import SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterable

_SYSTEM_SCHEMAS = {"sys", "information_schema", "pg_catalog", "pg_toast"}
_USUAL_SCHEMAS = ("dbo", "public", "")
_NUMERIC_TYPES = {-7, -6, -5, 2, 3, 4, 5, 6, 7, 8}
_BIT = -7
_DATE_TYPES = {9, 91, 93}  # as ODBC 2 and 3 number them


@dataclass(frozen=True)
class Table:
    """A table, view or synonym, spelled as the database spells it; `database` if it is another one."""

    schema: str
    name: str
    kind: str
    database: str = ""


@dataclass(frozen=True)
class Column:
    """A column, spelled as the database spells it; `sql_type` is ODBC's number for its type."""

    name: str
    sql_type: int
    type_name: str = ""

    @property
    def is_numeric(self) -> bool:
        """Tell whether it holds numbers, so that it can be compared with one in SQL."""
        return self.sql_type in _NUMERIC_TYPES

    @property
    def is_bit(self) -> bool:
        """Tell whether it holds nothing but 0 and 1: SQL Server has no MIN and MAX of such a column."""
        return self.sql_type == _BIT

    @property
    def may_be_date(self) -> bool:
        """Tell whether it can hold a date: Visma Business' number yyyymmdd, or SQL's own kinds of date."""
        number = self.is_numeric and not self.is_bit
        return number or self.sql_type in _DATE_TYPES or self.type_name.lower().startswith("date")


class Catalogue:
    """Finds tables and columns whatever their case, and collects everything that is missing."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._columns: dict[Table, dict[str, Column]] = {}
        self._missing: list[str] = []
        self._tables: dict[str, list[Table]] = {}
        if not self._tables_of(""):
            self._refuse_empty()

    def tables(self) -> list[Table]:
        """Return all tables of the company's own database that the login may see."""
        return self._tables_of("")

    def table(self, name: str, purpose: str) -> Table | None:
        """Return the table of that name, `[[database.]schema.]table`; none: remember it as missing."""
        *qualifiers, bare = name.split(".")
        database, schema = ["", "", *qualifiers][-2:]
        tables = self._tables_of(database)
        alike = [table for table in tables if table.name.casefold() == bare.casefold()]
        alike = [table for table in alike if not schema or table.schema.casefold() == schema.casefold()]
        alike = [table for table in alike if table.name == bare] or alike
        for usual in _USUAL_SCHEMAS:
            alike = [table for table in alike if table.schema.lower() == usual] or alike
            if len(alike) == 1:
                return alike[0]
        if alike:
            found = ", ".join(sorted(f"{table.schema}.{table.name}" for table in alike))
            self._missing.append(f"table {name} ({purpose}) is not unique: {found}")
        else:
            known = sorted({table.name for table in tables})
            self._missing.append(f"table {name} ({purpose}){_closest(bare, known)}")
        return None

    def column(self, table: Table, name: str, purpose: str) -> Column | None:
        """Return the column of that name; if there is none, remember it as missing."""
        columns = self.columns(table)
        column = columns.get(name) or columns.get(name.casefold())
        if column is None:
            known = sorted({column.name for column in columns.values()})
            self._missing.append(f"column {name} of table {table.name} ({purpose}){_closest(name, known)}")
        return column

    def require_number(self, table: Table, column: Column, purpose: str) -> None:
        """Remember a column of another type than Visma Business' whole numbers as unusable.

        SQLite's declared types say nothing about the values, which are looked at instead.
        """
        if not self._company.is_sqlite and not column.is_numeric:
            kind = column.type_name or "no number"
            self._missing.append(
                f"column {column.name} of table {table.name} ({purpose}) is {kind} in "
                "this installation, where Visma Business has whole numbers"
            )

    def require_date(self, table: Table, column: Column, purpose: str) -> None:
        """Remember a column that cannot hold a date as unusable."""
        if not self._company.is_sqlite and not column.may_be_date:
            self._missing.append(
                f"column {column.name} of table {table.name} ({purpose}) is {column.type_name or 'no date'}, "
                "where a date or a number yyyymmdd is expected"
            )

    def columns(self, table: Table) -> dict[str, Column]:
        """Return a table's columns by their spelling and by their case-folded name."""
        if table not in self._columns:
            with self._company.cursor(f"listing the columns of {table.name}") as cursor:
                rows = list(
                    cursor.columns(
                        table=_pattern(table.name),
                        schema=_pattern(table.schema) or None,
                        catalog=table.database or None,
                    )
                )
            found = [
                Column(row[3], int(row[4]), str(row[5]))
                for row in rows
                if row[2] == table.name and (row[1] or "") == table.schema
            ]
            folded = {column.name.casefold(): column for column in found}
            self._columns[table] = folded | {column.name: column for column in found}
        return self._columns[table]

    def tables_with(self, *columns: str) -> list[Table]:
        """Return the tables that have all of these columns; views only if no base table has them."""
        holders = [self._holders(column) for column in columns]
        found = [
            table
            for table in self._tables_of("")
            if all((table.schema, table.name) in holder for holder in holders)
        ]
        return [table for table in found if table.kind == "TABLE"] or found

    def confirm(self) -> None:
        """Raise CatalogueError that lists everything missing so far, with what was probably meant."""
        if self._missing:
            raise CatalogueError(
                f"{self._company.where} lacks what the tenant file maps, so it cannot be checked: "
                f"{'; '.join(self._missing)}. Correct the names in the tenant file, or give the login SELECT "
                "on them: the catalogue hides what a login may not read.",
                source=SOURCE,
            )

    def _tables_of(self, database: str) -> list[Table]:
        """Return the tables of a database; "" is the company's own."""
        if database not in self._tables:
            with self._company.cursor(f"listing the tables{f' of {database}' if database else ''}") as cursor:
                rows = [
                    (row[1] or "", row[2], str(row[3] or "").upper())
                    for row in cursor.tables(catalog=database or None)
                ]
            self._tables[database] = [
                Table(schema, name, kind, database)
                for schema, name, kind in rows
                if schema.lower() not in _SYSTEM_SCHEMAS and "SYSTEM" not in kind
            ]
        return self._tables[database]

    def _holders(self, column: str) -> set[tuple[str, str]]:
        with self._company.cursor(f"looking for tables with {column}") as cursor:
            # without a table FreeTDS leaves out what SQL Server's sp_columns requires; and the server may
            # tell upper from lower case, so all columns of as many characters are asked for
            rows = list(cursor.columns(table="%", column="_" * len(column)))
        return {(row[1] or "", row[2]) for row in rows if row[3].casefold() == column.casefold()}

    def _refuse_empty(self) -> None:
        if self._company.is_sqlite:  # its catalogue is also empty when the file is locked or no database
            with self._company.cursor("opening the file") as cursor:
                cursor.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        raise CatalogueError(
            f"{self._company.where} shows no tables at all: it is an empty or the wrong database, or the "
            "login may read none of them. Correct the connection, or ask for SELECT on the company's tables.",
            source=SOURCE,
        )


def _pattern(name: str) -> str:
    """Return a catalogue pattern that fits a name, among others: whoever asks compares what comes.

    No driver and server agree on how a wildcard is escaped, but `_` is any character to all of them.

    >>> _pattern("Order[2] 100%")
    'Order_2_ 100_'
    """
    return re.sub(r"[%\[\]\\^]", "_", name)


def _closest(name: str, known: Iterable[str]) -> str:
    by_fold = {item.casefold(): item for item in known}
    near = [by_fold[match] for match in get_close_matches(name.casefold(), by_fold, n=3, cutoff=0.5)]
    return f", closest: {', '.join(near)}" if near else ""
