"""One call: read the record, enter it in the journal, write, read again; nothing is written twice blindly."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from presync.apply.order import namespace
from presync.control import journal
from presync.control.database import now
from presync.control.models import AppliedCall
from presync.errors import PresyncError
from presync.sources.severa.writer import LiveRecord, Reply

TRIES: Final = 3
UNSETTLED: Final = frozenset({"calling", "unknown"})
"""A call in these states was made, or was going to be, and may be stored even if it is not yet."""
LATE: Final = "lost"
"""The state of a call that nobody has answered, and that was not stored a good while after it was made."""
LOST: Final = "lost permission: "
REFUSED: Final = "Severa refuses the value: "
_NO_WORD: Final = frozenset({"uncertain", "token"})


def outstanding(call: AppliedCall) -> bool:
    """Tell whether Severa may still store one of the times that a call was sent."""
    return call.calls > (0 if call.state in UNSETTLED or call.state == LATE else 1)


class Hands(Protocol):
    """What reads and replaces single records (`sources.severa.writer.SeveraWriter`)."""

    async def record(self, register: str, guid: str) -> LiveRecord | None:
        """Return a record as it is now."""

    async def holders(self, register: str, field: str, value: str) -> Sequence[str]:
        """Return who has a number or code now."""

    async def replace(self, register: str, guid: str, field: str, value: str, *, entered: float) -> Reply:
        """Ask once to replace a field; not at all if `entered`, by the clock, was too long ago."""

    @property
    def clock(self) -> Callable[[], float]:
        """What tells seconds on a clock that goes on while the process is suspended."""


@dataclass(frozen=True)
class Made:
    """How a call ended.

    `unexpected`: not as Severa should answer; `stop`: why nothing more may be written.
    """

    call: AppliedCall
    unexpected: bool = False
    stop: str = ""


@dataclass
class Journal:
    """An application's entries, as the process `attempt` writes them."""

    application: str
    attempt: str
    calls: list[AppliedCall]
    unique_codes: bool

    async def note(self, call: AppliedCall, **values: Any) -> AppliedCall:
        """Write into an entry; return it as it is then."""
        noted = await asyncio.to_thread(
            lambda: journal.note(self.application, self.attempt, call.position, **values)
        )
        self.calls[call.position] = noted
        return noted

    async def append(self, call: AppliedCall) -> AppliedCall:
        """Add an entry."""
        added = await asyncio.to_thread(journal.append, self.application, self.attempt, [call])
        self.calls[:] = added
        return added[-1]

    @staticmethod
    def when(call: AppliedCall) -> tuple[datetime, int]:
        """Return what orders calls by when they ended."""
        return call.ended_at or now(), call.position

    def moved_by_us(self, call: AppliedCall, live: LiveRecord) -> bool:
        """Tell whether a record is as we left it but for its stamp, and why that moved is known.

        We wrote its customer's number, or its own a second time by a call that came late.
        """
        of_record = [each for each in self.calls if each.guid == call.guid]
        done = [each for each in of_record if each.state == "done"]
        left = max(done, key=self.when).content_after if done else None
        customers = {each.guid.lower() for each in self.calls if each.register == "customers" and each.calls}
        late = any(outstanding(each) and equal(live.text(each.field), each.new) for each in of_record)
        return left is not None and left == live.content and (late or live.customer in customers)

    def last_stamp(self, call: AppliedCall) -> tuple[bool, str | None]:
        """Return whether a record's stamp is known, as we left it or found it for the plan, and the stamp."""
        of_record = [each for each in self.calls if each.guid == call.guid and each.state == "done"]
        if of_record:
            newest = max(of_record, key=self.when)
            return True, newest.stamp_after
        return call.looked, call.expected


