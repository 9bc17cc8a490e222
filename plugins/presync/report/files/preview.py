"""`preview.xlsx`: the rows of `preview.csv` for people; every cell a text, as in `findings.xlsx`."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from presync.preview.outcomes import COLUMNS
from presync.report.files.about import Origin, about, widths
from presync.report.files.edited_tables import CELL
from presync.report.files.xlsx_writer import MAXIMUM_ROWS, Spreadsheet
from presync.text.visible import is_all_seen, visible_within

_BATCH: Final = 4096
_OUTCOME: Final = COLUMNS.index("outcome")


def write_preview_sheet(
    source: Path, target: Path, records: int, origin: Origin | None = None, *, most: int = MAXIMUM_ROWS
) -> None:
    """Write the `records` rows of `preview.csv` into a spreadsheet, in constant memory.

    Where they are more than a sheet holds, links come last, and its last row says how many are left out.
    """
    with Spreadsheet(
        target,
        "Preview",
        COLUMNS,
        about=about("preview", COLUMNS, origin),
        widths=widths(COLUMNS),
        rest="preview.csv",
        most=most,
    ) as spreadsheet:
        if records < most:
            _copy(_rows(source), spreadsheet)
            return
        _copy((row for row in _rows(source) if row[_OUTCOME] != "link"), spreadsheet)
        _copy((row for row in _rows(source) if row[_OUTCOME] == "link"), spreadsheet)


def _rows(source: Path) -> Iterator[list[str]]:
    with source.open(encoding="utf-8", newline="") as lines:
        csv.field_size_limit(CELL)
        reader = csv.reader(lines)
        next(reader)
        yield from reader


def _copy(rows: Iterator[list[str]], spreadsheet: Spreadsheet) -> None:
    while batch := list(islice(rows, _BATCH)):
        # nearly all rows are as they look: one question for each instead of one for each cell
        spreadsheet.write(
            [row if is_all_seen("".join(row)) else [*map(visible_within, row)] for row in batch]
        )
