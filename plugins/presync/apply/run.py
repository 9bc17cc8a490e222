"""Applying a plan that somebody approved, going on after an interruption, and taking everything back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

from presync.apply.basis import (
    SOURCE,
    checked_again,
    find_checked,
    require_not_started,
    require_still_proposed,
    require_unmoved,
)
from presync.apply.late import catch_up, give_up, may_arrive
from presync.apply.make_call import CallMaker, Journal
from presync.apply.model import ApplyPlan, Basis, Options
from presync.apply.perform import OPEN, Outcome, Watch, inverse, perform, so_already, standing
from presync.apply.plan import make_plan, plan_for, read_staged
from presync.control import journal
from presync.control.models import Application, AppliedCall
from presync.control.who import Who
from presync.errors import ConfigurationError, PresyncError
from presync.sources.severa.access import severa_access, severa_write_access
from presync.sources.severa.identity import organisation_identity
from presync.sources.severa.shared_rate_limit import SharedRateLimit
from presync.sources.severa.writer import SeveraWriter
from presync.tenants.model import Tenant

Connect = Callable[[Tenant, Sequence[str]], AbstractAsyncContextManager[SeveraWriter]]


@asynccontextmanager
async def connect(tenant: Tenant, registers: Sequence[str]) -> AsyncIterator[SeveraWriter]:
    """Yield what writes to these registers of a tenant's Severa, under the rate limit of its readers."""
    logging.getLogger("httpx").setLevel(logging.WARNING)  # or each request is a line in the log
    writing, reading = severa_write_access(tenant), severa_access(tenant)
    async with SeveraWriter(writing, registers, SharedRateLimit(reading.credential)) as writer:
        yield writer


@dataclass(frozen=True)
class Report:
    """An application after it was written to, or taken back, and what came of it.

    `others`: after an undo, the ids of the tenant's other plans that stand, and how many records each wrote.
    """

    application: Application
    outcome: Outcome
    others: Mapping[str, int] = field(default_factory=dict)


def propose(
    tenant: Tenant, options: Options, *, digest: str = "", connect: Connect = connect
) -> tuple[ApplyPlan, str]:
    """Make a plan, look at every record that it is about, and write it down; return it and its id.

    A record that is not any more as the run has read it is written down as skipped. Raises ConfigurationError
    if the plan's digest does not begin with `digest`.
    """
    plan = make_plan(tenant, options)
    if not plan.digest.startswith(digest):
        raise ConfigurationError(
            f"nothing was written to the Severa of tenant {tenant.tenant}: the plan is another one than "
            f"{digest} now. Print it again, and read what has changed.",
            source=SOURCE,
        )
    if not plan.calls:
        raise ConfigurationError(
            f"there is nothing to write to the Severa of tenant {tenant.tenant} for run {plan.basis.run_id}: "
            "what is proposed, if anything, is left to people. `presync apply` without --yes lists it.",
            source=SOURCE,
        )
    calls = asyncio.run(_looked(tenant, plan, connect))
    identity = journal.record_plan(
        tenant=tenant.tenant,
        run_id=plan.basis.run_id,
        digest=plan.digest,
        basis=plan.basis.as_dict(),
        options=plan.options.as_dict(),
        unique_codes=plan.unique_codes,
        calls=calls,
    )
    return plan, identity


async def _looked(tenant: Tenant, plan: ApplyPlan, connect: Connect) -> list[AppliedCall]:
    staged = read_staged(find_checked(tenant, plan.options.fixes))
    seen: dict[str, _Seen] = {}
    async with connect(tenant, plan.registers) as hands:
        await _require_same_organisation(hands, plan.basis)
        for write in plan.writes:
            live = await hands.record(write.register, write.guid)
            before = staged.rows[write.register][write.guid]
            if live is None:
                seen[write.guid] = _Seen(None, "the record is not there any more")
                continue
            # a project names its customer's number, which may be one that is written before
            other = [c for c, v in live.columns.items() if c != "customer_number" and v != before[c]]
            if live.text(write.field).strip() == write.new:
                seen[write.guid] = _Seen(live.stamp, so_already(write.field))
                continue
            changed = f"changed since the check: {', '.join(other)}" if other else ""
            sharers = staged.others_with(write.register, write.old) - {write.guid}
            seen[write.guid] = _Seen(live.stamp, changed, tuple(sorted(sharers)))
    return [_entry(plan, place, seen) for place in range(len(plan.calls))]


