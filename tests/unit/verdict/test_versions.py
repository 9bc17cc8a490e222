"""A run of several versions: the message names all of them, and the tasks that bring it back to one."""

from __future__ import annotations

import pytest

from presync.staging.made_by import MadeBy
from presync.verdict.versions import other_versions

NEW, OLD = MadeBy("0.2.0-bbb", "H=24"), MadeBy("0.1.0-aaa", "H=24")
OTHER_SETTINGS = MadeBy("0.2.0-bbb", "H=48")
PRODUCTS = ("visma_business", "severa", "database", "results/customers", "results/projects")


def test_one_version_throughout_says_nothing() -> None:
    assert list(other_versions(dict.fromkeys(PRODUCTS, NEW), NEW)) == []


@pytest.mark.parametrize(
    ("stale", "way_out"),
    [
        (("severa",), "Clear the task extract_severa "),
        (("database",), "Clear the task reconcile "),
        (("severa", "database", "results/customers"), "Clear the tasks extract_severa, reconcile "),
        (("results/customers", "results/projects"), "Clear the tasks customers, projects "),
        (("visma_business", "severa"), "Start a new run."),
        (PRODUCTS, "Start a new run."),
    ],
)
@pytest.mark.parametrize("other", [OLD, OTHER_SETTINGS, None])
def test_both_versions_and_the_way_out_are_named(
    stale: tuple[str, ...], way_out: str, other: MadeBy | None
) -> None:
    products = {product: other if product in stale else NEW for product in PRODUCTS}
    (message,) = other_versions(products, NEW)
    assert (str(other) if other else "does not name") in message
    assert str(NEW) in message
    assert way_out in message
