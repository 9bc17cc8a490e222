"""The control database: where it is, its schema's version, and transactions on it.

SQLite by default, PostgreSQL (psycopg 3) when `PRESYNC_DATABASE_URL` says so. Missing tables and newer
versions of them are made on first use, by one process while the others wait.
Connections are not pooled: Airflow forks its tasks, and a forked connection would be shared.
"""

from __future__ import annotations

import logging
import os
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from presync import settings
from presync.errors import ConfigurationError, SourceUnavailableError

HEAD: Final = "0016"
VERSION_TABLE: Final = "presync_schema_version"
SOURCE: Final = "control"

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 7_377_962_635  # an arbitrary number that all Presync processes use for PostgreSQL's advisory lock
_WAIT_SECONDS = 60
_ASKS_AGAIN: Final = (0.005, 0.03)


def now() -> datetime:
    """Return this moment in UTC: the one clock of the control tables."""
    return datetime.now(UTC)


@contextmanager
def transaction(url: str | None = None) -> Iterator[Session]:
    """Yield a session whose changes are committed together at the end, or not at all.

    `url` defaults to `settings.database_url()`. Raises ConfigurationError for an unusable URL or a schema
    newer than this program, SourceUnavailableError when the database cannot be reached.
    """
    engine = _engine(url or _configured())
    try:
        with _begun(engine) as session, session.get_transaction() or session.begin():
            yield session
    except DatabaseError as error:
        # a subclass other than OperationalError is a fault of this program, not of the database
        if type(error) not in {DatabaseError, OperationalError} and not _is_forbidden(error):
            raise
        raise SourceUnavailableError(
            f"the control database {_shown(engine.url)} cannot be used: {_reason(error)}. Without it no "
            "verdict, certificate or start can be recorded, so the gate stays shut. Check that it runs, and "
            "PRESYNC_DATABASE_URL.",
            source=SOURCE,
        ) from None


def _is_forbidden(error: DatabaseError) -> bool:
    return getattr(error.orig, "sqlstate", None) == "42501"


def _shown(url: URL) -> str:
    """Return where a database is; neither user nor options, in which a password may stand as well."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    port = f":{url.port}" if url.port else ""
    return f"{url.get_backend_name()}://{url.host or ''}{port}/{url.database or ''}"


def _reason(error: DatabaseError) -> str:
    """Return in words why a database cannot be used; nothing of the driver's own text: it may quote."""
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    words = _REASONS.get(str(code)) or _REASONS.get(str(code)[:2])
    if words is None and code is None:
        words = "it cannot be reached"
    return f"{words or 'it refuses'} ({code or type(error.orig).__name__})"


_REASONS: Final = {
    "28": "it refuses user or password",
    "3D": "there is no such database",
    "42501": "its user may not do this; `presync migrate` needs the owner of the tables",
    "53": "it has no room or no connection left",
    "55P03": f"somebody else has held its lock for {_WAIT_SECONDS} seconds",
    "57": "it is shutting down",
    "SQLITE_CANTOPEN": "the file cannot be opened",
    "SQLITE_NOTADB": "the file is not a database",
    "SQLITE_CORRUPT": "the file is damaged",
    "SQLITE_READONLY": "the file is read-only",
    "SQLITE_FULL": "the disk is full",
    "SQLITE_BUSY": f"somebody else has held its lock for {_WAIT_SECONDS} seconds",
}


def _configured() -> str:
    """Return the configured address; object storage is shared by workers that have no file in common."""
    data = settings.data_url()
    if not os.environ.get("PRESYNC_DATABASE_URL") and "://" in data and not data.startswith("file://"):
        raise ConfigurationError(
            "PRESYNC_DATA is in object storage, but PRESYNC_DATABASE_URL names no control database: "
            "each worker would keep a file of its own, and a start recorded by one would be forgotten by the "
            "others and made again. Name a PostgreSQL database that all of them reach.",
            source=SOURCE,
        )
    return settings.database_url()


def lock(session: Session, name: str) -> None:
    """Wait until nobody else is in a transaction that holds `name`; SQLite lets in one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


def schema_version(connection: Connection) -> str | None:
    """Return the version of the schema in the database, or None if it has no tables yet."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    version: str | None = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))
    return version


