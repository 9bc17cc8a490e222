"""Reads one register completely, each guid once, and stages it page by page."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from presync.errors import SourceUnavailableError
from presync.sources.severa_client import SeveraClient
from presync.sources.severa_ledger import Filter, Ledger, digest
from presync.sources.severa_models import Register, Row, getter
from presync.sources.severa_paging import EndGuard, paginator

if TYPE_CHECKING:
    from presync.sources.severa_ledger import Digests
    from presync.staging.extract import ExtractWriter, TableWriter

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

    def add(self, rows: Sequence[Any]) -> None:
        """Append rows; every so many a batch is written."""
        self._rows += rows
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


@dataclass(frozen=True)
class Signature:
    """What a reading showed: how many rows on how many pages, digests of their order and of their content."""

    rows: int
    pages: int
    order: str
    content: str


class Signing:
    """Makes the signature of a reading, page by page."""

    def __init__(self) -> None:
        self.rows = self._pages = 0
        self._order = hashlib.blake2b(digest_size=16)
        self._content = hashlib.blake2b(digest_size=16)

    def add(self, rows: list[Row], digests: Digests) -> None:
        """Take in a page; where one page ends and the next begins makes no difference."""
        self.rows += len(rows)
        self._pages += 1
        self._order.update(digests.tobytes())
        for row in rows:
            self._content.update(msgspec.json.encode(row))

    def signature(self) -> Signature:
        """Return what was shown so far."""
        return Signature(self.rows, self._pages, self._order.hexdigest(), self._content.hexdigest())


class RegisterReader:
    """Reads a register until it is known to be whole; `proof` says how that is known.

    Rows that are created, deleted or moved while a register is read shift others between pages: one may come
    twice, another never. A reading counts

    - if the register, skimmed through once more, shows the very same rows: nothing was shifted, because a
      deleted row that made room for the shift would be missing now; or
    - if each row of an earlier reading came again, and none twice: new ones may have joined them.

    Otherwise it is read anew. A server whose order changes with every request never gets there: of such a
    register, all rows of several readings are put together, until as many guids are known as a reading has
    rows and one has brought nothing new, or many have brought nothing new.
    """

    def __init__(self, client: SeveraClient, register: Register) -> None:
        self.route = register.route
        self.rows = 0
        self.duplicates = 0
        self.differing = 0
        self.readings = 0
        self.pages = 0
        self.proof = ""
        self.doubts: list[str] = []
        self._client = client
        self._register = register
        self._decoder = msgspec.json.Decoder(list[register.row])  # type: ignore[name-defined]

    async def stage(self, writer: ExtractWriter) -> None:
        """Write the register's table. Raises SourceUnavailableError if it does not hold still."""
        with ExitStack() as ledgers:
            before: Ledger | None = None
            for _ in range(_MOST_FRESH_READINGS):
                ledger = ledgers.enter_context(Ledger())
                with writer.table(self.route) as table:
                    signature = await self._read(ledger, BatchWriter(table))
                self._note(ledger)
                if await self._is_whole(signature, ledger, before):
                    return
                before = ledger
            ledger = ledgers.enter_context(Ledger())
            with writer.table(self.route) as table:
                await self._put_together(ledger, BatchWriter(table))
            self._note(ledger)

    def seen(self) -> dict[str, Any]:
        """Return what a run should remember of how the register was read."""
        seen = {"rows": self.rows, "pages": self.pages, "readings": self.readings, "proof": self.proof}
        return {**seen, "doubts": self.doubts} if self.doubts else seen

    async def _is_whole(self, signature: Signature, ledger: Ledger, before: Ledger | None) -> bool:
        if before is not None and not ledger.duplicates and ledger.holds(before):
            self.proof = "every row of an earlier reading came again"
            return True
        again = await self._skim(signature.rows)
        if (again.rows, again.order) != (signature.rows, signature.order):
            self.doubts.append("rows came, went or moved")
        elif again.content != signature.content:
            self.doubts.append("rows were edited")
        else:
            self.proof = "read twice alike"
            return True
        return False

    async def _skim(self, rows: int) -> Signature:
        """Go through all pages once more, without staging them; stop when there are more than `rows`."""
        self.readings += 1
        signing, pages, guard = Signing(), paginator(self._register), EndGuard(self.route)
        while True:
            page, headers = await self._client.get(self.route, pages.query, self._decoder)
            self.pages += 1
            guard.page(len(page), len(page))
            signing.add(page, digest([row.guid for row in page]))
            if signing.rows > rows or not pages.turn(headers, len(page)):
                return signing.signature()

    async def _put_together(self, ledger: Ledger, batches: BatchWriter) -> None:
        before, quiet = None, 0
        while self.readings < _MOST_READINGS:
            known = ledger.count
            signature = await self._read(ledger, batches)
            quiet = 0 if ledger.count > known else quiet + 1
            alike = before is not None and before.order == signature.order
            if (quiet and (alike or ledger.count >= signature.rows)) or quiet >= _ENOUGH_QUIET_READINGS:
                self.proof = "many readings put together"
                return
            before = signature
        raise SourceUnavailableError(
            f"Severa's register /v1/{self.route} does not hold still: in {_MOST_READINGS} readings rows kept "
            "moving between pages, so some may be missing. What may be missing cannot be checked; nothing of "
            "this extract is used. Run again when fewer people work in Severa.",
            source="severa",
        )

    async def _read(self, ledger: Ledger, batches: BatchWriter) -> Signature:
        """Go through all pages and stage the rows that the ledger does not know."""
        self.readings += 1
        signing, pages, guard = Signing(), paginator(self._register), EndGuard(self.route)
        # In the first reading of a ledger, what is known is what was met: one filter will do.
        met = Filter() if ledger.count else None
        while True:
            rows, headers = await self._client.get(self.route, pages.query, self._decoder)
            self.pages += 1
            digests = digest([row.guid for row in rows])
            signing.add(rows, digests)
            keep, new = ledger.sift(rows, digests)
            batches.add(keep)
            guard.page(len(rows), new if met is None else sum(met.add(digests)))
            if not pages.turn(headers, len(rows)):
                break
        batches.add(ledger.settle())
        batches.flush()
        return signing.signature()

    def _note(self, ledger: Ledger) -> None:
        self.rows, self.duplicates, self.differing = ledger.count, ledger.duplicates, ledger.differing
