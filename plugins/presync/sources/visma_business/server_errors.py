"""What happens next when SQL Server reports an error: one table, by the server's own numbers.

Both drivers report a number in brackets behind the server's text, and nothing else in common: Microsoft's
reports 916 as 08004, which is otherwise a lost connection, FreeTDS reports almost everything as 42000. So the
number decides, and only an error without one that is known here is judged by its SQLSTATE and its words
(`driver_errors.py`). Of a login that the server refuses with two messages, FreeTDS passes on the second one
only: for a database that is not there (4060) it says 18456.

Source: Microsoft's documentation, "Database engine events and errors" (docs/visma-business.md).
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final


class Next(Enum):
    """What happens next; the value says it in words."""

    READ_AGAIN = "the table is read again from its start, on a new connection"
    WAIT = "the same after a longer wait: this passes without anybody doing anything"
    BEGIN_AGAIN = "the transaction is lost: a new one begins, and the table is read again from its start"
    WITHOUT_SNAPSHOT = "the table is read again under READ UNCOMMITTED: the database cannot do SNAPSHOT now"
    ACCESS = "the run fails: the login is refused or lacks a right"
    CONFIGURATION = "the run fails: a name or an option of the connection or the tenant file is wrong"
    OWNER = "the run fails: the database's owner must repair or free something"


SERVER_ERRORS: Final[dict[int, tuple[Next, str]]] = {
    # rows moved under READ UNCOMMITTED, or the session ended
    596: (Next.READ_AGAIN, "somebody ended the session"),
    601: (Next.READ_AGAIN, "rows moved while they were read without locks"),
    605: (Next.READ_AGAIN, "a page went to another table while it was read without locks"),
    2801: (Next.READ_AGAIN, "an object was changed after the statement was compiled"),
    3980: (Next.READ_AGAIN, "the statement was aborted"),
    7105: (Next.READ_AGAIN, "a long text was deleted while it was read without locks"),
    # the server has no room, or the database is not open for now
    701: (Next.WAIT, "the server is short of memory"),
    802: (Next.WAIT, "the server is short of memory"),
    845: (Next.WAIT, "a page was held too long"),
    913: (Next.WAIT, "the database is being activated"),
    921: (Next.WAIT, "the database is being recovered"),
    922: (Next.WAIT, "the database is being recovered"),
    923: (Next.WAIT, "the database is open to administrators only"),
    924: (Next.WAIT, "the database is open to one user at a time"),
    927: (Next.WAIT, "the database is being restored"),
    941: (Next.WAIT, "the database has not started"),
    942: (Next.WAIT, "the database is offline"),
    952: (Next.WAIT, "the database is in transition"),
    955: (Next.WAIT, "the mirrored database has no quorum"),
    956: (Next.WAIT, "the mirrored database is not synchronised"),
    982: (Next.WAIT, "no replica is open to readers"),
    983: (Next.WAIT, "the replica is changing its role"),
    988: (Next.WAIT, "the availability group has no quorum"),
    1101: (Next.WAIT, "tempdb has no room"),
    1105: (Next.WAIT, "tempdb has no room"),
    1204: (Next.WAIT, "the server has no more locks"),
    1222: (Next.WAIT, "a lock was held too long"),
    3950: (Next.WAIT, "the version store cannot scan the database now"),
    6005: (Next.WAIT, "the server is shutting down"),
    8645: (Next.WAIT, "no memory became free for the query in time"),
    8651: (Next.WAIT, "the server is short of memory"),
    9002: (Next.WAIT, "the transaction log is full"),
    17142: (Next.WAIT, "the server is paused"),
    17809: (Next.WAIT, "the server has as many connections as it may have"),
    18401: (Next.WAIT, "the server is being upgraded"),
    18451: (Next.WAIT, "only administrators may connect for now"),
    18458: (Next.WAIT, "all licences for users are in use"),
    18459: (Next.WAIT, "all licences for users are in use"),
    18460: (Next.WAIT, "all licences for users are in use"),
    18461: (Next.WAIT, "the server is in single-user mode"),
    # the transaction is lost
    1205: (Next.BEGIN_AGAIN, "this reader was the victim of a deadlock"),
    3958: (Next.BEGIN_AGAIN, "tempdb no longer has the rows as they were"),
    3960: (Next.BEGIN_AGAIN, "somebody else changed the same row"),
    3961: (Next.BEGIN_AGAIN, "somebody changed the table's definition"),
    3966: (Next.BEGIN_AGAIN, "tempdb no longer has the rows as they were"),
    3967: (Next.BEGIN_AGAIN, "tempdb has no room for the rows as they were"),
    3998: (Next.BEGIN_AGAIN, "the transaction could not be continued"),
    # SNAPSHOT is not to be had
    3951: (Next.WITHOUT_SNAPSHOT, "the transaction did not begin under SNAPSHOT"),
    3952: (Next.WITHOUT_SNAPSHOT, "the database does not allow SNAPSHOT"),
    3953: (Next.WITHOUT_SNAPSHOT, "the database had not been recovered when the transaction began"),
    3954: (Next.WITHOUT_SNAPSHOT, "SNAPSHOT is being switched off"),
    3955: (Next.WITHOUT_SNAPSHOT, "the database's recovery was skipped"),
    3956: (Next.WITHOUT_SNAPSHOT, "SNAPSHOT is being switched on"),
    3957: (Next.WITHOUT_SNAPSHOT, "the database did not allow SNAPSHOT when the transaction began"),
    # logins and rights
    229: (Next.ACCESS, "no SELECT on the table"),
    230: (Next.ACCESS, "no SELECT on a column"),
    297: (Next.ACCESS, "a right is missing"),
    300: (Next.ACCESS, "a right on the server is missing"),
    916: (Next.ACCESS, "the login is not a user of the database"),
    17806: (Next.ACCESS, "the trusted login was not accepted"),
    17892: (Next.ACCESS, "a logon trigger refused the login"),
    18452: (Next.ACCESS, "the trusted login comes from a domain that the server does not trust"),
    18456: (Next.ACCESS, "login or password is wrong, or the login may not open the database"),
    18470: (Next.ACCESS, "the login is disabled"),
    18486: (Next.ACCESS, "the login is locked out"),
    18487: (Next.ACCESS, "the password has expired"),
    18488: (Next.ACCESS, "the password must be changed"),
    # names and options
    207: (Next.CONFIGURATION, "there is no such column"),
    208: (Next.CONFIGURATION, "there is no such table"),
    911: (Next.CONFIGURATION, "there is no such database"),
    954: (Next.CONFIGURATION, "the database is a mirror, its principal is on another server"),
    976: (Next.CONFIGURATION, "this replica is not open to readers"),
    978: (Next.CONFIGURATION, "this replica wants ApplicationIntent=ReadOnly"),
    979: (Next.CONFIGURATION, "this replica does not accept ApplicationIntent=ReadOnly"),
    4060: (Next.CONFIGURATION, "the database is not there, or the login may not open it"),
    4063: (Next.CONFIGURATION, "the login's own database is not there, or the login may not open it"),
    4064: (Next.CONFIGURATION, "the login's own database is not there, or the login may not open it"),
    # damage
    823: (Next.OWNER, "the server could not read its file"),
    824: (Next.OWNER, "a page of the database is damaged"),
    926: (Next.OWNER, "the database is marked as suspect"),
    943: (Next.OWNER, "the database is of a later version than the server"),
    945: (Next.OWNER, "files of the database cannot be reached"),
    946: (Next.OWNER, "the database is of an earlier version than the server"),
    948: (Next.OWNER, "the database is of a later version than the server"),
}
_NUMBER: Final = re.compile(r"\((\d{1,9})\)(?= \(SQL\w+\)|;|\s*$)")
_LESS_TELLING: Final = 18456  # follows every refusal


def server_error(text: str) -> tuple[int, Next, str] | None:
    """Return number, what happens next and what it means, of the first known error in a driver's text.

    >>> server_error("[42000] [FreeTDS][SQL Server]Database 'F0001' is in transition. (952) (SQLFetch)")
    (952, <Next.WAIT: ...>, 'the database is in transition')
    >>> server_error("[42000] [FreeTDS][SQL Server]A text's (601) is not a number. (102) (SQLFetch)")
    """
    numbers = [int(found) for found in _NUMBER.findall(text)]
    if "[SQL Server]" not in text:  # other makes have other numbers
        return None
    known = [number for number in dict.fromkeys(numbers) if number in SERVER_ERRORS]
    known.sort(key=lambda number: number == _LESS_TELLING)
    return (known[0], *SERVER_ERRORS[known[0]]) if known else None
