"""What a driver's error means to the operator, whichever driver says it and however.

SQL Server's own numbers come first (`server_errors.py`). What has none, or comes from another make, is
judged by SQLSTATE and text: Microsoft's driver reports a lost connection as 08S01, FreeTDS as a plain
`Error` with 01000 or HY000.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from presync.errors import (
    AccessError,
    CatalogueError,
    ConfigurationError,
    PresyncError,
    SourceDataError,
    SourceUnavailableError,
)
from presync.sources.visma_business.server_errors import Next, server_error
from presync.text.secrecy import spellings

if TYPE_CHECKING:
    import pyodbc

SOURCE: Final = "visma_business"

_REFUSED = re.compile(
    r"login failed|password authentication failed|no password supplied|role .* does not exist"
    r"|cannot open database|not permitted to log in|access denied",
    re.IGNORECASE,
)
_NO_DRIVER = re.compile(r"can't open lib|data source name not found", re.IGNORECASE)
_NO_DATABASE = re.compile(r"database .* does not exist|unknown database|connect failed \(14\)", re.IGNORECASE)
_OPTION = re.compile(r"invalid value .* connection string attribute '(\w+)'", re.IGNORECASE)
_NO_TICKET = re.compile(r"SSPI|kerberos|GSSAPI", re.IGNORECASE)
_UNTRUSTED = re.compile(r"certificate verify failed|ssl provider", re.IGNORECASE)
_DENIED = re.compile(r"permission|access denied|not authorized|not able to access", re.IGNORECASE)
_NOT_THERE = re.compile(r"invalid object name|invalid column name", re.IGNORECASE)
_NOT_NOW = re.compile(r"time-?out|timed out|\blocked\b|\bbusy\b", re.IGNORECASE)
_LOST = re.compile(
    r"communication|connection|network|deadlock|kill state|shut ?down|terminat"
    r"|cancell?ed|unexpected eof|out of sync|unknown token|unknown error \(0\)|did not supply an error"
    r"|tcp provider",
    re.IGNORECASE,
)
_NOT_NOW_STATES = ("HYT",)
_LOST_STATES = ("08", "57P", "53", "40", "01")
_WRONG_PASSWORD: Final = 18456
_ALSO_WHILE_STARTING: Final = {18456, 4060, 916}
_NAMES: Final = {207, 208, 911}


class LostError(SourceUnavailableError):
    """The connection broke off or the statement was a deadlock's victim: reading it again may succeed now."""


class BusyError(LostError):
    """The server cannot serve this now, and says so: reading it again may succeed after a longer wait."""


class SnapshotRefusedError(SourceDataError):
    """The database does not allow reading under SNAPSHOT isolation after all."""


@dataclass(frozen=True)
class Attempt:
    """What was tried to connect to. `again`: the same login was accepted a moment ago."""

    database: str = ""
    trusted: bool = False
    again: bool = False

    @property
    def its_database(self) -> str:
        """The database as messages name it."""
        return f"the database {self.database}" if self.database else "the login's own database"


def connecting_error(
    error: pyodbc.Error, where: str, secrets: Sequence[str], attempt: Attempt | None = None
) -> PresyncError:
    """Return what a failed connection means: refused, wrongly configured, or not reachable now."""
    attempt = attempt or Attempt()
    state, text = _parts(error, secrets)
    said = f"({state}: {text})"
    if known := server_error(_whole_text(error)):
        return _refused_by_server(known, where, said, attempt)
    refused = _refused_by_words(state, text, where, said, attempt) or _not_usable(state, text, where, said)
    if refused:
        return refused
    kind = LostError if attempt.again else SourceUnavailableError
    return kind(
        f"{where} cannot be reached {said}. Check that the server runs and that this machine may "
        "reach it; the run tries again.",
        source=SOURCE,
    )


