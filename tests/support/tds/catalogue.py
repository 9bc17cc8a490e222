"""SQL Server's catalogue procedures, which the drivers call for ODBC's catalogue functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tests.support.tds.answers import Result, SqlError
from tests.support.tds.database import Databases
from tests.support.tds.rpc import Call
from tests.support.tds.types import INT, NAME, SMALLINT, SqlType

_TEXT: Final = SqlType("nvarchar", 254)
TABLES: Final = {
    "TABLE_QUALIFIER": NAME,
    "TABLE_OWNER": NAME,
    "TABLE_NAME": NAME,
    "TABLE_TYPE": SqlType("varchar", 32),
    "REMARKS": SqlType("varchar", 254),
}
COLUMNS: Final = {
    "TABLE_QUALIFIER": NAME,
    "TABLE_OWNER": NAME,
    "TABLE_NAME": NAME,
    "COLUMN_NAME": NAME,
    "DATA_TYPE": SMALLINT,
    "TYPE_NAME": NAME,
    "PRECISION": INT,
    "LENGTH": INT,
    "SCALE": SMALLINT,
    "RADIX": SMALLINT,
    "NULLABLE": SMALLINT,
    "REMARKS": SqlType("varchar", 254),
    "COLUMN_DEF": SqlType("nvarchar", 4000),
    "SQL_DATA_TYPE": SMALLINT,
    "SQL_DATETIME_SUB": SMALLINT,
    "CHAR_OCTET_LENGTH": INT,
    "ORDINAL_POSITION": INT,
    "IS_NULLABLE": SqlType("varchar", 254),
}
_COLUMNS_100: Final = {
    "SS_IS_SPARSE": SMALLINT,
    "SS_IS_COLUMN_SET": SMALLINT,
    "SS_IS_COMPUTED": SMALLINT,
    "SS_IS_IDENTITY": SMALLINT,
    "SS_UDT_CATALOG_NAME": NAME,
    "SS_UDT_SCHEMA_NAME": NAME,
    "SS_UDT_ASSEMBLY_TYPE_NAME": SqlType("nvarchar", 4000),
    "SS_XML_SCHEMACOLLECTION_CATALOG_NAME": NAME,
    "SS_XML_SCHEMACOLLECTION_SCHEMA_NAME": NAME,
    "SS_XML_SCHEMACOLLECTION_NAME": NAME,
    "SS_DATA_TYPE": SqlType("tinyint"),
}
TYPE_INFO: Final = {
    "TYPE_NAME": NAME,
    "DATA_TYPE": SMALLINT,
    "PRECISION": INT,
    "LITERAL_PREFIX": SqlType("varchar", 32),
    "LITERAL_SUFFIX": SqlType("varchar", 32),
    "CREATE_PARAMS": SqlType("varchar", 32),
    "NULLABLE": SMALLINT,
    "CASE_SENSITIVE": SMALLINT,
    "SEARCHABLE": SMALLINT,
    "UNSIGNED_ATTRIBUTE": SMALLINT,
    "MONEY": SMALLINT,
    "AUTO_INCREMENT": SMALLINT,
    "LOCAL_TYPE_NAME": NAME,
    "MINIMUM_SCALE": SMALLINT,
    "MAXIMUM_SCALE": SMALLINT,
    "SQL_DATA_TYPE": SMALLINT,
    "SQL_DATETIME_SUB": SMALLINT,
    "NUM_PREC_RADIX": INT,
    "INTERVAL_PRECISION": SMALLINT,
    "USERTYPE": SMALLINT,
}
_KNOWN_TYPES: Final = [  # name, ODBC type, digits or characters
    ("nvarchar", -9, 4000),
    ("bit", -7, 1),
    ("tinyint", -6, 3),
    ("bigint", -5, 19),
    ("varbinary", -3, 8000),
    ("decimal", 3, 38),
    ("int", 4, 10),
    ("smallint", 5, 5),
    ("float", 6, 53),
    ("varchar", 12, 8000),
    ("datetime2", 93, 27),
]
_ARGUMENTS: Final = {
    "sp_tables": ["@table_name", "@table_owner", "@table_qualifier", "@table_type", "@fusepattern"],
    "sp_columns": [
        "@table_name",
        "@table_owner",
        "@table_qualifier",
        "@column_name",
        "@odbcver",
        "@fusepattern",
    ],
    "sp_datatype_info": ["@data_type", "@odbcver"],
}


def call(databases: Databases, request: Call) -> Result:
    """Return what a catalogue procedure answers. Raises the server's error 2812 for any other."""
    procedure, arguments = request.procedure, request.arguments
    base = re.sub(r"_(90|100|150|170)$", "", procedure)
    if base not in _ARGUMENTS:
        raise SqlError(2812, f"Could not find stored procedure '{procedure}'.")
    given: dict[str, Any] = dict(zip(_ARGUMENTS[base], [None] * 6, strict=False))
    for position, (name, value) in enumerate(arguments):
        given[_known(name.lower(), base) or _ARGUMENTS[base][position]] = value
    if request.database:
        given["@table_qualifier"] = request.database
    if given.get("@table_qualifier"):
        databases.require(given["@table_qualifier"])
    if base == "sp_tables":
        return _result(procedure, TABLES, _tables(databases, given))
    if base == "sp_columns":
        shape = {**COLUMNS, **(_COLUMNS_100 if procedure != base else {"SS_DATA_TYPE": SqlType("tinyint")})}
        return _result(procedure, shape, _columns(databases, given))
    return _result(procedure, TYPE_INFO, _types(given["@data_type"] or 0))


