"""The part of the file about Severa: its ceilings are agreed on, not found."""

from __future__ import annotations

from typing import Final

from presync.new_tenant.document.draft import ADMINISTRATOR, NUMBERING, Draft, listed, scalar
from presync.new_tenant.document.series import certain_ends, suggested_series
from presync.new_tenant.look.facts import Business, Counter, Interval, Looked, Register, Severa

_TEXT_KEYS: Final = {f"R{number}" for number in range(7, 13)}


def severa(draft: Draft, looked: Looked) -> None:
    """Write the block; all of it is a comment unless the connection is named."""
    found = looked.severa
    if found is None:
        draft.ask(
            ADMINISTRATOR,
            "Severa was not looked at: once it can be reached, begin this file again (`presync init … "
            "--force`)",
            technical=True,
        )
        _named_connection(draft, looked)
        return
    _registers(draft, found)
    for reason in found.not_asked:
        draft.ask(ADMINISTRATOR, f"this could not be asked: {reason}", technical=True)
    for name, counter in found.counters.items():
        draft.found(_counter(name, counter))
    draft.ask(
        NUMBERING,
        "up to which numbers may Severa count? Its counters have no end unless one is agreed on and written "
        "here",
    )
    if not _named_connection(draft, looked):
        draft.leave("severa:")
    for name, counter in found.counters.items():
        reason, ceiling = _ceiling(name, counter, looked.business)
        within = 0 if looked.severa_connection else 1
        depth = 1 - within
        draft.say(reason, depth, within)
        draft.leave(f"{name}_number_ceiling: {ceiling or ''}".rstrip(), depth, within)


def _named_connection(draft: Draft, looked: Looked) -> bool:
    if looked.severa_connection:
        draft.put("severa:")
        draft.put(f"connection: {scalar(looked.severa_connection)}", 1)
    return bool(looked.severa_connection)


def _registers(draft: Draft, found: Severa) -> None:
    sizes = [f"{route} {_size(register)}" for route, register in found.registers.items()]
    draft.found(f"rows in Severa's registers: {listed(sizes)}")


def _size(register: Register) -> str:
    if register.rows is None:
        return "not known"
    return f"{register.rows:,}" if register.whole else f"{register.rows:,} or more"


def _counter(name: str, counter: Counter) -> str:
    if counter.next is None:
        return f"Severa gives no next {name} number: a check will say that its series is unknown"
    highest = f"; the highest seen in use is {counter.highest}" if counter.highest else ""
    return f"Severa's next {name} number is {counter.next}{highest}"


def _ceiling(name: str, counter: Counter, business: Business | None) -> tuple[str, int | None]:
    """Return what a ceiling would have to be below, and the highest that would do."""
    if counter.next is None:
        return f"{name}s: unknown, because the counter is not given", None
    if name == "project":
        return _project_ceiling(business), None
    series = business_series(name, business)
    if series is None:
        return (
            f"{name}s: below the first number of Visma Business' series above {counter.next}, not known yet",
            None,
        )
    around = [interval for interval in series if interval.first <= counter.next <= interval.end]
    if around or counter.taken == counter.next:
        why = f"lies in Visma Business' series {around[0]}" if around else "is in use in Severa already"
        return (
            f"{name}s: the counter {why}. No ceiling helps: the counter must change (the report of the "
            "first run proposes one)",
            None,
        )
    limits = {
        interval.first: "where a series of Visma Business begins"
        for interval in series
        if interval.first > counter.next
    }
    if counter.taken is not None:
        limits.setdefault(counter.taken, "the next number that is in use in Severa already")
    if limits:
        lowest = min(limits)
        unsure = "" if counter.whole else " (not all of Severa's numbers were looked at)"
        return f"{name}s: below {lowest}, {limits[lowest]}{unsure}", lowest - 1
    what = "suggested series" if name == "invoice" else "series"
    return f"{name}s: no {what} of Visma Business lies above the counter; only if one is agreed on", None


def business_series(name: str, business: Business | None) -> list[Interval] | None:
    """Return the intervals that Visma Business hands out, as far as they are known or suggested."""
    if business is None:
        return None
    if name == "invoice":
        found = [series.interval for series in suggested_series(business)]
        return [interval for interval in found if interval] or None
    tables = business.customer_series
    if len(tables) != 1 or tables[0].rows is None:
        return None
    if tables[0].rows == 0:
        highest = business.counts.get("highest_customer")
        return None if highest is None else [Interval(highest + 1)]
    ends = certain_ends(business)
    return list(ends.intervals) if ends else None


def _project_ceiling(business: Business | None) -> str:
    table = business.projects.table if business and business.projects else None
    if table is None or business is None:
        return "projects: not above what a key of the organisational unit can hold"
    unit = next(unit for unit in business.units if unit.table == table)
    most = "9999999999 (10 characters)" if table in _TEXT_KEYS else "2147483647"
    highest = f"; the highest in use there is {unit.highest}" if unit.highest else ""
    return f"projects: at most {most}, the longest key of {table}{highest}"
