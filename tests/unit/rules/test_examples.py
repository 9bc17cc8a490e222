"""Every rule on hand-computed cases (`tests/oracle/cases`): the product finds what a person computed.

Covers: rules/run_suite.py, rules/frames.py, rules/findings_writer.py, rules/expectations.py,
rules/result.py.
"""

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
from tests.oracle.batches import Batch, all_batches, proposals_together, sampled_batches
from tests.oracle.case_files import Case, Proposal, all_cases
from tests.oracle.extracts import write_extracts
from tests.oracle.findings import SEVERITIES, SUITES_OF_RULES
from tests.oracle.model import StagedData
from tests.support.rules_product import FindingKey, keys
from tests.support.thorough import THOROUGH


def findings_of(
    connection: duckdb.DuckDBPyConnection, suite: str, rule: str, folder: Path
) -> Counter[FindingKey]:
    """Return what one rule of one suite finds in the data."""
    stated = load_suite(suite)
    only = replace(stated, statements=tuple(s for s in stated.statements if s.rule == rule))
    writer = FindingsWriter(connection, suite)
    judgements, _ = examine(connection, only, writer)
    writer.write(folder / f"{suite}.parquet")
    assert [judgement.error for judgement in judgements] == [None] * len(only.statements)
    return keys(pq.read_table(folder / f"{suite}.parquet").to_pylist())


@pytest.mark.parametrize(
    "batch",
    all_batches() if THOROUGH else sampled_batches(),
    ids=lambda batch: f"{batch.cases[0].rule}-{len(batch.cases)}",
)
def test_a_rule_finds_what_was_computed_by_hand(batch: Batch, tmp_path: Path) -> None:
    database = tmp_path / "staging.duckdb"
    data = batch.data
    reconcile.build(database, data.tenant, write_extracts(data, tmp_path))
    wrong = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        for case in batch.cases:
            found, expected = findings_of(connection, case.suite, case.rule, tmp_path), _keys(case)
            if found != expected:
                wrong[str(case)] = {"missing": expected - found, "not expected": found - expected}
    assert wrong == {}


def _keys(case: Case) -> Counter[FindingKey]:
    return Counter(tuple(finding) for finding in case.expected)


@pytest.mark.parametrize(
    ("proposals", "data"),
    proposals_together(),
    ids=lambda value: value[0].name if isinstance(value, list) else "",
)
def test_every_overlap_carries_the_lowest_free_range(
    proposals: list[Proposal], data: StagedData, tmp_path: Path
) -> None:
    database = tmp_path / "staging.duckdb"
    reconcile.build(database, data.tenant, write_extracts(data, tmp_path))
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute("SELECT suite, counter, ceiling FROM checks.proposals").fetchall()
    found = {suite: (counter, ceiling) for suite, counter, ceiling in rows if counter is not None}
    assert {p.name: found.get(p.suite) for p in proposals} == {p.name: p.expected for p in proposals}


def test_the_usual_run_has_every_name_of_a_case_and_every_kind_for_each_rule_and_suite() -> None:
    taken = [case for batch in sampled_batches() for case in batch.cases]
    assert {(case.rule, case.name, case.kind) for case in taken} == {
        (case.rule, case.name, case.kind) for case in all_cases()
    }
    assert {(case.rule, case.suite, bool(case.expected)) for case in taken} == {
        (case.rule, case.suite, bool(case.expected)) for case in all_cases()
    }


@pytest.mark.parametrize("suite", RULES)
def test_the_cases_know_the_rules_of_every_suite(suite: str) -> None:
    """`tests/unit/oracle` refuses a rule without a failing, a passing and a boundary case."""
    assert {rule for rule, suites in SUITES_OF_RULES.items() if suite in suites} == RULES[suite]
    severities = {statement.rule: statement.severity for statement in load_suite(suite).statements}
    assert severities == {rule: SEVERITIES[rule] for rule in RULES[suite]}
