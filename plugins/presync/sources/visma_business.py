"""Reads a Visma Business company over ODBC: catalogue first, then one streaming SELECT per table.

Only catalogue calls and plain SELECTs of the columns that rules need (`staging/tables.py`), so that any ODBC
source with these tables works and nothing personal beyond them is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from presync.errors import SourceDataError
from presync.sources.columns import UnusableValueError, as_array
from presync.sources.odbc import SOURCE, Company, open_company
from presync.sources.plan import Plan, Selection, plan
from presync.staging.extract import ExtractWriter, TableWriter
from presync.staging.tables import VISMA_BUSINESS
from presync.tenants import Tenant

if TYPE_CHECKING:
    import pyarrow as pa
    import pyodbc

_PORTION = 1_000  # rows per fetch
_GROUP = 20  # portions per Parquet row group


def extract(tenant: Tenant, writer: ExtractWriter) -> Mapping[str, Any]:
    """Stage every table of Visma Business that the tenant maps, and mark the others as not mapped.

    Returns driver, database and the tables read, for the manifest. Raises ConfigurationError, CatalogueError
    (everything missing at once), AccessError, SourceUnavailableError or SourceDataError.
    """
    with open_company(tenant) as company, _system_memory():
        planned = plan(tenant, company)
        for selection in planned.selections:
            with writer.table(selection.target) as table:
                _read(company, selection, table)
        for target in planned.not_mapped:
            writer.not_mapped(target)
        return {**company.about(), "tables": _tables(planned), "notes": list(planned.notes)}


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
    text = f"SELECT {columns} FROM {company.quoted(selection.table.schema, selection.table.name)}"
    if selection.any_nonzero:
        text += " WHERE " + " OR ".join(f"{company.quoted(name)} <> 0" for name in selection.any_nonzero)
    return text


def _expression(company: Company, name: str, *, as_text: bool) -> str:
    quoted = company.quoted(name)
    return f"CAST({quoted} AS TEXT)" if as_text else quoted


def _tables(planned: Plan) -> dict[str, str]:
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
            f"announces ({error.reason}): names would be compared wrongly. Mend the driver's character set.",
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
            arrays[target] = as_array(values, shape[target])
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
