"""How far ahead a waiver may end: what is right today is not right for ever."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from presync import settings


def longest(today: date | None = None) -> date:
    """Return the last day (UTC) through which a waiver may hold that is read on a day, by default today."""
    days = timedelta(days=settings.waiver_days())
    return (today or datetime.now(UTC).date()) + days


def refuse_too_long(until: date) -> None:
    """Raise ValueError if a waiver is to hold for too long; its text says what is the longest."""
    if until > longest():
        raise ValueError(
            f"{until} is too far ahead: a waiver holds for at most {settings.waiver_days()} days "
            f"(PRESYNC_WAIVER_DAYS), so today until {longest()}. Give that day or an earlier one, and waive "
            "again when it has come"
        )
