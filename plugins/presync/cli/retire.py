"""`presync retire TENANT`: take out a company that is done with."""

from __future__ import annotations

from presync.airflow.retirement import retire_company
from presync.cli.exit_codes import FINE
from presync.cli.who import given_by


def retire(typed: str, *, by: str | None) -> int:
    """Retire the company and say what was done and what is left to a person."""
    done = retire_company(typed.strip().lower(), given_by(by))
    print(f"{done.tenant}: retired; its audit trail ({done.entries} entries) is in {done.trail}")
    for what in done.removed or ("nothing: there was no staged data and no report",):
        print(f"  removed: {what}")
    named = ", ".join(done.connections)
    print(f"  remove these connections where you keep them, unless its file named others: {named}")
    return FINE
