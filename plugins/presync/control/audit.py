"""The audit trail: who did what, when. Rows are only added; the database itself refuses anything else.

The entries are a chain: each holds the digest of the one before, so that one that is changed, removed or put
in between is seen (`presync audit --verify`). Entries from before the chain count as its first link.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from presync.control.database import lock, now, transaction
from presync.control.models import AuditEntry
from presync.control.who import Who, as_who
from presync.errors import OutdatedError

Action = Literal[
    "decide",
    "waive",
    "unwaive",
    "confirm-pair",
    "unconfirm-pair",
    "accept-change",
    "accept-database",
    "accept-systems",
    "verdict",
    "certificate",
    "start",
    "retire",
    "apply",
    "undo",
]


@dataclass
class _Seen:
    """The newest entry of a tenant that somebody had seen when they decided."""

    tenant: str
    entry: int


_SEEN: Final[ContextVar[_Seen | None]] = ContextVar("seen", default=None)


@contextmanager
def unless_changed(tenant: str, entry: int) -> Iterator[None]:
    """Refuse entries about a tenant within this context if its trail has grown past `entry` meanwhile.

    It is looked at under the trail's lock, so that of two people who decide on one state, one is refused:
    OutdatedError, and nothing of their transaction is recorded. `entry` is as `newest_entry_id` tells.
    """
    token = _SEEN.set(_Seen(tenant, entry))
    try:
        yield
    finally:
        _SEEN.reset(token)


def newest_entry_id(session: Session, tenant: str) -> int:
    """Return the number of a tenant's newest entry; 0 if it has none."""
    return session.scalar(select(func.max(AuditEntry.id)).where(AuditEntry.tenant == tenant)) or 0


def write_audit(
    session: Session, tenant: str, who: str | Who, what: Action, detail: Mapping[str, Any]
) -> None:
    """Add an entry, in the transaction of what it tells: both are recorded, or neither."""
    said = as_who(who)
    account = {"account": said.account} if said.account else {}
    session.flush()
    lock(session, "audit trail")  # until the end of the transaction: there is one newest entry
    seen = _SEEN.get()
    if seen is not None and seen.tenant == tenant and newest_entry_id(session, tenant) != seen.entry:
        raise OutdatedError(
            f"nothing was recorded: something about tenant {tenant!r} has changed since you saw it. Look at "
            "it as it is now, then decide.",
            source=tenant,
        )
    entry = AuditEntry(
        tenant=tenant,
        at=now(),
        who=said.name,
        who_kind=said.kind,
        what=what,
        detail=dict(detail) | account,
        before=_newest_digest(session),
    )
    entry.digest = _digest(entry, entry.before or "")
    session.add(entry)
    session.flush()
    if seen is not None and seen.tenant == tenant:
        seen.entry = entry.id  # what this very person has just added


def audit_trail(tenant: str) -> Sequence[AuditEntry]:
    """Return a tenant's entries, oldest first."""
    with transaction() as session:
        return session.scalars(
            select(AuditEntry).where(AuditEntry.tenant == tenant).order_by(AuditEntry.id)
        ).all()


@dataclass(frozen=True)
class TrailCheck:
    """How many entries there are, the digest of the newest, and what is wrong with the chain."""

    entries: int
    newest: str
    faults: tuple[str, ...]


def verify_trail() -> TrailCheck:
    """Follow the chain from its beginning; what it cannot follow is a fault."""
    with transaction() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    faults: list[str] = []
    chained, last = False, ""
    for entry in entries:
        where = f"entry {entry.id} of {entry.tenant} ({entry.at:%Y-%m-%d %H:%M:%S} UTC, {entry.what})"
        if entry.digest is None and chained:
            faults.append(f"{where} is not part of the chain: it was not written by Presync")
            continue
        chained = chained or entry.digest is not None
        if chained and (entry.before or "") != last:
            faults.append(f"before {where}, entries were removed, changed or inserted")
        found = _digest(entry, entry.before or "" if chained else last)
        if entry.digest not in {None, found}:
            faults.append(f"{where} was changed")
        last = entry.digest or found
    return TrailCheck(len(entries), last, tuple(faults))


def newest_entry(tenant: str) -> str | None:
    """Return the digest of a tenant's newest entry, or None if it has none in the chain."""
    with transaction() as session:
        of_tenant = select(AuditEntry.digest).where(
            AuditEntry.tenant == tenant, AuditEntry.digest.is_not(None)
        )
        return session.scalars(of_tenant.order_by(AuditEntry.id.desc()).limit(1)).first()


def has_entry(digest: str) -> bool:
    """Tell whether the trail holds an entry."""
    with transaction() as session:
        found = select(AuditEntry.id).where(AuditEntry.digest == digest)
        return session.scalar(found.limit(1)) is not None


def _newest_digest(session: Session) -> str:
    newest = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).first()
    if newest is None:
        return ""
    if newest.digest is not None:
        return newest.digest
    digest = ""
    for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id)):
        digest = _digest(entry, digest)
    return digest


def _digest(entry: AuditEntry, before: str) -> str:
    """Return a SHA-256 in hex of an entry and, by its digest, of all that come before it."""
    content = [
        before,
        entry.tenant,
        entry.at.isoformat(),
        entry.who,
        entry.who_kind,
        entry.what,
        entry.detail,
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
