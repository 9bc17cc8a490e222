"""What a person, or an import tool, needs to correct Visma Business: a list, and SQL as a text for review.

Presync never writes to Visma Business, and runs none of this. The text is Transact-SQL: it counts what it
changed, stops unless the counts are the planned ones, and ends with a rollback until somebody makes it a
commit.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from presync.apply.basis import find_checked, require_unmoved
from presync.errors import ConfigurationError
from presync.fixes.model import BusinessChange
from presync.report.files.exclusion_lists import FOLDER as LISTS
from presync.report.files.exclusion_lists import read_list
from presync.tenants.entities import Entity
from presync.tenants.model import Tenant
from presync.tenants.visma_names import GROUP_FIELDS
from presync.text.visible import visible

COLUMNS: Final = ("table", "key_column", "key", "column", "current", "proposed", "reason")
_KEYS: Final[Mapping[str, str]] = {"Actor": "ActNo", "Prod": "ProdNo"}  # every R table: RNo
_BACK: Final = (
    "-- ROLLBACK SECTION, for after a commit: each row with the proposed value gets its previous one. Take "
    '"-- " away at the beginning of each line below.'
)
_TABLE: Final = re.compile(r"Actor|Prod|R([1-9]|1[0-2])")
_WHOLE: Final = re.compile(r"-?[0-9]{1,18}")


def business_changes(
    tenant: Tenant, fixes: Path | None, exclude: Sequence[Entity] = ()
) -> tuple[str, list[BusinessChange]]:
    """Return the newest complete run's id, and what it proposes for Visma Business.

    `exclude`: with the proposed exclusion lists of these entities. Raises as `find_checked` and `read_list`.
    """
    checked = find_checked(tenant, fixes)
    require_unmoved(tenant, checked.basis)
    marks = [mark for entity in exclude for mark in read_list(checked.report / LISTS, entity)]
    return checked.basis.run_id, list(dict.fromkeys([*checked.fixes.visma_business, *marks]))


def list_csv(tenant: Tenant, changes: Sequence[BusinessChange]) -> str:
    """Return the changes as CSV with `COLUMNS`, by this installation's names of tables and columns."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(COLUMNS)
    for change in changes:
        _require_known(change)
        table, key, column = _names(tenant, change)
        writer.writerow(
            (table, key, change.key.strip(), column, change.current, change.proposed, change.cause.reason)
        )
    return sink.getvalue()


def sql_text(tenant: Tenant, run_id: str, changes: Sequence[BusinessChange]) -> str:
    """Return the SQL for review: what changes, how many rows it must be, and how to take it back.

    Raises ConfigurationError for a change that is no Group-field mark: Presync proposes nothing else.
    """
    for change in changes:
        _require_known(change)
    # line by line: a key may hold what ends a comment of another kind, or a line break
    back = "\n".join(_back(tenant, changes)).splitlines()
    commented = [f"-- {line}" for line in back]
    return "\n".join([*_header(tenant, run_id, changes), *_forth(tenant, changes), "", _BACK, *commented, ""])


def _require_known(change: BusinessChange) -> None:
    known = _TABLE.fullmatch(change.table) and change.column in GROUP_FIELDS
    values = (change.current.strip() or "0", change.proposed.strip())
    if not known or not all(_WHOLE.fullmatch(value) for value in values) or not change.key.strip():
        raise ConfigurationError(
            f"{change.table} {visible(change.key)}: {visible(change.column)} is not a mark in a Group field, "
            "and Presync writes no SQL for anything else. Nothing was written. Correct that row of the list.",
            source="apply",
        )


def _header(tenant: Tenant, run_id: str, changes: Sequence[BusinessChange]) -> Iterator[str]:
    database = tenant.visma_business.database or "the company database of this tenant"
    yield f"-- Visma Business of {visible(tenant.title)} ({tenant.tenant}): {len(changes)} rows to change."
    yield f"-- Proposed by Presync for run {visible(run_id)}; written {datetime.now(UTC):%Y-%m-%d %H:%M} UTC."
    yield "-- FOR REVIEW. Presync has run none of this and never will."
    yield f"-- Before: back up {database}, let nobody work in these tables, read every line."
    yield "-- It ends with ROLLBACK: run it to see the counts, then write COMMIT there and run it again."


def _forth(tenant: Tenant, changes: Sequence[BusinessChange]) -> Iterator[str]:
    yield ""
    yield "SET XACT_ABORT ON;"
    yield "BEGIN TRANSACTION;"
    yield "DECLARE @changed int;"
    for (table, column), rows in _groups(tenant, changes).items():
        yield ""
        yield f"-- {_plain(table)}.{column}: {len(rows)} rows"
        yield "SET @changed = 0;"
        for change in rows:
            yield f"{_update(tenant, change)} SET @changed = @changed + @@ROWCOUNT;"
        yield (
            f"IF @changed <> {len(rows)} BEGIN; ROLLBACK TRANSACTION; "
            f"THROW 50001, 'not {len(rows)} rows: nothing was changed', 1; END;"
        )
    yield ""
    yield "ROLLBACK TRANSACTION; -- COMMIT TRANSACTION;"


def _back(tenant: Tenant, changes: Sequence[BusinessChange]) -> Iterator[str]:
    yield "BEGIN TRANSACTION;"
    for change in reversed(changes):
        yield _update(tenant, change, back=True)
    yield f"-- at most {len(changes)} rows in all; then COMMIT TRANSACTION;"
    yield "ROLLBACK TRANSACTION;"


def _groups(tenant: Tenant, changes: Sequence[BusinessChange]) -> dict[tuple[str, str], list[BusinessChange]]:
    groups: dict[tuple[str, str], list[BusinessChange]] = defaultdict(list)
    for change in changes:
        table, _, column = _names(tenant, change)
        groups[table, column].append(change)
    return groups


def _update(tenant: Tenant, change: BusinessChange, *, back: bool = False) -> str:
    table, key, column = _names(tenant, change)
    old, new = (change.proposed, change.current) if back else (change.current, change.proposed)
    present = f"{_quoted(column)} = {old.strip()}" if old.strip() else f"{_quoted(column)} IS NULL"
    return (
        f"UPDATE {_plain(table)} SET {_quoted(column)} = {new.strip() or 'NULL'} "
        f"WHERE {_quoted(key)} = {_text(change.key.strip())} AND {present};"
    )


def _names(tenant: Tenant, change: BusinessChange) -> tuple[str, str, str]:
    """Return table, key column and column as this installation calls them."""
    key = _KEYS.get(change.table, "RNo")
    renamed = tenant.visma_business.columns.get(change.table, {})
    table = tenant.visma_business.tables.get(change.table, change.table)
    return table, renamed.get(key, key), renamed.get(change.column, change.column)


def _plain(table: str) -> str:
    return ".".join(_quoted(part) for part in table.split("."))


def _quoted(name: str) -> str:
    return f"[{name}]"


def _text(value: str) -> str:
    """Return a text literal; a national one only where it must be."""
    quoted = value.replace("'", "''")
    return f"'{quoted}'" if value.isascii() else f"N'{quoted}'"
