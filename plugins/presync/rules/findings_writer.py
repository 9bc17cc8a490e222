"""Findings: what an expectation found, row by row, in words and with the records it is about."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any, Final

from presync.errors import SuiteError
from presync.rules.suite import Statement
from presync.staging.masked_names import show_names
from presync.staging.sql import sql
from presync.text.visible import visible_within

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

RECORDS: Final = (
    "business_code",
    "business_name",
    "severa_guid",
    "severa_register",
    "severa_code",
    "severa_name",
    "first",
    "last",
)
"""The columns that say which records or numbers a finding is about."""
COLUMNS: Final = ("finding_id", "suite", "rule", "severity", *RECORDS, "fix_in", "message", "fix")
VALUES_DIGEST: Final = "values_digest"
"""A further column of `findings.parquet`: another digest means that the finding is about other values."""

_PORTION: Final = 50_000
_STORED: Final = (*COLUMNS, VALUES_DIGEST)
_SUBJECT_COLUMNS: Final = COLUMNS[4:12]
_IDENTITY: Final = (
    "business_code",
    "act_no",
    "severa_guid",
    "severa_register",
    "first",
    "last",
    "system",
    "unit",
)
# What a counter or a pair of series is does not change when the counter moves on: its numbers are values.
_IDENTITY_OF: Final = {
    "counters": ("label",),
    "named_series": ("system_name", "thing"),
    "series": ("system", "label", "last"),
    "series_pairs": ("business_label", "severa_label"),
}
# A proposal follows from what is in use elsewhere, and a cause from names and facts, which have digests: both
# may read differently while the finding stays what it was.
_NO_VALUES: Final = frozenset({"row", "proposal", "cause", "what_differs", "ids_told"})


class FindingsWriter:
    """Collects a suite's findings and writes them as `findings.parquet`, all columns text."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, suite: str) -> None:
        self._connection = connection
        self._suite = suite
        self._seen: Counter[str] = Counter()
        self._batches: list[pa.RecordBatch] = []
        self._found: dict[int, tuple[Any, ...]] = {}
        self._found_names: list[str] = []
        show_names(connection)
        connection.execute(
            "CREATE OR REPLACE TEMP MACRO quoted(name) AS "
            "CASE WHEN name = '' THEN '(without name)' ELSE '“' || name || '”' END"
        )

    def look_up(self, table: str, rows: Iterable[int]) -> None:
        """Look up at once what the statements about a check table will say of these rows.

        A look-up costs the same for one row as for thousands. Of more rows than fit in memory, `add` looks up
        each statement's.
        """
        wanted = set(rows)
        self._found, self._found_names = {}, []
        if 0 < len(wanted) <= _PORTION:
            for names, values in self._query(table, sorted(wanted)):
                row = names.index("row")
                self._found |= {each[row]: each for each in values}
                self._found_names = names
                if len(self._found) < len(values):  # a row twice: `add` must see that, and refuse
                    self._found = {}

    def add(self, statement: Statement, rows: Sequence[int]) -> None:
        """Add a finding for each violating row (DuckDB row ids of the table last looked up)."""
        import pyarrow as pa

        if not rows:
            return
        found = 0
        for names, values in self._subjects(statement, rows):
            columns = self._findings(statement, dict(zip(names, zip(*values, strict=True), strict=True)))
            self._batches.append(
                pa.RecordBatch.from_arrays([pa.array(column, pa.string()) for column in columns], _STORED)
            )
            found += len(values)
        if found != len(rows):
            raise SuiteError(
                f"{len(rows)} rows violate it, {found} could be described",
                source=self._suite,
            )

    def write(self, path: Path) -> int:
        """Write the file; return the number of findings."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = pa.schema([(column, pa.string()) for column in _STORED])
        table = pa.Table.from_batches(self._batches, schema)
        pq.write_table(table, path, compression="zstd")
        return int(table.num_rows)

    def _subjects(
        self, statement: Statement, rows: Sequence[int]
    ) -> Iterator[tuple[list[str], list[tuple[Any, ...]]]]:
        if not self._found:
            yield from self._query(statement.table, rows)
        elif known := [self._found[row] for row in sorted(rows) if row in self._found]:
            yield self._found_names, known

    def _query(self, table: str, rows: Sequence[int]) -> Iterator[tuple[list[str], list[tuple[Any, ...]]]]:
        import pyarrow as pa

        query = sql("rules", table)
        self._connection.register("violating", pa.table({"row": pa.array(rows, pa.int64())}))
        result = self._connection.execute(
            f"SELECT subject.* FROM ({query}) AS subject JOIN violating USING (row) ORDER BY row",
            {"suite": self._suite},
        )
        names = [column[0] for column in result.description or ()]
        while batch := result.fetchmany(_PORTION):
            yield names, batch
        self._connection.unregister("violating")

    def _findings(self, statement: Statement, subjects: dict[str, tuple[Any, ...]]) -> list[list[str]]:
        """Return the findings about some subjects, column by column in the order of the stored ones."""
        texts = {
            name: ["" if value is None else str(value) for value in values]
            for name, values in subjects.items()
        }
        empty = [""] * len(texts["row"])
        message, fix, fix_in = (
            self._worded(statement, wording, texts)
            for wording in (statement.message, statement.fix, statement.fix_in)
        )
        ids = self._ids(statement, texts)
        stated = [[value] * len(ids) for value in (self._suite, statement.rule, statement.severity)]
        described = [texts.get(column, empty) for column in _SUBJECT_COLUMNS]
        values = sorted(texts.keys() - _NO_VALUES)
        valued = "\x1f".join(f"{name}=%s" for name in values)
        digests = _digests(valued, [texts[name] for name in values], len(ids))
        return [ids, *stated, *described, fix_in, message, fix, digests]

    def _worded(self, statement: Statement, wording: str, texts: dict[str, list[str]]) -> list[str]:
        """Return a wording of the suite with each subject's texts in it."""
        pattern, fields = "", []
        try:
            for literal, field, spec, conversion in Formatter().parse(wording):
                pattern += _escaped(literal)
                if field is not None:
                    fields.append([visible_within(text) for text in texts[field]])
                    pattern += "%s"
                    if spec or conversion:
                        raise ValueError(f"{field}:{spec or conversion}")
        except (KeyError, ValueError) as error:
            raise SuiteError(
                f"its wording names {error}, which check table {statement.table} does "
                f"not offer; there are: {', '.join(sorted(texts))}",
                source=self._suite,
            ) from error
        return _filled(pattern, fields, len(texts["row"]))

    def _ids(self, statement: Statement, texts: dict[str, list[str]]) -> list[str]:
        """Return ids that are the same in every run: of the rule and the records, not of their names."""
        requirement = str(statement.kwargs.get("column") or statement.kwargs.get("column_B"))
        names = _IDENTITY_OF.get(statement.table, _IDENTITY)
        stated = [_escaped(text) for text in (self._suite, statement.rule, requirement)]
        pattern = "\x1f".join([*stated, *("%s" if name in texts else "" for name in names)])
        known = [texts[name] for name in names if name in texts]
        return [self._unique(digest) for digest in _digests(pattern, known, len(texts["row"]))]

    def _unique(self, digest: str) -> str:
        self._seen[digest] += 1
        count = self._seen[digest]
        return digest if count == 1 else f"{digest}-{count}"


def _escaped(text: str) -> str:
    return text.replace("%", "%%")


def _filled(pattern: str, fields: Sequence[Sequence[str]], rows: int) -> list[str]:
    if not fields:
        return [pattern % ()] * rows
    return [pattern % values for values in zip(*fields, strict=True)]


def _digests(pattern: str, fields: Sequence[Sequence[str]], rows: int) -> list[str]:
    texts = _filled(pattern, fields, rows)
    return [hashlib.sha256(text.encode()).hexdigest()[:16] for text in texts]
