"""Which schedules a tenant file may name: those that Airflow can follow for years.

A cron expression that never comes (30 February) is valid as a text and breaks Airflow's scheduler later.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

PRESETS: Final = ("@hourly", "@daily", "@weekly", "@monthly", "@yearly")
# croniter's R (random) and H (by name) would be another schedule at each parse
_NAMES: Final = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat"
_FIELD: Final = rf"(?:[0-9*/,-]|{_NAMES})+"
_CRON: Final = re.compile(rf"{_FIELD}(?: {_FIELD}){{4}}", re.IGNORECASE)
_LONGEST: Final = 100
_NIGHT: Final = 6
"""The first hours of a day, over which presets are spread."""
_WAY_OUT: Final = (
    f"write a cron expression of five fields, such as 0 6 * * 1-5, or one of {', '.join(PRESETS)}"
)


@lru_cache(maxsize=1024)
def usable_schedule(value: str) -> str:
    """Return a schedule that Airflow can follow. Raises ValueError that says what is wrong with it."""
    if value in PRESETS:
        return value
    if len(value) > _LONGEST:
        raise ValueError(f"this schedule has more than {_LONGEST} characters; {_WAY_OUT}")
    if not _CRON.fullmatch(value) or not _comes(value):
        raise ValueError(f"{value!r} is not a schedule that ever comes; {_WAY_OUT}")
    return value


def spread(schedule: str, tenant: str) -> str:
    """Return when a tenant's schedule comes; a preset at a minute of the tenant's own, always the same.

    A thousand companies that are checked `@daily` do not all begin at midnight, but from 0:00 to 5:59 UTC.

    >>> spread("@daily", "nordlys"), spread("@daily", "saimaa"), spread("0 6 * * 1-5", "nordlys")
    ('16 0 * * *', '19 5 * * *', '0 6 * * 1-5')
    """
    number = int.from_bytes(hashlib.sha256(tenant.encode()).digest()[:8])
    minute, hour = number % 60, number // 60 % _NIGHT
    presets = {
        "@hourly": f"{minute} * * * *",
        "@daily": f"{minute} {hour} * * *",
        "@weekly": f"{minute} {hour} * * 0",
        "@monthly": f"{minute} {hour} 1 * *",
        "@yearly": f"{minute} {hour} 1 1 *",
    }
    return presets.get(schedule, schedule)


def _comes(expression: str) -> bool:
    from croniter import croniter

    try:
        times = croniter(expression, datetime(2024, 1, 1, tzinfo=UTC))
        return bool(times.get_next(datetime) < times.get_next(datetime))
    except (ValueError, ArithmeticError, LookupError):  # croniter's own errors are ValueErrors
        return False
