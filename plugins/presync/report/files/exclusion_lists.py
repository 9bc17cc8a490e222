"""The proposed exclusion lists of a report: `transfer/<entity>`, as .csv and .xlsx, a row per record to mark.

They are kept apart from the fix files, because they are a choice and no correction: nothing applies them
unless somebody asks for it (`presync simulate --exclude`).
"""

from __future__ import annotations

import csv
import logging
import re
import shutil
from collections.abc import Collection
from contextlib import ExitStack
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from presync.errors import ConfigurationError, PresyncError
from presync.fixes.model import BusinessChange, Cause
from presync.report.files.about import Origin, about, widths
from presync.report.files.edited_tables import Row, chosen, read_rows
from presync.report.files.xlsx_writer import Spreadsheet
from presync.tenants.entities import Entity
from presync.tenants.model import Tenant
from presync.tenants.visma_names import GROUP_FIELDS
from presync.text.secrecy import log_trace
from presync.transfer_questions import Exclusion, Mark, Questions, ask, exclusions

if TYPE_CHECKING:
    import duckdb

FOLDER: Final = "transfer"
COLUMNS: Final = (
    "table",
    "key",
    "column",
    "current",
    "proposed",
    "code",
    "name",
    "last_change",
    "created",
    "last_activity",
    "reason",
)
_WHOLE: Final = re.compile("-?[0-9]{1,18}")
EMPTY: Final = "0"  # what a Group field holds that nobody uses
_PORTION: Final = 10_000
log = logging.getLogger(__name__)


def write_questions(
    connection: duckdb.DuckDBPyConnection, tenant: Tenant, folder: Path, origin: Origin | None = None
) -> Questions:
    """Write the lists into the folder of a report, and return the facts about the five questions.

    Nothing is raised: a report that says what blocks must not be lost because this help could not be given.
    """
    try:
        questions = ask(connection, tenant)
        for question in questions.entities:
            if question.mark and question.counts.listed:
                write_list(connection, question.entity, question.mark, folder / FOLDER, origin)
    except PresyncError as error:
        problem = error.message
    except Exception as error:
        log_trace(log, f"no help with the five questions for tenant {tenant.tenant}", error)
        problem = f"Gathering them stopped unexpectedly ({type(error).__name__}); the task's log has more."
    else:
        return questions
    shutil.rmtree(folder / FOLDER, ignore_errors=True)  # half a list is none
    return Questions(problem=problem)


def write_list(
    connection: duckdb.DuckDBPyConnection,
    entity: Entity,
    mark: Mark,
    folder: Path,
    origin: Origin | None = None,
) -> None:
    """Write one entity's list as `<entity>.csv` and `.xlsx` into a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / entity
    with ExitStack() as stack:
        sink = stack.enter_context(path.with_suffix(".csv").open("w", encoding="utf-8", newline=""))
        first_sheet = about("transfer", COLUMNS, origin)
        target = path.with_suffix(".xlsx")
        spreadsheet = stack.enter_context(
            Spreadsheet(target, entity, COLUMNS, about=first_sheet, widths=widths(COLUMNS))
        )
        writer = csv.writer(sink, lineterminator="\n")
        writer.writerow(COLUMNS)
        rows = (_row(mark, exclusion) for exclusion in exclusions(connection, entity))
        while portion := list(islice(rows, _PORTION)):
            writer.writerows(portion)
            spreadsheet.write(portion)


def _row(mark: Mark, exclusion: Exclusion) -> tuple[str, ...]:
    dates = (exclusion.changed, exclusion.created, exclusion.last_activity)
    return (
        mark.place,
        exclusion.key,
        exclusion.field,
        _current(mark, exclusion),
        str(exclusion.value),
        exclusion.code,
        exclusion.name,
        *(_day(day) for day in dates),
        exclusion.reason,
    )


def _current(mark: Mark, exclusion: Exclusion) -> str:
    """Return what the field holds: as staged, if it was; else what an unused one holds."""
    if mark.given:
        return "" if exclusion.current is None else str(exclusion.current)
    return EMPTY


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def read_list(folder: Path, entity: Entity, *, given: bool = False) -> list[BusinessChange]:
    """Read one entity's list back from `transfer/` of a report, or a person's copy of it with fewer rows.

    In a folder that is `given` by a person, what counts may be a spreadsheet. Raises ConfigurationError if
    there is none, or if it is not what `write_list` writes.
    """
    path = chosen(folder / entity) if given else folder / f"{entity}.csv"
    if not path.is_file() and given:
        raise ConfigurationError(
            f"{folder} holds no {entity}.csv or {entity}.xlsx, so nothing was rehearsed. Copy the list from "
            "transfer/ of a report into it, or name another folder.",
            source="transfer",
        )
    if not path.is_file():
        raise ConfigurationError(
            f"nothing is proposed for exclusion for {entity}: the report has no transfer/{entity}.csv. Its "
            "page “What should transfer?” says why.",
            source="transfer",
        )
    changes = [_change(path, row) for row in read_rows(path, COLUMNS)]
    _require_one_mark(path, {(change.table, change.column, change.proposed) for change in changes})
    return changes


def _change(path: Path, row: Row) -> BusinessChange:
    table, key, column, current, proposed = (cell.strip() for cell in row[:5])
    if column not in GROUP_FIELDS or not _WHOLE.fullmatch(proposed) or not _WHOLE.fullmatch(current or "0"):
        raise ConfigurationError(
            f"{path}: {column or 'no column'} of {key} from {current!r} to {proposed!r} is not a mark in a "
            "Group field. Take the list from the report again.",
            source="transfer",
        )
    return BusinessChange(table, key, column, current, proposed, Cause((), (), "medium", row[-1]))


def _require_one_mark(path: Path, marks: Collection[tuple[str, str, str]]) -> None:
    if not marks:
        raise ConfigurationError(
            f"{path}: there is no row in this list, so nothing would be excluded and nothing was rehearsed. "
            "Leave the entity out of --exclude, or take the list from the report again.",
            source="transfer",
        )
    if len(marks) > 1:
        raise ConfigurationError(
            f"{path}: all rows of a list must put the same value into the same Group field of one table; "
            f"here are {len(marks)} such marks. Take the list from the report again.",
            source="transfer",
        )
