"""Every spreadsheet says on its first sheet whose it is and what to do, and keeps codes as texts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from presync.fixes.model import Cause, FixPlan, SeveraChange
from presync.languages.speaking import PSEUDO
from presync.preview.outcomes import COLUMNS as PREVIEW
from presync.report.build import build_report
from presync.report.files import exclusion_lists, fix_files
from presync.report.files.about import COLUMN_TEXTS, MARK, WHAT, Origin, about
from presync.report.files.edited_tables import read_rows
from presync.report.files.xlsx_writer import Spreadsheet
from presync.rules.findings_writer import COLUMNS as FINDINGS
from tests.support import report_samples as samples

HEADERS: tuple[tuple[str, ...], ...] = (
    FINDINGS,
    PREVIEW,
    exclusion_lists.COLUMNS,
    fix_files.SEVERA,
    fix_files.VISMA_BUSINESS,
    fix_files.TENANT,
    fix_files.BY_HAND,
)


def test_every_column_is_explained() -> None:
    assert {column for header in HEADERS for column in header} == set(COLUMN_TEXTS)


def test_the_first_sheet_says_company_run_date_and_what_to_do(tmp_path: Path) -> None:
    import openpyxl

    store, verdict = samples.blocked_run(tmp_path)
    report = Path(build_report(samples.tenant(), store, verdict))
    cause = Cause(("code_mismatch",), ("a1",), "high", "the same name")
    change = SeveraChange("users", "g1", "Kari", "code", "007", "12", cause)
    fix_files.write_fixes(report / "fixes", FixPlan([change]), Origin.of(samples.tenant(), verdict.as_dict()))
    spreadsheets = sorted(report.rglob("*.xlsx"))
    assert {path.stem for path in spreadsheets} >= {"findings", "preview", "users"}
    for path in spreadsheets:
        first, table = openpyxl.load_workbook(path).worksheets
        told = {left.value: right.value for left, right in first.iter_rows(max_col=2)}
        assert first["A1"].value == MARK
        assert told["Company"] == "Nordlys Rådgivning AS (nordlys)"
        assert (told["Run"], told["Checked"]) == (samples.RUN, "2026-11-23 04:17 UTC")
        assert told["What to do"]
        assert all(told[cell.value] for cell in table[1])
        _assert_typed_codes_stay(table)


def _assert_typed_codes_stay(table: Any) -> None:
    assert table.freeze_panes == "A2"
    assert all(cell.font.bold for cell in table[1])
    assert {cell.number_format for row in table.iter_rows() for cell in row} == {"@"}
    assert len({column.width for column in table.column_dimensions.values()}) > 1


@pytest.mark.parametrize("moved", [False, True])
def test_the_table_is_found_wherever_its_sheet_stands(tmp_path: Path, moved: bool) -> None:
    import openpyxl

    path = tmp_path / "table.xlsx"
    with Spreadsheet(path, "t", ("key", "code"), about=about("findings", ("key",))) as sheet:
        sheet.write([("1", "007"), ("2", "")])
    if moved:
        book = openpyxl.load_workbook(path)
        book.move_sheet(book.worksheets[0], 1)
        book.save(path)
    assert read_rows(path, ("key", "code")) == [("1", "007"), ("2", "")]


def test_a_first_sheet_is_in_the_companys_language_and_no_english_is_left() -> None:
    origin = Origin("Saimaa Oy", "saimaa", "run", "2026-11-23T04:17:00+00:00", PSEUDO)
    for kind in WHAT:
        rows = about(kind, tuple(COLUMN_TEXTS), origin)
        data = {"Presync", "Saimaa Oy (saimaa)", "run", "2026-11-23 04:17 UTC", "", *COLUMN_TEXTS}
        left = [cell for row in rows for cell in row if not cell.startswith("⟦") and cell not in data]
        assert left == []
    said = dict(about("findings", ("fix",), replace(origin, language="fi")))
    assert said["fix"] == "Miten se korjataan"
