"""The exit codes of all commands; the answer is on standard output, what went wrong on standard error."""

from __future__ import annotations

from typing import Final

FINE: Final = 0
BLOCKED: Final = 1
ERROR: Final = 2
WRONG_USAGE: Final = 64
INTERRUPTED: Final = 130


class WrongUsageError(Exception):
    """The command line makes no sense: what it names is not there."""
