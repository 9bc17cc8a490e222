"""Runs what was typed: parses it, does it, and turns whatever happens into an exit code and a message."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from presync.cli import commands, decision_commands
from presync.cli.arguments import Request
from presync.cli.command_line import app
from presync.cli.exit_codes import BLOCKED, ERROR, FINE, INTERRUPTED, WRONG_USAGE, WrongUsageError
from presync.errors import PresyncError
from presync.text.secrecy import trace

__all__ = ["BLOCKED", "ERROR", "FINE", "WRONG_USAGE", "main", "parse"]

COMMANDS = (commands, decision_commands)  # importing them adds their commands to `app`


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    request = parse(sys.argv[1:] if arguments is None else arguments)
    try:
        return request.action() if request.action else FINE
    except WrongUsageError as error:
        print(f"presync: {error}", file=sys.stderr)
        return WRONG_USAGE
    except PresyncError as error:
        print(f"presync: {error.message}", file=sys.stderr)
        _print_hints(error, request)
        return ERROR
    except KeyboardInterrupt:
        print("presync: interrupted; nothing was concluded", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:
        # Python's own exit code would be 1, which says that something was checked and is blocked
        print(trace(error), file=sys.stderr, end="")
        print("presync: this is a fault of Presync; nothing was concluded", file=sys.stderr)
        return ERROR


def parse(arguments: Sequence[str]) -> Request:
    """Return what was typed. Raises SystemExit: 0 after `--help`, 64 if the command line makes no sense."""
    request = Request()
    try:
        app(args=list(arguments), prog_name="presync", obj=request)
    except SystemExit as ended:
        # Typer ends the process after every command; 2 would say that something could not be checked
        if ended.code:
            raise SystemExit(WRONG_USAGE) from None
        if request.action is None:
            raise
    return request


def _print_hints(error: PresyncError, request: Request) -> None:
    from presync.cli.tenant_argument import UnknownTenantError, hints

    if request.tenant is not None and not isinstance(error, UnknownTenantError):
        for hint in hints(request.tenant):
            print(f"presync: {hint}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
