"""Notices about a company, one for each change: recorded before they are sent, settled afterwards.

| state | means |
|---|---|
| `pending` | to be sent |
| `sending` | a process sends it; where that died, nobody knows whether it arrived: it is not repeated |
| `sent` | handed over to the mail server or the service |
| `failed` | given up after many tries |
| `known` | was so when the company was looked at for the first time; nobody is notified |
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from presync.control.database import lock, now, transaction
from presync.control.models import FindingRecord, Notice, Run

MOST_TRIES: Final = 50
_KEPT: Final = timedelta(days=400)
_LOCK: Final = "notices"
_AT_ONCE: Final = 500


@dataclass(frozen=True)
class Change:
    """Something to tell: `change` is the same for the same change, and another one for the next.

    `at`: when it happened, for messages and for what was so before anybody was to be told.
    """

    tenant: str
    event: str
    change: str
    text: str
    at: datetime


def remember(changes: Iterable[Change], *, fresh: timedelta) -> None:
    """Remember what is to be told, unless it is remembered already.

    Of a company of which nothing is remembered yet, only what is younger than `fresh` is to be told.
    """
    found = list(changes)
    with transaction() as session:
        lock(session, _LOCK)
        session.execute(delete(Notice).where(Notice.seen_at < now() - _KEPT, Notice.state != "known"))
        told = set(session.scalars(select(Notice.tenant).distinct()))
        known = _known(session, {each.change for each in found})
        for each in found:
            if (each.tenant, each.event, each.change) not in known:
                old = each.tenant not in told and each.at < now() - fresh
                session.add(_notice(each, "known" if old else "pending"))


def _known(session: Session, changes: Collection[str]) -> set[tuple[str, str, str]]:
    """Return which of these are remembered, as (tenant, event, change); a few queries for any number."""
    names = select(Notice.tenant, Notice.event, Notice.change)
    found: set[tuple[str, str, str]] = set()
    ordered = sorted(changes)
    for first in range(0, len(ordered), _AT_ONCE):
        some = ordered[first : first + _AT_ONCE]
        rows = session.execute(names.where(Notice.change.in_(some)))
        found |= {(tenant, event, change) for tenant, event, change in rows}
    return found


def pending() -> list[Notice]:
    """Return what is to be sent, oldest first."""
    with transaction() as session:
        return list(session.scalars(select(Notice).where(Notice.state == "pending").order_by(Notice.id)))


def claim(ids: Collection[int]) -> list[int]:
    """Mark notices as being sent by this process; return those that were still to be sent."""
    with transaction() as session:
        lock(session, _LOCK)
        mine = list(session.scalars(select(Notice).where(Notice.id.in_(ids), Notice.state == "pending")))
        for notice in mine:
            notice.state, notice.tries, notice.tried_at = "sending", notice.tries + 1, now()
        return [notice.id for notice in mine]


def settle(ids: Collection[int], *, sent: bool, detail: str) -> None:
    """Record how sending ended; what was not sent is tried again, but not for ever."""
    with transaction() as session:
        for notice in session.scalars(select(Notice).where(Notice.id.in_(ids), Notice.state == "sending")):
            again = notice.tries < MOST_TRIES
            notice.state = "sent" if sent else "pending" if again else "failed"
            notice.detail = detail


def last_statuses(tenants: Collection[str]) -> dict[str, list[str]]:
    """Return the statuses of each tenant's last two runs, the newest first; one query."""
    with transaction() as session:
        rank = func.row_number().over(partition_by=Run.tenant, order_by=Run.recorded_at.desc())
        ranked = select(Run.tenant, Run.status, rank.label("rank")).subquery()
        newest = select(ranked.c.tenant, ranked.c.status).where(ranked.c.rank <= 2)
        found: dict[str, list[str]] = {}
        for tenant, status in session.execute(newest.order_by(ranked.c.tenant, ranked.c.rank)):
            if tenant in tenants:
                found.setdefault(tenant, []).append(status)
        return found


def newly_critical(runs: Collection[tuple[str, str]]) -> dict[str, dict[str, int]]:
    """Return how many critical findings appeared in these (tenant, run), by tenant and `suite/rule`."""
    names = (FindingRecord.tenant, FindingRecord.opened_run, FindingRecord.suite, FindingRecord.rule)
    appeared = select(*names, func.count()).where(
        FindingRecord.opened_run.in_({run for _, run in runs}),
        FindingRecord.severity == "critical",
        FindingRecord.fixed_at.is_(None),
        FindingRecord.waived.is_(False),
    )
    found: dict[str, dict[str, int]] = {}
    with transaction() as session:
        for tenant, run, suite, rule, count in session.execute(appeared.group_by(*names)):
            if (tenant, run) in runs:
                found.setdefault(tenant, {})[f"{suite}/{rule}"] = count
    return found


def _notice(change: Change, state: str) -> Notice:
    return Notice(
        tenant=change.tenant,
        event=change.event,
        change=change.change,
        text=change.text,
        at=change.at,
        seen_at=now(),
        state=state,
        tries=0,
        detail="",
    )
