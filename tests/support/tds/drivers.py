"""The two drivers that read SQL Server from Linux, and the ODBC keywords that lead to the test server."""

from __future__ import annotations

import importlib.util
import platform
from pathlib import Path
from typing import Any, Final, Literal

from tests.support.tds.server import TdsServer

Driver = Literal["freetds", "microsoft"]
DRIVERS: Final[tuple[Driver, ...]] = ("freetds", "microsoft")
FREETDS: Final = "/usr/lib/x86_64-linux-gnu/odbc/libtdsodbc.so"
USER: Final = "reader"
PASSWORD: Final = "Correct horse 7"


def microsoft() -> str:
    """Return the path of Microsoft's ODBC Driver 18 inside of the package that brings it."""
    package = importlib.util.find_spec("mssql_python_odbc")
    if package is None or package.origin is None:
        raise RuntimeError("mssql-python-odbc is not installed: scripts/bootstrap.sh --tests installs it")
    folder = Path(package.origin).parent / "libs/linux/debian_ubuntu" / platform.machine()
    return str(next(folder.glob("lib/libmsodbcsql-18*.so*")))


def odbc(server: TdsServer, driver: Driver, **keywords: Any) -> dict[str, str]:
    """Return the keywords of a connection, `Driver` among them; given ones win, None takes one out."""
    found: dict[str, Any] = {"UID": USER, "PWD": PASSWORD, "Database": next(iter(server.databases))}
    if driver == "freetds":
        found |= {"Driver": FREETDS, "Server": "127.0.0.1", "Port": server.port, "TDS_Version": "7.4"}
    else:
        found |= {"Driver": microsoft(), "Server": f"127.0.0.1,{server.port}", "Encrypt": "no"}
    return {name: str(value) for name, value in (found | keywords).items() if value is not None}
