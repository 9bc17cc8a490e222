"""Similar names: none is missed where all are compared; blocks find what they promise, and count the rest.

Covers: reconcile/similar_names/blocks.py, reconcile/similar_names/exact.py.
"""

from __future__ import annotations

from itertools import product

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from presync.errors import IncompleteError
from presync.reconcile import keys
from presync.reconcile.similar_names import blocks, deletions, search
from tests.oracle.keys import folded_forms

NAMES = st.lists(
    st.lists(
        st.sampled_from(["nord", "norden", "konsult", "konsulting", "bygg", "lund", "örn", "å", "9"]),
        min_size=1,
        max_size=4,
    )
    .map(" ".join)
    .flatmap(lambda name: st.sampled_from([name, name[1:], name + "s", name.replace("n", "m")])),
    max_size=30,
).map(lambda names: [" ".join(name.split()) for name in names if name.strip()])
SLOW = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
Pairs = set[tuple[str, str]]


def similar(business: list[str], severa: list[str]) -> tuple[dict[str, object], Pairs]:
    """Return the row of `checks.near_coverage` and the pairs found."""
    with duckdb.connect() as connection:
        keys.register(connection)
        keys.define(connection)
        connection.execute("CREATE SCHEMA checks")
        connection.execute(
            "CREATE TABLE checks.base AS SELECT 'customers' AS suite, 'visma_business' AS system, "
            "unnest(?::VARCHAR[]) AS name_key, true AS active, false AS excluded "
            "UNION ALL SELECT 'customers', 'severa', unnest(?::VARCHAR[]), true, false",
            [business, severa],
        )
        methods = search.fill(connection, ("customers",))
        found = connection.execute("SELECT business_name_key, severa_name_key FROM checks.near").fetchall()
        (coverage,) = connection.sql("FROM checks.near_coverage").to_arrow_table().to_pylist()
        keys.unregister(connection)
    assert len(found) == len(set(found))
    assert coverage["method"] == methods["customers"]
    return coverage, set(found)


def all_similar(business: list[str], severa: list[str]) -> Pairs:
    """Return what is similar by definition."""
    return {
        (b, s)
        for b, s in product(business, severa)
        if b != s
        and (folded_forms(b) & folded_forms(s) or fuzz.token_sort_ratio(b, s) >= search.SIMILARITY_FLOOR)
    }


def promised(pair: tuple[str, str]) -> bool:
    """Say whether names share a word, or differ by at most two letters each (docs/rules.md)."""
    one, other = (" ".join(sorted(name.split())) for name in pair)
    letters = max(len(one), len(other)) - LCSseq.similarity(one, other)
    return bool(set(one.split()) & set(other.split())) or letters <= deletions.DELETIONS