@lru_cache(maxsize=8)
def _engine(address: str) -> Engine:
    url = _known(address)
    if url.get_backend_name() == "postgresql":
        return create_engine(
            url,
            poolclass=NullPool,
            connect_args={
                "connect_timeout": 10,
                "application_name": "presync",
                # a peer that is gone without a word, and a lock that its holder keeps for ever
                "tcp_user_timeout": _WAIT_SECONDS * 1000,
                "options": f"-c lock_timeout={_WAIT_SECONDS}s",
            },
        )
    _make_folder(url)
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": _WAIT_SECONDS})
    event.listen(engine, "connect", _sqlite_connect)
    event.listen(engine, "begin", _sqlite_begin)
    return engine


def _known(address: str) -> URL:
    try:
        url = make_url(address.strip())
    except (ArgumentError, ValueError):  # ValueError: a port that is not a number
        raise ConfigurationError(
            "PRESYNC_DATABASE_URL is not a database URL; write postgresql://user:password@host/database, or "
            "leave it out for SQLite",
            source=SOURCE,
        ) from None
    if url.drivername in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg")
    if url.drivername in {"postgresql+psycopg", "sqlite", "sqlite+pysqlite"}:
        return url
    raise ConfigurationError(
        f"PRESYNC_DATABASE_URL names the database kind {url.drivername!r}; use sqlite or postgresql",
        source=SOURCE,
    )


def _make_folder(url: URL) -> None:
    if not url.database or url.database == ":memory:":
        raise ConfigurationError(
            "PRESYNC_DATABASE_URL names an SQLite database in memory: a start recorded there would be "
            "forgotten and made again. Name a file, e.g. sqlite:////var/lib/presync/control.db",
            source=SOURCE,
        )
    try:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        Path(url.database).touch(mode=0o600)
    except OSError as error:
        raise ConfigurationError(
            f"the folder of the control database {url.database} cannot be made ({error.strerror}); make it, "
            "or name another file in PRESYNC_DATABASE_URL",
            source=SOURCE,
        ) from None


def _sqlite_connect(connection: Any, _record: Any) -> None:
    # The driver would begin transactions late and commit before DDL; `_sqlite_begin` does it instead.
    connection.isolation_level = None
    # A start that was recorded must survive a power cut.
    connection.execute("PRAGMA synchronous=FULL")


def _sqlite_begin(connection: Connection) -> None:
    """Take the write lock at once: taken later, it would fail as "database is locked".

    SQLite's own waiting asks less and less often, so that whoever has waited longest is served last: of 30
    processes some waited 20 seconds. Here all ask alike, and nobody waits much longer than anybody else.
    """
    file: Any = connection.connection.dbapi_connection
    file.execute("PRAGMA busy_timeout=0")
    give_up = time.monotonic() + _WAIT_SECONDS
    while not _locked(file) and time.monotonic() < give_up:
        time.sleep(random.uniform(*_ASKS_AGAIN))  # noqa: S311
    file.execute(f"PRAGMA busy_timeout={_WAIT_SECONDS * 1000}")
    if not file.in_transaction:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # a last time, and its error is the answer


def _locked(file: Any) -> bool:
    try:
        file.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if not error.sqlite_errorname.startswith("SQLITE_BUSY"):
            raise
        return False
    return True


def _begun(engine: Engine) -> Session:
    """Return a session in a transaction on the newest schema, which is made first where it is missing.

    The version is asked for in the same transaction: asking for it in one of its own costs every writer
    another turn at SQLite's one lock.
    """
    for _ in range(2):
        session = Session(engine, expire_on_commit=False)
        try:
            if _version_in(session) == HEAD:
                return session
        except BaseException:
            session.close()
            raise
        session.close()
        _migrate(engine)
    raise ConfigurationError(
        "the control database's tables vanish as soon as they are made; see who else changes it",
        source=SOURCE,
    )


def _version_in(session: Session) -> str | None:
    """Return the schema's version by one plain query: whoever looks for tables first keeps others waiting."""
    try:
        version: str | None = session.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))
    except (OperationalError, ProgrammingError):
        session.rollback()
        return schema_version(session.connection())
    return version


def _migrate(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        _write_ahead(engine)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        _upgrade(connection, schema_version(connection))


def _write_ahead(engine: Engine) -> None:
    """Let SQLite write a log ahead of the file: a commit then waits for the disk once, not four times."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()


def _upgrade(connection: Connection, version: str | None) -> None:
    if version == HEAD:
        return
    from alembic import command
    from alembic.script import ScriptDirectory

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = migration_config(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        raise ConfigurationError(
            f"the control database has schema {version}, which this Presync ({HEAD}) does not know: a newer "
            "Presync has used it. Install that version; nothing is read or written until then.",
            source=SOURCE,
        )
    command.upgrade(config, "head")


def migration_config(connection: Connection) -> Any:
    """Return Alembic's configuration for a connection, as `env.py` expects it."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
