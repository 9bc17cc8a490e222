"""The journal of what is written to Severa: before each call, and after it.

One process at a time writes for a tenant. It is known by its `attempt`: another that takes over gets a new
one, and the first, should it be alive, learns with its next entry that it must not go on.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from presync.control.audit import Action, write_audit
from presync.control.database import lock, now, transaction
from presync.control.models import Application, AppliedCall
from presync.control.who import Who
from presync.errors import ConfigurationError

SOURCE: Final = "apply"
CallState = Literal["planned", "calling", "done", "skipped", "failed", "unknown", "lost"]
ApplicationState = Literal["planned", "running", "stopped", "done", "undoing", "undo_stopped", "undone"]
AT_WORK: Final[tuple[ApplicationState, ...]] = ("running", "undoing")
SILENCE: Final = timedelta(seconds=90)
"""After so long without a sign of life, a process counts as dead: longer than any call takes."""


def record_plan(
    *,
    tenant: str,
    run_id: str,
    digest: str,
    basis: Mapping[str, Any],
    options: Mapping[str, Any],
    unique_codes: bool,
    calls: Sequence[AppliedCall],
) -> str:
    """Remember a plan that nobody has approved yet; return its id."""
    with transaction() as session:
        identity = str(uuid.uuid4())
        session.add(
            Application(
                id=identity,
                tenant=tenant,
                run_id=run_id,
                plan_digest=digest,
                basis=dict(basis),
                options=dict(options),
                unique_codes=unique_codes,
                state="planned",
                made_at=now(),
                attempt="",
                reason="",
            )
        )
        for position, call in enumerate(calls):
            call.application_id, call.position = identity, position
            session.add(call)
        return identity


def find_application(identity: str) -> Application | None:
    """Return an application by its id."""
    with transaction() as session:
        return session.get(Application, identity)


def newest_application(tenant: str, *, begun: bool = False) -> Application | None:
    """Return a tenant's newest application; `begun`: that somebody approved."""
    with transaction() as session:
        found = select(Application).where(Application.tenant == tenant)
        if begun:
            found = found.where(Application.state != "planned")
        return session.scalars(found.order_by(_since().desc()).limit(1)).first()


def applications(tenant: str) -> Sequence[Application]:
    """Return what was begun for a tenant, oldest first."""
    with transaction() as session:
        of_tenant = select(Application).where(Application.tenant == tenant, Application.state != "planned")
        return session.scalars(of_tenant.order_by(Application.approved_at)).all()


def calls_of(identity: str) -> list[AppliedCall]:
    """Return an application's calls in their order."""
    with transaction() as session:
        return _calls(session, identity)


def begin(
    identity: str, who: Who, state: ApplicationState, allowed: Sequence[ApplicationState], *, what: Action
) -> tuple[Application, str]:
    """Take an application over, on a person's word; return it and the `attempt` that may write from now on.

    Raises ConfigurationError if another process is at work for the tenant, or the state does not allow it.
    """
    with transaction() as session:
        found = session.get(Application, identity)
        if found is None:
            raise ConfigurationError(f"there is no plan {identity!r}, so nothing was written", source=SOURCE)
        lock(session, f"apply {found.tenant}")
        session.refresh(found)
        _refuse_two(session, found)
        if found.state not in allowed:
            raise ConfigurationError(
                f"plan {identity} of tenant {found.tenant} is {found.state!r} (last word: "
                f"{found.reason or 'none'}), so this cannot be done with it. "
                "`presync apply TENANT --journal` tells what happened to it.",
                source=SOURCE,
            )
        found.state, found.attempt, found.seen_at = state, str(uuid.uuid4()), now()
        found.ended_at = None
        if what == "apply" and found.approved_at is None:
            found.approved_at, found.approved_by, found.who_kind = now(), who.name, who.kind
        detail = {"plan": identity, "run": found.run_id, "state": "begun", "digest": found.plan_digest}
        count = session.scalar(select(func.count()).where(AppliedCall.application_id == identity))
        write_audit(session, found.tenant, who, what, {**detail, "calls": count})
        return found, found.attempt


