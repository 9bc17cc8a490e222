"""A throw-away PostgreSQL for tests, from Debian's binaries: real, local, gone afterwards."""

from __future__ import annotations

import atexit
import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.support.patience import PATIENCE

USER = "presync"
PASSWORD = "correct horse"
ODBC_DRIVER = "/usr/lib/x86_64-linux-gnu/odbc/psqlodbcw.so"


class Postgres:
    """A running server; `url` and `odbc` create the database they name if it is not there yet."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process = process
        self._databases: set[str] = set()
        self._stopped = False
        self.port = port
        self.pid = process.pid

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of a database."""
        self._create(database)
        return f"postgresql+psycopg://{USER}:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{self.port}/{database}"

    def odbc(self, database: str) -> dict[str, str]:
        """Return the ODBC keywords of a database; rows are fetched in portions, not all at once."""
        self._create(database)
        return {
            "Driver": ODBC_DRIVER,
            "Servername": "127.0.0.1",
            "Port": str(self.port),
            "Database": database,
            "UID": USER,
            "PWD": PASSWORD,
            "UseDeclareFetch": "1",
        }

    def stop(self) -> None:
        """Stop the server and everything that it started."""
        if self._stopped:  # its process id may belong to somebody else by now
            return
        self._stopped = True
        atexit.unregister(self.stop)
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(PATIENCE)

    def connect(self, database: str = "postgres") -> Any:
        """Return a psycopg connection in autocommit mode."""
        import psycopg

        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=USER,
            password=PASSWORD,
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )

    def connect_to(self, database: str) -> Any:
        """Return a psycopg connection to a database, which is created if it is not there yet."""
        self._create(database)
        return self.connect(database)

    def _create(self, database: str) -> None:
        if database in self._databases:
            return
        with self.connect() as connection:
            row = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
            if row is None:
                connection.execute(f'CREATE DATABASE "{database}"')
        self._databases.add(database)


def start_postgres(folder: Path, attempts: int = 3) -> Postgres:
    """Start a server with its data in an existing folder, and wait until it answers.

    As root it runs as `postgres` or `nobody`, because it refuses root: that user must be able to reach the
    folder, so one below pytest's own temporary folder will not do.
    """
    account = _account()
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    (folder / "password").write_text(PASSWORD)
    (folder / "password").chmod(0o644)
    as_user: dict[str, Any] = {"cwd": folder}
    if account:
        as_user |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    initialise = [_binary("initdb"), "--pgdata=data", f"--username={USER}", "--pwfile=password", "--no-sync"]
    initialise += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]
    subprocess.run(initialise, check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE, **as_user)
    for _ in range(attempts):
        port = _free_port()
        command = [_binary("postgres"), "-D", "data", "-p", str(port), "-k", "", "-h", "127.0.0.1"]
        command += ["-F", "-c", "max_connections=50", "-c", "shared_buffers=32MB"]
        with (folder / "server.log").open("ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, **as_user)
        server = Postgres(process, port)
        atexit.register(server.stop)
        if _answers(server, process):
            return server
        server.stop()
    raise RuntimeError(f"PostgreSQL did not start:\n{(folder / 'server.log').read_text()[-2000:]}")


def _answers(server: Postgres, process: subprocess.Popen[bytes]) -> bool:
    import psycopg

    for _ in range(600):
        if process.poll() is not None:
            return False
        with contextlib.suppress(psycopg.OperationalError), server.connect():
            return True
        time.sleep(0.05)
    return False


def _account() -> pwd.struct_passwd | None:
    """Return whom to run as, or None for oneself."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError("PostgreSQL refuses root, and there is neither a user postgres nor nobody")


def _binary(name: str) -> str:
    """Return the newest installed binary; Debian keeps the server's outside of PATH."""
    found = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = max(found, key=lambda path: float(path.parts[-3]), default=None)
    path = str(newest) if newest else shutil.which(name)
    if not path:
        raise RuntimeError(f"{name} is not installed: apt-get install postgresql")
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
