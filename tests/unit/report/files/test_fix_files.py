"""Fix files are written and read back as the same plan; anything else is refused.

Covers: report/files/edited_tables.py, report/files/xlsx_writer.py, fixes/plan_run.py.
"""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import pytest

from presync.errors import ConfigurationError
from presync.fixes.model import BusinessChange, ByHand, Cause, Finding, FixPlan, SeveraChange, TenantChange
from presync.report.files.edited_tables import chosen
from presync.report.files.fix_files import read_fixes, write_fixes
from tests.support.spreadsheets import read_sheet

CAUSE = Cause(("code_conflict", "code_duplicate"), ("a1", "b2"), "low", 'Because, "so" it is\nin two lines.')
PLAN = FixPlan(
    [SeveraChange("customers", "g1", "=1+1 & Søn", "number", "007", "12", CAUSE)],
    [BusinessChange("R7", "INTERNAL", "Gr5", "0", "1", CAUSE)],
    [TenantChange("severa.customer_number_ceiling", "", "9999", CAUSE)],
)
LEFT = Finding(
    "c3", "customers", "ambiguous_match", "1", "Fjord", "g2", "customers", "", "Fjord", "", "", "either", 0
)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    plan = FixPlan(PLAN.severa, PLAN.visma_business, PLAN.tenant, [ByHand(LEFT, "choose")])
    files = write_fixes(tmp_path / "fixes", plan)

    assert [(file.path, file.fix_in, file.rows) for file in files] == [
        ("fixes/severa/customers", "severa", 1),
        ("fixes/visma_business/R7", "visma_business", 1),
        ("fixes/presync/tenant", "presync", 1),
        ("fixes/by_hand", "", 1),
    ]
    assert read_fixes(tmp_path / "fixes") == PLAN
    for file in files:
        with zipfile.ZipFile(tmp_path / f"{file.path}.xlsx") as archive:
            assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_spreadsheet_may_save_it_as_its_country_does(tmp_path: Path, separator: str) -> None:
    write_fixes(tmp_path, PLAN)
    path = tmp_path / "severa" / "customers.csv"
    with path.open(encoding="utf-8", newline="") as source:
        rows = list(csv.reader(source))
    with path.open("w", encoding="utf-8-sig", newline="") as sink:
        csv.writer(sink, delimiter=separator).writerows([*rows, [""] * len(rows[0])])
    assert read_fixes(tmp_path) == PLAN


def test_letters_that_cannot_be_told_are_refused(tmp_path: Path) -> None:
    write_fixes(tmp_path, PLAN)
    path = tmp_path / "severa" / "customers.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp1252"))
    with pytest.raises(ConfigurationError, match="CSV UTF-8"):
        read_fixes(tmp_path)


