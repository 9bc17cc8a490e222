"""Pairs of similar names: which name keys of the two systems are nearly, but not exactly, equal.

Similarity is rapidfuzz's `token_sort_ratio`. Up to `EXACT_COMPARISONS` comparisons of names of plausible
length every pair is compared, so nothing is missed. Beyond that only names that share a block (a rare word,
or the beginning or the end of the sorted words) are compared.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import numpy.typing as npt

# Suites may ask for any similarity from here up; lower ones are never looked for.
SIMILARITY_FLOOR: Final = 85
# The least that the shorter of two similar names measures of the longer, because
# similarity = 2·common / (a + b) ≤ 2·min / (a + b).
_SHORTEST: Final = SIMILARITY_FLOOR / (200 - SIMILARITY_FLOOR)
# About ten seconds on two cores.
EXACT_COMPARISONS: Final = 2_000_000_000
_CHUNK: Final = 512
_CELLS: Final = 64_000_000
_BLOCK: Final = 2_000
_SQL: Final = Path(__file__).parent / "sql"

Method = Literal["exact", "blocked"]


def fill(connection: duckdb.DuckDBPyConnection, suites: tuple[str, ...]) -> dict[str, Method]:
    """Fill `checks.near(suite, business_name_key, severa_name_key)`; return the method used per suite."""
    connection.execute(
        "CREATE TABLE checks.near (suite VARCHAR, business_name_key VARCHAR, severa_name_key VARCHAR)"
    )
    methods: dict[str, Method] = {}
    for suite in suites:
        if _comparisons(connection, suite) <= EXACT_COMPARISONS:
            methods[suite] = "exact"
            business = _names(connection, suite, "visma_business", "NOT excluded")
            severa = _names(connection, suite, "severa", "active")
            _compare_all(connection, suite, business, severa)
        else:
            methods[suite] = "blocked"
            _compare_blocks(connection, suite)
    return methods


class _Names:
    """Distinct name keys, sorted by the length of their sorted words."""

    def __init__(self, keys: list[str]) -> None:
        import numpy as np

        by_length = sorted(((" ".join(sorted(key.split())), key) for key in keys), key=lambda k: len(k[0]))
        self.sorted_words = [words for words, _ in by_length]
        self.keys = [key for _, key in by_length]
        self.lengths: npt.NDArray[np.int64] = np.fromiter(
            (len(words) for words in self.sorted_words), np.int64, len(by_length)
        )

    def window(self, shortest: int, longest: int) -> tuple[int, int]:
        """Return the slice of names that may be similar to names of these lengths (in characters)."""
        import numpy as np

        low = np.searchsorted(self.lengths, shortest * _SHORTEST, side="left")
        high = np.searchsorted(self.lengths, longest / _SHORTEST, side="right")
        return int(low), int(high)


def _names(connection: duckdb.DuckDBPyConnection, suite: str, system: str, condition: str) -> _Names:
    rows = connection.execute(
        f"SELECT DISTINCT name_key FROM checks.base WHERE suite = ? AND system = ? AND name_key IS NOT NULL "
        f"AND {condition}",
        [suite, system],
    ).fetchall()
    return _Names([key for (key,) in rows])


def _chunks(business: _Names) -> range:
    return range(0, len(business.keys), _CHUNK)


def _comparisons(connection: duckdb.DuckDBPyConnection, suite: str) -> int:
    query = (_SQL / "near_comparisons.sql").read_text(encoding="utf-8")
    (count,) = connection.execute(query, {"suite": suite, "ratio": _SHORTEST}).fetchone() or (0,)
    return int(count)


def _compare_all(connection: duckdb.DuckDBPyConnection, suite: str, business: _Names, severa: _Names) -> None:
    for start in _chunks(business):
        lengths = business.lengths[start : start + _CHUNK]
        low, high = severa.window(int(lengths[0]), int(lengths[-1]))
        step = max(1, _CELLS // _CHUNK)
        for left in range(low, high, step):
            _score(connection, suite, business, severa, (start, left, min(high, left + step)))


def _score(
    connection: duckdb.DuckDBPyConnection,
    suite: str,
    business: _Names,
    severa: _Names,
    where: tuple[int, int, int],
) -> None:
    import numpy as np
    from rapidfuzz import fuzz, process

    start, low, high = where
    scores: npt.NDArray[Any] = process.cdist(
        business.sorted_words[start : start + _CHUNK],
        severa.sorted_words[low:high],
        scorer=fuzz.ratio,
        score_cutoff=SIMILARITY_FLOOR - 1,  # rounded scores: the exact one is taken from the hits
        dtype=np.uint8,
        workers=-1,
    )
    rows, columns = np.nonzero(scores)
    _insert(
        connection,
        suite,
        [business.keys[start + int(row)] for row in rows],
        [severa.keys[low + int(column)] for column in columns],
    )


def _insert(
    connection: duckdb.DuckDBPyConnection, suite: str, business_keys: list[str], severa_keys: list[str]
) -> None:
    import pyarrow as pa

    if not business_keys:
        return
    hits = pa.table({"business_name_key": business_keys, "severa_name_key": severa_keys})
    connection.register("hits", hits)
    connection.execute(
        "INSERT INTO checks.near SELECT ?, business_name_key, severa_name_key FROM hits "
        "WHERE business_name_key <> severa_name_key "
        "AND token_sort_ratio(business_name_key, severa_name_key) >= ?",
        [suite, SIMILARITY_FLOOR],
    )
    connection.unregister("hits")


def _compare_blocks(connection: duckdb.DuckDBPyConnection, suite: str) -> None:
    connection.execute(
        (_SQL / "near_blocks.sql").read_text(encoding="utf-8"),
        {"suite": suite, "block": _BLOCK, "floor": SIMILARITY_FLOOR},
    )
