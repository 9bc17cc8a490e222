"""Similar names by Splink, in DuckDB.

A name is compared as a whole (its words sorted) and by its rarest word, for which term frequencies count.
Candidates share the rarest word, or the other words and the beginning of that one, or the first or last six
letters. How often two writings of one company differ by how much (m) is told to it, roughly as it is planted:
what it learns by itself from a column of names alone finds half as many typos. Runs in `.venv-bench`.
"""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import Any, Final

from benchmarks.measuring import Observer

_LEAST: Final = 0.01
_PAIRS: Final = 2e6
# Both systems' names with their words sorted, the rarest one, and the others.
_NAMES: Final = """
CREATE TABLE {system} AS
WITH words AS (
    SELECT number, key, unnest(string_split(key, ' ')) AS word FROM '{folder}/{system}.parquet'
),
frequencies AS (
    SELECT word, count(*) AS n FROM (
        SELECT unnest(string_split(key, ' ')) AS word FROM '{folder}/business.parquet'
        UNION ALL SELECT unnest(string_split(key, ' ')) FROM '{folder}/severa.parquet')
    GROUP BY word
)
SELECT number AS unique_id, string_agg(word, ' ' ORDER BY word) AS name,
       any_value(rarest) AS rare,
       coalesce(string_agg(word, ' ' ORDER BY word) FILTER (word <> rarest), '-') AS rest
FROM (SELECT *, first(word) OVER (PARTITION BY number ORDER BY n, word) AS rarest
      FROM words JOIN frequencies USING (word))
GROUP BY number
"""


def pairs(observer: Observer, folder: str) -> int:
    """Write every pair of at least `_LEAST` probability to `splink.parquet`; return how many."""
    import duckdb
    from splink import DuckDBAPI, Linker, block_on

    warnings.simplefilter("ignore")
    observer.ready()
    connection = duckdb.connect()
    for system in ("business", "severa"):
        connection.execute(_NAMES.format(system=system, folder=folder))
    api = DuckDBAPI(connection=connection)
    tables = [api.register(connection.table(system)) for system in ("business", "severa")]
    linker = Linker(tables, _settings(), log_level=logging.ERROR)
    linker.training.estimate_probability_two_random_records_match([block_on("name")], recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=_PAIRS, seed=4)
    found = linker.inference.predict(threshold_match_probability=_LEAST)
    target = Path(folder) / "splink.parquet"
    connection.execute(
        f"COPY (SELECT unique_id_l AS business, unique_id_r AS severa, match_weight AS score "
        f"FROM {found.physical_name}) TO '{target}' (FORMAT parquet)"
    )
    [(count,)] = connection.execute(f"SELECT count(*) FROM '{target}'").fetchall()
    return int(count)


def _settings() -> Any:
    import splink.comparison_level_library as levels
    import splink.comparison_library as comparisons
    from splink import SettingsCreator, block_on

    whole = comparisons.CustomComparison(
        output_column_name="name",
        comparison_levels=[
            levels.NullLevel("name"),
            levels.ExactMatchLevel("name").configure(m_probability=0.85),
            levels.DamerauLevenshteinLevel("name", 1).configure(m_probability=0.07),
            levels.DamerauLevenshteinLevel("name", 2).configure(m_probability=0.04),
            levels.DamerauLevenshteinLevel("name", 4).configure(m_probability=0.02),
            levels.ElseLevel().configure(m_probability=0.02),
        ],
    )
    rare = comparisons.JaroWinklerAtThresholds("rare", [0.92]).configure(
        term_frequency_adjustments=True, m_probabilities=[0.9, 0.07, 0.03]
    )
    return SettingsCreator(
        link_type="link_only",
        blocking_rules_to_generate_predictions=[
            block_on("rare"),
            block_on("rest", "left(rare, 2)"),
            block_on("left(name, 6)"),
            block_on("right(name, 6)"),
        ],
        comparisons=[whole, rare],
    )