@pytest.fixture
def blocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare by blocks, however few names there are."""
    monkeypatch.setattr(search, "EXACT_COMPARISONS", -1)


@SLOW
@given(business=NAMES, severa=NAMES)
def test_nothing_is_missed_where_all_are_compared(business: list[str], severa: list[str]) -> None:
    coverage, found = similar(business, severa)
    assert found == all_similar(business, severa)
    assert (coverage["method"], coverage["left_out"]) == ("exact", 0)


@SLOW
@given(business=NAMES, severa=NAMES)
@pytest.mark.usefixtures("blocked")
def test_blocks_find_what_they_promise_and_nothing_that_is_not_similar(
    business: list[str], severa: list[str]
) -> None:
    coverage, found = similar(business, severa)
    expected = all_similar(business, severa)
    assert found <= expected
    assert found >= {pair for pair in expected if promised(pair)}
    assert (coverage["method"], coverage["left_out"]) == ("blocked", 0)


@SLOW
@given(business=NAMES, severa=NAMES)
@pytest.mark.usefixtures("blocked")
def test_small_portions_find_the_same(
    business: list[str], severa: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = similar(business, severa)
    with monkeypatch.context() as small:
        small.setattr(blocks, "COMPARISONS", 3)
        small.setattr(blocks, "CANDIDATES", 5)
        small.setattr(blocks, "_BATCH", 2)
        small.setattr(deletions, "PORTION", 20)
        small.setattr(deletions, "_CHUNK", 30)
        assert similar(business, severa) == at_once


@pytest.mark.usefixtures("blocked")
@pytest.mark.parametrize(
    "written",
    [
        "ålesund bygg og anleg",
        "ålesund bygg ogg anlegg",
        "åleusnd bygg og anlegg",
        "xlesund bygg og anlegg",
        "elesund bygg og anlegg",
        "ålesun bygg og anlegx",
        "anlegg bygg og ålesund",
    ],
)
def test_a_mistake_is_found_whatever_it_costs_to_compare(
    written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "EFFORT", 0)
    monkeypatch.setattr(blocks, "EFFORT_PER_NAME", 0)
    name = "ålesund bygg og anlegg"
    others = ["something else", "og"]
    expected = all_similar([name, *others], [written, *others])
    coverage, found = similar([name, *others], [written, *others])
    assert found == expected
    assert ((name, written) in found) == (fuzz.token_sort_ratio(name, written) >= search.SIMILARITY_FLOOR)
    assert coverage["comparisons"] == 0


@pytest.mark.usefixtures("blocked")
def test_a_long_name_may_lose_one_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "EFFORT", 0)
    monkeypatch.setattr(blocks, "EFFORT_PER_NAME", 0)
    name = "a" + "bcdefghij" * 7
    assert len(name) > deletions.LONGEST
    assert similar([name], [name.replace("a", "x")])[1] == {(name, name.replace("a", "x"))}


@pytest.mark.usefixtures("blocked")
def test_blocks_that_are_too_large_are_divided_and_what_is_left_out_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    business = [f"bygg {first}{n:04}" for first in ("ab", "cd") for n in range(0, 1000, 50)]
    monkeypatch.setattr(blocks, "EFFORT_PER_NAME", 0)
    monkeypatch.setattr(blocks, "EFFORT", 1700)  # 80 for small blocks, 41 x 41 for the word that all share
    # three letters apart: found because the other words begin alike
    coverage, found = similar([*business, "bygg abrahamsenstuen"], ["bygg abrahamsstue", *business])
    assert ("bygg abrahamsenstuen", "bygg abrahamsstue") in found
    assert coverage["blocks_left_out"] == 1
    assert coverage["left_out"] == 41 * 41
    monkeypatch.setattr(blocks, "EFFORT", 0)
    assert ("bygg abrahamsenstuen", "bygg abrahamsstue") not in similar(
        [*business, "bygg abrahamsenstuen"], ["bygg abrahamsstue", *business]
    )[1]


def caveat(method: str, blocks: int, pairs: int) -> str:
    """Return what is said of a coverage."""
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA checks")
        connection.execute(
            "CREATE TABLE checks.near_coverage AS SELECT 'customers' AS suite, ? AS method, "
            "5 AS comparisons, ?::BIGINT AS blocks_left_out, ?::BIGINT AS left_out",
            [method, blocks, pairs],
        )
        with pytest.raises(IncompleteError, match="projects"):
            search.caveat(connection, "projects")
        return search.caveat(connection, "customers")


def test_what_was_not_compared_is_said() -> None:
    assert caveat("exact", 0, 0) == ""
    assert "Not every pair of names was compared" in caveat("blocked", 0, 0)
    assert "too frequent" not in caveat("blocked", 0, 0)
    assert "5 words or groups of words are too frequent even for that (1,234 pairs" in caveat(
        "blocked", 5, 1234
    )


def test_lost_diacritics_are_found_whatever_it_costs_to_compare(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["ørjan øye", "åse ås", "ærø bådeværft", "bjørnøya", "jäähyväisjääkärit öölissä", "gøl", "æ ø å"]
    lost = [folded for name in names for folded in sorted(folded_forms(name))]
    monkeypatch.setattr(search, "EXACT_COMPARISONS", -1)
    monkeypatch.setattr(blocks, "EFFORT", 0)
    monkeypatch.setattr(blocks, "EFFORT_PER_NAME", 0)
    wanted = {(name, folded) for name in names for folded in folded_forms(name)}
    for business, severa, pairs in ((names, lost, wanted), (lost, names, {(s, b) for b, s in wanted})):
        coverage, found = similar(business, severa)
        assert coverage["method"] == "blocked"
        assert found >= pairs
