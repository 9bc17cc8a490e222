"""The T-SQL that a reader may use, and nothing more: SET, and SELECT of columns, counts and server functions.

Unknown words, SQLite's own dialect included, are a syntax error as they would be in SQL Server.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from tests.support.tds.answers import Result, SqlError
from tests.support.tds.database import Databases, Table
from tests.support.tds.types import BIGINT, INT, NAME, SqlType, declared

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<name>"(?:[^"]|"")+"|\[(?:[^\]]|\]\])+\])|(?P<text>N?'(?:[^']|'')*')|(?P<word>@@?\w+|[A-Za-z_]\w*)
    |(?P<number>\d+(?:\.\d+)?)|(?P<sign><>|<=|>=|[-=<>+*/%(),.?;]))""",
    re.VERBOSE,
)
_WORDS: Final = {"select", "from", "where", "and", "or", "not", "is", "null", "as", "cast", "in"} | {
    "nullif",
    "ltrim",
    "rtrim",
}
_AGGREGATES: Final = {
    "count_big": ("COUNT", BIGINT),
    "count": ("COUNT", INT),
    "max": ("MAX", BIGINT),
    "min": ("MIN", BIGINT),
    "checksum_agg": ("CHECKSUM_AGG", INT),
    "binary_checksum": ("BINARY_CHECKSUM", INT),
}
_TYPES: Final = {"bigint", "int", "nvarchar", "varchar", "float"}


class Session:
    """What a statement can ask about its own session."""

    def __init__(
        self, databases: Databases, login: str, *, may_write: bool, snapshot: Collection[str]
    ) -> None:
        self.databases = databases
        self.login = login
        self.may_write = may_write
        self.snapshot_allowed = snapshot
        self.isolation = "READ COMMITTED"

    def run(self, text: str, parameters: Mapping[str, Any]) -> Result:
        """Return the result of one statement. Raises SqlError."""
        statement = text.strip().rstrip(";").strip()
        first = statement.split(None, 1)[0].upper() if statement else ""
        if first in {"SET", "USE"}:
            return self._setting(statement)
        if first != "SELECT":
            raise _syntax(first)
        return _Select(self, statement, parameters).result()

    def _setting(self, statement: str) -> Result:
        words = statement.split()
        if words[0].upper() == "USE":
            self.databases.use(words[1].strip('[]"'))
        level = re.fullmatch(r"SET TRANSACTION ISOLATION LEVEL ([A-Z ]+)", statement, re.IGNORECASE)
        if level:
            self.isolation = " ".join(level[1].upper().split())
        return Result()

    def function(self, name: str, arguments: list[Any]) -> tuple[Any, SqlType]:
        """Return value and type of a server function."""
        if name == "has_perms_by_name":
            return self._permission(*(str(argument or "") for argument in arguments)), INT
        values: dict[str, Any] = {
            "@@version": "Microsoft SQL Server 2022 (a test double)",
            "@@servername": "TDS-DOUBLE",
            "@@spid": 53,
            "db_name": self.databases.current,
            "system_user": self.login,
            "suser_sname": self.login,
            "user_name": "dbo" if self.may_write else self.login,
            "serverproperty": "16.0.4105.2",
            "sysutcdatetime": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f"),
        }
        if name not in values:
            raise SqlError(195, f"'{name}' is not a recognized built-in function name.", 15)
        value = values[name]
        return value, INT if isinstance(value, int) else NAME

    def _permission(self, securable: str, kind: str, permission: str) -> int:
        del securable, kind
        return int(permission.upper() in {"SELECT", "CONNECT"} or self.may_write)


