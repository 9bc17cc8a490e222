"""What each record's row in the preview says, case by case.

Covers: preview/outcomes.py, preview/write.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import duckdb
import pytest

from presync import settings
from presync.errors import IncompleteError
from presync.preview import OUTCOMES, write_preview
from presync.preview.outcomes import COLUMNS
from presync.staging.tables import System
from presync.tenants.model import Tenant
from tests.oracle import Finding, StagedData
from tests.oracle.model import Row
from tests.support.preview_product import checked, judged_by_definition, preview, write_findings
from tests.support.rules_samples import tenant
from tests.support.staged_tables import as_tables

EVERYTHING = dict.fromkeys(("departments", "products", "employees", "customers", "projects"), "all")
Tables = dict[tuple[System, str], list[Row]]


def _told(tables: Mapping[tuple[System, str], list[Row]], **changes: Any) -> list[dict[str, str]]:
    return preview(StagedData(_tenant(**changes), dict(tables)))[1]


def _tenant(*, transfer: Mapping[str, Any] | None = None, **changes: Any) -> Tenant:
    return tenant(transfer={**EVERYTHING, **(transfer or {})}, **changes)


def _outcomes(rows: list[dict[str, str]]) -> list[tuple[str, str, str]]:
    return [(row["system"], row["outcome"], row["cause"]) for row in rows]


CUSTOMERS: Tables = {
    ("visma_business", "associates"): [
        {"act_no": "1", "name": "Lund AS", "customer_no": "10", "business_no": "976 390 512"},
        {"act_no": "2", "name": "Vik AS", "customer_no": "11", "customer_group_value": 1},
    ],
    ("visma_business", "customer_series"): [{"account_class": 1, "first": 500, "last": 900}],
    ("severa", "customers"): [
        {"guid": "a", "name": "LUND", "number": 10, "vat_number": "NO976390512MVA"},
        {"guid": "b", "name": "Ås", "number": None},
    ],
    ("severa", "organizationsettings"): [
        {"next_customer_number": 1000, "next_invoice_number": 1000, "next_project_number": 1}
    ],
}
NOBODY: Tables = {("severa", "customers"): []}
MARKED = {"customers": {"except": {"field": "Gr5", "value": 1}}}


def test_partners_are_linked_and_what_differs_is_named() -> None:
    business, excluded, severa, unnumbered = _told(CUSTOMERS, transfer=MARKED)

    assert (business["outcome"], business["differs"], business["wins"]) == ("link", "name", "both")
    assert (severa["outcome"], severa["business_code"], severa["severa_guid"]) == ("link", "10", "a")
    assert business["reason"] == "Equal numbers, and the same."
    assert excluded["reason"] == "Gr5 is 1: the answer excludes it."
    assert (unnumbered["outcome"], unnumbered["warnings"]) == ("create_in_visma_business", "code_absent")
    assert "has no number" in unnumbered["reason"]


def test_an_id_on_one_side_alone_differs() -> None:
    tables = dict(CUSTOMERS)
    tables["severa", "customers"] = [{"guid": "a", "name": "Lund AS", "number": 10}]

    assert _told(tables)[0]["differs"] == "business_id"


def test_an_excluded_record_that_severa_moves_to_is_linked_all_the_same() -> None:
    tables = dict(CUSTOMERS)
    tables["severa", "customers"] = [{"guid": "a", "name": "Vik", "number": 11}]
    rows = _told(tables, transfer=MARKED)

    assert [row["outcome"] for row in rows] == ["create_in_severa", "link", "link"]
    assert rows[1]["reason"].endswith("Gr5 is 1, which excludes it, but the one in Severa moves.")
    assert "excludes" not in rows[2]["reason"]


def test_what_neither_side_moves_stays_where_it_is() -> None:
    tables = dict(CUSTOMERS)
    tables["severa", "customers"] = [{"guid": "a", "name": "Vik", "number": 11, "is_active": False}]

    assert _outcomes(_told(tables, transfer=MARKED))[1:] == [
        ("visma_business", "excluded", "excluded"),
        ("severa", "not_transferred", "inactive"),
    ]


def test_an_employee_without_an_address_stays_unless_severa_has_the_same_user() -> None:
    tables: Tables = {
        ("visma_business", "associates"): [
            {"act_no": "1", "name": "Ida Vik", "employee_no": "7", "email": " "},
            {"act_no": "2", "name": "Ola Ås", "employee_no": "8", "email": None},
            {"act_no": "3", "name": "Eva Li", "employee_no": "9", "email": "Eva@li.no"},
        ],
        ("severa", "users"): [
            {"guid": "o", "first_name": "Ola", "last_name": "Ås", "code": "8", "email": "o@li.no"},
            {"guid": "e", "first_name": "Eva", "last_name": "Li", "code": "9", "email": "eva@li.no "},
        ],
        ("severa", "organizationsettings"): CUSTOMERS["severa", "organizationsettings"],
    }
    ida, ola, eva, *users = _told(tables)

    assert (ida["outcome"], ida["cause"]) == ("not_transferred", "no_email")
    assert (ola["outcome"], ola["differs"]) == ("link", "email")
    assert "no e-mail address, but the one in Severa moves" in ola["reason"]
    assert (eva["outcome"], eva["differs"]) == ("link", "")
    assert {row["outcome"] for row in users} == {"link"}


def _departments(answer: str | None) -> list[dict[str, str]]:
    tables: Tables = {
        ("visma_business", "departments"): [{"code": str(n), "name": f"Team {n}"} for n in (1, 2, 3)],
        ("severa", "businessunits"): [
            {"guid": "a", "name": "Team 1", "code": "1"},
            {"guid": "i", "name": "Team 2", "code": "2", "is_active": False},
        ],
        ("severa", "organizationsettings"): CUSTOMERS["severa", "organizationsettings"],
    }
    return _told(tables, transfer={"departments": answer})


def test_whether_an_employee_is_active_is_compared_where_the_group_field_says_so() -> None:
    tables: Tables = {
        ("visma_business", "associates"): [
            {
                "act_no": str(n),
                "name": name,
                "employee_no": str(n),
                "email": f"{n}@li.no",
                "employee_group_value": g,
            }
            for n, name, g in ((7, "Ida Vik", 1), (8, "Ola Ås", 0), (9, "Eva Li", 0))
        ],
        ("severa", "users"): [
            {"guid": str(n), "first_name": first, "last_name": last, "code": str(n), "email": f"{n}@li.no"}
            | {"is_active": active}
            for n, first, last, active in (
                (7, "Ida", "Vik", True),
                (8, "Ola", "Ås", False),
                (9, "Eva", "Li", True),
            )
        ],
        ("severa", "organizationsettings"): CUSTOMERS["severa", "organizationsettings"],
    }
    marked = _told(tables, transfer={"employees": {"except": {"field": "Gr2", "value": 1}}})
    assert {row["outcome"] for row in marked} == {"link"}
    assert [(row["differs"], row["wins"]) for row in marked] == [
        ("active", "both"),
        ("active", "both"),
        ("", ""),
    ] * 2
    # without a field that says it, nobody knows of Visma Business
    assert {row["differs"] for row in _told(tables)} == {""}


@pytest.mark.parametrize(
    ("mapped", "business", "severa", "differs"),
    [
        ("CustNo", "10", None, "customer"),
        ("CustNo", "0", 10, "customer"),
        ("CustNo", " 10 ", 10, ""),
        ("CustNo", None, None, ""),
        (None, None, 10, ""),
    ],
)
def test_a_project_with_a_customer_on_one_side_alone_differs(
    mapped: str | None, business: str | None, severa: int | None, differs: str
) -> None:
    tables: Tables = {
        ("visma_business", "projects"): [{"code": "20", "name": "Nettside", "customer": business}],
        ("severa", "projects"): [{"guid": "p", "name": "Nettside", "number": 20, "customer_number": severa}],
        ("severa", "organizationsettings"): [
            {"next_customer_number": 1000, "next_invoice_number": 1000, "next_project_number": 100}
        ],
    }
    projects = {"projects": {"table": "R2", "customer": mapped}}
    rows = _told(tables, visma_business=projects, integration={"case_master": "severa"})
    assert [(row["outcome"], row["differs"]) for row in rows] == [("link", differs)] * 2
    assert {row["wins"] for row in rows} == {"severa" if differs else ""}


def test_a_missing_answer_blocks_what_depends_on_it() -> None:
    rows = _departments(None)

    assert [row["outcome"] for row in rows] == ["link", "blocked", "blocked", "link", "blocked"]
    assert {row["rules"] for row in rows if row["outcome"] == "blocked"} == {"decision_missing"}
    assert all(row["finding_ids"] for row in rows if row["outcome"] == "blocked")


def test_none_keeps_what_severa_does_not_move() -> None:
    rows = _departments("none")

    assert [row["outcome"] for row in rows] == [
        "link",
        "not_transferred",
        "not_transferred",
        "link",
        "not_transferred",
    ]
    assert [row["cause"] for row in rows if row["outcome"] == "not_transferred"] == [
        "answer_none",
        "answer_none",
        "inactive",
    ]


@pytest.mark.parametrize(
    ("integration", "wins"),
    [
        ({}, ("unknown", "unknown")),
        ({"master": "severa"}, ("severa", "severa")),
        ({"master": "severa", "product_master": "visma_business"}, ("visma_business", "severa")),
    ],
)
def test_whose_name_is_kept_follows_the_settings(integration: dict[str, str], wins: tuple[str, str]) -> None:
    tables: Tables = {
        ("visma_business", "products"): [{"code": "A", "name": "Hours"}, {"code": "B", "name": "Kilometres"}],
        ("severa", "products"): [{"guid": "p", "name": "HOURS", "code": "A"}],
        ("severa", "worktypes"): [
            {"guid": "w", "name": "kilometres", "code": "B"},
            {"guid": "x", "name": "Travelling by night", "code": "B"},
        ],
        ("severa", "organizationsettings"): CUSTOMERS["severa", "organizationsettings"],
    }
    rows = {
        row["severa_guid"]: row for row in _told(tables, integration=integration) if row["system"] == "severa"
    }

    assert (rows["p"]["wins"], rows["w"]["wins"]) == wins
    # a work type meets the product whose number it has, whatever it is called
    assert (rows["x"]["outcome"], rows["x"]["cause"], rows["x"]["business_code"]) == (
        "link",
        "same_code",
        "B",
    )


def test_findings_of_a_run_block_their_records_by_id() -> None:
    tables = dict(CUSTOMERS)
    tables["severa", "customers"] = [{"guid": "a", "name": "Lund", "number": 600}]
    with checked(StagedData(_tenant(), tables)) as run:
        told, rows = run.preview()

    lund, _, severa = rows
    assert (lund["outcome"], lund["rules"]) == ("blocked", "code_mismatch")
    assert severa["rules"] == "code_mismatch;number_in_other_series"
    assert lund["finding_ids"] in severa["finding_ids"].split(";")
    assert lund["reason"].startswith("10 “Lund AS” in Visma Business and 600 “Lund” in Severa are the same")
    assert severa["reason"].endswith("(2 findings.)")
    assert told.count("customers", "blocked") == 2


def test_what_somebody_has_waived_blocks_no_record() -> None:
    tables = dict(CUSTOMERS)
    tables["severa", "customers"] = [{"guid": "a", "name": "Unlike", "number": 10}]
    with judged_by_definition(StagedData(_tenant(), tables)) as run:
        assert {row["outcome"] for row in run.preview()[1] if row["business_code"] == "10"} == {"blocked"}
        target = run.database.parent / "waived.csv"
        waived = [str(place) for place in range(9)]
        write_preview(_tenant(), run.database, run.build_id, run.findings, target, waived=waived)
        rows = target.read_text(encoding="utf-8")

    # the integration goes by the number
    assert rows.count("link,same_code,10,Lund AS,a,customers,10,Unlike,name;business_id,both") == 2
    assert rows.count("code_conflict") == 2


def test_masked_names_are_nowhere_and_codes_everywhere() -> None:
    data = StagedData(_tenant(privacy="masked"), {**CUSTOMERS})
    data.tables["severa", "customers"] = [{"guid": "a", "name": "Lund", "number": 600}]
    with checked(data) as run:
        told, rows = run.preview()
        findings = "".join(duckdb.read_parquet([str(file) for file in run.findings]).fetchdf().to_csv())

    shown = str(rows) + str(told) + findings
    assert "Lund" not in shown
    assert "Vik" not in shown
    assert "10 “L*** A***” in Visma Business and 600 “L***” in Severa are the same" in shown
    assert [row["outcome"] for row in rows] == ["blocked", "create_in_severa", "blocked"]


def test_a_critical_finding_about_a_record_that_is_not_there_makes_no_preview() -> None:
    with judged_by_definition(StagedData(_tenant(), CUSTOMERS)) as run:
        write_findings(run.findings[0], [Finding("customers", "code_duplicate", "critical", "99", "Nobody")])
        with pytest.raises(IncompleteError, match="1 critical finding"):
            run.preview()


def test_a_record_that_was_counted_and_has_no_outcome_makes_no_preview() -> None:
    with judged_by_definition(StagedData(_tenant(), CUSTOMERS)) as run:
        with duckdb.connect(str(run.database)) as connection:
            connection.execute("DELETE FROM checks.records WHERE guid = 'b'")
        with pytest.raises(IncompleteError, match="customers"):
            run.preview()


def test_names_are_masked_if_the_database_does_not_say() -> None:
    with judged_by_definition(StagedData(_tenant(), {**CUSTOMERS, **NOBODY})) as run:
        with duckdb.connect(str(run.database)) as connection:
            as_tables(connection)
            connection.execute("UPDATE checks.build SET names_masked = NULL")
        assert "Lund" not in str(run.preview())


def test_another_build_of_the_database_makes_no_preview() -> None:
    with judged_by_definition(StagedData(_tenant(), CUSTOMERS)) as run:
        target = run.database.parent / "preview.csv"
        with pytest.raises(IncompleteError, match="another build"):
            write_preview(_tenant(), run.database, "b0", run.findings, target)
        assert not target.exists()


def test_every_column_and_outcome_is_described() -> None:
    text = (settings.HOME / "docs" / "preview.md").read_text(encoding="utf-8")

    described = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert described == [*OUTCOMES, *COLUMNS]
