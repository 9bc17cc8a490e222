"""The order of the calls: no two records of a register ever share a number or code in between.

A record moves only after everybody who has its new number has left it. Where records wait for one another in
a circle, one of them is parked on a free number until its own is free.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from presync.apply.model import Call, Write

_SHARED = ("worktypes", "travelexpensetypes")
_CODED = ("products", *_SHARED)
_SALES = ("projects", "salescases")


def namespace(register: str, *, unique_codes: bool) -> tuple[str, ...]:
    """Return the registers within which a register's numbers or codes must differ; none if they need not."""
    if register in _SALES:
        return _SALES
    if register in _CODED and unique_codes:
        return _CODED
    return () if register in _SHARED else (register,)


def key(value: str) -> str:
    """Return what two equal numbers or codes have in common."""
    return value.strip().casefold()


Holders = Mapping[tuple[str, ...], Mapping[str, Collection[str]]]
"""Namespace -> key -> the guids of its records that have it."""


def held(writes: Sequence[Write], holders: Holders, *, unique_codes: bool) -> dict[int, str]:
    """Return which writes cannot be made, and by which guid their number is held for good.

    One that stays where it is holds its own number, so that it may hold up others: until nothing changes.
    """
    refused: dict[int, str] = {}
    while True:
        staying = _movers(writes, refused)
        targets: dict[tuple[tuple[str, ...], str], int] = {}
        found: dict[int, str] = {}
        for place, write in enumerate(writes):
            spaces = namespace(write.register, unique_codes=unique_codes)
            if place in refused or not spaces:
                continue
            others = {*holders.get(spaces, {}).get(key(write.new), ())} - {write.guid}
            kept = sorted(guid for guid in others if guid not in staying)
            first = targets.setdefault((spaces, key(write.new)), place)
            if kept:
                found[place] = kept[0]
            elif first != place:
                found[place] = writes[first].guid
        if not found:
            return refused
        refused |= found


def _movers(writes: Sequence[Write], refused: Collection[int]) -> set[str]:
    return {write.guid for place, write in enumerate(writes) if place not in refused}


def components(writes: Sequence[Write], holders: Holders, *, unique_codes: bool) -> list[list[Call]]:
    """Return the calls in groups of records that wait for one another, each group in its order.

    `free` numbers for parking are filled in by `parked`. Every prefix of a group without a parked record can
    be made alone.
    """
    needs = _needs(writes, holders, unique_codes=unique_codes)
    groups = _groups(len(writes), needs)
    return [_ordered(group, writes, needs) for group in groups]


def _needs(writes: Sequence[Write], holders: Holders, *, unique_codes: bool) -> dict[int, set[int]]:
    """Return, for each write, those that must have been made before."""
    place_of = {write.guid: place for place, write in enumerate(writes)}
    needs: dict[int, set[int]] = defaultdict(set)
    for place, write in enumerate(writes):
        spaces = namespace(write.register, unique_codes=unique_codes)
        for guid in holders.get(spaces, {}).get(key(write.new), ()) if spaces else ():
            if guid != write.guid:
                needs[place].add(place_of[guid])
    return needs


def _groups(count: int, needs: Mapping[int, Iterable[int]]) -> list[list[int]]:
    root = list(range(count))

    def find(place: int) -> int:
        while root[place] != place:
            root[place] = root[root[place]]
            place = root[place]
        return place

    for place, others in needs.items():
        for other in others:
            root[find(other)] = find(place)
    groups: dict[int, list[int]] = defaultdict(list)
    for place in range(count):
        groups[find(place)].append(place)
    return sorted(groups.values())


def _ordered(group: Sequence[int], writes: Sequence[Write], needs: Mapping[int, set[int]]) -> list[Call]:
    waiting = {place: set(needs.get(place, ())) for place in group}
    at = {place: writes[place].old for place in group}
    calls: list[Call] = []

    def left(place: int) -> None:
        for others in waiting.values():
            others.discard(place)

    while waiting:
        ready = [place for place, others in waiting.items() if not others]
        if not ready:
            parked = next(place for place in waiting if any(place in others for others in waiting.values()))
            calls.append(Call(parked, at[parked], "", parks=True))
            at[parked] = ""
            left(parked)
            continue
        place = ready[0]
        del waiting[place]
        calls.append(Call(place, at[place], writes[place].new))
        left(place)
    return calls


def parked(calls: Sequence[Call], writes: Sequence[Write], free: Callable[[Write], str]) -> list[Call]:
    """Return the calls with a free number in the place of each that parks a record."""
    numbers: dict[int, str] = {}
    filled: list[Call] = []
    for call in calls:
        if call.parks:
            numbers[call.write] = free(writes[call.write])
            filled.append(Call(call.write, call.old, numbers[call.write], parks=True))
        else:
            filled.append(Call(call.write, call.old or numbers.get(call.write, call.old), call.new))
    return filled


def within(groups: Sequence[Sequence[Call]], most: int | None) -> list[list[Call]]:
    """Return groups, or beginnings of them, for at most so many records; a circle is whole or left out."""
    if most is None:
        return [list(group) for group in groups]
    chosen: list[list[Call]] = []
    for group in groups:
        circle = any(call.parks for call in group)
        records = len({call.write for call in group})
        if circle and records > most:
            continue
        part = list(group) if records <= most else list(group[:most])
        most -= len({call.write for call in part})
        chosen.append(part)
        if most <= 0:
            break
    return [part for part in chosen if part]
