"""The test server's catalogue procedures refuse what Microsoft's documentation of them does not allow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.tds.answers import SqlError
from tests.support.tds.catalogue import call, like
from tests.support.tds.database import Databases
from tests.support.tds.rpc import Call
from tests.support.visma_business import write_sqlite


@pytest.fixture(params=[False, True])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Databases:
    schema = {"Actor": "ActNo INT PRIMARY KEY, Nm VARCHAR(80)", "A_tor": "Nm INT"}
    files = {name: write_sqlite(tmp_path / f"{name}.db", schema) for name in ("F0001", "F9999")}
    return Databases(files, "F0001", case_sensitive=request.param)


@pytest.mark.parametrize(
    ("procedure", "arguments", "number"),
    [
        ("sp_columns", [("@column_name", "Nm"), ("@ODBCVer", 3)], 201),
        ("sp_columns_100", [], 201),
        ("sp_pkeys", [("@table_owner", "dbo")], 201),
        ("sp_columns", [("@table_name", "Actor"), ("@fUsePattern", 1)], 8145),
        ("sp_columns", [("@table_name", "Actor"), ("@odbcver", 3)], 8145),
        ("sp_columns", [("", "Actor"), ("", None), ("", None), ("", None), ("", 3), ("", 1)], 8144),
        ("sp_columns", [("", "Actor"), ("@table_name", "Actor")], 8143),
        ("sp_columns", [("@table_name", "Actor"), ("", "dbo")], 119),
        ("sp_columns", [("@table_name", "Actor"), ("@table_qualifier", "F9999")], 15250),
        ("sp_tables", [("@table_type", "TABLE")], 15600),
        ("sp_statistics", [("@table_name", "Actor")], 2812),
    ],
)
def test_what_a_server_refuses_is_refused(
    databases: Databases, procedure: str, arguments: list[tuple[str, Any]], number: int
) -> None:
    with pytest.raises(SqlError) as caught:
        call(databases, Call(procedure, "", arguments))
    assert caught.value.number == number


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ([("@table_name", "Actor")], ["Actor"]),
        ([("@table_name", "A_tor")], ["A_tor", "Actor"]),
        ([("@table_name", "A[_]tor")], ["A_tor"]),
        ([("@table_name", None), ("@table_owner", "d%")], ["A_tor", "Actor"]),
        ([("@table_name", "A\\_tor")], []),
        ([("@table_name", "")], []),
        ([("@table_name", "A_tor"), ("@fUsePattern", 0)], ["A_tor"]),
    ],
)
def test_patterns_are_those_of_like(
    databases: Databases, arguments: list[tuple[str, Any]], found: list[str]
) -> None:
    rows = call(databases, Call("sp_columns_100", "", arguments)).rows
    assert sorted({row[2] for row in rows}) == found


def test_case_counts_where_the_collation_says_so(databases: Databases) -> None:
    found = call(databases, Call("sp_columns", "", [("@table_name", "ACTOR")])).rows
    assert bool(list(found)) is not databases.case_sensitive
    assert like("[^a-c]x", "Ax", case_sensitive=True)
    assert not like("[^a-c]x", "Ax", case_sensitive=False)


def test_the_primary_key_and_another_database_are_found(databases: Databases) -> None:
    rows = list(call(databases, Call("sp_pkeys", "F9999", [("", "Actor"), ("", "dbo"), ("", "F9999")])).rows)
    assert [tuple(row[:5]) for row in rows] == [("F9999", "dbo", "Actor", "ActNo", 1)]
