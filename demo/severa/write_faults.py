"""The ways in which the stand-in misbehaves when it is written to, and what others do meanwhile.

A fault of `faults.py` with `"method": "PATCH"` strikes writing as well: it changes what is sent after the
value was stored, so that `status` stores and answers with an error, and `hang` or `break` store and never say
so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from demo.severa.answer import Answer, error
from demo.severa.faults import Fault
from demo.severa.writable import WritableFolder


class Refused(Fault, frozen=True, tag="refused"):
    """Nothing is stored, and the answer is an error."""

    status: int = 400
    type: str = "InvalidParameter"
    field: str = "number"

    def instead(self) -> Answer | None:
        """Return what is answered instead of doing it."""
        return error(self.status, "The value cannot be used", kind=self.type, parameter=self.field)


class NotStored(Fault, frozen=True, tag="not_stored"):
    """The answer is the one of a success; nothing is stored."""


class Late(Fault, frozen=True, tag="late"):
    """The answer is a 504; the value is stored just before the answer to a later request, the `behind`th."""

    behind: int = 2


class OtherUser(Fault, frozen=True, tag="other_user"):
    """Somebody else edits the row with `guid` just before the request is answered."""

    register: str
    guid: str
    fields: dict[str, Any]

    def act(self, folder: WritableFolder) -> None:
        """Do it."""
        folder.change(self.register, self.guid, self.fields)


class GivenOut(Fault, frozen=True, tag="given_out"):
    """Somebody else creates a customer, who gets the next number, just before the request is answered."""

    name: str = "Given Out Oy"

    def act(self, folder: WritableFolder) -> None:
        """Do it."""
        folder.create_customer(self.name)


AnyWriteFault = Refused | NotStored | Late | OtherUser | GivenOut


def refusal(faults: Sequence[Fault]) -> Answer | None:
    """Return the answer of the first fault that refuses to write, if any."""
    found = (fault.instead() for fault in faults if isinstance(fault, Refused))
    return next(found, None)


def others_act(faults: Sequence[Fault], folder: WritableFolder) -> None:
    """Do what others do before a request is answered."""
    for fault in faults:
        if isinstance(fault, OtherUser | GivenOut):
            fault.act(folder)
