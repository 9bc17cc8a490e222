"""A plan, an application and a journal as people read them."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from presync.apply.model import ApplyPlan, Kind
from presync.apply.perform import is_so_already
from presync.apply.run import Report
from presync.control.models import Application, AppliedCall
from presync.text.visible import visible

_SHOWN: Final = 20
_LEFT: Final[dict[Kind, str]] = {
    "counter": "counters, to set in Severa's settings",
    "waits": "records that wait for a counter",
    "not_asked": "records that were not asked for",
    "not_possible": "changes that cannot be written",
    "visma_business": "changes in Visma Business",
    "tenant_file": "fields of the tenant file",
    "decision": "findings that a person decides",
}
COLUMNS: Final = (
    "plan", "approved_by", "position", "undoes", "register", "guid", "field", "old", "new", "parks", "state",
    "calls", "called_at", "ended_at", "looked", "expected", "stamp_before", "stamp_after", "content_after",
    "sharers", "answer",
)  # fmt: skip


def plan_lines(plan: ApplyPlan, *, shown: int | None = None, first: bool = False) -> Iterator[str]:
    """Yield what would be written and what stays for people; `first`: nothing was ever applied here."""
    counts = ", ".join(f"{register} {count}" for register, count in plan.counts.items())
    yield f"{plan.tenant}: run {plan.basis.run_id}: to write to Severa: {counts or 'nothing'}"
    yield from _writes(plan, shown)
    for kind, title in _LEFT.items():
        items = [left for left in plan.left if left.kind == kind]
        if items:
            yield f"left to people: {len(items)} {title}"
        for left in items[:shown]:
            yield f"  {visible(left.what)}: {visible(left.why)}"
        if shown is not None and len(items) > shown:
            yield f"  … and {len(items) - shown} more"
    if first and len(plan.writes) > 1:
        yield (
            "Nothing was ever written to this company's Severa by Presync. Begin with one record as a trial: "
            "--at-most 1, then look at it in Severa."
        )


def _writes(plan: ApplyPlan, shown: int | None) -> Iterator[str]:
    parks = Counter(call.write for call in plan.calls if call.parks)
    for place, write in enumerate(plan.writes[:shown]):
        by_way = next((call.new for call in plan.calls if call.write == place and call.parks), "")
        way = f" (by way of {by_way}, because records change places)" if parks[place] else ""
        change = f"{write.field} {write.old or 'none'} → {write.new}"
        yield f"  {write.register} {visible(write.name)} {write.guid}: {change}{way}"
    if shown is not None and len(plan.writes) > shown:
        yield f"  … and {len(plan.writes) - shown} more"


def report_lines(report: Report, *, undo: bool) -> Iterator[str]:
    """Yield what came of an application or its undo: everything that was not done by name."""
    found, outcome = report.application, report.outcome
    counts = ", ".join(f"{count} {state}" for state, count in outcome.counts.items()) or "nothing to do"
    yield f"{found.tenant}: plan {found.id}: {'undo' if undo else 'applied'}: {counts}"
    for call in outcome.calls:
        if is_so_already(call):
            yield f"  nothing to do: {call_line(call)}"
        elif call.state != "done":
            yield f"  not {'returned' if undo else 'done'}: {call_line(call)}"
    for call in outcome.may_arrive:
        yield f"  may still be stored: {call_line(call)}"
    if outcome.may_arrive:
        yield "Nobody answered these calls. Check again later: if one is stored then, `--undo` takes it back."
    if outcome.stopped:
        yield f"stopped: {outcome.stopped}"
    yield from _counters(found)
    for identity, count in report.others.items():
        yield f"plan {identity} stands (records: {count}); to take it back: --undo --plan {identity}"
    if any(call.calls for call in outcome.calls):
        yield f"Now check {found.tenant} again."


def _counters(found: Application) -> Iterator[str]:
    before, after = found.counters_before or {}, found.counters_after or {}
    for name, value in after.items():
        if name in before and before[name] != value:
            yield f"Severa's {name} moved from {before[name]} to {value} meanwhile"


def call_line(call: AppliedCall) -> str:
    """Return a call in one line."""
    change = f"{call.field} {call.old or 'none'} → {call.new or 'none'}"
    said = f": {visible(call.answer)}" if call.answer else ""
    return f"{call.register} {call.guid}: {change}: {call.state}{said}"


def journal_lines(found: Sequence[tuple[Application, Sequence[AppliedCall]]]) -> Iterator[str]:
    """Yield the journal of a tenant, oldest application first."""
    for application, calls in found:
        approved = f"{application.approved_at:%Y-%m-%d %H:%M} UTC" if application.approved_at else "never"
        yield (
            f"plan {application.id} of run {application.run_id}: {application.state}, approved by "
            f"{visible(application.approved_by or 'nobody')} ({application.who_kind}) at {approved}"
        )
        if application.reason:
            yield f"  stopped: {visible(application.reason)}"
        for call in calls:
            back = f" (takes back {call.undoes})" if call.undoes is not None else ""
            yield f"  {call.position}{back}: {call_line(call)}"


def journal_csv(found: Sequence[tuple[Application, Sequence[AppliedCall]]]) -> str:
    """Return the journal of a tenant as CSV with `COLUMNS`."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(COLUMNS)
    for application, calls in found:
        for call in calls:
            own = [_cell(getattr(call, name)) for name in COLUMNS[2:]]
            writer.writerow([application.id, application.approved_by or "", *own])
    return sink.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, list):
        return " ".join(value)
    return "" if value is None else str(value)
