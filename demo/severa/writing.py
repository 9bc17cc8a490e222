"""`PATCH /v1/<route>/<guid>`: JSON-patch `Replace` of one field, as far as the API's description says.

What it leaves open is decided by the configuration (`Writing`), so that a test can have every plausible
answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec

from demo.severa.answer import Answer, as_json, empty, error
from demo.severa.faults import Fault
from demo.severa.writable import COUNTERS, WritableFolder
from demo.severa.write_faults import NotStored, refusal

SCOPES: Final[Mapping[str, str]] = {
    "customers": "customers:write",
    "projects": "projects:write",
    "users": "users:write",
    "businessunits": "settings:write",
    "products": "settings:write",
    "worktypes": "settings:write",
    "travelexpensetypes": "settings:write",
}
CODED: Final = ("products", "worktypes", "travelexpensetypes")
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "number": (int, type(None)),
    "code": (str, type(None)),
    "name": (str,),
    "internalName": (str, type(None)),
    "firstName": (str,),
    "lastName": (str,),
    "isActive": (bool,),
    "isClosed": (bool,),
}


class Writing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the API's description leaves open about writing."""

    unique: tuple[str, ...] = ("customers", "projects")
    """Registers that refuse a number or code that another row has."""
    refusal: str = "InvalidParameter"
    """The error's type then."""
    null_number: Literal["kept", "numbered", "refused"] = "kept"
    """What replacing a number by null does; `numbered`: the row gets the next one."""
    moves_counter: bool = False
    """Whether a counter moves behind a number that is written."""
    moves_projects: bool = False
    """Whether writing a customer's number moves the stamps of its projects and sales cases as well."""
    moves_stamp: bool = True
    """Whether writing moves `lastUpdatedDateTime`."""


class Operation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One operation of a JSON patch, as the API describes it."""

    op: str
    path: str | None = None
    value: Any = None
    origin: str | None = msgspec.field(default=None, name="from")


@dataclass(frozen=True)
class Desk:
    """Does, or refuses, what is asked of one organisation's files."""

    folder: WritableFolder
    config: Writing
    faults: Sequence[Fault]

    def patch(self, route: str, guid: str, body: bytes) -> Answer:
        """Do what a body asks for, or answer why not; nothing is done of a body that is refused."""
        refused = refusal(self.faults)
        found = self.folder.find(route, guid)
        if refused is not None or found is None:
            return refused or empty(404)
        register, row = found
        try:
            (operation,) = msgspec.json.decode(body, type=list[Operation])
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
            return error(400, "One operation at a time is understood here", kind="InvalidRequest")
        field = (operation.path or "").removeprefix("/")
        wrong = _wrong(operation, field, row) or self._taken(route, guid, operation.value)
        numbering = field == "number" and route in COUNTERS
        if numbering and operation.value is None and self.config.null_number == "refused":
            wrong = wrong or "A number is required"
        if wrong:
            return error(400, wrong, kind=self.config.refusal, parameter=field or None)
        if any(isinstance(fault, NotStored) for fault in self.faults):
            return as_json([{**row, field: operation.value}])
        return as_json([self._store(route, register, guid, {field: operation.value})])

    def _store(self, route: str, register: str, guid: str, fields: dict[str, Any]) -> dict[str, Any] | None:
        if route in COUNTERS and "number" in fields:
            if fields["number"] is None and self.config.null_number == "numbered":
                fields["number"] = self.folder.next_number(route)
            elif fields["number"] is not None and self.config.moves_counter:
                self.folder.count_past(route, fields["number"])
        if route == "customers" and "number" in fields:
            self.folder.renumber_customer_of_projects(guid, fields, stamped=self.config.moves_projects)
        return self.folder.change(register, guid, fields, stamped=self.config.moves_stamp)

    def _taken(self, route: str, guid: str, value: object) -> str | None:
        """Return the refusal of a value that another row has, where it must be the only one."""
        if value is None or route not in self.config.unique:
            return None
        field = "number" if route in COUNTERS else "code"
        registers: tuple[str, ...] = ("projects", "salescases") if route == "projects" else (route,)
        if route in CODED and self.folder.settings().get("uniqueIdentifierForProductsAndWorktypes"):
            registers = CODED
        for name in registers:
            if any(row.get(field) == value and row.get("guid") != guid for row in self.folder.rows(name)):
                return f"The {field} is in use already"
        return None


def _wrong(operation: Operation, field: str, row: Mapping[str, Any]) -> str | None:
    if operation.op.lower() != "replace":
        return f"The operation {operation.op} is not supported"
    if field not in _TYPES or (field not in row and field not in {"number", "code"}):
        return f"The field {field} cannot be changed"
    if type(operation.value) not in _TYPES[field]:
        return f"The value of {field} has the wrong type"
    if field == "number" and operation.value is not None and not 0 < operation.value < 2**63:
        return "A number must be positive"
    return None
