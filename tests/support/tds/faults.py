"""What the server can be told to do wrong."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Final, Literal

Kind = Literal[
    "reset", "close", "hang", "deaf", "deadlock", "missing", "denied", "snapshot_refused", "killed", "error",
    "frozen",
]  # fmt: skip

MESSAGES: Final[dict[str, tuple[int, int, str]]] = {  # number, severity, text
    "deadlock": (
        1205,
        13,
        "Transaction (Process ID 53) was deadlocked on lock resources with another process and has been "
        "chosen as the deadlock victim. Rerun the transaction.",
    ),
    "missing": (208, 16, "Invalid object name '{name}'."),
    "denied": (
        229,
        14,
        "The SELECT permission was denied on the object '{name}', database '{database}', schema 'dbo'.",
    ),
    "snapshot_refused": (
        3952,
        16,
        "Snapshot isolation transaction failed accessing database '{database}' because snapshot isolation is "
        "not allowed in this database. Use ALTER DATABASE to allow snapshot isolation.",
    ),
    "killed": (596, 21, "Cannot continue the execution because the session is in the kill state."),
}


@dataclass
class Fault:
    """`kind` strikes after so many rows of a table were sent, so many `times`; afterwards all is well.

    reset and close end the connection without a word, killed with one; hang stops answering until the client
    cancels, deaf does not hear that either, frozen also answers no new connection from then on. The others
    are the server's error messages, of which `error` is the one with this number, severity and text. From
    severity 20 on, the server ends the connection.
    """

    kind: Kind
    after: int = 0
    times: int = 1
    error: tuple[int, int, str] = (50000, 16, "An error of somebody's own.")

    def message(self, name: str, database: str) -> tuple[int, int, str]:
        """Return number, severity and text of the server's message."""
        number, severity, text = self.error if self.kind == "error" else MESSAGES[self.kind]
        return number, severity, text.format(name=name, database=database)


@dataclass
class Faults:
    """Faults by table or catalogue procedure (lower case); `login`: number, severity and text of a refusal.

    `logins`: how many more logins are refused by it; None: all.
    """

    by_name: dict[str, Fault] = field(default_factory=dict)
    login: tuple[int, int, str] | None = None
    logins: int | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def plant(self, name: str, fault: Fault) -> None:
        """Let a fault strike when this table is read or this procedure is called."""
        self.by_name[name.lower()] = fault

    def clear(self) -> None:
        """Be a good server from now on."""
        self.by_name.clear()
        self.login = self.logins = None

    def refuses_login(self) -> tuple[int, int, str] | None:
        """Return number, severity and text of the refusal of this login, and count it."""
        with self._lock:
            if self.login is None or self.logins == 0:
                return None
            if self.logins is not None:
                self.logins -= 1
            return self.login

    def strike(self, name: str, *, only_at_once: bool) -> Fault | None:
        """Return the fault that strikes now, and count it; `only_at_once`: none that waits for rows."""
        with self._lock:
            fault = self.by_name.get(name.lower())
            if fault is None or fault.times <= 0 or (only_at_once and fault.after):
                return None
            fault.times -= 1
            return fault
