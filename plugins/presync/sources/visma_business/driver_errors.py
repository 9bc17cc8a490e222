"""What a driver's error means to the operator, whichever driver says it and however.

Microsoft's driver reports a lost connection as 08S01 and a deadlock as 40001; FreeTDS as a plain `Error` with
01000 or HY000 and as 42000 with the server's own number. So both the SQLSTATE and the text are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from presync.errors import (
    AccessError,
    CatalogueError,
    ConfigurationError,
    PresyncError,
    SourceDataError,
    SourceUnavailableError,
)

if TYPE_CHECKING:
    import pyodbc

SOURCE: Final = "visma_business"

_REFUSED = re.compile(
    r"18456|login failed|password authentication failed|no password supplied|role .* does not exist"
    r"|cannot open database|not permitted to log in|access denied",
    re.IGNORECASE,
)
_NO_DRIVER = re.compile(r"can't open lib|data source name not found", re.IGNORECASE)
_NO_DATABASE = re.compile(r"database .* does not exist|unknown database|connect failed \(14\)", re.IGNORECASE)
_UNTRUSTED = re.compile(r"certificate verify failed|ssl provider", re.IGNORECASE)
_DENIED = re.compile(
    r"permission|\(229\)|\(230\)|\(916\)|access denied|not authorized|not able to access", re.IGNORECASE
)
_NOT_THERE = re.compile(r"invalid object name|invalid column name|\((?:207|208|911)\)", re.IGNORECASE)
_NOT_NOW = re.compile(r"time-?out|timed out|\blocked\b|\bbusy\b", re.IGNORECASE)
_LOST = re.compile(
    r"communication|connection|network|deadlock|\((?:1205|596|3961)\)|kill state|shut ?down|terminat"
    r"|cancell?ed|unexpected eof|out of sync|unknown token|unknown error \(0\)|did not supply an error"
    r"|tcp provider",
    re.IGNORECASE,
)
_NOT_NOW_STATES = ("HYT",)
_LOST_STATES = ("08", "57P", "53", "40", "01")


class LostError(SourceUnavailableError):
    """The connection broke off or the statement was a deadlock's victim: reading it again may succeed now."""


class SnapshotRefusedError(SourceDataError):
    """The database does not allow reading under SNAPSHOT isolation after all."""


def connecting_error(error: pyodbc.Error, where: str, secrets: Sequence[str]) -> PresyncError:
    """Return what a failed connection means: refused, wrongly configured, or not reachable now."""
    state, text = _parts(error, secrets)
    if state.startswith("28") or _REFUSED.search(text):
        return AccessError(
            f"{where} refused the login ({state}: {text}). Nothing could be read. Mend login and password of "
            "the connection, or ask the database's owner for a read-only login.",
            source=SOURCE,
        )
    if state == "IM002" or _NO_DRIVER.search(text):
        return ConfigurationError(
            f"{where}: the ODBC driver or DSN is not installed here ({state}: {text}). Install it on every "
            "worker, or mend `driver` or `dsn` in the connection's extra.",
            source=SOURCE,
        )
    if _NO_DATABASE.search(text):
        return ConfigurationError(
            f"{where}: the database is not there ({state}: {text}). Mend the database's name in the "
            "connection or in `visma_business.database`.",
            source=SOURCE,
        )
    if _UNTRUSTED.search(text):
        return ConfigurationError(
            f"{where}: the encrypted connection was not accepted ({state}: {text}), so nothing was sent. "
            "Install the server's certificate authority on every worker; or, if the network is trusted, set "
            "`TrustServerCertificate` to yes in the connection's extra.",
            source=SOURCE,
        )
    return SourceUnavailableError(
        f"{where} cannot be reached ({state}: {text}). Check that the server runs and that this machine may "
        "reach it; the run tries again.",
        source=SOURCE,
    )


def reading_error(error: pyodbc.Error, where: str, doing: str, secrets: Sequence[str]) -> PresyncError:
    """Return what an error after connecting means: right or table missing, connection lost, data unreadable.

    LostError is worth another try at once; what timed out or is locked is worth one later.
    """
    state, text = _parts(error, secrets)
    said = f"({state}: {text})"
    if "(3952)" in text:
        return SnapshotRefusedError(f"{where}: {doing} under SNAPSHOT isolation failed {said}", source=SOURCE)
    if state == "42501" or (state.startswith("42") and _DENIED.search(text)):
        return AccessError(
            f"{where}: no right for {doing} {said}. Ask the database's owner for SELECT on it.",
            source=SOURCE,
        )
    if state in {"42S02", "42S22", "42P01", "42703"} or _NOT_THERE.search(text):
        return CatalogueError(
            f"{where}: {doing} failed, because a table, column or database is not there {said}. Mend the "
            "names in the tenant file, or find out who changed the database.",
            source=SOURCE,
        )
    if state.startswith(_NOT_NOW_STATES) or _NOT_NOW.search(text):
        return _broken_off(where, doing, said, SourceUnavailableError)
    if state.startswith(_LOST_STATES) or _LOST.search(text):
        return _broken_off(where, doing, said, LostError)
    return SourceDataError(
        f"{where}: {doing} failed {said}. Nothing of it counts; somebody must look at the database.",
        source=SOURCE,
    )


def _broken_off(where: str, doing: str, said: str, kind: type[SourceUnavailableError]) -> PresyncError:
    return kind(
        f"{where} broke off while {doing} {said}. What was read so far does not count; the run tries again.",
        source=SOURCE,
    )


def _parts(error: pyodbc.Error, secrets: Sequence[str]) -> tuple[str, str]:
    """Return SQLSTATE and the driver's text on one line, without what must stay secret."""
    state = str(error.args[0]) if error.args else "HY000"
    text = " ".join(str(error.args[-1]).split()) if error.args else "no reason given"
    if state == text:  # pyodbc, where a driver fails without a word
        state = "HY000"
    for secret in sorted(secrets, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "***", text, flags=re.IGNORECASE)
    return state, text[:500]
