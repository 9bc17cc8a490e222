"""The oracle against every hand-computed case; every rule has the cases that show what it is."""

from __future__ import annotations

import pytest

from presync.tenants.entities import ENTITIES
from tests.oracle import Finding, findings, proposal, status
from tests.oracle.building import number_data, tenant
from tests.oracle.case_files import KINDS, Case, Proposal, all_cases, all_proposals
from tests.oracle.findings import SUITES_OF_RULES
from tests.oracle.model import StagedData


@pytest.mark.parametrize("rule", SUITES_OF_RULES)
def test_cases(rule: str) -> None:
    cases = [case for case in all_cases() if case.rule == rule]
    wrong = {str(case): (found, case.expected) for case in cases if (found := _found(case)) != case.expected}
    assert wrong == {}


def _found(case: Case) -> tuple[Finding, ...]:
    return tuple(case.of(findings(case.data)))


@pytest.mark.parametrize("rule", SUITES_OF_RULES)
def test_every_rule_has_a_failing_a_passing_and_a_boundary_case(rule: str) -> None:
    cases = [case for case in all_cases() if case.rule == rule]
    assert {case.kind for case in cases} == set(KINDS)


@pytest.mark.parametrize("rule", SUITES_OF_RULES)
def test_every_suite_of_a_rule_has_cases_with_and_without_a_finding(rule: str) -> None:
    cases = [case for case in all_cases() if case.rule == rule]
    assert {case.suite for case in cases if case.expected} == set(SUITES_OF_RULES[rule])
    assert {case.suite for case in cases if not case.expected} == set(SUITES_OF_RULES[rule])


@pytest.mark.parametrize("case", all_proposals(), ids=lambda case: f"{case.suite}-{case.name}")
def test_proposal(case: Proposal) -> None:
    assert proposal(case.data, case.suite) == case.expected


def test_nothing_at_all_asks_for_decisions_series_and_counters() -> None:
    unanswered = {f"transfer__{entity}": None for entity in ENTITIES}
    data = StagedData(tenant(visma_business__invoice_series=[], **unanswered))
    expected = [Finding(entity, "decision_missing", "critical") for entity in ENTITIES]
    expected += [
        Finding(suite, "series_unknown", "critical")
        for suite in ("customer_numbering", "invoice_numbering", "invoice_numbering", "projects")
    ]
    expected.append(Finding("invoice_numbering", "numbers_not_read", "warning"))
    assert findings(data) == sorted(expected)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (number_data(), "ready"),
        (number_data(invoice_texts=[]), "ready"),
        (number_data(counters=(9_999, 20_000, 20_000)), "blocked"),
        (number_data(transfer__projects=None), "blocked"),
    ],
    ids=["only a warning", "nothing", "overlap", "undecided"],
)
def test_status(data: StagedData, expected: str) -> None:
    assert status(data) == expected
