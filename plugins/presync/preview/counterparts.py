"""Which records are probably on the other side already, where one of the two would be created: advice only.

Names of records without a partner are compared where they share a word, or nearly share one
(`sql/counterparts_blocks.sql`), and have nearly the same letters; how alike they are, `likeness.py` says word
by word. Two records are likely counterparts if each is the most alike of the other. Blocks are taken from the
smallest up, as many as a fixed effort per name allows, and compared in portions: what is left out is counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from presync.preview.likeness import Rarity, likeness
from presync.reconcile import keys
from presync.reconcile.similar_names import deletions
from presync.staging.sql import sql
from presync.tenants.entities import ENTITIES

if TYPE_CHECKING:
    import duckdb

# Chosen on other companies and sizes than docs/benchmarks.md reports.
THRESHOLD: Final = 82.0
# Comparisons of signatures per name: by single words, and by two words, each.
EFFORT_PER_NAME: Final = 50
# Comparisons of signatures at a time.
COMPARISONS: Final = 10_000_000
# Bits in which the letters of two names may differ: two typos cost four.
LETTERS: Final = 6
# Records of one system that bear one name.
BEARERS: Final = 20
# How alike two words must be, to be taken for one another at first: two letters of six, one of three.
_NEIGHBOURS: Final = 66
_BATCH: Final = 100_000
# Rows inserted at a time.
_ROWS: Final = 1_000_000
_TEMPORARY: Final = (
    "open_names",
    "word_counts",
    "open_words",
    "postings",
    "neighbours",
    "open_signatures",
    "signed_postings",
    "blocks",
    "word_pairs",
    "pair_sizes",
    "pair_blocks",
    "name_hits",
    "bearers",
)


@dataclass(frozen=True)
class Search:
    """How an entity's names were compared; `left_out`: names with words too common to compare them all."""

    entity: str
    names: int
    comparisons: int
    left_out: int


def find_counterparts(connection: duckdb.DuckDBPyConnection) -> tuple[Search, ...]:
    """Fill `counterparts(business_id, severa_id, likeness, near_duplicate)`; tell how it was looked for.

    Every record is in it once at most. Needs the preview's `outcomes` and `movers`; changes neither.
    """
    import duckdb

    keys.register(connection)
    try:
        keys.define(connection)
        _run(connection, "counterparts_open")
        # estimates of tables that were just filled vary: a plan might begin by joining all names with all
        connection.execute("SET disabled_optimizers = 'join_order'")
        searches = tuple(_search(connection, entity) for entity in _entities(connection))
        _run(connection, "counterparts")
    finally:
        with suppress(duckdb.Error):  # after a failure it refuses, which would hide what failed
            connection.execute("RESET disabled_optimizers")
            keys.unregister(connection)
    return searches


