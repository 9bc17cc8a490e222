"""The only code that writes to Severa: one field of one record at a time, looked at before and after.

A call is made once. Whether an answer that did not come, or was an error, means that nothing was stored, is
for the caller to find out by reading (`record`); nothing here repeats a PATCH. What is known
and unknown about Severa: docs/apply.md.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import httpx
import msgspec

from presync.errors import AccessError, PresyncError, SourceDataError
from presync.sources.severa.client import Patience, SeveraAccess, SeveraClient
from presync.sources.severa.rate_limit import RateLimit
from presync.sources.severa.registers import (
    SETTINGS,
    Customer,
    Named,
    OrganizationSettings,
    Project,
    User,
    getter,
)
from presync.sources.severa.responses import TryAgainError, decode
from presync.staging.tables import SEVERA

Outcome = Literal["accepted", "refused", "forbidden", "missing", "uncertain", "token"]
_PATIENCE: Final = Patience(tries=5, longest=30.0, read=20.0, whole=30.0, altogether=300.0)
LONGEST_CALL: Final = 60.0
"""Seconds from its entry in the journal after which a call is over, waiting for its turn included: shorter
than `journal.SILENCE`, so that nobody takes over while it may still leave."""
_ROUTES: Final[Mapping[str, str]] = {"salescases": "projects"}
_SCOPES: Final[Mapping[str, tuple[str, ...]]] = {
    "customers": ("customers:read", "customers:write"),
    "projects": ("projects:read", "projects:write"),
    "users": ("users:read", "users:write"),
    "businessunits": ("settings:read", "organization:read", "settings:write"),
    "products": ("settings:read", "settings:write"),
    "worktypes": ("settings:read", "settings:write"),
    "travelexpensetypes": ("settings:read", "settings:write"),
}
_ALWAYS: Final = ("settings:read", "organization:read")  # the counters, and which organisation it is
_MOST_PAGES: Final = 10_000


class _StampedCustomer(Customer, frozen=True, rename="camel"):
    last_updated_date_time: str | None = None


class _StampedNamed(Named, frozen=True, rename="camel"):
    last_updated_date_time: str | None = None


class _StampedUser(User, frozen=True, rename="camel"):
    last_updated_date_time: str | None = None


class _StampedProject(Project, frozen=True, rename="camel"):
    last_updated_date_time: str | None = None


_KINDS: Final[Mapping[str, type[Any]]] = {
    "customers": _StampedCustomer,
    "projects": _StampedProject,
    "salescases": _StampedProject,
    "users": _StampedUser,
    "businessunits": _StampedNamed,
    "products": _StampedNamed,
    "worktypes": _StampedNamed,
    "travelexpensetypes": _StampedNamed,
}
WRITABLE: Final = frozenset(_KINDS)
"""The registers of which a number or code can be written."""


@dataclass(frozen=True)
class LiveRecord:
    """A record as it is now: its columns as they are staged, and its time stamp (None: Severa gives none).

    `content`: a SHA-256 in hex of all that it holds but what a change of its customer's number moves: its
    stamp, who moved that, and the number. `customer`: a project's, by guid.
    """

    columns: Mapping[str, Any]
    stamp: str | None
    content: str = ""
    customer: str | None = None

    def text(self, field: str) -> str:
        """Return a field as fix files have it: empty for null."""
        value = self.columns.get(field)
        return "" if value is None else str(value)


def moment() -> float:
    """Return seconds on a clock that goes on while this process, or its machine, is suspended."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass(frozen=True)
class Reply:
    """What came of a call: `said` names status and kind of answer, never its text; `stamp` if it has one."""

    outcome: Outcome
    said: str
    stamp: str | None = None


def scopes_for(registers: Sequence[str]) -> tuple[str, ...]:
    """Return what a credential must be granted to write to these registers, and nothing more."""
    wanted = dict.fromkeys(_ALWAYS)
    for register in registers:
        wanted.update(dict.fromkeys(_SCOPES[_ROUTES.get(register, register)]))
    return tuple(wanted)


