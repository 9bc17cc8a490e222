"""Whether a table stood still while it was read, and whether all of it arrived.

Before and after a table is read, its rows are counted and the latest change stamp is asked (`ChDt`, `ChTm`,
where the table has them); SQL Server also adds up a checksum over the columns that are read, which sees
changes of rows within the same minute and in tables without stamps. And what was read must be as many rows
as were counted, whatever the isolation: a driver that takes a lost connection for the end is found out.
"""

from __future__ import annotations

from dataclasses import dataclass

from presync.errors import SourceUnavailableError
from presync.sources.visma_business.connection import SQL_SERVER, Company
from presync.sources.visma_business.selection import Selection

_LONG_TYPES = {-1, -10, -4}  # text, ntext, image: a checksum over them is an error


@dataclass(frozen=True)
class Stamp:
    """A table's rows (those to be read), its latest change as yyyymmddhhmm or yyyymmdd, and a checksum."""

    rows: int
    changed: int | None
    checksum: int | None


class MovedError(SourceUnavailableError):
    """A table changed while it was read: reading it again may meet it at rest."""


def stamp(company: Company, selection: Selection, conditions: str, *, only_rows: bool = False) -> Stamp:
    """Return how the table is now; `only_rows`: what cannot move is only counted, which costs less."""
    asked = ["COUNT(*)"]
    asked += ["", ""] if only_rows else [_latest(company, selection), _checksum(company, selection)]
    table = selection.table
    source = company.quoted(table.database, table.schema, table.name)
    with company.cursor(f"reading table {table.name}") as cursor:
        cursor.execute(f"SELECT {', '.join(item for item in asked if item)} FROM {source}{conditions}")
        values = list(cursor.fetchone())
    rows, changed, checksum = (values.pop(0) if item else None for item in asked)
    return Stamp(int(rows or 0), None if changed is None else int(changed), checksum)


def confirm(company: Company, selection: Selection, rows: int, before: Stamp, after: Stamp) -> None:
    """Raise MovedError unless the table stood still and all of its rows arrived."""
    if before == after and rows == before.rows:
        return
    raise MovedError(
        f"{company.where}: table {selection.table.name} changed while it was read ({rows} rows were read; "
        f"before, it had {before.rows}, last changed {before.changed or 'at an unknown time'}; afterwards "
        f"{after.rows}, {after.changed or 'unknown'}). Such a reading may lack rows or hold some twice, so "
        "it does not count. The run tries again; if that persists, check while nobody works in the company, "
        "or "
        "let the database's owner allow SNAPSHOT isolation.",
        source="visma_business",
    )


def _latest(company: Company, selection: Selection) -> str:
    if not selection.stamps:
        return ""
    date, *time = (company.quoted(name) for name in selection.stamps)
    return f"MAX(CAST({date} AS BIGINT) * 10000 + {time[0]})" if time else f"MAX({date})"


def _checksum(company: Company, selection: Selection) -> str:
    if company.dbms != SQL_SERVER:
        return ""
    names = [name for name in selection.columns.values() if selection.types.get(name) not in _LONG_TYPES]
    columns = ", ".join(company.quoted(name) for name in dict.fromkeys(names))
    return f"CHECKSUM_AGG(BINARY_CHECKSUM({columns}))" if columns else ""
