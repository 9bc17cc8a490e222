"""How long a verdict of `ready` holds."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from presync import settings
from presync.verdict.model import Verdict
from presync.verdict.waivers import IN_FORCE


def ready_until(verdict: Verdict) -> datetime:
    """Return until when a start may rest on a verdict: some hours after the data were read.

    Or until the end of the first day (UTC) on which a waiver that it rests on ends.
    """
    ends = [verdict.started_at + timedelta(hours=settings.certificate_hours())]
    for state in verdict.waivers:
        if state.state == IN_FORCE:
            ends.append(datetime.combine(state.waiver.until, time.max, UTC))
    return min(ends)
