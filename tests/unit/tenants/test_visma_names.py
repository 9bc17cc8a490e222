"""Another name for a table or column that is never read is a slip, and the near name is told."""

from __future__ import annotations

import pytest

from presync.tenants.visma_names import COLUMNS, unknown_names


@pytest.mark.parametrize(
    ("tables", "columns", "told"),
    [
        ([], {}, []),
        (list(COLUMNS), {table: list(names) for table, names in COLUMNS.items()}, []),
        (["actor"], {}, ["no table actor is read; Actor is"]),
        ([], {"Actor": ["BsNr"]}, ["no column BsNr of Actor is read; BsNo is"]),
        ([], {"Prod": ["zzz"]}, ["no column zzz of Prod is read; these are: ProdNo, Descr,"]),
        # a table that is unknown says so once, not for each of its columns
        (["Aktor"], {"Aktor": ["Nm", "CustNo"]}, ["no table Aktor is read; Actor is"]),
    ],
)
def test_faults(tables: list[str], columns: dict[str, list[str]], told: list[str]) -> None:
    found = unknown_names(COLUMNS, tables, columns)
    assert len(found) == len(told)
    for sentence, beginning in zip(found, told, strict=True):
        assert sentence.startswith(beginning)
