"""Adds `similar` to dbt's DuckDB, whose own functions (Levenshtein, Jaro-Winkler) are other measures."""

from typing import Any

import pyarrow as pa
from dbt.adapters.duckdb.plugins import BasePlugin
from rapidfuzz import fuzz, process


class Plugin(BasePlugin):  # type: ignore[misc]
    """The plugin that `profiles.yml` names."""

    def configure_connection(self, conn: Any) -> None:
        """Add the function to every connection."""
        conn.create_function("similar", similar, ["VARCHAR", "VARCHAR"], "BOOLEAN", type="arrow")


def similar(left: Any, right: Any) -> Any:
    """Say for each pair whether it is 90 of 100 alike or more, words in order."""
    pairs = left.to_pylist(), right.to_pylist()
    return pa.array(process.cpdist(*pairs, scorer=fuzz.token_sort_ratio, score_cutoff=90) >= 90)