class SeveraWriter(SeveraClient):
    """Reads and replaces single records; an async context manager like the client that reads.

    `access` is the credential for writing. `limit` is the one that reading uses: they share a quota. `clock`
    is as `moment`.
    """

    def __init__(
        self,
        access: SeveraAccess,
        registers: Sequence[str],
        limit: RateLimit,
        patience: Patience = _PATIENCE,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = moment,
    ) -> None:
        super().__init__(access, patience, limit, scopes=scopes_for(registers), transport=transport)
        self.clock = clock

    async def record(self, register: str, guid: str) -> LiveRecord | None:
        """Return a record as it is now, or None if there is none any more. Raises as `get` does."""
        route, decoder = f"{_ROUTES.get(register, register)}/{guid}", _decoder(_KINDS[register])

        async def attempt() -> Any:
            answer = await self._authorised("GET", route, params={})
            if answer.status == httpx.codes.NOT_FOUND:
                return None
            self._explainer().check(answer)
            return decode(answer, decoder), decode(answer, _ANYTHING)

        async with self._ending(route):
            found = await self._patiently(route, attempt)
        if found is None:
            return None
        row, whole = found
        if row.guid.lower() != guid.lower():
            raise SourceDataError(
                f"Severa answered the question for {guid} of {register} with another record. Nothing more is "
                "written; report it to Severa's support.",
                source="apply",
            )
        columns = {column: getter(column)(row) for column in SEVERA[register]}
        content, customer = _content(whole)
        return LiveRecord(columns, row.last_updated_date_time, content, customer)

    async def holders(self, register: str, field: str, value: str) -> tuple[str, ...]:
        """Return the guids of the records, active or not, that have a number or code now."""
        route, query = register, {"rowCount": "1000", "numbers" if field == "number" else "code": value}
        decoder = _decoder(list[_KINDS[register]])  # type: ignore[valid-type]
        found: list[str] = []
        seen = 0
        for _ in range(_MOST_PAGES):
            rows, headers = await self.get(route, query, decoder)
            # whether a code is compared in part is not known, so that it is compared again here
            found += [row.guid for row in rows if _same(getattr(row, field), value)]
            seen += len(rows)
            token = headers.get("nextpagetoken")
            if token:
                query["pageToken"] = token
            elif register in _BY_ROWS and rows:
                query["firstRow"] = str(seen)
            else:
                return tuple(found)
        raise SourceDataError(
            f"Severa's list of {register} does not end, so nothing is written.", source="apply"
        )

    async def counters(self) -> dict[str, int | None]:
        """Return Severa's next numbers by the API's name; one that it does not name is None."""
        found, _ = await self.get(SETTINGS, {}, _decoder(OrganizationSettings))
        return {
            "nextCustomerNumber": found.next_customer_number,
            "nextInvoiceNumber": found.next_invoice_number,
            "nextProjectNumber": found.next_project_number,
        }

    async def replace(self, register: str, guid: str, field: str, value: str, *, entered: float) -> Reply:
        """Ask once to replace a field; `value` as fix files have it, empty for null.

        `entered`: the `clock` before the call was entered in the journal. A process that was suspended since
        then sends nothing: another one may have taken over. Never raises for what Severa answers, or does
        not: whoever asks reads the record then.
        """

        def may_leave() -> None:
            if self.clock() - entered >= LONGEST_CALL:
                raise TryAgainError(f"not sent: {LONGEST_CALL:.0f} s had passed since its entry here")

        route = f"{_ROUTES.get(register, register)}/{guid}"
        sent: int | str | None = int(value) if field == "number" and value else value or None
        body = [{"op": "Replace", "path": f"/{field}", "value": sent}]
        try:
            async with asyncio.timeout(LONGEST_CALL):
                answer = await self._authorised("PATCH", route, once=True, may_leave=may_leave, json=body)
        except TimeoutError:
            return Reply("uncertain", f"no answer within {LONGEST_CALL:.0f} s")
        except TryAgainError as error:
            return Reply("uncertain", error.reason)
        except AccessError as error:
            return Reply("forbidden", error.message)
        except PresyncError as error:
            return Reply("uncertain", error.message)
        if 200 <= answer.status < 300:
            return Reply("accepted", str(answer.status), _stamp(answer.body, guid))
        return Reply(_meaning(answer.status), f"{answer.status}, {self._explainer().quote(answer)}")


def _meaning(status: int) -> Outcome:
    if status == httpx.codes.UNAUTHORIZED:
        return "token"  # it may have run out on the way; whether anything was stored, the record tells
    if status in {402, 403}:
        return "forbidden"
    if status == httpx.codes.NOT_FOUND:
        return "missing"
    again = status in {408, 425, 429} or status >= 500 or status < 400
    return "uncertain" if again else "refused"


_BY_ROWS: Final = frozenset({"businessunits", "worktypes", "travelexpensetypes"})


_ANYTHING: Final = msgspec.json.Decoder(dict[str, Any])
_MOVED: Final = frozenset({"lastUpdatedDateTime", "lastUpdatedBy"})


def _content(whole: dict[str, Any]) -> tuple[str, str | None]:
    """Return the digest of a record's content and its customer, as `LiveRecord` has them."""
    rest = {name: value for name, value in whole.items() if name not in _MOVED}
    customer = rest.get("customer")
    guid = None
    if isinstance(customer, dict):
        guid = customer.get("guid")
        rest["customer"] = {name: value for name, value in customer.items() if name != "number"}
    digest = hashlib.sha256(msgspec.json.encode(rest, order="deterministic")).hexdigest()
    return digest, str(guid).lower() if guid else None


def _decoder(kind: type[Any]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def _same(present: object, value: str) -> bool:
    return present is not None and str(present).strip().casefold() == value.strip().casefold()


class _Stamp(msgspec.Struct, frozen=True, rename="camel"):
    guid: str = ""
    last_updated_date_time: str | None = None


def _stamp(body: bytes, guid: str) -> str | None:
    """Return the time stamp of the updated model, from the array that is described or from one object."""
    for kind in (list[_Stamp], _Stamp):
        try:
            found: Any = msgspec.json.decode(body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        models = found if isinstance(found, list) else [found]
        return next((model.last_updated_date_time for model in models if model.guid == guid), None)
    return None
