"""Check tables as pandas frames: only the rows of one suite and the columns that its expectations name."""

from __future__ import annotations

import io
import keyword
import tokenize
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from presync.errors import SuiteError
from presync.rules.suite import Statement

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

_COLUMN_ARGUMENTS = ("column", "column_A", "column_B")


def required_columns(statement: Statement) -> set[str]:
    """Return the columns that a statement's requirement names."""
    return {str(statement.kwargs[key]) for key in _COLUMN_ARGUMENTS if key in statement.kwargs}


def columns_of(statement: Statement) -> set[str]:
    """Return the columns that a statement's condition and requirement name."""
    return required_columns(statement) | names_in(statement.condition or "")


def load_frame(
    connection: duckdb.DuckDBPyConnection, suite: str, table: str, statements: Iterable[Statement]
) -> pd.DataFrame:
    """Return the suite's rows of `checks.<table>`, indexed by DuckDB's row id.

    Flags are numpy booleans; integers are `int64`, or nullable `Int64` where one is missing (never floats);
    wider integers are text.
    Raises SuiteError if the table or a column that a statement names does not exist.
    """
    import pandas as pd
    import pyarrow as pa

    types = _types(connection, table)
    needed = sorted(set().union(*(columns_of(statement) for statement in statements)))
    unknown = [column for column in needed if column not in types]
    if not types or unknown:
        what = f"column {', '.join(unknown)} in check table {table}" if types else f"check table {table}"
        raise SuiteError(
            f"the suite {suite} names {what}, which does not exist; there are: {', '.join(sorted(types))}",
            source=suite,
        )
    selected = ["rowid AS row_id"] + [
        f'CAST("{c}" AS VARCHAR) AS "{c}"' if types[c] == "HUGEINT" else f'"{c}"' for c in needed
    ]
    rows = connection.sql(f"SELECT {', '.join(selected)} FROM checks.{table} WHERE suite = ?", params=[suite])
    frame: pd.DataFrame = rows.to_arrow_table().to_pandas(
        types_mapper={pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int64Dtype()}.get
    )
    for column in frame.select_dtypes("Int64"):
        if not frame[column].hasnans:  # Great Expectations compares these at once, nullable ones one by one
            frame[column] = frame[column].to_numpy(dtype="int64")
    # without a name: Great Expectations then returns bare row ids instead of a mapping for each row
    frame.index = pd.Index(frame.pop("row_id").to_numpy(dtype="int64"))
    return frame


def _types(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """Return the type of each column of a check table; none if there is no such table."""
    import duckdb

    quoted = table.replace('"', '""')
    try:  # a tenth of what asking DuckDB's catalogue costs
        rows = connection.execute(f'DESCRIBE checks."{quoted}"').fetchall()
    except duckdb.CatalogException:
        return {}
    return {name: kind for name, kind, *_ in rows}


@cache
def names_in(condition: str) -> frozenset[str]:
    """Return the names in a condition: columns."""
    tokens = tokenize.generate_tokens(io.StringIO(condition).readline)
    return frozenset(
        token.string
        for token in tokens
        if token.type == tokenize.NAME and not keyword.iskeyword(token.string)
    )
