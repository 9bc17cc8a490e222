"""Similar names by comparing every name of one system with every one of plausible length of the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import numpy.typing as npt

_CHUNK: Final = 512
_CELLS: Final = 64_000_000


def shortest(floor: float) -> float:
    """Return the least that the shorter of two similar names measures of the longer.

    Because similarity = 2·common / (a + b) ≤ 2·min / (a + b).

    >>> round(shortest(85), 3)
    0.739
    """
    return floor / (200 - floor)


def fill(connection: duckdb.DuckDBPyConnection, suite: str, floor: float) -> None:
    """Add every pair of names of the suite that is at least `floor` similar to `checks.near`."""
    business = _names(connection, suite, "visma_business", "NOT excluded")
    severa = _names(connection, suite, "severa", "active")
    for start in range(0, len(business.keys), _CHUNK):
        lengths = business.lengths[start : start + _CHUNK]
        low, high = severa.window(int(lengths[0]), int(lengths[-1]), floor)
        step = max(1, _CELLS // _CHUNK)
        for left in range(low, high, step):
            pairs = _similar(business, severa, (start, left, min(high, left + step)), floor)
            _insert(connection, suite, pairs, floor)


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

    def window(self, shortest_name: int, longest_name: int, floor: float) -> tuple[int, int]:
        """Return the slice of names that may be similar to names of these lengths (in characters)."""
        import numpy as np

        low = np.searchsorted(self.lengths, shortest_name * shortest(floor), side="left")
        high = np.searchsorted(self.lengths, longest_name / shortest(floor), side="right")
        return int(low), int(high)


def _names(connection: duckdb.DuckDBPyConnection, suite: str, system: str, condition: str) -> _Names:
    rows = connection.execute(
        f"SELECT DISTINCT name_key FROM checks.base WHERE suite = ? AND system = ? AND name_key IS NOT NULL "
        f"AND {condition}",
        [suite, system],
    ).fetchall()
    return _Names([key for (key,) in rows])


def _similar(
    business: _Names, severa: _Names, where: tuple[int, int, int], floor: float
) -> list[tuple[str, str]]:
    import numpy as np
    from rapidfuzz import fuzz, process

    start, low, high = where
    scores: npt.NDArray[Any] = process.cdist(
        business.sorted_words[start : start + _CHUNK],
        severa.sorted_words[low:high],
        scorer=fuzz.ratio,
        score_cutoff=floor - 1,  # rounded scores: the exact one is taken from the hits
        dtype=np.uint8,
        workers=-1,
    )
    rows, columns = np.nonzero(scores)
    return [
        (business.keys[start + int(row)], severa.keys[low + int(column)])
        for row, column in zip(rows, columns, strict=True)
    ]


def _insert(
    connection: duckdb.DuckDBPyConnection, suite: str, pairs: list[tuple[str, str]], floor: float
) -> None:
    import pyarrow as pa

    if not pairs:
        return
    business, severa = zip(*pairs, strict=True)
    connection.register("hits", pa.table({"business_name_key": business, "severa_name_key": severa}))
    connection.execute(
        "INSERT INTO checks.near SELECT ?, business_name_key, severa_name_key FROM hits "
        "WHERE business_name_key <> severa_name_key "
        "AND token_sort_ratio(business_name_key, severa_name_key) >= ?",
        [suite, floor],
    )
    connection.unregister("hits")
