"""SQL Server's catalogue procedures, which the drivers call for ODBC's catalogue functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
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
PRIMARY_KEYS: Final = {
    "TABLE_QUALIFIER": NAME,
    "TABLE_OWNER": NAME,
    "TABLE_NAME": NAME,
    "COLUMN_NAME": NAME,
    "KEY_SEQ": SMALLINT,
    "PK_NAME": NAME,
}
_TABLE_KINDS: Final = re.compile(r"'(?:''|[^'])*'(?:\s*,\s*'(?:''|[^'])*')*")
_REQUIRED: Final = object()
# as Microsoft's documentation of each procedure has them: in this order, spelled like this, these defaults
_PARAMETERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "sp_tables": {
        "@table_name": None,
        "@table_owner": None,
        "@table_qualifier": None,
        "@table_type": None,
        "@fUsePattern": 1,
    },
    "sp_columns": {
        "@table_name": _REQUIRED,
        "@table_owner": None,
        "@table_qualifier": None,
        "@column_name": None,
        "@ODBCVer": 2,
    },
    "sp_columns_100": {
        "@table_name": _REQUIRED,
        "@table_owner": None,
        "@table_qualifier": None,
        "@column_name": None,
        "@NameScope": 0,
        "@ODBCVer": 2,
        "@fUsePattern": 1,
    },
    "sp_pkeys": {"@table_name": _REQUIRED, "@table_owner": None, "@table_qualifier": None},
    "sp_datatype_info": {"@data_type": 0, "@ODBCVer": 2},
    "sp_datatype_info_100": {"@data_type": 0, "@ODBCVer": 2},
}


def call(databases: Databases, request: Call) -> Result:
    """Return what a catalogue procedure answers, as strictly as its documentation says.

    Raises the server's errors: 2812 for any other procedure, 201, 8143, 8144, 8145 and 119 for arguments that
    do not fit, 15250 for a qualifier that is not the database in which the procedure runs.
    """
    procedure = request.procedure
    if procedure not in _PARAMETERS:
        raise SqlError(2812, f"Could not find stored procedure '{procedure}'.")
    given = _given(procedure, request.arguments)
    if request.database:
        databases.require(request.database)
    database = request.database or databases.current
    qualifier = given.get("@table_qualifier")
    if qualifier is not None and not databases.same(qualifier, database):
        raise SqlError(
            15250,
            "The database name component of the object qualifier must be the name of the current database.",
        )
    names = _Names(databases, database, pattern=bool(given.get("@fUsePattern", procedure != "sp_pkeys")))
    if procedure == "sp_tables":
        return _result(procedure, TABLES, names.tables(given))
    if procedure == "sp_pkeys":
        return _result(procedure, PRIMARY_KEYS, names.primary_keys(given))
    if procedure.startswith("sp_columns"):
        wide = procedure != "sp_columns"
        shape = {**COLUMNS, **(_COLUMNS_100 if wide else {"SS_DATA_TYPE": SqlType("tinyint")})}
        return _result(procedure, shape, names.columns(given))
    return _result(procedure, TYPE_INFO, _types(given["@data_type"] or 0))


def _given(procedure: str, arguments: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return every parameter's value. Raises what SQL Server says of arguments that do not fit."""
    known = _PARAMETERS[procedure]
    given: dict[str, Any] = {}
    named = False
    for position, (said, value) in enumerate(arguments):
        named = named or bool(said)
        if named and not said:
            raise SqlError(119, f"Must pass parameter number {position + 1} as '@name = value'.")
        if position >= len(known):
            raise SqlError(8144, f"Procedure or function {procedure} has too many arguments specified.")
        name = said or list(known)[position]
        if name not in known:
            raise SqlError(8145, f"{name} is not a parameter for procedure {procedure}.")
        if name in given:
            raise SqlError(8143, f"Parameter '{name}' was supplied multiple times.")
        given[name] = value
    for name, default in known.items():
        if name not in given and default is _REQUIRED:
            expected = f"expects parameter '{name}', which was not supplied."
            raise SqlError(201, f"Procedure or function '{procedure}' {expected}")
    return {**known, **given}