class _Select:
    def __init__(self, session: Session, statement: str, parameters: Mapping[str, Any]) -> None:
        self._session = session
        self._parameters = parameters
        self._tokens = _tokens(statement)
        self._at = 0
        self._table: Table | None = None

    def result(self) -> Result:
        """Return the rows that the SELECT asks for."""
        self._expect("select")
        start = self._at
        self._table = self._find_table()
        self._at = start
        items = [self._item()]
        while self._accept(","):
            items.append(self._item())
        where = ""
        if self._accept("from"):
            self._name()
            if self._accept("where"):
                where = " WHERE " + self._rest()
            elif self._accept("group"):
                self._expect("by")
                where = " GROUP BY " + self._rest()
        if self._at != len(self._tokens):
            raise _syntax(self._tokens[self._at][1])
        sql = "SELECT " + ", ".join(sql for sql, _, _ in items)
        if self._table:
            sql += f' FROM {self._table.alias}."{self._table.name}"' + where
        rows = self._session.databases.connection.execute(sql, dict(self._parameters)).fetchall()
        name = self._table.name if self._table else ""
        adds_up = any(value.lower() in _AGGREGATES for _, value in self._tokens)
        return Result(name, [item[1] for item in items], [item[2] for item in items], rows, adds_up)

    def _find_table(self) -> Table | None:
        depth = 0
        while self._at < len(self._tokens):
            kind, value = self._tokens[self._at]
            depth += (value == "(") - (value == ")")
            self._at += 1
            if kind == "word" and value.lower() == "from" and depth == 0:
                parts = self._name()
                if [part.lower() for part in parts] == ["sys", "databases"]:
                    return self._sys_databases()
                return self._session.databases.table(parts)
        return None

    def _sys_databases(self) -> Table:
        connection = self._session.databases.connection
        connection.execute("DROP TABLE IF EXISTS temp.databases")
        connection.execute("CREATE TEMP TABLE databases (name NVARCHAR(128), snapshot_isolation_state INT)")
        for name in self._session.databases.names():
            connection.execute(
                "INSERT INTO temp.databases VALUES (?, ?)", [name, name in self._session.snapshot_allowed]
            )
        return Table("", "temp", "databases", {"name": NAME, "snapshot_isolation_state": INT})

    def _item(self) -> tuple[str, str, SqlType]:
        """Return SQLite's expression, the column's name and the type of one item."""
        kind, value = self._peek()
        begin = self._at
        if kind == "name":
            name, sql_type = self._column()
            if self._peek()[1] in {",", ""} or self._peek()[1].lower() == "from":
                return f'"{name}"', name, sql_type
            self._at = begin
        elif kind == "word" and self._is_column(value):
            return (f'"{value}"', *self._column())
        elif kind == "word" and value.lower() not in _WORDS | _AGGREGATES.keys():
            return self._function()
        sql, sql_type = self._until_comma()
        return sql, "", sql_type

    def _function(self) -> tuple[str, str, SqlType]:
        name = self._next()[1].lower()
        arguments: list[Any] = []
        if self._accept("("):
            while not self._accept(")"):
                kind, value = self._next()
                if kind == "word" and self._accept("("):
                    self._expect(")")
                    arguments.append(self._session.function(value.lower(), [])[0])
                elif kind == "text":
                    arguments.append(_unquoted(value))
                elif value.lower() == "null":
                    arguments.append(None)
                elif value != ",":
                    raise _syntax(value)
        result, sql_type = self._session.function(name, arguments)
        self._parameters = {**self._parameters, f"f{self._at}": result}
        return f":f{self._at}", "", sql_type

    def _until_comma(self) -> tuple[str, SqlType]:
        first, parts, depth = self._peek()[1].lower(), [], 0
        sql_type = BIGINT
        begin = self._at
        while self._at < len(self._tokens):
            kind, value = self._peek()
            if depth == 0 and (value == "," or value.lower() == "from"):
                break
            depth += (value == "(") - (value == ")")
            if kind == "word" and value.lower() == "as":
                self._next()
                sql_type = self._cast_type()
                parts.append("AS " + ("INTEGER" if "int" in sql_type.name else "TEXT"))
                continue
            parts.append(self._piece())
        if first in {"max", "min"}:
            self._refuse_bits(first, self._tokens[begin : self._at])
        aggregate = _AGGREGATES.get(first)
        return " ".join(parts), aggregate[1] if aggregate else sql_type

    def _refuse_bits(self, function: str, tokens: list[tuple[str, str]]) -> None:
        """Raise the server's error for MIN and MAX of a bit, as it is and not cast to a number."""
        if any(value.lower() == "cast" for _, value in tokens):
            return
        for kind, value in tokens:
            name = _unquoted(value) if kind == "name" else value
            if self._is_column(name) and self._table and self._table.columns[name].name == "bit":
                raise SqlError(8117, f"Operand data type bit is invalid for {function} operator.")

    def _cast_type(self) -> SqlType:
        name = self._next()[1].lower()
        if name not in _TYPES:
            raise SqlError(243, f"Type {name} is not a defined system type.")
        if not self._accept("("):
            return declared(name)
        size = self._next()[1]
        self._expect(")")
        return declared(f"{name}({size})")

    def _rest(self) -> str:
        parts = []
        while self._at < len(self._tokens):
            parts.append(self._piece())
        return " ".join(parts)

    def _piece(self) -> str:
        """Return the next token as SQLite writes it."""
        kind, value = self._peek()
        if kind == "name":
            return f'"{self._column()[0]}"'
        self._next()
        if kind == "word":
            return self._word(value)
        return value.removeprefix("N") if kind == "text" else value

    def _word(self, value: str) -> str:
        word = value.lower()
        if word in _AGGREGATES:
            return _AGGREGATES[word][0]
        if self._is_column(word):
            return f'"{value}"'
        if word == "db_name":
            self._expect("(")
            self._expect(")")
            return f"'{self._session.databases.current}'"
        if word in _WORDS or (word.startswith("@") and value[1:] in self._parameters):
            return value
        raise _syntax(value)

    def _is_column(self, word: str) -> bool:
        return self._table is not None and word.lower() in {name.lower() for name in self._table.columns}

    def _column(self) -> tuple[str, SqlType]:
        kind, name = self._next()
        name = _unquoted(name) if kind == "name" else name
        columns = self._table.columns if self._table else {}
        for known, sql_type in columns.items():
            if self._session.databases.same(known, name):
                return known, sql_type
        raise SqlError(207, f"Invalid column name '{name}'.")

    def _name(self) -> list[str]:
        parts = []
        while True:
            kind, value = self._next()
            if kind not in {"name", "word"}:
                raise _syntax(value)
            parts.append(_unquoted(value) if kind == "name" else value)
            if not self._accept("."):
                return parts

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("", "")

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        self._at += 1
        return token

    def _accept(self, value: str) -> bool:
        if self._peek()[0] in {"word", "sign"} and self._peek()[1].lower() == value:
            self._at += 1
            return True
        return False

    def _expect(self, value: str) -> None:
        if not self._accept(value):
            raise _syntax(self._peek()[1])


def _tokens(statement: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(statement):
        match = _TOKEN.match(statement, at)
        if match is None or match.lastgroup is None:
            raise _syntax(statement[at:].split(maxsplit=1)[0])
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


def _unquoted(value: str) -> str:
    if value[0] == "[":
        return value[1:-1].replace("]]", "]")
    value = value.removeprefix("N") if value[0] == "N" else value
    return value[1:-1].replace(value[0] * 2, value[0])


def _syntax(near: str) -> SqlError:
    return SqlError(102, f"Incorrect syntax near '{near}'.", 15)