def _refuse_two(session: Session, found: Application) -> None:
    working = select(Application).where(Application.tenant == found.tenant, Application.state.in_(AT_WORK))
    for other in session.scalars(working):
        if other.seen_at is not None and now() - other.seen_at < SILENCE:
            raise ConfigurationError(
                f"somebody is writing to the Severa of tenant {found.tenant} right now (plan {other.id}, "
                f"last heard of at {other.seen_at:%H:%M:%S} UTC), so this was not begun. Wait until it has "
                f"ended, "
                f"or, if its process is dead, {SILENCE.total_seconds():.0f} seconds.",
                source=SOURCE,
            )
        if other.id != found.id:
            raise ConfigurationError(
                f"plan {other.id} of tenant {found.tenant} was interrupted while it was being written, so no "
                "other one is begun. First `presync apply TENANT --resume`, or `--undo`.",
                source=SOURCE,
            )


def append(identity: str, attempt: str, calls: Sequence[AppliedCall]) -> list[AppliedCall]:
    """Add calls at the end of an application; return all of its calls."""
    with transaction() as session:
        _own(session, identity, attempt)
        last = max((call.position for call in _calls(session, identity)), default=-1)
        for position, call in enumerate(calls, last + 1):
            call.application_id, call.position = identity, position
            session.add(call)
        session.flush()
        return _calls(session, identity)


def note(identity: str, attempt: str, position: int, **values: Any) -> AppliedCall:
    """Write into a call's entry, before the call is made and after it; return the entry.

    Raises ConfigurationError if another process has taken over.
    """
    with transaction() as session:
        _own(session, identity, attempt)
        call = session.get_one(AppliedCall, (identity, position))
        for name, value in values.items():
            setattr(call, name, value)
        return call


def note_counters(identity: str, attempt: str, **counters: Mapping[str, Any]) -> None:
    """Write Severa's counters down, as `counters_before` or `counters_after`."""
    with transaction() as session:
        found = _own(session, identity, attempt)
        for name, value in counters.items():
            if name != "counters_before" or found.counters_before is None:
                setattr(found, name, dict(value))


def finish(
    identity: str,
    attempt: str,
    who: Who,
    state: ApplicationState,
    reason: str,
    *,
    what: Action,
    counts: Mapping[str, int],
) -> Application:
    """Record how an application, or its undo, ended; the trail gets the journal's digest."""
    with transaction() as session:
        found = _own(session, identity, attempt)
        found.state, found.reason, found.ended_at = state, reason, now()
        detail = {"plan": identity, "run": found.run_id, "state": state, **counts}
        digest = journal_digest(_calls(session, identity))
        write_audit(
            session, found.tenant, who, what, {**detail, "reason": reason or "none", "journal": digest}
        )
        return found


def journal_digest(calls: Sequence[AppliedCall]) -> str:
    """Return a SHA-256 in hex of a journal's entries, by which a later change is seen."""
    columns = [column.key for column in AppliedCall.__mapper__.column_attrs]
    rows = [[_plain(getattr(call, name)) for name in sorted(columns)] for call in calls]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _own(session: Session, identity: str, attempt: str) -> Application:
    found = session.scalar(select(Application).where(Application.id == identity).with_for_update())
    if found is None or found.attempt != attempt or found.state not in AT_WORK:
        raise ConfigurationError(
            f"another process has taken over plan {identity}, so this one has stopped. Nothing was written "
            "after its last entry in the journal.",
            source=SOURCE,
        )
    found.seen_at = now()
    return found


def _calls(session: Session, identity: str) -> list[AppliedCall]:
    of_plan = select(AppliedCall).where(AppliedCall.application_id == identity)
    return list(session.scalars(of_plan.order_by(AppliedCall.position)))


def _since() -> Any:
    return func.coalesce(Application.approved_at, Application.made_at)