def _refused_by_words(state: str, text: str, where: str, said: str, attempt: Attempt) -> PresyncError | None:
    """Return what a refusal without a number means: of an option's value, a ticket, or a login."""
    if option := _OPTION.search(text):
        return ConfigurationError(
            f"{where}: the driver does not accept the value of `{option[1]}` {said}. Correct that keyword in "
            "the connection's extra; docs/visma-business.md shows the usual values.",
            source=SOURCE,
        )
    if _NO_TICKET.search(text) or (attempt.trusted and state == "08001" and "(0)" in text):
        return AccessError(
            f"{where}: the trusted login failed {said}: this machine has no valid Kerberos ticket for it, or "
            "the server cannot be found. Get a ticket for the worker's account (`kinit`, a keytab) and check "
            "the server's name; or give the connection a login and password of SQL Server.",
            source=SOURCE,
        )
    if state.startswith("28") or _REFUSED.search(text):
        return _refused(where, said, attempt)
    return None


def _not_usable(state: str, text: str, where: str, said: str) -> PresyncError | None:
    """Return that the driver, the database or the certificate is not there, if the text says so."""
    if state == "IM002" or _NO_DRIVER.search(text):
        return ConfigurationError(
            f"{where}: the ODBC driver or DSN is not installed here {said}. Install it on every "
            "worker, or correct `driver` or `dsn` in the connection's extra.",
            source=SOURCE,
        )
    if _NO_DATABASE.search(text):
        return ConfigurationError(
            f"{where}: the database is not there {said}. Correct the database's name in the "
            "connection or in `visma_business.database`.",
            source=SOURCE,
        )
    if _UNTRUSTED.search(text):
        return ConfigurationError(
            f"{where}: the encrypted connection was not accepted {said}, so nothing was sent. "
            "Install the server's certificate authority on every worker; or, if the network is trusted, set "
            "`TrustServerCertificate` to yes in the connection's extra.",
            source=SOURCE,
        )
    return None


def _refused_by_server(known: tuple[int, Next, str], where: str, said: str, attempt: Attempt) -> PresyncError:
    number, what_next, meaning = known
    if attempt.again and number in _ALSO_WHILE_STARTING:
        return BusyError(
            f"{where} refuses a login that it accepted a moment ago {said}, as a server does while it "
            "starts. What was read so far does not count; the run tries again.",
            source=SOURCE,
        )
    if number == _WRONG_PASSWORD:
        return _refused(where, said, attempt)
    if what_next is Next.ACCESS:
        return AccessError(
            f"{where} refused the login to {attempt.its_database}: {meaning} {said}. Nothing could be read. "
            "Ask the database's owner for a read-only login that is a user of this database.",
            source=SOURCE,
        )
    if what_next is Next.CONFIGURATION:
        return ConfigurationError(
            f"{where} cannot open {attempt.its_database}: {meaning} {said}. Correct the database's name (or "
            "the keyword named) in the connection or in `visma_business.database`, or ask the database's "
            "owner to let the login in.",
            source=SOURCE,
        )
    if what_next is Next.OWNER:
        return _for_the_owner(where, "connecting", meaning, said)
    return BusyError(
        f"{where} lets nobody in for now: {meaning} {said}. Nothing could be read; the run tries again.",
        source=SOURCE,
    )


def _refused(where: str, said: str, attempt: Attempt) -> AccessError:
    named = f", to the database {attempt.database}," if attempt.database else ""
    way_out = (
        "Correct login and password of the connection, or ask the database's owner for a read-only login."
    )
    if attempt.database:
        way_out = (
            "Correct login and password of the connection; if they are right, check the database's name, and "
            "ask its owner to let this login in."
        )
    return AccessError(
        f"{where} refused the login{named} {said}. Nothing could be read. {way_out}", source=SOURCE
    )


