"""A look at a Severa organisation: whether the login works, what it may read, and how busy the API is."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime
from typing import Final

import msgspec

from presync.errors import PresyncError
from presync.sources.inspection import Line, skew_line
from presync.sources.severa.access import severa_access
from presync.sources.severa.client import Patience, SeveraAccess, SeveraClient
from presync.sources.severa.registers import REGISTERS, SCOPES, SETTINGS, OrganizationSettings, Register
from presync.sources.severa.responses import http_date
from presync.tenants.model import Tenant

_PATIENCE: Final = Patience(
    tries=2, longest=5.0, whole=60.0, turn=60.0, altogether=180.0
)  # a person is waiting
_ROWS: Final = 100


def look_at_severa(tenant: Tenant) -> list[Line]:
    """Return what a check of this tenant will meet in Severa; the first error ends it."""

    logging.getLogger("httpx").setLevel(logging.WARNING)  # or each request is a line in the log
    try:
        return asyncio.run(_look(severa_access(tenant)))
    except PresyncError as error:
        return [Line("error", error.message)]


async def _look(access: SeveraAccess) -> list[Line]:
    lines = [Line("ok", f"address {access.base_url}")]
    try:
        async with SeveraClient(access, _PATIENCE) as client:
            lines.append(Line("ok", "the client id and secret are accepted"))
            lines += _scopes(client)
            began = time.monotonic()
            lines += await _settings(client)
            for register in REGISTERS:
                lines.append(await _register(client, register))
            lines.append(_pace(client, time.monotonic() - began))
    except PresyncError as error:
        lines.append(Line("error", error.message))
    return lines


def _scopes(client: SeveraClient) -> list[Line]:
    missing = [scope for scope in SCOPES if scope not in client.scopes]
    if client.scopes and missing:
        return [
            Line("error", f"the API client lacks the scopes {', '.join(missing)}: ask Severa's administrator")
        ]
    return [Line("ok", f"scopes: {', '.join(client.scopes) or 'the server names none'}")]


async def _settings(client: SeveraClient) -> list[Line]:
    decoder = msgspec.json.Decoder(OrganizationSettings)
    settings, headers = await client.get(SETTINGS, {}, decoder)
    lines = []
    if date := http_date(headers.get("date", "")):
        lines.append(skew_line("Severa", (date - datetime.now(UTC)).total_seconds()))
    for name in ("customer", "invoice", "project"):
        number = getattr(settings, f"next_{name}_number")
        lines.append(
            Line("ok", f"next {name} number: {number}")
            if number is not None
            else Line("blocks", f"Severa names no next {name} number: its series is unknown")
        )
    return lines


async def _register(client: SeveraClient, register: Register) -> Line:
    decoder = msgspec.json.Decoder(list[register.row])  # type: ignore[name-defined]
    rows, headers = await client.get(register.route, {"rowCount": str(_ROWS)}, decoder)
    more = bool(headers.get("nextpagetoken")) or len(rows) >= _ROWS
    return Line("ok", f"{register.route}: {f'{len(rows)} or more' if more else len(rows)} rows")


def _pace(client: SeveraClient, seconds: float) -> Line:
    each = seconds / max(1, client.requests - 1)
    if client.refusals:
        return Line(
            "warning",
            f"Severa refused {client.refusals} of {client.requests} requests as too many: somebody else uses "
            "the same quota of 10 per second now, and the check will take longer.",
        )
    return Line("ok", f"rate limit: no request refused, {each * 1000:.0f} ms each, 10 per second allowed")
