"""Reads tables back that a report offers and a person may have edited: as CSV, or as a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime, time
from pathlib import Path
from typing import Any, Final

from presync.errors import ConfigurationError
from presync.report.files.about import MARK
from presync.report.files.xlsx_writer import NOT_XML, fitting

Row = tuple[str, ...]
_CSV: Final = ".csv"
_SPREADSHEET: Final = ".xlsx"
# what a spreadsheet program may save a table as; in another case, a suffix is another one
_OTHER_FORMATS: Final = {
    ".csv", ".fods", ".numbers", ".ods", ".tsv", ".txt", ".xls", ".xlsb", ".xlsm", ".xlsx",
}  # fmt: skip
_LOCKS: Final = re.compile(r"~\$.*|\.~lock\..*#")
_WHOLE: Final = 10**15  # from here on, a spreadsheet does not keep every digit of a number
CELL: Final = 2**31 - 1  # characters; the csv module's own limit is 131,072


def saved_tables(folder: Path, *, given: bool) -> list[Path]:
    """Return the files to read in a folder, one for each table, by name.

    In a report's own folder these are the CSV files, beside which the spreadsheets say the same. In one that
    is `given` by a person, either may have been edited. Raises ConfigurationError where both are there and
    say different things, or where a table may be in a file that is not read.
    """
    if not given:
        return sorted(folder.glob(f"*{_CSV}"))
    _require_readable(folder)
    names = {path.stem for path in _visible(folder) if path.suffix in (_CSV, _SPREADSHEET)}
    return [_chosen(folder / name) for name in sorted(names)]


def _visible(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder but for those that macOS puts beside each."""
    return (path for path in sorted(folder.glob("*")) if not path.name.startswith("._"))


def _require_readable(folder: Path, name: str = "") -> None:
    """Refuse what would be skipped: tables (only that of this name) in another format, or still open."""
    for path in _visible(folder):
        if name and name.casefold() not in path.name.casefold():
            continue
        if _LOCKS.fullmatch(path.name):
            raise ConfigurationError(
                f"{path}: somebody seems to have this table open, and what is not saved yet would not count, "
                "so nothing was rehearsed. Save and close it in the spreadsheet program; if nobody has it "
                "open, remove this file.",
                source="fixes",
            )
        if path.suffix not in (_CSV, _SPREADSHEET) and path.suffix.lower() in _OTHER_FORMATS:
            raise ConfigurationError(
                f"{path}: only files that end with .csv or .xlsx are read, so what somebody changed in this "
                "one would not count, and nothing was rehearsed. Save it as one of these, or move it away.",
                source="fixes",
            )


def chosen(stem: Path) -> Path:
    """Return which file of a table counts: the only one there is, or the CSV file if both say the same.

    Raises ConfigurationError as `saved_tables` does.
    """
    _require_readable(stem.parent, stem.name)
    return _chosen(stem)


def _chosen(stem: Path) -> Path:
    text, spreadsheet = (stem.with_name(stem.name + kind) for kind in (_CSV, _SPREADSHEET))
    if not spreadsheet.is_file():
        return text
    if text.is_file() and _as_a_spreadsheet_holds(_cells(text)) != _as_a_spreadsheet_holds(
        _cells(spreadsheet)
    ):
        raise ConfigurationError(
            f"{spreadsheet} and {text.name} beside it say different things, and nobody can tell which one "
            "counts, so nothing was rehearsed. Remove the one that does not.",
            source="fixes",
        )
    return text if text.is_file() else spreadsheet


def _as_a_spreadsheet_holds(rows: list[Row]) -> list[Row]:
    """Return the rows without what it cannot hold: control characters, how lines end, very long texts."""
    return [
        tuple(re.sub("\r\n?", "\n", fitting(NOT_XML.sub("\ufffd", cell))) for cell in row) for row in rows
    ]


def read_rows(path: Path, header: Row, *, days: bool = False) -> list[Row]:
    """Return the rows of a table with this header, also as a spreadsheet saves it.

    `days`: cells may be days, which are returned as 2026-12-31.

    Raises ConfigurationError if it cannot be read, or has other columns.
    """
    rows = _cells(path, days=days)
    if not rows or rows[0] != header or any(len(row) != len(header) for row in rows):
        raise ConfigurationError(
            f"{path}: the columns of this file must be {', '.join(header)}, in every row. Take it from "
            "the report again; a spreadsheet may have saved it with other separators.",
            source="fixes",
        )
    return rows[1:]


def _cells(path: Path, *, days: bool = False) -> list[Row]:
    rows = _spreadsheet_cells(path, days) if path.suffix == _SPREADSHEET else _csv_cells(path)
    return [row for row in rows if any(row)]


def _csv_cells(path: Path) -> Iterator[Row]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as source:
            text = source.read()
        csv.field_size_limit(CELL)
        # strict: a quote that is never closed would swallow the rows behind it
        rows = csv.reader(io.StringIO(text), delimiter=_separator(text), strict=True)
        yield from (tuple(row) for row in rows)
    except UnicodeDecodeError:
        raise ConfigurationError(
            f"{path}: this file is not UTF-8, so its letters are not certain and nothing was "
            "rehearsed. In the spreadsheet, save it as “CSV UTF-8”, or take it from the report again.",
            source="fixes",
        ) from None
    except (OSError, csv.Error) as error:
        raise _unreadable(path, error) from error


def _separator(text: str) -> str:
    """Return what divides the cells: a spreadsheet saves CSV as its country does, mostly with semicolons."""
    heading = text.partition("\n")[0]
    return max(",;\t", key=heading.count)


def _spreadsheet_cells(path: Path, days: bool) -> Iterator[Row]:
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True)
        yield from _table_sheet(path, book, days)
    except ConfigurationError:
        raise
    except Exception as error:  # a damaged one breaks anywhere: archive, compression, XML, the parts' names
        raise _unreadable(path, error) from error


def _table_sheet(path: Path, book: Any, days: bool) -> Iterator[Row]:
    """Yield the rows of the first sheet that is not about the table."""
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # the size that the file gives may be wrong
            if not _is_about(sheet):
                break
        width = 0
        for row in sheet.iter_rows():
            cells = [_text(path, cell, days) for cell in row]
            width = width or len(cells)
            while len(cells) > width and not cells[-1]:
                cells.pop()
            yield tuple(cells + [""] * (width - len(cells)))
    finally:
        book.close()


def _is_about(sheet: Any) -> bool:
    return any(cell.value == MARK for row in sheet.iter_rows(max_row=1, max_col=1) for cell in row)


def _text(path: Path, cell: object, days: bool) -> str:
    """Return a cell as text; a number that somebody typed is taken if it is whole."""
    value: Any = getattr(cell, "value", None)
    if value is None:
        return ""
    if isinstance(value, str) and getattr(cell, "data_type", "") not in {"f", "e"}:
        return value
    if days and isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and abs(value) < _WHOLE and float(value).is_integer():
        return str(int(value))
    raise ConfigurationError(
        f"{path}: {getattr(cell, 'coordinate', 'a cell')} holds {value!r}, which is neither a text nor a "
        "whole number of at most 15 digits. Format the cell as text and type the value again.",
        source="fixes",
    )


def _unreadable(path: Path, error: Exception) -> ConfigurationError:
    return ConfigurationError(
        f"{path}: the file cannot be read ({type(error).__name__}). Take it from the report again.",
        source="fixes",
    )