def test_a_folder_without_fix_files_is_no_rehearsal(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no such folder"):
        read_fixes(tmp_path / "fixs", given=True)
    (tmp_path / "customers.csv").write_text("guid")
    with pytest.raises(ConfigurationError, match="holds no fix file"):
        read_fixes(tmp_path, given=True)
    write_fixes(tmp_path, PLAN)
    assert read_fixes(tmp_path, given=True) == PLAN
    for path in tmp_path.rglob("*.csv"):
        path.unlink()
    assert read_fixes(tmp_path).changes == [], "a report may have nothing to propose"


def edit(path: Path, cell: str, value: object) -> None:
    """Change one cell as a person does, and save the spreadsheet as a program for it does."""
    import openpyxl

    book = openpyxl.load_workbook(path)
    book.worksheets[-1][cell] = value
    book.save(path)


def test_a_spreadsheet_that_somebody_edited_counts(tmp_path: Path) -> None:
    write_fixes(tmp_path, PLAN)
    (tmp_path / "severa" / "customers.csv").unlink()
    assert read_fixes(tmp_path, given=True) == PLAN
    edit(tmp_path / "severa" / "customers.xlsx", "E2", 4711)  # a number that was typed
    [change] = read_fixes(tmp_path, given=True).severa
    assert (change.current, change.proposed, change.name) == ("007", "4711", "=1+1 & Søn")
    for odd in (47.5, "=4700+11", True, "#N/A", 9223372036854775807):
        edit(tmp_path / "severa" / "customers.xlsx", "E2", odd)
        with pytest.raises(ConfigurationError, match=r"customers\.xlsx: E2 holds"):
            read_fixes(tmp_path, given=True)
    (tmp_path / "severa" / "customers.xlsx").write_bytes(b"no archive")
    with pytest.raises(ConfigurationError, match=r"customers\.xlsx: the file cannot be read"):
        read_fixes(tmp_path, given=True)


def test_two_files_that_differ_are_refused(tmp_path: Path) -> None:
    write_fixes(tmp_path, PLAN)
    edit(tmp_path / "severa" / "customers.xlsx", "E2", "13")
    with pytest.raises(ConfigurationError, match=r"customers\.xlsx and customers\.csv beside it"):
        read_fixes(tmp_path, given=True)


def test_what_a_spreadsheet_cannot_hold_is_no_difference(tmp_path: Path) -> None:
    odd = SeveraChange("customers", "g1", "bell\x07 and\r\nreturn ", "number", " 1", "12", CAUSE)
    write_fixes(tmp_path, FixPlan([odd]))
    assert read_fixes(tmp_path, given=True).severa == [odd]


def test_texts_longer_than_a_cell_are_whole_in_the_csv_file_and_no_difference(tmp_path: Path) -> None:
    """A counter resolves a finding for each number in its way: 8,000 ids are longer than any cell may be."""
    ids = tuple(f"{place:016x}" for place in range(8_000))
    reason = "\U0001f600\r\n" * 20_000
    cause = Cause(("number_in_other_series",), ids, "medium", reason)
    plan = FixPlan([SeveraChange("organizationsettings", "", "", "nextCustomerNumber", "1", "2", cause)])
    write_fixes(tmp_path, plan)
    assert read_fixes(tmp_path, given=True) == plan
    *_, cells = read_sheet(tmp_path / "severa" / "organizationsettings.xlsx")
    assert max(len(cell.encode("utf-16-le")) for cell in cells) <= 2 * 32_767
    assert cells[6].startswith(ids[0])
    assert cells[6].endswith("…")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("customers.ods", "only files that end with"),
        ("customers.CSV", "only files that end with"),
        ("~$customers.xlsx", "open"),
        (".~lock.customers.csv#", "open"),
    ],
)
def test_a_table_in_a_file_that_is_not_read_is_not_passed_over(tmp_path: Path, name: str, said: str) -> None:
    write_fixes(tmp_path, PLAN)
    (tmp_path / "severa" / "._customers.csv").write_bytes(b"\x00")  # macOS puts one beside each file
    (tmp_path / "severa" / ".DS_Store").write_bytes(b"\x00")
    assert read_fixes(tmp_path, given=True) == PLAN
    (tmp_path / "severa" / name).write_bytes(b"edited")
    with pytest.raises(ConfigurationError, match=said):
        read_fixes(tmp_path, given=True)
    with pytest.raises(ConfigurationError, match=said):
        chosen(tmp_path / "severa" / "customers")
    assert chosen(tmp_path / "severa" / "products").name == "products.csv"


def test_a_damaged_spreadsheet_is_refused_wherever_it_breaks(tmp_path: Path) -> None:
    write_fixes(tmp_path, PLAN)
    path = tmp_path / "severa" / "customers.xlsx"
    path.with_suffix(".csv").unlink()
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"][:-200]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(ConfigurationError, match=r"customers\.xlsx: the file cannot be read"):
        read_fixes(tmp_path, given=True)


def test_a_quote_that_is_never_closed_swallows_no_rows(tmp_path: Path) -> None:
    write_fixes(tmp_path, PLAN)
    with (tmp_path / "severa" / "customers.csv").open("a") as sink:
        sink.write('g2,x,number,1,2,r,z,low,"typed\ng3,x,number,1,2,r,z,low,swallowed\n')
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_fixes(tmp_path)


@pytest.mark.parametrize(("old", "new"), [("guid,", "id,"), (",low,", ",sure,"), (",007,", ",007")])
def test_an_altered_file_is_refused(tmp_path: Path, old: str, new: str) -> None:
    write_fixes(tmp_path, PLAN)
    path = tmp_path / "severa" / "customers.csv"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ConfigurationError, match=r"customers\.csv"):
        read_fixes(tmp_path)
