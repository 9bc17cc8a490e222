"""`preview.xlsx` holds what `preview.csv` holds, as texts; where it must end, it says so."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from presync.preview.outcomes import COLUMNS
from presync.report.build import build_report
from presync.report.files.preview import write_preview_sheet
from tests.support import report_samples as samples
from tests.support.spreadsheets import read_sheet, sheet_xml

OUTCOME = COLUMNS.index("outcome")


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store, verdict = samples.blocked_run(tmp_path_factory.mktemp("data"))
    return Path(build_report(samples.tenant(), store, verdict))


def test_it_holds_every_row_of_the_list(report: Path) -> None:
    rows = rows_of(report / "preview.csv")
    assert len(rows) == 95
    assert read_sheet(report / "preview.xlsx") == rows
    assert samples.HOSTILE in {row[COLUMNS.index("business_name")] for row in rows}


def test_nothing_is_run_and_everything_can_be_filtered(report: Path) -> None:
    xml = sheet_xml(report / "preview.xlsx")
    assert "<f>" not in xml
    assert 'state="frozen"' in xml
    assert '<autoFilter ref="A1:R95"/>' in xml


@pytest.mark.parametrize("records", [5, 6, 9])
def test_where_it_must_end_links_are_left_out_and_counted(tmp_path: Path, records: int) -> None:
    outcomes = ["link" if place % 2 else "blocked" for place in range(records)]
    rows = [
        [*[""] * OUTCOME, each, *[str(n)] * (len(COLUMNS) - OUTCOME - 1)] for n, each in enumerate(outcomes)
    ]
    source = tmp_path / "preview.csv"
    with source.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([COLUMNS, *rows])

    write_preview_sheet(source, tmp_path / "preview.xlsx", records, most=6)

    sheet = read_sheet(tmp_path / "preview.xlsx")
    assert len(sheet) == min(records + 1, 6)
    told = sheet[-1][0]
    if records == 5:
        assert sheet[1:] == rows
    else:
        assert {row[OUTCOME] for row in sheet[1:4]} == {"blocked"}
        assert told == f"{records - 4} more rows have no place in a spreadsheet: all are in preview.csv"


def test_a_text_that_is_longer_than_a_cell_costs_only_its_end(tmp_path: Path) -> None:
    source, target = tmp_path / "preview.csv", tmp_path / "preview.xlsx"
    with source.open("w", encoding="utf-8", newline="") as sink:
        csv.writer(sink).writerows([COLUMNS, ["x" * 200_000, *["y"] * (len(COLUMNS) - 1)]])
    write_preview_sheet(source, target, 1)
    assert read_sheet(target)[1][:2] == ["x" * 32_766 + "…", "y"]
