"""Reads one register completely, each guid once, and stages it page by page."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import msgspec

from presync.errors import SourceDataError, SourceUnavailableError
from presync.sources.severa.client import SeveraClient
from presync.sources.severa.field_watch import FieldWatch
from presync.sources.severa.paging import EndGuard, paginator
from presync.sources.severa.reading_digest import Signature, Signing
from presync.sources.severa.registers import Register, getter
from presync.sources.severa.resume import Spool, copy_rows
from presync.sources.severa.seen_rows import Filter, Ledger, digest

if TYPE_CHECKING:
    from presync.staging.extract import ExtractWriter, TableWriter

_ROWS_PER_BATCH: Final = 4_096
_MOST_FRESH_READINGS: Final = 3
_MOST_READINGS: Final = 20
_ENOUGH_QUIET_READINGS: Final = 8
_TWICE: Final = "read twice alike"
# Fewer rows than a page has by default: no server ends a page before.
_FEWEST_ON_A_PAGE: Final = 20


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
        self._fields = FieldWatch(register.route)
        self._decoder = msgspec.json.Decoder(list[register.row])  # type: ignore[name-defined]

    async def stage(self, writer: ExtractWriter, spool: Spool | None = None) -> None:
        """Write the register's table. Raises SourceUnavailableError if it keeps changing.

        With a `spool`, what an earlier try has read is used if it still holds, and what is read is kept.
        """
        if spool is None:
            await self._stage(writer)
            self._fields.require(self.rows)
        elif await self._reuse(writer, spool):
            self._fields.require(self.rows)
        else:
            signature = await self._stage(writer)
            self._fields.require(self.rows)
            if signature is not None:
                spool.keep(self.route, writer.file(self.route), signature)

    async def _reuse(self, writer: ExtractWriter, spool: Spool) -> bool:
        kept = spool.find(self.route)
        if kept is None:
            return False
        signature, file = kept
        if (await self._skim(signature.rows)).alike(signature):
            with writer.table(self.route) as table:
                if copy_rows(file, table):
                    self.rows, self.proof = table.rows, "read alike by an earlier try"
                    return True
        self.doubts.append("what an earlier try had read holds no longer")
        return False

    async def _stage(self, writer: ExtractWriter) -> Signature | None:
        """Read until it is whole; return the signature if the register showed it twice."""
        with ExitStack() as ledgers:
            before: Ledger | None = None
            for _ in range(_MOST_FRESH_READINGS):
                ledger = ledgers.enter_context(Ledger())
                with writer.table(self.route) as table:
                    signature = await self._read(ledger, BatchWriter(table))
                self._note(ledger)
                if await self._is_whole(signature, ledger, before):
                    await self._require_tokens(signature)
                    return signature if self.proof == _TWICE else None
                before = ledger
            ledger = ledgers.enter_context(Ledger())
            with writer.table(self.route) as table:
                await self._put_together(ledger, BatchWriter(table))
            self._note(ledger)
        return None

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
            self.proof = _TWICE
            return True
        return False

    async def _require_tokens(self, signature: Signature) -> None:
        """Ask for half of what came on a single page: the header that leads on must be there then.

        Where something on the way drops it, every register ends with its first page, however often it is
        read.
        """
        if self._register.paging != "token" or signature.pages > 1 or signature.rows < _FEWEST_ON_A_PAGE:
            return
        query = {"rowCount": str(signature.rows // 2)}
        page, headers = await self._client.get(self.route, query, self._decoder)
        if len(page) < signature.rows and not paginator(self._register).turn(headers, len(page)):
            raise SourceDataError(
                f"Severa's register /v1/{self.route} ended with its first page, of {signature.rows} rows. "
                "Asked for half of them, it says again that this is all: its answers come without the "
                "header NextPageToken, and nobody can tell what lies behind the first page. Nothing of this "
                "extract is used. Find out which proxy between here and Severa removes headers from answers.",
                source="severa",
            )

    async def _skim(self, rows: int) -> Signature:
        """Go through all pages once more, without staging them; stop when there are more than `rows`."""
        self.readings += 1
        signing, pages, guard = Signing(), paginator(self._register), EndGuard(self.route)
        for number in count(1):
            page, headers = await self._client.get(self.route, pages.query, self._decoder, page=number)
            self.pages += 1
            self._fields.add(page)
            guard.page(len(page), len(page))
            signing.add(page, digest([row.guid for row in page]))
            if signing.rows > rows or not pages.turn(headers, len(page)):
                break
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
                await self._require_tokens(signature)
                return
            before = signature
        raise SourceUnavailableError(
            f"Severa's register /v1/{self.route} keeps changing: in {_MOST_READINGS} readings rows kept "
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
        for number in count(1):
            rows, headers = await self._client.get(self.route, pages.query, self._decoder, page=number)
            self.pages += 1
            self._fields.add(rows)
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
