"""Similar names where comparing every pair would take too long: candidates first, then their similarity.

Candidates are all names that differ by few letters (`near_deletions.py`), found without comparing; and names
that share a block of words and have nearly the same letters (`sql/near_blocks.sql`). Blocks are taken from
the smallest up, as many as the effort allows; those too large are divided by letters, and what is still too
large is left out and counted. All is done in portions, so that memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from presync.reconcile import near_deletions

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

# Comparisons of signatures that blocks may cost, whole ones and divided ones each: so many, or so many per
# name if that is more. Thirty million take about a second of one core.
EFFORT: Final = 60_000_000
EFFORT_PER_NAME: Final = 200
# Names of Visma Business whose blocks are joined at a time.
PORTION: Final = 100_000
# Pairs held in Python at a time.
_BATCH: Final = 200_000
_SQL: Final = Path(__file__).parent / "sql"
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
)


@dataclass(frozen=True)
class Coverage:
    """Pairs of names that blocks brought together; blocks that were too large, and the pairs in them."""

    comparisons: int
    blocks_left_out: int
    left_out: int


def fill(connection: duckdb.DuckDBPyConnection, suite: str, floor: float) -> Coverage:
    """Add the similar pairs of names of the suite that were found to `checks.near`; say what was left out."""
    _run(connection, "near_names", suite=suite)
    [(names,)] = connection.execute("SELECT count(*) FROM near_names").fetchall()
    _find_deletions(connection, floor)
    _score(connection, "near_deletions", floor)
    _run(connection, "near_blocks", effort=max(EFFORT, EFFORT_PER_NAME * names))
    portions = -(-names // PORTION)
    for portion in range(portions):
        _score(connection, "near_candidates", floor, portions=portions, portion=portion)
    _run(connection, "near_hits", suite=suite)
    [counts] = connection.execute(_text("near_coverage")).fetchall()
    for table in _TEMPORARY:
        connection.execute(f"DROP TABLE near_{table}")
    return Coverage(*counts)


def _text(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")


def _run(connection: duckdb.DuckDBPyConnection, name: str, **values: Any) -> None:
    """Run a file statement by statement, each with the parameters that it names."""
    for statement in connection.extract_statements(_text(name)):
        wanted = {key: values[key] for key in statement.named_parameters}
        connection.execute(statement, wanted or None)


def _find_deletions(connection: duckdb.DuckDBPyConnection, floor: float) -> None:
    """Fill near_signatures, and near_candidates with all pairs that differ by few letters."""

    def load(length: int) -> near_deletions.Names:
        query = "SELECT number, words FROM near_names WHERE length = ? ORDER BY number"
        found: dict[str, Any] = connection.execute(query, [length]).fetchnumpy()
        names = near_deletions.Names(found["number"], list(found["words"]), length)
        _append(connection, "near_signatures", number=names.numbers, signature=names.signatures)
        return names

    rows = connection.execute("SELECT DISTINCT length FROM near_names ORDER BY length").fetchall()
    pairs = near_deletions.similar_pairs([length for (length,) in rows], load, floor)
    for one, other in _batches(pairs):
        _append(connection, "near_candidates", business=one, severa=other)
        _append(connection, "near_candidates", business=other, severa=one)


def _batches(pairs: Iterator[tuple[Any, Any]]) -> Iterator[list[Any]]:
    """Put pairs together to batches worth an insert."""
    import numpy as np

    held: list[tuple[Any, Any]] = []
    size = 0
    for one, other in pairs:
        held.append((one, other))
        size += len(one)
        if size >= _BATCH:
            yield [np.concatenate(column) for column in zip(*held, strict=True)]
            held, size = [], 0
    if held:
        yield [np.concatenate(column) for column in zip(*held, strict=True)]


def _append(connection: duckdb.DuckDBPyConnection, table: str, **columns: Any) -> None:
    import pyarrow as pa

    connection.register("near_rows", pa.table(columns))
    connection.execute(f"INSERT INTO {table} SELECT DISTINCT * FROM near_rows")
    connection.unregister("near_rows")


def _score(connection: duckdb.DuckDBPyConnection, query: str, floor: float, **values: int) -> None:
    """Put those of the query's pairs into near_hits that are similar."""
    if "$floor" in (text := _text(query)):
        values |= {"floor": int(floor)}
    reader = connection.sql(text, params=values or None).to_arrow_reader(_BATCH)
    # kept until the query has ended: the connection cannot insert while it still reads
    for hits in [_similar(batch, floor) for batch in reader]:
        _append(connection, "near_hits", business=hits["business"], severa=hits["severa"])


def _similar(batch: pa.RecordBatch, floor: float) -> Any:
    import numpy as np
    from rapidfuzz import fuzz, process

    scores = process.cpdist(
        batch["business_words"].to_pylist(),
        batch["severa_words"].to_pylist(),
        scorer=fuzz.ratio,  # of sorted words: that is their token_sort_ratio
        score_cutoff=floor,
        dtype=np.float64,
    )
    return batch.select(["business", "severa"]).filter(scores >= floor)
