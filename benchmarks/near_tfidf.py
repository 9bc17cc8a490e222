"""Similar names by TF-IDF: the cosine of trigrams of letters, every name against every other one.

Runs in `.venv-bench` (scikit-learn).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from benchmarks.measuring import Observer

LEAST: Final = 0.6
_ROWS: Final = 1_000


def pairs(observer: Observer, folder: str) -> int:
    """Write every pair with a cosine of at least `LEAST` to `tfidf.parquet`; return how many."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq
    from sklearn.feature_extraction.text import TfidfVectorizer

    observer.ready()
    tables = {name: pq.read_table(Path(folder) / f"{name}.parquet") for name in ("business", "severa")}
    names = {system: table["key"].to_pylist() for system, table in tables.items()}
    numbers = {system: table["number"].to_numpy() for system, table in tables.items()}
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3), lowercase=False, dtype=np.float32)
    vectorizer.fit(names["business"] + names["severa"])
    business, severa = (vectorizer.transform(names[system]) for system in ("business", "severa"))
    others = severa.T.tocsr()
    found: list[tuple[Any, Any, Any]] = []
    for start in range(0, business.shape[0], _ROWS):
        cosines = (business[start : start + _ROWS] @ others).tocoo()
        kept = cosines.data >= LEAST
        found.append((cosines.row[kept] + start, cosines.col[kept], cosines.data[kept]))
    rows, columns, scores = (np.concatenate(part) for part in zip(*found, strict=True))
    table = pa.table(
        {"business": numbers["business"][rows], "severa": numbers["severa"][columns], "score": scores}
    )
    pq.write_table(table, Path(folder) / "tfidf.parquet")
    return int(table.num_rows)
