"""The drawn tenants: that they break every rule, that orderly ones break none, that they can be staged."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings

from presync.staging.extract import read_manifest
from presync.staging.tables import SYSTEMS, TABLES
from presync.tenants.entities import ENTITIES
from tests.oracle import StagedData, findings, status
from tests.oracle.building import number_data
from tests.oracle.entities import RULES
from tests.oracle.extracts import write_extracts
from tests.oracle.findings import SUITES_OF_RULES
from tests.oracle.orderly_tenants import orderly_tenants
from tests.oracle.random_tenants import NUMBERINGS, random_tenant, smallest, staged_tenants


@pytest.mark.parametrize("suite", ENTITIES)
def test_drawn_tenants_break_every_rule_of_an_entity(suite: str) -> None:
    possible = {rule for rule in RULES if suite in SUITES_OF_RULES[rule]}
    assert possible - _rules_broken(suite, 250) == set()


@pytest.mark.parametrize("suite", NUMBERINGS)
def test_drawn_tenants_break_every_rule_on_numbers(suite: str) -> None:
    rules = {
        "series_overlap",
        "number_in_other_series",
        "next_number_taken",
        "counter_past_ceiling",
        "series_nearly_full",
        "series_unknown",
    }
    if suite == "invoice_numbering":
        rules |= {"number_duplicate", "number_shared_by_units", "numbers_not_read"}
    assert rules - _rules_broken(suite, 150) == set()


def _rules_broken(suite: str, examples: int) -> set[str]:
    broken: set[str] = set()

    @settings(max_examples=examples, derandomize=True, deadline=None, database=None)
    @given(staged_tenants(suites=(suite,)))
    def collect(data: StagedData) -> None:
        broken.update(finding.rule for finding in findings(data) if finding.suite == suite)

    collect()
    return broken


@settings(max_examples=50, deadline=None)
@given(orderly_tenants())
def test_orderly_tenants_are_ready(data: StagedData) -> None:
    assert status(data) == "ready", findings(data)


@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(staged_tenants())
def test_drawn_tenants_survive_staging(tmp_path: Path, data: StagedData) -> None:
    import pyarrow.parquet as pq

    folders = write_extracts(data, tmp_path / str(len(list(tmp_path.iterdir()))))
    for system in SYSTEMS:
        manifest = read_manifest(folders[system], system)
        assert set(manifest.not_mapped) == (data.not_mapped if system == "visma_business" else set())
        for table in TABLES[system]:
            assert pq.read_table(folders[system] / f"{table}.parquet").to_pylist() == data.rows(system, table)


def test_the_smallest_tenant_that_fails_holds_only_what_it_takes() -> None:
    def conflicts(data: StagedData) -> bool:
        return any(finding.rule == "code_conflict" for finding in findings(data))

    tenants = (random_tenant(Random(seed), ("departments",)) for seed in range(100))
    data = smallest(next(tenant for tenant in tenants if conflicts(tenant)), conflicts)
    assert conflicts(data)
    assert len(data.rows("visma_business", "departments")) == 1
    assert len(data.rows("severa", "businessunits")) == 1


def test_a_table_that_is_not_mapped_has_no_rows(tmp_path: Path) -> None:
    data = number_data()
    data.not_mapped.add("voucher_series")
    with pytest.raises(ValueError, match="voucher_series"):
        write_extracts(data, tmp_path)


def test_an_unknown_column_is_refused() -> None:
    data = number_data()
    data.tables["severa", "customers"] = [{"guid": "a", "code": "7"}]
    with pytest.raises(ValueError, match="code"):
        data.rows("severa", "customers")
