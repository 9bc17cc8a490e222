"""Every suite finds exactly what the brute-force definition finds, on random tenants.

Covers: reconcile/unrelated.py.
"""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presync.rules.catalogue import SUITES
from presync.tenants.entities import ENTITIES
from tests import oracle
from tests.oracle import StagedData
from tests.oracle.building import entity_data, severa
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


@pytest.mark.parametrize("unseen", ["\u200b", "\u2060", "\xad", "\ufe0f", "\u202e"])
def test_a_message_shows_what_nobody_can_see_in_a_code(unseen: str) -> None:
    ours = {"code": f"X100{unseen}", "name": "Rådgivning"}
    theirs = severa("Rådgivning", "products", code="X100")
    _, rows = check(entity_data("products", [ours], [theirs]), ["products"])
    (row,) = [row for row in rows if row["rule"] == "code_mismatch"]
    shown = f"X100<U+{ord(unseen):04X}>"
    assert shown in row["message"] + row["fix"]
    assert row["business_code"] == f"X100{unseen}"
    assert unseen not in row["message"] + row["fix"]