class CallMaker:
    """Makes an application's calls, one at a time. `pause` waits between two looks, in seconds."""

    def __init__(self, hands: Hands, kept: Journal, *, pause: Callable[[float], Any] = asyncio.sleep) -> None:
        self._hands = hands
        self._kept = kept
        self._pause = pause

    async def make(self, call: AppliedCall) -> Made:
        """Make a call, or find out that it was made, or that it must not be; its entry tells.

        Raises what reading raises: then nobody knows how the record is, and the entry says `unknown`.
        """
        for attempt in range(TRIES):
            live = await self._hands.record(call.register, call.guid)
            open_ = call.state in UNSETTLED
            if open_ and live is not None and equal(live.text(call.field), call.new):
                return await self._found_stored(call, live)
            hindrance = await self._hindrance(call, live, again=attempt > 0)
            if live is None or hindrance:
                # an earlier call that was not answered may still be stored
                return Made(await self._end(call, "unknown" if open_ else "skipped", hindrance))
            entered = self._hands.clock()
            call = await self._kept.note(
                call,
                state="calling",
                stamp_before=live.stamp,
                called_at=now(),
                calls=call.calls + 1,
                answer="",
            )
            reply = await self._hands.replace(call.register, call.guid, call.field, call.new, entered=entered)
            made = await self._judge(call, reply, live)
            if made is not None:
                return made
            await self._pause(min(2.0**attempt, 10.0))
        said = f"not stored in {TRIES} tries: {reply.said}"
        stop = f"{LOST}{said}" if reply.outcome == "token" else ""
        return Made(await self._end(call, "unknown", said), unexpected=True, stop=stop)

    async def _found_stored(self, call: AppliedCall, live: LiveRecord) -> Made:
        said = "found stored after a call without an answer"
        return Made(await self._end(call, "done", said, **as_left(live)))

    async def _hindrance(self, call: AppliedCall, live: LiveRecord | None, *, again: bool) -> str:
        """Return why a call must not be made now, or nothing."""
        if live is None:
            return "the record is not there any more"
        value = live.text(call.field)
        if not equal(value, call.old):
            return (
                f"it has {value or 'no ' + call.field} instead of {call.old or 'none'}: somebody changed it"
            )
        known, stamp = self._kept.last_stamp(call)
        if again:
            known, stamp = True, call.stamp_before
        if known and stamp != live.stamp and not self._kept.moved_by_us(call, live):
            return f"somebody changed it at {live.stamp or 'an unknown time'}"
        # only a record that returns may share a number, with those that it shared it with before
        others = (call.sharers or ()) if call.undoes is not None else ()
        may_have = {guid.lower() for guid in (call.guid, *others)}
        for register in namespace(call.register, unique_codes=self._kept.unique_codes):
            if not call.new:
                break
            for guid in await self._hands.holders(register, call.field, call.new):
                if guid.lower() not in may_have:
                    return f"{guid} of {register} has {call.new} now"
        return ""

    async def _judge(self, call: AppliedCall, reply: Reply, before: LiveRecord) -> Made | None:
        """Read the record and return what came of a call; None: it was not stored, and may be tried again."""
        try:
            live = await self._read_back(call, reply)
        except PresyncError as error:
            said = f"{reply.said}; and it cannot be read back: {error.message}"
            await self._kept.note(call, state="unknown", answer=said)
            raise
        said = reply.said
        fine = reply.outcome == "accepted"
        stop = f"{LOST}{said}" if reply.outcome == "forbidden" else ""
        if live is None:
            return Made(
                await self._end(call, "failed", f"{said}; the record is gone"), unexpected=True, stop=stop
            )
        value = live.text(call.field)
        if equal(value, call.new):
            said = said if fine else f"stored, though the answer was: {said}"
            done = await self._end(call, "done", said, **as_left(live))
            return Made(done, unexpected=not fine, stop=stop)
        if not equal(value, call.old):
            said = f"{said}; it reads back as {value or 'none'}: Severa or somebody else changed it"
            state: journal.CallState = "unknown" if reply.outcome in _NO_WORD else "failed"
            return Made(await self._end(call, state, said), unexpected=True, stop=stop)
        if reply.outcome in _NO_WORD:
            return None
        if reply.outcome == "refused":
            stop = f"{REFUSED}{said}"
        if fine:
            said = f"{said}, but it was not stored"
        # what was accepted may be stored later
        ended = await self._end(call, "unknown" if fine else "failed", said, stamp_after=live.stamp)
        return Made(ended, unexpected=True, stop=stop)

    async def _read_back(self, call: AppliedCall, reply: Reply) -> LiveRecord | None:
        """Read a record after a call; one that was accepted may take a moment until it is seen."""
        live = await self._hands.record(call.register, call.guid)
        for seconds in (0.5, 2.0) if reply.outcome == "accepted" else ():
            if live is None or not equal(live.text(call.field), call.old):
                break
            await self._pause(seconds)
            live = await self._hands.record(call.register, call.guid)
        return live

    async def _end(
        self, call: AppliedCall, state: journal.CallState, said: str, **values: Any
    ) -> AppliedCall:
        return await self._kept.note(call, state=state, answer=said[:500], ended_at=now(), **values)


def as_left(live: LiveRecord) -> dict[str, str | None]:
    """Return what the journal keeps of a record as we have left it."""
    return {"stamp_after": live.stamp, "content_after": live.content}


def equal(present: str, wanted: str) -> bool:
    """Tell whether a field holds a value, exactly but for blanks around it."""
    return present.strip() == wanted.strip()