@dataclass(frozen=True)
class _Seen:
    """A record when the plan was made: its stamp, what has changed since the check, who shared its number."""

    stamp: str | None
    changed: str = ""
    sharers: tuple[str, ...] = ()


def _entry(plan: ApplyPlan, place: int, seen: dict[str, _Seen]) -> AppliedCall:
    call = plan.calls[place]
    write = plan.writes[call.write]
    found = seen[write.guid]
    return AppliedCall(
        undoes=None,
        register=write.register,
        guid=write.guid,
        field=write.field,
        old=call.old,
        new=call.new,
        parks=call.parks,
        state="skipped" if found.changed else "planned",
        looked=True,
        expected=found.stamp,
        sharers=list(found.sharers) if call.old == write.old else [],
        calls=0,
        answer=found.changed,
    )


def apply_plan(
    tenant: Tenant, identity: str, who: Who, *, watch: Watch = lambda call: None, connect: Connect = connect
) -> Report:
    """Write a plan to Severa, on the word of `who`.

    Raises ConfigurationError if what it rests on has moved.
    """
    return _write(_Order(tenant, identity, who, watch, connect), ("planned",))


def resume(
    tenant: Tenant, identity: str, who: Who, *, watch: Watch = lambda call: None, connect: Connect = connect
) -> Report:
    """Go on with a plan that was interrupted or has stopped itself."""
    return _write(_Order(tenant, identity, who, watch, connect), ("running", "stopped"))


def planned(tenant: Tenant, identity: str) -> ApplyPlan:
    """Return a plan that was written down, with the names of what it is about.

    Raises ConfigurationError if it would not be made like that any more: something has moved.
    """
    found = _found(tenant, identity)
    basis, options = Basis(**found.basis), Options.of(found.options)
    require_not_started(tenant.tenant)
    checked = find_checked(tenant, options.fixes)
    require_unmoved(tenant, basis, checked.fixes)
    plan = plan_for(tenant.tenant, checked, options)
    if plan.digest != found.plan_digest:
        raise ConfigurationError(
            f"nothing was written: the plan that would be made now for run {basis.run_id} is not {identity} "
            "any more. Make a new plan.",
            source=SOURCE,
        )
    return plan


def _require_basis(tenant: Tenant, found: Application) -> None:
    """Raise ConfigurationError if a plan must not be written, or gone on with, because something has moved.

    A plan that was begun may have been checked since: what it has written so far is why that run is another.
    """
    basis = Basis(**found.basis)
    if not checked_again(tenant, basis, found.approved_at):
        planned(tenant, found.id)
        return
    require_not_started(tenant.tenant)
    checked = find_checked(tenant, Options.of(found.options).fixes)
    left = [call for call in journal.calls_of(found.id) if call.undoes is None and call.state in OPEN]
    require_still_proposed(tenant, basis, checked, left)


@dataclass(frozen=True)
class _Order:
    """Who wants which plan of which tenant written, and by what."""

    tenant: Tenant
    identity: str
    who: Who
    watch: Watch
    connect: Connect


def _write(order: _Order, allowed: Sequence[journal.ApplicationState]) -> Report:
    tenant, identity = order.tenant, order.identity
    found = _found(tenant, identity)
    basis = Basis(**found.basis)
    _require_basis(tenant, found)
    application, attempt = journal.begin(identity, order.who, "running", allowed, what="apply")
    kept = Journal(identity, attempt, journal.calls_of(identity), application.unique_codes)
    positions = [call.position for call in kept.calls if call.undoes is None]

    async def work() -> Outcome:
        registers = tuple(dict.fromkeys(call.register for call in kept.calls))
        async with order.connect(tenant, registers) as hands:
            await _require_same_organisation(hands, basis)
            maker = CallMaker(hands, kept)
            counters = await hands.counters()
            journal.note_counters(identity, attempt, counters_before=counters)
            await catch_up(hands, kept)
            # what was on its way back to its own number, and has not arrived, is not made again
            await give_up(kept, [call for call in kept.calls if call.undoes is not None])
            outcome = await perform(
                hands, maker, kept, positions=positions, undo=False, counters=counters, watch=order.watch
            )
            await _look_at_counters(hands, identity, attempt)
            return outcome

    outcome = _ending(work, [kept.calls[position] for position in positions])
    _name_unknown(outcome, kept)
    state: journal.ApplicationState = "stopped" if outcome.stopped else "done"
    done = journal.finish(
        identity, attempt, order.who, state, outcome.stopped, what="apply", counts=outcome.counts
    )
    return Report(done, outcome)


