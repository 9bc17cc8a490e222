"""A waiver may end so many days ahead, and no later."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from presync.decisions.longest import longest, refuse_too_long


@pytest.mark.parametrize("days", [1, 90, 3650])
def test_the_last_day_is_allowed_and_the_next_one_not(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    monkeypatch.setenv("PRESYNC_WAIVER_DAYS", str(days))
    assert longest(date(2026, 11, 29)) == date(2026, 11, 29) + timedelta(days=days)
    refuse_too_long(longest())
    with pytest.raises(ValueError, match=f"at most {days} days"):
        refuse_too_long(longest() + timedelta(days=1))
    with pytest.raises(ValueError, match="9999-12-31 is too far ahead"):
        refuse_too_long(date.max)
