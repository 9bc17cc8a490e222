"""findings.csv and findings.xlsx: complete, raw, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from presync.errors import IncompleteError
from presync.report.files.findings import KEPT, write_findings
from presync.report.suite_results import Suite, read_suites
from presync.rules.findings_writer import COLUMNS
from presync.staging.store import RunStore
from tests.support import report_samples as samples
from tests.support.spreadsheets import read_sheet, sheet_xml

HEADER = (
    "finding_id,suite,rule,severity,business_code,business_name,severa_guid,severa_register,severa_code,"
    "severa_name,first,last,fix_in,message,fix"
)


def _suites(root: Path) -> list[Suite]:
    store, verdict = samples.blocked_run(root)
    return read_suites(store, verdict.as_dict(), "b1")


def test_csv_has_the_promised_header_and_every_finding_raw(tmp_path: Path) -> None:
    summary = write_findings(tmp_path, _suites(tmp_path))
    data = (tmp_path / "findings.csv").read_bytes()
    assert data.decode("utf-8").split("\n", 1)[0] == HEADER
    with (tmp_path / "findings.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 50
    hostile = next(row for row in rows if row["rule"] == "code_conflict")
    assert hostile["severa_name"] == '=HYPERLINK("http://evil.example/")'
    assert hostile["severa_code"] == "007"
    assert hostile["business_name"] == samples.HOSTILE
    assert next(row for row in rows if row["rule"] == "series_overlap")["business_code"] == ""
    assert summary["customers", "code_mismatch"].count == 45
    assert len(summary["customers", "code_mismatch"].samples) == 45


def test_spreadsheet_holds_the_same_rows_as_text_cells_only(tmp_path: Path) -> None:
    write_findings(tmp_path, _suites(tmp_path))
    with (tmp_path / "findings.csv").open(encoding="utf-8", newline="") as stream:
        assert read_sheet(tmp_path / "findings.xlsx") == list(csv.reader(stream))


def test_characters_that_xml_forbids_do_not_break_the_spreadsheet(tmp_path: Path) -> None:
    name = " tab\tline\nbell\x07 unit\x1f end "
    row = samples.finding(1, "customers", "code_mismatch", business_name=name)
    store = RunStore("nordlys", "r", root=str(tmp_path))
    entry = samples.publish_suite(store, "customers", findings=[row])
    suites = read_suites(store, samples.verdict([entry], status="blocked").as_dict(), "b1")
    write_findings(tmp_path, suites)
    assert 'xml:space="preserve"> tab' in sheet_xml(tmp_path / "findings.xlsx")
    assert read_sheet(tmp_path / "findings.xlsx")[1][5] == " tab\tline\nbell<U+0007> unit<U+001F> end "


def test_what_nobody_can_see_is_raw_in_the_csv_and_written_out_in_the_spreadsheet(tmp_path: Path) -> None:
    row = samples.finding(1, "customers", "code_mismatch", business_code="X100\u200b", severa_code="X\xa01")
    store = RunStore("nordlys", "r", root=str(tmp_path))
    entry = samples.publish_suite(store, "customers", findings=[row])
    write_findings(tmp_path, read_suites(store, samples.verdict([entry], status="blocked").as_dict(), "b1"))
    with (tmp_path / "findings.csv").open(encoding="utf-8", newline="") as stream:
        (found,) = csv.DictReader(stream)
    assert (found["business_code"], found["severa_code"]) == ("X100\u200b", "X\xa01")
    shown = read_sheet(tmp_path / "findings.xlsx")[1]
    assert (shown[4], shown[8]) == ("X100<U+200B>", "X<U+00A0>1")


@pytest.mark.parametrize("damage", ["missing", "short"])
def test_a_list_that_is_not_whole_is_refused(tmp_path: Path, damage: str) -> None:
    import pyarrow.parquet as pq

    suites = _suites(tmp_path)
    customers = next(suite for suite in suites if suite.name == "customers")
    assert customers.folder is not None
    path = customers.folder / "findings.parquet"
    if damage == "missing":
        path.unlink()
    else:
        pq.write_table(pq.read_table(path).slice(1), path)
    with pytest.raises(IncompleteError, match="customers"):
        write_findings(tmp_path, suites)


def test_the_first_finding_for_each_place_is_kept_as_example(tmp_path: Path) -> None:
    rows = [samples.finding(n, "customers", "code_conflict") for n in range(KEPT + 5)]
    rows.append(samples.finding(99, "customers", "code_conflict", fix_in="visma_business", message="late"))
    store = RunStore("nordlys", "r", root=str(tmp_path))
    entry = samples.publish_suite(store, "customers", findings=rows)
    suites = read_suites(store, samples.verdict([entry], status="blocked").as_dict(), "b1")
    found = write_findings(tmp_path, suites)["customers", "code_conflict"]
    assert found.example("visma_business")["message"] == "late"
    assert found.by_fix_in == {"severa": KEPT + 5, "visma_business": 1}


def test_columns_are_the_promised_ones() -> None:
    assert ",".join(COLUMNS) == HEADER
