"""The one start of two systems' integration, recorded before the call and settled after it.

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

from sqlalchemy import and_, or_, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, object_session

from presync.control.audit import write_audit
from presync.control.database import now, transaction
from presync.control.models import REPEATABLE, UNSETTLED, Start, StartState
from presync.control.runs import audit_refusal, newest_bound, require_certificate
from presync.control.systems import Systems, systems_of
from presync.control.who import Who, as_who
from presync.errors import StartError, StartUnknownError

Kind = Literal["webhook", "dag", "manual"]
SOURCE: Final = "start_integration"

IN_FLIGHT: Final = timedelta(minutes=3)
"""A call younger than this may still be under way: longer than all its time-outs together."""


@dataclass(frozen=True)
class StartClaim:
    """The recorded start; `mine` if the caller, and nobody else, is to make the call now."""

    start: Start
    mine: bool
    who: Who | None = None


def find_start(tenant: str) -> Start | None:
    """Return the recorded start of a tenant, whatever its state."""
    with transaction() as session:
        return session.scalar(select(Start).where(Start.tenant == tenant))


def claim_start(
    tenant: str, run_id: str, fingerprint: str, *, kind: Kind, who: str | Who, systems: str | None = None
) -> StartClaim:
    """Record that the caller is about to start a tenant's integration, unless somebody has.

    Which two systems that is, the certificate says as they did; `systems` is a digest of their connections.
    Raises StartError if the run does not allow it (see `require_certificate`), or if another tenant has
    started the same systems. Of several callers at the same time exactly one gets `mine`.
    """
    try:
        with transaction() as session:
            start = _locked(session, tenant)
            if start is not None and start.state not in REPEATABLE:
                return StartClaim(start, mine=False)
            by_hand = kind == "manual"
            certificate = require_certificate(session, tenant, run_id, fingerprint, made_already=by_hand)
            said = systems_of(certificate.bound)
            if not said.known and not by_hand:
                raise _nameless(tenant, run_id, said)
            others = _others(session, tenant, said, systems)
            _refuse_started(tenant, others)
            key = _key(tenant, start, others, said)
            for other in others:  # nothing was started there
                other.systems = other.organisation = None
            session.flush()
            start = start or _added(session, Start(tenant=tenant))
            start.idempotency_key = key
            start.systems = systems
            start.organisation, start.company = said.organisation, said.company
            start.run_id = run_id
            start.certificate_id = certificate.id
            start.kind = kind
            start.state = "requested"
            start.attempt = str(uuid.uuid4())
            start.requested_at = now()
            start.settled_at = None
            caller = as_who(who) if by_hand or isinstance(who, Who) else Who(who, "run")
            start.who = caller.name
            start.detail = "the call has not been answered yet"
            session.flush()
            _audit(session, start, caller)
            return StartClaim(start, mine=True, who=caller)
    except IntegrityError:
        # another worker inserted the tenant's or the systems' row after our look (PostgreSQL)
        return claim_start(tenant, run_id, fingerprint, kind=kind, who=who, systems=systems)
    except StartError as error:
        audit_refusal(tenant, run_id, reason=error.message)
        raise


def refuse_started_by_another(tenant: str, run_id: str, systems: str | None = None) -> None:
    """Raise StartError if another tenant has, or may have, started the two systems that a run has read."""
    said = systems_of(newest_bound(tenant, run_id))
    with transaction() as session:
        _refuse_started(tenant, _others(session, tenant, said, systems))


def _others(session: Session, tenant: str, said: Systems, systems: str | None) -> list[Start]:
    """Return other tenants' starts of the same systems.

    A company alone tells only where one of the two organisations is unknown: two customers' servers and
    databases may well have the same names.
    """
    same = [Start.systems == systems] if systems else []
    if said.organisation:
        same.append(Start.organisation == said.organisation)
    if said.company:
        unknown = Start.organisation.is_(None) if said.organisation else true()
        same.append(and_(Start.company == said.company, unknown))
    if not same:
        return []
    found = select(Start).where(Start.tenant != tenant, or_(*same)).order_by(Start.id)
    return list(session.scalars(found.with_for_update()))


def _refuse_started(tenant: str, others: list[Start]) -> None:
    for other in others:
        if other.state not in REPEATABLE:
            raise StartError(
                f"tenant {tenant!r} names the same two systems as tenant {other.tenant!r}, whose start is "
                f"{other.state!r} since {other.requested_at:%Y-%m-%d %H:%M} UTC: a second start would create "
                "everything twice. Correct the connections in one of the two files; if it is the same "
                "company under a new name, it is started already.",
                source=SOURCE,
            )


def _key(tenant: str, start: Start | None, others: list[Start], said: Systems) -> str:
    """Return the key for the next call: that of earlier calls to the same systems, if there were any."""
    for earlier in (start, *others):
        if earlier is not None and earlier.organisation in {None, said.organisation}:
            return earlier.idempotency_key
    return said.idempotency_key(tenant)


def _nameless(tenant: str, run_id: str, said: Systems) -> StartError:
    missing = [
        words
        for words, value in (
            ("which organisation its Severa is (GET /v1/organizationdetails)", said.organisation),
            ("which company of which server its Visma Business is", said.company),
        )
        if value is None
    ]
    return StartError(
        f"the integration of tenant {tenant!r} was not started: run {run_id} could not tell "
        f"{' and '.join(missing)}, so nobody knows whether these two systems were started before. Let the "
        "API client read it (scope organization:read), and run the tenant's DAG again.",
        source=SOURCE,
    )


def _added(session: Session, start: Start) -> Start:
    session.add(start)
    return start


def finish_start(claim: StartClaim, state: StartState, detail: str) -> Start:
    """Record how the caller's own call ended, whatever has happened to the record meanwhile.

    A call that was answered with success leaves `confirmed`, or `unknown` if there was another call: never a
    state in which it would be made again. So does one whose end nobody knows.
    Raises StartError or StartUnknownError where the record, by then, says something that does not fit.
    """
    with transaction() as session:
        start = _locked(session, claim.start.tenant)
        if start is None:
            start = _recovered(session, claim)
        caller = claim.who or Who(claim.start.who, "run")
        own = start.attempt == claim.start.attempt
        if own and start.state == "requested":
            _settle(start, state, caller, detail)
            return start
        earlier = f"{start.state!r} by {start.who} ({start.detail})"
        when = f"{claim.start.requested_at:%Y-%m-%d %H:%M:%S} UTC"
        found = f"a call made at {when} ended as {state!r} ({detail}), but by then the record said {earlier}"
        late = _late(start, state, own=own and start.organisation == claim.start.organisation)
        if late is None:
            _audit_late(session, claim.start, caller, state, found)
        else:
            _settle(start, late, caller, found)
    fits = start.state == state or (state in REPEATABLE and start.state in REPEATABLE)
    if fits and (own or state != "confirmed"):
        return start
    kind = StartUnknownError if start.state in UNSETTLED else StartError
    raise kind(
        f"{found[0].upper()}{found[1:]}. Ask the receiver of tenant {start.tenant!r} which of them is true"
        f"{', and whether it started twice' if not own else ''}; then settle it by hand "
        f"(presync start {start.tenant} --confirm or --reset), unless it is settled ({start.state!r}).",
        source=SOURCE,
    )


def _late(start: Start, outcome: StartState, *, own: bool) -> StartState | None:
    """Return the state that an answer leaves which comes after its record was settled; None: the same."""
    if outcome == "confirmed" and start.state != "confirmed":
        return "confirmed" if own and start.state == "reset" else "unknown"
    if outcome == "unknown" and start.state in REPEATABLE:
        return "unknown"
    return None


def _recovered(session: Session, claim: StartClaim) -> Start:
    """Record a call again whose record is gone: another or an older control database is in its place."""
    columns = {column.key for column in Start.__table__.columns} - {"id"}
    start = Start(**{name: getattr(claim.start, name) for name in columns})
    _added(session, start)
    session.flush()
    return start


def _audit_late(session: Session, start: Start, who: Who, outcome: StartState, found: str) -> None:
    detail = {"state": f"late: {outcome}", "run": start.run_id, "kind": start.kind, "detail": found}
    write_audit(session, start.tenant, who, "start", detail)


def confirm_start(tenant: str, by: str | Who) -> Start:
    """Record a person's word that an unsettled start has arrived: it will never be called again."""
    return _by_person(tenant, by, "confirmed", "confirmed by hand: the integration was started")


