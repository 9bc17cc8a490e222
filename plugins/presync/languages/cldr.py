"""Numbers and times as each language writes them (CLDR, through Babel)."""

from __future__ import annotations

from datetime import UTC, date, datetime

from presync.languages.speaking import PSEUDO, spoken


def number(value: int | None) -> str:
    """Return a count with its thousands apart, or a dash for one that nobody made.

    >>> number(1234567)
    '1\\xa0234\\xa0567'
    """
    if value is None:
        return "–"
    if spoken() in {"en", PSEUDO}:
        return f"{value:,}".replace(",", "\u00a0")
    from babel.numbers import format_decimal

    return str(format_decimal(value, locale=spoken()))


def moment(value: str | None) -> str:
    """Return an ISO time in UTC as people write it; what is no time is shown as it is.

    >>> moment("2026-11-23T05:15:59+01:00")
    '2026-11-23 04:15 UTC'
    """
    if not value:
        return "–"
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return value
    parsed = parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    if spoken() in {"en", PSEUDO}:
        return parsed.strftime("%Y-%m-%d %H:%M UTC")
    from babel.dates import format_skeleton

    day = format_skeleton("yMMMd", parsed, locale=spoken())
    clock = format_skeleton("Hm", parsed, locale=spoken())
    return f"{day} {clock} UTC"


def day(value: date) -> str:
    """Return a day as people write it; in English as ISO 8601 has it."""
    if spoken() in {"en", PSEUDO}:
        return value.isoformat()
    from babel.dates import format_skeleton

    return str(format_skeleton("yMMMd", value, locale=spoken()))
