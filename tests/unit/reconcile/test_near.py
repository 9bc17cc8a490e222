"""Similar names: nothing is missed where all are compared; blocks find what shares a word or a beginning."""

from __future__ import annotations

from itertools import product

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz

from presync.reconcile import keys, near

NAMES = st.lists(
    st.lists(
        st.sampled_from(["nord", "norden", "konsult", "konsulting", "bygg", "lund"]), min_size=1, max_size=4
    )
    .map(" ".join)
    .flatmap(lambda name: st.sampled_from([name, name[1:], name + "s", name.replace("n", "m")])),
    max_size=30,
)


def similar(business: list[str], severa: list[str]) -> tuple[str, set[tuple[str, str]]]:
    """Return the method used and the pairs found."""
    with duckdb.connect() as connection:
        keys.register(connection)
        connection.execute("CREATE SCHEMA checks")
        connection.execute(
            "CREATE TABLE checks.base (suite TEXT, system TEXT, name_key TEXT, active BOOL, excluded BOOL)"
        )
        for system, names in (("visma_business", business), ("severa", severa)):
            for name in names:
                connection.execute(
                    "INSERT INTO checks.base VALUES ('customers', ?, ?, true, false)", [system, name]
                )
        method = near.fill(connection, ("customers",))["customers"]
        found = connection.execute("SELECT business_name_key, severa_name_key FROM checks.near").fetchall()
        keys.unregister(connection)
    assert len(found) == len(set(found))
    return method, set(found)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(business=NAMES, severa=NAMES)
def test_nothing_is_missed_where_all_are_compared(business: list[str], severa: list[str]) -> None:
    business, severa = [n for n in business if n.strip()], [n for n in severa if n.strip()]
    expected = {
        (b, s)
        for b, s in product(business, severa)
        if b != s and fuzz.token_sort_ratio(b, s) >= near.SIMILARITY_FLOOR
    }
    assert similar(business, severa) == ("exact", expected)


def test_many_names_are_compared_by_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near, "EXACT_COMPARISONS", 0)
    business = ["fjord konsult", "lund bygg", "hav data partner"]
    severa = ["fjord konsulting", "bygg lunde", "havx data partner", "something else"]
    assert similar(business, severa) == (
        "blocked",
        {
            ("fjord konsult", "fjord konsulting"),
            ("lund bygg", "bygg lunde"),
            ("hav data partner", "havx data partner"),
        },
    )
