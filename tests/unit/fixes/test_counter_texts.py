"""One figure everywhere: what is said of a counter is what all proposals together make right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from presync import reconcile
from presync.fixes.codes import Decision
from presync.fixes.counter_texts import CounterTexts
from presync.fixes.counters import entity_numbers, invoice_numbers, read_counter
from presync.fixes.findings import register_findings
from presync.fixes.model import CounterProposal
from tests.oracle.case_files import Proposal, all_proposals
from tests.oracle.extracts import write_extracts
from tests.support.rehearsed_fixes import critical, rehearse
from tests.unit.fixes.test_examples import CUSTOMERS, customers

TO = CounterProposal(10_003, None)
BELOW = CounterProposal(1, 19_999)
TEXTS = CounterTexts(
    {"customer_numbering": TO, "projects": BELOW}, {"overlap-2": "the unit numbers its invoices itself"}
)
OWN = "what the suite says"


def finding(rule: str, finding_id: str = "x", fix_in: str = "severa") -> dict[str, str]:
    return {"finding_id": finding_id, "rule": rule, "fix_in": fix_in, "fix": OWN}


@pytest.mark.parametrize(
    ("suite", "found", "said"),
    [
        ("customer_numbering", finding("series_overlap", fix_in="either"), TO.text),
        ("customer_numbering", finding("next_number_taken"), TO.text),
        ("customer_numbering", finding("counter_past_ceiling", fix_in="either"), TO.text),
        ("customer_numbering", finding("series_unknown"), TO.text),
        ("customer_numbering", finding("series_unknown", fix_in="presync"), OWN),
        ("customer_numbering", finding("number_in_other_series"), OWN),
        ("projects", finding("next_number_taken"), BELOW.text),
        ("invoice_numbering", finding("series_overlap"), OWN),
        (
            "invoice_numbering",
            finding("series_overlap", "overlap-2"),
            "There is no proposal: the unit numbers its invoices itself.",
        ),
    ],
)
def test_what_is_said(suite: str, found: dict[str, str], said: str) -> None:
    assert TEXTS.fix(suite, found) == said
    assert CounterTexts.read(TEXTS.as_dict()).fix(suite, found) == said


def test_in_words() -> None:
    assert TO.text == "Proposal: in Severa's settings, set the counter to 10003; no ceiling is needed."
    assert BELOW.text.endswith("to 1, and declare the ceiling 19999 in the tenant file.")


@pytest.mark.parametrize("nothing", [None, "", []])
def test_a_report_without_proposals_says_what_the_suites_say(nothing: Any) -> None:
    assert CounterTexts.read(nothing).fix("projects", finding("next_number_taken")) == OWN


def test_the_counter_stands_behind_the_numbers_that_are_proposed_for_records() -> None:
    data = customers(
        [{"name": "Fjord AS", "customer_no": "1010"}],
        [{"guid": "a", "name": "Lund", "number": 1010}],
        following=5001,
    )
    rehearsal = rehearse(data, CUSTOMERS)
    [overlap] = [row for row in rehearsal.findings if row["rule"] == "series_overlap"]
    assert "set the counter to 10000;" in overlap["fix"]  # the suite knows its own numbers alone
    said = CounterTexts.of(rehearsal.plan).fix("customer_numbering", overlap)
    [changed] = [c.proposed for c in rehearsal.plan.severa if c.field == "nextCustomerNumber"]
    assert changed == "10001"
    assert f"set the counter to {changed};" in said
    assert critical(rehearsal.after, CUSTOMERS) == {}


def test_an_overlap_without_a_free_range_says_why() -> None:
    data = customers([], [{"guid": "a", "name": "Lund", "number": 50}], following=30)
    data.tables["visma_business", "customer_series"] = [{"account_class": 1, "first": 1, "last": 0}]
    rehearsal = rehearse(data, CUSTOMERS)
    [overlap] = [row for row in rehearsal.findings if row["rule"] == "series_overlap"]
    said = CounterTexts.of(rehearsal.plan).fix("customer_numbering", overlap)
    assert said.startswith("There is no proposal: no range of 10,000 numbers is free")


@pytest.mark.parametrize("proposal", all_proposals(), ids=lambda p: f"{p.suite}-{p.name}")
def test_the_fix_files_choose_as_the_overlap_does(proposal: Proposal, tmp_path: Path) -> None:
    database = tmp_path / "staging.duckdb"
    reconcile.build(database, proposal.data.tenant, write_extracts(proposal.data, tmp_path))
    with duckdb.connect(str(database)) as connection:
        register_findings(connection, [])
        numbers = (
            entity_numbers(connection, "customers", Decision())
            if proposal.suite == "customer_numbering"
            else invoice_numbers(connection)
        )
        chosen = read_counter(connection, proposal.suite, [], numbers).context.choose(0)
    assert (chosen and (chosen.first, chosen.ceiling)) == proposal.expected
