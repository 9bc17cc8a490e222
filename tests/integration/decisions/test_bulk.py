"""Many answers at once, in a file: all are recorded or none, and every refused row is named.

Covers: report/files/by_hand.py.
"""

from __future__ import annotations

import csv
import datetime as dt
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from presync.cli.main import ERROR, FINE, main
from presync.control.audit import audit_trail
from presync.control.findings import SeenFinding, record_findings
from presync.control.runs import record_run
from presync.decisions.bulk import RefusedRowsError
from presync.decisions.record import given_pairs, given_waivers
from presync.errors import ConfigurationError
from presync.fixes.model import ByHand, Finding, FixPlan
from presync.report.files.by_hand import read_by_hand
from presync.report.files.fix_files import BY_HAND, write_fixes
from presync.staging.store import RunStore
from tests.support import report_samples as samples

pytestmark = pytest.mark.usefixtures("control_database")
BEGAN = dt.datetime(2026, 11, 23, 4, 15, tzinfo=dt.UTC)
SOON = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=30)
IDS = {"pair": "a" * 16, "other": "b" * 16, "alone": "c" * 16, "question": "d" * 16}
Fill = Callable[..., Path]


def left(name: str, rule: str, number: int | None) -> Finding:
    code, guid = ("", "") if number is None else (str(10000 + number), f"{0:08}-0000-0000-0000-{number:012}")
    names = ("", "") if number is None else (f"Fjellheim Elektro {number} AS", f"Fjellheim Elektro {number}")
    return Finding(
        IDS[name], "customers", rule, code, names[0], guid, "customers", "", names[1], "", "", "either", 0,
        "Two of them.", "v1",
    )  # fmt: skip


FOUND = (
    left("pair", "ambiguous_match", 1),
    left("other", "ambiguous_match", 2),
    left("alone", "duplicate_in_system", None),
    left("question", "decision_missing", None),
)


@pytest.fixture
def fill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fill:
    """Write the by_hand of a run that is on record, fill some of its cells in, and return the spreadsheet."""
    monkeypatch.setenv("PRESYNC_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PRESYNC_TENANTS", str(tmp_path))
    (tmp_path / "nordlys.yaml").write_text("tenant: nordlys\ntitle: Nordlys\n")
    samples.publish_database(RunStore("nordlys", "r1"))
    record_run(
        tenant="nordlys", run_id="r1", status="blocked", started_at=BEGAN, finished_at=BEGAN,
        rules_version="1", build_id="b1", critical=4, warning=0, counts={},
    )  # fmt: skip
    found = [
        SeenFinding(
            each.finding_id, each.suite, each.rule, "critical", each.business_code, each.severa_guid,
            values_digest="v1", waivable=each.rule != "decision_missing",
        )
        for each in FOUND
    ]  # fmt: skip
    record_findings("nordlys", "r1", BEGAN, found)
    write_fixes(tmp_path / "fixes", FixPlan(by_hand=[ByHand(each, "choose") for each in FOUND]))
    path = tmp_path / "fixes" / "by_hand.xlsx"

    def fill_in(**rows: dict[str, object]) -> Path:
        book = openpyxl.load_workbook(path)
        sheet = book.worksheets[-1]
        place = {cell.value: cell.column for cell in sheet[1]}
        for row in range(2, sheet.max_row + 1):
            name = next(n for n, each in IDS.items() if each == sheet.cell(row, place["finding_id"]).value)
            for column, value in rows.get(name, {}).items():
                sheet.cell(row, place[column]).value = value
        book.save(path)
        return path

    return fill_in


