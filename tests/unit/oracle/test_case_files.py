"""Reading the cases: what is not understood is refused by file and case, values stay as they are written."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.oracle import findings
from tests.oracle.batches import all_batches
from tests.oracle.case_files import all_cases, read_cases
from tests.oracle.case_tables import CaseError

HEAD = "severity: critical\n"


def cases_of(folder: Path, text: str, name: str = "code_mismatch.yaml") -> list[str]:
    path = folder / name
    path.write_text(HEAD + dedent(text), encoding="utf-8")
    return [str(case) for case in read_cases(path)]


def one(body: str, suite: str = "customers") -> str:
    return f"{suite}:\n  - passes: it\n    {body}\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (one("sevra: []"), r"'it'.*'sevra' is not known; a case may have why, tenant, "),
        (one("business: [{no: 1}]"), "no column no; known are code, name, id"),
        (one("business: {code: 1}"), "must be a list"),
        (one("business: [Oslo]"), "'Oslo' must be a mapping"),
        (one("severa: [{code: A1}]"), "'A1' must be a whole number or null"),
        (one("severa: [{code: 1, active: no}]"), "'no' must be true, false or null"),
        (one("severa: [{register: users}]"), "'users' is not a register; known are customers"),
        (one("tenant: {visma: {}}"), "'it'.*visma"),
        (one("answer: perhaps"), "'it'.*transfer.customers"),
        (one("finds: [b1]"), "a case that passes must not have `finds`"),
        ("customers:\n  - fails: it\n", "a case that fails must have `finds`"),
        ("customers:\n  - boundary: it\n    finds: [b1]\n", "finds 'b1', but there is no record 'b1'"),
        ("customers:\n  - boundary: it\n    finds: [x]\n", "no record 'x'"),
        ("customers:\n  - boundary: it\n    finds: b1\n", "finds must be a list"),
        ("customers:\n  - name: it\n", "case 1: must have exactly one of fails, passes, boundary"),
        ("customers:\n  - {passes: it, boundary: it}\n", "case 1: must have exactly one of"),
        ("customers:\n  - it\n", "case 1: must be a mapping"),
        ("customers:\n  - passes: it\n  - boundary: it\n", "'it': two cases have this name"),
        ("persons: []\n", "'persons' must be a suite or a group"),
        ("customer_numbering:\n  - passes: it\n", "the suite customer_numbering does not have this rule"),
        ("customers: []\ncustomers: []\n", "duplicate key"),
        ("- a\n", "expected <block end>"),
    ],
)
def test_what_is_not_understood_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(CaseError, match=rf"(?s)code_mismatch\.yaml.*{says}"):
        cases_of(tmp_path, text)


def test_a_file_is_named_after_its_rule_and_states_its_severity(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=r"code_mismach\.yaml: no rule is called code_mismach"):
        cases_of(tmp_path, "customers: []", "code_mismach.yaml")
    with pytest.raises(
        CaseError, match=r"name_differs\.yaml: severity is 'critical'; name_differs is warning"
    ):
        cases_of(tmp_path, "customers: []", "name_differs.yaml")


def test_an_entity_has_no_counter_and_numbering_of_invoices_no_records(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="departments has no counter in Severa"):
        cases_of(tmp_path, one("next: 7", "departments"))
    with pytest.raises(CaseError, match="invoice_numbering has no records"):
        cases_of(tmp_path, one("business: []", "invoice_numbering"), "series_overlap.yaml")


def test_values_stay_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "code_conflict.yaml"
    text = """
    every entity:
      - boundary: as written
        business: [{code: 007, name: NO}, {code: "", name: null}]
        severa: [{code: 8, name: Anna Maria Lie, active: null}]
        finds: [b1 s1]
    """
    path.write_text(HEAD + dedent(text), encoding="utf-8")
    by_suite = {case.suite: case for case in read_cases(path)}
    assert len(by_suite) == 5
    data = by_suite["departments"].data
    assert [(row["code"], row["name"]) for row in data.rows("visma_business", "departments")] == [
        ("007", "NO"),
        ("", None),
    ]
    assert data.rows("severa", "businessunits")[0]["is_active"] is None
    user = by_suite["employees"].data.rows("severa", "users")[0]
    assert (user["first_name"], user["last_name"], user["code"]) == ("Anna Maria", "Lie", "8")
    assert by_suite["customers"].data.rows("severa", "customers")[0]["number"] == 8
    assert by_suite["employees"].expected[0].severa_name == "Anna Maria Lie"


def test_a_case_has_the_same_findings_alone_and_together_with_others() -> None:
    assert sorted(str(case) for batch in all_batches() for case in batch.cases) == sorted(
        map(str, all_cases())
    )
    for batch in all_batches():
        found = findings(batch.data)
        assert {str(case): case.of(found) for case in batch.cases} == {
            str(case): list(case.expected) for case in batch.cases
        }
