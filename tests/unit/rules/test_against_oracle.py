"""Every suite finds exactly what the brute-force definition finds, on random tenants.

Covers: reconcile/unrelated.py.
"""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presync.rules.catalogue import SUITES
from presync.tenants.model import ENTITIES
from tests import oracle
from tests.oracle import StagedData
from tests.oracle.confirmations import confirmed_tenants
from tests.oracle.random_tenants import staged_tenants
from tests.support.rules_product import check, keys


@pytest.mark.parametrize("suite", SUITES)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(data=st.data())
def test_a_suite_finds_what_the_definition_finds(suite: str, data: st.DataObject) -> None:
    compare(suite, data.draw(staged_tenants(suites=[suite])))


@pytest.mark.parametrize("suite", [*ENTITIES, "customer_numbering"])
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(data=st.data())
def test_a_suite_heeds_what_people_say_of_pairs(suite: str, data: st.DataObject) -> None:
    compare(suite, data.draw(confirmed_tenants(suite)))


def compare(suite: str, tenant: StagedData) -> None:
    results, rows = check(tenant, [suite])
    expected = Counter(tuple(finding) for finding in oracle.findings(tenant) if finding.suite == suite)
    assert results[suite].errors == []
    assert keys(rows) == expected
