"""Are these the right two systems? Whether any of their customers are the same, or bear names that are alike.

`checks.pairs` holds the related pairs of records that a rule may be about. Where there is none among the
customers, a pair of excluded or inactive ones, or of names of a single word, may still show that the two
systems belong together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from presync.staging.sql import sql

if TYPE_CHECKING:
    import duckdb

ENOUGH: Final = 20
"""Customers that each system must have before the lack of any relation is worth a finding."""


def look_further(connection: duckdb.DuckDBPyConnection) -> None:
    """Set `checks.systems.related` if any two customers are alike that are in no pair yet."""
    rows = connection.execute("SELECT business, severa, related FROM checks.systems").fetchall()
    if any(not related and min(business, severa) >= ENOUGH for business, severa, related in rows):
        connection.execute(sql("reconcile", "unrelated"))
