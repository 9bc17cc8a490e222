"""Reads a Visma Business company over ODBC: catalogue first, then one streaming SELECT per table.

Only catalogue calls and plain SELECTs of the columns that rules need (`staging/tables.py`), so that any ODBC
source with these tables works and nothing personal beyond them is read. Last comes the background: what only
helps people to answer the five questions.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

from presync.errors import PresyncError, SourceDataError
from presync.sources.visma_business.arrow_columns import UnusableValueError, as_array, as_dates
from presync.sources.visma_business.background import read_background, without_background
from presync.sources.visma_business.cancellation import Interruption, cancelling
from presync.sources.visma_business.connection import Company, open_company
from presync.sources.visma_business.driver_errors import (
    SOURCE,
    BusyError,
    LostError,
    SnapshotRefusedError,
)
from presync.sources.visma_business.identity import company_identity, company_names
from presync.sources.visma_business.isolation import AS_IT_COMES, Isolation, begin
from presync.sources.visma_business.selection import ReadPlan, Selection, plan
from presync.sources.visma_business.stability import MovedError, confirm, stamp
from presync.staging.extract import ExtractWriter, TableWriter
from presync.staging.tables import BACKGROUND_COLUMNS, VISMA_BUSINESS
from presync.tenants.model import Tenant

if TYPE_CHECKING:
    import pyarrow as pa
    import pyodbc

T = TypeVar("T")
_PORTION = 1_000  # rows per fetch
_GROUP = 20  # portions per Parquet row group


@dataclass(frozen=True)
class Patience:
    """How often one table is tried, and how many seconds lie between the first tries (then twice as many).

    A server that says it cannot serve for now is given `longer` times as much.
    """

    tries: int = 4
    wait: float = 2.0
    longer: float = 8.0


PATIENCE: Final = Patience()


def extract(tenant: Tenant, writer: ExtractWriter, patience: Patience = PATIENCE) -> Mapping[str, Any]:
    """Stage every table of Visma Business that the tenant maps, and mark the others as not mapped.

    A connection that is lost is opened again and the table read from its start; so is a table that moved.
    Returns driver, database, identity (server, database, the company's own name and number), isolation, the
    tables read and which were read again, for the manifest. Raises ConfigurationError, CatalogueError
    (everything missing at once), AccessError, SourceUnavailableError or SourceDataError.
    """
    with open_company(tenant) as company, cancelling(company.cancel) as interruption, _system_memory():
        return _Extraction(tenant, company, writer, patience, interruption).run()


class _Extraction:
    def __init__(
        self,
        tenant: Tenant,
        company: Company,
        writer: ExtractWriter,
        patience: Patience,
        interruption: Interruption,
    ) -> None:
        self._tenant = tenant
        self._company = company
        self._writer = writer
        self._patience = patience
        self._interruption = interruption
        self._others: set[str] = set()
        self._isolation: Isolation = AS_IT_COMES
        self._without_snapshot = False
        self._again: Counter[str] = Counter()
        self._notes: list[str] = []

    def run(self) -> Mapping[str, Any]:
        about = self._company.about()
        identity = self._patiently("catalogue", lambda: company_identity(self._company))
        planned = self._patiently("catalogue", lambda: plan(self._tenant, self._company))
        identity |= self._patiently("catalogue", lambda: company_names(self._company, planned.company))
        tables = [selection.table for selection in planned.selections]
        if self._writer.background:
            tables += [activity.table for activity in planned.activities]
        self._others = {table.database for table in tables} - {""}
        self._notes += planned.notes
        self._patiently("catalogue", self._begin)
        for selection in planned.selections:
            self._patiently(selection.target, lambda wanted=selection: self._stage(wanted))  # type: ignore[misc]
        for target in planned.not_mapped:
            self._writer.not_mapped(target)
        self._background(planned)
        return {
            **about,
            "identity": {"visma_business": identity},
            "isolation": self._isolation.name,
            "tables": _tables(planned),
            "read_again": dict(self._again),
            "notes": self._notes,
        }

    def _background(self, planned: ReadPlan) -> None:
        """Read what only helps people; whatever goes wrong there, the run goes on without it."""
        if not self._writer.background:
            without_background(self._writer, planned)
            return
        try:
            self._patiently(
                "background", lambda: read_background(self._company, self._tenant, planned, self._writer)
            )
        except PresyncError as error:
            self._interruption.repeat()
            self._notes.append(f"without help for the five questions, because it failed: {error.message}")
            without_background(self._writer, planned)

    def _begin(self) -> None:
        self._isolation = begin(self._company, self._others, without_snapshot=self._without_snapshot)

    def _patiently(self, what: str, work: Callable[[], T]) -> T:
        """Do it, and again from its start with a new connection while it is lost or moves, a few times."""
        for number in range(1, self._patience.tries + 1):
            last = number == self._patience.tries
            try:
                if number > 1:
                    self._company.reopen()
                    if work != self._begin:
                        self._begin()
                return self._unless_interrupted(work)
            except SnapshotRefusedError:
                self._without_snapshot = True
                if last:
                    raise
            except (LostError, MovedError) as error:
                if last:
                    raise
                factor = self._patience.longer if isinstance(error, BusyError) else 1
                time.sleep(self._patience.wait * 2 ** (number - 1) * factor)
            self._again[what] += 1
        raise AssertionError("the last try returns or raises")

    def _unless_interrupted(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except PresyncError:
            self._interruption.repeat()
            raise

    def _stage(self, selection: Selection) -> None:
        """Read one table into its file; a second reading replaces the first."""
        company, where = self._company, conditions(self._company, selection)
        still = self._isolation.one_moment
        before = stamp(company, selection, where, only_rows=still)
        with self._writer.table(selection.target) as table:
            _read(company, selection, table)
        after = before if still else stamp(company, selection, where)
        confirm(company, selection, table.rows, before, after)


@contextmanager
def _system_memory() -> Iterator[None]:
    """Let Arrow allocate from the C library: its own allocators keep 50 MB more of what batches gave back."""
    import pyarrow as pa

    before = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(before)


def statement(company: Company, selection: Selection) -> str:
    """Return the SELECT of one staged table."""
    columns = ", ".join(
        _expression(company, name, as_text=name in selection.as_text) for name in selection.columns.values()
    )
    table = selection.table
    source = company.quoted(table.database, table.schema, table.name)
    return f"SELECT {columns} FROM {source}{conditions(company, selection)}"


def conditions(company: Company, selection: Selection) -> str:
    """Return the WHERE clause of a staged table's SELECT, "" if all rows are read."""
    if not selection.any_nonzero:
        return ""
    return " WHERE " + " OR ".join(f"{company.quoted(name)} <> 0" for name in selection.any_nonzero)


def _expression(company: Company, name: str, *, as_text: bool) -> str:
    quoted = company.quoted(name)
    return f"CAST({quoted} AS TEXT)" if as_text else quoted


def _tables(planned: ReadPlan) -> dict[str, str]:
    return {selection.target: selection.table.name for selection in planned.selections}


def _read(company: Company, selection: Selection, table: TableWriter) -> None:
    """Stream one SELECT into its table (writing in a second thread was measured: it costs more)."""
    import pyarrow as pa

    name = selection.table.name
    with company.cursor(f"reading table {name}") as cursor:
        cursor.execute(statement(company, selection))
        batches = _batches(cursor, company, selection, table.schema)
        while group := list(islice(batches, _GROUP)):
            table.write(pa.concat_batches(group))


def _batches(
    cursor: pyodbc.Cursor, company: Company, selection: Selection, schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    while rows := _fetch(cursor, company, selection.table.name):
        yield _batch(rows, selection, schema, company)


def _fetch(cursor: pyodbc.Cursor, company: Company, table: str) -> list[pyodbc.Row]:
    try:
        rows: list[pyodbc.Row] = cursor.fetchmany(_PORTION)
        return rows
    except UnicodeDecodeError as error:
        raise SourceDataError(
            f"{company.where}: table {table} holds text that is not valid in the encoding the driver "
            f"announces ({error.reason}): names would be compared wrongly. Correct the driver's "
            "character set.",
            source=SOURCE,
        ) from None


def _batch(
    rows: list[pyodbc.Row],
    selection: Selection,
    schema: pa.Schema,
    company: Company,
) -> pa.RecordBatch:
    import pyarrow as pa

    shape = VISMA_BUSINESS[selection.target]
    arrays: dict[str, pa.Array] = {}
    for (target, name), values in zip(selection.columns.items(), zip(*rows, strict=True), strict=True):
        try:
            dates = target in BACKGROUND_COLUMNS
            arrays[target] = as_dates(values) if dates else as_array(values, shape[target])
        except UnusableValueError as error:
            raise SourceDataError(
                f"{company.where}: column {name} of table {selection.table.name} holds {error}; "
                "reading it would change it. Correct the row, or map another column.",
                source=SOURCE,
            ) from None
    filled = [
        arrays[field.name] if field.name in arrays else pa.nulls(len(rows), field.type) for field in schema
    ]
    return pa.record_batch(filled, schema=schema)