def reset_start(tenant: str, by: str | Who) -> Start:
    """Record a person's word that an unsettled start has not arrived: the next run may call again."""
    return _by_person(tenant, by, "reset", "reset by hand: the integration was not started")


def record_started(tenant: str, by: str | Who) -> Start:
    """Record a person's word that an integration was started of which this database knows nothing."""
    who = as_who(by)
    with transaction() as session:
        start = _locked(session, tenant)
        if start is None:
            key = Systems(None, None).idempotency_key(tenant)
            start = Start(tenant=tenant, run_id="", certificate_id="", idempotency_key=key, kind="manual")
            start.attempt, start.requested_at = str(uuid.uuid4()), now()
            _added(session, start)
        if start.state != "confirmed":
            start.state, start.who, start.detail = "confirmed", who.name, ""
            session.flush()
            _settle(start, "confirmed", who, "found to run, when another control database took over")
        return start


def _by_person(tenant: str, by: str | Who, state: StartState, detail: str) -> Start:
    who = as_who(by)
    if not who.name:
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
        _settle(start, state, who, detail)
        return start


def _settle(start: Start, state: StartState, who: Who, detail: str) -> None:
    start.state = state
    start.who = who.name
    start.detail = detail
    start.settled_at = now()
    start.confirmed_at = start.settled_at if state == "confirmed" else None
    session = object_session(start)
    if session is None:
        raise RuntimeError("a start is settled within the transaction that read it")
    _audit(session, start, who)


def _audit(session: Session, start: Start, who: Who) -> None:
    detail = {
        "state": start.state,
        "run": start.run_id,
        "kind": start.kind,
        "certificate": start.certificate_id,
    }
    write_audit(session, start.tenant, who, "start", {**detail, "detail": start.detail})


def _locked(session: Session, tenant: str) -> Start | None:
    return session.scalar(select(Start).where(Start.tenant == tenant).with_for_update())
