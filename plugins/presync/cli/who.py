"""Who gives a command: the name that somebody typed, or else the operating system's user."""

from __future__ import annotations

import os
import pwd
import socket

from presync.control.who import Who


def given_by(typed: str | None) -> Who:
    """Return who gives the command."""
    account = f"{_user()}@{socket.gethostname()}"
    return Who(account, "system") if typed is None else Who(typed, "typed", account)


def _user() -> str:
    """Return the process's user, not what the environment says, which anybody can set."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"
