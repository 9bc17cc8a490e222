"""Who may use how much of a credential's request limit, among all processes on all machines.

A limit is a number of slots. Each process that reads with a credential holds a share of them, and says again
and again that it is alive; of a process that is not heard of any more, the share lapses. Slots are counted by
one transaction at a time, and a share only shrinks once its slots are idle, so that all shares together never
hold more than there are. Moments are the database's own where it is a server, so that the machines' clocks
need not agree.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from presync.control.database import now, transaction
from presync.control.models import RequestShare

LEASE: Final = timedelta(seconds=10)
_TURN_SECONDS: Final = 3


@dataclass(frozen=True)
class SlotClaim:
    """What a process asks for: of `total` slots it uses `busy` and could use `wanted`; `lease`: see LEASE.

    `pause` is for how many seconds from now nobody may send.
    """

    credential: str
    holder: str
    total: int
    busy: int
    wanted: int
    pause: float = 0.0
    lease: timedelta = LEASE


@dataclass(frozen=True)
class Share:
    """`slots` that may be used from now on (fewer than `busy`: let some become idle); `pause` in seconds."""

    slots: int
    pause: float


def renew_share(claim: SlotClaim) -> Share:
    """Say that the holder is alive; return its fair share of what is free.

    Raises SourceUnavailableError if the control database cannot be reached: the share then lapses.
    """
    with transaction() as session:
        moment = _alone(session, claim.credential)
        mine, others = _shares(session, claim, moment)
        everyone = sorted([mine, *others], key=lambda share: (share.joined_at, share.holder))
        mine.wanted = claim.wanted
        turn = int(moment.timestamp()) // _TURN_SECONDS
        fair = divide([share.wanted for share in everyone], claim.total, turn)[everyone.index(mine)]
        free = claim.total - sum(share.slots for share in others)
        mine.slots = min(max(fair, claim.busy), free)
        mine.expires_at = moment + claim.lease
        if claim.pause > 0:
            mine.paused_until = moment + timedelta(seconds=claim.pause)
        pauses = [share.paused_until - moment for share in everyone if share.paused_until]
        return Share(min(fair, mine.slots), max((pause.total_seconds() for pause in pauses), default=0.0))


def leave_share(claim: SlotClaim) -> None:
    """Give up a share: its busy slots are free to others after `lease`, the others at once."""
    with transaction() as session:
        moment = _alone(session, claim.credential)
        mine, others = _shares(session, claim, moment)
        mine.wanted = 0
        mine.slots = min(claim.busy, claim.total - sum(share.slots for share in others))
        mine.expires_at = moment + claim.lease


def divide(wanted: Sequence[int], slots: int, turn: int = 0) -> list[int]:
    """Share out slots one by one, so that nobody gets more than wanted while another goes short.

    Where there are more than can have one, `turn` says with whom it begins.

    >>> divide([10, 10, 2], 10), divide([10], 10), divide([3, 3], 10)
    ([4, 4, 2], [10], [3, 3])
    >>> divide([1, 1, 1], 2, turn=1)
    [0, 1, 1]
    """
    given = [0] * len(wanted)
    start = turn % len(wanted) if len(wanted) > slots else 0
    order = [*range(start, len(wanted)), *range(start)]
    while slots > 0 and any(got < want for got, want in zip(given, wanted, strict=True)):
        for place in order:
            if slots > 0 and given[place] < wanted[place]:
                given[place] += 1
                slots -= 1
    return given


def _alone(session: Session, credential: str) -> datetime:
    """Keep all others out until the transaction ends (SQLite does so anyway); return this moment."""
    if session.get_bind().dialect.name != "postgresql":
        return now()
    digest = hashlib.sha256(f"request share {credential}".encode()).digest()
    session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(digest[:8], signed=True))))
    moment: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return moment


def _shares(session: Session, claim: SlotClaim, moment: datetime) -> tuple[RequestShare, list[RequestShare]]:
    """Return the holder's own share, made if need be, and those of all others that are alive."""
    found = session.scalars(select(RequestShare).where(RequestShare.credential == claim.credential)).all()
    others = []
    for share in found:
        if share.holder == claim.holder:
            continue
        if moment < share.expires_at:
            others.append(share)
        else:
            session.delete(share)
    own = [share for share in found if share.holder == claim.holder]
    if own:
        return own[0], others
    mine = RequestShare(
        credential=claim.credential, holder=claim.holder, slots=0, wanted=claim.wanted, joined_at=moment
    )
    session.add(mine)
    return mine, others
