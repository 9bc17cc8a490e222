"""The suites' JSON is where rules are stated: changing it, and nothing else, changes findings and verdict."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from presync import settings
from presync.errors import SuiteError
from presync.rules.catalogue import RULES, SUITES
from presync.rules.suite import load_suite, rules_version
from tests.support.rules_product import check
from tests.support.rules_samples import mismatched_customers

Edit = Callable[[dict[str, Any]], None]


@pytest.fixture
def expectations(tmp_path: Path) -> Path:
    folder = tmp_path / "expectations"
    shutil.copytree(settings.expectations_folder(), folder)
    return folder


def edit(folder: Path, suite: str, rule: str, change: Edit) -> None:
    path = folder / f"{suite}.json"
    content = json.loads(path.read_text())
    for entry in content["expectations"]:
        if entry["meta"]["rule"] == rule:
            change(entry)
    path.write_text(json.dumps(content))


def rules_found(expectations: Path) -> tuple[str, set[str]]:
    results, rows = check(mismatched_customers(), ["customers"], expectations)
    assert results["customers"].errors == []
    return results["customers"].status, {row["rule"] for row in rows}


def test_as_shipped(expectations: Path) -> None:
    assert rules_found(expectations) == ("failed", {"code_mismatch", "near_duplicate"})


def test_a_severity_decides_whether_it_blocks(expectations: Path) -> None:
    edit(expectations, "customers", "code_mismatch", lambda entry: entry.update(severity="warning"))
    assert rules_found(expectations) == ("passed", {"code_mismatch", "near_duplicate"})


def test_a_threshold_decides_what_is_similar(expectations: Path) -> None:
    edit(expectations, "customers", "near_duplicate", lambda entry: entry["kwargs"].update(max_value=99))
    assert rules_found(expectations) == ("failed", {"code_mismatch"})


def test_a_condition_decides_what_is_examined(expectations: Path) -> None:
    narrowed = {"row_condition": "live and relation == 'same' and severa_code_key == 'none of these'"}
    edit(expectations, "customers", "code_mismatch", lambda entry: entry["kwargs"].update(narrowed))
    assert rules_found(expectations) == ("passed", {"near_duplicate"})


def test_every_change_makes_another_rules_version(expectations: Path) -> None:
    before = rules_version(expectations)
    edit(expectations, "projects", "name_too_long", lambda entry: entry["kwargs"].update(max_value=79))
    assert rules_version(expectations) != before
    assert rules_version() == before


BROKEN: dict[str, tuple[Edit, str]] = {
    "a column that does not exist": (
        lambda entry: entry["kwargs"].update(row_condition="live and relatoin == 'same'"),
        "relatoin",
    ),
    "a check table that does not exist": (lambda entry: entry["meta"].update(table="piars"), "piars"),
    "an unknown expectation": (lambda entry: entry.update(type="expect_miracles"), "expect_miracles"),
    "an unknown argument": (lambda entry: entry["kwargs"].update(colunm="x"), "colunm"),
    "a share of violations to overlook": (lambda entry: entry["kwargs"].update(mostly=0.9), "mostly"),
    "an unknown severity": (lambda entry: entry.update(severity="info"), "severity"),
    "no wording": (lambda entry: entry["meta"].pop("fix"), "fix"),
    "a rule of another suite": (lambda entry: entry["meta"].update(rule="email_missing"), "email_missing"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_suite_is_an_error(expectations: Path, name: str) -> None:
    change, named = BROKEN[name]
    edit(expectations, "customers", "code_mismatch", change)
    with pytest.raises(SuiteError, match=named):
        check(mismatched_customers(), ["customers"], expectations)


UNCHECKABLE: dict[str, Edit] = {
    "a condition that cannot be computed": lambda entry: entry["kwargs"].update(row_condition="live + "),
    "a comparison of unlike types": lambda entry: entry["kwargs"].update(row_condition="relation > 5"),
    "wording that names no column": lambda entry: entry["meta"].update(message="{nobody}"),
}


@pytest.mark.parametrize("name", UNCHECKABLE)
def test_what_cannot_be_computed_is_an_error_and_never_a_pass(expectations: Path, name: str) -> None:
    edit(expectations, "customers", "code_mismatch", UNCHECKABLE[name])
    results, _ = check(mismatched_customers(), ["customers"], expectations)
    assert results["customers"].status == "error"
    assert "code_mismatch" in results["customers"].errors[0].message
    (judgement,) = [j for j in results["customers"].expectations if j.rule == "code_mismatch"]
    assert judgement.error


def test_a_threshold_below_what_was_looked_for_is_refused(expectations: Path) -> None:
    edit(expectations, "customers", "near_duplicate", lambda entry: entry["kwargs"].update(max_value=70))
    with pytest.raises(SuiteError, match="below 85"):
        check(mismatched_customers(), ["customers"], expectations)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"name": "customers", "expectations": []}', "{"])
def test_an_empty_suite_is_an_error(expectations: Path, content: str) -> None:
    (expectations / "customers.json").write_text(content)
    with pytest.raises(SuiteError, match=r"customers\.json"):
        load_suite("customers", expectations)


def test_a_missing_suite_is_an_error(expectations: Path) -> None:
    (expectations / "customers.json").unlink()
    with pytest.raises(SuiteError, match="missing"):
        load_suite("customers", expectations)


@pytest.mark.parametrize("suite", SUITES)
def test_leaving_a_rule_out_is_an_error(expectations: Path, suite: str) -> None:
    rule = sorted(RULES[suite])[0]
    path = expectations / f"{suite}.json"
    content = json.loads(path.read_text())
    content["expectations"] = [e for e in content["expectations"] if e["meta"]["rule"] != rule]
    path.write_text(json.dumps(content))
    with pytest.raises(SuiteError, match=rule):
        load_suite(suite, expectations)
