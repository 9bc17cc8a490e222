"""Who did something, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

WhoKind = Literal["airflow", "system", "typed", "run"]


@dataclass(frozen=True)
class Who:
    """A name as the trail keeps it.

    `kind`: `airflow` a user who was signed in to Airflow, `system` a operating-system user, `typed` a
    name that somebody typed, `run` Presync itself. `account`: from which operating-system user it was typed.
    """

    name: str
    kind: WhoKind = "typed"
    account: str | None = None


def as_who(by: str | Who) -> Who:
    """Return who it was, its name without blanks around it; a bare name is one that somebody typed."""
    who = Who(by) if isinstance(by, str) else by
    return Who(" ".join(who.name.split()), who.kind, who.account)
