"""Airflow's ODBC hook, with the connection read the way `docs/connections.md` describes it.

Imported inside functions only: it loads pyodbc.

The provider ignores `driver` in a connection's extra unless a setting allows it, knows no `odbc` in extra
and does not escape values. Here the driver always comes from the connection, because every company may need
another one and nobody but an administrator edits connections.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyodbc  # noqa: TID253 - this module is imported late itself
from airflow.providers.odbc.hooks.odbc import OdbcHook

from presync.errors import ConfigurationError
from presync.sources.visma_business.odbc_keywords import Family, escaped, family, for_driver, mapping
from presync.sources.visma_business.waiting import within
from presync.text.secrecy import mask

_NOT_KEYWORDS = {"driver", "dsn", "odbc", "connect_kwargs", "sqlalchemy_scheme", "placeholder"}
_OF_PYODBC = {"ansi", "attrs_before", "encoding", "timeout"}
_OURS = {"autocommit", "readonly", "query_timeout"}
_SECRET_NAMES = re.compile(r"pwd|pass|secret|token", re.IGNORECASE)
_LOGIN_TIMEOUT = 15
_QUERY_TIMEOUT = 600
_QUESTIONS = 60  # seconds
_LONGEST = 86_401  # seconds
_LARGEST = 2**31 - 1
_KINDS = {list: "a list", dict: "an object", type(None): "null"}


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
        found: dict[str, Any] = {
            "server": fields.host,
            "database": fields.schema,
            "uid": fields.login,
            "pwd": fields.password,
            "port": fields.port,
        }
        extra = self._extra
        found |= {key: value for key, value in extra.items() if key not in _NOT_KEYWORDS | _OURS}
        found |= {key: extra[key] for key in ("driver", "dsn") if extra.get(key)}
        found |= mapping(extra, "odbc")
        found |= {k: v for k, v in mapping(extra, "connect_kwargs").items() if k not in _OF_PYODBC | _OURS}
        keywords = {key: _text(key, value) for key, value in found.items() if value not in (None, "")}
        if "driver" in keywords:
            keywords["driver"] = keywords["driver"].strip("{} ")
        for key, value in keywords.items():
            if _SECRET_NAMES.search(key):
                mask(value, keywords.get("uid") or keywords.get("username"))
        return keywords

    @cached_property
    def _extra(self) -> dict[str, Any]:
        """Return the connection's extra with its keys in lower case."""
        try:
            extra = self.connection_extra
        except (
            ValueError,
            TypeError,
            AttributeError,
        ):  # Airflow's own words quote it, secrets and all
            extra = None
        if not isinstance(extra, dict):
            raise ConfigurationError("its extra must be a JSON object.")
        return {str(key).lower(): value for key, value in extra.items()}

    @cached_property
    def _family(self) -> Family:
        keywords = self.keywords
        driver = keywords.get("driver") or pyodbc.dataSources().get(keywords.get("dsn", ""), "")
        return family(driver)

    @cached_property
    def is_sqlite(self) -> bool:
        """Tell whether the driver is SQLite's, for which the database is a file."""
        return self._family == "sqlite"

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
                f"the driver {driver} is not on this machine. Install it, or fix `driver`."
            )
        if self.is_sqlite:
            keywords = _sqlite_keywords(keywords)
        elif self._database:
            keywords["database"] = self._database
        keywords = for_driver(self._family, keywords)
        first = {key: keywords.pop(key) for key in ("driver", "dsn") if key in keywords}
        return "".join(
            f"{key.upper()}={escaped(self._family, key, value)};" for key, value in (first | keywords).items()
        )

    @property
    def connect_kwargs(self) -> dict[str, Any]:
        """Arguments of `pyodbc.connect` that are no ODBC keywords."""
        given = mapping(self._extra, "connect_kwargs")
        kwargs: dict[str, Any] = {"timeout": _LOGIN_TIMEOUT}
        kwargs |= {key: value for key, value in given.items() if key in _OF_PYODBC}
        try:
            kwargs["timeout"] = int(kwargs["timeout"])
            before = kwargs.pop("attrs_before", {})
            kwargs["attrs_before"] = {int(key): int(value) for key, value in before.items()}
            if not 0 < kwargs["timeout"] < _LONGEST or any(
                abs(number) > _LARGEST for pair in kwargs["attrs_before"].items() for number in pair
            ):
                raise ValueError
        except (ValueError, TypeError, AttributeError, OverflowError):
            raise ConfigurationError(
                "`timeout` in its `connect_kwargs` must be a number of seconds from 1 to 86400, and "
                "`attrs_before` must map attribute numbers to numbers."
            ) from None
        for name, kind in (("encoding", str), ("ansi", bool)):
            if name in kwargs and not isinstance(kwargs[name], kind):
                wanted = "a text" if kind is str else "true or false"
                raise ConfigurationError(f"`{name}` in its `connect_kwargs` must be {wanted}.")
        return {**kwargs, "autocommit": True, "readonly": True}

    def get_conn(self) -> pyodbc.Connection:
        """Return a connection that is not pooled: closing it must end every lock.

        Raises TooLongError if the server accepts the connection and is then silent.
        """
        pyodbc.pooling = False
        query_timeout, text, kwargs = self.query_timeout, self.odbc_connection_string, self.connect_kwargs
        connection = within(self.connecting_timeout, lambda: pyodbc.connect(text, **kwargs))
        with suppress(pyodbc.Error):  # psqlODBC has no such time-out; its connections set statement_timeout
            connection.timeout = query_timeout
        return connection

    @property
    def connecting_timeout(self) -> int:
        """Seconds that connecting may take: the login, and the questions that pyodbc has for the server."""
        return int(self.connect_kwargs["timeout"]) + min(self.query_timeout or _QUESTIONS, _QUESTIONS)

    @property
    def database_name(self) -> str:
        """The database that is asked for; "" is the login's own."""
        return str((not self.is_sqlite and self._database) or self.keywords.get("database", ""))

    @property
    def is_trusted(self) -> bool:
        """Tell whether the login is the worker's own account (Kerberos)."""
        said = self.keywords.get("trusted_connection", "").casefold()
        return said in {"yes", "true", "1"} or not self.keywords.keys() & {"uid", "user", "username"}

    @property
    def query_timeout(self) -> int:
        """Seconds that the server may be silent while it is asked or read; 0 is for ever."""
        extra = self._extra
        given = {"query_timeout": extra.get("query_timeout"), **mapping(extra, "connect_kwargs")}
        value = given["query_timeout"]
        text = str(_QUERY_TIMEOUT if value in (None, "") else value)
        if not re.fullmatch(r"[0-9]{1,6}", text):
            raise ConfigurationError(f"`query_timeout` is {value!r}; it must be a whole number of seconds.")
        return int(text)


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


def _text(key: str, value: object) -> str:
    """Return a keyword's value as text; blanks around a password belong to it."""
    if isinstance(value, bool):
        value = "yes" if value else "no"
    if not isinstance(value, str | int | float):
        kind = _KINDS.get(type(value), "that")
        raise ConfigurationError(f"`{key}` must be a text or a number, not {kind}.")
    text = str(value)
    if any(unicodedata.category(character) == "Cc" for character in text.strip("\r\n")):
        raise ConfigurationError(
            f"`{key}` holds a control character, which no driver passes on as it is. Remove it."
        )
    text = text.strip("\r\n")  # the usual slip of secret files
    return text if _SECRET_NAMES.search(key) else text.strip()
