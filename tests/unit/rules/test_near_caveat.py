"""Where not every pair of names was compared, the suites' results say so beside the rule."""

from __future__ import annotations

import pytest

from presync.reconcile.similar_names import search
from tests.support.rules_product import check
from tests.support.rules_samples import mismatched_customers


def descriptions() -> dict[str, str]:
    """Return the customers' rules and how they are described."""
    results, _ = check(mismatched_customers(), ["customers"])
    return {entry.rule: entry.description for entry in results["customers"].expectations}


def test_nothing_is_said_where_all_were_compared() -> None:
    assert "Not every pair" not in descriptions()["near_duplicate"]


def test_it_is_said_beside_the_rule_about_similar_names_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "EXACT_COMPARISONS", -1)
    said = {rule for rule, text in descriptions().items() if "Not every pair of names was compared" in text}
    assert said == {"near_duplicate"}
