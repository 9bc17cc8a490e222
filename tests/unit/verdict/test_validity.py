"""A `ready` ends some hours after the data were read, or with the first waiver it rests on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from presync import settings
from presync.decisions.model import Waiver
from presync.verdict.model import Verdict
from presync.verdict.validity import ready_until
from presync.verdict.waivers import IN_FORCE, WaiverState

READ_AT = datetime(2026, 11, 23, 4, 15, tzinfo=UTC)
VERDICT = Verdict("nordlys", "r", "ready", READ_AT, READ_AT + timedelta(hours=1), "1", (), {}, ())
WAIVER = Waiver("f", "code_conflict", "d", "agreed", "Kari", date(2026, 11, 23))
LATER = replace(WAIVER, until=date(2027, 1, 1))


@pytest.mark.parametrize(
    ("waivers", "until"),
    [
        ((), READ_AT + timedelta(hours=settings.certificate_hours())),
        ((WaiverState(LATER, IN_FORCE),), READ_AT + timedelta(hours=settings.certificate_hours())),
        ((WaiverState(WAIVER, IN_FORCE),), datetime.combine(date(2026, 11, 23), time.max, UTC)),
        # one that covers nothing does not shorten it
        ((WaiverState(WAIVER, "ended"),), READ_AT + timedelta(hours=settings.certificate_hours())),
    ],
    ids=["no waiver", "a longer one", "one that ends today", "one that is not in force"],
)
def test_until_when(waivers: tuple[WaiverState, ...], until: datetime) -> None:
    assert ready_until(replace(VERDICT, waivers=waivers)) == until