def _known(name: str, base: str) -> str:
    return {"@odbcversion": "@odbcver", "@fuspattern": "@fusepattern"}.get(
        name, name if name in _ARGUMENTS[base] else ""
    )


def _result(name: str, shape: Mapping[str, SqlType], rows: Iterator[dict[str, Any]]) -> Result:
    return Result(
        name, list(shape), list(shape.values()), [[row.get(column) for column in shape] for row in rows]
    )


def _like(pattern: Any, value: str) -> bool:
    """Tell whether a value fits a pattern of LIKE; no pattern fits everything."""
    if pattern is None or pattern == "":
        return True
    parts = re.findall(r"\[(.)\]|\\(.)|(%)|(_)|(.)", str(pattern), re.DOTALL)
    expression = "".join(
        ".*" if percent else "." if underscore else re.escape(bracketed or escaped or plain)
        for bracketed, escaped, percent, underscore, plain in parts
    )
    return re.fullmatch(expression, value, re.IGNORECASE | re.DOTALL) is not None


def _tables(databases: Databases, given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    kinds = str(given["@table_type"] or "").upper()
    for name, kind in databases.tables(given["@table_qualifier"] or None):
        fits = _like(given["@table_name"], name) and _like(given["@table_owner"], "dbo")
        if fits and (not kinds or f"'{kind}'" in kinds):
            qualifier = given["@table_qualifier"] or databases.current
            yield {"TABLE_QUALIFIER": qualifier, "TABLE_OWNER": "dbo", "TABLE_NAME": name, "TABLE_TYPE": kind}


def _columns(databases: Databases, given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    database = given["@table_qualifier"] or databases.current
    for table, _ in databases.tables(database):
        if not _like(given["@table_name"], table) or not _like(given["@table_owner"], "dbo"):
            continue
        columns = databases.table([database, "dbo", table]).columns
        for position, (name, kind) in enumerate(columns.items(), 1):
            if _like(given["@column_name"], name):
                yield {
                    "TABLE_QUALIFIER": database,
                    "TABLE_OWNER": "dbo",
                    "TABLE_NAME": table,
                    "COLUMN_NAME": name,
                    "ORDINAL_POSITION": position,
                    **_described(kind),
                }


def _described(kind: SqlType) -> dict[str, Any]:
    is_text = kind.name in {"varchar", "nvarchar"}
    return {
        "DATA_TYPE": kind.odbc,
        "TYPE_NAME": kind.name,
        "PRECISION": kind.precision,
        "LENGTH": kind.length,
        "SCALE": None if is_text else kind.scale,
        "RADIX": None if is_text else 10,
        "NULLABLE": 1,
        "SQL_DATA_TYPE": kind.odbc,
        "CHAR_OCTET_LENGTH": kind.length if is_text else None,
        "IS_NULLABLE": "YES",
        "SS_IS_SPARSE": 0,
        "SS_IS_COLUMN_SET": 0,
        "SS_IS_COMPUTED": 0,
        "SS_IS_IDENTITY": 0,
        "SS_DATA_TYPE": 38,
    }


def _types(wanted: int) -> Iterator[dict[str, Any]]:
    for name, number, precision in _KNOWN_TYPES:
        if wanted in {0, number} or (wanted in {9, 11} and number == 93):
            yield {
                "TYPE_NAME": name,
                "DATA_TYPE": number,
                "PRECISION": precision,
                "NULLABLE": 1,
                "CASE_SENSITIVE": 0,
                "SEARCHABLE": 3,
                "MONEY": 0,
                "LOCAL_TYPE_NAME": name,
                "SQL_DATA_TYPE": number,
                "USERTYPE": 0,
            }
