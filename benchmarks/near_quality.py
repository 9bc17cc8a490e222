"""How good a list of pairs is: which planted pairs are in it, and what else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.near_names import EXTRA, REQUIRED

if TYPE_CHECKING:
    import duckdb

_SQL: Final = Path(__file__).parent / "sql"


@dataclass(frozen=True)
class Quality:
    """Pairs found, by what they are (a planted change, `confusable`, `chance`), and what was planted."""

    threshold: float
    found: Mapping[str, int]
    planted: Mapping[str, int]

    def recall(self, *kinds: str) -> float:
        """Return the share of the planted pairs of these kinds (else of all required ones) that was found."""
        kinds = kinds or REQUIRED
        return sum(self.found.get(kind, 0) for kind in kinds) / max(
            1, sum(self.planted.get(k, 0) for k in kinds)
        )

    @property
    def precision(self) -> float:
        """The share of the found pairs that were planted."""
        right = sum(self.found.get(kind, 0) for kind in (*REQUIRED, *EXTRA))
        return right / max(1, sum(self.found.values()))


def open_pairs(folder: Path, pairs: Path) -> duckdb.DuckDBPyConnection:
    """Return a connection with `judged`: every pair with other numbers, its score and what it is."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    connection.execute(f"CREATE VIEW customers AS FROM '{folder}/customers.parquet'")
    connection.execute(f"CREATE VIEW pairs AS FROM '{pairs}'")
    connection.execute((_SQL / "near_judged.sql").read_text(encoding="utf-8"))
    return connection


def quality(connection: duckdb.DuckDBPyConnection, threshold: float) -> Quality:
    """Judge the pairs whose score is at least the threshold."""
    found = connection.execute(
        "SELECT kind, count(*) FROM judged WHERE score >= ? GROUP BY kind", [threshold]
    ).fetchall()
    planted = connection.execute(
        "SELECT kind, count(*) FROM customers WHERE list_contains(?, kind) GROUP BY kind",
        [[*REQUIRED, *EXTRA]],
    ).fetchall()
    return Quality(threshold, dict(found), dict(planted))


def best(connection: duckdb.DuckDBPyConnection) -> Quality:
    """Judge at the threshold with the best F1 on these very pairs: a hindsight that favours the method."""
    [(threshold,)] = connection.execute(
        (_SQL / "near_best.sql").read_text(encoding="utf-8"),
        {"required": list(REQUIRED), "extra": list(EXTRA)},
    ).fetchall()
    return quality(connection, threshold)


def found_of_all(folder: Path, least: float) -> float:
    """Return the share of the pairs in `exact.parquet`, from a similarity up, that `product.parquet` has."""
    import duckdb

    with duckdb.connect() as connection:
        [(share,)] = connection.execute(
            f"SELECT avg((p.business IS NOT NULL)::INTEGER) FROM '{folder}/exact.parquet' AS e "
            f"LEFT JOIN '{folder}/product.parquet' AS p USING (business, severa) "
            "WHERE e.score BETWEEN ? AND 99.99",
            [least],
        ).fetchall()
    return float(share)


def by_length(
    connection: duckdb.DuckDBPyConnection, folder: Path
) -> list[tuple[str, str, int, float, float]]:
    """Return kind, letters, planted pairs, share that is similar by definition, share found: of typos."""
    from presync.reconcile import keys

    keys.register(connection)
    rows = connection.execute(
        (_SQL / "near_lengths.sql").read_text(encoding="utf-8").replace("{folder}", str(folder))
    ).fetchall()
    keys.unregister(connection)
    return rows
