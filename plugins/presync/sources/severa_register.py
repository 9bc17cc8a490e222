"""Reads one register completely, each guid once, and stages it page by page."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from presync.errors import SourceUnavailableError
from presync.sources.severa_client import SeveraClient
from presync.sources.severa_models import Register, Row, getter
from presync.sources.severa_paging import EndGuard, paginator

if TYPE_CHECKING:
    from presync.staging.extract import ExtractWriter, TableWriter

logger = logging.getLogger(__name__)
_ROWS_PER_BATCH: Final = 16_384
_MOST_READINGS: Final = 20
_ENOUGH_QUIET_READINGS: Final = 8


class BatchWriter:
    """Collects rows and hands them to a table's writer in Arrow batches."""

    def __init__(self, table: TableWriter) -> None:
        self._table = table
        self._getters = [getter(name) for name in table.schema.names]
        self._rows: list[Any] = []

    def add(self, row: Any) -> None:
        """Append a row; every so many rows a batch is written."""
        self._rows.append(row)
        if len(self._rows) >= _ROWS_PER_BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what is left."""
        import pyarrow as pa

        if not self._rows:
            return
        columns = [
            pa.array([get(row) for row in self._rows], kind.type)
            for get, kind in zip(self._getters, self._table.schema, strict=True)
        ]
        self._table.write(pa.RecordBatch.from_arrays(columns, schema=self._table.schema))
        self._rows.clear()


@dataclass
class Reading:
    """One pass: guids met in it, rows received, rows never met before, a digest of the rows' order."""

    met: set[str] = field(default_factory=set)
    received: int = 0
    new: int = 0
    order: int = 0


class RegisterReader:
    """Reads a register until it is known to be whole.

    Rows may move between pages while they are read: then one row comes twice, and another perhaps not at
    all. A pass of n rows that shows fewer than n guids is therefore repeated, until as many guids are known
    as a pass has rows, or two passes are alike row by row (the register really holds guids twice), or many
    passes in any order have brought nothing new.
    """

    def __init__(self, client: SeveraClient, register: Register) -> None:
        self.route = register.route
        self.duplicates = 0
        self.differing = 0
        self.readings = 0
        self._client = client
        self._register = register
        self._decoder = msgspec.json.Decoder(list[register.row])  # type: ignore[name-defined]
        self._content: dict[str, int] = {}

    async def stage(self, writer: ExtractWriter) -> None:
        """Write the register's table. Raises SourceUnavailableError if it does not hold still."""
        with writer.table(self.route) as table:
            batches = BatchWriter(table)
            await self._read(batches)
            batches.flush()
        logger.info("severa: %s: %d rows, %d duplicates", self.route, len(self._content), self.duplicates)

    async def _read(self, batches: BatchWriter) -> None:
        before = await self._pass(batches)
        self.duplicates = before.received - before.new
        quiet = 0
        while len(self._content) < before.received and self.readings < _MOST_READINGS:
            reading = await self._pass(batches)
            quiet = 0 if reading.new else quiet + 1
            if quiet and (reading.order == before.order or quiet == _ENOUGH_QUIET_READINGS):
                return
            before = reading
        if len(self._content) >= before.received:
            return
        raise SourceUnavailableError(
            f"Severa's register /v1/{self.route} does not hold still: in {_MOST_READINGS} readings rows kept "
            "moving between pages, so some may be missing. What may be missing cannot be checked; nothing of "
            "this extract is used. Run again when fewer people work in Severa.",
            source="severa",
        )

    async def _pass(self, batches: BatchWriter) -> Reading:
        self.readings += 1
        reading, pages, guard = Reading(), paginator(self._register), EndGuard(self.route)
        while True:
            rows, headers = await self._client.get(self.route, pages.query, self._decoder)
            guard.page(len(rows), self._take(rows, reading, batches))
            if not pages.turn(headers, len(rows)):
                return reading

    def _take(self, rows: Sequence[Row], reading: Reading, batches: BatchWriter) -> int:
        """Stage the rows not met before; return how many were not met in this reading."""
        return sum(self._take_row(row, reading, batches) for row in rows)

    def _take_row(self, row: Row, reading: Reading, batches: BatchWriter) -> bool:
        reading.received += 1
        reading.order = hash((reading.order, row.guid))
        content = self._content.get(row.guid)
        if content is None:
            self._content[row.guid] = hash(row)
            reading.new += 1
            batches.add(row)
        elif content != hash(row):
            self.differing += 1
        # In the first reading, what is known is what was met: no second set of all guids is needed.
        first = self.readings == 1
        repeated = content is not None if first else row.guid in reading.met
        if not first:
            reading.met.add(row.guid)
        return not repeated
