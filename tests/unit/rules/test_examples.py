"""Every rule on hand-computed examples: one that fails it, one that passes it, some on its boundary."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from presync import reconcile
from presync.rules.catalogue import RULES
from presync.rules.findings_writer import FindingsWriter
from presync.rules.run_suite import examine
from presync.rules.suite import load_suite
from tests.oracle import StagedData
from tests.oracle.building import Example
from tests.oracle.examples import EXAMPLES, PROPOSALS, Proposal
from tests.oracle.extracts import write_extracts
from tests.support.rules_product import keys


def findings_of(data: StagedData, suite: str, rule: str, folder: Path) -> list[dict[str, str]]:
    """Return what one rule of one suite finds in the data."""
    database = folder / "staging.duckdb"
    reconcile.build(database, data.tenant, write_extracts(data, folder))
    stated = load_suite(suite)
    only = replace(stated, statements=tuple(s for s in stated.statements if s.rule == rule))
    with duckdb.connect(str(database), read_only=True) as connection:
        writer = FindingsWriter(connection, suite)
        judgements, _ = examine(connection, only, writer)
        writer.write(folder / "findings.parquet")
    assert [judgement.error for judgement in judgements] == [None] * len(only.statements)
    rows: list[dict[str, str]] = pq.read_table(folder / "findings.parquet").to_pylist()
    return rows


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.suite}-{e.rule}-{e.name}")
def test_a_rule_finds_what_was_computed_by_hand(example: Example, tmp_path: Path) -> None:
    rows = findings_of(example.data, example.suite, example.rule, tmp_path)
    assert keys(rows) == Counter(tuple(finding) for finding in example.expected)


@pytest.mark.parametrize("proposal", PROPOSALS, ids=lambda p: p.name)
def test_every_overlap_carries_the_lowest_free_range(proposal: Proposal, tmp_path: Path) -> None:
    database = tmp_path / "staging.duckdb"
    reconcile.build(database, proposal.data.tenant, write_extracts(proposal.data, tmp_path))
    with duckdb.connect(str(database), read_only=True) as connection:
        row = connection.execute(
            "SELECT counter, ceiling FROM checks.proposals WHERE suite = ?", [proposal.suite]
        ).fetchone()
    assert row == proposal.expected


@pytest.mark.parametrize("suite", RULES)
def test_every_rule_has_examples_that_break_it_and_keep_it(suite: str) -> None:
    """Rules shared by entities are the same statements: an example in one entity speaks for them."""
    broken = {example.rule for example in EXAMPLES if example.expected}
    kept = {example.rule for example in EXAMPLES if not example.expected}
    assert RULES[suite] <= broken
    assert RULES[suite] <= kept
