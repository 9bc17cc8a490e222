"""The one start of a tenant's integration, recorded before the call and settled after it.

| state | meaning | next |
|---|---|---|
| `requested` | a call is under way, or its worker died: it may have arrived | only a person settles it |
| `confirmed` | the integration was started | never again |
| `refused` | the receiver said no | may be tried again |
| `not_sent` | the receiver was not reached | may be tried again |
| `unknown` | the call was sent and its outcome is not known | only a person settles it |
| `reset` | a person found that nothing was started | may be tried again |
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, object_session

from presync.control.audit import write_audit
from presync.control.database import now, transaction
from presync.control.models import REPEATABLE, UNSETTLED, Start, StartState
from presync.control.runs import audit_refusal, require_certificate
from presync.errors import StartError

Kind = Literal["webhook", "dag", "manual"]
SOURCE: Final = "start_integration"

IN_FLIGHT: Final = timedelta(minutes=3)
"""A call younger than this may still be under way: longer than all its time-outs together."""

_NAMESPACE = uuid.UUID("0b5f3c1e-4a57-5d0c-8f5e-1f3d1f0f6c2d")


@dataclass(frozen=True)
class StartClaim:
    """The recorded start; `mine` if the caller, and nobody else, is to make the call now."""

    start: Start
    mine: bool


def idempotency_key(tenant: str) -> str:
    """Return the key that goes with every call for a tenant: always the same one."""
    return str(uuid.uuid5(_NAMESPACE, tenant))


def find_start(tenant: str) -> Start | None:
    """Return the recorded start of a tenant, whatever its state."""
    with transaction() as session:
        return session.scalar(select(Start).where(Start.tenant == tenant))


def claim_start(
    tenant: str, run_id: str, fingerprint: str, *, kind: Kind, who: str, systems: str | None = None
) -> StartClaim:
    """Record that the caller is about to start a tenant's integration, unless somebody has.

    `systems` is a digest of its pair of systems. Raises StartError if the run does not allow it (see
    `require_certificate`), or if another tenant has started the same pair. Of several callers at the same
    time exactly one gets `mine`.
    """
    try:
        with transaction() as session:
            start = _locked(session, tenant)
            if start is not None and start.state not in REPEATABLE:
                return StartClaim(start, mine=False)
            by_hand = kind == "manual"
            certificate = require_certificate(session, tenant, run_id, fingerprint, made_already=by_hand)
            _take_systems(session, tenant, systems)
            if start is None:
                start = Start(tenant=tenant, idempotency_key=idempotency_key(tenant))
                session.add(start)
            start.systems = systems
            start.run_id = run_id
            start.certificate_id = certificate.id
            start.kind = kind
            start.state = "requested"
            start.attempt = str(uuid.uuid4())
            start.requested_at = now()
            start.settled_at = None
            start.who = who
            start.detail = "the call has not been answered yet"
            session.flush()
            _audit(session, start)
            return StartClaim(start, mine=True)
    except IntegrityError:
        # another worker inserted the tenant's or the systems' row after our look (PostgreSQL)
        return claim_start(tenant, run_id, fingerprint, kind=kind, who=who, systems=systems)
    except StartError as error:
        audit_refusal(tenant, run_id, reason=error.message)
        raise


def _take_systems(session: Session, tenant: str, systems: str | None) -> None:
    """Raise StartError if another tenant has, or may have, started this pair of systems.

    A task reads its own tenant's file alone, so that a copied file is seen here at the latest.
    """
    if systems is None:
        return
    other = session.scalar(
        select(Start).where(Start.systems == systems, Start.tenant != tenant).with_for_update()
    )
    if other is None:
        return
    if other.state not in REPEATABLE:
        raise StartError(
            f"tenant {tenant!r} names the same two systems as tenant {other.tenant!r}, whose start is "
            f"{other.state!r} since {other.requested_at:%Y-%m-%d %H:%M} UTC: a second start would create "
            "everything twice. Correct the connections in one of the two files; if it is the same company "
            "under a new name, it is started already.",
            source=SOURCE,
        )
    other.systems = None  # nothing was started there
    session.flush()


def finish_start(claim: StartClaim, state: StartState, detail: str) -> Start:
    """Record how the caller's own call ended.

    Raises StartError if a person has settled it otherwise in the meantime: that record stays.
    """
    with transaction() as session:
        start = _locked(session, claim.start.tenant)
        if start is not None and start.attempt == claim.start.attempt and start.state == "requested":
            _settle(start, state, start.who, detail)
            return start
        if start is not None and start.state == state == "confirmed":
            return start
    recorded = "no record" if start is None else f"{start.state!r} by {start.who}"
    raise StartError(
        f"the call that starts tenant {claim.start.tenant!r} ended as {state!r} ({detail}), but by then the "
        f"record said {recorded}. Ask the receiver which of them is true, then settle it by hand.",
        source=SOURCE,
    )


def confirm_start(tenant: str, by: str) -> Start:
    """Record a person's word that an unsettled start has arrived: it will never be called again."""
    return _by_person(tenant, by, "confirmed", "confirmed by hand: the integration was started")


def reset_start(tenant: str, by: str) -> Start:
    """Record a person's word that an unsettled start has not arrived: the next run may call again."""
    return _by_person(tenant, by, "reset", "reset by hand: the integration was not started")


def _by_person(tenant: str, by: str, state: StartState, detail: str) -> Start:
    if not by.strip():
        raise StartError("say who settles this start: --by NAME", source=SOURCE)
    with transaction() as session:
        start = _locked(session, tenant)
        if start is None:
            raise StartError(
                f"no start of tenant {tenant!r} was ever requested, so there is nothing to settle. Check the "
                "name; the start comes after a run whose gate opened.",
                source=SOURCE,
            )
        if start.state not in UNSETTLED:
            raise StartError(
                f"the start of tenant {tenant!r} is {start.state!r} since {start.settled_at} ({start.who}: "
                f"{start.detail}); there is nothing to settle.",
                source=SOURCE,
            )
        if state == "reset" and start.state == "requested" and now() - start.requested_at < IN_FLIGHT:
            raise StartError(
                f"the call for tenant {tenant!r} was made at {start.requested_at} and may still be under "
                f"way. Wait until {start.requested_at + IN_FLIGHT}, ask the receiver, then try again.",
                source=SOURCE,
            )
        _settle(start, state, by.strip(), detail)
        return start


def _settle(start: Start, state: StartState, who: str, detail: str) -> None:
    start.state = state
    start.who = who
    start.detail = detail
    start.settled_at = now()
    start.confirmed_at = start.settled_at if state == "confirmed" else None
    session = object_session(start)
    if session is None:
        raise RuntimeError("a start is settled within the transaction that read it")
    _audit(session, start)


def _audit(session: Session, start: Start) -> None:
    detail = {
        "state": start.state,
        "run": start.run_id,
        "kind": start.kind,
        "certificate": start.certificate_id,
    }
    write_audit(session, start.tenant, start.who, "start", {**detail, "detail": start.detail})


def _locked(session: Session, tenant: str) -> Start | None:
    return session.scalar(select(Start).where(Start.tenant == tenant).with_for_update())
