"""The databases behind the server: SQLite files whose declared types are SQL Server's."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.tds.answers import SqlError
from tests.support.tds.types import SqlType, declared


@dataclass(frozen=True)
class Table:
    """A table in schema dbo of a database; `alias` is the name of the attached file."""

    database: str
    alias: str
    name: str
    columns: Mapping[str, SqlType]


def _checksum(*values: object) -> int:
    return zlib.crc32(repr(values).encode()) - 2**31


class _ChecksumAggregate:
    def __init__(self) -> None:
        self._sum = 0

    def step(self, value: int) -> None:
        self._sum ^= value

    def finalize(self) -> int:
        return self._sum


class Databases:
    """One session's view of all databases; `current` is the one it is in."""

    def __init__(self, files: Mapping[str, Path], current: str, *, case_sensitive: bool = False) -> None:
        self.case_sensitive = case_sensitive
        self._aliases = {name.lower(): (name, f"d{number}") for number, name in enumerate(files)}
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.connection.create_function("BINARY_CHECKSUM", -1, _checksum, deterministic=True)
        self.connection.create_aggregate("CHECKSUM_AGG", 1, _ChecksumAggregate)
        for (_, alias), file in zip(self._aliases.values(), files.values(), strict=True):
            self.connection.execute(f"ATTACH ? AS {alias}", [str(file)])
        self.current = self._aliases[current.lower()][0]

    def use(self, name: str) -> None:
        """Change the current database."""
        self.require(name)
        self.current = self._aliases[name.lower()][0]

    def require(self, name: str) -> None:
        """Raise the server's error 911 unless there is such a database."""
        if name.lower() not in self._aliases:
            raise SqlError(
                911, f"Database '{name}' does not exist. Make sure that the name is entered correctly."
            )

    def same(self, one: str, other: str) -> bool:
        """Tell whether two names are the same to the databases' collation."""
        return one == other if self.case_sensitive else one.lower() == other.lower()

    def primary_key(self, database: str, table: str) -> list[str]:
        """Return the columns of a table's primary key, in their order."""
        _, alias = self._aliases[database.lower()]
        rows = self.connection.execute(f'PRAGMA {alias}.table_info("{table}")').fetchall()
        return [row[1] for row in sorted(rows, key=lambda row: int(row[5])) if row[5]]

    def names(self) -> list[str]:
        """Return the databases' names."""
        return [name for name, _ in self._aliases.values()]

    def tables(self, database: str | None = None) -> list[tuple[str, str]]:
        """Return name and kind (TABLE, VIEW) of a database's tables."""
        _, alias = self._aliases[(database or self.current).lower()]
        rows = self.connection.execute(
            f"SELECT name, upper(type) FROM {alias}.sqlite_master WHERE type IN ('table', 'view') "
            "AND name NOT LIKE 'sqlite_%' ORDER BY 2, 1"
        )
        return [(name, kind) for name, kind in rows]

    def table(self, parts: list[str]) -> Table:
        """Return a table by its name of one to three parts. Raises the server's error 208."""
        said = ".".join(parts)
        *qualifiers, name = parts
        schema = qualifiers[-1] if qualifiers else "dbo"
        database = qualifiers[0] if len(qualifiers) == 2 else self.current
        if database.lower() not in self._aliases or schema.lower() not in {"dbo", ""}:
            raise SqlError(208, f"Invalid object name '{said}'.")
        database, alias = self._aliases[database.lower()]
        known = [table for table, _ in self.tables(database) if self.same(table, name)]
        if not known:
            raise SqlError(208, f"Invalid object name '{said}'.")
        name = known[0]
        columns = {
            row[1]: declared(row[2])
            for row in self.connection.execute(f'PRAGMA {alias}.table_info("{name}")')
        }
        return Table(database, alias, name, columns)
