"""The audit trail: who did what, when. Rows are only added; the database itself refuses anything else.

The entries are a chain: each holds the digest of the one before, so that one that is changed, removed or put
in between is seen (`presync audit --verify`). Entries from before the chain count as its first link.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from presync.control.database import lock, now, transaction
from presync.control.models import AuditEntry
from presync.control.who import Who, as_who

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
]


def write_audit(
    session: Session, tenant: str, who: str | Who, what: Action, detail: Mapping[str, Any]
) -> None:
    """Add an entry, in the transaction of what it tells: both are recorded, or neither."""
    said = as_who(who)
    account = {"account": said.account} if said.account else {}
    session.flush()
    lock(session, "audit trail")  # until the end of the transaction: there is one newest entry
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
            faults.append(f"{where} is not part of the chain: it was put in by other means than Presync")
            continue
        chained = chained or entry.digest is not None
        if chained and (entry.before or "") != last:
            faults.append(f"before {where}, entries were removed, changed or put in")
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
