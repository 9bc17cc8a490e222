"""Questions to a company's database of which each may fail alone: its answer is then None, never zero."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from presync.errors import AccessError, PresyncError
from presync.sources.visma_business.catalogue import Catalogue, Column, Table
from presync.sources.visma_business.connection import Company


class Reader:
    """Asks plain SELECTs of one table; `not_asked` collects the reasons for what stays unknown."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.catalogue = Catalogue(company)
        self.not_asked: list[str] = []

    def column(self, table: Table, name: str) -> Column | None:
        """Return a column whatever its case, or None."""
        known = self.catalogue.columns(table)
        return known.get(name) or known.get(name.casefold())

    def columns(self, table: Table) -> list[Column]:
        """Return a table's columns, each once."""
        return list(dict.fromkeys(self.catalogue.columns(table).values()))

    def holders(self, *columns: str) -> list[Table]:
        """Return the tables that have all of these columns; views only if no base table has them."""
        return sorted(self.catalogue.tables_with(*columns), key=lambda table: (table.name, table.schema))

    def count(self, table: Table, condition: str = "") -> int | None:
        """Return how many rows fulfil a condition."""
        found = self.rows(table, ["COUNT(*)"], condition)
        return int(found[0][0]) if found else None

    def highest(self, table: Table, column: Column, condition: str = "") -> int | None:
        """Return the highest value of a column of whole numbers; None also if there is none."""
        usable = column.is_numeric and not column.is_bit
        found = self.rows(table, [f"MAX({self.quoted(column)})"], condition) if usable else None
        return whole(found[0][0]) if found else None

    def values(
        self, table: Table, columns: Sequence[Column], condition: str = "", most: int = 1000
    ) -> list[tuple[Any, ...]] | None:
        """Return at most so many rows of these columns."""
        return self.rows(table, [self.quoted(column) for column in columns], condition, most)

    def rows(
        self, table: Table, expressions: Sequence[str], condition: str = "", most: int = 1
    ) -> list[tuple[Any, ...]] | None:
        """Return at most so many rows of a SELECT, or None if the database refuses it.

        Raises SourceUnavailableError where the connection broke off: nothing more can be asked then.
        """
        source = self.company.quoted(table.database, table.schema, table.name)
        statement = f"SELECT {', '.join(expressions)} FROM {source}"
        if condition:
            statement += f" WHERE {condition}"
        try:
            with self.company.cursor(f"looking at table {table.name}") as cursor:
                return [tuple(row) for row in cursor.execute(statement).fetchmany(most)]
        except PresyncError as error:
            if error.retryable:
                raise
            self._note(table, error)
            self.recover()
            return None

    def recover(self) -> None:
        """Go on after a refused statement: PostgreSQL answers nothing more in a failed transaction."""
        with suppress(Exception):
            self.company.connection.rollback()

    def _note(self, table: Table, error: PresyncError) -> None:
        """Remember why a table says nothing, without the driver's words: they may quote a record."""
        logging.getLogger(__name__).warning(error.message)
        reason = (
            f"the login may not read table {table.name}"
            if isinstance(error, AccessError)
            else f"table {table.name} could not be read as expected; see the log"
        )
        if reason not in self.not_asked:
            self.not_asked.append(reason)

    def quoted(self, column: Column) -> str:
        """Return a column's name as it is written in SQL."""
        return self.company.quoted(column.name)


def whole(value: object) -> int | None:
    """Return the value of a whole number, however the driver brings it; None for anything else.

    >>> whole(7), whole("7 "), whole(7.5), whole(None), whole("seven")
    (7, 7, None, None, None)
    """
    try:
        number = int(value.strip() if isinstance(value, str) else value)  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError):
        return None
    return number if isinstance(value, str) or number == value else None
