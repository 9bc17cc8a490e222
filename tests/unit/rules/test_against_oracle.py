"""Every suite finds exactly what the brute-force definition finds, on random tenants.

Covers: reconcile/unrelated.py.
"""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings

from presync.rules.catalogue import SUITES
from tests import oracle
from tests.oracle import StagedData
from tests.oracle.building import entity_data, severa
from tests.oracle.confirmations import confirmed_tenants
from tests.oracle.random_tenants import staged_tenants
from tests.support.rules_product import check, keys
from tests.support.thorough import examples

WHOLE_TENANTS = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@settings(WHOLE_TENANTS, max_examples=examples(8))
@given(data=staged_tenants())
def test_the_suites_find_what_the_definition_finds(data: StagedData) -> None:
    compare(data)


@settings(WHOLE_TENANTS, max_examples=examples(4))
@given(data=confirmed_tenants())
def test_the_suites_heed_what_people_say_of_pairs(data: StagedData) -> None:
    compare(data)


def compare(data: StagedData) -> None:
    """Compare all suites at once: they share one staging database, as in a run."""
    results, rows = check(data)
    assert {suite: result.errors for suite, result in results.items()} == {suite: [] for suite in SUITES}
    assert keys(rows) == Counter(tuple(finding) for finding in oracle.findings(data))


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
