from __future__ import annotations

import csv
import io
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from presync.apply.business_sql import list_csv, sql_text
from presync.errors import ConfigurationError
from presync.fixes.model import BusinessChange, Cause
from presync.tenants.model import Tenant

CAUSE = Cause(("x",), ("0" * 16,), "high", "held back")
TENANT = Tenant.model_validate(
    {
        "tenant": "nordlys",
        "title": "Nordlys -- AS",
        "visma_business": {"tables": {"Prod": "main.Vare"}, "columns": {"Prod": {"Gr3": "Merke"}}},
    }
)
CHANGES = [
    BusinessChange("Actor", "7", "Gr5", "0", "1", CAUSE),
    BusinessChange("Actor", "8", "Gr5", "", "1", CAUSE),
    BusinessChange("Prod", "K'100", "Gr3", "2", "9", CAUSE),
]


def run(database: sqlite3.Connection, text: str) -> int:
    """Run the text's UPDATE statements, which SQLite understands; return how many rows they change."""
    statements = re.findall(r"^UPDATE .*?;", text, flags=re.MULTILINE)
    return sum(database.execute(statement).rowcount for statement in statements)


def test_forth_and_back_change_just_the_rows_that_are_as_they_were() -> None:
    text = sql_text(TENANT, "run", CHANGES)
    forth, section = text.split("-- ROLLBACK SECTION")
    back = re.sub("^-- ", "", section, flags=re.MULTILINE)
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE Actor (ActNo INTEGER, Gr5 INTEGER)")
        database.execute("CREATE TABLE Vare (ProdNo TEXT, Merke INTEGER)")
        database.executemany("INSERT INTO Actor VALUES (?, ?)", [(7, 0), (8, None), (9, 0)])
        database.execute("INSERT INTO Vare VALUES (?, ?)", ("K'100", 2))
        before = list(database.iterdump())
        assert run(database, forth) == len(CHANGES)
        assert database.execute("SELECT Gr5 FROM Actor ORDER BY ActNo").fetchall() == [(1,), (1,), (0,)]
        assert run(database, forth) == 0
        assert run(database, back) == len(CHANGES)
        assert list(database.iterdump()) == before


def test_it_counts_its_rows_and_changes_nothing_as_it_stands() -> None:
    odd = [replace(CHANGES[2], key=key) for key in ("*/ DROP TABLE Vare; --", "a\nb", "x' OR 1=1 --")]
    active = [line for line in sql_text(TENANT, "run", [*CHANGES, *odd]).splitlines() if line[:2] != "--"]
    change = r"UPDATE .* SET @changed = @changed \+ @@ROWCOUNT;"
    ends = r"IF @changed <> {} BEGIN; ROLLBACK TRANSACTION; THROW 50001, .*; END;"
    expected = [
        *("", "SET XACT_ABORT ON;", "BEGIN TRANSACTION;", "DECLARE @changed int;"),
        *("", "SET @changed = 0;", change, change, ends.format(2)),
        *("", "SET @changed = 0;", change, change, r"UPDATE .* = 'a", r"b' AND .*", change, ends.format(4)),
        *("", "ROLLBACK TRANSACTION; -- COMMIT TRANSACTION;", ""),
    ]
    assert [line for line, known in zip(active, expected, strict=True) if not re.fullmatch(known, line)] == []
    back = sql_text(TENANT, "run", CHANGES).splitlines()[-len(CHANGES) - 3 :]
    assert (back[0], back[-1]) == ("-- BEGIN TRANSACTION;", "-- ROLLBACK TRANSACTION;")
    assert sql_text(TENANT, "run", [replace(CHANGES[0], table="R7", key="Å1")]).count("N'Å1'") == 2


@pytest.mark.parametrize(
    "wrong",
    [{"column": "Nm"}, {"table": "Actor; DROP"}, {"proposed": "1; --"}, {"current": "x"}, {"key": " "}],
)
def test_nothing_but_marks_is_written_as_sql(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="not a mark"):
        sql_text(TENANT, "run", [replace(CHANGES[0], **wrong)])


def test_the_list_has_the_installations_own_names() -> None:
    rows = list(csv.DictReader(io.StringIO(list_csv(TENANT, CHANGES))))
    assert [(row["table"], row["key_column"], row["column"]) for row in rows][-1] == (
        "main.Vare",
        "ProdNo",
        "Merke",
    )
