"""Reads one register completely, each guid once, and stages it page by page."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from presync.errors import SourceUnavailableError
from presync.sources.severa_client import SeveraClient
from presync.sources.severa_ledger import Filter, Ledger, digest
from presync.sources.severa_look import Trail, moved
from presync.sources.severa_models import Register, Row, getter
from presync.sources.severa_paging import EndGuard, paginator

if TYPE_CHECKING:
    from presync.staging.extract import ExtractWriter, TableWriter

logger = logging.getLogger(__name__)
_ROWS_PER_BATCH: Final = 16_384
_MOST_FRESH_READINGS: Final = 3
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
    """One pass over all pages: rows received, guids never met before it, and a digest of the guids' order."""

    received: int = 0
    new: int = 0
    order: str = ""
    trail: Trail = field(default_factory=Trail)

    def alike(self, other: Reading) -> bool:
        """Tell whether both passes showed the same rows in the same order."""
        return (self.received, self.order) == (other.received, other.order)


class RegisterReader:
    """Reads a register until it is known to be whole; `proof` says how that is known.

    A register can move while it is read. A reading counts if no row came twice and a second look finds
    everything still, or if the reading before showed the very same rows; otherwise the register is read anew.
    One whose order changes with every request never gets there: of this, all rows of several readings are
    put together, until as many guids are known as a reading has rows and one has brought nothing new, or
    many have brought nothing new.
    """

    def __init__(self, client: SeveraClient, register: Register) -> None:
        self.route = register.route
        self.rows = 0
        self.pages = 0
        self.duplicates = 0
        self.differing = 0
        self.readings = 0
        self.proof = ""
        self.doubts: list[str] = []
        self._client = client
        self._register = register
        self._decoder = msgspec.json.Decoder(list[register.row])  # type: ignore[name-defined]

    async def stage(self, writer: ExtractWriter) -> None:
        """Write the register's table. Raises SourceUnavailableError if it does not hold still."""
        before: Reading | None = None
        for _ in range(_MOST_FRESH_READINGS):
            with Ledger() as ledger, writer.table(self.route) as table:
                reading = await self._pass(ledger, BatchWriter(table))
                self._note(ledger)
            self.pages = reading.trail.pages
            if await self._is_whole(reading, before):
                return
            before = reading
        with Ledger() as ledger, writer.table(self.route) as table:
            await self._put_together(ledger, BatchWriter(table))
            self._note(ledger)

    def seen(self) -> dict[str, Any]:
        """Return what a run should remember of how the register was read."""
        seen = {"rows": self.rows, "pages": self.pages, "readings": self.readings, "proof": self.proof}
        return {**seen, "doubts": self.doubts} if self.doubts else seen

    async def _is_whole(self, reading: Reading, before: Reading | None) -> bool:
        if before is not None and reading.alike(before):
            self.proof = "two readings alike"
            return True
        doubt = (
            "rows came twice"
            if self.duplicates
            else await moved(self._client, self.route, reading.trail, self._decoder)
        )
        if doubt:
            self.doubts.append(doubt)
            return False
        self.proof = "one answer" if reading.trail.pages == 1 else "a second look"
        return True

    async def _put_together(self, ledger: Ledger, batches: BatchWriter) -> None:
        before, quiet = None, 0
        while self.readings < _MOST_READINGS:
            reading = await self._pass(ledger, batches)
            quiet = 0 if reading.new else quiet + 1
            settled = ledger.count >= reading.received or (before is not None and reading.alike(before))
            if (quiet and settled) or quiet >= _ENOUGH_QUIET_READINGS:
                self.proof = "many readings"
                return
            before = reading
        raise SourceUnavailableError(
            f"Severa's register /v1/{self.route} does not hold still: in {_MOST_READINGS} readings rows kept "
            "moving between pages, so some may be missing. What may be missing cannot be checked; nothing of "
            "this extract is used. Run again when fewer people work in Severa.",
            source="severa",
        )

    async def _pass(self, ledger: Ledger, batches: BatchWriter) -> Reading:
        self.readings += 1
        known, order, clock = ledger.count, hashlib.blake2b(digest_size=16), asyncio.get_running_loop().time
        reading, pages, guard = Reading(), paginator(self._register), EndGuard(self.route)
        # In the first reading of a ledger, what is known is what was met: one filter will do.
        met = Filter() if known else None
        while True:
            query, asked = pages.query, clock()
            rows, headers = await self._client.get(self.route, query, self._decoder)
            reading.trail.add(query, rows, headers, clock() - asked)
            digests = digest([row.guid for row in rows])
            order.update(digests.tobytes())
            new = self._keep(rows, digests, ledger, batches)
            guard.page(len(rows), new if met is None else sum(met.add(digests)))
            reading.received += len(rows)
            if not pages.turn(headers, len(rows)):
                break
        for row in ledger.settle():
            batches.add(row)
        batches.flush()
        reading.new, reading.order = ledger.count - known, order.hexdigest()
        return reading

    def _keep(self, rows: list[Row], digests: Any, ledger: Ledger, batches: BatchWriter) -> int:
        keep, new = ledger.sift(rows, digests)
        for row in keep:
            batches.add(row)
        return new

    def _note(self, ledger: Ledger) -> None:
        self.rows, self.duplicates, self.differing = ledger.count, ledger.duplicates, ledger.differing
