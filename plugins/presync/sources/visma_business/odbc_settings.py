"""Airflow's ODBC hook, with the connection read the way `docs/connections.md` describes it.

Imported inside functions only: it loads pyodbc.

The provider ignores `driver` in a connection's extra unless a setting allows it, knows no `odbc` in extra
and does not escape values. Here the driver always comes from the connection, because every company may need
another one and nobody but an administrator edits connections.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyodbc  # noqa: TID253 - this module is imported late itself
from airflow.providers.odbc.hooks.odbc import OdbcHook
from airflow.sdk.log import mask_secret

from presync.errors import ConfigurationError

_NOT_KEYWORDS = {"driver", "dsn", "odbc", "connect_kwargs", "sqlalchemy_scheme", "placeholder"}
_OF_PYODBC = {"ansi", "attrs_before", "encoding", "timeout"}
_OURS = {"autocommit", "readonly", "query_timeout"}
_SECRET_NAMES = re.compile(r"pwd|pass|secret|token", re.IGNORECASE)
_LOGIN_TIMEOUT = 15
_QUERY_TIMEOUT = 600


class CompanyConnection(OdbcHook):  # type: ignore[misc]
    """Connects to one company's database: read-only where the driver can, and never in a transaction."""

    conn_type = "visma_business"
    hook_name = "Visma Business"

    @property
    def connection_id(self) -> str:
        """The id of Airflow's connection."""
        return str(self.get_conn_id())

    @cached_property
    def keywords(self) -> dict[str, str]:
        """ODBC keywords, lower case; `connect_kwargs` over `odbc` over the rest of extra over the fields."""
        fields = self.connection
        found = {
            "server": fields.host,
            "database": fields.schema,
            "uid": fields.login,
            "pwd": fields.password,
            "port": fields.port,
        }
        if not isinstance(self.connection_extra, dict):
            raise ConfigurationError("its extra must be a JSON object.")
        extra = self.connection_extra_lower
        found |= {key: value for key, value in extra.items() if key not in _NOT_KEYWORDS | _OURS}
        found |= {key: extra[key] for key in ("driver", "dsn") if extra.get(key)}
        found |= _mapping(extra, "odbc")
        found |= {k: v for k, v in _mapping(extra, "connect_kwargs").items() if k not in _OF_PYODBC | _OURS}
        keywords = {key: str(value).strip() for key, value in found.items() if value not in (None, "")}
        if "driver" in keywords:
            keywords["driver"] = keywords["driver"].strip("{} ")
        for key, value in keywords.items():
            if _SECRET_NAMES.search(key):
                mask_secret(value)
        return keywords

    @cached_property
    def is_sqlite(self) -> bool:
        """Tell whether the driver is SQLite's, for which the database is a file."""
        keywords = self.keywords
        driver = keywords.get("driver") or pyodbc.dataSources().get(keywords.get("dsn", ""), "")
        return "sqlite" in driver.lower()

    @property
    def secrets(self) -> list[str]:
        """Values that no message may hold: the login and everything that looks like a password."""
        return [v for k, v in self.keywords.items() if k in {"uid", "username"} or _SECRET_NAMES.search(k)]

    @property
    def odbc_connection_string(self) -> str:
        """The ODBC connection string. It holds secrets: never in a message."""
        keywords = dict(self.keywords)
        if not keywords.keys() & {"driver", "dsn"}:
            raise ConfigurationError(
                "it names neither a driver nor a DSN. Put `driver` (a name from odbcinst.ini, or the path of "
                "the driver's shared library) into the connection's extra, which must be valid JSON."
            )
        driver = keywords.get("driver", "")
        if "/" in driver and not Path(driver).is_file():
            raise ConfigurationError(
                f"the driver {driver} is not on this machine. Install it, or mend `driver`."
            )
        if self.is_sqlite:
            keywords = _sqlite_keywords(keywords)
        elif self._database:
            keywords["database"] = self._database
        if re.search(r"msodbcsql|ODBC Driver \d+ for SQL Server", driver, re.IGNORECASE):
            port = keywords.pop("port", None)  # Microsoft's driver ignores PORT without a word
            if port and "," not in keywords.get("server", ","):
                keywords["server"] += f",{port}"
        first = {key: keywords.pop(key) for key in ("driver", "dsn") if key in keywords}
        return "".join(f"{key.upper()}={_escaped(value)};" for key, value in (first | keywords).items())

    @property
    def connect_kwargs(self) -> dict[str, Any]:
        """Arguments of `pyodbc.connect` that are no ODBC keywords."""
        given = _mapping(self.connection_extra_lower, "connect_kwargs")
        kwargs: dict[str, Any] = {"timeout": _LOGIN_TIMEOUT}
        kwargs |= {key: value for key, value in given.items() if key in _OF_PYODBC}
        try:
            kwargs["timeout"] = int(kwargs["timeout"])
            before = kwargs.pop("attrs_before", {})
            kwargs["attrs_before"] = {int(key): int(value) for key, value in before.items()}
        except (ValueError, TypeError, AttributeError):
            raise ConfigurationError(
                "`timeout` in its `connect_kwargs` must be a number of seconds, and `attrs_before` must map "
                "attribute numbers to numbers."
            ) from None
        return {**kwargs, "autocommit": True, "readonly": True}

    def get_conn(self) -> pyodbc.Connection:
        """Return a connection that is not pooled: closing it must end every lock."""
        pyodbc.pooling = False
        query_timeout = self.query_timeout
        connection = pyodbc.connect(self.odbc_connection_string, **self.connect_kwargs)
        with suppress(pyodbc.Error):  # psqlODBC has no such time-out; its connections set statement_timeout
            connection.timeout = query_timeout
        return connection

    @property
    def query_timeout(self) -> int:
        """Seconds that the server may be silent while it is asked or read; 0 is for ever."""
        extra = self.connection_extra_lower
        given = {"query_timeout": extra.get("query_timeout"), **_mapping(extra, "connect_kwargs")}
        value = given["query_timeout"]
        text = str(_QUERY_TIMEOUT if value in (None, "") else value)
        if not re.fullmatch(r"[0-9]{1,6}", text):
            raise ConfigurationError(f"`query_timeout` is {value!r}; it must be a whole number of seconds.")
        return int(text)


def _mapping(extra: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return a mapping inside of extra with its keys in lower case; a URI can only hold it as JSON text."""
    value = extra.get(key) or {}
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    if not isinstance(value, Mapping):
        raise ConfigurationError(f"`{key}` in its extra must be a JSON object of ODBC keywords.")
    return {str(name).lower(): item for name, item in value.items()}


def _sqlite_keywords(keywords: dict[str, str]) -> dict[str, str]:
    """Return the keywords for SQLite's driver, which makes missing files and cuts numbers to 32 bits.

    `StepAPI` reads row by row instead of everything at once; `BigInt` keeps 64 bits.
    """
    if "dsn" not in keywords or "database" in keywords:
        file = Path(keywords.get("database", ""))
        if not file.is_file():
            raise ConfigurationError(
                f"the company database {str(file)!r} is not a file on this machine. Name the file in "
                '`Database`: {"odbc": {"Database": "/path/company.db"}}.'
            )
        keywords = {**keywords, "database": f"file:{quote(str(file.resolve()))}?mode=ro"}
    return {**keywords, "nocreat": "1", "stepapi": "1", "bigint": "1"}


def _escaped(value: str) -> str:
    """Return a keyword's value in braces, if it needs them: some drivers take braces literally."""
    if ";" in value or value.startswith("{"):
        return "{" + value.replace("}", "}}") + "}"
    return value