def _result(name: str, shape: Mapping[str, SqlType], rows: Iterator[dict[str, Any]]) -> Result:
    return Result(
        name, list(shape), list(shape.values()), [[row.get(column) for column in shape] for row in rows]
    )


def like(pattern: str, value: str, *, case_sensitive: bool) -> bool:
    """Tell whether a value fits a pattern of T-SQL's LIKE, which has no escape character by itself.

    >>> like("A[_]b%", "a_bc", case_sensitive=False), like("A[_]b", "axb", case_sensitive=False)
    (True, False)
    >>> like("a\\\\_b", "a_b", case_sensitive=False), like("[a-c^]_", "^x", case_sensitive=True)
    (False, True)
    """
    parts = re.findall(r"\[(\^?)([^\]]*)\]|(%)|(_)|(.)", pattern, re.DOTALL)
    expression = "".join(
        ".*" if percent else "." if underscore else re.escape(plain) if plain else _one_of(inverted, members)
        for inverted, members, percent, underscore, plain in parts
    )
    return re.fullmatch(expression, value, re.DOTALL | (0 if case_sensitive else re.IGNORECASE)) is not None


def _one_of(inverted: str, members: str) -> str:
    if not members:  # nothing is one of nothing
        return "." if inverted else "(?!)"
    ranges = re.sub(r"([\\\[\]^&~|])", r"\\\1", members)
    return f"[{inverted}{ranges}]"


class _Names:
    """What the names of one database are, seen through a procedure's arguments."""

    def __init__(self, databases: Databases, database: str, *, pattern: bool) -> None:
        self._databases = databases
        self._database = database
        self._pattern = pattern

    def _fits(self, wanted: Any, value: str) -> bool:
        """Tell whether a name is wanted; NULL wants every one."""
        if wanted is None:
            return True
        if not self._pattern:
            return self._databases.same(str(wanted), value)
        return like(str(wanted), value, case_sensitive=self._databases.case_sensitive)

    def tables(self, given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        kinds = given["@table_type"]
        if kinds and not _TABLE_KINDS.fullmatch(kinds):
            raise SqlError(
                15600, "An invalid parameter or option was specified for procedure 'sys.sp_tables'."
            )
        for name, kind in self._databases.tables(self._database):
            fits = self._fits(given["@table_name"], name) and self._fits(given["@table_owner"], "dbo")
            if fits and (not kinds or f"'{kind}'" in kinds):
                yield {**self._named(name), "TABLE_TYPE": kind}

    def columns(self, given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        for table, _ in self._databases.tables(self._database):
            if not self._fits(given["@table_name"], table) or not self._fits(given["@table_owner"], "dbo"):
                continue
            columns = self._databases.table([self._database, "dbo", table]).columns
            for position, (name, kind) in enumerate(columns.items(), 1):
                if self._fits(given["@column_name"], name):
                    own = {"COLUMN_NAME": name, "ORDINAL_POSITION": position}
                    yield {**self._named(table), **own, **_described(kind)}

    def primary_keys(self, given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        for table, _ in self._databases.tables(self._database):
            if not self._fits(given["@table_name"], table) or not self._fits(given["@table_owner"], "dbo"):
                continue
            for sequence, name in enumerate(self._databases.primary_key(self._database, table), 1):
                own = {"COLUMN_NAME": name, "KEY_SEQ": sequence, "PK_NAME": f"PK_{table}"}
                yield {**self._named(table), **own}

    def _named(self, table: str) -> dict[str, Any]:
        return {"TABLE_QUALIFIER": self._database, "TABLE_OWNER": "dbo", "TABLE_NAME": table}


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
