"""The exclusion lists as files, and whom a rehearsal with them refuses."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import duckdb
import pytest
import typer

from presync.cli.arguments import entities
from presync.errors import ConfigurationError
from presync.fixes.model import BusinessChange, Cause, FixPlan
from presync.preview import write_preview
from presync.rehearsal.exclusions import exclude_listed
from presync.report.files.exclusion_lists import COLUMNS, read_list, write_questions
from presync.tenants.entities import Entity
from tests.oracle import StagedData
from tests.oracle.building import tenant
from tests.support.preview_product import judged_by_definition

DEAD = {"code": "1", "name": "=HYPERLINK(1)", "created_on": 20050101, "changed_on": 20100203}


def company(**answers: object) -> StagedData:
    tables = {
        ("visma_business", "departments"): [DEAD],
        ("visma_business", "group_fields"): [
            {"entity": "departments", "group_field": "Gr4", "records": 1, "marked": 0}
        ],
        ("severa", "organizationsettings"): [{}],
    }
    return StagedData(tenant(**answers), tables, {"invoice_numbers"})  # type: ignore[arg-type]


def written(folder: Path, data: StagedData) -> Path:
    """Write a report's lists; return their folder."""
    with judged_by_definition(data) as run:
        write_preview(
            data.tenant,
            run.database,
            run.build_id,
            run.findings,
            folder / "preview.csv",
            then=lambda connection: write_questions(connection, data.tenant, folder),
        )
    return folder / "transfer"


def test_a_list_has_a_row_for_each_record_as_csv_and_as_a_spreadsheet(tmp_path: Path) -> None:
    folder = written(tmp_path, company())
    with (folder / "departments.csv").open(encoding="utf-8", newline="") as lines:
        (row,) = csv.DictReader(lines)
    assert row == {
        "table": "R1",
        "key": "1",
        "column": "Gr4",
        "current": "0",
        "proposed": "1",
        "code": "1",
        "name": "=HYPERLINK(1)",
        "last_change": "2010-02-03",
        "created": "2005-01-01",
        "last_activity": "",
        "reason": "Last changed 2010-02-03; nothing in Severa is related to it.",
    }
    sheet = zipfile.ZipFile(folder / "departments.xlsx").read("xl/worksheets/sheet1.xml").decode()
    assert "=HYPERLINK(1)" in sheet
    assert "<f>" not in sheet
    (change,) = read_list(folder, "departments")
    assert (change.table, change.key, change.column, change.proposed) == ("R1", "1", "Gr4", "1")


def test_what_is_in_the_field_now_is_as_staged_where_the_answer_names_it(tmp_path: Path) -> None:
    data = company(transfer__departments={"except": {"field": "Gr4", "value": 7}})
    data.tables["visma_business", "departments"] = [{**DEAD, "group_value": 0}, {**DEAD, "code": "2"}]
    folder = written(tmp_path, data)
    assert {c.key: c.current for c in read_list(folder, "departments")} == {"1": "0", "2": ""}


def test_a_company_of_which_nothing_can_be_told_gets_no_half_lists(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        questions = write_questions(connection, tenant(), tmp_path)
    assert "stopped unexpectedly" in questions.problem
    assert not (tmp_path / "transfer").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "nothing is proposed"),
        ("a;b\n", "columns of this"),
        (",".join(COLUMNS) + "\n", "no row in this list"),
        (",".join(COLUMNS) + "\nR1,1,Gr,0,1\n", "columns of this"),
        (",".join(COLUMNS) + "\nR1,1,Gr,0,1,,,,,,\nR1,2,Gr2,0,1,,,,,,\n", "2 such marks"),
        (",".join(COLUMNS) + "\nR1,1,RNo,0,1,,,,,,\n", "not a mark in a Group field"),
        (",".join(COLUMNS) + "\nR1,1,Gr,0,one,,,,,,\n", "not a mark in a Group field"),
        (",".join(COLUMNS) + "\nR1,1,Gr,*,1,,,,,,\n", "not a mark in a Group field"),
    ],
)
def test_a_list_that_is_none_is_refused(tmp_path: Path, content: str | None, said: str) -> None:
    if content is not None:
        (tmp_path / "departments.csv").write_text(content)
    with pytest.raises(ConfigurationError, match=said):
        read_list(tmp_path, "departments")


def test_a_persons_folder_without_the_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"holds no departments\.csv or departments\.xlsx"):
        read_list(tmp_path, "departments", given=True)


def test_the_list_of_a_great_value_is_read_back(tmp_path: Path) -> None:
    data = company(transfer__departments={"except": {"field": "Gr4", "value": 2147483647}})
    assert [change.proposed for change in read_list(written(tmp_path, data), "departments")] == ["2147483647"]


def test_a_list_that_a_spreadsheet_saved_is_read(tmp_path: Path) -> None:
    row = ["R1", "1", "Gr", "0", "1", *[""] * 6]
    (tmp_path / "departments.csv").write_text("\ufeff" + ";".join(COLUMNS) + "\r\n" + ";".join(row) + "\r\n")
    assert [change.key for change in read_list(tmp_path, "departments")] == ["1"]


MARK = BusinessChange("R1", "1", "Gr4", "0", "1", Cause((), (), "medium", ""))
LIST: dict[Entity, list[BusinessChange]] = {"departments": [MARK]}


@pytest.mark.parametrize(("answer", "decided"), [("all", {}), (None, {}), ("none", {"departments": "all"})])
def test_the_answer_that_a_list_needs_is_given(answer: str | None, decided: dict[str, str]) -> None:
    plan = FixPlan()
    changed, left = exclude_listed(tenant(transfer__departments=answer), decided, plan, LIST)
    given = changed.transfer.exclusion("departments")
    assert given is not None
    assert (given.field, given.value, left) == ("Gr4", 1, {})
    assert [change.current for change in plan.visma_business] == [""]  # nobody has staged the field


def test_an_answer_that_excludes_already_stays() -> None:
    plan, of = FixPlan(), tenant(transfer__departments={"except": {"field": "Gr4", "value": 1}})
    assert exclude_listed(of, {"products": "none"}, plan, LIST) == (of, {"products": "none"})
    assert plan.visma_business == [MARK]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("none", "do not transfer at all"),
        ({"except": {"field": "Gr5", "value": 1}}, "Gr5 = 1"),
        ({"except": {"field": "Gr4", "value": 2}}, "Gr4 = 2"),
    ],
)
def test_a_list_that_contradicts_the_answer_is_refused(answer: object, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        exclude_listed(tenant(transfer__departments=answer), {}, FixPlan(), LIST)


def test_entities_are_named_as_elsewhere() -> None:
    assert entities("projects, customers") == ("customers", "projects")
    with pytest.raises(typer.BadParameter, match="clients"):
        entities("customers,clients")
