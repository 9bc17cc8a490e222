"""Similar names where comparing every pair would take too long: candidates first, then their similarity.

Candidates are all names that differ by few letters (`deletions.py`), found without comparing; and names
that share a block of words and have nearly the same letters (`sql/near_blocks.sql`). Blocks are taken from
the smallest up, as many as the effort allows; those too large are divided by letters, and what is still too
large is left out and counted. All is done in portions, so that memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from presync.reconcile.similar_names import deletions
from presync.staging.sql import sql

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

# Comparisons of signatures that blocks may cost, whole ones and divided ones each: so many, or so many per
# name if that is more. Thirty million take about a second of one core.
EFFORT: Final = 60_000_000
EFFORT_PER_NAME: Final = 200
# Comparisons of signatures at a time.
COMPARISONS: Final = 30_000_000
# Pairs that differ by few letters, sorted out at a time.
CANDIDATES: Final = 2_000_000
# Pairs held in Python at a time.
_BATCH: Final = 200_000
# Numbers of names have so many bits at most.
_BITS: Final = 31
_TEMPORARY: Final = (
    "keys",
    "names",
    "candidates",
    "signatures",
    "rests",
    "blocks",
    "sizes",
    "fitting",
    "hits",
    "named",
)


@dataclass(frozen=True)
class Coverage:
    """Pairs of names that blocks brought together; blocks that were too large, and the pairs in them."""

    comparisons: int
    blocks_left_out: int
    left_out: int


def fill(connection: duckdb.DuckDBPyConnection, suite: str, floor: float) -> Coverage:
    """Add the similar pairs of names of the suite that were found to `checks.near`; say what was left out."""
    _run(connection, "names", suite=suite)
    words = [
        text for (text,) in connection.execute("SELECT words FROM near_names ORDER BY number").fetchall()
    ]
    _find_deletions(connection, floor)
    [(candidates,)] = connection.execute("SELECT count(*) FROM near_candidates").fetchall()
    _score(connection, "deletions", words, floor, -(-candidates // CANDIDATES))
    _run(connection, "blocks", effort=max(EFFORT, EFFORT_PER_NAME * len(words)))
    [counts] = connection.execute(_text("coverage")).fetchall()
    coverage = Coverage(*counts)
    _score(connection, "candidates", words, floor, -(-coverage.comparisons // COMPARISONS))
    _run(connection, "hits", suite=suite)
    for table in _TEMPORARY:
        connection.execute(f"DROP TABLE near_{table}")
    return coverage


def _text(name: str) -> str:
    return sql("reconcile/similar_names", name)


def _run(connection: duckdb.DuckDBPyConnection, name: str, **values: Any) -> None:
    """Run a file statement by statement, each with the parameters that it names."""
    for statement in connection.extract_statements(_text(name)):
        wanted = {key: values[key] for key in statement.named_parameters}
        connection.execute(statement, wanted or None)


def _find_deletions(connection: duckdb.DuckDBPyConnection, floor: float) -> None:
    """Fill near_signatures, and near_candidates with all pairs that differ by few letters."""
    import numpy as np

    def load(length: int) -> deletions.Names:
        query = (
            "SELECT number, words, in_business::UTINYINT + 2 * in_severa::UTINYINT AS systems "
            "FROM near_names WHERE length = ? ORDER BY number"
        )
        found: dict[str, Any] = connection.execute(query, [length]).fetchnumpy()
        systems = found["systems"].astype(np.uint8)
        names = deletions.Names(found["number"], list(found["words"]), systems, length)
        _append(connection, "near_signatures", number=names.numbers, signature=names.signatures)
        return names

    rows = connection.execute("SELECT DISTINCT length FROM near_names ORDER BY length").fetchall()
    for pairs in _batches(deletions.similar_pairs([length for (length,) in rows], load, floor)):
        _append(connection, "near_candidates", business=pairs >> _BITS, severa=pairs & ((1 << _BITS) - 1))


def _batches(pairs: Iterator[tuple[Any, Any]]) -> Iterator[Any]:
    """Put pairs together to batches worth an insert, each pair once and as one number."""
    import numpy as np

    held: list[Any] = []
    size = 0
    for business, severa in pairs:
        held.append(business << _BITS | severa)
        size += len(business)
        if size >= CANDIDATES:
            yield _distinct(np.concatenate(held))
            held, size = [], 0
    if held:
        yield _distinct(np.concatenate(held))


def _distinct(pairs: Any) -> Any:
    import numpy as np

    pairs.sort()
    return pairs[np.diff(pairs, prepend=-1) != 0]


def _append(connection: duckdb.DuckDBPyConnection, table: str, **columns: Any) -> None:
    import pyarrow as pa

    connection.register("near_rows", pa.table(columns))
    connection.execute(f"INSERT INTO {table} FROM near_rows")
    connection.unregister("near_rows")


def _score(
    connection: duckdb.DuckDBPyConnection, query: str, words: list[str], floor: float, portions: int
) -> None:
    """Put those of the query's pairs into near_hits that are similar."""
    text = _text(query)
    for portion in range(portions):
        values = {"portions": portions, "portion": portion}
        if "$floor" in text:
            values["floor"] = int(floor)
        reader = connection.sql(text, params=values).to_arrow_reader(_BATCH)
        # kept until the query has ended: the connection cannot insert while it still reads
        for hits in [_similar(batch, words, floor) for batch in reader]:
            _append(connection, "near_hits", business=hits["business"], severa=hits["severa"])


def _similar(batch: pa.RecordBatch, words: list[str], floor: float) -> Any:
    import numpy as np
    from rapidfuzz import fuzz, process

    scores = process.cpdist(
        [words[number] for number in batch["business"].to_pylist()],
        [words[number] for number in batch["severa"].to_pylist()],
        scorer=fuzz.ratio,  # of sorted words: that is their token_sort_ratio
        score_cutoff=floor,
        dtype=np.float64,
    )
    return batch.filter(scores >= floor)
