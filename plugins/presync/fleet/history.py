"""Twelve months of the fleet: how many companies were checked and started, and when the rest may be ready."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from presync.control.companies import Facts
from presync.control.models import CompanyDay

WEEKS: Final = 52
_PACE_WEEKS: Final = 8


@dataclass(frozen=True)
class Week:
    """How things stood at the end of a week. `open`: companies that were checked and not started."""

    end: date
    checked: int
    started: int
    critical: int

    @property
    def open(self) -> int:
        """Companies under way."""
        return self.checked - self.started


@dataclass(frozen=True)
class Way:
    """A company's way from its first check to its start, in days; `start_days` None: not started yet."""

    tenant: str
    title: str
    first_checked: date
    ready_days: int | None
    start_days: int | None
    open_days: int


@dataclass(frozen=True)
class History:
    """`typical_days`: median from first check to start. `forecast`: when the rest is started at this pace."""

    weeks: Sequence[Week]
    ways: Sequence[Way]
    typical_days: int | None
    pace: float
    forecast: date | None


def history(facts: Iterable[Facts], days: Iterable[CompanyDay], today: date) -> History:
    """Return the history of these companies; `days` as `control.companies.days_since` gives them."""
    known = [each for each in facts if each.company.first_checked_at is not None]
    ends = [today - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
    checked = [_day(each.company.first_checked_at) for each in known]
    started = [day for each in known if (day := _started(each)) is not None]
    critical = _critical_at(days, ends)
    weeks = [
        Week(end, _until(checked, end), _until(started, end), open_findings)
        for end, open_findings in zip(ends, critical, strict=True)
    ]
    ways = sorted(
        (_way(each, today) for each in known), key=lambda way: (way.start_days is not None, -way.open_days)
    )
    took = sorted(way.start_days for way in ways if way.start_days is not None)
    pace = (weeks[-1].started - weeks[-1 - _PACE_WEEKS].started) / _PACE_WEEKS
    rest = sum(_started(each) is None and each.company.retired_at is None for each in known)
    forecast = today + timedelta(weeks=rest / pace) if pace and rest else None
    return History(weeks, ways, took[len(took) // 2] if took else None, pace, forecast)


def _critical_at(days: Iterable[CompanyDay], ends: Sequence[date]) -> list[int]:
    """Return the open critical findings of all companies at each of these days, as last known by then."""
    ordered = sorted(days, key=lambda each: each.day)
    standing: dict[str, int] = {}
    counts: list[int] = []
    place = 0
    for end in ends:
        while place < len(ordered) and ordered[place].day <= end:
            standing[ordered[place].tenant] = ordered[place].critical
            place += 1
        counts.append(sum(standing.values()))
    return counts


def _way(facts: Facts, today: date) -> Way:
    company, started = facts.company, _started(facts)
    first = _day(company.first_checked_at)
    ready = (_day(company.first_ready_at) - first).days if company.first_ready_at else None
    return Way(
        tenant=company.tenant,
        title=company.title,
        first_checked=first,
        ready_days=ready,
        start_days=(started - first).days if started else None,
        open_days=((started or today) - first).days,
    )


def _started(facts: Facts) -> date | None:
    start = facts.start
    return start.confirmed_at.date() if start and start.state == "confirmed" and start.confirmed_at else None


def _day(when: datetime | None) -> date:
    if when is None:
        raise ValueError("only companies that were checked have a history")
    return when.date()


def _until(days: Collection[date], end: date) -> int:
    return sum(day <= end for day in days)
