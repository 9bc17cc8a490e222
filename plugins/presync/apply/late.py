"""Calls of whose end nobody was told: Severa may store one later, over whatever was written after it.

Such a call is never forgotten. Whoever resumes, undoes, or has made the last call looks at its record again,
and the journal is corrected to what is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from presync.apply.make_call import LATE, UNSETTLED, Journal, as_left, equal, outstanding
from presync.control import journal
from presync.control.database import now
from presync.control.models import AppliedCall
from presync.sources.severa.writer import LiveRecord


class Reader(Protocol):
    """What reads single records."""

    async def record(self, register: str, guid: str) -> LiveRecord | None:
        """Return a record as it is now."""


def may_arrive(calls: Sequence[AppliedCall]) -> list[AppliedCall]:
    """Return the calls that would change a record from what the journal says, if they were stored now."""
    return [
        call for call in calls if outstanding(call) and not equal(call.new, _value(_of_record(calls, call)))
    ]


async def catch_up(reader: Reader, kept: Journal) -> list[tuple[AppliedCall, str]]:
    """Look at every record with an outstanding call; correct the entries of those where one has arrived.

    Returns the call that was made last of each record that has another value than the journal says for
    another reason, and that value. Raises what reading raises.
    """
    otherwise = []
    for call in {call.guid: call for call in kept.calls if outstanding(call)}.values():
        of_record = _of_record(kept.calls, call)
        live = await reader.record(call.register, call.guid)
        value = live.text(call.field) if live is not None else ""
        if live is not None and equal(value, _value(of_record)):
            continue
        arrived = [each for each in of_record if outstanding(each) and equal(value, each.new)]
        if live is not None and arrived:
            await _adopt(kept, arrived[-1], live)
        else:
            sent = [each for each in of_record if each.calls]
            otherwise.append((max(sent, key=Journal.when), value))
    return otherwise


async def give_up(kept: Journal, calls: Sequence[AppliedCall]) -> None:
    """Note that unsettled calls were not stored when they were looked at: `lost` after a while."""
    for call in [call for call in calls if call.state in UNSETTLED]:
        recent = call.called_at is not None and now() - call.called_at < journal.SILENCE
        await kept.note(
            call,
            state="unknown" if recent else LATE,
            ended_at=now(),
            answer=call.answer or "no answer, and not stored when it was looked at",
        )


def _of_record(calls: Sequence[AppliedCall], call: AppliedCall) -> list[AppliedCall]:
    return [each for each in calls if each.guid == call.guid]


def _made(call: AppliedCall) -> tuple[bool, object, int]:
    return (call.state == "done", *Journal.when(call))


def _value(of_record: Sequence[AppliedCall]) -> str:
    """Return what a record has as far as the journal knows."""
    newest = max(of_record, key=_made)
    return newest.new if newest.state == "done" else of_record[0].old


async def _adopt(kept: Journal, call: AppliedCall, live: LiveRecord) -> None:
    """Let a call be the last one that was made of its record: what followed it was overwritten."""
    last = call.position if call.undoes is None else call.undoes - 1
    taken_back = {each.undoes for each in _of_record(kept.calls, call) if each.state == "done"}
    for each in _of_record(kept.calls, call):
        beyond = each.undoes is None and each.position > last and each.position not in taken_back
        returned = each.undoes is not None and each.undoes <= last
        if each.position != call.position and each.state == "done" and (beyond or returned):
            said = f"{each.answer}; then a late call gave it {call.new or 'none'} again"
            await kept.note(each, state="failed", answer=said[:500])
    await kept.note(
        call,
        state="done",
        ended_at=now(),
        answer=f"found stored later; it was sent {call.calls} times",
        **as_left(live),
    )
