"""All calls of an application in their order, until they are made or something says stop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from presync.apply.late import Reader, catch_up
from presync.apply.make_call import LOST, CallMaker, Journal, Made
from presync.control.models import AppliedCall
from presync.errors import ConfigurationError, PresyncError

UNEXPECTED_IN_A_ROW: Final = 3
_COUNTER: Final[Mapping[str, str]] = {
    "customers": "nextCustomerNumber",
    "projects": "nextProjectNumber",
    "salescases": "nextProjectNumber",
}
OPEN: Final = frozenset({"planned", "calling", "unknown", "failed"})
Watch = Callable[[AppliedCall], None]


def so_already(field: str) -> str:
    """Return what is said of a record that has its new number or code before anything was written."""
    return f"it has this {field} already"


def is_so_already(call: AppliedCall) -> bool:
    """Tell whether a call was not made because its record was as it was to be."""
    return call.state == "skipped" and call.answer == so_already(call.field)


@dataclass
class Outcome:
    """What came of an application or its undo; `stopped` says why it did not go on to its end."""

    stopped: str = ""
    calls: list[AppliedCall] = field(default_factory=list)
    """Those of this application, or, of an undo, those that it took back or tried to."""
    kept_filled: set[str] = field(default_factory=set)
    """Registers that did not take back the first empty value."""
    may_arrive: list[AppliedCall] = field(default_factory=list)
    """Calls that nobody answered, not stored yet: if one is later, its record is not as it should be."""

    @property
    def counts(self) -> dict[str, int]:
        """How many calls ended in which state."""
        return dict(sorted(Counter(call.state for call in self.calls).items()))

    @property
    def complete(self) -> bool:
        """Whether everything was done, or was so already."""
        return not self.stopped and all(call.state == "done" or is_so_already(call) for call in self.calls)


async def perform(
    hands: Reader,
    maker: CallMaker,
    kept: Journal,
    *,
    positions: Sequence[int],
    undo: bool,
    counters: Mapping[str, int | None],
    watch: Watch = lambda call: None,
) -> Outcome:
    """Make the open ones of these calls; then no record stays on a free number that can return to its own."""
    outcome = Outcome()
    in_a_row = 0
    for position in positions:
        call = kept.calls[position]
        if call.state not in OPEN:
            continue
        waits = _untaken(call, outcome.kept_filled) if undo else _beyond(call, counters)
        if waits:
            await kept.note(call, state="skipped", answer=waits)
            watch(kept.calls[position])
            continue
        try:
            made = await maker.make(call)
        except ConfigurationError:
            raise
        except PresyncError as error:
            outcome.stopped = error.message
            break
        watch(made.call)
        if not undo and made.call.state != "done":
            await _unpark(maker, kept, made, watch)
        if undo and not call.new and made.call.state == "failed":
            outcome.kept_filled.add(call.register)
        in_a_row = _in_a_row(made, in_a_row)
        if made.stop or in_a_row >= UNEXPECTED_IN_A_ROW:
            outcome.stopped = made.stop or f"{in_a_row} unexpected answers in a row"
            break
    if not undo and not outcome.stopped.startswith(LOST):
        await _unpark_all(maker, kept, outcome, watch)
    await _look_again(hands, kept, outcome)
    outcome.calls = [kept.calls[position] for position in positions]
    return outcome


async def _look_again(hands: Reader, kept: Journal, outcome: Outcome) -> None:
    """Look, at the end, at records with a call that was not answered: it may have come late."""
    try:
        for call, value in await catch_up(hands, kept):
            if call.state == "done":
                has = f"has {value or 'none'} at the end: a late call, or somebody else"
                await kept.note(call, state="failed", answer=f"it read back right, but {has}")
    except ConfigurationError:
        raise
    except PresyncError as error:
        outcome.stopped = outcome.stopped or error.message


def _in_a_row(made: Made, before: int) -> int:
    if made.unexpected:
        return before + 1
    return 0 if made.call.state == "done" else before


def _untaken(call: AppliedCall, kept_filled: Collection[str]) -> str:
    """Return why a number or code is not taken away, or nothing: the first that could not be tells."""
    if call.new or call.register not in kept_filled:
        return ""
    return f"Severa did not take back the first empty {call.field} of {call.register}, so no more were tried"


def _beyond(call: AppliedCall, counters: Mapping[str, int | None]) -> str:
    """Return why a number must not be written that Severa gives out itself, or nothing."""
    counter = counters.get(_COUNTER.get(call.register, ""))
    if call.field != "number" or counter is None or int(call.new) < counter:
        return ""
    return f"Severa gives out numbers from {counter} on, so it could give {call.new} to somebody else"


async def _unpark(maker: CallMaker, kept: Journal, made: Made, watch: Watch) -> None:
    """Give a record back its own number if the call that was to follow its parking was not made."""
    parked = _parked(kept.calls)
    if made.call.guid in parked and not made.stop.startswith(LOST):
        await _return(maker, kept, parked[made.call.guid], watch)


async def _unpark_all(maker: CallMaker, kept: Journal, outcome: Outcome, watch: Watch) -> None:
    for call in _parked(kept.calls).values():
        try:
            await _return(maker, kept, call, watch)
        except ConfigurationError:
            raise
        except PresyncError as error:
            outcome.stopped = f"{outcome.stopped}; and {error.message}"
            return


async def _return(maker: CallMaker, kept: Journal, parked: AppliedCall, watch: Watch) -> None:
    back = await kept.append(inverse(parked))
    made = await maker.make(back)
    watch(made.call)


def _parked(calls: Sequence[AppliedCall]) -> dict[str, AppliedCall]:
    """Return the records that are on a free number now, by guid, with the call that put them there."""
    net = standing(calls)
    return {
        guid: of_record[-1]
        for guid in {call.guid for call in net}
        if (of_record := [call for call in net if call.guid == guid])[-1].parks
    }


def standing(calls: Sequence[AppliedCall]) -> list[AppliedCall]:
    """Return the calls that were made and not taken back, in the order in which they were made."""
    undone = {call.undoes for call in calls if call.undoes is not None and call.state == "done"}
    made = [call for call in calls if call.undoes is None and call.state == "done"]
    return [call for call in made if call.position not in undone]


def inverse(call: AppliedCall) -> AppliedCall:
    """Return the call that takes another one back."""
    return AppliedCall(
        undoes=call.position,
        register=call.register,
        guid=call.guid,
        field=call.field,
        old=call.new,
        new=call.old,
        parks=False,
        state="planned",
        looked=False,
        sharers=call.sharers,
        calls=0,
        answer="",
    )