def undo(
    tenant: Tenant, identity: str, who: Who, *, watch: Watch = lambda call: None, connect: Connect = connect
) -> Report:
    """Give back every record that is as we left it, in reverse order; the others are named."""
    _found(tenant, identity)
    require_not_started(tenant.tenant)
    allowed: tuple[journal.ApplicationState, ...]
    allowed = ("running", "stopped", "done", "undoing", "undo_stopped", "undone")
    application, attempt = journal.begin(identity, who, "undoing", allowed, what="undo")
    kept = Journal(identity, attempt, journal.calls_of(identity), application.unique_codes)
    positions: list[int] = []

    async def work() -> Outcome:
        registers = tuple(dict.fromkeys(call.register for call in kept.calls))
        async with connect(tenant, registers) as hands:
            await _require_same_organisation(hands, Basis(**application.basis))
            maker = CallMaker(hands, kept)
            await catch_up(hands, kept)
            await give_up(kept, kept.calls)
            await _set_aside(kept)
            back = [inverse(call) for call in reversed(standing(kept.calls))]
            positions.extend(range(len(kept.calls), len(kept.calls) + len(back)))
            kept.calls[:] = journal.append(identity, attempt, back)
            outcome = await perform(
                hands, maker, kept, positions=positions, undo=True, counters={}, watch=watch
            )
            await _look_at_counters(hands, identity, attempt)
            return outcome

    outcome = _ending(work, [])
    may_be_stored = [call for call in kept.calls if call.undoes is None and call.state == "unknown"]
    outcome.calls = [*may_be_stored, *(kept.calls[position] for position in positions)]
    _name_unknown(outcome, kept)
    state: journal.ApplicationState = "undo_stopped" if outcome.stopped else "undone"
    done = journal.finish(identity, attempt, who, state, outcome.stopped, what="undo", counts=outcome.counts)
    return Report(done, outcome, _others(tenant.tenant, identity))


def _others(tenant: str, identity: str) -> dict[str, int]:
    plans = [each.id for each in journal.applications(tenant) if each.id != identity]
    written = {each: len({call.guid for call in standing(journal.calls_of(each))}) for each in plans}
    return {each: count for each, count in written.items() if count}


def _ending(work: Callable[[], Coroutine[None, None, Outcome]], calls: list[AppliedCall]) -> Outcome:
    """Do the work; what ends it early is its outcome. Whether another process took over, its end tells."""
    try:
        return asyncio.run(work())
    except PresyncError as error:
        return Outcome(stopped=error.message, calls=calls)


def _name_unknown(outcome: Outcome, kept: Journal) -> None:
    """Let nothing end well of which nobody knows whether it is stored."""
    outcome.may_arrive = [call for call in may_arrive(kept.calls) if call.state != "unknown"]
    unknown = sum(call.state == "unknown" for call in outcome.calls)
    if unknown and not outcome.stopped:
        outcome.stopped = (
            f"for {unknown} calls it is unknown whether Severa still stores them: wait two minutes, then "
            "resume or undo; both read these records first"
        )


async def _set_aside(kept: Journal) -> None:
    """Close what was planned and not begun: an undo makes none of it."""
    for call in [
        call for call in kept.calls if call.state in {"planned", "failed"} and call.undoes is not None
    ]:
        await kept.note(call, state="skipped", answer=f"{call.answer} (tried again below)".strip())


async def _look_at_counters(hands: SeveraWriter, identity: str, attempt: str) -> None:
    journal.note_counters(identity, attempt, counters_after=await hands.counters())


async def _require_same_organisation(hands: SeveraWriter, basis: Basis) -> None:
    found = (await organisation_identity(hands)).get("organisation", "")
    opened = found or "one that it does not name"
    if not found or found != basis.organisation:
        raise ConfigurationError(
            f"nothing was written: the credential for writing opens the organisation {opened}, and run "
            f"{basis.run_id} has checked {basis.organisation or 'one that it could not name'}: both must be "
            "the same. Correct the connection, or let both read the organisation (organization:read).",
            source=SOURCE,
        )


def _found(tenant: Tenant, identity: str) -> Application:
    found = journal.find_application(identity)
    if found is None or found.tenant != tenant.tenant:
        raise ConfigurationError(
            f"tenant {tenant.tenant} has no plan {identity!r}, so nothing was written", source=SOURCE
        )
    return found
