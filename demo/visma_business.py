"""Writes a sample company as an SQLite file with Visma Business' tables.

The tables carry many columns that Presync has no business reading (birth dates, bank accounts, addresses),
so that tests can prove that none of them is staged. Empty is 0 or '', not NULL, as in the original.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]

_GROUPS = tuple(f"Gr{number if number > 1 else ''}" for number in range(1, 13))
_NOTES = tuple(f"Inf{number if number > 1 else ''}" for number in range(1, 9))


def _columns(text: str, numbers: Iterable[str] = (), notes: Iterable[str] = ()) -> dict[str, str]:
    columns = dict(column.split(" ", 1) for column in text.split(", "))
    return columns | dict.fromkeys(numbers, "INT") | dict.fromkeys(notes, "VARCHAR(60)")


_UNIT = _columns(
    "RNo INT, Nm VARCHAR(80), St INT, Susp INT, CustNo INT, Rsp INT, Dt1 INT, Dt2 INT, ChDt INT, CreDt INT",
    _GROUPS,
    _NOTES,
)
TABLES: Mapping[str, Mapping[str, str]] = {
    "Actor": _columns(
        "ActNo INT, Nm VARCHAR(80), Shrt VARCHAR(80), CustNo INT, SupNo INT, EmpNo INT, BsNo VARCHAR(20), "
        "MailAd VARCHAR(80), Phone VARCHAR(20), MobPh VARCHAR(20), Ad1 VARCHAR(60), Ad2 VARCHAR(60), "
        "PNo VARCHAR(10), PArea VARCHAR(30), Ctry INT, Cur INT, LiaAct INT, DelToAct INT, BirthDt INT, "
        "BankAc VARCHAR(20), NwCNo INT, NwSNo INT, ChDt INT, CreDt INT, "
        "R1 INT, R2 INT, R7 VARCHAR(10)",
        _GROUPS,
        _NOTES,
    ),
    "R1": _UNIT,
    "R2": _UNIT,
    "R7": _UNIT | {"RNo": "VARCHAR(10)"},
    "Prod": _columns(
        "ProdNo VARCHAR(40), Descr VARCHAR(80), ProdTp INT, ProdTp2 INT, ProdGr INT, ProdPrGr INT, "
        "StSaleUn INT, ChDt INT, CreDt INT",
        _GROUPS,
        _NOTES,
    ),
    "AcInt": _columns("AcCl INT, AcIntProc INT, FrNo INT, ToNo INT"),
    "VoSr": _columns("VoSrNo INT, Nm VARCHAR(40), VoTp INT, FstVoNo INT, NxtVoNo INT, LstVoNo INT"),
    "CustTr": _columns(
        "TrNo INT, CustNo INT, VoNo INT, VoDt INT, InvoNo VARCHAR(20), AmDom DECIMAL, RestAm DECIMAL"
    ),
    "Ctry": _columns("CtryNo INT, Nm VARCHAR(40), ISO VARCHAR(2)"),
    "Cur": _columns("CurNo INT, Nm VARCHAR(40), ISO VARCHAR(3)"),
}
KEYS = {
    "Actor": "ActNo",
    "Prod": "ProdNo",
    "VoSr": "VoSrNo",
    "CustTr": "TrNo",
    "Ctry": "CtryNo",
    "Cur": "CurNo",
}


def write_company(path: Path, rows: Mapping[str, Iterable[Row]]) -> None:
    """Write the company database, replacing an earlier one; columns that a row leaves out are empty."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with closing(sqlite3.connect(scratch)) as connection:
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
            for table in TABLES:
                _write_table(connection, table, rows.get(table, ()))
            connection.commit()
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def _write_table(connection: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    columns = TABLES[table]
    key = KEYS.get(table, "RNo" if "RNo" in columns else "")
    declared = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    primary = f', PRIMARY KEY ("{key}")' if key else ""
    connection.execute(f'CREATE TABLE "{table}" ({declared}{primary})')
    empty = {name: "" if kind.startswith("VARCHAR") else 0 for name, kind in columns.items()}
    marks = ", ".join("?" * len(columns))
    connection.executemany(
        f'INSERT INTO "{table}" VALUES ({marks})',
        ([_known(row, columns, table).get(name, empty[name]) for name in columns] for row in rows),
    )


def _known(row: Row, columns: Mapping[str, str], table: str) -> Row:
    unknown = row.keys() - columns.keys()
    if unknown:
        raise KeyError(f"{table} has no column {', '.join(sorted(unknown))}")
    return row