def reading_error(error: pyodbc.Error, where: str, doing: str, secrets: Sequence[str]) -> PresyncError:
    """Return what an error after connecting means: right or table missing, connection lost, data unreadable.

    LostError is worth another try at once, BusyError after a longer wait; what timed out or is locked is
    worth one later.
    """
    state, text = _parts(error, secrets)
    said = f"({state}: {text})"
    if known := server_error(_whole_text(error)):
        return _said_by_server(known, where, doing, said)
    if state == "42501" or (state.startswith("42") and _DENIED.search(text)):
        return _no_right(where, doing, said)
    if state in {"42S02", "42S22", "42P01", "42703"} or _NOT_THERE.search(text):
        return _not_there(where, doing, said)
    if state.startswith(_NOT_NOW_STATES) or _NOT_NOW.search(text):
        return _broken_off(where, doing, said, SourceUnavailableError)
    if state.startswith(_LOST_STATES) or _LOST.search(text):
        return _broken_off(where, doing, said, LostError)
    return SourceDataError(
        f"{where}: {doing} failed {said}. Nothing of it counts; somebody must look at the database.",
        source=SOURCE,
    )


def _said_by_server(known: tuple[int, Next, str], where: str, doing: str, said: str) -> PresyncError:
    number, what_next, meaning = known
    if what_next is Next.WITHOUT_SNAPSHOT:
        return SnapshotRefusedError(
            f"{where}: {doing} under SNAPSHOT isolation failed, because {meaning} {said}", source=SOURCE
        )
    if what_next is Next.ACCESS:
        return _no_right(where, doing, said, meaning)
    if number in _NAMES:
        return _not_there(where, doing, said)
    if what_next is Next.CONFIGURATION:
        return ConfigurationError(
            f"{where}: {doing} failed, because {meaning} {said}. Correct the connection or the tenant file.",
            source=SOURCE,
        )
    if what_next is Next.OWNER:
        return _for_the_owner(where, doing, meaning, said)
    kind = BusyError if what_next is Next.WAIT else LostError
    return _broken_off(where, doing, said, kind, f", because {meaning}")


def _no_right(where: str, doing: str, said: str, meaning: str = "") -> AccessError:
    because = f", because {meaning}" if meaning else ""
    return AccessError(
        f"{where}: no right for {doing}{because} {said}. Ask the database's owner for SELECT on it.",
        source=SOURCE,
    )


def _not_there(where: str, doing: str, said: str) -> CatalogueError:
    return CatalogueError(
        f"{where}: {doing} failed, because a table, column or database is not there {said}. Correct the "
        "names in the tenant file, or find out who changed the database.",
        source=SOURCE,
    )


def _for_the_owner(where: str, doing: str, meaning: str, said: str) -> SourceDataError:
    return SourceDataError(
        f"{where}: {doing} failed, because {meaning} {said}. Nothing of it counts; the database's owner must "
        "look at the database.",
        source=SOURCE,
    )


def _broken_off(
    where: str, doing: str, said: str, kind: type[SourceUnavailableError], because: str = ""
) -> PresyncError:
    return kind(
        f"{where} was interrupted while {doing}{because} {said}. What was read so far does not count; the "
        f"run "
        "tries again.",
        source=SOURCE,
    )


def _whole_text(error: pyodbc.Error) -> str:
    return str(error.args[-1]) if error.args else ""


def _parts(error: pyodbc.Error, secrets: Sequence[str]) -> tuple[str, str]:
    """Return SQLSTATE and the driver's text on one line, without what must stay secret."""
    state = str(error.args[0]) if error.args else "HY000"
    text = " ".join(str(error.args[-1]).split()) if error.args else "no reason given"
    if state == text:  # pyodbc, where a driver fails without a word
        state = "HY000"
    for secret in sorted(secrets, key=len, reverse=True):
        for form in sorted({secret, *spellings(secret)}, key=len, reverse=True):
            text = re.sub(rf"(?<!\w){re.escape(form)}(?!\w)", "***", text, flags=re.IGNORECASE)
    return state, text[:500]
