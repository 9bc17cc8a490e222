"""The two connections for a look: Airflow's, or what a person at a terminal says, for this process only.

A secret that is typed here is held in the environment of this process as `AIRFLOW_CONN_…`, and nowhere else.
"""

from __future__ import annotations

import getpass
import json
import os
import re
import shlex
import sys
import warnings
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TextIO

from presync.errors import ConfigurationError

System = Literal["visma_business", "severa"]
TITLES: Final[dict[System, str]] = {"visma_business": "Visma Business", "severa": "Severa"}
_OPTIONS: Final[dict[System, str]] = {"visma_business": "--visma-business", "severa": "--severa"}
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECRET: Final = re.compile(r"pwd|pass|secret|token", re.IGNORECASE)
_SEVERA: Final = "https://api.severa.visma.com/rest-api"


@dataclass
class Terminal:
    """Asks the person at the terminal; `out` is where the answer of the command goes as well."""

    out: TextIO

    def ask(self, prompt: str, default: str = "") -> str:
        """Return one line as it was typed, or the default."""
        self.out.write(f"{prompt}{f' [{default}]' if default else ''}: ")
        self.out.flush()
        line = sys.stdin.readline()
        if not line:
            raise ConfigurationError("the questions were not answered; nothing was written")
        return line.strip() or default

    def secret(self, prompt: str) -> str:
        """Return what was typed without showing it. Raises ConfigurationError where that cannot be done."""
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)
            try:
                return getpass.getpass(f"{prompt}: ", stream=self.out)
            except (EOFError, getpass.GetPassWarning):
                raise ConfigurationError(
                    "this terminal would show what is typed, so no password is asked for. Give the "
                    "connection as a variable AIRFLOW_CONN_…, or in Airflow."
                ) from None

    def say(self, text: str) -> None:
        """Print a line."""
        print(text, file=self.out, flush=True)


@dataclass
class Connections:
    """The connections' ids by system, and for those that were typed what to write into the environment."""

    ids: dict[System, str]
    exports: list[str] = field(default_factory=list)


def default_id(system: System, tenant: str) -> str:
    """Return the id that Presync uses if the tenant file names none."""
    return f"{system}__{tenant.replace('-', '_')}"


def connections(wanted: dict[System, str], terminal: Terminal | None) -> Connections:
    """Return connections that exist, asking for what is missing.

    Raises ConfigurationError that names every missing connection where there is nobody to ask.
    """
    missing = [system for system, name in wanted.items() if not exists(name)]
    if missing and terminal is None:
        raise _missing({system: wanted[system] for system in missing})
    found = Connections(dict(wanted))
    for system in missing:
        if terminal is not None:
            _ask_for(system, found, terminal)
    return found


def exists(connection_id: str) -> bool:
    """Tell whether Airflow has the connection. Raises ConfigurationError if it cannot be read."""
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        BaseHook.get_connection(connection_id)
    except AirflowNotFoundException:
        if f"AIRFLOW_CONN_{connection_id.upper()}" not in os.environ:
            return False
        reason = "the variable holds neither JSON nor a URI"
    except Exception as error:  # its text may quote the connection, and with it a password
        reason = type(error).__name__
    else:
        return True
    raise ConfigurationError(
        f"Airflow's connection {connection_id} cannot be read ({reason}). Fix it where it is defined: as a "
        f"variable, AIRFLOW_CONN_{connection_id.upper()} is JSON or a URI (docs/connections.md)."
    )


def _missing(wanted: dict[System, str]) -> ConfigurationError:
    named = " and ".join(f"{name} ({TITLES[system]})" for system, name in wanted.items())
    ways = ", ".join(f"AIRFLOW_CONN_{name.upper()}" for name in wanted.values())
    options = " or ".join(f"`{_OPTIONS[system]} ID`" for system in wanted)
    return ConfigurationError(
        f"Airflow has no connection {named}, and there is no terminal to ask at; nothing was looked at or "
        f"written. Define {ways} (docs/connections.md), or name another connection with {options}."
    )


def _ask_for(system: System, found: Connections, terminal: Terminal) -> None:
    connection_id = found.ids[system]
    terminal.say(f"\n{TITLES[system]}: Airflow has no connection {connection_id}.")
    while True:
        other = terminal.ask("  id of another connection, or Enter to describe it for this look only")
        if not other:
            break
        if exists(other):
            found.ids[system] = other
            return
        terminal.say(
            f"  Airflow has no connection {other} either; one of AIRFLOW_HOME needs {_OPTIONS[system]}."
        )
    if not _VARIABLE.fullmatch(connection_id):
        raise ConfigurationError(
            f"{connection_id} cannot be a variable's name, so it must be defined in Airflow before; leave "
            f"{_OPTIONS[system]} out to describe the connection here"
        )
    values = _business(terminal) if system == "visma_business" else _severa(terminal)
    _use(connection_id, values)
    found.exports.append(_export(connection_id, values))


def _business(terminal: Terminal) -> dict[str, Any]:
    import pyodbc

    installed = ", ".join(pyodbc.drivers()) or "none"
    driver = _needed(terminal, f"  ODBC driver, by name or path (installed: {installed})")
    if "sqlite" in driver.lower():
        database = _needed(terminal, "  database file")
        return {"conn_type": "odbc", "extra": {"driver": driver, "odbc": {"Database": database}}}
    values: dict[str, Any] = {"conn_type": "odbc", "host": _needed(terminal, "  server")}
    port = terminal.ask("  port, or Enter for the usual one")
    if port.isascii() and port.isdigit():
        values["port"] = int(port)
    values["schema"] = _needed(terminal, "  database, e.g. F0001")
    if login := terminal.ask("  login, or Enter for none"):
        values |= {"login": login, "password": terminal.secret("  password (not shown, not kept)")}
    keywords = _keywords(terminal)
    return values | {"extra": {"driver": driver, **({"odbc": keywords} if keywords else {})}}


def _keywords(terminal: Terminal) -> dict[str, str]:
    text = terminal.ask(
        "  further ODBC keywords, e.g. Encrypt=yes;TrustServerCertificate=yes, or Enter for none"
    )
    found = dict(part.split("=", 1) for part in text.split(";") if "=" in part)
    if any(_SECRET.search(name) for name in found):
        raise ConfigurationError("a password does not belong among the ODBC keywords; nothing was written")
    return {name.strip(): value.strip() for name, value in found.items()}


def _severa(terminal: Terminal) -> dict[str, Any]:
    from presync.sources.severa.access import base_url

    host = terminal.ask("  address of the API", _SEVERA)
    base_url(host)  # refuses what is no address, such as one with a password in it
    client = _needed(terminal, "  client id")
    secret = terminal.secret("  client secret (not shown, not kept)")
    return {"conn_type": "http", "host": host, "login": client, "password": secret}


def _needed(terminal: Terminal, prompt: str) -> str:
    while not (answer := terminal.ask(prompt)):
        terminal.say("  this is needed")
    return answer


def _use(connection_id: str, values: dict[str, Any]) -> None:
    from airflow.sdk.log import mask_secret

    if values.get("password"):
        mask_secret(values["password"])
    os.environ[f"AIRFLOW_CONN_{connection_id.upper()}"] = json.dumps(values)


def _export(connection_id: str, values: dict[str, Any]) -> str:
    shown = {name: "…" if name == "password" else value for name, value in values.items()}
    text = json.dumps(shown, ensure_ascii=False)
    return f"export AIRFLOW_CONN_{connection_id.upper()}={shlex.quote(text)}"
