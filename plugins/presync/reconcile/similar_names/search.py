"""Pairs of similar names: which name keys of the two systems are nearly, but not exactly, equal.

Similarity is rapidfuzz's `token_sort_ratio`. Up to `EXACT_COMPARISONS` comparisons every pair of names of
plausible length is compared, so nothing is missed (`exact.py`). Beyond that, names are compared if they
differ by few letters or share a block (`blocks.py`), and `checks.near_coverage` says what was left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from presync.errors import IncompleteError
from presync.reconcile.similar_names import blocks, exact
from presync.staging.sql import sql

if TYPE_CHECKING:
    import duckdb

# Suites may ask for any similarity from here up; lower ones are never looked for.
SIMILARITY_FLOOR: Final = 85
# A few tens of seconds of CPU time.
EXACT_COMPARISONS: Final = 2_000_000_000

Method = Literal["exact", "blocked"]


def fill(connection: duckdb.DuckDBPyConnection, suites: tuple[str, ...]) -> dict[str, Method]:
    """Fill `checks.near(suite, business_name_key, severa_name_key)`; return the method used per suite.

    Also fills `checks.near_coverage`: a row per suite that says what was compared, and what was left out.
    """
    connection.execute(
        "CREATE TABLE checks.near (suite VARCHAR, business_name_key VARCHAR, severa_name_key VARCHAR)"
    )
    connection.execute(
        "CREATE TABLE checks.near_coverage "
        "(suite VARCHAR, method VARCHAR, comparisons BIGINT, blocks_left_out BIGINT, left_out BIGINT)"
    )
    methods: dict[str, Method] = {}
    for suite in suites:
        comparisons = _comparisons(connection, suite)
        coverage = blocks.Coverage(comparisons, 0, 0)
        if comparisons <= EXACT_COMPARISONS:
            methods[suite] = "exact"
            exact.fill(connection, suite, SIMILARITY_FLOOR)
        else:
            methods[suite] = "blocked"
            coverage = blocks.fill(connection, suite, SIMILARITY_FLOOR)
        connection.execute(sql("reconcile/similar_names", "folded"), {"suite": suite})
        connection.execute(
            "INSERT INTO checks.near_coverage VALUES (?, ?, ?, ?, ?)",
            [suite, methods[suite], coverage.comparisons, coverage.blocks_left_out, coverage.left_out],
        )
    return methods


def _comparisons(connection: duckdb.DuckDBPyConnection, suite: str) -> int:
    query = sql("reconcile/similar_names", "comparisons")
    ratio = exact.shortest(SIMILARITY_FLOOR)
    [(count,)] = connection.execute(query, {"suite": suite, "ratio": ratio}).fetchall()
    return int(count)


def caveat(connection: duckdb.DuckDBPyConnection, suite: str) -> str:
    """Return what to say, beside similar names, of pairs that were not compared; "" if all were.

    Raises IncompleteError if the database does not say how names were compared.
    """
    rows = connection.execute(
        "SELECT method, blocks_left_out, left_out FROM checks.near_coverage WHERE suite = ?", [suite]
    ).fetchall()
    if len(rows) != 1:
        raise IncompleteError(
            f"the staging database does not say how similar names of {suite} were looked for, so it is not "
            "known what was missed. Reconcile again.",
            source=suite,
        )
    [(method, blocks, pairs)] = rows
    if method == "exact":
        return ""
    sentence = (
        "Not every pair of names was compared, because there are too many: names that differ by more than "
        "two letters each were compared only where they share a word."
    )
    if blocks:
        sentence += (
            f" {blocks:,} words or groups of words are too frequent even for that ({pairs:,} pairs of names "
            "share one): there, the other word had to begin or end alike."
        )
    return f"{sentence} A few pairs near the threshold may be missing."
