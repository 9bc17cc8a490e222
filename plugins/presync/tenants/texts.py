"""The texts that a file of ours may hold: bounded, and without characters that nobody can see.

Each of them ends where a bound holds: Airflow's database (a DAG's name 2,000 characters, a tag 100, no NUL in
PostgreSQL), Airflow's connection ids (250). A text that broke such a bound would
stop the process that keeps every company's DAG up to date.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def refuse_unseen(text: str) -> str:
    """Return a text that a person sees as it is. Raises ValueError that names the first other character."""
    for position, character in enumerate(text, start=1):
        if unicodedata.category(character) in _UNSEEN:
            raise ValueError(
                f"character {position} of this text, U+{ord(character):04X}, cannot be seen; remove it"
            )
    if not text.strip():
        raise ValueError("this text is blank; write something or remove the field")
    return text


def _day(value: Any) -> Any:
    """Turn `2026-12-31` into a date; a number is not one, although it could count seconds since 1970."""
    if isinstance(value, date):
        return value
    if isinstance(value, str) and _DAY.fullmatch(value.strip()):
        return date.fromisoformat(value.strip())  # its ValueError says what is wrong with the day
    raise ValueError("this is not a day; write it as 2026-12-31")


Seen = AfterValidator(refuse_unseen)
Title = Annotated[str, StringConstraints(min_length=1, max_length=200), Seen]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000), Seen]
RecordName = Annotated[str, StringConstraints(max_length=1000, pattern=r"^[^\x00]*$")]
"""A name as a system holds it: it is compared, so that nothing about it is refused that a system allows."""
DatabaseName = Annotated[str, StringConstraints(min_length=1, max_length=500), Seen]
ConnectionId = Annotated[str, StringConstraints(pattern=r"^[\w#!()\-.:/\\]+$", max_length=250)]
DagId = Annotated[str, StringConstraints(pattern=r"^[\w.-]+$", max_length=250)]
SeriesKey = (
    Annotated[int, Field(strict=True, ge=-(2**63), le=2**63 - 1)]
    | Annotated[str, StringConstraints(strict=True, min_length=1, max_length=100), Seen]
)
# Airflow joins owners with commas; its tables hold 500 characters of an owner and 64 of a role
Owner = Annotated[str, StringConstraints(pattern=r"^[^,]+$", max_length=100), Seen]
Roles = Annotated[list[Annotated[str, StringConstraints(max_length=64), Seen]], Field(max_length=50)]
UserName = Annotated[str, StringConstraints(max_length=250), Seen]
Day = Annotated[date, BeforeValidator(_day)]
