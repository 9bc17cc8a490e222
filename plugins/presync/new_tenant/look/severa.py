"""A look at a Severa organisation for its tenant file: name, country, counters, sizes of the registers."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from presync.errors import AccessError, PresyncError
from presync.new_tenant.look.facts import Counter, Register, Severa
from presync.reconcile.keys import name_key
from presync.sources.severa.access import severa_access
from presync.sources.severa.client import Patience, SeveraAccess, SeveraClient
from presync.sources.severa.paging import paginator
from presync.sources.severa.registers import REGISTERS
from presync.sources.severa.registers import Register as Route
from presync.tenants.model import Tenant

_PATIENCE: Final = Patience(
    tries=3, longest=10.0, whole=60.0, turn=60.0, altogether=180.0
)  # a person is waiting
_PAGES: Final = 5  # of each register, a thousand rows each
_NAMED: Final = {"businessunits", "projects", "salescases"}  # compared with the organisational units' names
_COUNTERS: Final = {
    "customer": ("customers",),
    "invoice": ("invoices",),
    "project": ("projects", "salescases"),
}
_COUNTRIES: Final = (
    "AT BE BG CH CY CZ DE DK EE EL ES FI FR GB HR HU IE IS IT LT LU LV MT NL NO PL PT RO SE SI SK XI"
)
_ISO: Final = {"EL": "GR", "XI": "GB"}  # where a VAT number's prefix is not the country's code


class Details(msgspec.Struct, frozen=True, rename="camel"):
    """What `GET /v1/organizationdetails` says that a tenant file can use."""

    name: str | None = None
    vat_number: str | None = None


class Numbers(msgspec.Struct, frozen=True, rename="camel"):
    """The counters: the next number, and the last one handed out."""

    next_customer_number: int | None = None
    last_customer_number: int | None = None
    next_invoice_number: int | None = None
    last_invoice_number: int | None = None
    next_project_number: int | None = None
    last_project_number: int | None = None


def look_at_severa(tenant: Tenant) -> Severa:
    """Return what was found. Raises the client's errors if Severa cannot be read at all."""
    logging.getLogger("httpx").setLevel(logging.WARNING)  # or each request is a line in the log
    return asyncio.run(_look(severa_access(tenant)))


async def _look(access: SeveraAccess) -> Severa:
    not_asked: list[str] = []
    async with SeveraClient(access, _PATIENCE) as client:
        details = await _object(client, "organizationdetails", Details(), [])  # no check needs it
        registers = {route.route: await _register(client, route, not_asked) for route in REGISTERS}
        numbers = await _object(client, "organizationsettings", Numbers(), not_asked)
    return Severa(
        name=(details.name or "").strip() or None,
        country=country(details.vat_number or ""),
        counters={name: _counter(numbers, name, registers) for name in _COUNTERS},
        registers=registers,
        not_asked=tuple(not_asked),
    )


async def _object(client: SeveraClient, route: str, nothing: Any, not_asked: list[str]) -> Any:
    """Return an object of the API, or `nothing` where only this one cannot be used."""
    try:
        found, _ = await client.get(route, {}, msgspec.json.Decoder(type(nothing)))
    except PresyncError as error:
        if error.retryable:
            raise
        not_asked.append(_reason(route, error))
        return nothing
    return found


def _reason(route: str, error: PresyncError) -> str:
    """Return why a route says nothing, without what the server said: that may quote a record."""
    logging.getLogger(__name__).warning(error.message)
    if isinstance(error, AccessError):
        return f"the API client may not read /v1/{route}"
    return f"Severa's answer for /v1/{route} cannot be used; see the log"


async def _register(client: SeveraClient, route: Route, not_asked: list[str]) -> Register:
    decoder: msgspec.json.Decoder[list[Any]] = msgspec.json.Decoder(list[route.row])  # type: ignore[name-defined]
    pages, found, more = paginator(route), {}, True
    try:
        for _ in range(_PAGES):
            rows, headers = await client.get(route.route, pages.query, decoder)
            found.update({row.guid: row for row in rows})
            more = pages.turn(headers, len(rows))
            if not more:
                break
    except PresyncError as error:
        if error.retryable:
            raise
        not_asked.append(_reason(route.route, error))
        return Register(route.route, None)
    rows = list(found.values())
    names = {name_key(row.name) for row in rows} if route.route in _NAMED else set()
    return Register(route.route, len(rows), not more, _numbers(rows), frozenset(names - {""}))


def _numbers(rows: Sequence[Any]) -> frozenset[int]:
    """Return the numbers in use; not those of units that number their invoices themselves."""
    units = {getattr(row, "unit_guid", None) for row in rows if getattr(row, "number", None)} - {None}
    own = rows if len(units) < 2 else [row for row in rows if row.unit_guid is None]
    return frozenset(number for row in own if (number := getattr(row, "number", None)))


def _counter(numbers: Numbers, name: str, registers: Mapping[str, Register]) -> Counter:
    used = frozenset().union(*(registers[route].numbers for route in _COUNTERS[name]))
    following: int | None = getattr(numbers, f"next_{name}_number")
    last = getattr(numbers, f"last_{name}_number") or 0
    reached = [number for number in used if following is not None and number >= following]
    whole = all(registers[route].whole for route in _COUNTERS[name])
    return Counter(following, max((*used, last)) or None, min(reached, default=None), whole)


def country(vat_number: str) -> str | None:
    """Return the country that a VAT number names, as the rules read it (`docs/rules.md`, *business id*).

    >>> country("FI12345678"), country("923 609 016 MVA"), country("EL123456789"), country("1234567-8")
    ('FI', 'NO', 'GR', None)
    """
    text = re.sub(r"[^A-Z0-9]", "", vat_number.upper())
    if text[:2] in _COUNTRIES.split() and len(re.findall(r"[0-9]", text[2:])) >= 6:
        return _ISO.get(text[:2], text[:2])
    return "NO" if re.fullmatch(r"[0-9]{9}MVA", text) else None
