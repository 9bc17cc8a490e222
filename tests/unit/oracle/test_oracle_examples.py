"""The oracle against every hand-computed example."""

from __future__ import annotations

from collections import Counter

import pytest

from presync.tenants.model import ENTITIES
from tests.oracle import Finding, findings, proposal, status
from tests.oracle.building import Example, number_data, tenant
from tests.oracle.entities import RULES
from tests.oracle.examples import EXAMPLES, PROPOSALS, Proposal
from tests.oracle.model import StagedData

NUMBER_RULES = {
    "series_overlap",
    "number_in_other_series",
    "next_number_taken",
    "counter_past_ceiling",
    "number_duplicate",
    "number_shared_by_units",
    "series_nearly_full",
    "series_unknown",
    "numbers_not_read",
}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_example(example: Example) -> None:
    assert example.of(findings(example.data)) == list(example.expected)


def test_every_rule_has_an_example_that_breaks_it_and_one_that_keeps_it() -> None:
    rules = {*RULES, *NUMBER_RULES}
    assert {example.rule for example in EXAMPLES if example.expected} == rules
    assert {example.rule for example in EXAMPLES if not example.expected} == rules


def test_names_of_examples_are_unique() -> None:
    assert [name for name, times in Counter(example.name for example in EXAMPLES).items() if times > 1] == []


@pytest.mark.parametrize("case", PROPOSALS, ids=lambda case: case.name)
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