def _entities(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the entities that have open records on both sides."""
    rows = connection.execute(
        "SELECT suite FROM open_records GROUP BY suite HAVING count(DISTINCT system) = 2"
    ).fetchall()
    return [entity for entity in ENTITIES if (entity,) in rows]


def _search(connection: duckdb.DuckDBPyConnection, entity: str) -> Search:
    _run(connection, "counterparts_words", suite=entity)
    rows = connection.execute("SELECT text FROM open_names ORDER BY number").fetchall()
    words = [text.split() for (text,) in rows]
    _find_neighbours(connection)
    _sign(connection)
    _run(connection, "counterparts_blocks", effort=EFFORT_PER_NAME * len(words))
    [(comparisons,)] = connection.execute(
        "SELECT coalesce(sum(pairs), 0)::BIGINT FROM (SELECT pairs FROM blocks WHERE fits "
        "UNION ALL SELECT pairs FROM pair_blocks WHERE fits)"
    ).fetchall()
    _score(connection, words, _rarity(connection, entity), max(1, -(-comparisons // COMPARISONS)))
    _run(connection, "counterparts_records", suite=entity, most=BEARERS)
    [(left_out,)] = connection.execute(_text("counterparts_left_out"), {"most": BEARERS}).fetchall()
    for table in _TEMPORARY:
        connection.execute(f"DROP TABLE {table}")
    return Search(entity, len(words), comparisons, left_out)


def _text(name: str) -> str:
    return sql("preview", name)


def _run(connection: duckdb.DuckDBPyConnection, name: str, **values: Any) -> None:
    """Run a file statement by statement, each with the parameters that it names."""
    for statement in connection.extract_statements(_text(name)):
        wanted = {key: values[key] for key in statement.named_parameters}
        connection.execute(statement, wanted or None)


def _rarity(connection: duckdb.DuckDBPyConnection, entity: str) -> Rarity:
    """Return how often the words of open names are in any name of the entity."""
    [(names,)] = connection.execute(
        "SELECT count(*) FROM checks.records WHERE suite = ? AND name_key IS NOT NULL", [entity]
    ).fetchall()
    rows = connection.execute(
        "SELECT word, in_business, in_severa FROM word_counts SEMI JOIN open_words USING (word)"
    ).fetchall()
    return Rarity(names, {word: (business, severa) for word, business, severa in rows})


def _find_neighbours(connection: duckdb.DuckDBPyConnection) -> None:
    def load(length: int) -> deletions.Names:
        found: dict[str, Any] = connection.execute(
            "SELECT word_number, word, (business_names > 0)::UTINYINT + 2 * (severa_names > 0)::UTINYINT "
            "AS systems FROM open_words WHERE length = ? ORDER BY word_number",
            [length],
        ).fetchnumpy()
        systems = found["systems"].astype("uint8")
        return deletions.Names(found["word_number"], list(found["word"]), systems, length)

    rows = connection.execute("SELECT DISTINCT length FROM open_words ORDER BY length").fetchall()
    pairs = deletions.similar_pairs([length for (length,) in rows], load, _NEIGHBOURS)
    for businesses, severas in _batches(pairs):
        _append(connection, "neighbours", business=businesses, severa=severas)


def _batches(pairs: Iterator[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
    """Put arrays of pairs together to arrays worth an insert."""
    import numpy as np

    held: list[tuple[Any, Any]] = []
    size = 0
    for pair in pairs:
        held.append(pair)
        size += len(pair[0])
        if size >= _ROWS:
            yield np.concatenate([b for b, _ in held]), np.concatenate([s for _, s in held])
            held, size = [], 0
    if size:
        yield np.concatenate([b for b, _ in held]), np.concatenate([s for _, s in held])


def _sign(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill open_signatures: which letters a name has, in 64 bits."""
    import numpy as np

    rows = connection.execute("SELECT DISTINCT length(letters) FROM open_names").fetchall()
    signed: list[tuple[Any, Any]] = []
    for (length,) in rows:
        found: dict[str, Any] = connection.execute(
            "SELECT number, letters FROM open_names WHERE length(letters) = ?", [length]
        ).fetchnumpy()
        numbers = found["number"]
        names = deletions.Names(numbers, list(found["letters"]), np.zeros(len(numbers), np.uint8), length)
        signed.append((numbers, names.signatures))
    for numbers, signatures in _batches(iter(signed)):
        _append(connection, "open_signatures", number=numbers, signature=signatures)


def _score(
    connection: duckdb.DuckDBPyConnection, words: list[list[str]], rarity: Rarity, portions: int
) -> None:
    """Put the pairs of names that are alike enough into name_hits."""
    connection.execute("CREATE TEMP TABLE name_hits (business BIGINT, severa BIGINT, likeness DOUBLE)")
    for portion in range(portions):
        values = {"portions": portions, "portion": portion, "letters": LETTERS}
        reader = connection.sql(_text("counterparts_candidates"), params=values).to_arrow_reader(_BATCH)
        # kept until the query has ended: the connection cannot insert while it still reads
        for hits in [list(_hits(batch, words, rarity)) for batch in reader]:
            if hits:
                business, severa, scores = zip(*hits, strict=True)
                _append(connection, "name_hits", business=business, severa=severa, likeness=scores)


def _hits(batch: Any, words: list[list[str]], rarity: Rarity) -> Iterator[tuple[int, int, float]]:
    pairs = zip(batch["business"].to_pylist(), batch["severa"].to_pylist(), strict=True)
    for business, severa in pairs:
        score = likeness(words[business], words[severa], rarity)
        if score >= THRESHOLD:
            yield business, severa, score


def _append(connection: duckdb.DuckDBPyConnection, table: str, **columns: Any) -> None:
    import pyarrow as pa

    connection.register("counterpart_rows", pa.table(columns))
    connection.execute(f"INSERT INTO {table} FROM counterpart_rows")
    connection.unregister("counterpart_rows")
