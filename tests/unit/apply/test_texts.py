"""What people read: the plan, the journal, and the journal as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from presync.apply.plan import make_plan
from presync.apply.texts import COLUMNS, journal_csv, journal_lines, plan_lines, report_lines
from presync.cli.main import WRONG_USAGE, main
from presync.control import journal
from presync.control.models import AppliedCall
from tests.support.written_severa import WrittenSevera, written

__all__ = ["written"]


def test_people_read_what_changes_what_is_left_and_what_was_done(
    written: Callable[..., WrittenSevera], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    severa = written(
        tmp_path / "o",
        [("customers", "a", "6"), ("customers", "b", "5"), ("customers", "c", "1000")],
        customers={"a": 5, "b": 6, "c": 7},
    )
    plan = "\n".join(plan_lines(make_plan(severa.tenant, severa.options), first=True))
    assert "to write to Severa: customers 2" in plan
    assert "a: number 5 → 6 (by way of 999" in plan
    assert "1 records that wait for a counter" in plan
    assert "--at-most 1" in plan
    identity = severa.propose()
    severa.edit("customers", "b", name="Another")
    told = "\n".join(report_lines(severa.apply(identity), undo=False))
    assert "not done: customers b: number 6 → 5: skipped: somebody changed it" in told

    assert main(["apply", "nordlys", "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert tuple(rows[0]) == COLUMNS
    kept = {column.key for column in AppliedCall.__mapper__.column_attrs} - {"application_id"}
    assert kept == {*COLUMNS} - {"plan", "approved_by"}, "whoever reads it sees all that the journal keeps"
    digests = [row["content_after"] for row in rows]
    assert [bool(digest) for digest in digests] == [row["state"] == "done" for row in rows]
    assert [(row["guid"], row["new"], row["undoes"], row["state"]) for row in rows] == [
        ("a", "999", "", "done"),
        ("b", "5", "", "skipped"),
        ("a", "6", "", "skipped"),
        ("a", "5", "0", "done"),
    ]
    found = [(each, journal.calls_of(each.id)) for each in journal.applications("nordlys")]
    assert "approved by Anna (airflow)" in "\n".join(journal_lines(found))
    assert len(journal_csv(found).splitlines()) == len(rows) + 1


@pytest.mark.parametrize(
    "wrong",
    [
        ["--yes", "--undo"],
        ["--only", "invoices"],
        ["--at-most", "0"],
        ["--csv", "--resume"],
        ["--undo", "--only", "customers"],
        ["--resume", "--at-most", "1"],
        ["--yes", "--plan", "x"],
        ["--exclude", "customers"],
        ["--yes", "--digest", "0123"],
        ["--digest", "0123456789ab"],
        ["--undo", "--fixes", "."],
    ],
)
def test_what_makes_no_sense_or_has_no_effect_is_wrong_usage(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["apply", "nordlys", *wrong])
    assert ended.value.code == WRONG_USAGE
