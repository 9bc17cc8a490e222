"""Reads `by_hand` back, as people filled it in: a row counts once its column `answer` says something."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

from presync.decisions.bulk import Said
from presync.errors import ConfigurationError
from presync.report.files.edited_tables import read_rows
from presync.report.files.fix_files import BY_HAND

_UNPACKED: Final = 256 * 1024 * 1024
KINDS: Final = (".xlsx", ".csv")


def read_by_hand(path: Path, name: str = "") -> list[Said]:
    """Return the answers in a file, `.xlsx` or `.csv`; `name` is what messages call it.

    Raises ConfigurationError if it is not what a report offers, whatever was filled in.
    """
    shown = name or str(path)
    if path.suffix not in KINDS:
        raise _refused(shown, "it must be by_hand.xlsx or by_hand.csv of a report, filled in")
    try:
        if not path.is_file():
            raise _refused(shown, "there is no such file")
        _require_bounded(path, shown)
        rows = read_rows(path, BY_HAND, days=True)
    except ConfigurationError as error:
        if error.source == "by_hand":
            raise
        # what reads all tables speaks of rehearsals
        message = error.message.removeprefix(f"{path}: ").replace("nothing was rehearsed", "nothing counts")
        raise _refused(shown, message) from None
    named = [dict(zip(BY_HAND, row, strict=True)) for row in rows]
    return [_said(number, row) for number, row in enumerate(named, 2) if row["answer"].strip()]


def _said(number: int, row: dict[str, str]) -> Said:
    return Said(
        number,
        row["finding_id"],
        row["business_code"],
        row["business_name"],
        row["severa_guid"],
        row["severa_name"],
        row["values_digest"],
        row["answer"].strip(),
        row["until"],
        row["why"],
    )


def _require_bounded(path: Path, shown: str) -> None:
    """Refuse a spreadsheet that unpacks to far more than any report's."""
    if path.suffix != ".xlsx":
        return
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except (OSError, zipfile.BadZipFile):
        raise _refused(shown, "the file cannot be read as a spreadsheet") from None
    if size > _UNPACKED:
        raise _refused(shown, "it unpacks to more than any report's spreadsheet holds")


def _refused(shown: str, reason: str) -> ConfigurationError:
    return ConfigurationError(f"{shown}: nothing was recorded: {reason}", source="by_hand")
