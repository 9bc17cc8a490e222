"""Starts a tenant's integration: once, ever, on the certificate of the same run.

The intent is recorded before the call and the outcome after it. What is guaranteed: Presync never calls
again on its own once a call may have arrived, whatever dies in between; and every call for the same two
systems carries the same idempotency key, so that a receiver that honours it starts once even if a person
errs. What no sender can guarantee alone: to know whether a call arrived whose answer was lost. Then a person
asks the receiver, and settles it: `presync start TENANT --confirm` or `--reset`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from presync.control.database import now
from presync.control.models import REPEATABLE
from presync.control.runs import audit_refusal
from presync.control.starts import (
    IN_FLIGHT,
    Kind,
    StartClaim,
    claim_start,
    find_start,
    finish_start,
    refuse_started_by_another,
)
from presync.control.who import Who, as_who
from presync.errors import (
    ConfigurationError,
    StartError,
    StartNotSentError,
    StartRefusedError,
    StartUnderWayError,
    StartUnknownError,
)
from presync.tenants.model import Tenant
from presync.tenants.start import DagStart, WebhookStart

if TYPE_CHECKING:
    from presync.control.models import Start
from presync.gate.same_database import remember_database, require_same_database
from presync.gate.start_request import SOURCE, StartRequest
from presync.gate.trigger_dag import trigger_dag

_AGAIN: Final = (0.0, 1.0, 5.0, 15.0)
"""Seconds to wait before each try to record a success."""


@dataclass(frozen=True)
class StartOutcome:
    """The integration is started: just now, or `already` by an earlier call, which was not repeated."""

    already: bool
    confirmed_at: datetime | None
    run_id: str
    who: str
    detail: str

    def __str__(self) -> str:
        when = f"{self.confirmed_at:%Y-%m-%d %H:%M} UTC" if self.confirmed_at else "an unknown time"
        started = "already started" if self.already else "started"
        return f"the integration was {started} at {when} by {self.who} for run {self.run_id} ({self.detail})"


Call = Callable[[StartRequest], str]
"""Makes the call and returns what to remember. StartRefusedError and StartNotSentError prove that nothing was
started, ConfigurationError that nothing was sent; any other exception leaves it open."""


def start_integration(
    tenant: Tenant,
    run_id: str,
    *,
    by: str | Who | None = None,
    call: Call | None = None,
    look: Callable[[], None] | None = None,
) -> StartOutcome:
    """Start a tenant's integration as its file says, unless it was started before.

    `by` is the person who confirms a `manual` start; `call` replaces the tenant file's way of calling;
    `look` is a last look at both systems, which raises if something has moved.
    Raises StartError if the run does not allow it, StartRefusedError or StartNotSentError if nothing was
    started, StartUnknownError if nobody can tell, also about an earlier call.
    """
    earlier = find_start(tenant.tenant)
    if earlier is not None and earlier.state == "confirmed":
        return _outcome(earlier, already=True)
    kind = _kind(tenant)
    refuse_started_by_another(tenant.tenant, run_id, tenant.systems_digest)
    if kind != "manual":  # a start by hand has been made: it is recorded in any case
        _require_same_database(tenant.tenant, run_id)
    call = call or _call(tenant, by)
    if look is not None and (earlier is None or earlier.state in REPEATABLE):
        look()
    claim = claim_start(
        tenant.tenant,
        run_id,
        tenant.fingerprint,
        kind=kind,
        who=by or kind,
        systems=tenant.systems_digest,
    )
    if not claim.mine:
        return _made_by_another(claim.start)
    return _outcome(_make(call, claim, tenant), already=False)


def _require_same_database(tenant: str, run_id: str) -> None:
    try:
        require_same_database(tenant)
    except StartError as error:
        audit_refusal(tenant, run_id, reason=error.message)
        raise


def _make(call: Call, claim: StartClaim, tenant: Tenant) -> Start:
    start = claim.start
    request = StartRequest(
        tenant=tenant.tenant,
        title=tenant.title,
        run_id=start.run_id,
        certificate=start.certificate_id,
        idempotency_key=start.idempotency_key,
    )
    try:
        # before the call: whatever database is there later, it must know of this one
        remember_database(tenant.tenant)
        detail = call(request)
    except StartRefusedError as error:
        finish_start(claim, "refused", error.message)
        raise
    except (StartNotSentError, ConfigurationError) as error:
        finish_start(claim, "not_sent", error.message)
        raise
    except BaseException as error:  # also a task that is killed: the call may have arrived
        reason = error.message if isinstance(error, StartUnknownError) else type(error).__name__
        finish_start(claim, "unknown", reason)
        if isinstance(error, Exception):
            raise _unsettled(tenant.tenant, reason) from None  # its own text may hold anything
        raise
    return _recorded(claim, detail)


def _recorded(claim: StartClaim, detail: str) -> Start:
    """Record a success, and again if that breaks off: a known success must not be lost on the way."""
    failure: BaseException | None = None
    for wait in _AGAIN:
        time.sleep(wait)
        try:
            start = finish_start(claim, "confirmed", detail)
        except StartError:
            raise
        except BaseException as error:  # a database that is away, or a task that is killed just now
            failure = error
        else:
            if failure is not None and not isinstance(failure, Exception):
                raise failure
            return start
    raise StartUnknownError(
        f"the integration of {claim.start.tenant} was started ({detail}), but the control database cannot be "
        f"reached to record it ({type(failure).__name__}): its record still says that a call is under way. "
        f"Once it can be reached, record it: presync start {claim.start.tenant} --confirm --by NAME.",
        source=SOURCE,
    ) from None


def _made_by_another(start: Start) -> StartOutcome:
    if start.state == "confirmed":
        return _outcome(start, already=True)
    if start.state == "requested" and now() - start.requested_at < IN_FLIGHT:
        raise StartUnderWayError(
            f"the call that starts {start.tenant} is under way: {start.who} makes it for run {start.run_id} "
            f"since {start.requested_at:%Y-%m-%d %H:%M:%S} UTC. This run made none, so nothing was started "
            f"twice. Wait until {start.requested_at + IN_FLIGHT:%H:%M:%S} UTC, then clear this task, or look "
            f"at presync audit {start.tenant}.",
            source=SOURCE,
        )
    raise _unsettled(
        start.tenant,
        f"a start was requested at {start.requested_at:%Y-%m-%d %H:%M:%S} UTC for run {start.run_id} and is "
        f"{start.state!r} ({start.detail})",
    )


def _unsettled(tenant: str, reason: str) -> StartUnknownError:
    return StartUnknownError(
        f"nobody knows whether the integration of {tenant} was started: {reason}. It is not called again, "
        "because a second start would create everything twice. Ask the receiver whether it runs; then record "
        f"what you found: presync start {tenant} --confirm --by NAME (it runs) or --reset --by NAME (it does "
        "not; the next run may call again).",
        source=SOURCE,
    )


def _outcome(start: Start, *, already: bool) -> StartOutcome:
    return StartOutcome(already, start.confirmed_at, start.run_id, start.who, start.detail)


def _kind(tenant: Tenant) -> Kind:
    if isinstance(tenant.start, WebhookStart):
        return "webhook"
    return "dag" if isinstance(tenant.start, DagStart) else "manual"


def _call(tenant: Tenant, by: str | Who | None) -> Call:
    """Return how the tenant file says to start; everything that can be wrong with it is found out here."""
    name = as_who(by or "").name
    if tenant.asks_first and not name:
        how = "is started by hand" if tenant.start == "manual" else "is started with a person's approval"
        raise StartError(
            f"tenant {tenant.tenant} {how}: a person must confirm it, and say who they are", source=SOURCE
        )
    if isinstance(tenant.start, WebhookStart):
        from presync.gate.webhook import call_webhook, webhook_from_connection

        webhook = webhook_from_connection(tenant.start.webhook)
        return lambda request: call_webhook(webhook, request)
    if isinstance(tenant.start, DagStart):
        dag = tenant.start.dag
        return lambda request: trigger_dag(dag, request)
    return lambda _request: f"{name} confirmed that the integration was started by hand"