def test_all_answers_of_a_spreadsheet_are_recorded(fill: Fill, capsys: pytest.CaptureFixture[str]) -> None:
    file = fill(
        pair={"answer": "Same", "why": "asked them"},
        other={"answer": "different", "why": "two companies"},
        alone={"answer": "stands", "why": "both are needed", "until": SOON},
    )
    assert main(["answer", "nordlys", str(file), "--by", "Kari"]) == FINE
    assert "1 the same, 1 different, 1 may stand" in capsys.readouterr().out
    assert [(p.business_code, p.same, p.by) for p in given_pairs("nordlys")] == [
        ("10001", True, "Kari"),
        ("10002", False, "Kari"),
    ]
    assert [(w.finding_id, w.until) for w in given_waivers("nordlys")] == [(IDS["alone"], SOON)]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ({"other": {"answer": "perhaps", "why": "x"}}, "not same, different or stands"),
        ({"other": {"answer": "different"}}, "say how you know"),
        ({"other": {"answer": "stands", "why": "x"}}, "is not a day"),
        ({"other": {"answer": "stands", "why": "x", "until": "2020-01-01"}}, "has passed"),
        ({"other": {"answer": "same", "why": "x", "until": f"{SOON}"}}, "leave until empty"),
        ({"other": {"answer": "same", "why": "x", "business_code": "10003"}}, "names other records"),
        ({"other": {"answer": "same", "why": "x", "business_name": "Else AS"}}, "other names"),
        ({"other": {"answer": "stands", "why": "x", "values_digest": "v0"}}, "other values by now"),
        ({"alone": {"answer": "same", "why": "x"}}, "not about one record on each side"),
        ({"question": {"answer": "stands", "why": "x", "until": f"{SOON}"}}, "cannot be waived"),
        ({"other": {"answer": "different", "why": "x", "finding_id": IDS["pair"]}}, "already"),
    ],
)  # fmt: skip
def test_one_refused_row_is_named_and_nothing_is_recorded(
    fill: Fill, capsys: pytest.CaptureFixture[str], rows: dict[str, dict[str, object]], says: str
) -> None:
    entries = len(audit_trail("nordlys"))
    file = fill(pair={"answer": "same", "why": "asked them"}, **rows)
    assert main(["answer", "nordlys", str(file), "--by", "Kari"]) == ERROR
    told = capsys.readouterr().err
    row = {"other": 3, "alone": 4, "question": 5}[next(iter(rows))]
    assert f"row {row} (" in told
    assert says in told
    assert "nothing was recorded, because 1 of 2 answers are refused" in told
    assert given_pairs("nordlys") == []
    assert len(audit_trail("nordlys")) == entries


def test_a_csv_counts_too_and_one_without_answers_is_no_answer(fill: Fill, tmp_path: Path) -> None:
    path = fill().with_suffix(".csv")
    with path.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    assert main(["answer", "nordlys", str(path), "--by", "Kari"]) == ERROR
    with path.open("w", encoding="utf-8-sig", newline="") as sink:
        writer = csv.DictWriter(sink, BY_HAND, delimiter=";")
        writer.writeheader()
        writer.writerows([rows[0] | {"answer": "different", "why": "two companies"}, *rows[1:]])
    assert main(["answer", "nordlys", str(path), "--by", "Kari"]) == FINE
    assert [pair.same for pair in given_pairs("nordlys")] == [False]


@pytest.mark.parametrize(("name", "content"), [("x.pdf", b""), ("x.xlsx", b"PK"), ("x.csv", b"a,b\n1,2\n")])
def test_another_file_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigurationError, match="nothing was recorded"):
        read_by_hand(tmp_path / name)
    with pytest.raises(ConfigurationError, match="no such file"):
        read_by_hand(tmp_path / "gone.csv")


def test_a_spreadsheet_that_unpacks_to_far_too_much_is_not_read(tmp_path: Path) -> None:
    with (
        zipfile.ZipFile(tmp_path / "x.xlsx", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(300):
            part.write(bytes(1024 * 1024))
    with pytest.raises(ConfigurationError, match="unpacks to more"):
        read_by_hand(tmp_path / "x.xlsx")


def test_the_refusal_crosses_process_borders() -> None:
    error = pickle.loads(pickle.dumps(RefusedRowsError([(2, "a", "why")], 3)))  # noqa: S301 - our own
    assert (error.rows, error.given, "row 2 (a): why" in error.message) == (((2, "a", "why"),), 3, True)
